"""What the ends of the jobs mean together: enough or not, one word, one exit code."""

import pytest

from jobctl.errors import ExitCode, JobctlError, NotFoundError, StalledError, UsageError
from jobctl.models import Job, JobRef, JobState
from jobctl.stream.outcome import Outcome, Wish

RUNNING, UNKNOWN = JobState.RUNNING, JobState.UNKNOWN
SUCCEEDED, PARTIAL = JobState.SUCCEEDED, JobState.PARTIAL
FAILED, CANCELLED = JobState.FAILED, JobState.CANCELLED
MISSING = NotFoundError("404")


def outcome(*ends: JobState | JobctlError | None, wish: Wish | None = None) -> Outcome:
    """After an event about each job, in order, until it was enough; None: nothing was heard."""
    made = Outcome(len(ends), wish)
    for which, end in enumerate(ends):
        if isinstance(end, JobctlError):
            made.lost(which, end)
        elif end is not None:
            ref = JobRef("cognite", (str(which),))
            made.seen(which, Job(ref=ref, state=end, status=None), met=False)
        if made.enough:
            break
    return made


def verdict(made: Outcome) -> tuple[str, int]:
    return made.word(), made.exit_code(by_state=True)


@pytest.mark.parametrize(
    ("ends", "word", "code"),
    [
        ([SUCCEEDED], "succeeded", 0),
        ([SUCCEEDED, RUNNING], "pending", 8),
        ([SUCCEEDED, None], "unknown", 13),
        ([SUCCEEDED, PARTIAL], "partial", 12),
        ([PARTIAL, CANCELLED], "cancelled", 11),
        ([CANCELLED, FAILED], "failed", 10),
        ([StalledError(""), SUCCEEDED], "stalled", 13),
        ([StalledError(""), FAILED], "failed", 10),
        ([FAILED, MISSING], "error", 5),
    ],
)
def test_the_worst_end_speaks_for_all(
    ends: list[JobState | JobctlError | None], word: str, code: int
) -> None:
    made = outcome(*ends)
    assert not made.enough
    assert verdict(made) == (word, code)


def test_what_has_not_ended_at_the_deadline_has_timed_out() -> None:
    made = outcome(SUCCEEDED, RUNNING, None)
    made.timed_out = True
    assert verdict(made) == ("timeout", 124)


def test_a_signal_comes_before_all_else() -> None:
    made = outcome(MISSING, FAILED)
    made.signal = ExitCode.SIGTERM
    assert verdict(made) == ("interrupted", 143)


def test_a_look_that_does_not_ask_for_the_state_fails_only_by_errors() -> None:
    assert outcome(FAILED).exit_code(by_state=False) == 0
    assert outcome(FAILED, MISSING).exit_code(by_state=False) == 5


def test_a_query_that_fits_no_longer_is_a_wrong_use() -> None:
    made = outcome(RUNNING, MISSING)
    made.misfit = UsageError("--query")
    assert verdict(made) == ("error", 2)
    assert made.given_up() == [MISSING, made.misfit]


@pytest.mark.parametrize(
    ("ends", "word", "code"),
    [
        ([RUNNING, SUCCEEDED, FAILED], "succeeded", 0),
        ([UNKNOWN, FAILED, SUCCEEDED], "failed", 10),
        ([MISSING, SUCCEEDED, None], "error", 5),
    ],
)
def test_any_is_content_with_the_first_that_ended(
    ends: list[JobState | JobctlError | None], word: str, code: int
) -> None:
    made = outcome(*ends, wish=Wish(any=True))
    assert made.enough
    assert verdict(made) == (word, code)


def test_any_goes_on_after_a_job_that_was_given_up() -> None:
    assert not outcome(RUNNING, MISSING, wish=Wish(any=True)).enough


@pytest.mark.parametrize("end", [FAILED, CANCELLED, PARTIAL, MISSING, StalledError("")])
def test_failing_fast_ends_with_the_first_that_did_not_succeed(
    end: JobState | JobctlError,
) -> None:
    made = outcome(SUCCEEDED, RUNNING, end, None, wish=Wish(fail_fast=True))
    assert made.enough
    assert verdict(made) == verdict(outcome(end))


@pytest.mark.parametrize("end", [SUCCEEDED, RUNNING, UNKNOWN, PARTIAL])
def test_failing_fast_goes_on_while_nothing_fails(end: JobState) -> None:
    assert not outcome(end, wish=Wish(fail_fast=True, partial_ok=True)).enough


def met(*which: int, of: int, wish: Wish) -> Outcome:
    """Running jobs, some of which become as wanted."""
    made = outcome(*[RUNNING] * of, wish=wish)
    for one in which:
        job = made.jobs[one]
        assert job is not None
        made.seen(one, job, met=True)
    return made


def test_a_condition_that_all_jobs_meet_is_the_verdict() -> None:
    made = met(0, 1, of=2, wish=Wish(condition=True))
    assert verdict(made) == ("condition", 0)


def test_a_condition_that_one_job_has_not_met_is_not_enough() -> None:
    made = met(0, of=2, wish=Wish(condition=True))
    assert not made.enough
    assert verdict(made) == ("pending", 8)


def test_any_is_content_with_the_first_that_meets_the_condition() -> None:
    made = met(1, of=3, wish=Wish(any=True, condition=True))
    assert made.enough
    assert verdict(made) == ("condition", 0)


@pytest.mark.parametrize(
    ("end", "partial_ok", "code"),
    [
        (SUCCEEDED, False, 10),
        (FAILED, False, 10),
        (CANCELLED, False, 11),
        (PARTIAL, False, 12),
        (PARTIAL, True, 10),
    ],
)
def test_a_job_that_ends_without_the_condition_ends_the_wait(
    end: JobState, partial_ok: bool, code: int
) -> None:
    made = outcome(RUNNING, end, wish=Wish(condition=True, partial_ok=partial_ok))
    assert made.enough
    assert made.exit_code(by_state=True) == code


def test_an_exit_code_can_be_another_while_the_word_stays() -> None:
    made = outcome(PARTIAL, wish=Wish(exit_map={"partial": 0, "failed": 3}))
    assert verdict(made) == ("partial", 0)
    made = outcome(RUNNING, wish=Wish(exit_map={"interrupted": 7}))
    made.signal = ExitCode.SIGHUP
    assert verdict(made) == ("interrupted", 7)
    assert outcome(MISSING, wish=Wish(exit_map={"not-found": 0})).exit_code(by_state=False) == 0


@pytest.mark.parametrize(
    ("ends", "exit_map", "said"),
    [
        ([PARTIAL, RUNNING], {"partial": 0}, ("timeout", 124)),
        ([MISSING, FAILED], {"not-found": 0}, ("failed", 10)),
        ([FAILED, PARTIAL, SUCCEEDED], {"failed": 0, "partial": 3}, ("partial", 3)),
        ([FAILED, RUNNING], {"failed": 0, "timeout": 0}, ("failed", 0)),
    ],
)
def test_a_kind_that_counts_as_success_hides_no_other(
    ends: list[JobState | JobctlError | None], exit_map: dict[str, int], said: tuple[str, int]
) -> None:
    made = outcome(*ends, wish=Wish(exit_map=exit_map))
    made.timed_out = True
    assert verdict(made) == said


def test_an_interruption_that_counts_as_success_leaves_no_job_pending() -> None:
    made = outcome(RUNNING, SUCCEEDED, wish=Wish(exit_map={"interrupted": 0}))
    made.signal = ExitCode.SIGTERM
    assert verdict(made) == ("interrupted", 0)
