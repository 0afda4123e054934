"""The names that templates of a file may use, and where a secret may not stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from jobctl.declared.judge import Mistakes, Text
from jobctl.declared.spec import Way
from jobctl.declared.template import Template
from jobctl.errors import UsageError, did_you_mean
from jobctl.expression import Expression


class Scope(NamedTuple):
    """The names that are known somewhere in a file, those of secrets among them."""

    mistakes: Mistakes
    known: Collection[str]
    secrets: Collection[str]

    def and_(self, *names: str) -> Scope:
        """The same with more names."""
        return self._replace(known={*self.known, *names})

    def template(self, text: str, *, public: bool = False) -> Template:
        """A template whose names are all known; one that is `public` holds no secret."""
        found = read(text)
        for name in found.names:
            if name not in self.known:
                self.say(text, f"there is no {name!r} here; {did_you_mean(name, self.known)}")
            elif public and name in self.secrets:
                self.say(text, f"{name!r} is a secret, and a secret stands in no path and no host")
        return found

    def host(self, text: str) -> Template:
        """A template of the address of a host, to which credentials may go."""
        if re.match(r"(?i)http://(?!(localhost|127\.[\d.]+|\[::1\])([:/]|\Z))", text):
            self.say(text, "plain http goes to this machine alone: write https")
        elif re.match(r"(?!https?://[^/])[a-z][a-z0-9+.-]*:(//|\Z)", text, re.IGNORECASE):
            self.say(text, "write a URL that begins with https://")
        return self.template(text, public=True)

    def templates(self, told: dict[str, str] | None) -> dict[str, Template]:
        """Templates by name."""
        return {str(name): self.template(text) for name, text in (told or {}).items()}

    def json(self, value: Any) -> Any:
        """A JSON value, its texts read as templates."""
        if isinstance(value, dict):
            return {key: self.json(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.json(inner) for inner in value]
        return self.template(value) if isinstance(value, str) else value

    def say(self, text: str, what: str) -> None:
        """Tell a mistake of a text of the file."""
        if isinstance(text, Text):
            self.mistakes.say(text.place, what)


def read(text: str) -> Template:
    """A template; an empty one in place of what the judge has refused."""
    try:
        return Template.parse(text)
    except ValueError:
        return Template(())


def expression(text: str) -> Expression:
    """An expression; one that gives nothing in place of what the judge has refused."""
    try:
        return Expression(text, "a provider file")
    except UsageError:
        return Expression("null", "a provider file")


def used(value: Any) -> Iterator[str]:
    """The names that the templates and the ways of signing in of a value use."""
    if isinstance(value, Template):
        yield from value.names
    elif isinstance(value, Way):
        yield from _of_way(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from used(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from used(inner)


def _of_way(way: Way) -> Iterator[str]:
    if isinstance(way.told, str):
        yield way.told
        return
    basic = way.told.get("basic") if way.kind == "login" else None
    if isinstance(basic, str):
        yield basic
    yield from (name for name in used(way.told) if (way.kind, name) != ("login", "token"))


def several(told: Any) -> list[Any]:
    """One thing, a list of them or nothing, as a list."""
    return told if isinstance(told, list) else [] if told is None else [told]
