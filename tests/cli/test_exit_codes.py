"""One outcome, one exit code, whatever the format and the verb."""

import io
import json
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from jobctl.errors import EXIT_CODES

LOST = {"failedItems": [{"errorMessage": "unreadable", "items": [{"fileId": 1}]}], "items": []}
TIMES = {"createdTime": 1730204346000, "startTime": 1730204347000, "statusTime": 1730204366000}


def says(status: str, **more: Any) -> tuple[int, Any]:
    return 200, {"status": status, **TIMES, **more}


OUTCOMES = {
    "succeeded": (says("Completed", items=[{"fileId": 1}]), 0),
    "partial": (says("Completed", **LOST), 12),
    "failed": (says("Failed"), 10),
    "timeout": (says("Running"), 124),
    "unknown": (says("Rebalancing"), 124),
    "missing": ((404, {"error": {"message": "none"}}), 5),
    "refused": ((401, {"error": {"message": "no"}}), 4),
    "bad request": ((400, {"error": {"message": "no"}}), 6),
    "nonsense": ((200, b"<html>"), 6),
    "unreachable": ((503, b""), 6),
    "throttled": ((429, {"error": {"message": "slow"}}, {"Retry-After": "400"}), 7),
    "stalled": (says("Running"), 13),
    "condition": (says("Running"), 0),
    "ended without": (says("Completed", items=[{"fileId": 1}]), 10),
}
# each of the others ends as one of the first three does
FORMATS = [
    *("table", "json", "ndjson"),
    *(pytest.param(one, marks=pytest.mark.slow) for one in ("yaml", "ids", "csv", "raw")),
]
VERBS = {
    "get --wait": ["get", "cognite", "--wait", "1"],
    "get --watch": ["get", "cognite", "-w", "1"],
    "wait": ["wait", "cognite/1"],
    "watch": ["watch", "cognite/1"],
}
# No machine is too slow for these: the timeout is far away or at once, an outage ends soon.
SOON = ["--timeout", "60", "--outage", "0.05", "--interval", "0.03"]
AT_ONCE = ["--timeout", "0"]
MORE = {
    "timeout": AT_ONCE,
    "unknown": AT_ONCE,
    "stalled": [*SOON, "--stall-after", "0.05"],
    "condition": [*SOON, "--for", "state == 'running'"],
    "ended without": [*SOON, "--for", "name == 'another'"],
}


def assert_it_ended_with(ran: Any, format: str, code: int) -> None:
    """With this exit code; the verdict of ndjson says the same, once, in the last line."""
    assert ran.code == code
    if format == "ndjson":
        last = json.loads(ran.out.splitlines()[-1])
        assert (last["schema"], last["exit_code"]) == ("jobctl.verdict/v1", code)
        assert ran.out.count("jobctl.verdict/v1") == 1


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "verb",
    [pytest.param(one, marks=pytest.mark.slow) if "watch" in one else one for one in VERBS],
)
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.usefixtures("account")
def test_a_wait_ends_with_the_code_of_its_outcome(
    outcome: str, verb: str, format: str, service: Any, jobctl: Any
) -> None:
    answer, code = OUTCOMES[outcome]
    service.answers = {"1": [answer]}
    ran = jobctl(*VERBS[verb], *MORE.get(outcome, SOON), "-o", format)
    assert_it_ended_with(ran, format, code)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.usefixtures("account")
def test_a_wait_for_a_cancelled_job_ends_with_11(format: str, service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, {"id": "1", "state": "STOPPED"})]}
    for flag in ("--wait", "--watch"):
        assert jobctl("get", "vas", "video-analyze/1", flag, "-o", format).code == 11
    for verb in ("wait", "watch"):
        assert jobctl(verb, "vas/video-analyze/1", "-o", format).code == 11


@pytest.fixture(params=[(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def interruption(request: pytest.FixtureRequest) -> Iterator[tuple[int, int]]:
    """A signal that nobody ignores, and its exit code."""
    number, code = request.param
    before = signal.signal(number, signal.SIG_DFL)
    yield number, code
    signal.signal(number, before)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.usefixtures("account")
def test_a_wait_that_is_interrupted_ends_with_the_code_of_the_signal(
    verb: str, format: str, interruption: tuple[int, int], service: Any, jobctl: Any
) -> None:
    number, code = interruption
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def interrupt() -> tuple[int, Any]:
        signal.pthread_kill(main_thread, number)
        return says("Running")

    service.answers = {"1": [says("Running"), interrupt]}
    assert_it_ended_with(jobctl(*VERBS[verb], "--interval", "0.03", "-o", format), format, code)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.usefixtures("account")
def test_a_wait_that_meets_a_defect_of_jobctl_ends_with_1(
    verb: str, format: str, service: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise ZeroDivisionError

    monkeypatch.setattr(sys, "stdout", Broken())
    service.answers = {"1": [says("Completed")]}
    assert jobctl(*VERBS[verb], "-o", format).code == 1


def test_too_little_memory_is_no_defect(jobctl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def isatty(self) -> bool:
            raise MemoryError

    monkeypatch.setattr(sys, "stdout", Full())
    ran = jobctl("exit-codes")
    assert ran.code == 1
    assert ran.err.startswith("error: there is not enough memory for that\nhint: ")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "words", [["get", "cognite", "0", "--wait"], ["wait", "cognite/0"], ["watch", "cognite/0"]]
)
@pytest.mark.usefixtures("account")
def test_a_wait_for_what_can_be_no_job_ends_with_2(
    words: list[str], format: str, jobctl: Any
) -> None:
    assert jobctl(*words, "-o", format).code == 2


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        ("succeeded", 0),
        ("partial", 12),
        ("failed", 10),
        ("timeout", 8),
        ("unknown", 13),
        ("missing", 5),
        ("refused", 4),
        ("bad request", 6),
        ("throttled", 7),
    ],
)
@pytest.mark.usefixtures("account")
def test_a_look_tells_the_state_only_when_asked_to(
    outcome: str, code: int, format: str, service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [OUTCOMES[outcome][0]]}
    assert jobctl("get", "cognite", "1", "--exit-status", "-o", format).code == code
    silent = code if code < 8 and code else 0
    assert jobctl("get", "cognite", "1", "-o", format).code == silent


@pytest.mark.usefixtures("account")
def test_partial_counts_as_success_where_that_is_wanted(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [OUTCOMES["partial"][0]]}
    ran = jobctl("get", "cognite", "1", "--wait", "--partial-ok", "-o", "ndjson")
    assert ran.code == 0
    assert '"verdict": "succeeded", "exit_code": 0' in ran.out
    assert jobctl("get", "cognite", "1", "--exit-status", "--partial-ok").code == 0


@pytest.mark.usefixtures("account")
def test_of_several_the_worst_speaks(service: Any, jobctl: Any) -> None:
    service.answers = {
        str(number): [answer] for number, (answer, _) in enumerate(OUTCOMES.values(), 1)
    }
    number = {outcome: str(number) for number, outcome in enumerate(OUTCOMES, 1)}

    def code(*outcomes: str, limits: list[str] = SOON) -> int:
        words = [number[outcome] for outcome in outcomes]
        return int(jobctl("get", "cognite", *words, "--wait", *limits).code)

    assert code("succeeded", "partial") == 12
    assert code("partial", "failed", "succeeded") == 10
    assert code("timeout", "partial", limits=AT_ONCE) == 12
    assert code("timeout", "succeeded", limits=AT_ONCE) == 124
    assert code("failed", "missing") == 5
    assert code("missing", "refused", "unreachable") == 4


@pytest.mark.usefixtures("account")
def test_a_timeout_ends_a_wait_whatever_the_service_does(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [says("Running")]}
    words = ("get", "cognite", "1", "--wait", "--timeout", "0.1", "--interval", "0.02")
    assert jobctl(*words).code == 124


@pytest.mark.usefixtures("account")
def test_a_timeout_of_zero_looks_once(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [says("Running")], "2": [says("Completed")]}
    assert jobctl("get", "cognite", "1", "--wait", "--timeout", "0").code == 124
    assert jobctl("wait", "cognite/2", "--timeout", "0").code == 0
    assert len(service.requests) == 2


def test_the_table_of_exit_codes_is_the_one_scripts_are_written_against(jobctl: Any) -> None:
    kinds = {int(row.code): row.kind for row in EXIT_CODES}
    assert kinds == {
        0: "ok",
        1: "internal",
        2: "usage",
        4: "auth",
        5: "not-found",
        6: "unavailable",
        7: "throttled",
        8: "pending",
        10: "failed",
        11: "cancelled",
        12: "partial",
        13: "unknown",
        124: "timeout",
        129: "interrupted",
        130: "interrupted",
        141: "interrupted",
        143: "interrupted",
    }
    shown = jobctl("exit-codes").out.splitlines()[1:]
    assert [int(line.split()[0]) for line in shown] == list(kinds)
    assert [row["kind"] for row in jobctl("exit-codes", "--json").document] == list(kinds.values())
