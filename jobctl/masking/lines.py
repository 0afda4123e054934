"""Lines for `-v` and for recordings: what was asked and answered, masked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobctl.masking.bodies import hides
from jobctl.masking.signatures import MASK, signing_value
from jobctl.masking.texts import masked

if TYPE_CHECKING:
    import httpx

_SECRET_HEADER = re.compile(
    r"auth|cookie|token|secret|key|password|passwd|credential|signature|assertion", re.IGNORECASE
)
_USER = re.compile(r"(?<=//)[^/?#\s]*@")
# `name=`, `name:`, `"name":` in text that is no JSON, such as JSON cut short; and what follows it.
_NAME = re.compile(r"""(?<![\w.-])([\w.-]{1,64}+)["']?\s{0,9}[:=]\s{0,9}""")
_VALUE = re.compile(
    r"""(?:bearer |basic |apikey )?"""
    r"""(?:"(?:[^"\\]|\\.)*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s,;&}\]<>"']*)""",
    re.IGNORECASE | re.DOTALL,
)


def masked_line(text: str) -> str:
    """A URL, or text with URLs in it, masked and without users' names."""
    # masked first: what is left of a secret would not be known again
    return _USER.sub("", masked(text))


def header_lines(headers: httpx.Headers, mark: str = "") -> Iterator[str]:
    """One line for each header, the values of those that may hold credentials masked."""
    for name, value in headers.multi_items():
        yield presentable(f"{mark}{name}: {MASK if _SECRET_HEADER.search(name) else value}")


def presentable(line: str) -> str:
    """The line masked, with control characters written out."""
    return printable(masked_line(line))


def printable(text: str) -> str:
    """The text with control characters, line ends among them, written out."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def without_named(text: str) -> str:
    """The text without what follows the names of secrets."""
    parts, end = [], 0
    for found in _NAME.finditer(text):
        if found.end() >= end and _names_secret(found[1]):
            value = _VALUE.match(text, found.end())
            parts += [text[end : found.end()], MASK]
            end = value.end() if value else found.end()
    return "".join([*parts, text[end:]])


def _names_secret(name: str) -> bool:
    return hides(name) or signing_value(name.encode()) is not None
