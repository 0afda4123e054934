"""Lists in pages: where a page begins, and which pages follow it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qsl, quote, unquote, urlencode

from jobctl.errors import UsageError
from jobctl.models import Page

_T = TypeVar("_T")

COUNTED = ("page", "offset")
_CURSOR = re.compile(
    r"(\w{1,9})/([^/\s]*)/(\d{1,9})/(\d{1,9})/(\d{1,19})/(\d{0,19})/([^/\s]*)", re.ASCII
)
_COUNT = re.compile(r"\d{1,18}", re.ASCII)
KINDS = (*COUNTED, "cursor", "url", "link")
"""What tells a service which page is meant: the number of a page, or of the records before it; what
the page before it named, be that a word, a URL, or a link in a header."""


class Cursor(NamedTuple):
    """Where a page begins: `at`, as `kind` counts or as the service named it.

    `size` is how many records it may have at most, 0 where nobody says. So many pages with so many
    records lie before it as `page` and `came` say, and `total` is how many there are, as far as the
    service has told. `extra` is what a provider has to keep in mind.
    """

    kind: str
    at: str
    size: int
    page: int = 0
    came: int = 0
    total: int | None = None
    extra: str = ""

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read what `str` wrote.

        Raises:
            UsageError: it is something else.
        """
        found = _CURSOR.fullmatch(text)
        if not found or (found[1] in COUNTED and not _COUNT.fullmatch(found[2])):
            raise UsageError(f"{text!r} is not a cursor")
        kind, at, size, page, came, total, extra = found.groups()
        counts = int(size), int(page), int(came), int(total) if total else None
        return cls(kind, unquote(at), *counts, unquote(extra))

    def __str__(self) -> str:
        kind, at, size, page, came, total, extra = self
        counts = f"{size}/{page}/{came}/{'' if total is None else total}"
        return f"{kind}/{quote(at, safe='')}/{counts}/{quote(extra, safe='')}"


class Part(NamedTuple, Generic[_T]):
    """What came of a page, and what the service says of the rest.

    `total` is how many records there are on all pages, `next` what the service names as the
    beginning of the next page, `more` whether there is more, each None where it does not say.
    """

    records: Sequence[_T]
    keys: Sequence[Hashable] | None = None
    total: int | None = None
    next: str | None = None
    more: bool | None = None

    def page(self, following: Iterable[Cursor]) -> Page[_T]:
        """All that came, as a page for a walk; a total that it disproves is not told."""
        total = None if self.total is not None and self.total < len(self.records) else self.total
        return Page(self.records, self.keys, map(str, following), total)


class Paging(NamedTuple):
    """How a service is asked for pages: one of `KINDS`, and the parameters that it goes by.

    `name` is the parameter that says where a page begins, `size` the one that says how many records
    it may have, at most `largest`, where that is not 0; `first` is the number of the first page. No
    page begins behind so many records as `furthest`.
    """

    kind: str
    name: str = ""
    size: str = ""
    largest: int = 100
    first: int = 1
    furthest: int | None = None

    def start(self, size: int | None = None, extra: str = "") -> Cursor:
        """Where the first page begins, of at most so many records."""
        at = {"page": str(self.first), "offset": "0"}.get(self.kind, "")
        told = [one for one in (size, self.largest) if one] if self.size else []
        return Cursor(self.kind, at, min(told, default=0), extra=extra)

    def resume(self, text: str) -> Cursor:
        """Where the page begins that a cursor names.

        Raises:
            UsageError: it names no page of such a list.
        """
        found = Cursor.parse(text)
        least, most = bool(self.size and self.largest), self.largest or found.size
        if found.kind != self.kind or not least <= found.size <= most:
            raise UsageError(f"{text!r} is not a cursor of this list")
        return found

    def asked(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        """The parameters that ask for a page; a URL that the service named is asked as it is."""
        if self.size and cursor.size:
            yield self.size, str(cursor.size)
        if self.name and cursor.at:
            yield self.name, cursor.at

    def following(self, url: str, part: Part[Any]) -> str | None:
        """The URL of the page after the one that came of a URL; None where there is none."""
        place, _, query = url.partition("?")
        told = parse_qsl(query, keep_blank_values=True)
        asked, start = dict(told), self.start()
        at = asked.get(self.name, start.at) if self.name else start.at
        if self.kind in COUNTED and not _COUNT.fullmatch(at):
            return None
        size = asked.get(self.size, "")
        came = int(at) if self.kind == "offset" else 0
        if part.total is not None and came + len(part.records) >= part.total:
            return None  # a walk would see for itself that all have come
        cursor = Cursor(self.kind, at, int(size) if _COUNT.fullmatch(size) else 0, came=came)
        upcoming = next(self.after(cursor, part), None)
        if upcoming is None or self.kind in ("url", "link"):
            return upcoming and upcoming.at
        others = [(name, value) for name, value in told if name != self.name]
        return f"{place}?{urlencode([*others, (self.name, upcoming.at)])}"

    def after(self, cursor: Cursor, part: Part[Any]) -> Iterator[Cursor]:
        """Where the pages after this one begin, as far as that is known.

        Of those that are counted, as many as the total calls for, and one at least: a record may
        come twice, and a walk ends by itself when all have come. A total that is less than what
        came is not believed.
        """
        number, by_page = len(part.records), self.kind == "page"
        came = cursor.came + number
        total = cursor.total if part.total is None else part.total
        total = None if total is not None and total < came else total
        behind = cursor._replace(kind=self.kind, page=cursor.page + 1, came=came, total=total)
        if part.more is False or number == total:
            return
        if self.kind not in COUNTED:
            if part.next:
                yield behind._replace(at=part.next)
            return
        size = cursor.size or number
        is_last = not number or (number < size and not part.more)
        if (is_last and total is None) or not size:
            return
        step = 1 if by_page else number or size
        # a page that is not full may be the last one, or all that the service gives at once
        left = 0 if total is None or number < size else total - came
        for ahead in range(max(-(-left // size), 1)):
            at = int(cursor.at) + (ahead + 1) * step
            if self.furthest is not None and at > self.furthest:
                return
            yield behind._replace(at=str(at), page=behind.page + ahead, came=came + ahead * size)
