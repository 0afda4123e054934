"""Records as `yaml`: one list, written as its items come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from jobctl import record
from jobctl.models import Record
from jobctl.render.records.renderer import RecordRenderer
from jobctl.render.streams import write
from jobctl.render.yaml import encode


class YamlRecords(RecordRenderer):
    """Each record as an item of the list."""

    def __init__(self, out: TextIO, *, resumed: bool) -> None:
        self._out = out
        self._started = resumed

    def records(self, batch: Sequence[Record]) -> None:
        if batch:
            self._started = True
            write(self._out, encode([record.decode(one) for one in batch]))

    def finish(self) -> None:
        if not self._started:
            write(self._out, "[]\n")
