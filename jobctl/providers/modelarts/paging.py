"""Pages whose offsets may count pages or records: the vendor's page leaves it open."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from itertools import compress, islice
from typing import NamedTuple

from jobctl.errors import UsageError
from jobctl.models import Page, Record
from jobctl.provider import Cursor, Paging, Part

_PAGES = Paging("page", "offset", "limit", first=0)
_RECORDS = Paging("offset", "offset", "limit")
_UNSURE = "auto"
_COUNTED = {"page": _PAGES, "offset": _RECORDS}


def begin(mode: str, size: int, version: str = "") -> Cursor:
    """The first page, where offsets count as the setting `offset_mode` says."""
    counted = _RECORDS if mode == "record" else _PAGES
    cursor = counted.start(size, version)
    return cursor._replace(kind=_UNSURE) if mode == _UNSURE else cursor


def resume(text: str) -> Cursor:
    """The page that a cursor names.

    Raises:
        UsageError: it is not one of these pages.
    """
    found = Cursor.parse(text)
    unsure = found.kind == _UNSURE and found.at in ("0", "1")
    if not (unsure or found.kind in _COUNTED) or not 0 < found.size <= _PAGES.largest:
        raise UsageError(f"{text!r} is not a cursor of modelarts")
    return found


def asked(cursor: Cursor) -> Iterator[tuple[str, str]]:
    """The parameters that ask for a page."""
    return _PAGES.asked(cursor)


class Turn(NamedTuple):
    """A page as it came, and where it turned out to begin."""

    cursor: Cursor
    part: Part[Record]

    def following(self) -> Iterator[Cursor]:
        """Where the pages after this one begin, as far as that is known; `has_more` says nothing.

        Only beside the first page can the second tell what offsets count.
        """
        if self.cursor.kind != _UNSURE:
            yield from _COUNTED[self.cursor.kind].after(*self)
        elif self.part.records:
            yield from (one._replace(kind=_UNSURE) for one in islice(_PAGES.after(*self), 1))
        else:
            yield from _PAGES.after(*self)

    def page(self) -> Page[Record]:
        """All that came, as a page for a walk."""
        return self.part.page(self.following())


def turn(cursor: Cursor, at: Callable[[Cursor], Part[Record]]) -> Turn:
    """The page at a cursor, which `at` asks for.

    If offsets count records, the first two pages share all but one.
    """
    if cursor.kind != _UNSURE or cursor.at == "0":
        return Turn(cursor, at(cursor))
    first, second = at(cursor._replace(at="0")), at(cursor)
    repeated = set(first.keys or ()) & set(second.keys or ())
    if len(repeated) * 2 <= len(second.records):
        return Turn(cursor._replace(kind="page"), second)
    cursor = cursor._replace(kind="offset", at=str(len(first.records)))
    return Turn(cursor, at(cursor))


def first_fitting(
    fetch: Callable[[Cursor], Turn], cursor: Cursor, fits: Callable[[Record], bool]
) -> Page[Record]:
    """The first page from a cursor on with records that fit, and only these.

    A service that honours the filter gives no others. One that ignores it may give pages on which
    nothing fits, and a walk would take those for the end.
    """
    seen: set[Hashable] = set()
    while True:
        turned = fetch(cursor)
        records, keys = turned.part.records, turned.part.keys or ()
        fitting = [fits(record) for record in records]
        after = list(islice(turned.following(), 1))
        if any(fitting) or not after or seen.issuperset(keys):
            break
        seen.update(keys)
        cursor = after[0]
    ignored = not all(fitting)
    return Page(
        list(compress(records, fitting)),
        keys=list(compress(keys, fitting)),
        next=map(str, after),
        # an empty page does not tell of what its count is
        total=turned.page().total if fitting and not ignored else None,
        notes=("the service ignores the filter: jobctl has chosen",) if ignored else (),
    )
