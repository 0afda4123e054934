"""Time that tests move."""

import heapq
import threading
from collections.abc import Callable
from itertools import count
from queue import Queue
from typing import Any

from jobctl.clock import Clock


def slow() -> Callable[[], float]:
    """A clock by which everything takes a second."""
    seconds = count()
    return lambda: float(next(seconds))


class Hand(Clock):
    """Reads what it is told, so many times as fast."""

    def __init__(self, reads: Callable[[], float], speed: float = 1.0) -> None:
        self.reads = reads
        self.speed = speed

    def now(self) -> float:
        return self.reads() * self.speed

    def wall(self) -> float:
        return self.reads()


class SimulatedClock(Clock):
    """Time that passes only by waiting; an answer that is under way comes first."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.hang = False

    def now(self) -> float:
        return self.time

    def wall(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds

    def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:
        if busy and not self.hang:
            return inbox.get(timeout=10)
        self.time += max(seconds, 0.001)
        return None


class FastClock(SimulatedClock):
    """Pauses take no time; on the wall it is as late as it is."""

    def wall(self) -> float:
        return Clock().wall()


class HangingClock(SimulatedClock):
    """Three seconds pass while looks hang; then it is `over`, and they are waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:
        if self.time < 1003.0:
            self.time += 1.0
            return None
        self.over.set()
        return super().wait(inbox, seconds, busy=busy)


class DistantClock(SimulatedClock):
    """The same for a service that is so many seconds away, there and back."""

    def __init__(self, away: float) -> None:
        super().__init__()
        self.away = away
        self.due: list[tuple[float, int, Any]] = []
        self.order = count()

    def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:
        while len(self.due) < busy:
            look = inbox.get(timeout=10)
            heapq.heappush(self.due, (look.began + self.away, next(self.order), look))
        if self.due and self.due[0][0] <= self.time + seconds:
            moment, _, look = heapq.heappop(self.due)
            self.time = max(self.time, moment)
            return look
        return super().wait(inbox, seconds, busy=0)
