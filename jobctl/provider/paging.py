"""Lists in pages: where a page begins, and which pages follow it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote, unquote

from jobctl.errors import UsageError
from jobctl.models import Page, Record

COUNTED = ("page", "offset")
KINDS = (*COUNTED, "cursor", "url", "link")
"""What tells a service which page is meant: the number of a page, or of the records before it; what
the page before it named, be that a word, a URL, or a link in a header."""


class Cursor(NamedTuple):
    """Where a page begins: `at`, as `kind` counts or as the service named it.

    `size` is how many records it may have at most, `page` how many pages lie before it, `total` how
    many records the service has announced so far. `extra` is what a provider has to keep in mind.
    """

    kind: str
    at: str
    size: int
    page: int = 0
    total: int | None = None
    extra: str = ""

    @classmethod
    def parse(cls, text: str) -> Cursor:
        """Read what `str` wrote.

        Raises:
            UsageError: it is something else.
        """
        found = re.fullmatch(
            r"(\w{1,9})/([^/\s]*)/([1-9]\d{0,8})/(\d{1,9})/(\d{0,19})/([^/\s]*)", text, re.ASCII
        )
        if not found or (found[1] in COUNTED and not re.fullmatch(r"\d{1,18}", found[2], re.ASCII)):
            raise UsageError(f"{text!r} is not a cursor")
        total = int(found[5]) if found[5] else None
        return cls(
            found[1], unquote(found[2]), int(found[3]), int(found[4]), total, unquote(found[6])
        )

    def __str__(self) -> str:
        total = "" if self.total is None else self.total
        at, extra = quote(self.at, safe=""), quote(self.extra, safe="")
        return f"{self.kind}/{at}/{self.size}/{self.page}/{total}/{extra}"


class Part(NamedTuple):
    """What came of a page, and what the service says of the rest.

    `total` is how many records there are on all pages, `next` what the service names as the
    beginning of the next page, `more` whether there is more, each None where it does not say.
    """

    records: Sequence[Record]
    keys: Sequence[Hashable] | None = None
    total: int | None = None
    next: str | None = None
    more: bool | None = None

    def page(self, following: Iterable[Cursor]) -> Page[Record]:
        """All that came, as a page for a walk; a total that it disproves is not told."""
        total = None if self.total is not None and self.total < len(self.records) else self.total
        return Page(self.records, self.keys, map(str, following), total)


class Paging(NamedTuple):
    """How a service is asked for pages: one of `KINDS`, and the parameters that it goes by.

    `name` is the parameter that says where a page begins, `size` the one that says how many records
    it may have, at most `largest`; `first` is the number of the first page. No page begins behind
    so many records as `furthest`.
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
        return Cursor(self.kind, at, min(size or self.largest, self.largest), extra=extra)

    def resume(self, text: str) -> Cursor:
        """Where the page begins that a cursor names.

        Raises:
            UsageError: it names no page of such a list.
        """
        found = Cursor.parse(text)
        if found.kind != self.kind or found.size > self.largest:
            raise UsageError(f"{text!r} is not a cursor of this list")
        return found

    def asked(self, cursor: Cursor) -> Iterator[tuple[str, str]]:
        """The parameters that ask for a page; a URL that the service named is asked as it is."""
        if self.size:
            yield self.size, str(cursor.size)
        if self.name and cursor.at:
            yield self.name, cursor.at

    def after(self, cursor: Cursor, part: Part) -> Iterator[Cursor]:
        """Where the pages after this one begin, as far as that is known.

        Of those that are counted, as many as the total calls for, and one at least: a service may
        give fewer records than it was asked for, and a walk ends by itself when all have come.
        """
        came = len(part.records)
        total = part.total if cursor.total is None else cursor.total
        total = None if total is not None and total < came else total
        behind = cursor._replace(kind=self.kind, total=total)
        if part.more is False:
            return
        if self.kind not in COUNTED:
            if part.next:
                yield behind._replace(at=part.next, page=cursor.page + 1)
            return
        is_last = came < cursor.size and not part.more if total is None else came == total
        if is_last or not (came or total):
            return
        at, by_page = int(cursor.at), self.kind == "page"
        size = cursor.size if by_page else came or cursor.size
        known = 1
        # a page that is not full may be the last one, or all that the service gives at once
        if total and (by_page or came == cursor.size):
            before = (at - self.first) * size if by_page else at
            known = max(-(-(total - before) // size) - 1, 1)
        for ahead in range(1, known + 1):
            following = at + ahead * (1 if by_page else size)
            if self.furthest is not None and following > self.furthest:
                return
            yield behind._replace(at=str(following), page=cursor.page + ahead)
