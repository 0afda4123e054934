"""Walking over the pages of a list: every item once, in the service's order, always to an end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from time import monotonic
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from jobctl.errors import UsageError
from jobctl.models import Page

if TYPE_CHECKING:
    from multiprocessing.pool import AsyncResult

_T = TypeVar("_T")

AHEAD = 4
"""So many pages are fetched while one is with the caller, where it is known that they are there."""

# Seconds for each of so many pages: threads cost more than they gain where answers come at once.
_SLOW, _IN_A_ROW = 0.02, 2


class Place(NamedTuple):
    """Where a walk stands: at which page, how many of its items lie behind, and how many in all."""

    page: str | None = None
    passed: int = 0
    before: int = 0

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what `str` wrote.

        Raises:
            UsageError: it is something else.
        """
        before, _, rest = text.partition(".")
        passed, dot, page = rest.partition(".")
        if not (before.isdecimal() and passed.isdecimal() and dot and text.isprintable()):
            raise UsageError(
                f"{text!r} is not a cursor", hint="give the one that an interrupted run told"
            )
        return cls(page or None, int(passed), int(before))

    def __str__(self) -> str:
        return f"{self.before}.{self.passed}.{self.page or ''}"


class Walk(Generic[_T]):
    """The pages from a place on, each with those of its items that did not come before.

    It ends where the service names no further page; when as many items have come as it announces;
    after a page on which every item is an old one; after two empty pages in a row; and with
    `limit`. While a page is with the caller, `place` is where it began; then, where it ended.

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
        self.place = start or Place()
        self.total: int | None = None
        self.disproved: int | None = None
        self.firm = True
        self.stuck = self.over = False
        self.count = 0
        self.repeated = 0
        self._fetch = fetch
        self._limit = limit
        self._now = now
        # 64 keyed bits of each key: a million keys themselves would not fit into the memory, and
        # two of a million fall together once in forty million runs
        self._seen: set[int] = set()

    @property
    def missing(self) -> int:
        """How many of the announced items have not come, after the end."""
        return max((self.total or 0) - self.place.before, 0)

    def __iter__(self) -> Iterator[Page[_T]]:
        yield from self._pages()
        self.over = True

    def _pages(self) -> Iterator[Page[_T]]:
        cursors: Iterator[str | None] = iter((self.place.page,))
        passed = self.place.passed
        was_empty = False
        while True:
            following: Iterable[str] = ()
            for cursor, page in self._fetched(cursors):
                self.place = Place(cursor, passed, self.place.before)
                items, end = self._new(page, passed)
                if page.total is not None and self.disproved is None:
                    self.total, self.firm = page.total, page.firm
                yield page._replace(items=items)
                self.count += len(items)
                self.place = Place(cursor, end, self.place.before + len(items))
                if self.total is not None and self.place.before > self.total:
                    self.disproved, self.total = self.total, None
                self.stuck = bool(page.items) and not items and not passed
                if self._is_over() or self.stuck or (was_empty and not page.items):
                    return
                was_empty, passed, following = not page.items, 0, page.next
            cursors = iter(following)
            first = next(cursors, None)
            if first is None:
                return
            cursors = chain((first,), cursors)

    def _is_over(self) -> bool:
        announced = self.total is not None and self.place.before >= self.total
        return announced or (self._limit is not None and self.count >= self._limit)

    def _new(self, page: Page[_T], passed: int) -> tuple[Sequence[_T], int]:
        """The items that are new and not passed, up to the limit; and how many are passed then."""
        room = None if self._limit is None else self._limit - self.count
        if page.keys is None:
            items = page.items[passed:][:room]
            return items, passed + len(items)
        seen, fresh, at = self._seen, [], 0
        hashes = set(map(hash, page.keys))
        ordinary = len(hashes) == len(page.items) and not passed and hashes.isdisjoint(seen)
        if ordinary and (room is None or room >= len(page.items)):
            seen |= hashes
            return page.items, len(page.items)
        for at, (key, item) in enumerate(zip(page.keys, page.items, strict=True), 1):
            known = hash(key)
            if known not in seen:
                seen.add(known)
                if at <= passed:
                    continue
                fresh.append(item)
                if len(fresh) == room:
                    break
            else:
                self.repeated += 1
        return fresh, at

    def _fetched(self, cursors: Iterable[str | None]) -> Iterator[tuple[str | None, Page[_T]]]:
        """The pages, in order; of a slow service, some are fetched before they are needed."""
        cursors = iter(cursors)
        slow = 0
        for cursor in cursors:
            began = self._now()
            page = self._fetch(cursor)
            slow = slow + 1 if self._now() - began > _SLOW else 0
            yield cursor, page
            if slow == _IN_A_ROW:
                yield from self._fetched_ahead(cursors)

    def _fetched_ahead(
        self, cursors: Iterator[str | None]
    ) -> Iterator[tuple[str | None, Page[_T]]]:
        known = list(islice(cursors, 2))
        if len(known) < 2:
            for cursor in known:
                yield cursor, self._fetch(cursor)
            return
        from multiprocessing.pool import ThreadPool

        pool = ThreadPool(AHEAD)
        under_way: deque[tuple[str | None, AsyncResult[Page[_T]]]] = deque()
        try:
            for cursor in chain(known, cursors):
                under_way.append((cursor, pool.apply_async(self._fetch, (cursor,))))
                if len(under_way) > AHEAD:
                    oldest, result = under_way.popleft()
                    yield oldest, result.get()
            for cursor, result in under_way:
                yield cursor, result.get()
        finally:
            pool.terminate()
