"""`results --wait`: the end of the job first, then its results."""

import signal
import threading
from typing import Any

import pytest
from processes import run_in_a_process

SOON = ("--wait", "--interval", "0.01", "--timeout", "5s")
RUNNING = (200, {"status": "Running"})
DONE = (200, {"status": "Completed", "items": [{"fileId": 1}, {"fileId": 2}]})
FAILED = (200, {"status": "Failed", "errorMessage": "broken"})
BUSY: Any = (503, {})
NONE = (404, {"error": {"message": "none"}})


@pytest.mark.usefixtures("account")
def test_the_results_come_when_the_job_has_ended(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING, RUNNING, DONE]}
    ran = jobctl("results", "cognite/1", *SOON, "-q", "[].fileId", "-o", "text")
    assert (ran.code, ran.out) == (0, "1\n2\n")
    assert "cognite/1 running" in ran.err
    assert jobctl("results", "cognite", "1", *SOON, "-o", "ndjson", "--quiet").err == ""


@pytest.mark.usefixtures("account")
def test_a_job_that_does_not_end_in_time_gives_none(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING]}
    ran = jobctl("results", "cognite/1", "--wait", "--interval", "0.01", "--timeout", "0.1")
    assert (ran.code, ran.out) == (124, "")
    assert ran.err.endswith("warning: timed out; not ended: cognite/1\n")


@pytest.mark.usefixtures("account")
def test_a_job_that_failed_tells_why_there_are_none(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [RUNNING, FAILED]}
    ran = jobctl("results", "cognite/1", *SOON)
    assert (ran.code, ran.out) == (10, "")
    assert "error: cognite/1 failed and has no results: broken" in ran.err


@pytest.mark.parametrize(("answer", "code"), [(BUSY, 6), (NONE, 5)])
@pytest.mark.usefixtures("account")
def test_a_job_that_is_given_up_is_an_error(
    answer: Any, code: int, service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [RUNNING, answer]}
    ran = jobctl("results", "cognite/1", *SOON, "--outage", "0.1", "--json")
    assert (ran.code, ran.out, ran.error["provider"]) == (code, "", "cognite")


@pytest.mark.measured
@pytest.mark.usefixtures("account")
def test_ctrl_c_while_waiting_says_that_the_job_goes_on(service: Any) -> None:
    service.answers = {"1": [RUNNING, (200, "hang")]}
    with run_in_a_process("results", "cognite/1", "--wait", "--interval", "0.01") as process:
        while len(service.requests) < 2:
            threading.Event().wait(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert err.endswith("warning: interrupted; the jobs go on: cognite/1\n")


def test_what_only_a_wait_does_is_refused_without_one(jobctl: Any) -> None:
    ran = jobctl("results", "cognite/1", "--timeout", "5s", "--profile", "sandbox")
    assert (ran.code, "error: --timeout goes with --wait" in ran.err) == (2, True)


def test_the_sandbox_says_how_to_wait_for_results(jobctl: Any) -> None:
    ran = jobctl("results", "cognite/123", "--profile", "sandbox")
    assert ran.code == 8
    assert "hint: jobctl results cognite/123 --wait --profile sandbox" in ran.err


@pytest.mark.usefixtures("account")
def test_a_hint_is_a_command_whatever_the_profile_is_called(
    service: Any, configured: Any, jobctl: Any
) -> None:
    configured("profiles: {my $prof: {}, default: {}}")
    service.answers = {"1": [RUNNING]}
    ran = jobctl("results", "cognite/1", "--profile", "my $prof")
    assert (ran.code, ran.err.splitlines()[-1]) == (
        8,
        "hint: jobctl results cognite/1 --wait --profile 'my $prof'",
    )
    assert jobctl("get", "cognite/1", "--profile", "my $prof").code == 0
    assert "hint: add --profile 'my $prof', or write" in jobctl("get", "@1").err
