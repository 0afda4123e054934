"""What became of the jobs, and what that means: whether it is enough, a word and an exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from jobctl.errors import ExitCode, JobctlError, StalledError, kind_of, worst
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
    ExitCode.SIGPIPE: "interrupted",
    ExitCode.SIGTERM: "interrupted",
}


class Wish(NamedTuple):
    """What is asked of the jobs.

    `any`: one that has ended is enough; `fail_fast`: one that did not succeed is enough;
    `condition`: jobs shall become as it says, not end; `exit_map` has other codes for kinds.
    """

    any: bool = False
    fail_fast: bool = False
    condition: bool = False
    partial_ok: bool = False
    exit_map: Mapping[str, int] = MappingProxyType({})


class Outcome:
    """What became of the jobs asked for: the last that was seen, and the errors that ended them.

    `met` are those that became as the condition says; `misfit` is what ended the wait instead.
    """

    def __init__(self, number: int, wish: Wish | None = None) -> None:
        self.wish = wish or Wish()
        self.jobs: list[Job | None] = [None] * number
        self.errors: list[JobctlError | None] = [None] * number
        self.met: set[int] = set()
        self.misfit: JobctlError | None = None
        self.enough = False
        self.timed_out = False
        self.signal: ExitCode | None = None
        self.elapsed = 0.0

    def seen(self, which: int, job: Job, *, met: bool) -> None:
        """A job was seen, and perhaps that is enough."""
        self.jobs[which] = job
        if met:
            self.met.add(which)
        if self.over(which):
            failed = self._code(which) is not ExitCode.OK
            self.enough = self.wish.any or (failed and (self.wish.fail_fast or self.wish.condition))

    def lost(self, which: int, error: JobctlError) -> None:
        """A job was given up, and perhaps that is enough."""
        self.errors[which] = error
        self.enough = self.wish.fail_fast

    def unread(self) -> None:
        """Nobody reads what is shown, which ends a wait that is not over."""
        if not self.enough and not all(map(self.over, range(len(self.jobs)))):
            self.signal = ExitCode.SIGPIPE

    def over(self, which: int) -> bool:
        """Whether there is nothing more to wait for with a job."""
        job = self.jobs[which]
        ended = job is not None and job.state.ended
        return ended or which in self.met or self.errors[which] is not None

    def known(self) -> list[Job]:
        """The jobs of which anything is known, in the order asked."""
        return [job for job in self.jobs if job is not None]

    def given_up(self) -> list[JobctlError]:
        """The errors, in the order asked."""
        return [error for error in (*self.errors, self.misfit) if error is not None]

    def states(self) -> dict[str, int]:
        """How many jobs are in each state; those never seen are not counted."""
        return dict(Counter(job.state.value for job in self.known()))

    def exit_code(self, *, by_state: bool) -> int:
        """The code for all the jobs together; without `by_state` only errors count."""
        return self._mapped(self._worst(by_state=by_state))

    def word(self) -> str:
        """The verdict on a wait in one word."""
        code = self._worst(by_state=True)
        if code is ExitCode.OK and self.wish.condition:
            return "condition"
        if code is ExitCode.UNKNOWN and any(isinstance(one, StalledError) for one in self.errors):
            return "stalled"
        return _WORDS.get(code, "error")

    def _worst(self, *, by_state: bool) -> ExitCode:
        # Where one job was enough, it does not matter how far the others are.
        counted = (one for one in range(len(self.jobs)) if self.over(one) or not self.enough)
        codes = [self._code(which) for which in counted]
        if self.timed_out and not self.jobs:
            codes.append(ExitCode.TIMEOUT)  # while they were read
        if self.misfit is not None:
            codes.append(self.misfit.exit_code)
        if not by_state:
            codes = [code for code in codes if code < ExitCode.PENDING]
        if self.signal is not None:
            codes.append(self.signal)
        # a kind that counts as success hides no other
        return worst([code for code in codes if self._mapped(code) != 0] or codes)

    def _mapped(self, code: ExitCode) -> int:
        return self.wish.exit_map.get(kind_of(code), code)

    def _code(self, which: int) -> ExitCode:
        job, error = self.jobs[which], self.errors[which]
        if error is not None:
            return error.exit_code
        if which in self.met:
            return ExitCode.OK
        state = JobState.UNKNOWN if job is None else job.state
        if not state.ended and self.signal is not None:
            return self.signal
        if not state.ended and self.timed_out:
            return ExitCode.TIMEOUT
        accepted = state is JobState.PARTIAL and self.wish.partial_ok
        code = ExitCode.OK if accepted else _OF_STATE[state]
        return ExitCode.FAILED if code is ExitCode.OK and self.wish.condition else code
