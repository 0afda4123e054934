"""Time, which passes by waiting for answers: tests and replays have their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from queue import Empty, Queue
from typing import NamedTuple

from jobctl.models import Job
from jobctl.signals import interruptible


class Look:
    """One look at one of the jobs, the `which`th, that began at a moment of the clock."""

    def __init__(self, which: int, began: float) -> None:
        self.which = which
        self.began = began
        self.given_up = False


class Answer(NamedTuple):
    """What came of a look."""

    look: Look
    result: Job | BaseException


# Not a SimpleQueue: that waits for ever once a signal has outlasted its timeout, as Ctrl-Z does.
Inbox = Queue[Answer]


class Clock:
    """Monotonic time; waiting for an answer is the only way it passes.

    For what is played again it passes `speed` times as fast, and the wall's clock goes on from
    `began`.
    """

    speed = 1.0

    def __init__(self, speed: float = 1.0, began: datetime | None = None) -> None:
        self.speed = speed
        self._began, self._zero = began, self.now()

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic() * self.speed

    def wall(self) -> datetime:
        """What the clock on the wall says, to compare with times that a service tells."""
        if self._began is None:
            return datetime.now(UTC)
        return self._began + timedelta(seconds=self.now() - self._zero)

    def wait(self, inbox: Inbox, seconds: float, *, busy: int) -> Answer | None:  # noqa: ARG002
        """The next answer, or None after so many seconds.

        `busy` tells how many are due: a simulated clock need not wait where none is.
        """
        try:
            with interruptible():
                return inbox.get(timeout=max(seconds, 0.0) / self.speed)
        except Empty:
            return None
