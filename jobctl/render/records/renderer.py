"""What writes records to a stream, and what it is told about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NamedTuple

from jobctl.errors import UsageError, did_you_mean
from jobctl.models import Record
from jobctl.render import cells
from jobctl.render.words import validity


class RecordRenderer:
    """What writes records to a stream.

    `header` has the columns that the first ones have decided on, where the format has some.
    """

    header: Sequence[str] | None = None

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
        # what stands in the stream already was not refused
        self._known = () if layout.resumed else layout.fields

    def look(self, batch: Sequence[Record]) -> None:
        """Look at some more records, as long as anything is missing.

        Raises:
            UsageError: the fields are known, and one is neither known nor in these first records.
        """
        for one in batch if self._left else ():
            found = zip(self._left, cells.row(one, list(self._left)), strict=True)
            self._left -= {path for path, value in found if value is not None}
        if self._known and self._left:
            names = cells.names(batch, self._known)
            for path in sorted(self._left):
                if not any(path == name or path.startswith(f"{name}.") for name in names):
                    raise UsageError(
                        f"--columns: no record has the field {path!r}",
                        hint=did_you_mean(path, names),
                    )
        self._known = ()

    def finish(self) -> None:
        """Tell what is still missing."""
        for path in sorted(self._left):
            self._tell(f"no record has the field {path!r}")


class Layout(NamedTuple):
    """What of the records is shown, and how.

    `columns` are those that were asked for, `chosen` those that suit a table, `fields` those that a
    record may have at its top. `headings` are what people read above columns that were not asked
    for, `meanings` the words for what stands in them, by path. `resumed` tells that records of
    before stand in the stream already, with `header` as their columns if they have some. `validity`
    tells until when a signed URL is good.
    """

    columns: Sequence[str] | None = None
    chosen: Sequence[str] = ()
    fields: Sequence[str] = ()
    headings: Mapping[str, str] = MappingProxyType({})
    meanings: Mapping[str, Mapping[str, str]] = MappingProxyType({})
    show_signed_urls: bool = False
    resumed: bool = False
    header: Sequence[str] | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    validity: Callable[[datetime, datetime], str] = validity
    tell: Callable[[str], None] = lambda _: None
