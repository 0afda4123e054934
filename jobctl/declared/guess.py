"""What the fields and words of a sample may mean, by how services usually call them.

Nothing of it is certain, and what may mean success or not is never taken for success.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from jobctl import payload
from jobctl.declared import values
from jobctl.models import JobState

Path = tuple[str, ...]

_DEEPEST = 4
_STATES = {
    JobState.QUEUED: "queued pending waiting created submitted scheduled starting new enqueued"
    " accepted received notstarted initializing initialized preparing provisioning inqueue",
    JobState.RUNNING: "running processing inprogress started active executing working building"
    " busy transcribing training evaluating validating finalizing stopping cancelling canceling",
    JobState.SUCCEEDED: "succeeded success successful succeed passed ok",
    JobState.PARTIAL: "partial partiallysucceeded partiallycompleted partialsuccess"
    " completedwitherrors completedwithwarnings",
    JobState.FAILED: "failed failure error errored faulted crashed timedout timeout expired"
    " rejected invalid exception",
    JobState.CANCELLED: "cancelled canceled stopped revoked aborted",
}
_WORDS = {word: state for state, words in _STATES.items() for word in words.split()}
_ENDED = {"completed", "complete", "done", "finished", "ended", "closed"}
_PREFIX = re.compile(r"(job|run|task|build|execution)?_?(state|status)_")

_STATUS = "status state jobstatus jobstate runstate runstatus lifecyclestate phase executionstatus"
_HOW_IT_ENDED = "conclusion outcome resultstate"
_TEXTS = {
    "name": "name displayname jobname title label",
    "message": "error.message error message errormessage statusmessage failurereason statusreason"
    " statedescription reason",
    "error_code": "error.code errorcode failurecode",
    "web": "weburl htmlurl urls.web links.web links.html dashboardurl",
}
_TIMES = {
    "created_at": "createdat created createtime creationtime createdtime creationdate createdate"
    " submittedat submittime submitted queuedat queuetime",
    "started_at": "startedat started starttime startdate start",
    "updated_at": "updatedat updated updatetime modifiedat lastmodified lastupdated",
    "ended_at": "endedat ended endtime finishedat finished finishtime completedat completed"
    " completiontime enddate stoppedat end",
}
_PERCENT = "progresspercent percentcomplete progresspercentage percentage percent"
_SHARE = "progress"
_COUNTS = {
    "total": "total totalcount itemstotal totalitems totaltasks",
    "succeeded": "succeeded succeededcount successcount completedcount",
    "failed": "failed failedcount failurecount errorcount",
    "skipped": "skipped skippedcount",
    "pending": "pending pendingcount remaining",
}
_UNITS = (("s", 1e8, 1e11), ("ms", 1e11, 1e14), ("us", 1e14, 1e17), ("ns", 1e17, 1e20))


class Said(NamedTuple):
    """What a body seems to tell of a job: paths by the fields of `job`, and units of times."""

    status: Path | None
    ending: Path | None
    texts: Mapping[str, list[Path]]
    times: Mapping[str, tuple[Path, str]]
    percent: tuple[Path, bool] | None
    counts: Mapping[str, Path]


class Words(NamedTuple):
    """The words of a status, by the state that each means; `unclear` are those that tell none."""

    states: Mapping[JobState, list[str]]
    unclear: list[str]


def said(body: Any) -> Said:
    """What a body tells of a job, as far as names and values tell it.

    `percent` comes with whether it is a share of 1, `times` with their units.
    """
    leaves = list(_leaves(body))
    status = _one(leaves, _STATUS, _is_word) or _one(leaves, "done", _is_flag)
    ending = _one(leaves, _HOW_IT_ENDED, _may_be_word) if status else None
    taken = {path for path in (status, ending) if path}
    left = [leaf for leaf in leaves if leaf[0] not in taken]
    times = {name: _time(left, names) for name, names in _TIMES.items()}
    percent = _one(left, _PERCENT, _is_number)
    share = None if percent else _one(left, _SHARE, _is_number)
    counts = {name: _one(left, names, _is_count) for name, names in _COUNTS.items()}
    return Said(
        status=status,
        ending=ending,
        texts={
            name: found
            for name, names in _TEXTS.items()
            if (found := _all(left, names, _is_address if name == "web" else _is_text))
        },
        times={name: found for name, found in times.items() if found is not None},
        percent=(percent, False) if percent else (share, _is_share(body, share)) if share else None,
        counts={name: path for name, path in counts.items() if path is not None},
    )


def sorted_out(words: Iterable[str], *, told_apart: bool) -> Words:
    """The words of a status by their states.

    One that says no more than that it is over is taken for success only where the jobs that fail
    have a word of their own; where another field tells how it ended (`told_apart`), for nothing.
    """
    states: dict[JobState, list[str]] = {}
    over: list[str] = []
    unclear: list[str] = []
    for word in dict.fromkeys(filter(None, map(str.strip, words))):
        plain = _plain(_PREFIX.sub("", word.lower()))
        if plain in _WORDS:
            states.setdefault(_WORDS[plain], []).append(word)
        else:
            (over if plain in _ENDED else unclear).append(word)
    if told_apart:
        return Words(states, unclear)
    if JobState.FAILED in states:
        states.setdefault(JobState.SUCCEEDED, []).extend(over)
        over = []
    return Words({state: some for state, some in states.items() if some}, unclear + over)


def at(body: Any, path: Path) -> Any:
    """What stands at a path; None where nothing does."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def holding(body: Any, wanted: str) -> Path | None:
    """Where a value stands that is this text."""
    return next((path for path, value in _leaves(body) if payload.text(value) == wanted), None)


def rows(body: Any, of: Callable[[list[Any]], bool]) -> tuple[Path, list[Any]] | None:
    """The first array of objects, and where it stands; `of` tells whether it is the one."""
    if isinstance(body, list):
        return ((), body) if of(body) else None
    found = (leaf for leaf in _leaves(body) if isinstance(leaf[1], list) and of(leaf[1]))
    return next(found, None)


def _leaves(body: Any) -> Iterator[tuple[Path, Any]]:
    """All that stands in objects of objects and is none itself, the shallowest first."""
    level: list[tuple[Path, Any]] = [((), body)]
    for _ in range(_DEEPEST + 1):
        yield from (one for one in level if not isinstance(one[1], dict))
        level = [
            ((*path, name), inner)
            for path, value in level
            if isinstance(value, dict)
            for name, inner in value.items()
        ]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _all(leaves: Iterable[tuple[Path, Any]], names: str, fits: Callable[[Any], bool]) -> list[Path]:
    """The paths that are called so, those of the shallowest first, then the likeliest name."""
    found: list[tuple[int, int, Path]] = []
    for rank, name in enumerate(names.split()):
        parts = tuple(name.split("."))
        found += [
            (len(path) - len(parts), rank, path)
            for path, value in leaves
            if tuple(map(_plain, path[-len(parts) :])) == parts and fits(value)
        ]
    least = min(found, default=None)
    return [path for depth, _, path in sorted(found) if least and depth == least[0]]


def _one(
    leaves: Iterable[tuple[Path, Any]], names: str, fits: Callable[[Any], bool]
) -> Path | None:
    return next(iter(_all(leaves, names, fits)), None)


def _time(leaves: Iterable[tuple[Path, Any]], names: str) -> tuple[Path, str] | None:
    """Where a time stands, and the unit of it if it is a number; of one that is null nobody knows.

    A unit that nothing tells is that of the file.
    """
    leaves = list(leaves)
    path = _one(leaves, names, lambda value: value is None or unit_of(value) is not None)
    return None if path is None else (path, unit_of(dict(leaves)[path]) or "")


def unit_of(value: Any) -> str | None:
    """The unit of a time that is a number, "" of one that is none; None for what is no time."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and values.moment(value, values.DIGITS):
        return values.DIGITS
    number = payload.number(value)
    if number is None:
        return "" if values.moment(value, "s") else None
    return next((unit for unit, least, most in _UNITS if least <= number < most), None)


def _is_share(body: Any, path: Path) -> bool:
    value = at(body, path)
    return isinstance(value, float) and 0 < value < 1


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 64


def _may_be_word(value: Any) -> bool:
    return value is None or _is_word(value)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool) and values.percent(value) is not None


def _is_count(value: Any) -> bool:
    return not isinstance(value, bool) and isinstance(value, int) and value >= 0
