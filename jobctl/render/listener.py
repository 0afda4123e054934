"""What hears how a look at jobs goes: renderers, which write it to standard output, and reports."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jobctl.errors import JobctlError
from jobctl.models import Job, JobRef


class Verdict(NamedTuple):
    """How a wait ended: a word, the exit code, and how many jobs are in which state.

    `cut_short` is `timeout` or `interrupted` where it ended before its jobs, whatever the word: one
    job may have failed before the time ran out for another.
    """

    verdict: str
    exit_code: int
    jobs: int
    states: Mapping[str, int]
    elapsed_seconds: float
    cut_short: str | None = None

    def document(self) -> dict[str, Any]:
        """The `jobctl.verdict/v1` document."""
        return {
            "schema": "jobctl.verdict/v1",
            "verdict": self.verdict,
            "exit_code": int(self.exit_code),
            "jobs": self.jobs,
            "states": dict(self.states),
            "elapsed_seconds": round(self.elapsed_seconds, 3),
        }


class Listener:
    """What hears how a look at jobs goes, and shows it, keeps it or hands it on; this one does not.

    One that is interested in the end alone leaves all but `finish` as it is.
    """

    def changed(self, job: Job) -> None:
        """A job was seen for the first time, or is not as it was."""

    def lost(self, ref: JobRef, error: JobctlError) -> None:
        """A job was given up; what is known of it comes with the end."""

    def heartbeat(self, jobs: int, states: Mapping[str, int], elapsed: float) -> None:
        """So many jobs have not changed for a minute, `elapsed` seconds after the wait began."""

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        """The end: the jobs as last seen, in the order asked, and how a wait ended.

        Raises:
            UsageError: the query does not fit the document.
        """
