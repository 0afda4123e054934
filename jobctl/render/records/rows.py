"""Records as rows of texts, for tables of either kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jobctl import record
from jobctl.masking.signatures import is_masked, signed_until
from jobctl.models import Record
from jobctl.render import cells
from jobctl.render.columns import at
from jobctl.render.json import encode
from jobctl.render.records.renderer import Layout

_LONGEST = 60


def columns_of(layout: Layout, batch: Sequence[Record]) -> Sequence[str]:
    """The columns that were asked for, else those that suit, else all there are."""
    return layout.columns or layout.chosen or cells.names(batch, layout.fields)


def row_of(one: Record, paths: Sequence[str], layout: Layout) -> list[str]:
    """What a person wants to see of a record at some paths."""
    value = record.decode(one)
    if isinstance(value, dict):
        row = [_cell(value[path] if path in value else at(value, path), layout) for path in paths]
    else:
        fields = value if isinstance(value, list) else {cells.VALUE: value}
        row = [_cell(at(fields, path), layout) for path in paths]
    if layout.meanings:
        known = (layout.meanings.get(path, {}) for path in paths)
        return [meaning.get(cell, cell) for meaning, cell in zip(known, row, strict=True)]
    return row


def _cell(value: Any, layout: Layout) -> str:
    """Not all of a nested value, and of a signature its end."""
    if isinstance(value, str):
        return _text(value.strip(), layout) if "://" in value else value
    if value is None:
        return ""
    if type(value) is int:  # as encode does, at a fraction of the price
        return str(value)
    text = encode(value)
    if len(text) > _LONGEST and isinstance(value, list | dict):
        text = _outline(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _text(url: str, layout: Layout) -> str:
    if layout.show_signed_urls or not is_masked(url):
        return url
    until = signed_until(url)
    if until is None:
        return "signed URL"
    return layout.validity(until, layout.now())


def _outline(value: list[Any] | dict[str, Any]) -> str:
    """What is in a nested value: the names in an object, and how much is below each."""
    if isinstance(value, list):
        return f"{len(value)} items"
    return ", ".join(
        f"{name} ({len(inner)})" if isinstance(inner, list) else name
        for name, inner in value.items()
    )
