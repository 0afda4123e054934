"""Walking over the pages of a list: every item once, in the service's order, always to an end."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from time import monotonic
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from jobctl.errors import UsageError
from jobctl.models import Page

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult, ThreadPool

_T = TypeVar("_T")

AHEAD = 4
"""So many pages are fetched while one is with the caller, where it is known that they are there."""

# Seconds for each of so many pages: threads cost more than they gain where answers come at once.
_SLOW, _IN_A_ROW = 0.02, 2


class Place(NamedTuple):
    """Where a walk stopped: so many items lie behind, counted from the page that it began with."""

    before: int = 0
    origin: str | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what `str` wrote.

        Raises:
            UsageError: it is something else.
        """
        before, _, origin = text.partition(".")
        if not re.fullmatch(r"\d{1,18}", before, re.ASCII) or not text.isprintable():
            raise UsageError(
                f"{text!r} is not a cursor", hint="give the one that an interrupted run told"
            )
        return cls(int(before), origin or None)

    def __str__(self) -> str:
        return str(self.before) if self.origin is None else f"{self.before}.{self.origin}"


class Walk(Generic[_T]):
    """The pages of a list, each with those of its items that did not come before.

    It ends where the service names no further page; when as many items have come as it announces;
    after a page on which every item is an old one; after two empty pages in a row; and with
    `limit`. While a page is with the caller, `place` is where it began; then, where it ended.

    A walk that goes on from a place reads what lies before it once more and gives none of it: only
    so it knows an item that comes a second time, on whatever page. If fewer items than that are
    there now, `behind` tells how many are not.

    `total` is what the service announces, until more than that come: then it is `disproved`.
    `firm` tells whether it is meant of just these items. `stuck` tells that the last page had
    nothing but old items, `over` that the walk has come to its end.
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Page[_T]],
        start: Place | None = None,
        *,
        limit: int | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        start = start or Place()
        self.total: int | None = None
        self.disproved: int | None = None
        self.firm = True
        self.stuck = self.over = False
        self.count = 0
        self.repeated = 0
        self.behind = start.before
        self._origin = start.origin
        self._before = start.before
        self._upcoming = start.origin
        self._fetch = fetch
        self._limit = limit
        self._now = now
        # 64 keyed bits of each key: a million keys themselves would not fit into the memory, and
        # two of a million fall together once in forty million runs
        self._seen: set[int] = set()

    @property
    def place(self) -> Place:
        """Where it stands, for another walk to go on from."""
        return Place(self._before + self.count, self._origin)

    @property
    def came(self) -> int:
        """How many items have come, those before the start among them."""
        return self._before - self.behind + self.count

    @property
    def missing(self) -> int:
        """How many of the announced items have not come."""
        return max((self.total or 0) - self.came, 0)

    def lack(self, items: str) -> str | None:
        """Why not all of the items came, or not surely all, if it is so; after the end."""
        if self.behind:
            return f"there are only {self.came} {items} now, and the cursor stands behind more"
        if self.missing:
            again = f", and {self.repeated} came twice" if self.repeated else ""
            return f"only {self.came} of {self.total} {items} came{again}"
        if self.stuck and self.total is None:
            return "the last page brought nothing new, and nobody says whether there is more"
        return None

    def __iter__(self) -> Iterator[Page[_T]]:
        yield from self._pages()
        self.over = True

    def _pages(self) -> Iterator[Page[_T]]:
        was_empty = False
        planned: Iterator[str | None] = iter((self._upcoming,))
        while True:
            for page in self._fetched(planned):
                following = iter(page.next)
                self._upcoming = next(following, None)
                self._origin = self._origin or page.origin
                new = self._new(page)
                if page.total is not None and self.disproved is None:
                    self.total, self.firm = page.total, page.firm
                known = min(self.behind, len(new))
                self.behind -= known
                items = new[known:]
                if self._limit is not None:
                    items = items[: self._limit - self.count]
                yield page._replace(items=items)
                self.count += len(items)
                if self.total is not None and self.came > self.total:
                    self.disproved, self.total = self.total, None
                self.stuck = bool(page.items) and not new
                if self.came == self.total or self.count == self._limit or self.stuck:
                    return
                if was_empty and not page.items:
                    return
                was_empty = not page.items
            if self._upcoming is None:
                return
            planned = chain((self._upcoming,), following)

    def _new(self, page: Page[_T]) -> Sequence[_T]:
        """The items of a page that did not come before."""
        if page.keys is None:
            return page.items
        hashes = set(map(hash, page.keys))
        if len(hashes) == len(page.items) and hashes.isdisjoint(self._seen):
            self._seen |= hashes
            return page.items
        new = []
        for key, item in zip(page.keys, page.items, strict=True):
            known = hash(key)
            if known in self._seen:
                self.repeated += 1
            else:
                self._seen.add(known)
                new.append(item)
        return new

    def _fetched(self, planned: Iterator[str | None]) -> Iterator[Page[_T]]:
        """The pages, in order, as long as each is the one that the one before it named as next.

        Of a slow service, some are fetched before they are needed.
        """
        slow = 0
        for cursor in planned:
            if cursor != self._upcoming:
                return
            began = self._now()
            page = self._fetch(cursor)
            slow = slow + 1 if self._now() - began > _SLOW else 0
            yield page
            if slow == _IN_A_ROW:
                yield from self._fetched_ahead(self._needed(planned, len(page.items) or 1))

    def _needed(self, planned: Iterator[str | None], size: int) -> Iterator[str | None]:
        """As many pages as the limit calls for, if all are of this size."""
        if self._limit is None:
            return planned
        return islice(planned, -(-(self._limit + self.behind - self.count) // size))

    def _fetched_ahead(self, planned: Iterator[str | None]) -> Iterator[Page[_T]]:
        known = list(islice(planned, 2))
        if len(known) < 2:
            if known == [self._upcoming]:
                yield self._fetch(self._upcoming)
            return
        from multiprocessing.pool import ThreadPool

        pool = ThreadPool(AHEAD)
        try:
            for cursor, result in self._under_way(chain(known, planned), pool):
                if cursor != self._upcoming:
                    return
                yield result.get()
        finally:
            pool.terminate()

    def _under_way(
        self, planned: Iterator[str | None], pool: ThreadPool
    ) -> Iterator[tuple[str | None, AsyncResult[Page[_T]]]]:
        """The pages as they were asked for, each when enough of the next have been."""
        asked: deque[tuple[str | None, AsyncResult[Page[_T]]]] = deque()
        for cursor in planned:
            asked.append((cursor, pool.apply_async(self._fetch, (cursor,))))
            if len(asked) > AHEAD:
                yield asked.popleft()
        yield from asked
