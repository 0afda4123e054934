"""Showing what a job produced: one module per format; records pass by, page after page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from jobctl import formats
from jobctl.errors import UsageError
from jobctl.render.document import encoder
from jobctl.render.records.renderer import Layout, RecordRenderer
from jobctl.render.streams import check_open, for_people


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
    check_open(out)
    if query is not None:
        return _selected(format, out, query, layout, environ)
    if format == "ndjson":
        from jobctl.render.records.json import NdjsonRecords

        return NdjsonRecords(out)
    if format == "json":
        from jobctl.render.records.json import JsonRecords

        return JsonRecords(out, resumed=layout.resumed)
    if format == "yaml":
        from jobctl.render.records.yaml import YamlRecords

        return YamlRecords(out, resumed=layout.resumed)
    if format == "text":
        from jobctl.render.records.text import TextRecords

        return TextRecords(out, environ)
    if format in formats.SHEETS:
        from jobctl.render.records.sheet import SheetRecords

        return SheetRecords(out, layout, format, environ)
    if for_people(out, environ):
        from jobctl.render.records.terminal import TerminalRecords

        return TerminalRecords(out, layout, environ=environ, no_color=no_color)
    from jobctl.render.records.table import PlainRecords

    return PlainRecords(out, layout)


def _check(format: str, layout: Layout, query: str | None) -> None:
    formats.check(format, query=query, columns=layout.columns)
    if format not in formats.OF_RECORDS:
        raise UsageError(
            f"-o {format} does not go with results",
            hint="for the records as they came: -o ndjson --show-signed-urls",
        )


def _selected(
    format: str, out: TextIO, query: str, layout: Layout, environ: Mapping[str, str]
) -> RecordRenderer:
    from jobctl.render.records.selected import SelectedDocument, SelectedLines

    if format == "ndjson":
        return SelectedLines(out, query)
    return SelectedDocument(out, query, encoder(format, out, environ, layout.columns))
