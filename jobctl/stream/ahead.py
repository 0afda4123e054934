"""Pages that are fetched before they are needed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Lock
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from jobctl.models import Page
from jobctl.threads import Start, start

_T = TypeVar("_T")


SLOW = 0.02
"""Seconds: threads cost more than they gain where pages come sooner."""

_MANY = 8


class _Asked(NamedTuple, Generic[_T]):
    """A page that was asked for, and where it comes."""

    cursor: str | None
    answer: SimpleQueue[Page[_T] | BaseException]


class Ahead(Generic[_T]):
    """Has pages fetched on threads, `most` at once, and gives them in their order.

    Whenever a page is not there yet when it is needed, twice as many are under way from then on,
    and after a pause that the service wanted one more: so many are as come while the caller is busy
    with one, which depends on how far the service is. As many again may have come before their
    turn. `at_once` is how many that is now, which may be known from the pages before.
    """

    def __init__(
        self,
        fetch: Callable[[str | None], Page[_T]],
        most: int,
        start: Start = start,
        now: Callable[[], float] = monotonic,
        at_once: int = 1,
    ) -> None:
        self._fetch = fetch
        self._now = now
        self._quick = 0
        self._most = most
        self._start = start
        self.at_once = max(min(at_once, most), 1)
        self._slowed = False
        self._threads = 0
        self._lock = Lock()
        self._tasks: SimpleQueue[_Asked[_T] | None] = SimpleQueue()

    def slow_down(self) -> None:
        """Half as many at once from now on: the service wants a pause."""
        self.at_once = max(self.at_once // 2, 1)
        self._slowed = True

    def pages(
        self, planned: Iterator[str | None], upcoming: Callable[[], str | None]
    ) -> Iterator[Page[_T]]:
        """The planned pages, each when it has come, as long as it is the upcoming one.

        When many came quickly, no more are asked for: they need no threads.
        """
        asked: deque[_Asked[_T]] = deque()
        try:
            while True:
                self._ask(planned, asked)
                if not asked or asked[0].cursor != upcoming():
                    return
                if asked[0].answer.empty():
                    more = 1 if self._slowed else self.at_once
                    self.at_once = min(self.at_once + more, self._most)
                    self._ask(planned, asked)
                page = asked.popleft().answer.get()
                if isinstance(page, BaseException):
                    raise page
                self._ask(planned, asked)
                yield page
        finally:
            self.at_once = 0
            for _ in range(self._threads):
                self._tasks.put(None)

    def _ask(self, planned: Iterator[str | None], asked: deque[_Asked[_T]]) -> None:
        while len(asked) < 2 * self.at_once and self._quick < _MANY:
            try:
                task = _Asked(next(planned), SimpleQueue[Page[_T] | BaseException]())
            except StopIteration:
                return
            asked.append(task)
            with self._lock:
                wanted = self._threads < min(self.at_once, len(asked))
                self._threads += wanted and self._start(self._work) is not None
            if self._threads:
                self._tasks.put(task)
            else:
                self._do(task)

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            self._do(task)
            with self._lock:
                if self._threads > self.at_once:
                    self._threads -= 1
                    return

    def _do(self, task: _Asked[_T]) -> None:
        began = self._now()
        try:
            page: Page[_T] | BaseException = self._fetch(task.cursor)
        except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
            page = error
        self._quick = 0 if self._now() - began > SLOW else self._quick + 1
        task.answer.put(page)
