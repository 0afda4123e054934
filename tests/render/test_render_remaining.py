"""How long a job will take yet, and how that is said."""

from collections.abc import Callable

import pytest

from jobctl.models import Job, Progress
from jobctl.render.live.remaining import remaining


@pytest.mark.parametrize(
    ("run", "usual", "percent", "said"),
    [
        (60.0, 240.0, None, "about 3 min left"),
        (60.0, 240.0, 90, "about 3 min left"),
        (240.0, 240.0, None, "due now"),
        (280.0, 240.0, 10, "due now"),
        (300.0, 240.0, None, "longer than usual"),
        (0.0, 0.0, None, "due now"),
        (60.0, None, 25, "about 3 min left"),
        (60.0, None, None, ""),
        (60.0, None, 0, ""),
        (60.0, None, 4, ""),
        (60.0, None, 100, ""),
        (4.0, None, 50, ""),
        (86400.0, None, 40, ""),
        (None, 240.0, 50, ""),
    ],
)
def test_what_is_usual_is_told_first_then_what_the_own_rate_tells_else_nothing(
    run: float | None,
    usual: float | None,
    percent: float | None,
    said: str,
    job: Callable[..., Job],
) -> None:
    one = job("cognite/1", progress=Progress(percent=percent))
    assert remaining(one, run, usual) == said


@pytest.mark.parametrize("state", ["queued", "succeeded", "failed", "unknown"])
def test_only_of_a_job_at_work_anything_is_known(state: str, job: Callable[..., Job]) -> None:
    assert remaining(job("cognite/1", state), 60.0, 240.0) == ""


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (3, "seconds left"),
        (14, "about 10 s left"),
        (54, "about 50 s left"),
        (56, "about 1 min left"),
        (89 * 60, "about 89 min left"),
        (3 * 3600, "about 3 h left"),
        (72 * 3600, "about 3 days left"),
    ],
)
def test_it_is_said_no_more_exactly_than_it_is_known(
    left: float, said: str, job: Callable[..., Job]
) -> None:
    assert remaining(job("cognite/1"), 10.0, 10.0 + left) == said
