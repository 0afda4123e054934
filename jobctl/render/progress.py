"""Progress on standard error while waiting: nothing, plain lines, or a live view."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TextIO

from jobctl.masking.secrets import scrub
from jobctl.models import Job, JobRef, JobState, rfc3339
from jobctl.render.clean import clean
from jobctl.render.streams import dumb, write_line
from jobctl.render.words import losses, reached, span, tally, unheard

# A line at least every 60 seconds, and ticks come about once in one.
_SILENCE = 59.0


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


def open_progress(
    err: TextIO,
    *,
    refs: Sequence[JobRef],
    now: Callable[[], datetime],
    environ: Mapping[str, str],
    quiet: bool = False,
    no_color: bool = False,
    leave: bool = False,
    fold: Fold | None = None,
    stdin: TextIO | None = None,
) -> Progress:
    """The progress that suits the stream.

    `leave` keeps the last picture of a live view, for when what follows goes to another place. In
    a live view, `q` on `stdin` does what Ctrl-C does. `fold` folds plain lines.
    """
    if quiet:
        return Progress()
    if err.isatty() and not dumb(environ):
        from jobctl.render.live import LiveProgress

        return LiveProgress(
            err, refs=refs, now=now, environ=environ, no_color=no_color, leave=leave, stdin=stdin
        )
    named = str(refs[0]) if len(refs) == 1 else f"{len(refs)} jobs"
    return LineProgress(err, now=now, fold=fold, title=f"jobctl: waiting for {named}")


class LineProgress(Progress):
    """A plain line for each change, and one at least every 60 seconds."""

    def __init__(
        self,
        err: TextIO,
        *,
        now: Callable[[], datetime],
        fold: Fold | None = None,
        title: str = "",
    ) -> None:
        self._err = err
        self._now = now
        self._fold = fold
        self._title = title
        self._elapsed = 0.0
        self._spoke = 0.0
        self._troubled: set[JobRef] = set()

    def start(self) -> None:
        if self._fold is not None:
            write_line(self._err, self._fold.begin(self._title))

    def stop(self) -> None:
        if self._fold is not None:
            write_line(self._err, self._fold.end())

    def changed(self, job: Job) -> None:
        self._line(f"{job.ref} {_described(job)}")

    def trouble(self, ref: JobRef, text: str | None, silent: float | None = None) -> None:
        if text is not None:
            self._troubled.add(ref)
            self._line(f"{ref} {unheard(text, silent)}")
        elif ref in self._troubled:
            self._troubled.remove(ref)
            self._line(f"{ref} answers again")

    def tick(self, states: Mapping[str, int], elapsed: float) -> None:
        self._elapsed = elapsed
        if elapsed - self._spoke >= _SILENCE:
            self._line(f"still waiting: {tally(states)}, {span(int(elapsed))}")

    def note(self, text: str) -> None:
        self._spoke = self._elapsed
        write_line(self._err, clean(scrub(text)))

    def _line(self, text: str) -> None:
        stamp = (rfc3339(self._now()) or "").partition(".")[0]
        self.note(f"{stamp}Z {text}")


def _described(job: Job) -> str:
    progress = job.progress
    lost = losses(progress)
    word = job.state.value
    if job.state is JobState.UNKNOWN and job.status:
        word += f" ({job.status})"
    counts = (reached(progress), f"({lost})" if lost else None)
    text = " ".join(filter(None, (word, *counts)))
    told = job.message if job.state.ended and job.state is not JobState.SUCCEEDED else None
    return f"{text}: {told}" if told else text
