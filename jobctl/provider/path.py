"""Paths with names in braces: `/v1/renders/{render}`; `{+name}` stands for several segments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, unquote

from jobctl.errors import ConfigError

_NAME = re.compile(r"\{(\+?\w+)\}")
_OPEN = re.compile(r"\{\+(\w+)\}\Z")
_ROOT = "((?:[^/?#]*//[^/?#]+)?+.*?)"  # a host is no part of a path, however little that says


def names_in(path: str) -> list[str]:
    """The names of a path, in their order."""
    return _NAME.findall(path)


def pattern(path: str) -> str:
    """The regular expression that a path stands for: each name is a group of one segment."""
    parts = _NAME.split(path)
    return "".join(_group(part) if odd % 2 else re.escape(part) for odd, part in enumerate(parts))


def match(paths: Iterable[str], url: str) -> tuple[str, dict[str, str]] | None:
    """What stands before the path of a URL that is one of these, and the names in it, decoded.

    Where a path ends with a name that stands for several segments, that has the URL's query, too.
    """
    address, mark, query = url.partition("#")[0].partition("?")
    for path in paths:
        found = re.fullmatch(_ROOT + pattern(path), address.rstrip("/"))
        if found:
            names = {name: unquote(text) for name, text in found.groupdict().items()}
            if query and (last := _OPEN.search(path)):
                names[last[1]] += mark + query
            return found[1], names
    return None


def match_page(pages: Iterable[str], url: str) -> tuple[str, dict[str, str]] | None:
    """Which of the pages for people a URL is of, or lies below, and the names in it, decoded.

    One that begins with a slash lies on any host.
    """
    address = url.partition("#")[0].partition("?")[0]
    for page in pages:
        host = "https?://[^/?#]+" if page.startswith("/") else ""
        found = re.fullmatch(f"{host}{pattern(page)}(?:/.*)?", address)
        if found:
            return page, {name: unquote(text) for name, text in found.groupdict().items()}
    return None


def literal(path: str) -> int:
    """How many letters and digits of a path stand for themselves; 0 where its end may be any."""
    return 0 if _OPEN.search(path) else len(re.findall(r"\w", _NAME.sub("", path)))


def _group(name: str) -> str:
    return f"(?P<{name[1:]}>[^?#]+)" if name.startswith("+") else f"(?P<{name}>[^/?#]+)"


def filled(path: str, names: Mapping[str, str]) -> str:
    """The path with its names filled in, each percent-encoded once.

    Raises:
        ConfigError: one would walk up the path.
    """
    parts = {name: quote(segment(text, name), safe="") for name, text in names.items()}
    return _NAME.sub(lambda found: parts[found[1]], path)


def segment(text: str, name: str) -> str:
    """The text, if it can be a segment of a path.

    Raises:
        ConfigError: it would walk up the path.
    """
    if text in (".", ".."):
        raise ConfigError(f"{name} cannot be {text!r}")
    return text
