"""The ways of signing in that a file names, as an account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from jobctl.accounts import Account
from jobctl.accounts import Way as AccountWay
from jobctl.config import Profile
from jobctl.declared.names import used
from jobctl.declared.setting import value_of
from jobctl.declared.spec import Spec, Way
from jobctl.declared.template import Template
from jobctl.masking.secrets import hide

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.auth.renewal import Clock

Make = Callable[[Profile, "TokenCache", "Clock | None"], "httpx.Auth"]


def account_of(spec: Spec) -> Account:
    """The account of a file, with its ways of signing in; the settings are the provider's."""
    return Account(spec.account, ways=tuple(_way(spec, way) for way in spec.ways))


def _way(spec: Spec, way: Way) -> AccountWay:
    names = [way.told] if isinstance(way.told, str) else list(dict.fromkeys(used(way.told)))
    must = {one.name for one in spec.settings if one.required}
    # a default that is made of other settings is there whatever was begun
    made = any(name in spec.defaults for name in names)
    return AccountWay(
        way.kind,
        f"{way.kind}: {', '.join(names)}",
        tuple(name for name in names if name in must),
        _make(spec, way),
        begun_by=() if made else tuple(names),
    )


def _make(spec: Spec, way: Way) -> Make:
    return lambda profile, cache, clock: _KINDS[way.kind](
        _Filled(spec, profile), way.told, cache, clock
    )


class _Filled:
    """Templates of a way, filled in from a profile."""

    def __init__(self, spec: Spec, profile: Profile) -> None:
        self.spec = spec
        self.profile = profile

    def text(self, template: Template) -> str | None:
        """The text, None where a name has no value."""
        return template.text({name: self.setting(name) for name in template.names})

    def setting(self, name: str) -> Any:
        """The value of a setting."""
        return value_of(self.spec, self.profile.get, name)

    def texts(self, told: Mapping[str, Template]) -> dict[str, str]:
        """Those of the texts that are there."""
        found = {name: self.text(template) for name, template in told.items()}
        return {name: text for name, text in found.items() if text is not None}


def _bearer(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import bearer

    token = str(filled.setting(told))
    kind, _, rest = token.partition(" ")
    return bearer(rest.strip() if kind.lower() == "bearer" else token)


def _headers(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import Headers

    return Headers(filled.texts(told))


def _query(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.query import Query

    return Query(filled.texts(told))


def _basic(filled: _Filled, told: Any, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import basic

    if isinstance(told, str):
        user, _, password = str(filled.setting(told) or "").partition(":")
        hide(password)
        return basic(user, password)
    return basic(filled.text(told["user"]) or "", filled.text(told["password"]) or "")


def _oauth2(filled: _Filled, told: Any, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.oauth import ClientCredentials
    from jobctl.http import check_url

    given = {name: filled.text(told[name]) for name in told if name != "in"}
    return ClientCredentials(
        check_url(given["token_url"] or "", "token_url"),
        given["client_id"] or "",
        given["client_secret"] or "",
        scope=given.get("scope"),
        audience=given.get("audience"),
        in_header=told["in"] == "header",
        cache=cache,
        clock=clock,
    )


_KINDS: Mapping[str, Callable[[_Filled, Any, TokenCache, Clock | None], httpx.Auth]] = {
    "bearer": _bearer,
    "headers": _headers,
    "query": _query,
    "basic": _basic,
    "oauth2": _oauth2,
}
