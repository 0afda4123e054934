"""What may stand for the parameters of commands: words, and what they mean to whoever chooses.

Nothing here may import more than the words need, and nothing asks a service. All words may come
that the parameter can be: which of them fit what is typed so far, the caller sees.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jobctl.errors import EXIT_CODES, UsageError

if TYPE_CHECKING:
    from jobctl.history import Entry
    from jobctl.provider import Manifest

# A word and its meaning, as typer takes them.
Words = Iterator[tuple[str, str]]
_SANDBOX = "sandbox"
_NAME = re.compile("[a-z][a-z0-9-]*")


def words(among: Iterable[str]) -> Callable[[str], Words]:
    """One of several words."""

    def offer(incomplete: str) -> Words:  # noqa: ARG001
        yield from ((one, "") for one in among)

    return offer


def states(incomplete: str) -> Words:
    """States, with commas between them."""
    from jobctl.models import JobState

    yield from _listed(incomplete, [(one, "") for one in JobState])


def awaited(incomplete: str) -> Words:  # noqa: ARG001
    """What a wait may be for."""
    from jobctl.models import JobState

    yield "ended", "whatever became of it"
    yield from ((one, "") for one in JobState)


def sorts(incomplete: str) -> Words:  # noqa: ARG001
    """What a list may be sorted by, and in which direction."""
    from jobctl.models import SORTS

    usual = {"duration": "longest first", "name": "upwards", "state": "upwards"}
    for word in SORTS:
        yield word, usual.get(word, "newest first")
        yield f"{word}:asc", "upwards"
        yield f"{word}:desc", "downwards"


def exit_map(incomplete: str) -> Words:
    """Kinds of endings, with commas between their codes."""
    yield from _listed(incomplete, [(f"{row.kind}=", row.when) for row in EXIT_CODES])


def columns(incomplete: str) -> Words:
    """The fields of a job, with commas between them."""
    from jobctl.render.columns import PATHS

    yield from _listed(incomplete, [(path, "") for path in PATHS])


def fields(ctx: Any, incomplete: str) -> Words:
    """The fields that records of the provider are known to have, with commas between them."""
    from jobctl import registry

    for name in _providers(ctx):
        about = registry.manifest(name)
        known = dict.fromkeys([*about.columns, *about.fields])
        yield from _listed(incomplete, [(path, "") for path in known])


def settings(ctx: Any, incomplete: str) -> Words:
    """The settings of the providers in use but for secrets, and the choices of one."""
    from jobctl import registry
    from jobctl.config import COMMON

    begun, sign, _ = incomplete.partition("=")
    known = {one.name: one for one in COMMON}
    for name in _providers(ctx):
        known |= {one.name: one for one in registry.manifest(name).all_settings()}
    for one in known.values():
        if sign and one.name == begun:
            yield from ((f"{one.name}={choice}", "") for choice in one.choices)
        elif not sign and not one.secret:
            yield f"{one.name}=", one.help


def settings_by_section(incomplete: str) -> Words:
    """The settings of a section, once it is named; else sections."""
    from jobctl import registry

    section, dot, _ = incomplete.partition(".")
    if dot:
        for one in registry.section(section) or ():
            yield f"{section}.{one.name}", one.help
    else:
        accounts = {one.account for one in registry.facts().values()}
        yield from ((f"{name}.", "") for name in sorted({*registry.names(), *accounts}))
        yield "profile", "the profile in use"


def ways(ctx: Any, incomplete: str) -> Words:  # noqa: ARG001
    """The ways of signing in of the provider in use."""
    from jobctl import registry

    for name in _providers(ctx):
        yield from ((one.name, one.help) for one in registry.manifest(name).account.ways)


def profiles(incomplete: str) -> Words:  # noqa: ARG001
    """The profiles of the configuration file, and the built-in one."""
    from jobctl.config import profile_names_quickly

    yield _SANDBOX, "built in: no account, no network"
    yield from ((name, "") for name in sorted(profile_names_quickly(os.environ)))


def providers(incomplete: str) -> Words:  # noqa: ARG001
    """All providers by name."""
    from jobctl import registry

    yield from ((name, facts.title) for name, facts in sorted(registry.facts().items()))


def answering(verb: str) -> Words:
    """The providers that answer a verb."""
    from jobctl import registry

    for name, facts in sorted(registry.facts().items()):
        if verb in facts.verbs or verb not in registry.VERBS:
            yield name, facts.title


def jobs(named: str | None) -> Callable[[Any, str], Words]:
    """The jobs seen lately, then those of the sandbox: ids for a provider, else references.

    Behind `@`, the numbers of those seen, and which jobs they are.
    """

    def offer(ctx: Any, incomplete: str) -> Words:
        from jobctl import registry

        given = ctx.params.get("jobs") or ()
        # `wait cognite 123`, as `get` has it
        before = given[0] if given and registry.known(given[0]) else None
        provider = named or before
        profile = ctx.params.get("profile") or os.environ.get("JOBCTL_PROFILE")
        seen = {
            number: one
            for number, one in _seen().items()
            if profile in (None, one.profile) and provider in (None, one.provider)
        }
        if incomplete.startswith("@"):
            yield from ((number, f"{one.ref}, {_standing(one)}") for number, one in seen.items())
            return
        known = [(one.ref, _standing(one)) for one in seen.values()]
        if profile in (None, _SANDBOX):
            known += _played(provider or incomplete.partition("/")[0], _verb(ctx))
        for ref, meaning in known:
            word = _word(ref, provider, incomplete)
            if word not in given:
                yield word, meaning

    return offer


def within(about: type[Manifest]) -> Callable[[Any, str], Words]:
    """Where a provider's jobs were seen lately, where the beginning of their ids tells."""
    places = about.places()

    def offer(ctx: Any, incomplete: str) -> Words:
        if places == about.ids[: len(places)]:
            for word, _ in jobs(about.name)(ctx, incomplete):
                yield "/".join(word.split("/")[: len(places)]), ""

    return offer


def _listed(incomplete: str, among: Sequence[tuple[str, str]]) -> Words:
    """One more of a list with commas."""
    done, comma, _ = incomplete.rpartition(",")
    there = {one.partition("=")[0] for one in done.split(",")}
    for word, meaning in among:
        if word.partition("=")[0] not in there:
            yield f"{done}{comma}{word}", meaning


def _providers(ctx: Any) -> list[str]:
    """The providers that a command line is about: its own, and those of its jobs."""
    from jobctl import registry

    told = ctx.params
    given = [ctx.info_name, *(told.get("jobs") or ()), told.get("job"), told.get("provider")]
    texts = [word for word in given if isinstance(word, str)]
    seen = _seen() if any(word.startswith("@") for word in texts) else {}
    named = [seen[word].provider if word in seen else word.partition("/")[0] for word in texts]
    known = registry.names()
    return [name for name in dict.fromkeys(named) if name in known]


def _seen() -> dict[str, Entry]:
    """The jobs of the history, newest first, by what stands for them: `@last`, `@1`, `@2`..."""
    from jobctl.history import history

    with suppress(UsageError):
        found = history(os.environ).glance()
        numbers = ["@last", *(f"@{number}" for number in range(1, len(found) + 1))]
        seen = zip(numbers, [*found[:1], *found], strict=False)
        return {number: one for number, one in seen if _NAME.fullmatch(one.provider)}
    return {}


def _standing(entry: Entry) -> str:
    """`running 3 min ago: My model`."""
    from datetime import UTC, datetime

    from jobctl import payload
    from jobctl.render.words import age

    seen = payload.iso_time(entry.seen_at)
    when = f" {age(seen, datetime.now(UTC))} ago" if seen else ""
    return f"{entry.state}{when}{f': {entry.name}' if entry.name else ''}"


def _verb(ctx: Any) -> str:
    """What is wanted of a job: what only some give, else a look."""
    while ctx is not None and ctx.info_name not in ("results", "logs"):
        ctx = ctx.parent
    return str(ctx.info_name) if ctx else "get"


def _played(provider: str, verb: str) -> Words:
    """The jobs of the sandbox: of a provider that brings its own, else of those built in."""
    from jobctl import registry, sandbox

    known = sandbox.services()
    brought = provider and provider not in known and registry.known(provider)
    for name in [provider] if brought or provider in known else known:
        player: Any = registry.find(name).player() if brought else sandbox.service(name)
        shown = player.SCENARIOS if player else ()
        answering = [one for one in shown if one.verb == verb] or shown
        yield from ((f"{name}/{one.id}", one.plays) for one in answering)


def _word(ref: str, provider: str | None, incomplete: str) -> str:
    """A reference as it may be typed: its id alone where the provider is told.

    What could be taken for an option, standard input, a number of the history or somebody's home
    is told whole.
    """
    short = ref.partition("/")[2]
    strange = short.startswith(("-", "@", "~"))
    text = ref if strange or not provider or incomplete.startswith(f"{provider}/") else short
    return "".join(one if one.isprintable() else quote(one) for one in text)
