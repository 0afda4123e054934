"""`csv` and `tsv`: RFC 4180, with text that a spreadsheet would run as a formula made harmless."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from jobctl import record
from jobctl.models import Record
from jobctl.render import cells
from jobctl.render.json import inert

_DELIMITERS = {"csv": ",", "tsv": "\t"}
# https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20].", re.DOTALL)
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?", re.ASCII)


class Sheet:
    """Lines of cells with a header; `show` is how text is shown."""

    def __init__(self, format: str, columns: Sequence[str], show: Callable[[str], str]) -> None:
        self.columns = columns
        self._delimiter = _DELIMITERS[format]
        self._show = show

    def header(self) -> str:
        """The line of the columns' names."""
        return self._lines([[self._text(name) for name in self.columns]])

    def rows(self, records: Iterable[Record]) -> str:
        """A line for each record."""
        return self._lines(
            [self._cell(value) for value in cells.row(one, self.columns)] for one in records
        )

    def _cell(self, value: Record | None) -> str:
        text = cells.text(value)
        if value is not None and value.startswith(b'"'):
            return self._text(text)
        return text if self._show is str else inert(text)

    def _text(self, text: str) -> str:
        if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
            text = f"'{text}"
        # half a surrogate pair cannot be written
        text = text.encode("utf-8", "backslashreplace").decode()
        return self._show(text)

    def _lines(self, rows: Iterable[Sequence[str]]) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=self._delimiter, lineterminator="\r\n").writerows(rows)
        return out.getvalue()


def encode(
    value: Any, format: str, show: Callable[[str], str], columns: Sequence[str] | None = None
) -> str:
    """A document as lines: one for each item of an array, else a single one."""
    rows = [record.encode(one) for one in (value if isinstance(value, list) else [value])]
    sheet = Sheet(format, columns or cells.names(rows), show)
    return sheet.header() + sheet.rows(rows)
