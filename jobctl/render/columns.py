"""`--columns`: cells by JSON field path, such as `progress.percent` or `failures.0.message`."""

from collections.abc import Iterator, Sequence
from typing import Any

from jobctl.errors import UsageError, did_you_mean
from jobctl.models import Failure, Job, JobRef, JobState
from jobctl.render.json import encode

_EMPTY = Job(
    ref=JobRef("", ()), state=JobState.UNKNOWN, status=None, failures=(Failure(None, None),)
).document()
_DIGITS = 10  # of a place in a list
FIELDS = tuple(_EMPTY)
PATHS = tuple(
    path
    for field in FIELDS
    for path in (
        [f"progress.{count}" for count in _EMPTY[field]] if field == "progress" else [field]
    )
)
"""The columns of csv and tsv: every field, and every count of the progress."""


def check(paths: Sequence[str]) -> None:
    """Refuse what can be no column.

    Raises:
        UsageError: a path leads to no field of `jobctl.job/v1`.
    """
    for path in paths:
        if not _leads_on(_EMPTY, path):
            hint = did_you_mean(path, PATHS, f"the fields are {', '.join(FIELDS)}")
            raise UsageError(f"--columns: a job has no field {path!r}", hint=hint)


def _leads_on(value: Any, path: str) -> bool:
    """Whether there may be something at a path; what is in `detail` each provider says."""
    step, _, rest = path.partition(".")
    if isinstance(value, list):
        return step.isdecimal() and (not rest or _leads_on(value[0], rest))
    if not isinstance(value, dict) or (value and step not in value):
        return False
    return not value or not rest or _leads_on(value[step], rest)


def lacking(paths: Sequence[str], jobs: Sequence[Job]) -> Iterator[str]:
    """What to say of the columns in `detail` that none of the jobs has, if there are jobs."""
    wanted = [path for path in paths if path.startswith("detail.")]
    documents = [job.document() for job in jobs] if wanted else []
    for path in wanted:
        if documents and all(at(one, path) is None for one in documents):
            yield f"no job has the field {path!r}"


def at(value: Any, path: str) -> Any:
    """What stands at a path; None where there is nothing."""
    if isinstance(value, list):
        step, _, rest = path.partition(".")
        inner = (
            value[int(step)]
            if len(step) < _DIGITS and step.isdecimal() and int(step) < len(value)
            else None
        )
        return at(inner, rest) if rest else inner
    if not isinstance(value, dict):
        return None
    name = path
    # a name may hold a dot itself, so the longest one that is there counts
    while name not in value:
        name, dot, _ = name.rpartition(".")
        if not dot:
            return None
    rest = path[len(name) + 1 :]
    return at(value[name], rest) if rest else value[name]


def cell(document: Any, path: str) -> str:
    """What stands at a path, as text; empty where there is nothing."""
    value = at(document, path)
    if value is None:
        return ""
    return value if isinstance(value, str) else encode(value)
