"""Remembering the jobs that a command looks at, and what is usual for jobs like them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache

from jobctl.errors import ConfigError
from jobctl.history import History
from jobctl.models import Job, JobRef
from jobctl.render.listener import Listener, Verdict

_OFTEN = 1.0  # seconds: a thousand jobs that change at once are written once


class Remembering(Listener):
    """Remembers every job that is looked at, in time for a command that is killed."""

    def __init__(self, kept: History, profile: str, now: Callable[[], datetime]) -> None:
        self._kept = kept
        self._profile = profile
        self._now = now
        self._seen: dict[JobRef, Job] = {}
        self._unwritten: dict[JobRef, Job] = {}
        self._wrote = now()

    def changed(self, job: Job) -> None:
        before = self._seen.get(job.ref)
        self._seen[job.ref] = job
        if before is None or before.state is not job.state:
            self._unwritten[job.ref] = job
            if (self._now() - self._wrote).total_seconds() >= _OFTEN:
                self._write(list(self._unwritten.values()))

    def heartbeat(self, jobs: int, states: Mapping[str, int], elapsed: float) -> None:  # noqa: ARG002
        if self._unwritten:
            self._write(list(self._unwritten.values()))

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        self._write([job for job in jobs if job.ref in self._seen])

    def _write(self, jobs: Sequence[Job]) -> None:
        self._wrote = self._now()
        self._unwritten.clear()
        if jobs:
            self._kept.remember(self._profile, jobs, self._wrote)


def usual_seconds(kept: History, profile: str) -> Callable[[Job], float | None]:
    """What gives the usual run time of jobs like another; the history is read when it is asked."""

    @cache
    def known() -> Callable[[Job], float | None]:
        try:
            return kept.usual(profile)
        except ConfigError:
            return lambda _: None  # what is wrong is told when the jobs are remembered

    def seconds(job: Job) -> float | None:
        return known()(job)

    return seconds
