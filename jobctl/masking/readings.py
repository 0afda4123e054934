"""What somebody reads in a text who decodes it, and which part of the text says so.

A secret is compared with what can be read back, not with its spelling: one list of escapes stands
for all the ways in which JSON, URLs, forms, HTML and programming languages write a character.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator

_DEPTH = 5  # an escape in an escape: a URL in a URL's parameter in a JSON text, and so on
_PERCENT = 3  # bytes of `%2F`
_ESCAPED = (
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb"|\\(?:u[0-9a-fA-F]{4}|u\{[0-9a-fA-F]{1,6}\}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-3][0-7]{2})"
    rb"|\\[ -/:-@\[-`{-~bfnrt]"
)
_IN_JSON = re.compile(_ESCAPED)
_ANYWHERE = re.compile(
    # each begins with a letter of its own: the search looks for those first
    rb"(?:%[0-9a-fA-F]{2})++|%u[0-9a-fA-F]{4}|"
    + _ESCAPED
    + rb"|&#[0-9]{1,9};?|&#[xX][0-9a-fA-F]{1,8};?|&[a-zA-Z]{2,31};"
    # a quote in quotes, as SQL, CSV and shells write it
    rb"|''|'\"'\"'|\"\""
    # UTF-16 and UTF-32 of ASCII, read as if it were UTF-8
    rb"|\0+"
)
_SHORT = {b"\\b": b"\b", b"\\f": b"\f", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t"}
_HEX = re.compile(rb"[0-9a-fA-F]+")


class Reading:
    """A text as it is read, with the places in the original where each part of it stands."""

    def __init__(self, text: bytes, source: Reading | None = None) -> None:
        self.text = text
        self._source = source
        # stretches, as many as letters where all are escaped: where each begins here and in the
        # source, and how many bytes there are one here
        self._here = array("I", (0,))
        self._there = array("I", (0,))
        self._width = array("B", (1,))

    def decoded(self, escapes: re.Pattern[bytes] = _ANYWHERE) -> Reading | None:
        """The same, its escapes decoded once; None if there are none."""
        text, said_so_far, end = self.text, bytearray(), 0
        read = Reading(b"", self)
        for found in escapes.finditer(text):
            said = _said(found[0])
            if said is not None:
                said_so_far += text[end : found.start()]
                said_so_far += said
                end = found.end()
                begin = read._here[-1] + found.start() - read._there[-1]
                width = _PERCENT if len(said) * _PERCENT == len(found[0]) else 0
                read._here.extend((begin, begin + len(said)))
                read._there.extend((found.start(), end))
                read._width.extend((width, 1))
        if not end:
            return None
        read.text = bytes(said_so_far + text[end:])
        return read

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where in the original a part of this, which is not empty, stands."""
        if self._source is None:
            return start, end
        return self._source.original(self._place(start, 0), self._place(end - 1, 1))

    def _place(self, at: int, after: int) -> int:
        """Where in the source the byte here begins, or ends."""
        index = bisect_right(self._here, at) - 1
        width = self._width[index]
        if width:
            return self._there[index] + width * (at - self._here[index] + after)
        return self._there[index + after]


def readings(text: bytes, *, json: bool = False) -> Iterator[Reading]:
    """The text as it stands, and as it reads decoded once and more; `json` is a string's inside."""
    reading: Reading | None = Reading(text)
    if json and b"\\" in text:
        reading = Reading(text).decoded(_IN_JSON)
    for _ in range(_DEPTH + 1):
        if reading is None:
            return
        yield reading
        reading = reading.decoded()


def _said(escape: bytes) -> bytes | None:
    """What an escape stands for, in UTF-8; None if for no character."""
    mark, rest = escape[:1], escape[1:]
    if mark == b"\0":
        return b""
    if mark == b"%" and rest[:1] != b"u":
        return bytes.fromhex(escape.decode().replace("%", ""))
    if mark in b"'\"":
        return mark
    if mark == b"&" and rest[:1] != b"#":
        from html.entities import html5

        named = html5.get(rest.decode())
        return None if named is None else named.encode()
    if mark == b"\\" and len(rest) == 1:
        return _SHORT.get(escape, rest)
    if mark == b"\\" and rest.isdigit():
        return _utf8(int(rest, 8))
    if mark == b"&" and rest[1:].rstrip(b";").isdigit():
        return _utf8(int(rest[1:].rstrip(b";")))
    units = [int(unit, 16) for unit in _HEX.findall(rest[1:])]
    if len(units) == 2:  # a surrogate pair
        return _utf8(0x10000 + (units[0] - 0xD800) * 0x400 + units[1] - 0xDC00)
    return _utf8(units[0])


def _utf8(point: int) -> bytes | None:
    return chr(point).encode("utf-8", "surrogatepass") if point < 0x110000 else None
