"""A clock that stands still, and a look at who waits."""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from jobctl.auth.renewal import Turn

InLine = Callable[[int], None]


@dataclass
class FakeClock:
    """A clock that moves when told."""

    time: float = 1_700_000_000.0

    def wall(self) -> float:
        return self.time


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def in_line() -> InLine:
    """Come back when so many threads wait for another to have asked."""

    def wait(number: int) -> None:
        pause = threading.Event()
        for _ in range(1000):
            frames = list(sys._current_frames().values())
            there = [one for one in frames if one.f_code is Turn.__enter__.__code__]
            if sum("seen" in one.f_locals for one in there) == number:
                return
            pause.wait(0.01)
        raise AssertionError("they do not wait")

    return wait
