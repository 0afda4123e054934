"""Walking over the pages of a list: every item once, in the service's order, always to an end."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import chain, islice
from time import monotonic
from typing import Generic, NamedTuple, TypeVar, cast

from jobctl.errors import UnavailableError, UsageError
from jobctl.models import Page
from jobctl.stream.ahead import SLOW, Ahead
from jobctl.stream.seen import Seen
from jobctl.stream.workers import room

_T = TypeVar("_T")
_AS_IT_IS = ("utf-8", "surrogatepass")

IN_FLIGHT = 8
"""So many pages may be under way at once, where it is known that they are there."""

# So many slow pages tell of a distance; and what a caller takes for a page at least, in seconds.
_IN_A_ROW, _SOONEST = 2, 0.001
# A connection's, and the other end's if that is the sandbox.
_DESCRIPTORS = 2


class Place(NamedTuple):
    """Where a walk stopped: so many items lie behind, counted from the page that it began with.

    `digest` is one of what identifies these items, in their order.
    """

    before: int = 0
    digest: str | None = None
    origin: str | None = None

    @classmethod
    def parse(cls, text: str) -> Place:
        """Read what `str` wrote.

        Raises:
            UsageError: it is something else.
        """
        found = re.fullmatch(r"(\d{1,18})(?:\.([0-9a-f]{12}))?(?:\.(\S+))?", text, re.ASCII)
        if not found or not text.isprintable():
            raise UsageError(
                f"{text!r} is not a cursor", hint="give the one that an interrupted run told"
            )
        return cls(int(found[1]), found[2], found[3])

    def __str__(self) -> str:
        return ".".join(str(part) for part in self if part is not None)


class Walk(Generic[_T]):
    """The pages of a list, each with those of its items that did not come before.

    It ends where the service names no further page; when as many items have come as it announces;
    after a page on which every item is an old one; after two empty pages in a row; and with
    `limit`. While a page is with the caller, `place` is where it begins, and `after` where it ends.

    A walk that goes on from a place reads what lies before it once more and gives none of it: only
    so it knows an item that comes a second time, on whatever page. If there are fewer items than
    that now, `behind` tells how many are not there; if they are others, the walk is `astray`.

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
        in_flight: int = IN_FLIGHT,
        now: Callable[[], float] = monotonic,
    ) -> None:
        start = start or Place()
        self.total: int | None = None
        self.disproved: int | None = None
        self.firm = True
        self.stuck = self.over = self.astray = False
        self.count = 0
        self.repeated = 0
        self.behind = start.before
        self.place = self.after = start
        self._start = start
        self._digest = blake2b(digest_size=6)
        self._upcoming = start.origin
        self._fetch = fetch
        self._in_flight = in_flight
        self._slow = 0
        self._ahead: Ahead[_T] | None = None
        self._limit = limit
        self._now = now
        self._seen = Seen()
        self._wanted = math.inf if limit is None else start.before + limit

    def slow_down(self) -> None:
        """Ask for fewer pages at once: the service wants a pause."""
        if self._ahead is not None:
            self._ahead.slow_down()

    @property
    def came(self) -> int:
        """How many items have come, those before the start among them."""
        return self._start.before - self.behind + self.count

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
                if page.total is not None and self.disproved is None:
                    self.total, self.firm = page.total, page.firm
                    self._seen.expected = min(page.total, self._wanted)
                new, keys = self._new(page)
                known = min(self.behind, len(new))
                if known:
                    self._pass(keys[:known])
                items = new[known:] if known else new
                if self._limit is not None:
                    items = items[: self._limit - self.count]
                self._advance(page, len(items), keys[known : known + len(items)])
                yield page if items is page.items else page._replace(items=items)
                self.count += len(items)
                self.place = self.after
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

    def _pass(self, keys: Sequence[Hashable]) -> None:
        """Pass items that an earlier walk has brought.

        Raises:
            UnavailableError: they are others.
        """
        self._digest.update(_text(keys))
        self.behind -= len(keys)
        if not self.behind and self._start.digest not in (None, self._digest.hexdigest()):
            self.astray = True
            raise UnavailableError(
                "what lies before the cursor is not what has come", hint="begin anew"
            )

    def _advance(self, page: Page[_T], number: int, keys: Sequence[Hashable]) -> None:
        if number:
            self._digest.update(_text(keys))
        before = self.place.before + number
        digest = self._digest.hexdigest() if before and not self.behind else self.place.digest
        self.after = Place(before, digest, self.place.origin or page.origin)

    def _new(self, page: Page[_T]) -> tuple[Sequence[_T], Sequence[Hashable]]:
        """The items of a page that did not come before, and what identifies them."""
        if page.keys is None:
            return page.items, ("",) * len(page.items)
        new = self._seen.add(page.keys)
        if len(new) == len(page.items):
            return page.items, page.keys
        self.repeated += len(page.items) - len(new)
        return [page.items[at] for at in new], [page.keys[at] for at in new]

    def _fetched(self, planned: Iterator[str | None]) -> Iterator[Page[_T]]:
        """The pages, in order, as long as each is the one that the one before it named as next.

        Of a slow service, some are fetched before they are needed.
        """
        for cursor in planned:
            if cursor != self._upcoming:
                return
            began = self._now()
            page = self._fetch(cursor)
            came = self._now()
            self._slow = self._slow + 1 if came - began > SLOW else 0
            yield page
            if self._slow >= _IN_A_ROW:
                needed = self._needed(planned, len(page.items) or 1)
                # so many come while the caller is busy with one
                number = (came - began) / max(self._now() - came, _SOONEST)
                most = room(self._in_flight, _DESCRIPTORS)
                self._ahead = Ahead(self._fetch, most, now=self._now, at_once=int(number))
                yield from self._ahead.pages(needed, lambda: self._upcoming)
                self._slow = 0

    def _needed(self, planned: Iterator[str | None], size: int) -> Iterator[str | None]:
        """As many pages as the limit calls for, if all are of this size."""
        if self._limit is None:
            return planned
        return islice(planned, -(-(self._limit + self.behind - self.count) // size))


def _text(keys: Sequence[Hashable]) -> bytes:
    """What identifies items, one after the other, whatever pages they came on."""
    with suppress(TypeError):  # nearly always they are texts
        return ("\n".join(cast("Sequence[str]", keys)) + "\n").encode(*_AS_IT_IS)
    parts = (key if isinstance(key, bytes) else str(key).encode(*_AS_IT_IS) for key in keys)
    return b"".join(part + b"\n" for part in parts)
