"""What reports on a wait are told, besides the format on standard output."""

import io
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from simulated import SimulatedClock

from jobctl.commands import Shared, Terminal
from jobctl.commands.look import look
from jobctl.commands.look.request import LookRequest
from jobctl.errors import ExitCode, JobctlError, ReaderGone, UsageError
from jobctl.models import Job, JobRef
from jobctl.render.listener import Listener, Verdict
from jobctl.stream.watch import Limits

RUNNING, DONE = (200, {"status": "Running"}), (200, {"status": "Completed"})
NONE = (404, {"error": {"message": "none"}})


class Report(Listener):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def changed(self, job: Job) -> None:
        self.told.append(("changed", job.ref.id, job.state))

    def lost(self, ref: JobRef, error: JobctlError) -> None:
        self.told.append(("lost", ref.id, error.exit_code))

    def heartbeat(self, jobs: int, states: Mapping[str, int], elapsed: float) -> None:
        self.told.append(("heartbeat", jobs))

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        self.told.append(("finish", len(jobs), verdict and verdict.exit_code))


class Failing(Report):
    """Fails as it is told to, each time it is told anything."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def changed(self, job: Job) -> None:
        super().changed(job)
        raise self.error


class Shut(io.StringIO):
    """A standard output whose reader went away."""

    def write(self, text: str) -> int:
        raise ReaderGone


Looked = Callable[..., tuple[ExitCode, str]]


@pytest.fixture
def looked(account: Any) -> Looked:
    """Wait for jobs with reports; the exit code, and standard error."""

    def run(*reports: Listener, jobs: Sequence[str], out: io.StringIO | None = None) -> Any:
        err = io.StringIO()
        request = LookRequest(
            jobs=jobs, shared=Shared(format="json"), wait=True, limits=Limits(interval=95.0)
        )
        terminal = Terminal(out or io.StringIO(), err, io.StringIO(), os.environ)
        return look(request, terminal, SimulatedClock(), reports), err.getvalue()

    return run


def test_a_report_hears_of_changes_losses_heartbeats_and_the_end(
    service: Any, looked: Looked
) -> None:
    service.answers = {"1": [RUNNING, DONE], "2": [NONE]}
    report = Report()
    code, _ = looked(report, jobs=["cognite/1", "cognite/2"])
    assert code == ExitCode.NOT_FOUND
    assert sorted(report.told[:2]) == [("changed", "1", "running"), ("lost", "2", 5)]
    assert report.told[2:] == [
        ("heartbeat", 2),
        ("changed", "1", "succeeded"),
        ("finish", 2, ExitCode.NOT_FOUND),
    ]


@pytest.mark.parametrize("error", [PermissionError(13, "denied", "r.xml"), UsageError("no room")])
def test_a_report_that_fails_is_told_once_and_changes_no_exit_code(
    error: Exception, service: Any, looked: Looked
) -> None:
    service.answers = {"1": [RUNNING, DONE]}
    failing, other = Failing(error), Report()
    code, err = looked(failing, other, jobs=["cognite/1"])
    assert code == ExitCode.OK
    assert err.count(f"warning: a report is incomplete: {error}") == 1
    assert len(failing.told) == 1
    assert len(other.told) == 4


def test_a_report_is_whole_although_nobody_reads_standard_output(
    service: Any, looked: Looked
) -> None:
    service.answers = {"1": [DONE]}
    report = Report()
    code, err = looked(report, jobs=["cognite/1"], out=Shut())
    assert (code, err.count("error")) == (ExitCode.OK, 0)
    assert report.told[-1] == ("finish", 1, ExitCode.OK)
