"""Records of which a `--query` shows something else: it goes over all of them together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TextIO

from jobctl import record
from jobctl.models import Record
from jobctl.render.json import encode
from jobctl.render.query import Selector, selector
from jobctl.render.records.renderer import RecordRenderer
from jobctl.render.streams import write


class SelectedLines(RecordRenderer):
    """`ndjson`: each line by itself, as pages arrive."""

    def __init__(self, out: TextIO, query: str) -> None:
        self._out = out
        self._select = selector(query)

    def records(self, batch: Sequence[Record]) -> None:
        chosen = (self._select(record.decode(one)) for one in batch)
        write(self._out, "".join(encode(value) + "\n" for value in chosen))


class SelectedDocument(RecordRenderer):
    """The other formats: everything is kept until the end, for only then the query has its say."""

    def __init__(self, out: TextIO, query: str, encode: Callable[[Any], str]) -> None:
        self._out = out
        self._select: Selector = selector(query)
        self._encode = encode
        self._kept: list[Any] = []

    def records(self, batch: Sequence[Record]) -> None:
        self._kept += map(record.decode, batch)

    def finish(self) -> None:
        write(self._out, self._encode(self._select(self._kept)))
