"""What is wrong with the jobs at the end of a wait: what reports for machines are made of."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from jobctl.errors import JobctlError, StalledError, kind_of
from jobctl.masking.texts import masked
from jobctl.models import Job, JobRef, JobState
from jobctl.render.listener import Listener, Verdict
from jobctl.render.words import standing


class Problem(NamedTuple):
    """A word for what is wrong, what is said about it, and a line for each item that failed.

    `of_job` is False where nobody knows how the job is doing.
    """

    kind: str
    message: str
    items: Sequence[str] = ()
    of_job: bool = True


Cases = Sequence[tuple[Job, Problem | None]]


class ProblemReport(Listener, ABC):
    """A report on a wait, made at its end: each job with what is wrong with it, if anything."""

    def __init__(self, *, partial_ok: bool) -> None:
        self._partial_ok = partial_ok
        self._errors: dict[JobRef, JobctlError] = {}

    def lost(self, ref: JobRef, error: JobctlError) -> None:
        self._errors[ref] = error

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        if verdict is not None:
            found = (problem(job, self._errors, verdict, self._partial_ok) for job in jobs)
            self.report(list(zip(jobs, found, strict=True)), verdict)

    @abstractmethod
    def report(self, cases: Cases, verdict: Verdict) -> None:
        """Make the report; the jobs are in the order asked.

        Raises:
            OSError: it cannot be written.
        """


def problem(
    job: Job, errors: Mapping[JobRef, JobctlError], verdict: Verdict, partial_ok: bool
) -> Problem | None:
    """What is wrong with a job, if anything.

    A job that goes on is no problem where the wait ended as wished without it.
    """
    error = errors.get(job.ref)
    if isinstance(error, StalledError):
        return Problem("stalled", error.message)
    if error is not None:
        return Problem(kind_of(error.exit_code), masked(error.message), of_job=False)
    if job.state is JobState.SUCCEEDED or (job.state is JobState.PARTIAL and partial_ok):
        return None
    if job.state.ended:
        told = job.message or standing(job.progress) or job.status or job.state.value
        # some services tell the cause twice, of the job and of an item without a name
        return Problem(job.state.value, told, [one for one in _items(job) if one != told])
    if verdict.exit_code == 0:
        return None
    words = ("not ended:", job.state.value, standing(job.progress))
    return Problem(verdict.cut_short or "pending", " ".join(filter(None, words)))


def _items(job: Job) -> Iterator[str]:
    for one in job.failures:
        yield ": ".join(filter(None, (one.item, one.message))) or "?"
