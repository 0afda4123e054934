"""How long a job will take yet, as far as anybody can know."""

from jobctl.models import Job, JobState

# Below that a rate says nothing.
_LEAST_SECONDS = 5.0
_LEAST_SHARE = 0.05
# Nor does one that would take longer.
_FARTHEST = 24 * 3600.0
# What jobs of one kind differ by; more is worth a word.
_SPREAD = 1.2


def remaining(job: Job, run: float | None, usual: float | None) -> str:
    """`about 3 min left`, `due now`, `longer than usual`, or nothing where nobody knows.

    `run` is how long the job has run so far, `usual` how long such jobs run, both in seconds.
    What is usual is a better guide than the job's own rate.
    """
    if job.state is not JobState.RUNNING or run is None:
        return ""
    if usual is not None:
        if run > usual * _SPREAD:
            return "longer than usual"
        return _about(usual - run) if run < usual else "due now"
    done = job.progress.share or 0.0
    if run < _LEAST_SECONDS or not _LEAST_SHARE <= done < 1:
        return ""
    left = run / done - run
    return _about(left) if left <= _FARTHEST else ""


def _about(seconds: float) -> str:
    if seconds < 10:
        return "seconds left"
    if seconds < 55:
        return f"about {round(seconds, -1):.0f} s left"
    if seconds < 90 * 60:
        return f"about {max(seconds / 60, 1):.0f} min left"
    if seconds < 36 * 3600:
        return f"about {seconds / 3600:.0f} h left"
    return f"about {seconds / 86400:.0f} days left"
