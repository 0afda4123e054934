"""Records as `table` on a terminal, drawn page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from jobctl.models import Record
from jobctl.render.records.renderer import Layout, RecordRenderer, Unfound
from jobctl.render.records.rows import columns_of, row_of
from jobctl.render.screen import Column, Cut, Screen
from jobctl.render.words import validity_in_short

_LEAST = 8
_LONGEST_NAME = 40


class TerminalRecords(RecordRenderer):
    """Rows that fit the width; the first page decides on the columns and their widths."""

    def __init__(
        self, out: TextIO, layout: Layout, *, environ: Mapping[str, str], no_color: bool
    ) -> None:
        self._screen = Screen(out, environ=environ, no_color=no_color)
        self._layout = layout._replace(validity=validity_in_short)
        self._unfound = Unfound(layout)
        self._columns: Sequence[str] = ()
        self._widths: Sequence[int] = ()
        self._hidden: set[str] = set()

    def records(self, batch: Sequence[Record]) -> None:
        if not batch:
            return
        self._unfound.look(batch)
        paths = self._columns or columns_of(self._layout, batch)
        rows = [
            [self._screen.cell(text) for text in row_of(one, paths, self._layout)] for one in batch
        ]
        headings = {} if self._layout.columns else self._layout.headings
        table = [
            # the first column tells which record it is, and is there to be copied
            Column(
                self._screen.text(headings.get(path, path)).plain,
                [cells[index] for cells in rows],
                least=_LEAST if index else _LONGEST_NAME,
                worth=-index if index and not self._layout.columns else None,
                # of addresses the end tells more
                cut=Cut.BEGINNING
                if any("://" in cells[index].plain for cells in rows)
                else Cut.END,
            )
            for index, path in enumerate(paths)
        ]
        header = not self._columns
        if header:
            fitting = table if self._layout.columns else self._screen.fitting(table)
            self._columns = [
                path
                for path, column in zip(paths, table, strict=True)
                if any(column is one for one in fitting)
            ]
            self._hidden = set(paths) - set(self._columns)
            table = fitting
            self._widths = self._screen.widths(table)
        self._tell_of_hidden(batch)
        for line in self._screen.lay_out(
            table, [None] * len(rows), header=header, widths=self._widths
        ):
            self._screen.show(line)

    def _tell_of_hidden(self, batch: Sequence[Record]) -> None:
        """There was no room for a column, or the first page had nothing in it."""
        paths = sorted(self._hidden)
        columns = zip(*(row_of(one, paths, self._layout) for one in batch), strict=True)
        told = [path for path, cells in zip(paths, columns, strict=True) if any(cells)]
        self._hidden -= set(told)
        names = ", ".join(map(repr, told))
        if len(told) == 1:
            self._layout.tell(f"the column {names} is not shown: name it in --columns")
        elif told:
            self._layout.tell(f"the columns {names} are not shown: name them in --columns")

    def finish(self) -> None:
        self._unfound.finish()
