"""When a job is looked at again, in numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from jobctl.models import Job, JobRef, JobState, Progress
from jobctl.stream.pace import Course, pause, pause_in_silence, seen

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
PACE = (1.0, 60.0)


def job(
    state: JobState = JobState.RUNNING,
    percent: float | None = None,
    created: float | None = None,
    started: float | None = None,
) -> Job:
    """A job of which the service says that it was created and started so many seconds ago."""
    return Job(
        ref=JobRef("cognite", ("1",)),
        state=state,
        status=None,
        progress=Progress(percent=percent),
        created_at=None if created is None else NOON - timedelta(seconds=created),
        started_at=None if started is None else NOON - timedelta(seconds=started),
    )


def followed(*looks: tuple[float, Job]) -> Course:
    """The course of a job after looks at such moments."""
    course = None
    for now, one in looks:
        course = seen(course, one, now, NOON)
    assert course is not None
    return course


@pytest.mark.parametrize(
    ("age", "seconds"), [(0, 1), (10, 1), (40, 2), (200, 10), (1200, 60), (90_000, 60)]
)
def test_the_pause_grows_with_the_age_within_the_pace(age: float, seconds: float) -> None:
    assert pause(followed((0, job())), age, None, PACE) == seconds


@pytest.mark.parametrize(("watched", "seconds"), [(0, 1), (8, 2), (60, 15), (600, 60)])
def test_an_old_job_that_is_new_to_us_is_asked_often_at_first(
    watched: float, seconds: float
) -> None:
    course = followed((500, job(started=86_400)))
    assert pause(course, 500 + watched, None, PACE) == seconds


def test_a_job_that_has_just_started_is_young_however_long_it_was_queued() -> None:
    waiting = followed((0, job(JobState.QUEUED, created=7200)))
    assert pause(waiting, 3600, None, PACE) == 60
    started = seen(waiting, job(created=7200), 3600, NOON)
    assert pause(started, 3620, None, PACE) == 1


def test_a_clock_on_the_wall_that_is_behind_makes_no_job_older() -> None:
    assert followed((7, job(created=-3600))).began == 7


def test_a_job_that_tells_how_far_it_is_is_asked_when_it_should_be_done() -> None:
    # half of it in 400 s: it should be done at 800
    course = followed((0, job(percent=0)), (400, job(percent=50)))
    assert course.ends == 800
    assert pause(course, 400, None, PACE) == 40
    assert pause(course, 700, None, PACE) == 10
    assert pause(course, 795, None, PACE) == 1
    # and soon after, less and less often
    assert pause(course, 820, None, PACE) == 2
    assert pause(course, 1000, None, PACE) == 20
    assert pause(course, 4000, None, PACE) == 60


def test_the_rate_counts_from_the_start_where_the_service_tells_it() -> None:
    assert followed((1000, job(percent=75, started=300))).ends == 1100


def test_between_two_steps_the_rate_is_that_of_the_last_step() -> None:
    course = followed((0, job(percent=0)), (25, job(percent=25)), (45, job(percent=25)))
    assert course.ends == 100


@pytest.mark.parametrize("percent", [0.0, None])
def test_progress_that_goes_back_or_away_tells_of_no_end(percent: float | None) -> None:
    course = followed((0, job(percent=50)), (10, job(percent=percent)))
    assert course.ends is None


def test_a_job_of_a_known_kind_is_asked_around_its_usual_end() -> None:
    course = followed((0, job()))
    assert pause(course, 300, 600, PACE) == 30
    assert pause(course, 590, 600, PACE) == 1
    assert pause(course, 650, 600, PACE) == 5
    assert pause(course, 3000, 600, PACE) == 60


def test_its_own_rate_tells_more_than_others_of_its_kind() -> None:
    course = followed((0, job(percent=0)), (100, job(percent=10)))
    assert pause(course, 500, 600, PACE) == 50


def test_a_usual_run_time_says_nothing_about_a_queue() -> None:
    course = followed((0, job(JobState.QUEUED)))
    assert pause(course, 100, 100, PACE) == 5


def test_a_service_sets_the_shortest_pause() -> None:
    assert pause(followed((0, job())), 0, None, (10.0, 60.0)) == 10


@pytest.mark.parametrize(("silent", "seconds"), [(0, 1), (4, 2), (30, 15), (3600, 60)])
def test_the_longer_there_was_no_answer_the_longer_is_the_pause(
    silent: float, seconds: float
) -> None:
    assert pause_in_silence(silent, PACE) == seconds
