"""All who hear of a look at jobs: the format's renderer, then the reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from jobctl.errors import JobctlError
from jobctl.models import Job, JobRef
from jobctl.render.listener import Listener, Verdict


class Audience(Listener):
    """Tells the renderer, and whatever becomes of that, the reports.

    What goes wrong with a report is told by `warn`, and it hears no more.
    """

    def __init__(self, reports: Iterable[Listener], warn: Callable[[str], None]) -> None:
        self.renderer = Listener()
        self.reports = list(reports)
        self._warn = warn

    def changed(self, job: Job) -> None:
        self._tell(lambda one: one.changed(job))

    def lost(self, ref: JobRef, error: JobctlError) -> None:
        self._tell(lambda one: one.lost(ref, error))

    def heartbeat(self, jobs: int, states: Mapping[str, int], elapsed: float) -> None:
        self._tell(lambda one: one.heartbeat(jobs, states, elapsed))

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        self._tell(lambda one: one.finish(jobs, verdict))

    def _tell(self, tell: Callable[[Listener], None]) -> None:
        try:
            tell(self.renderer)
        finally:
            for report in list(self.reports):
                try:
                    tell(report)
                except (JobctlError, OSError) as error:
                    self.reports.remove(report)
                    self._warn(f"a report is incomplete: {error}")
