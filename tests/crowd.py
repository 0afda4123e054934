"""Many jobs of one service, with time that tests move."""

import random
import threading
from collections import Counter
from collections.abc import Callable

from simulated import SimulatedClock

from jobctl.errors import JobctlError
from jobctl.models import Job, JobRef, JobState
from jobctl.stream.watch import Event, Limits, Target, watch

REF = JobRef("cognite", ("1",))
RUNNING = Job(ref=REF, state=JobState.RUNNING, status=None)
DONE = Job(ref=REF, state=JobState.SUCCEEDED, status=None)

Say = Callable[[int, float], Job | JobctlError]


def still(which: int, now: float) -> Job:
    """A job that does not change."""
    return RUNNING


class Together:
    """Those who meet wait until so many have come; notes how many were there at the most."""

    def __init__(self, number: int) -> None:
        self._lock, self._others = threading.Lock(), threading.Barrier(number)
        self._inside = self.most = 0

    def meet(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
        self._others.wait(10)
        with self._lock:
            self._inside -= 1


class Crowd:
    """Jobs, all alike but for what is said of them; notes which was asked when."""

    def __init__(self, number: int, say: Say = still, clock: SimulatedClock | None = None) -> None:
        self.clock = clock or SimulatedClock()
        self.asked: list[tuple[float, int]] = []
        self.targets = [
            Target(REF, self._look(which, say), host=self.host(which)) for which in range(number)
        ]

    @staticmethod
    def host(which: int) -> str:
        return "service"

    def _look(self, which: int, say: Say) -> Callable[[], Job]:
        def look() -> Job:
            now = self.clock.time - 1000
            self.asked.append((now, which))
            said = say(which, now)
            if isinstance(said, JobctlError):
                raise said
            return said

        return look

    def wait(self, **limits: float) -> list[Event]:
        chance = random.Random(5)
        return list(watch(self.targets, Limits(**limits), self.clock, chance))

    @property
    def took(self) -> float:
        return self.clock.time - 1000

    def times(self, which: int) -> list[float]:
        return [now for now, one in self.asked if one == which]

    def most_within(self, seconds: float, after: float, before: float = 1e9) -> int:
        parts = Counter(int(now / seconds) for now, _ in self.asked if after <= now < before)
        return max(parts.values())
