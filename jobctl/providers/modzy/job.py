"""From what Modzy says of a job, and of its results, to a `Job`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from jobctl import payload
from jobctl.models import Failure, Job, JobState, Progress, rfc3339
from jobctl.providers.modzy import OPEN

T = TypeVar("T")

UNTOLD = "the service does not say how many inputs failed"

_TIMED_OUT = frozenset({"TIMEDOUT", "TIMED_OUT", "TIMEOUT"})
_NOTE = "open: waits for input and close"


def spelled(status: str) -> str:
    """A status word as the states table spells it."""
    return re.sub(r"[\s-]+", "_", status.strip().upper())


def unspoken(body: Mapping[str, Any]) -> str | None:
    """The status of a body without one: a receipt is of a job just submitted."""
    receipt = {"totalInputs", "accessKey", "jobType"} & body.keys()
    return "SUBMITTED" if receipt and body.get("status") is None else None


def asks_for_results(job: Job, body: Mapping[str, Any]) -> bool:
    """Whether only the results can tell how many inputs of an ended job failed, or why."""
    failed = payload.count(body.get("failed"))
    if not job.state.ended or failed:
        return job.state.ended
    if job.state is JobState.SUCCEEDED:
        return failed is None
    timed_out = spelled(job.status or "") in _TIMED_OUT
    return job.state is not JobState.CANCELLED and not timed_out


def job_of(job: Job, body: Mapping[str, Any], results: Mapping[str, Any]) -> Job:
    """A job by what the service says of it and, where they were asked for, of its results."""
    state, lost = job.state, _failures(results)
    warnings = job.warnings
    total = _first(payload.count, body.get("total"), body.get("totalInputs"), results.get("total"))
    completed = _first(payload.count, body.get("completed"), results.get("completed"))
    failed = _first(payload.count, body.get("failed"), _failed(results, lost))
    if state in (JobState.SUCCEEDED, JobState.PARTIAL):
        if failed is None:
            warnings = (UNTOLD, *warnings)
        # What is said to have failed is no success, even where nobody can read how much it is.
        if failed or (failed is None and body.get("failed")):
            state = JobState.FAILED if completed == 0 else JobState.PARTIAL
    submitted, updated = (payload.iso_time(body.get(key)) for key in ("submittedAt", "updatedAt"))
    queued = _first(
        _milliseconds,
        body.get("queueTime"),
        results.get("initialQueueTime"),
        results.get("jobQueueTime"),
    )
    elapsed = _first(
        lambda value: _milliseconds(value) or None,  # 0 stands for "not known yet"
        body.get("elapsedTime"),
        results.get("elapsedTime"),
        results.get("jobElapsedTime"),
    )
    started = None if state is JobState.QUEUED else payload.later(submitted, queued)
    ended = (payload.later(submitted, elapsed) or updated) if state.ended else None
    return replace(
        job,
        state=state,
        # A job has no name of its own: people know it by its model.
        name=payload.text(payload.mapping(body.get("model")).get("name")),
        progress=Progress(
            percent=_percent(total, completed, failed),
            total=total,
            succeeded=completed,
            failed=failed,
            pending=payload.count(body.get("pending")),
        ),
        created_at=payload.iso_time(body.get("createdAt")),
        started_at=started,
        updated_at=updated,
        ended_at=ended,
        duration_seconds=payload.seconds_between(started, ended),
        message=_message(job.status, state, lost),
        failures=tuple(lost),
        detail=_detail(body, queued),
        warnings=warnings,
    )


def _first(read: Callable[[Any], T | None], *values: Any) -> T | None:
    return next((found for one in values if (found := read(one)) is not None), None)


def _milliseconds(value: Any) -> float | None:
    found = payload.number(value)
    return found if found is not None and 0 <= found < 10**15 else None


def _percent(total: int | None, completed: int | None, failed: int | None) -> float | None:
    if not total or completed is None or failed is None:
        return None
    done = completed + failed
    return 100 * done / total if done < total else 100


def _failed(results: Mapping[str, Any], lost: Sequence[Failure]) -> int | None:
    """How many inputs failed, by the results; zero is said only by those that are finished."""
    counted = payload.count(results.get("failed"))
    if lost:
        return max(counted or 0, len(lost))
    return counted if counted or payload.boolean(results.get("finished")) is not False else None


def _failures(results: Mapping[str, Any]) -> list[Failure]:
    """The inputs among `failures`, and those among `results` that are marked as failed."""
    found: dict[str, Failure] = {}
    for section in ("failures", "results"):
        for key, entry in payload.mapping(results.get(section)).items():
            told = payload.mapping(entry)
            if "status" not in told and isinstance(told.get(key), dict):
                told = told[key]  # as older servers nest them
            status = payload.text(told.get("status")) or ""
            if section == "failures" or spelled(status) == "FAILED":
                found.setdefault(key, Failure(key, payload.text(told.get("error"))))
    return list(found.values())


def _message(status: str | None, state: JobState, lost: Sequence[Failure]) -> str | None:
    """A job has no message of its own."""
    word = spelled(status or "")
    if word == OPEN:
        return _NOTE
    if word in _TIMED_OUT:
        return "timed out"
    if state not in (JobState.PARTIAL, JobState.FAILED):
        return None
    return next((one.message for one in lost if one.message), None)


def _detail(body: Mapping[str, Any], queued: float | None) -> dict[str, Any]:
    model, project = payload.mapping(body.get("model")), payload.mapping(body.get("project"))
    key = payload.text(body.get("submittedBy")) or payload.text(body.get("accessKey")) or ""
    limit = _milliseconds(body.get("timeout"))
    return payload.facts(
        model=payload.text(model.get("name")) or payload.text(model.get("identifier")),
        model_id=payload.text(model.get("identifier")),
        model_version=payload.text(model.get("version")),
        type=payload.text(body.get("jobType")),
        submitted_by=_prefix(key),
        submitted_at=rfc3339(payload.iso_time(body.get("submittedAt"))),
        account=payload.text(body.get("accountIdentifier")),
        team=payload.text(payload.mapping(body.get("team")).get("identifier")),
        project=payload.text(project.get("name")) or payload.text(project.get("identifier")),
        inputs=len(input_keys(body)) or None,
        input_bytes=payload.count(body.get("inputByteAmount")),
        queue_seconds=queued / 1000 if queued else None,
        timeout_seconds=limit / 1000 if limit else None,
        explain=payload.boolean(body.get("explain")),
    )


def _prefix(key: str) -> str | None:
    """Who a key is of: what follows its dot is secret. Of anything else a half tells nothing."""
    prefix, _, secret = key.partition(".")
    return prefix if prefix and re.fullmatch(r"[\w-]+", prefix + secret, re.ASCII) else None


def input_keys(body: Mapping[str, Any]) -> list[Any]:
    """The keys of a job's inputs, in any of the three forms."""
    told = body.get("jobInputs")
    listed = payload.items(payload.mapping(told).get("identifier", told))
    return [payload.mapping(one).get("identifier", one) for one in listed]
