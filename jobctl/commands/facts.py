"""`exit-codes` and `providers`: what jobctl knows, as tables and as JSON."""

from __future__ import annotations

import json as json_format
import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from jobctl import registry
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Choice
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.config import variable
from jobctl.errors import EXIT_CODES, ConfigError
from jobctl.provider import Manifest
from jobctl.render import table_rows
from jobctl.render.messages import say
from jobctl.render.table import Fit


def exit_codes(terminal: Terminal, *, json: bool) -> None:
    """Show the table of exit codes."""
    rows = [(int(row.code), row.kind, row.when) for row in EXIT_CODES]
    _show(terminal, ("CODE", "KIND", "WHEN"), rows, json=json)


def providers(terminal: Terminal, *, json: bool, everything: bool = False) -> None:
    """Show the providers there are, what they can do and where they are from.

    Those of the catalogue that are not set up are only counted, unless `everything` is wanted.
    """
    told = registry.facts()
    found = [
        {
            "provider": name,
            "can": list(told[name].verbs),
            "origin": registry.origin(name),
            "service": told[name].title,
        }
        for name in registry.names()
    ]
    if json:
        terminal.out.write(json_format.dumps(found, indent=2, ensure_ascii=False) + "\n")
    else:
        ready = _set_up(told, terminal)
        others = [name for name in registry.names() if name not in ready]
        own = [name for name in others if registry.origin(name) != "catalogue"]
        left = [name for name in others if registry.origin(name) == "catalogue"]
        rows = [[name, " ".join(told[name].verbs), registry.origin(name), told[name].title]
                for name in (*ready, *own, *(left if everything else ()))]  # fmt: skip
        header = ("PROVIDER", "CAN", "ORIGIN", "SERVICE")
        table_rows(terminal.out, header, rows, environ=terminal.environ)
        if left and not everything:
            say(terminal.err, "note", f"{len(left)} more are in the catalogue: --all shows them")
    for name, facts in told.items():
        if facts.broken is not None:
            first, *others = facts.broken.split("\n")
            more = f" (and {len(others)} more; see `jobctl providers check`)" if others else ""
            say(terminal.err, "warning", f"{name} cannot be used: {first}{more}")
    for one in registry.shadowed():
        first = registry.origin(one.name)
        say(terminal.err, "warning", f"{one.name} of {one.origin} does not count: {first} does")


def _set_up(told: Mapping[str, registry.Facts], terminal: Terminal) -> list[str]:
    """The providers that could be asked as things are; none where the configuration is broken."""
    quiet = Shared(quiet=True)  # what is wrong with the configuration, other commands tell
    voice = Voice(quiet, lambda text: say(terminal.err, "note", text))
    with suppress(ConfigError), opened(Choice(quiet, terminal.environ, voice)) as access:
        return [
            name
            for name in registry.names()
            if told[name].broken is None and access.is_set_up(name, told[name])
        ]
    return []


def provider(name: str, terminal: Terminal, *, json: bool) -> None:
    """Show all about one provider.

    Raises:
        UsageError: there is none of that name.
    """
    cls = registry.manifest(name)
    facts = describe(cls)
    if json:
        terminal.out.write(json_format.dumps(facts, indent=2, ensure_ascii=False) + "\n")
        return
    for line in "\n".join(_page(cls, facts)).split("\n"):
        terminal.out.write(f"{_wrapped(line) if terminal.out.isatty() else line}\n")


def _wrapped(line: str) -> str:
    """The line in as many as a terminal wants of it, further in than its beginning."""
    inner = line[: len(line) - len(line.lstrip())] + "    "
    return textwrap.fill(
        line,
        shutil.get_terminal_size().columns,
        subsequent_indent=inner,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _page(cls: type[Manifest], facts: Mapping[str, Any]) -> Iterator[str]:
    """The facts for people, in lines."""
    yield f"{cls.title}: {cls.docs}" if cls.docs else cls.title
    if cls.life:
        yield f"Service life: {cls.life}"
    yield f"From: {facts['origin']}"
    yield f"Answers: {', '.join(facts['can'])}"
    yield f"A job: {cls.shape()}, e.g. {facts['example']}"
    yield f"Account: {cls.account.name}"
    yield "\nParts of the id"
    yield from (f"  {part.name}: {part.help}" for part in cls.ids)
    for verb in dict.fromkeys(verb for one in cls.options for verb in one.verbs):
        yield f"\nOptions of {verb}"
        for one in cls.options:
            if verb in one.verbs:
                yield f"  {' '.join(filter(None, (f'--{one.name}', one.metavar)))}: {one.help}"
    yield "\nSettings, with their variables"
    for setting in facts["settings"]:
        traits = [word for word in ("required", "secret") if setting[word]]
        if setting["default"]:
            traits.append(f"default {setting['default']}")
        told = f" ({', '.join(traits)})" if traits else ""
        yield f"  {setting['name']}{told}: {setting['help']}"
        yield from (f"      {name}" for name in setting["variables"])
        if setting["tool"]:
            yield f"      as {setting['tool']} keeps it"
    yield "\nWays to sign in"
    yield from list(map(_way, facts["ways"])) or ["  none: requests go unsigned"]
    yield "\nStatuses and states"
    width = max(map(len, cls.states), default=0)
    yield from (f"  {status:{width}}  {state}" for status, state in cls.states.items())


def _way(way: Mapping[str, Any]) -> str:
    told = f" ({', '.join(way['settings'])})" if way["settings"] else ""
    return f"  {way['name']}: {way['help']}{told}"


def describe(cls: type[Manifest]) -> dict[str, Any]:
    """What there is to know about a provider, as plain values."""
    sections = dict.fromkeys((cls.name, cls.account.name))
    return {
        "provider": cls.name,
        "title": cls.title,
        "docs": cls.docs,
        "life": cls.life,
        "origin": registry.origin(cls.name),
        "can": [verb for verb in registry.VERBS if cls.can(verb)],
        "account": cls.account.name,
        "job": cls.shape(),
        "example": f"jobctl get {cls.name} {cls.example} --wait",
        "id_parts": [
            {"name": part.name, "help": part.help, "optional": part.optional} for part in cls.ids
        ],
        "options": [
            {"name": f"--{one.name}", "help": one.help, "verbs": list(one.verbs)}
            for one in cls.options
        ],
        "settings": [
            {
                "name": one.name,
                "help": one.help,
                "variables": [
                    *(variable(section, one.name) for section in sections),
                    *filter(None, one.env),
                ],
                "tool": one.tool.partition(".")[0] or None,
                "default": one.default,
                "secret": one.secret,
                "required": one.required,
                "choices": list(one.choices),
            }
            for one in cls.all_settings()
        ],
        "ways": [
            {
                "name": way.name,
                "help": way.help,
                "settings": [
                    one if isinstance(one, str) else " or ".join(one)
                    for one in way.needs or way.marks
                ],
            }
            for way in cls.account.ways
        ],
        "states": {word: state.value for word, state in cls.states.items()},
    }


def _show(
    terminal: Terminal, header: tuple[str, ...], rows: Sequence[tuple[object, ...]], *, json: bool
) -> None:
    if json:
        keys = [word.lower().replace(" ", "_") for word in header]
        found = [dict(zip(keys, row, strict=True)) for row in rows]
        terminal.out.write(json_format.dumps(found, indent=2, ensure_ascii=False) + "\n")
    else:
        cells = [[str(cell) for cell in row] for row in rows]
        table_rows(terminal.out, header, cells, fit=Fit(prose=header[1:]), environ=terminal.environ)
