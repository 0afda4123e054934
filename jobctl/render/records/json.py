"""Records as `json` and `ndjson`: byte for byte as they came, but inert on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from jobctl import record
from jobctl.models import Record
from jobctl.render.json import inert
from jobctl.render.records.renderer import RecordRenderer
from jobctl.render.streams import write_bytes


class NdjsonRecords(RecordRenderer):
    """A record a line, as pages arrive."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def records(self, batch: Sequence[Record]) -> None:
        if batch:
            write_bytes(self._out, _inert(record.Lines.of(batch).text + b"\n"))


class JsonRecords(RecordRenderer):
    """One array, written as its items come."""

    def __init__(self, out: TextIO, *, resumed: bool) -> None:
        self._out = out
        self._started = resumed

    def records(self, batch: Sequence[Record]) -> None:
        texts = [_inert(record.laid_out(one, 2)).replace(b"\n", b"\n  ") for one in batch]
        if texts:
            before = b",\n  " if self._started else b"[\n  "
            self._started = True
            write_bytes(self._out, before + b",\n  ".join(texts))

    def finish(self) -> None:
        write_bytes(self._out, b"\n]\n" if self._started else b"[]\n")


def _inert(text: bytes) -> bytes:
    """JSON text without what terminals and logs would obey or hide: of ASCII, that is little."""
    if text.isascii() and b"\x7f" not in text and (b"#" not in text or b"##" not in text):
        return text
    return inert(text.decode()).encode()
