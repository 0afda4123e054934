"""Records as `table` on a pipe: whole, and without colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from jobctl.models import Record
from jobctl.render.records.renderer import Layout, RecordRenderer, Unfound
from jobctl.render.records.rows import columns_of, row_of
from jobctl.render.streams import write
from jobctl.render.table import plain_lines, plain_rows, plain_widths


class PlainRecords(RecordRenderer):
    """A line for each record; the first page decides on the columns and their widths."""

    def __init__(self, out: TextIO, layout: Layout) -> None:
        self._out = out
        self._layout = layout
        self._unfound = Unfound(layout)
        self.header = layout.header
        self._widths: Sequence[int] | None = None

    def records(self, batch: Sequence[Record]) -> None:
        if not batch:
            return
        self._unfound.look(batch)
        self.header = columns = self.header or columns_of(self._layout, batch)
        rows = plain_rows([row_of(one, columns, self._layout) for one in batch])
        if self._widths is None:
            (names,) = plain_rows([columns])
            self._widths = plain_widths([names, *rows])
            if not self._layout.resumed:
                rows.insert(0, names)
        write(self._out, "".join(plain_lines(rows, self._widths)))

    def finish(self) -> None:
        self._unfound.finish()
