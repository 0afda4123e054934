"""Time, which whoever needs it is given: tests and recordings that are played have their own."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from queue import Empty, Queue
from typing import Any

# Linux' monotonic clock stands still while the machine sleeps: time on the wall does not.
_BOOT = getattr(time, "CLOCK_BOOTTIME", None)
_now = time.monotonic if _BOOT is None else partial(time.clock_gettime, _BOOT)


class Clock:
    """The real time, in seconds; where a recording is played, `speed` times as fast.

    The clock on the wall goes on from `began` then.
    """

    speed = 1.0

    def __init__(self, speed: float = 1.0, began: datetime | None = None) -> None:
        self.speed = speed
        self._began, self._zero = began, self.now()

    def now(self) -> float:
        """Seconds that only go forward, also while the machine sleeps, from any start."""
        return _now() * self.speed

    def wall(self) -> float:
        """Seconds since 1970 in UTC, to compare with times that a service tells."""
        if self._began is None:
            return time.time()
        return self._began.timestamp() + self.now() - self._zero

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        time.sleep(seconds / self.speed)

    def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:  # noqa: ARG002
        """What comes next, or None after so many seconds.

        `busy` tells how many are due: a simulated clock need not wait where none is.
        """
        try:
            return inbox.get(timeout=max(seconds, 0.0) / self.speed)
        except Empty:
            return None
