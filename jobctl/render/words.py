"""Times, spans and counts as people say them."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import TextIO

from jobctl import payload
from jobctl.models import Job, JobState, Progress, rfc3339

_ORDER = (
    JobState.RUNNING,
    JobState.QUEUED,
    JobState.UNKNOWN,
    JobState.SUCCEEDED,
    JobState.PARTIAL,
    JobState.FAILED,
    JobState.CANCELLED,
)


def span(seconds: float) -> str:
    """`4.2s`, `42s`, `2m05s`, `1h02m`, `3d04h`."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d{hours:02}h"
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def counted(number: int, noun: str) -> str:
    """`1 record`, `2,000 records`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def age(moment: datetime, now: datetime) -> str:
    """How long ago that was: `12 s`, `3 min`, `2 h`, `5 days`; clocks that disagree give `0 s`."""
    seconds = max(int((now - moment).total_seconds()), 0)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 48 * 3600:
        return f"{seconds // 3600} h"
    return f"{seconds // 86400} days"


def local(moment: datetime) -> str:
    """`2024-10-29 13:32:26 +0100`: in the zone of whoever reads it."""
    # at either end of the calendar there is no such time in that zone, and TZ may name no zone
    with suppress(OverflowError, OSError, ValueError):
        moment = moment.astimezone()
    return f"{moment:%Y-%m-%d %H:%M:%S %z}"


def timed(text: str, time: Callable[[datetime], str]) -> str:
    """The text; where it is a time as documents have them, as `time` tells it."""
    moment = payload.iso_time(text)
    return time(moment) if moment and rfc3339(moment) == text else text


def times_on(stream: TextIO) -> Callable[[datetime], str]:
    """How the readers of a stream read times: in their own zone, or in UTC if they are programs."""
    return local if stream.isatty() else rfc3339


def validity(until: datetime, now: datetime) -> str:
    """`valid until 2026-01-01T12:00:00.000Z`, or `expired` and the time."""
    return f"{'valid until' if until > now else 'expired'} {rfc3339(until)}"


def validity_in_short(until: datetime, now: datetime) -> str:
    """`12 min left`, or `expired`."""
    return f"{age(now, until)} left" if until > now else "expired"


def items(progress: Progress) -> str | None:
    """`37/40`, with `?` for the one that the service does not say."""
    known = (progress.done, progress.total)
    if known == (None, None):
        return None
    return "/".join("?" if count is None else str(count) for count in known)


def losses(progress: Progress) -> str:
    """`2 failed, 1 skipped`, or nothing."""
    counts = (("failed", progress.failed), ("skipped", progress.skipped))
    return ", ".join(f"{count} {word}" for word, count in counts if count)


def percent(progress: Progress) -> str | None:
    """`45%`: rounded down, so that 100% is all."""
    return None if progress.percent is None else f"{int(progress.percent)}%"


def reached(progress: Progress) -> str:
    """How far it is: `92% 37/40`, or `3 done` of who knows how many."""
    counts = items(progress)
    if progress.total is None:
        counts = f"{progress.succeeded} done" if progress.succeeded else None
    return " ".join(filter(None, (percent(progress), counts)))


def standing(progress: Progress) -> str:
    """All that is known of it in one phrase: `92% 37/40, 2 failed`."""
    return ", ".join(filter(None, (reached(progress), losses(progress))))


def told(job: Job) -> str:
    """What the service says about the job: at least its word, where that is an unknown one."""
    if job.message is None and job.state is JobState.UNKNOWN and job.status is not None:
        return f"the service says {job.status}"
    return job.message or ""


def tally(states: Mapping[str, int]) -> str:
    """`3 running, 1 queued`."""
    return ", ".join(f"{states[state]} {state}" for state in _ORDER if states.get(state))


def unheard(why: str, seconds: float | None) -> str:
    """`no answer for 42s: 503`, or the reason alone where nothing is said of the time."""
    return why if seconds is None else f"no answer for {span(int(seconds))}: {why}"
