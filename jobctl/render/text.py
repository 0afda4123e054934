"""`text`: what a query selects, for scripts: no quotes, no braces."""

from __future__ import annotations

from typing import Any

from jobctl.render.clean import clean
from jobctl.render.json import encode as as_json


def encode(value: Any, *, for_people: bool) -> str:
    """A scalar as it is, an array an element a line, arrays in it by tabs; objects as JSON.

    Null is an empty line. `for_people` makes hidden characters visible.
    """
    lines = value if isinstance(value, list) else [value]
    return "".join(line(one, for_people=for_people) for one in lines)


def line(value: Any, *, for_people: bool) -> str:
    """One element, with its line end."""
    cells = value if isinstance(value, list) else [value]
    return "\t".join(_cell(cell, for_people=for_people) for cell in cells) + "\n"


def _cell(value: Any, *, for_people: bool) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return as_json(value)
    # half a surrogate pair cannot be written
    text = value.encode("utf-8", "backslashreplace").decode()
    return "\n".join(map(clean, text.split("\n"))) if for_people else text
