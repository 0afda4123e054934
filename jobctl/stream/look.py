"""A look at a job, and where those are found that are over."""

from __future__ import annotations

from queue import Queue

from jobctl.models import Job


class Look:
    """One look at one of the jobs, the `which`th, that began at a moment of the clock.

    `result` is what came of it, once it is over.
    """

    result: Job | BaseException

    def __init__(self, which: int, began: float) -> None:
        self.which = which
        self.began = began
        self.given_up = False


# Not a SimpleQueue: that waits for ever once a signal has outlasted its timeout, as Ctrl-Z does.
Inbox = Queue[Look]
