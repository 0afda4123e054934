"""Modzy as documented: inference jobs and their results.

https://docs.modzy.com/reference/jobs

Besides the scenarios it plays jobs that never end, one that stays open and one with a status that
no documentation knows, and the history holds 250 jobs that ended before anybody looked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl.sandbox import Lives, Scenario, first_of, respond

if TYPE_CHECKING:
    import httpx


_MODEL = {"identifier": "ed542963de", "version": "1.0.1", "name": "Sentiment Analysis"}
_SLOW_MODEL = {"identifier": "e3f73163d3", "version": "0.0.1", "name": "Video Captioning"}


class _Part(NamedTuple):
    """What a job plays: a word for ever, or in about 4 s so many inputs and the word of the end."""

    end: str
    done: int = 0
    failed: int = 0
    left: int = 0
    opened: float = 0.0  # seconds until somebody closes it
    receipt: bool = False
    endless: bool = False
    model: Mapping[str, str] = _MODEL


_PLAYED: Mapping[str, tuple[str, _Part]] = {
    "14856eb1-0ad8-49e7-9da3-887acb80fea5": (
        "submitted, in progress with counts, completed, in about 4 s",
        _Part("COMPLETED", done=4),
    ),
    "2700725a-9c84-40ae-bbeb-4fce0d35424e": (
        "completed with failed inputs (partial)",
        _Part("COMPLETED", done=3, failed=1),
    ),
    "job-cwe-1": (
        "completes with the newer word for failed inputs (partial)",
        _Part("COMPLETED_WITH_ERROR", done=2, failed=2),
    ),
    "job-receipt-1": (
        "answers in the shape of a receipt, without counts (partial)",
        _Part("COMPLETED", done=1, failed=1, receipt=True),
    ),
    "job-allfailed-1": (
        "completed, but every input failed (failed)",
        _Part("COMPLETED", failed=2),
    ),
    "job-error-1": ("ends with an error (failed)", _Part("ERROR", failed=1)),
    "job-timedout-1": ("is timed out (failed)", _Part("TIMEDOUT", done=2, left=2)),
    "job-canceled-1": ("is canceled half-way", _Part("CANCELED", done=1, left=3)),
    "job-closed-1": (
        "open until somebody closes it after 2 s, then completed",
        _Part("COMPLETED", done=2, opened=2.0),
    ),
    "job-open-1": ("stays open", _Part("OPEN", endless=True)),
    "job-odd-1": ("a status nobody knows, for ever", _Part("HIBERNATING", endless=True)),
}

# What ended before anybody looked: every fifth has not gone well, the oldest is three weeks old.
_NOT_WELL: Mapping[int, _Part] = {
    5: _Part("COMPLETED", done=1, failed=1),
    10: _Part("CANCELED", done=1, left=1),
    15: _Part("TIMEDOUT", left=2, model=_SLOW_MODEL),
    0: _Part("ERROR", failed=1),
}
_AGES = {f"job-old-{number:03}": number * 2 * 3600.0 for number in range(1, 251)}
_PARTS = {job: part for job, (_, part) in _PLAYED.items()} | {
    job: _NOT_WELL.get(number % 20, _Part("COMPLETED", done=2))
    for number, job in enumerate(_AGES, 1)
}
SCENARIOS = (
    *(Scenario(job, plays) for job, (plays, part) in _PLAYED.items() if not part.endless),
    Scenario("job-old-005", "completed with a failed input, ten hours ago (partial)"),
)

_OUT_OF_MEMORY = (
    "Handler dispatch failed; nested exception is java.lang.OutOfMemoryError: Java heap space"
)
_REFUSED: Mapping[int, tuple[str, str]] = {
    400: ("BAD_REQUEST", _OUT_OF_MEMORY),
    401: ("UNAUTHORIZED", "The API key is not valid"),
    403: ("FORBIDDEN", "Not allowed"),
    404: ("NOT_FOUND", "Job not found"),
    405: ("METHOD_NOT_ALLOWED", "Request method not supported"),
    406: ("NOT_ACCEPTABLE", "Could not find acceptable representation"),
    409: ("CONFLICT", "The job changed meanwhile"),
    413: ("PAYLOAD_TOO_LARGE", "Too large"),
    422: ("UNPROCESSABLE_ENTITY", "Unprocessable"),
    429: ("TOO_MANY_REQUESTS", "Slow down"),
    500: ("INTERNAL_SERVER_ERROR", "Unexpected error"),
}
_FROM_A_PROXY = {502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout"}
_DISAGREES = "error-disagrees"
ERRORS = (
    *(
        Scenario(f"error-{status}", f"{status}, {words.lower().replace('_', ' ')}")
        for status, (words, _) in _REFUSED.items()
    ),
    *(
        Scenario(f"error-{status}", f"{status} for ever, as a proxy's page")
        for status in _FROM_A_PROXY
    ),
    Scenario(_DISAGREES, "404 whose body speaks of another status"),
)

_PREFIX = "SANDBOX1"
_KEY = f"{_PREFIX}.sandbox-key-body"
_TEAM, _TEAM_TOKEN = "sandbox-team", "sandbox.team.token"
# What the vendor's SDK asks first, before it asks for a job.
_FIRST: Mapping[str, list[dict[str, Any]]] = {
    "/api/models": [{"modelId": _MODEL["identifier"], "latestVersion": _MODEL["version"]}],
    "/api/models/requirements/account": [
        {"requirementId": 1, "status": "ACTIVE", "cpuAmount": "1000m", "memoryAmount": "2Gi"}
    ],
}
_QUEUED, _ENDED = 1.0, 4.0  # seconds after the job was submitted

_SORTS = {"identifier": "jobIdentifier", "fail": "failed"} | {
    name: name
    for name in (
        "submittedBy", "submittedJobs", "status", "createdAt", "updatedAt", "submittedAt",
        "total", "completed", "model",
    )
}  # fmt: skip


def ways(root: str) -> dict[str, dict[str, str]]:
    """See `jobctl.sandbox`; the base URL is as the vendor's Python SDK writes it, with `/api`."""
    place = {"base_url": f"{root}/api"}
    return {
        "key": place | {"api_key": _KEY},
        "team": place | {"team_id": _TEAM, "team_token": _TEAM_TOKEN},
    }


settings = first_of(ways)


def answer(request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
    """Answer one request as the service would."""
    if not _signed_in(request):
        return _refuse(401)
    if path in _FIRST and request.method == "GET":
        return respond(200, _FIRST[path])
    if path == "/api/jobs/history" and request.method == "GET":
        return _history(request, lives)
    found = re.fullmatch(r"/api/(jobs|results)/([^/]+)", path)
    if not found:
        return _refuse(404, "A parameter is missing or misspelled")
    if request.method != "GET":
        return _refuse(405)
    kind, job = found.groups()
    if job == _DISAGREES:
        return respond(404, {"statusCode": 123})
    if job in {error.id for error in ERRORS}:
        return _refuse(int(job.removeprefix("error-")))
    if job not in _PARTS:
        return _refuse(404)
    part = _PARTS[job]
    return respond(200, _job(job, part, lives)) if kind == "jobs" else _results(job, part, lives)


def _signed_in(request: httpx.Request) -> bool:
    given, team = (request.headers.get(name) for name in ("authorization", "modzy-team-id"))
    return given == f"ApiKey {_KEY}" or (given, team) == (f"Bearer {_TEAM_TOKEN}", _TEAM)


def _refuse(status: int, message: str | None = None) -> httpx.Response:
    if status in _FROM_A_PROXY:
        return respond(status, f"<html><h1>{status} {_FROM_A_PROXY[status]}</h1></html>")
    word, usual = _REFUSED[status]
    body = {
        "statusCode": status,
        "status": word,
        "message": message or usual,
        "reportErrorUrl": "https://app.modzy.com/report/example",
    }
    return respond(status, body, {"Retry-After": "3"} if status == 429 else {})


def _born(job: str, lives: Lives) -> float:
    """When a job was made, in seconds since 1970."""
    return lives.born("job-old") - _AGES[job] if job in _AGES else lives.born(job)


def _age(job: str, lives: Lives) -> float:
    """How old a job is, in its own seconds."""
    return _AGES[job] if job in _AGES else lives.age(job)


class _Moment(NamedTuple):
    """Where a job stands: the status word, inputs done and failed, and when that came about."""

    status: str
    done: int = 0
    failed: int = 0
    since: float = 0.0


def _moment(part: _Part, age: float) -> _Moment:
    """Queued for 1 s, then one input after the other, and the end after 4 s."""
    if part.endless:
        return _Moment(part.end)
    age -= part.opened
    if age < 0:
        return _Moment("OPEN")
    if age < _QUEUED:
        return _Moment("SUBMITTED", since=part.opened)
    if age >= _ENDED:
        return _Moment(part.end, part.done, part.failed, part.opened + _ENDED)
    each = (_ENDED - _QUEUED) / (part.done + part.failed)
    over = int((age - _QUEUED) / each)
    done = min(over, part.done)
    return _Moment("IN_PROGRESS", done, over - done, part.opened + _QUEUED + over * each)


def _job(job: str, part: _Part, lives: Lives) -> dict[str, Any]:
    now = _moment(part, _age(job, lives))
    born, total = _born(job, lives), part.done + part.failed + part.left
    is_open, ended = now.status == "OPEN", now.status == part.end
    body: dict[str, Any] = {
        "jobIdentifier": job,
        "accountIdentifier": "demo-account",
        "team": {"identifier": "demo-team"},
        "model": part.model,
        "status": now.status,
        "submittedAt": None if is_open else _colon(born + part.opened / lives.clock.speed),
        "explain": False,
        "imageClassificationModel": False,
        "hoursDeleteInput": 1,
        "user": {"identifier": "demo-user-id", "firstName": "demo", "email": "demo@example.com"},
    }
    inputs = [] if is_open else [f"input-{number}" for number in range(1, total + 1)]
    if part.receipt:
        return body | {
            "totalInputs": total,
            "accessKey": _PREFIX,
            "jobType": "batch",
            "jobInputs": {"identifier": inputs},
        }
    return body | {
        "submittedBy": _PREFIX,
        "createdAt": _no_colon(born),
        "updatedAt": _no_colon(born + now.since / lives.clock.speed),
        "total": len(inputs),
        "pending": len(inputs) - now.done - now.failed,
        "completed": now.done,
        "failed": now.failed,
        "elapsedTime": round(_ENDED * 1000 / lives.clock.speed) if ended else 0,
        "queueTime": round(_QUEUED * 1000 / lives.clock.speed) if now.since > part.opened else 0,
        "jobInputs": [{"identifier": key} for key in inputs],
    }


def _results(job: str, part: _Part, lives: Lives) -> httpx.Response:
    """Not there before the job runs, and not complete before it has ended."""
    now = _moment(part, _age(job, lives))
    if not now.since > part.opened:
        return _refuse(404, "Results not found")
    names = [f"input-{number}" for number in range(1, now.done + now.failed + 1)]
    born = _born(job, lives)
    told = {
        "engine": "model-batch-sandbox",
        "startTime": _no_colon(born + (part.opened + _QUEUED) / lives.clock.speed),
        "endTime": _no_colon(born + now.since / lives.clock.speed),
    }
    scores = [{"class": "positive", "score": 0.87}, {"class": "negative", "score": 0.13}]
    output = {"data": {"result": {"classPredictions": scores}, "explanation": None}}
    good = {"status": "SUCCESSFUL", **told, "results.json": output, "voting": {"up": 0, "down": 0}}
    bad = {"status": "FAILED", **told, "error": "Input file input.txt is missing"}
    body: dict[str, Any] = {
        "jobIdentifier": job,
        "total": part.done + part.failed + part.left,
        "completed": now.done,
        "failed": now.failed,
        "finished": now.status == part.end,
        "submittedByKey": _PREFIX,
    }
    # Two names that older servers do not use.
    queue, elapsed = "initialQueueTime", "elapsedTime"
    if part.receipt:
        queue, elapsed = "jobQueueTime", "jobElapsedTime"
    body[queue] = round(_QUEUED * 1000 / lives.clock.speed)
    body[elapsed] = round(_ENDED * 1000 / lives.clock.speed) if now.status == part.end else 0
    # Each of the two is absent while there is nothing in it; older servers nest their entries.
    if done := names[: now.done]:
        body["results"] = {key: {key: good} if part.receipt else good for key in done}
    if failed := names[now.done :]:
        body["failures"] = dict.fromkeys(failed, bad)
    return respond(200, body)


def _history(request: httpx.Request, lives: Lives) -> httpx.Response:
    """A page of the jobs, the oldest first unless told otherwise."""
    asked = request.url.params
    try:
        fields = [_SORTS[name] for name in asked.get("sort-by", "createdAt").split(",")]
        start = _time(asked["startDate"]) if "startDate" in asked else -inf
        end = _time(asked["endDate"]) if "endDate" in asked else inf
        page = max(int(asked.get("page", "1")), 1)
        size = max(int(asked.get("per-page", "10")), 1)
    except (KeyError, ValueError) as error:
        return _refuse(400, f"A parameter is not valid: {error}")
    if "endDate" in asked and "startDate" not in asked:
        return _refuse(400, "startDate is required")
    if start > lives.clock.wall():
        return _refuse(400, "startDate is in the future")
    status, model = asked.get("status", "ALL").upper(), asked.get("model", "").lower()
    jobs = [
        job
        for name, part in _PARTS.items()
        if start <= _born(name, lives) <= end
        and model in part.model["name"].lower()
        and status in ("ALL", (job := _job(name, part._replace(receipt=False), lives))["status"])
    ]
    jobs.sort(
        key=lambda job: [_sortable(job.get(field)) for field in (*fields, "jobIdentifier")],
        reverse=asked.get("direction", "ASC").upper() == "DESC",
    )
    near = {"prev": page - 1, "next": page + 1 if page * size < len(jobs) else 0}
    link = ", ".join(
        f'<{request.url.copy_set_param("page", number)}>; rel="{word}"'
        for word, number in near.items()
        if number
    )
    return respond(200, jobs[(page - 1) * size : page * size], {"Link": link} if link else {})


def _sortable(value: Any) -> tuple[bool, Any]:
    """Anything beside its like, what is not there first."""
    return value is not None, value["name"] if isinstance(value, Mapping) else value


def _time(text: str) -> float:
    """Seconds since 1970; a time without a zone is taken for UTC."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


def _no_colon(moment: float) -> str:
    return _colon(moment).replace("+00:00", "+0000")


def _colon(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
