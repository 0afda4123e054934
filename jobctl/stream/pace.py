"""When to look again: soon where something is about to happen, seldom where nothing is.

Pure numbers: moments are seconds of one monotonic clock.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from jobctl.models import Job, JobState

# Pauses are parts: of the job's age; of the time to its end, or since that should have come; at
# most of the time since we know the job; and of the time without an answer.
_AGE, _END, _KNOWN, _SILENCE = 1 / 20, 1 / 10, 1 / 4, 1 / 2
# Pauses are longer by up to this part, by chance, so that waits do not go in step.
JITTER = 0.2


class Course(NamedTuple):
    """What is known of the course of a job.

    It entered its state when it `began`, and we know of it since `known`. `base` is when how much
    of the work was done, for the rate; `ends` is when it should be done, by its own rate.
    """

    state: JobState
    began: float
    known: float
    base: tuple[float, float] | None = None
    share: float | None = None
    ends: float | None = None


def seen(course: Course | None, job: Job, now: float, wall: datetime) -> Course:
    """The course after a look; a job that is new to us may have begun long ago by `wall`."""
    if course is None:
        started = job.started_at if job.state is JobState.RUNNING else None
        told = started or job.created_at
        began = now if told is None else now - max((wall - told).total_seconds(), 0.0)
        course = Course(job.state, began, now, (began, 0.0) if started else None)
    elif job.state is not course.state:
        course = Course(job.state, now, now)
    return _measured(course, job, now)


def _measured(course: Course, job: Job, now: float) -> Course:
    share = job.progress.share
    if share is None or share == course.share:
        return course
    if course.base is None:
        return course._replace(share=share, base=(now, share))
    since, before = course.base
    # Only a step tells of the rate: between two of them the share falls behind.
    gained, took = share - before, now - since
    ends = now + (1.0 - share) * took / gained if gained > 0.0 and took > 0.0 else None
    return course._replace(share=share, ends=ends)


def pause(course: Course, now: float, run_time: float | None, pace: tuple[float, float]) -> float:
    """Seconds until the next look at a job of which there was an answer.

    `run_time` is the usual one of such jobs, where that is known; `pace` is the shortest and the
    longest pause.
    """
    age = now - course.began
    ends = course.ends
    if ends is None and run_time is not None and course.state is JobState.RUNNING:
        ends = course.began + run_time
    if ends is None:
        wanted = age * _AGE
    elif ends > now:
        wanted = (ends - now) * _END
    else:
        wanted = min((now - ends) * _END, age * _AGE)
    return _within(min(wanted, (now - course.known) * _KNOWN), pace)


def pause_in_silence(seconds: float, pace: tuple[float, float]) -> float:
    """Seconds until the next look at a job of which there was no proper answer for so long."""
    return _within(seconds * _SILENCE, pace)


def _within(wanted: float, pace: tuple[float, float]) -> float:
    shortest, longest = pace
    return min(max(wanted, shortest), longest)
