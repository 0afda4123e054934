"""JSON values with templates in them, filled in."""

from __future__ import annotations

import re
from typing import Any

from jobctl.declared.template import Template, Values

_LEFT_OUT = object()
_HAS_SCHEME = re.compile(r"[^:]*:(//|\Z)")


class Verbatim(str):
    """A text that is no template."""

    __slots__ = ()


def filled_in(value: Any, names: Values) -> Any:
    """A JSON value with its templates filled in; what names something absent is left out."""
    if isinstance(value, Verbatim):
        return str(value)
    if isinstance(value, Template):
        found = value.value(names)
        return _LEFT_OUT if found is None else found
    if isinstance(value, dict):
        inner = ((key, filled_in(one, names)) for key, one in value.items())
        return {key: one for key, one in inner if one is not _LEFT_OUT}
    if isinstance(value, list):
        return [one for one in (filled_in(one, names) for one in value) if one is not _LEFT_OUT]
    return value


def complete(address: str) -> str:
    """An address with its scheme: https where it says none."""
    return address if _HAS_SCHEME.match(address) or not address else f"https://{address}"
