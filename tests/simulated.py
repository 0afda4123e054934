"""Time that tests move."""

import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from jobctl.stream.clock import Answer, Clock, Inbox


def slow() -> Callable[[], float]:
    """A clock by which everything takes a second."""
    seconds = count()
    return lambda: float(next(seconds))


class SimulatedClock(Clock):
    """Time that passes only by waiting; an answer that is under way comes first."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.hang = False

    def now(self) -> float:
        return self.time

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def wait(self, inbox: Inbox, seconds: float, *, busy: int) -> Answer | None:
        if busy and not self.hang:
            return inbox.get(timeout=10)
        self.time += max(seconds, 0.001)
        return None


class DistantClock(SimulatedClock):
    """The same for a service that is so many seconds away, there and back."""

    def __init__(self, away: float) -> None:
        super().__init__()
        self.away = away
        self.due: list[tuple[float, int, Answer]] = []
        self.order = count()

    def wait(self, inbox: Inbox, seconds: float, *, busy: int) -> Answer | None:
        while len(self.due) < busy:
            answer = inbox.get(timeout=10)
            comes = (answer.look.began + self.away, next(self.order), answer)
            heapq.heappush(self.due, comes)
        if self.due and self.due[0][0] <= self.time + seconds:
            moment, _, answer = heapq.heappop(self.due)
            self.time = max(self.time, moment)
            return answer
        return super().wait(inbox, seconds, busy=0)
