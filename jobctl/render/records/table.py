"""Records as `table`. This module writes for pipes and knows no colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from jobctl import payload, record
from jobctl.models import Record, rfc3339
from jobctl.render import cells
from jobctl.render.records import Layout, RecordRenderer
from jobctl.render.streams import for_people, write
from jobctl.render.table import plain_layout, plain_row

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


def cell(value: Record | None, layout: Layout) -> str:
    """What a person wants to see of a value: not all of a nested one, of a signature its end."""
    text = cells.text(value)
    if value is not None and cells.is_nested(value):
        short = text if len(text) <= _LONGEST else _outline(value)
        return short if len(short) <= _LONGEST else f"{short[: _LONGEST - 1]}…"
    if "://" in text:
        text = text.strip()
        if not layout.show_signed_urls and payload.is_masked(text):
            until = payload.signed_until(text)
            if until is None:
                return "signed URL"
            word = "valid until" if until > layout.now() else "expired"
            return f"{word} {rfc3339(until)}"
    return text


def _outline(value: Record) -> str:
    """What is in a nested value: the names in an object, and how much is below each."""
    if value.startswith(b"["):
        return f"{len(record.items(value))} items"
    return ", ".join(
        f"{name} ({len(record.items(inner))})" if inner.startswith(b"[") else name
        for name, inner in record.split(value).items()
    )


class PlainRecords(RecordRenderer):
    """A line for each record; the first page decides on the columns and their widths."""

    def __init__(self, out: TextIO, layout: Layout) -> None:
        self._out = out
        self._layout = layout
        self._columns: Sequence[str] = ()
        self._line = ""

    def records(self, batch: Sequence[Record]) -> None:
        if not batch:
            return
        columns = self._columns or columns_of(self._layout, batch)
        rows = [
            plain_row([cell(value, self._layout) for value in cells.row(one, columns)])
            for one in batch
        ]
        if not self._line:
            header = plain_row(columns)
            self._columns, self._line = columns, plain_layout([header, *rows])
            if not self._layout.resumed:
                rows.insert(0, header)
        write(self._out, "".join(self._line.format(*row) for row in rows))
