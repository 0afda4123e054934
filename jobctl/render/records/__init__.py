"""Showing what a job produced: one module per format; records pass by, page after page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple, TextIO

from jobctl.errors import UsageError
from jobctl.models import Record
from jobctl.render import cells
from jobctl.render.document import encoder

FORMATS = ("table", "json", "ndjson", "yaml", "csv", "tsv")


class RecordRenderer:
    """What writes records to a stream."""

    def records(self, batch: Sequence[Record]) -> None:
        """Some more records, each on a line and without secrets."""

    def finish(self) -> None:
        """There are no more: what has been written is a whole document now.

        Raises:
            UsageError: the query does not fit the document.
        """


class Unfound:
    """The columns asked for that no record has had so far: a slip of the keyboard, perhaps."""

    def __init__(self, layout: Layout) -> None:
        self._left = set(layout.columns or ())
        self._tell = layout.tell

    def look(self, batch: Sequence[Record]) -> None:
        """Look at some more records, as long as anything is missing."""
        for one in batch if self._left else ():
            found = zip(self._left, cells.row(one, list(self._left)), strict=True)
            self._left -= {path for path, value in found if value is not None}

    def finish(self) -> None:
        """Tell what is still missing."""
        for path in sorted(self._left):
            self._tell(f"no record has the field {path!r}")


class Layout(NamedTuple):
    """What of the records is shown, and how.

    `columns` are those that were asked for, `chosen` those that suit a table, `fields` those that a
    record may have at its top. `resumed` tells that records of before stand in the stream already,
    with `header` as their columns if they have some.
    """

    columns: Sequence[str] | None = None
    chosen: Sequence[str] = ()
    fields: Sequence[str] = ()
    show_signed_urls: bool = False
    resumed: bool = False
    header: Sequence[str] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    tell: Callable[[str], None] = lambda _: None


def open_records(
    format: str,
    out: TextIO,
    layout: Layout,
    *,
    query: str | None,
    environ: Mapping[str, str],
    no_color: bool,
) -> RecordRenderer:
    """The renderer of a format; only its module is imported.

    Raises:
        UsageError: the format does not go with records or with another option, or the query is no
            JMESPath.
    """
    _check(format, layout, query)
    if query is not None:
        return _selected(format, out, query, layout)
    if format == "ndjson":
        from jobctl.render.records.json import NdjsonRecords

        return NdjsonRecords(out)
    if format == "json":
        from jobctl.render.records.json import JsonRecords

        return JsonRecords(out, resumed=layout.resumed)
    if format == "yaml":
        from jobctl.render.records.yaml import YamlRecords

        return YamlRecords(out, resumed=layout.resumed)
    if format in ("csv", "tsv"):
        from jobctl.render.records.sheet import SheetRecords

        return SheetRecords(out, layout, format)
    from jobctl.render.records.table import open_table

    return open_table(out, layout, environ=environ, no_color=no_color)


def _check(format: str, layout: Layout, query: str | None) -> None:
    if format not in FORMATS:
        raise UsageError(
            f"-o {format} does not go with results",
            hint="for the records as they came: -o ndjson --show-signed-urls",
        )
    if query is not None and format == "table":
        raise UsageError("--query does not go with -o table", hint="use it with -o json")
    if layout.columns is not None and format in ("json", "ndjson", "yaml"):
        raise UsageError(f"--columns does not go with -o {format}", hint="use it with -o csv")


def _selected(format: str, out: TextIO, query: str, layout: Layout) -> RecordRenderer:
    from jobctl.render.records.selected import SelectedDocument, SelectedLines

    if format == "ndjson":
        return SelectedLines(out, query)
    return SelectedDocument(out, query, encoder(format, out, layout.columns))
