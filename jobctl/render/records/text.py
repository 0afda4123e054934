"""Records as `text`: a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TextIO

from jobctl import record
from jobctl.models import Record
from jobctl.render.clean import shown_on
from jobctl.render.records.renderer import RecordRenderer
from jobctl.render.streams import write
from jobctl.render.text import line


class TextRecords(RecordRenderer):
    """A record a line, as pages arrive."""

    def __init__(self, out: TextIO, environ: Mapping[str, str]) -> None:
        self._out = out
        self._show = shown_on(out, environ)

    def records(self, batch: Sequence[Record]) -> None:
        lines = (line(record.decode(one), self._show) for one in batch)
        write(self._out, "".join(lines))
