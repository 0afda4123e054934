"""One outcome, one exit code, whatever the format and the verb."""

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
}
FORMATS = ["table", "json", "ndjson", "yaml", "ids"]
SHORT = ["--timeout", "0.15", "--outage", "0.05", "--interval", "0.03"]


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.usefixtures("account")
def test_a_wait_ends_with_the_code_of_its_outcome(
    outcome: str, format: str, service: Any, jobctl: Any
) -> None:
    answer, code = OUTCOMES[outcome]
    service.answers = {"1": [answer]}
    limits = SHORT if code != 0 else []
    assert jobctl("get", "cognite", "1", "--wait", *limits, "-o", format).code == code
    assert jobctl("wait", "cognite/1", *limits, "-o", format).code == code


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

    def code(*outcomes: str) -> int:
        words = [number[outcome] for outcome in outcomes]
        return int(jobctl("get", "cognite", *words, "--wait", *SHORT).code)

    assert code("succeeded", "partial") == 12
    assert code("partial", "failed", "succeeded") == 10
    assert code("timeout", "partial") == 12
    assert code("timeout", "succeeded") == 124
    assert code("failed", "missing") == 5
    assert code("missing", "refused", "unreachable") == 4


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
        143: "interrupted",
    }
    shown = jobctl("exit-codes").out.splitlines()[1:]
    assert [int(line.split()[0]) for line in shown] == list(kinds)
    assert [row["kind"] for row in jobctl("exit-codes", "--json").document] == list(kinds.values())
