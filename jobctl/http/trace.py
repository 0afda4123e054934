"""Lines for `-v`: what was asked and answered, without what must not be shown."""

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

import httpx

from jobctl.config import scrub
from jobctl.payload import MASK, signs

_SECRET_HEADER = re.compile(
    r"auth|cookie|token|secret|key|password|passwd|credential|signature|assertion", re.IGNORECASE
)
_PAIR = re.compile(r"([?&;])([^=&;#\s<>\"]+)=([^&;#\s<>\"]*)")
_USERINFO = re.compile(r"(?<=//)[^/?#\s]*@")


def redact(text: str) -> str:
    """A URL, or text with URLs in it, without user names and without query values that sign in."""
    # scrubbed first: what is left of a secret would not be known again
    return _PAIR.sub(_masked, _USERINFO.sub("", scrub(text)))


def header_lines(mark: str, headers: httpx.Headers) -> Iterator[str]:
    """One line for each header, the values of those that may hold credentials masked."""
    for name, value in headers.multi_items():
        yield f"{mark} {name}: {MASK if _SECRET_HEADER.search(name) else redact(value)}"


def presentable(line: str) -> str:
    """The line without secrets that are known, and with control characters written out."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in scrub(line)
    )


def _masked(pair: re.Match[str]) -> str:
    before, name, value = pair.groups()
    return f"{before}{name}={MASK if signs(unquote_plus(name)) else value}"
