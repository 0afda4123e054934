"""Progress as plain lines, for logs and for terminals that only print."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from time import monotonic
from typing import TextIO

from jobctl.models import Job, JobRef, JobState, rfc3339
from jobctl.render import messages
from jobctl.render.counter import Counter
from jobctl.render.progress import Fold, Progress
from jobctl.render.streams import write_line
from jobctl.render.words import losses, reached, span, tally, unheard

_SILENCE = 60.0
# Ticks come about once in a second, and a line at least every 60.
_NEARLY = _SILENCE - 1


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
        if elapsed - self._spoke >= _NEARLY:
            self._line(f"still waiting: {tally(states)}, {span(int(elapsed))}")

    def note(self, text: str) -> None:
        self._spoke = self._elapsed
        messages.note(self._err, text)

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


class LineCounter(Counter):
    """A plain line at least every 60 seconds."""

    def __init__(self, err: TextIO, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(err, clock)
        self._spoke = self._began

    def reached(self, count: int, total: int | None) -> None:
        now = self._clock()
        if now - self._spoke >= _SILENCE:
            self._spoke = now
            of = "" if total is None else f" of {total:,}"
            self.note(f"{count:,}{of} records, {span(int(now - self._began))}")
