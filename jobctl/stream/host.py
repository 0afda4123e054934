"""What the jobs of one service share: threads, the order of looks, and a pause it asked for."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread

from jobctl.models import Job
from jobctl.stream.clock import Answer, Inbox, Look

IN_FLIGHT = 32
# Looks a second at jobs that were looked at before, and what that comes down to for a service that
# has enough of them; each answer lets it rise again.
PER_SECOND, _LEAST, _GAIN = 50.0, 1.0, 0.01


class Host:
    """Plans the looks at the jobs of one service and has them done: `most` at once.

    The threads are daemons, which end with the program: nothing waits for one that hangs.
    """

    def __init__(self, look: Callable[[int], Job], inbox: Inbox, rate: float, most: int) -> None:
        self.jobs = 0
        self._most = most
        self._look = look
        self._inbox = inbox
        self._new = 0
        self._turn = -math.inf
        self._due: list[tuple[float, int]] = []
        self._tasks: SimpleQueue[Look] = SimpleQueue()
        self._threads = 0
        self._in_flight = 0
        self._rate = self._full = rate
        self._quiet_until = -math.inf

    @property
    def round(self) -> float:
        """How long it takes to look at every job once."""
        return self.jobs / self._rate

    def add(self, which: int, moment: float) -> None:
        """A further job: its first look does not have to wait for its turn."""
        self.jobs += 1
        self._new += 1
        self.plan(which, moment)

    def plan(self, which: int, moment: float) -> None:
        """Look at a job at that moment, or when the service has had its pause."""
        heapq.heappush(self._due, (max(moment, self._quiet_until), which))

    def next(self) -> float:
        """When a look can begin."""
        if not self._due or self._in_flight == self._most:
            return math.inf
        return max(self._due[0][0], self._turn)

    def begin(self, now: float) -> Iterator[Look]:
        """Begin the looks that are due."""
        while self.next() <= now:
            look = Look(heapq.heappop(self._due)[1], now)
            if self._new:
                self._new -= 1
            else:
                self._turn = now + 1 / self._rate
            self._in_flight += 1
            if self._in_flight > self._threads:
                self._threads += 1
                Thread(target=self._work, daemon=True).start()
            self._tasks.put(look)
            yield look

    def answered(self, *, well: bool) -> None:
        """A look is over."""
        self._in_flight -= 1
        if well:
            self._rate = min(self._rate + _GAIN, self._full)

    def give_up(self, look: Look) -> None:
        """Go on without the thread that hangs in a look."""
        look.given_up = True
        self._in_flight -= 1
        self._threads -= 1

    def hold(self, now: float, pause: float, usual: Callable[[int], float]) -> None:
        """Ask nothing for a while, as the service wants it, and less from then on."""
        if now >= self._quiet_until:
            self._rate = max(self._rate / 2, _LEAST)
        self._new = 0
        self._quiet_until = max(self._quiet_until, now + pause)
        self.spread(self._quiet_until, usual)

    def spread(self, moment: float, usual: Callable[[int], float]) -> None:
        """Let what is due before the moment follow it in turn, each within its usual pause."""
        late = sorted(one for one in self._due if one[0] < moment)
        self._due = [one for one in self._due if one[0] >= moment]
        for index, (_, which) in enumerate(late):
            self._due.append((moment + usual(which) * index / len(late), which))
        heapq.heapify(self._due)

    def _work(self) -> None:
        while True:
            look = self._tasks.get()
            try:
                result: Job | BaseException = self._look(look.which)
            except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
                result = error
            self._inbox.put(Answer(look, result))
            if look.given_up:
                return  # another thread has taken this one's place
