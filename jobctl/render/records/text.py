"""Records as `text`: a line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from jobctl import record
from jobctl.models import Record
from jobctl.render.records.renderer import RecordRenderer
from jobctl.render.streams import write
from jobctl.render.text import line


class TextRecords(RecordRenderer):
    """A record a line, as pages arrive."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._for_people = out.isatty()

    def records(self, batch: Sequence[Record]) -> None:
        lines = (line(record.decode(one), for_people=self._for_people) for one in batch)
        write(self._out, "".join(lines))
