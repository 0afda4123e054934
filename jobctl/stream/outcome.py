"""What the last states of the jobs mean: one word and one exit code, for every verb and format."""

from collections import Counter

from jobctl.errors import ExitCode, JobctlError, worst
from jobctl.models import Job, JobState

_OF_STATE = {
    JobState.QUEUED: ExitCode.PENDING,
    JobState.RUNNING: ExitCode.PENDING,
    JobState.SUCCEEDED: ExitCode.OK,
    JobState.PARTIAL: ExitCode.PARTIAL,
    JobState.FAILED: ExitCode.FAILED,
    JobState.CANCELLED: ExitCode.CANCELLED,
    JobState.UNKNOWN: ExitCode.UNKNOWN,
}
_WORDS = {
    ExitCode.OK: "succeeded",
    ExitCode.PENDING: "pending",
    ExitCode.FAILED: "failed",
    ExitCode.CANCELLED: "cancelled",
    ExitCode.PARTIAL: "partial",
    ExitCode.UNKNOWN: "unknown",
    ExitCode.TIMEOUT: "timeout",
    ExitCode.SIGHUP: "interrupted",
    ExitCode.SIGINT: "interrupted",
    ExitCode.SIGTERM: "interrupted",
}


class Outcome:
    """What became of the jobs asked for: the last that was seen, and the errors that ended them."""

    def __init__(self, number: int, *, partial_ok: bool = False) -> None:
        self.jobs: list[Job | None] = [None] * number
        self.errors: list[JobctlError | None] = [None] * number
        self.partial_ok = partial_ok
        self.timed_out = False
        self.signal: ExitCode | None = None
        self.elapsed = 0.0

    def seen(self) -> list[Job]:
        """The jobs of which anything is known, in the order asked."""
        return [job for job in self.jobs if job is not None]

    def lost(self) -> list[JobctlError]:
        """The errors, in the order asked."""
        return [error for error in self.errors if error is not None]

    def states(self) -> dict[str, int]:
        """How many jobs are in each state; those never seen are not counted."""
        return dict(Counter(job.state.value for job in self.seen()))

    def exit_code(self, *, by_state: bool) -> ExitCode:
        """The code for all the jobs together; without `by_state` only errors count."""
        codes = [self._code(job, error) for job, error in zip(self.jobs, self.errors, strict=True)]
        if self.signal is not None:
            codes.append(self.signal)
        if not by_state:
            codes = [code for code in codes if code < ExitCode.PENDING or code == self.signal]
        return worst(codes)

    def _code(self, job: Job | None, error: JobctlError | None) -> ExitCode:
        if error is not None:
            return error.exit_code
        state = JobState.UNKNOWN if job is None else job.state
        if state is JobState.PARTIAL and self.partial_ok:
            return ExitCode.OK
        return ExitCode.TIMEOUT if self.timed_out and not state.ended else _OF_STATE[state]

    @staticmethod
    def word(code: ExitCode) -> str:
        """The verdict's word for an exit code."""
        return _WORDS.get(code, "error")
