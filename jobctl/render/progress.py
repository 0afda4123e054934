"""What a wait tells on standard error while it goes on; this module says nothing."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from jobctl.models import Job, JobRef


class Progress:
    """What tells a waiting person how it goes; this one says nothing."""

    def start(self) -> None:
        """The wait begins."""

    def changed(self, job: Job) -> None:
        """A job was seen for the first time, or is not as it was."""

    def expect(self, ref: JobRef, seconds: float | None) -> None:
        """How long jobs like this one usually run; None: nobody knows."""

    def trouble(self, ref: JobRef, text: str | None, silent: float | None = None) -> None:
        """A job cannot be looked at just now, and why; None: it can again.

        `silent` is for how many seconds nothing was heard of it.
        """

    def lost(self, ref: JobRef, text: str) -> None:
        """A job was given up, and why."""

    def tick(self, states: Mapping[str, int], elapsed: float) -> None:
        """Time has passed: how many jobs are in which state, and seconds since the start.

        To be called about once a second.
        """

    def note(self, text: str) -> None:
        """Say something else, on a line of its own."""

    def stop(self) -> None:
        """The wait is over, however it ended: the terminal is as it was before."""


class Fold(ABC):
    """What a CI's log reads as the ends of lines that it shows on demand."""

    @abstractmethod
    def begin(self, title: str) -> str:
        """The line before them."""

    @abstractmethod
    def end(self) -> str:
        """The line after them."""
