"""Whoever looks at jobs: as many threads as there may be."""

from __future__ import annotations

import os
from collections.abc import Callable
from queue import SimpleQueue

from jobctl.stream.look import Look
from jobctl.threads import Start

# Descriptors that are left for all else: modules, files, a pipe.
_LEFT = 8


def room(most: int, each: int) -> int:
    """How many, `most` at most and one at least, can have so many descriptors each."""
    taken: list[int] = []
    try:
        while len(taken) < most * each + _LEFT:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass
    finally:
        for one in taken:
            os.close(one)
    return max((len(taken) - _LEFT) // each, 1)


class Workers:
    """Has looks done, `most` at once, on as many threads as it gets; without any, on the caller's.

    `busy` is how many looks are under way.
    """

    def __init__(self, do: Callable[[Look], None], most: int, start: Start) -> None:
        self._do = do
        self._most = most
        self._start = start
        self._threads = self._busy = 0
        self._tasks: SimpleQueue[Look | None] = SimpleQueue()

    @property
    def full(self) -> bool:
        """Whether there is nobody left for a further look."""
        return self._busy >= self._most

    def ready(self) -> bool:
        """Whether somebody is there for a further look, a new one if need be."""
        if self._busy < self._threads or self.full:
            return not self.full
        if self._start(self._work):
            self._threads += 1
            return True
        self._most = max(self._threads, 1)
        return not self.full

    def begin(self, look: Look) -> None:
        """Begin a look, for which somebody is ready."""
        self._busy += 1
        if self._threads:
            self._tasks.put(look)
        else:
            self._do(look)

    def answered(self) -> None:
        """A look is over."""
        self._busy -= 1

    def give_up(self, look: Look) -> None:
        """Go on without the thread that hangs in a look."""
        look.given_up = True
        self._busy -= 1
        self._threads = max(self._threads - 1, 0)

    def dismiss(self) -> None:
        """Nobody waits for a further look; with their threads go their connections."""
        for _ in range(self._threads):
            self._tasks.put(None)

    def _work(self) -> None:
        while look := self._tasks.get():
            self._do(look)
            if look.given_up:
                return  # another thread has taken this one's place
