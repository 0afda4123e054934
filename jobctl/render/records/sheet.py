"""Records as `csv` and `tsv`: the fields at their top, or the paths that were asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from jobctl.models import Record
from jobctl.render import cells
from jobctl.render.clean import shown_on
from jobctl.render.records.renderer import Layout, RecordRenderer, Unfound
from jobctl.render.sheet import Sheet
from jobctl.render.streams import write


class SheetRecords(RecordRenderer):
    """A line for each record; the first page decides on the columns, with all that may be there."""

    def __init__(
        self, out: TextIO, layout: Layout, format: str, environ: Mapping[str, str]
    ) -> None:
        self._out = out
        self._show = shown_on(out, environ)
        self._layout = layout
        self._unfound = Unfound(layout)
        self._format = format
        self.header = layout.header
        self._sheet: Sheet | None = None
        self._known: list[str] = []

    def records(self, batch: Sequence[Record]) -> None:
        if batch:
            self._unfound.look(batch)
            sheet = self._opened(batch)
            if self._layout.columns is None:
                for name in cells.names(batch, self._known)[len(self._known) :]:
                    self._known.append(name)
                    self._layout.tell(f"the field {name!r} has no column: name it in --columns")
            write(self._out, sheet.rows(batch))

    def finish(self) -> None:
        self._opened([])
        self._unfound.finish()

    def _opened(self, batch: Sequence[Record]) -> Sheet:
        if self._sheet is None:
            layout = self._layout
            self.header = layout.columns or layout.header or cells.names(batch, layout.fields)
            self._known = list(self.header)
            self._sheet = Sheet(self._format, self.header, self._show)
            if not self._layout.resumed:
                write(self._out, self._sheet.header())
        return self._sheet
