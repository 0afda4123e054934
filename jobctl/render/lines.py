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
from jobctl.render.words import local, losses, reached, span, tally, unheard

_SILENCE = 60.0
# Ticks come about once in a second, and a line at least every 60.
_NEARLY = _SILENCE - 1


class Notes(Progress):
    """Nothing but notes: how it goes is seen elsewhere."""

    def __init__(self, err: TextIO) -> None:
        self._err = err

    def note(self, text: str) -> None:
        messages.note(self._err, text)


class LineProgress(Notes):
    """A plain line for each change that can be seen in it, and one at least every 60 seconds."""

    def __init__(
        self,
        err: TextIO,
        *,
        now: Callable[[], datetime],
        fold: Fold | None = None,
        title: str = "",
    ) -> None:
        super().__init__(err)
        self._now = now
        self._fold = fold
        self._title = title
        self._time = local if err.isatty() else _to_the_second
        self._elapsed = 0.0
        self._spoke = 0.0
        self._troubled: dict[JobRef, tuple[str, float]] = {}
        self._told: dict[JobRef, str] = {}

    def start(self) -> None:
        if self._fold is not None:
            write_line(self._err, self._fold.begin(self._title))

    def stop(self) -> None:
        if self._fold is not None:
            write_line(self._err, self._fold.end())

    def changed(self, job: Job) -> None:
        text = _described(job)
        if text != self._told.get(job.ref):
            self._told[job.ref] = text
            self._line(f"{job.ref} {text}")

    def trouble(self, ref: JobRef, text: str | None, silent: float | None = None) -> None:
        told, at = self._troubled.get(ref, (None, 0.0))
        if text is None:
            if self._troubled.pop(ref, None):
                self._line(f"{ref} answers again")
        elif text != told or self._elapsed - at >= _NEARLY:
            self._troubled[ref] = text, self._elapsed
            self._line(f"{ref} {unheard(text, silent)}")

    def lost(self, ref: JobRef, text: str) -> None:
        self._line(f"{ref} given up: {text}")

    def tick(self, states: Mapping[str, int], elapsed: float) -> None:
        self._elapsed = elapsed
        if elapsed - self._spoke >= _NEARLY:
            self._line(f"still waiting: {tally(states)}, {span(int(elapsed))}")

    def note(self, text: str) -> None:
        self._spoke = self._elapsed
        super().note(text)

    def _line(self, text: str) -> None:
        self.note(f"{self._time(self._now())} {text}")


def _to_the_second(moment: datetime) -> str:
    return f"{rfc3339(moment).partition('.')[0]}Z"


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
