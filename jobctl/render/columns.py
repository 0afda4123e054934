"""`--columns`: cells by JSON field path, such as `progress.percent` or `failures.0.message`."""

from collections.abc import Sequence
from typing import Any

from jobctl.errors import UsageError
from jobctl.models import Job, JobRef, JobState
from jobctl.render.json import encode

_EMPTY = Job(ref=JobRef("", ()), state=JobState.UNKNOWN, status=None).document()
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
        UsageError: a path does not begin with a field of `jobctl.job/v1`.
    """
    for path in paths:
        if path.partition(".")[0] not in FIELDS:
            raise UsageError(
                f"--columns: a job has no field {path!r}",
                hint=f"the fields are {', '.join(FIELDS)}",
            )


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
