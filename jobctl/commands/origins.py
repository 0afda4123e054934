"""`config show`: each setting of what is set up, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from jobctl import formats, registry
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.config import Origin, Profile, Where
from jobctl.config.file import Complain, complaining
from jobctl.errors import ConfigError, ReaderGone, together
from jobctl.masking.signatures import MASK
from jobctl.provider import Manifest
from jobctl.render import table_rows, write_documents
from jobctl.render.messages import note
from jobctl.render.table import Fit

SCHEMA = "jobctl.setting/v1"
# where a value says nothing of what is set up
_NOBODYS = (Where.FLAG, Where.DEFAULT)
_HEADER = ("PROVIDER", "SETTING", "VALUE", "FROM")


def show(names: Sequence[str], shared: Shared, terminal: Terminal) -> None:
    """Show the settings of providers, of all those that are set up if none is named.

    What several of one account have from the same place is then shown once.

    Raises:
        UsageError: there is no provider of that name.
        ConfigError: something of the configuration cannot be used; the rest is shown all the same.
    """
    formats.check(shared.format, query=shared.query)
    mistakes: list[ConfigError] = []
    voice = Voice(shared, lambda text: note(terminal.err, text))
    documents: list[dict[str, Any]] = []
    with opened(Choice(shared, terminal.environ, voice), mistakes.append) as access:
        asked = [registry.manifest(name) for name in names or _hinted(access)]
        access.check_overrides(asked)
        for provider in asked:
            profile = access.profile_of(provider)
            found = list(_documents(provider, profile, mistakes.append))
            if names or any(one["origin"] not in _NOBODYS for one in found):
                documents += [one for one in found if names or _differs(one, documents)]
                for text in profile.warnings:
                    voice.warn(text)
    with suppress(ReaderGone):
        if shared.format == formats.Format.TABLE:
            rows = [
                [one["provider"], one["setting"], _shown(one), one["place"]] for one in documents
            ]
            fit = Fit(prose=("VALUE", "FROM"))
            no_color = shared.no_color
            table_rows(
                terminal.out, _HEADER, rows, fit=fit, environ=terminal.environ, no_color=no_color
            )
            if not documents:
                voice.say("note: nothing is set up; `jobctl config init` begins")
        else:
            write_documents(
                shared.format, terminal.out, documents, shared.query, environ=terminal.environ
            )
    if mistakes:
        raise together(mistakes)


def _hinted(access: Access) -> Iterator[str]:
    """The providers that somebody may have set something for."""
    told = registry.facts()

    # of several of one account the one that is called so is shown whole
    def rank(name: str) -> tuple[str, bool, bool, str]:
        account = told[name].account
        return account, name != account, registry.origin(name) == "catalogue", name

    for name in sorted(told, key=rank):
        facts = told[name]
        if facts.broken is None and access.hinted(name, facts):
            yield name


def _documents(
    provider: type[Manifest], profile: Profile, complain: Complain
) -> Iterator[dict[str, Any]]:
    for setting in provider.all_settings():
        with complaining(complain):
            origin = profile.origin(setting.name)
            if origin is None:
                continue
            kept = setting.secret or origin.reference is not None
            value = None if kept else profile.get(setting.name)
            yield {
                "schema": SCHEMA,
                "profile": profile.name,
                "provider": provider.name,
                "account": provider.account.name,
                "setting": setting.name,
                "value": value and setting.shown(value),
                "secret": setting.secret,
                "reference": reference(origin),
                "origin": origin.where.value,
                "place": origin.place,
            }


def _differs(document: dict[str, Any], others: Sequence[dict[str, Any]]) -> bool:
    keys = ("account", "setting", "place", "value")
    return not any(all(document[key] == one[key] for key in keys) for one in others)


def reference(origin: Origin) -> str | None:
    """A reference; of a command what is run, without its arguments, which may hold a secret."""
    kind, _, rest = (origin.reference or "").partition(":")
    words = rest.split()
    return f"{kind}:{words[0]} ..." if kind == "command" and len(words) > 1 else origin.reference


def _shown(document: dict[str, Any]) -> str:
    return str(document["reference"] or (MASK if document["secret"] else document["value"]))
