"""Lines for `-v`: what was asked and answered, without what must not be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from jobctl.masking.bodies import hides
from jobctl.masking.secrets import scrub
from jobctl.masking.signatures import MASK, signs

if TYPE_CHECKING:
    import httpx

_SECRET_HEADER = re.compile(
    r"auth|cookie|token|secret|key|password|passwd|credential|signature|assertion", re.IGNORECASE
)
_PAIR = re.compile(r"([?&;])([^=&;#\s<>\"]+)=([^&;#\s<>\"]*)")
_USERINFO = re.compile(r"(?<=//)[^/?#\s]*@")
# `name=`, `name:`, `"name":` in text that is no JSON, such as JSON cut short; and what follows it.
_NAME = re.compile(r"""(["']?)([\w.-]{1,64})\1\s{0,9}[:=]\s{0,9}""")
_VALUE = re.compile(
    r"""(?:bearer |basic |apikey )?"""
    r"""(?:"(?:[^"\\]|\\.)*(?:"|\Z)|'[^']*(?:'|\Z)|[^\s,;&}\]<>"']*)""",
    re.IGNORECASE | re.DOTALL,
)


def without_queries(text: str) -> str:
    """A URL, or text with URLs in it, without user names and without query values that sign in."""
    # scrubbed first: what is left of a secret would not be known again
    return _PAIR.sub(_argument, _USERINFO.sub("", scrub(text)))


def header_lines(mark: str, headers: httpx.Headers) -> Iterator[str]:
    """One line for each header, the values of those that may hold credentials masked."""
    for name, value in headers.multi_items():
        yield f"{mark} {name}: {MASK if _SECRET_HEADER.search(name) else without_queries(value)}"


def presentable(line: str) -> str:
    """The line without secrets that are known, and with control characters written out."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in scrub(line)
    )


def _argument(pair: re.Match[str]) -> str:
    before, name, value = pair.groups()
    return f"{before}{name}={MASK if signs(unquote_plus(name)) else value}"


def without_named(text: str) -> str:
    """The text without what follows the names of secrets."""
    parts, end = [], 0
    for found in _NAME.finditer(text):
        name = found[2]
        if found.end() >= end and (signs(name) or hides(name)):
            value = _VALUE.match(text, found.end())
            parts += [text[end : found.end()], MASK]
            end = value.end() if value else found.end()
    return "".join([*parts, text[end:]])
