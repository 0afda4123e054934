"""Pages whose offsets may count pages or records: the vendor's page leaves it open."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from itertools import compress, islice
from typing import NamedTuple
from urllib.parse import quote, unquote

from jobctl import payload
from jobctl.errors import UsageError
from jobctl.models import Page, Record
from jobctl.record import Unpacked


class Place(NamedTuple):
    """Where a page begins: at an offset that counts pages or records, as `mode` says.

    With `auto` it is not known which. `version` is the one taken where the reference names none.
    """

    mode: str
    offset: int
    limit: int
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what `str` wrote.

        Raises:
            UsageError: it is something else.
        """
        pattern = r"(auto|page|record)\.(\d{1,18})\.([1-9]\d?|100)(?:\.(\S+))?"
        found = re.fullmatch(pattern, text, re.ASCII)
        if not found:
            raise UsageError(f"{text!r} is not a cursor of modelarts")
        return cls(found[1], int(found[2]), int(found[3]), unquote(found[4] or ""))

    def __str__(self) -> str:
        place = f"{self.mode}.{self.offset}.{self.limit}"
        return f"{place}.{quote(self.version, safe='')}" if self.version else place

    def page(self) -> int:
        """The number of the page, from 0."""
        return self.offset // self.limit if self.mode == "record" else self.offset


class Part(NamedTuple):
    """A page as it came, at the place that it turned out to be."""

    place: Place
    found: Unpacked

    @property
    def total(self) -> int | None:
        """How many there are on all pages; what this page disproves is not told."""
        total = payload.count(self.found.total)
        return None if total is None or total < len(self.found.records) else total

    def following(self) -> Iterator[Place]:
        """Where the pages after this one begin, as far as that is known; `has_more` says nothing.

        All that `total` calls for and one at least: a service may give fewer than asked.
        """
        place, total, came = self.place, self.total, len(self.found.records)
        if came == total or (total is None and came < place.limit):
            return
        if place.mode == "auto" and came:
            yield place._replace(offset=1)
        elif place.mode == "record":
            # a page that is not full may be the last one, or all that the service gives at once
            step = came or place.limit
            end = total if total and came == place.limit else 0
            for offset in range(place.offset + step, max(end, place.offset + step + 1), step):
                yield place._replace(offset=offset)
        else:
            pages = -(-(total or 0) // place.limit)
            for offset in range(place.offset + 1, max(pages, place.offset + 2)):
                yield place._replace(mode="page", offset=offset)

    def page(self) -> Page[Record]:
        """All that came, as a page for a walk."""
        found = self.found
        return Page(found.records, found.keys, map(str, self.following()), total=self.total)


def read_part(place: Place, at: Callable[[int], Unpacked]) -> Part:
    """The page at a place; `at` asks for an offset.

    Only beside the first page can the second tell what offsets count: if they count records, the
    two share all but one.
    """
    if place.mode != "auto" or not place.offset:
        return Part(place, at(place.offset))
    first, second = at(0), at(1)
    repeated = set(first.keys) & set(second.keys)
    if len(repeated) * 2 <= len(second.keys):
        return Part(place._replace(mode="page"), second)
    place = place._replace(mode="record", offset=len(first.keys))
    return Part(place, at(place.offset))


def first_fitting(
    fetch: Callable[[Place], Part], place: Place, fits: Callable[[Record], bool]
) -> Page[Record]:
    """The first page from a place on with records that fit, and only these.

    A service that honours the filter gives no others. One that ignores it may give pages on which
    nothing fits, and a walk would take those for the end.
    """
    seen: set[Hashable] = set()
    while True:
        part = fetch(place)
        records, keys = part.found.records, part.found.keys
        fitting = [fits(record) for record in records]
        after = list(islice(part.following(), 1))
        if any(fitting) or not after or seen.issuperset(keys):
            break
        seen.update(keys)
        place = after[0]
    ignored = not all(fitting)
    # an empty page does not tell of what its count is
    total = part.total if fitting and not ignored else None
    return Page(
        list(compress(records, fitting)),
        keys=list(compress(keys, fitting)),
        next=map(str, after),
        total=total,
        notes=("the service ignores the filter: jobctl has chosen",) if ignored else (),
    )
