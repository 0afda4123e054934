"""How times, spans and counts are said."""

import io
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from jobctl.models import Job, Progress
from jobctl.render import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0s"),
        (4.25, "4.2s"),
        (9.0, "9s"),
        (42.9, "42s"),
        (125, "2m05s"),
        (3720, "1h02m"),
        (273600, "3d04h"),
    ],
)
def test_a_span_is_said_in_two_units_at_most(seconds: float, said: str) -> None:
    assert words.span(seconds) == said


def test_times_are_the_readers_own_on_a_terminal_and_utc_elsewhere(
    now: Callable[[], datetime], terminal: Callable[..., io.StringIO], kathmandu: None
) -> None:
    assert words.times_on(terminal())(now()) == "2024-10-29 19:45:00 +0545"
    assert words.times_on(io.StringIO())(now()) == "2024-10-29T14:00:00.000Z"


def test_a_time_at_the_end_of_the_calendar_is_told_as_it_came(kathmandu: None) -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert words.local(last) == "9999-12-31 23:59:59 +0000"
    # a day and more from Greenwich is no zone
    os.environ["TZ"] = "ODD+25"
    time.tzset()
    assert words.local(last) == "9999-12-31 23:59:59 +0000"
    assert words.local(datetime(2024, 10, 29, tzinfo=UTC)) == "2024-10-29 00:00:00 +0000"


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({"seconds": -5}, "0 s"),
        ({"seconds": 12}, "12 s"),
        ({"minutes": 3, "seconds": 59}, "3 min"),
        ({"hours": 47}, "47 h"),
        ({"hours": 49}, "2 days"),
    ],
)
def test_an_age_is_said_in_one_unit(
    span: dict[str, float], said: str, ago: Callable[..., datetime], now: Callable[[], datetime]
) -> None:
    assert words.age(ago(**span), now()) == said


@pytest.mark.parametrize(
    ("progress", "said", "share"),
    [
        (Progress(), "", None),
        (Progress(percent=99.5), "99%", 0.995),
        (Progress(percent=120.0), "120%", 1.0),
        (Progress(total=40, succeeded=35, failed=2), "37/40, 2 failed", 0.925),
        (Progress(total=4, succeeded=1, failed=1, skipped=1), "3/4, 1 failed, 1 skipped", 0.75),
        (Progress(total=4, pending=1), "3/4", 0.75),
        (Progress(total=4), "?/4", None),
        (Progress(total=0, succeeded=0), "0/0", None),
        (Progress(total=2, succeeded=3), "3/2", 1.0),
        (Progress(succeeded=7), "7 done", None),
        (Progress(percent=100, succeeded=0, skipped=3), "100%, 3 skipped", 1.0),
        (Progress(failed=3), "3 failed", None),
        (Progress(percent=50, total=4, succeeded=2), "50% 2/4", 0.5),
    ],
)
def test_progress_says_what_the_counts_tell_and_no_more(
    progress: Progress, said: str, share: float | None
) -> None:
    assert words.standing(progress) == said
    assert progress.share == share


def test_a_tally_leaves_out_states_that_no_job_is_in() -> None:
    assert words.tally({"queued": 1, "running": 3, "failed": 0}) == "3 running, 1 queued"


def test_an_unknown_state_tells_at_least_the_word_of_the_service(job: Callable[..., Job]) -> None:
    assert words.told(job("vas/a/b", "unknown", status="ABNORMAL")) == "the service says ABNORMAL"
    assert words.told(job("vas/a/b", "unknown", status=None)) == ""
    assert words.told(job("vas/a/b", "unknown", message="stuck")) == "stuck"
