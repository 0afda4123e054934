"""The exit codes scripts are written against, and the errors that bear them."""

import json
from itertools import permutations

import pytest

from jobctl import errors
from jobctl.errors import EXIT_CODES, ExitCode, Interrupted, JobctlError, exit_map, kind_of, worst

# Written by hand from the contract: a change here breaks the scripts of users.
TABLE = [
    (0, "ok"),
    (1, "internal"),
    (2, "usage"),
    (4, "auth"),
    (5, "not-found"),
    (6, "unavailable"),
    (7, "throttled"),
    (8, "pending"),
    (10, "failed"),
    (11, "cancelled"),
    (12, "partial"),
    (13, "unknown"),
    (124, "timeout"),
    (129, "interrupted"),
    (130, "interrupted"),
    (141, "interrupted"),
    (143, "interrupted"),
]
PRECEDENCE = [130, 143, 129, 141, 1, 2, 4, 5, 6, 7, 10, 11, 12, 124, 13, 8, 0]
CLASSES = {
    "JobctlError": 1,
    "UsageError": 2,
    "ConfigError": 2,
    "LackingError": 2,
    "MistakesError": 2,
    "Unsupported": 2,
    "AuthError": 4,
    "NotFoundError": 5,
    "UnavailableError": 6,
    "ThrottledError": 7,
    "NotReadyError": 8,
    "JobFailedError": 10,
    "StalledError": 13,
    "TimedOutError": 124,
}


class TestExitCodes:
    def test_the_table_is_the_one_of_the_contract(self) -> None:
        assert [(int(row.code), row.kind) for row in EXIT_CODES] == TABLE
        assert sorted(ExitCode) == [code for code, _ in TABLE]

    def test_each_row_says_when(self) -> None:
        assert all(row.when for row in EXIT_CODES)

    def test_each_code_has_its_kind(self) -> None:
        assert [(code, kind_of(ExitCode(code))) for code, _ in TABLE] == TABLE

    def test_each_error_has_its_code(self) -> None:
        assert {name: int(getattr(errors, name).exit_code) for name in CLASSES} == CLASSES

    def test_no_error_is_without_a_code_here(self) -> None:
        found = {
            name
            for name, value in vars(errors).items()
            if isinstance(value, type) and issubclass(value, JobctlError)
        }
        assert found == set(CLASSES)


class TestPrecedence:
    def test_of_any_two_codes_the_first_in_order_wins(self) -> None:
        for one, other in permutations(PRECEDENCE, 2):
            first = min(one, other, key=PRECEDENCE.index)
            assert worst([ExitCode(one), ExitCode(other)]) == first

    def test_of_all_codes_ctrl_c_wins(self) -> None:
        assert worst(ExitCode(code) for code in reversed(PRECEDENCE)) is ExitCode.SIGINT

    def test_no_code_at_all_is_ok(self) -> None:
        assert worst([]) is ExitCode.OK


class TestExitMap:
    def test_it_gives_kinds_other_codes(self) -> None:
        assert exit_map("timeout=0,partial=0,not-found=255") == {
            "timeout": 0,
            "partial": 0,
            "not-found": 255,
        }

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "timeout",
            "timeout=",
            "timeout=256",
            "timeout=-1",
            "timeout=0,",
            "late=0",
            "124=0",
            "timeout=\u0661",
            "Timeout=0",
            "timeout=0=1",
        ],
    )  # fmt: skip
    def test_what_is_no_such_thing_is_refused(self, text: str) -> None:
        with pytest.raises(errors.UsageError, match="--exit-map"):
            exit_map(text)

    def test_a_kind_that_is_nearly_right_is_pointed_out(self) -> None:
        with pytest.raises(errors.UsageError) as caught:
            exit_map("timeuot=0")
        assert caught.value.hint == "did you mean timeout?"


class TestErrors:
    def test_an_error_that_knows_little_has_every_field_all_the_same(self) -> None:
        assert JobctlError("broken").document() == {
            "schema": "jobctl.error/v1",
            "error": {
                "exit_code": 1,
                "kind": "internal",
                "message": "broken",
                "hint": None,
                "provider": None,
                "http_status": None,
                "request_id": None,
            },
        }

    def test_an_error_tells_what_a_bug_report_needs(self) -> None:
        error = errors.ThrottledError(
            "too many",
            hint="wait",
            provider="cognite",
            http_status=429,
            request_id="r-1",
            transient=True,
            retry_after=2.0,
        )
        document = json.loads(json.dumps(error.document()))
        assert document == {
            "schema": "jobctl.error/v1",
            "error": {
                "exit_code": 7,
                "kind": "throttled",
                "message": "too many",
                "hint": "wait",
                "provider": "cognite",
                "http_status": 429,
                "request_id": "r-1",
            },
        }
        assert str(error) == "too many"
        assert (error.transient, error.retry_after) == (True, 2.0)

    def test_an_unusable_configuration_is_a_wrong_use(self) -> None:
        with pytest.raises(errors.UsageError):
            raise errors.ConfigError("no such profile")

    def test_an_interruption_is_swallowed_by_nothing_that_catches_errors(self) -> None:
        assert not issubclass(Interrupted, Exception)
        assert Interrupted(ExitCode.SIGTERM).exit_code is ExitCode.SIGTERM
