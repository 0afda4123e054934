"""A clock that stands still, and a look at who waits."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from jobctl.auth.renewal import Turn
from jobctl.clock import Clock


@dataclass
class FakeClock(Clock):
    """A clock that moves when told."""

    time: float = 1_700_000_000.0

    def now(self) -> float:
        return self.time

    def wall(self) -> float:
        return self.time


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Held:
    """An answer that comes when it is let go."""

    def __init__(self) -> None:
        self._asked, self._let_go = threading.Event(), threading.Event()

    def wait(self) -> None:
        """In whoever answers: it is asked, and waits."""
        self._asked.set()
        assert self._let_go.wait(10)

    def shared(self, ask: Callable[[], None]) -> None:
        """Four threads ask; the answer comes when one has asked and three wait for it."""
        threads = [threading.Thread(target=ask) for _ in range(4)]
        threads[0].start()
        assert self._asked.wait(10)
        for thread in threads[1:]:
            thread.start()
        _in_line(3)
        self._let_go.set()
        for thread in threads:
            thread.join(10)


def _in_line(number: int) -> None:
    """Come back when so many threads wait for another to have asked."""
    pause = threading.Event()
    for _ in range(1000):
        frames = list(sys._current_frames().values())
        there = [one for one in frames if one.f_code is Turn.__enter__.__code__]
        if sum("seen" in one.f_locals for one in there) == number:
            return
        pause.wait(0.01)
    raise AssertionError("they do not wait")


@pytest.fixture
def held() -> Held:
    return Held()
