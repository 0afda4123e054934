"""Which accounts there are: what a command looks at that looks at all of them."""

from __future__ import annotations

from jobctl import registry
from jobctl.commands.access import Access
from jobctl.commands.opening import strangers
from jobctl.config import Where
from jobctl.errors import ConfigError
from jobctl.registry import Facts


def chosen(access: Access) -> list[str]:
    """One provider for each account that is set up, or that somebody has begun to set up."""
    chosen: dict[str, str] = {}
    begun: dict[str, str] = {}
    for name, told in sorted(registry.facts().items(), key=by_fame):
        if told.broken is not None:
            continue
        if access.is_set_up(name, told) and not _is_stray(access, name):
            chosen.setdefault(told.account, name)
        elif access.hinted(name, told) and _is_told(access, name):
            begun.setdefault(told.account, name)
    return sorted({**begun, **chosen}.values())


def apart(access: Access) -> list[str]:
    """Those chosen, and beside them one for each further address that an account is told of."""
    names = chosen(access)
    seen = {_place(access, one) for one in names}
    accounts = {account for account, _ in seen}
    for name, told in sorted(registry.facts().items(), key=by_fame):
        if name not in names and told.account in accounts and access.is_set_up(name, told):
            place = _place(access, name)
            names += [name] * (place not in seen)
            seen.add(place)
    return sorted(names)


def served_by(access: Access, name: str) -> list[str]:
    """The providers that are set up by the account of one, at the address that this one is told."""
    place = _place(access, name)
    return [
        one
        for one, told in sorted(registry.facts().items())
        if told.account == place[0]
        and (one == name or (access.is_set_up(one, told) and _place(access, one) == place))
    ]


def _place(access: Access, name: str) -> tuple[str, str | None]:
    """A provider's account, and what tells of the address, where that is not the usual one."""
    origin = access.profile_of(registry.manifest(name)).origin("base_url")
    is_told = origin is not None and origin.where is not Where.DEFAULT
    return registry.facts()[name].account, origin.place if origin and is_told else None


def begun(access: Access) -> list[str]:
    """The built-in providers that lack something, of which variables of any program give some."""
    own = (name for name in registry.names() if registry.origin(name) == "built-in")
    return [name for name in own if _places(access, name) - {Where.DEFAULT}]


def by_fame(told: tuple[str, Facts]) -> tuple[bool, bool, str]:
    """The provider that an account is called after goes first, those of the catalogue last."""
    name, facts = told
    return name != facts.account, registry.origin(name) == "catalogue", name


def _is_told(access: Access, name: str) -> bool:
    """Whether anything is given that is not there for other programs, too.

    A variable whose name is misspelt is ours as well.
    """
    provider = registry.manifest(name)
    if any(strangers(provider, access.choice.environ)):
        return True
    ours = {Where.FLAG, Where.VARIABLE, Where.PROJECT, Where.PROFILE}
    return bool(_places(access, name) & ours)


def _places(access: Access, name: str) -> set[Where]:
    """The kinds of places that give settings of a provider."""
    provider = registry.manifest(name)
    profile = access.profile_of(provider)
    origins = (profile.origin(one.name) for one in provider.all_settings())
    return {one.where for one in origins if one is not None}


def _is_stray(access: Access, name: str) -> bool:
    """Whether variables that are there for other programs look like half a set-up."""
    if registry.origin(name) != "catalogue" or _is_told(access, name):
        return False
    try:
        access.account(name)
    except ConfigError:
        return True
    return False
