"""From an answer of the service to a job, as the file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jobctl import payload
from jobctl.declared import values
from jobctl.declared.meaning import ANY_WORD, bare
from jobctl.declared.spec import Field, Meaning
from jobctl.errors import UsageError
from jobctl.expression import Expression
from jobctl.models import Failure, Job, JobRef, JobState, Progress

_MOST = 10_000  # values in a detail, letters of a text: what a person looks at is smaller
_FAILURES = 100_000


def find(expression: Expression, document: Any) -> Any:
    """What an expression selects; one that does not fit the document selects nothing."""
    try:
        return expression(document)
    except UsageError:
        return None


def job_of(
    meaning: Meaning,
    ref: JobRef,
    body: Any,
    *,
    overrides: Mapping[str, JobState],
    url: str | None,
    raw: bytes,
    warnings: tuple[str, ...] = (),
) -> Job:
    """The job that a body tells of; `overrides` are the user's own states for words."""
    status = values.words(find(meaning.status, body))
    state = turned(meaning, state_of(meaning.states, status, overrides), body)
    times = {
        name: values.moment(_first(field, body), str(field.unit))
        for name, field in meaning.times.items()
    }
    if not state.ended:
        times["ended_at"] = None
    texts = {name: payload.text(_first_text(field, body)) for name, field in meaning.texts.items()}
    return Job(
        ref=ref,
        state=state,
        status=status,
        name=texts.get("name"),
        progress=_progress(meaning, body),
        created_at=times.get("created_at"),
        started_at=times.get("started_at"),
        updated_at=times.get("updated_at"),
        ended_at=times.get("ended_at"),
        duration_seconds=_duration(meaning, body, times),
        message=texts.get("message"),
        error_code=texts.get("error_code"),
        failures=tuple(_failures(meaning, body)),
        url=url,
        web_url=_page(texts.get("web")),
        detail=_detail(meaning, body),
        warnings=(
            *warnings,
            *(text for when, text in meaning.warnings if values.holds(find(when, body))),
        ),
        raw=raw,
    )


def state_of(
    states: Mapping[str, JobState], status: str | None, overrides: Mapping[str, JobState]
) -> JobState:
    """Our word for the service's, which may be several joined by `+`."""
    if status is None:
        return JobState.UNKNOWN
    known = {**states, **{bare(word): state for word, state in overrides.items()}}
    if bare(status) in known and bare(status) != ANY_WORD:
        return known[bare(status)]
    parts = [known[bare(part)] for part in status.split("+") if bare(part) in known]
    if not parts:
        return known.get(ANY_WORD, JobState.UNKNOWN)
    return next((state for state in parts if not state.ended), parts[0])


def turned(meaning: Meaning, state: JobState, body: Any) -> JobState:
    """What takes the place of succeeded where the file says so."""
    if state is not JobState.SUCCEEDED:
        return state
    turns = (one for one, when in meaning.when.items() if values.holds(find(when, body)))
    return next(turns, state)


def _first(field: Field, body: Any) -> Any:
    found = (values.something(find(place, body)) for place in field.places)
    return next((value for value in found if value is not None), None)


def _first_text(field: Field, body: Any) -> str | None:
    found = (payload.text(find(place, body)) for place in field.places)
    return next((text for text in found if text is not None), None)


def _duration(meaning: Meaning, body: Any, times: Mapping[str, datetime | None]) -> float | None:
    field = meaning.duration
    told = field and values.seconds(_first(field, body), str(field.unit))
    if told is not None:
        return told
    return payload.seconds_between(times.get("started_at"), times.get("ended_at"))


def _progress(meaning: Meaning, body: Any) -> Progress:
    field = meaning.percent
    percent = field and values.percent(_first(field, body), float(field.unit or 100))
    counts = {
        name: payload.count(values.something(find(place, body)))
        for name, place in meaning.counts.items()
    }
    return Progress(percent=percent, **counts)


def _failures(meaning: Meaning, body: Any) -> Iterator[Failure]:
    if meaning.failures is None:
        return
    at, fields = meaning.failures
    for item in values.members(find(at, body))[:_FAILURES]:
        told = {name: _first_text(field, item) for name, field in fields.items()}
        yield Failure(told.get("id"), told.get("message"), told.get("name"))


def _detail(meaning: Meaning, body: Any) -> dict[str, Any]:
    found = ((name, find(place, body)) for name, place in meaning.detail.items())
    return {name: value for name, value in found if value is not None and is_modest(value)}


def is_modest(value: Any) -> bool:
    """Whether a value is small enough to be looked at: expressions can make them grow and grow."""
    left, seen = [value], 0
    while left and seen <= _MOST:
        one = left.pop()
        seen += 1
        if isinstance(one, str):
            seen += len(one) // 10
        elif isinstance(one, list):
            left.extend(one[: _MOST + 1])
        elif isinstance(one, dict):
            left.extend(one.values())
    return seen <= _MOST


def _page(url: str | None) -> str | None:
    """A page for people: an address that a browser may open without harm."""
    try:
        return url if url and urlsplit(url).scheme in ("http", "https") else None
    except ValueError:
        return None
