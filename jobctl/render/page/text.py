"""Any value as text for a page. `Markup.format` escapes it; here it is made visible and bounded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from jobctl.render.clean import clean_lines
from jobctl.render.json import encode

_LONGEST = 2000
# More than that is there when it is asked for.
_FOLDED, _SHOWN = 300, 100
_LONG = Markup("<details><summary>{}…</summary>{}</details>")


def text(value: Any) -> str:
    """What a person reads of a JSON value: hidden characters visible, and cut where it is long."""
    whole = value if isinstance(value, str) else _json(value)
    shown = "\n".join(clean_lines(whole[:_LONGEST]))
    return shown + "…" if len(whole) > _LONGEST else shown


def folded(value: Any) -> str | Markup:
    """The same; of a long one its beginning, until somebody wants to read it all."""
    shown = text(value)
    if len(shown) <= _FOLDED:
        return shown
    return _LONG.format(" ".join(shown[:_SHOWN].split()), shown)


def _json(value: Any) -> str:
    try:
        return "" if value is None else encode(value)
    except RecursionError:
        return "(nested too deeply to be shown)"


def joined(parts: Iterable[Markup]) -> Markup:
    """One piece of markup after the other."""
    return Markup("").join(parts)
