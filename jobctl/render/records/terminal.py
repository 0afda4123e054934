"""Records as `table` on a terminal, drawn page by page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from jobctl.models import Record
from jobctl.render.records.renderer import Layout, RecordRenderer, Unfound
from jobctl.render.records.rows import columns_of, row
from jobctl.render.screen import Column, Cut, Screen
from jobctl.render.words import local

_LEAST = 8
_LONGEST_NAME = 40


class TerminalRecords(RecordRenderer):
    """Rows that fit the width; the first page decides on the columns and their widths."""

    def __init__(
        self, out: TextIO, layout: Layout, *, environ: Mapping[str, str], no_color: bool
    ) -> None:
        self._screen = Screen(out, environ=environ, no_color=no_color)
        self._layout = layout._replace(time=local)
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
            [self._screen.text(text) for text in row(one, paths, self._layout)] for one in batch
        ]
        table = [
            # the first column tells which record it is, and is there to be copied
            Column(
                self._screen.text(path).plain,
                [cells[index] for cells in rows],
                least=_LEAST if index else _LONGEST_NAME,
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
        """A column in which the first page had nothing may have something later."""
        for path in sorted(self._hidden):
            if any(row(one, [path], self._layout) != [""] for one in batch):
                self._hidden.remove(path)
                self._layout.tell(f"the column {path!r} is not shown: name it in --columns")

    def finish(self) -> None:
        self._unfound.finish()
