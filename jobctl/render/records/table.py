"""Records as `table`. This module writes for pipes and knows no colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from jobctl import record
from jobctl.masking.signatures import is_masked, signed_until
from jobctl.models import Record, rfc3339
from jobctl.render import cells
from jobctl.render.columns import at
from jobctl.render.json import encode
from jobctl.render.records import Layout, RecordRenderer, Unfound
from jobctl.render.streams import for_people, write
from jobctl.render.table import plain_layout, plain_rows

_LONGEST = 60


def open_table(
    out: TextIO, layout: Layout, *, environ: Mapping[str, str], no_color: bool
) -> RecordRenderer:
    """The writer for a terminal, or the one for a pipe."""
    if for_people(out, environ):
        from jobctl.render.records.terminal import TerminalRecords

        return TerminalRecords(out, layout, environ=environ, no_color=no_color)
    return PlainRecords(out, layout)


def columns_of(layout: Layout, batch: Sequence[Record]) -> Sequence[str]:
    """The columns that were asked for, else those that suit, else all there are."""
    return layout.columns or layout.chosen or cells.names(batch, layout.fields)


def row(one: Record, paths: Sequence[str], layout: Layout) -> list[str]:
    """What a person wants to see of a record at some paths."""
    value = record.decode(one)
    if isinstance(value, dict):
        return [_cell(value[path] if path in value else at(value, path), layout) for path in paths]
    fields = value if isinstance(value, list) else {cells.VALUE: value}
    return [_cell(at(fields, path), layout) for path in paths]


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
    return f"{'valid until' if until > layout.now() else 'expired'} {rfc3339(until)}"


def _outline(value: list[Any] | dict[str, Any]) -> str:
    """What is in a nested value: the names in an object, and how much is below each."""
    if isinstance(value, list):
        return f"{len(value)} items"
    return ", ".join(
        f"{name} ({len(inner)})" if isinstance(inner, list) else name
        for name, inner in value.items()
    )


class PlainRecords(RecordRenderer):
    """A line for each record; the first page decides on the columns and their widths."""

    def __init__(self, out: TextIO, layout: Layout) -> None:
        self._out = out
        self._layout = layout
        self._unfound = Unfound(layout)
        self._columns: Sequence[str] = ()
        self._line = ""

    def records(self, batch: Sequence[Record]) -> None:
        if not batch:
            return
        self._unfound.look(batch)
        columns = self._columns or columns_of(self._layout, batch)
        rows = plain_rows([row(one, columns, self._layout) for one in batch])
        if not self._line:
            (header,) = plain_rows([columns])
            self._columns, self._line = columns, plain_layout([header, *rows])
            if not self._layout.resumed:
                rows.insert(0, header)
        write(self._out, "".join(map(self._line.format, *zip(*rows, strict=True))))

    def finish(self) -> None:
        self._unfound.finish()
