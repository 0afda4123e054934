"""`text`: what a query selects, for scripts: no quotes, no braces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jobctl.render.json import encode as as_json


def encode(value: Any, show: Callable[[str], str]) -> str:
    """A scalar as it is, an array an element a line, arrays in it by tabs; objects as JSON.

    Null is an empty line; `show` is how a line of text is shown.
    """
    lines = value if isinstance(value, list) else [value]
    return "".join(line(one, show) for one in lines)


def line(value: Any, show: Callable[[str], str]) -> str:
    """One element, with its line end."""
    cells = value if isinstance(value, list) else [value]
    return "\t".join(_cell(cell, show) for cell in cells) + "\n"


def _cell(value: Any, show: Callable[[str], str]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return as_json(value)
    # half a surrogate pair cannot be written
    text = value.encode("utf-8", "backslashreplace").decode()
    return "\n".join(map(show, text.split("\n")))
