"""What the jobs of one service share: the order of looks, their pace, a pause it asked for."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator

from jobctl.stream.look import Look
from jobctl.stream.rate import Rate
from jobctl.stream.workers import Workers

IN_FLIGHT = 32
# So many looks a second at most at jobs that were looked at before.
PER_SECOND = 50.0
# A turn that comes late by no more than this is made up for.
_LATE = 0.005
# Retry-After counts whole seconds: nobody can ask for less.
_SHORTEST = 1.0


class Host:
    """Plans the looks at the jobs of one service and has them done: `most` at once.

    `heard` tells whether anybody has ever answered there.
    """

    def __init__(self, workers: Workers, per_second: float, most: int) -> None:
        self.jobs = 0
        self.in_flight = 0
        self.heard = False
        self._most = most
        self._workers = workers
        self._new: set[int] = set()
        self._turn = -math.inf
        self._due: list[tuple[float, int]] = []
        self._rate = Rate()
        self._per_second = per_second
        self._quiet_until = -math.inf

    @property
    def round(self) -> float:
        """How long it takes to look at every job once."""
        return self.jobs / self._pace(new=False)

    def add(self, which: int, moment: float) -> None:
        """A further job: its first look is as soon as the service bears it."""
        self.jobs += 1
        self._new.add(which)
        self.plan(which, moment)

    def plan(self, which: int, moment: float) -> None:
        """Look at a job at that moment, or when the service has had its pause."""
        heapq.heappush(self._due, (max(moment, self._quiet_until), which))

    def next(self) -> float:
        """When a look can begin."""
        if not self._due or self.in_flight == self._most or self._workers.full:
            return math.inf
        return max(self._due[0][0], self._turn)

    def begin(self, now: float) -> Iterator[Look]:
        """Begin the looks that are due."""
        while self.next() <= now and self._workers.ready():
            look = Look(heapq.heappop(self._due)[1], now)
            pause = 1 / self._pace(new=look.which in self._new)
            self._turn = max(self._turn, now - _LATE) + pause
            self._new.discard(look.which)
            self._rate.begun(now)
            self.in_flight += 1
            self._workers.begin(look)
            yield look

    def answered(self, *, well: bool) -> None:
        """A look is over."""
        self.in_flight -= 1
        self._workers.answered()
        if well:
            self._rate.answered()

    def give_up(self, look: Look) -> None:
        """Go on without a look that hangs."""
        self.in_flight -= 1
        self._workers.give_up(look)

    def refused(self, look: Look, now: float, pause: float, usual: Callable[[int], float]) -> None:
        """Ask less from now on, and nothing at all for as long as the service wants it.

        The shortest pause, told where refusals are rare, is kept by the job alone that was refused.
        """
        self._rate.refused(look.began, now)
        if self._rate.rare and pause <= _SHORTEST:
            return
        self._quiet_until = max(self._quiet_until, now + pause)
        self.spread(self._quiet_until, usual)

    def spread(self, moment: float, usual: Callable[[int], float]) -> None:
        """Let what is due before the moment follow it in turn, each within its usual pause."""
        late = sorted(one for one in self._due if one[0] < moment)
        self._due = [one for one in self._due if one[0] >= moment]
        for index, (_, which) in enumerate(late):
            self._due.append((moment + usual(which) * index / len(late), which))
        heapq.heapify(self._due)

    def _pace(self, *, new: bool) -> float:
        return self._rate.value if new else min(self._rate.value, self._per_second)
