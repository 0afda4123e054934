"""Templates: texts with `{name}` in them, and nothing else that a file could run."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from jobctl.errors import ConfigError

_PIECE = re.compile(r"\{\{|\}\}|\{(\+?)([A-Za-z_][A-Za-z0-9_-]{0,63})\}|[{}]|[^{}]+")
_HOST = re.compile(r"[A-Za-z0-9.-]*", re.ASCII)
_QUERY = "%&=+,:;@/?!$'()*~-._"  # what may stand in a query as it is
_STRAY = re.compile(r"%(?![0-9A-Fa-f]{2})")
_WRONG = "write {name}, a brace itself as {{ or }}"


class Values(Protocol):
    """What fills names: a value by its name, None for none."""

    def get(self, name: str, /) -> Any:
        """The value of a name."""
        ...


class Hole(NamedTuple):
    """A name to be filled in; `slashes` tells that a value's own slashes stay."""

    name: str
    slashes: bool = False


class Template(NamedTuple):
    """A template taken apart: texts as they stand, and what is to be filled in."""

    pieces: tuple[str | Hole, ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Take a template apart.

        Raises:
            ValueError: a brace opens or closes something else than a name.
        """
        pieces: list[str | Hole] = []
        for found in _PIECE.finditer(text):
            if found[2]:
                pieces.append(Hole(found[2], bool(found[1])))
            elif found[0] in ("{", "}"):
                raise ValueError(f"{found[0]!r} at letter {found.start() + 1}: {_WRONG}")
            else:
                piece = {"{{": "{", "}}": "}"}.get(found[0], found[0])
                if pieces and isinstance(pieces[-1], str):
                    pieces[-1] += piece
                else:
                    pieces.append(piece)
        return cls(tuple(pieces))

    def __str__(self) -> str:
        return "".join(
            one.replace("{", "{{").replace("}", "}}")
            if isinstance(one, str)
            else f"{{{'+' * one.slashes}{one.name}}}"
            for one in self.pieces
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names to be filled in, in their order."""
        return tuple(one.name for one in self.pieces if isinstance(one, Hole))

    @property
    def alone(self) -> str | None:
        """The name of a template that is nothing but one name."""
        one = self.pieces[0] if len(self.pieces) == 1 else None
        return one.name if isinstance(one, Hole) else None

    def text(self, values: Values) -> str | None:
        """The text with every name filled in as it is; None where one of them has no value."""
        words = [one if isinstance(one, str) else word(values.get(one.name)) for one in self.pieces]
        return None if None in words else "".join(map(str, words))

    def value(self, values: Values) -> Any:
        """As `text`, but a name alone keeps the type of its value."""
        return self.text(values) if self.alone is None else values.get(self.alone)

    def path(self, values: Values) -> str | None:
        """A path: every value percent-encoded as one segment, or with its slashes as several.

        What follows a `?` in one with slashes is a query, and stays as it is.

        Raises:
            ConfigError: a segment is empty, `.` or `..`, and so would name another path.
        """
        texts: list[str] = []
        for one in self.pieces:
            if isinstance(one, str):
                texts.append(one)
                continue
            told = word(values.get(one.name))
            if told is None:
                return None
            told, mark, query = told.partition("?") if one.slashes else (told, "", "")
            segments = told.split("/") if one.slashes else [told]
            if any(segment in ("", ".", "..") for segment in segments):
                raise ConfigError(f"{one.name} cannot be {told!r}: it stands in a path")
            texts.append("/".join(quote(segment, safe="") for segment in segments))
            texts.append(mark + _STRAY.sub("%25", quote(query, safe=_QUERY)))
        return "".join(texts)

    def address(self, values: Values) -> str | None:
        """The URL of a host: every value letters, digits, dots and hyphens alone.

        A value that nothing stands before, and nothing or a path behind, is an address itself.

        Raises:
            ConfigError: a value holds something else, and so could name another host.
        """
        first, *behind = self.pieces or ("",)
        whole = isinstance(first, Hole) and (not behind or str(behind[0]).startswith("/"))
        for name in self.names[1:] if whole else self.names:
            told = word(values.get(name))
            if told is not None and not _HOST.fullmatch(told):
                raise ConfigError(
                    f"{name} cannot be {told!r}: it stands in the name of a host",
                    hint="letters, digits, '.' and '-' alone",
                )
        return self.text(values)


def word(value: Any) -> str | None:
    """A value as text, as JSON writes numbers and booleans; None for what is nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return value if isinstance(value, str) and value else None
