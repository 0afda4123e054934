"""Modzy: inference jobs.

https://docs.modzy.com/reference/jobs
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from jobctl import payload
from jobctl.config import Profile, Setting, hide
from jobctl.errors import AuthError, ConfigError, JobctlError, NotFoundError
from jobctl.models import Failure, Job, JobRef, JobState, Progress, rfc3339
from jobctl.provider import Answer, IdPart, Provider, Refusal, ServiceError

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache

T = TypeVar("T")

_OPEN = "OPEN"
_TIMED_OUT = frozenset({"TIMEDOUT", "TIMED_OUT", "TIMEOUT"})
_NOTE = "open: waits for input and close"
_ENDLESS = "the job is open: the wait ends only once somebody closes it"
_UNTOLD = "the service does not say how many inputs failed"


class Modzy(Provider):
    """Inference jobs: one version of a model over one or more named inputs."""

    title = "Modzy"
    docs = "https://docs.modzy.com/reference/jobs"
    life = "no end is announced, but the vendor's public code has not moved since 2023"
    account = "modzy"
    ids = (
        IdPart(
            "job",
            "1 to 128 letters, digits, dots, hyphens and underscores, usually a UUID",
            r"(?!(?:\.|\.\.|history|features)\Z)[A-Za-z0-9._-]{1,128}",
        ),
    )
    example = "14856eb1-0ad8-49e7-9da3-887acb80fea5"
    paths = ("/api/jobs/{job}", "/api/results/{job}")
    settings = (
        Setting(
            "base_url",
            "where the API lies, with or without /api",
            ("MODZY_BASE_URL",),
            default="https://app.modzy.com",
        ),
        Setting("api_key", "the API key, PREFIX.BODY", ("MODZY_API_KEY",), secret=True),
        Setting("team_id", "the team that a team token is of", ("MODZY_TEAM_ID",)),
        Setting(
            "team_token",
            "a team token, for those without an API key",
            ("MODZY_TEAM_TOKEN",),
            secret=True,
        ),
    )
    vendor_files = ("/etc/modzy/{profile}.yaml", "~/.modzy/{profile}.yaml")
    states: ClassVar[Mapping[str, JobState]] = {
        "SUBMITTED": JobState.QUEUED,
        "PENDING": JobState.QUEUED,
        _OPEN: JobState.QUEUED,
        "IN_PROGRESS": JobState.RUNNING,
        "COMPLETED": JobState.SUCCEEDED,
        "COMPLETED_WITH_ERROR": JobState.PARTIAL,
        "CANCELED": JobState.CANCELLED,
        "TIMEDOUT": JobState.FAILED,
        "ERROR": JobState.FAILED,
        # Words of the vendor's other products.
        "COMPLETE": JobState.SUCCEEDED,
        "CANCELLED": JobState.CANCELLED,
        "TIMED_OUT": JobState.FAILED,
        "TIMEOUT": JobState.FAILED,
        "FAILED": JobState.FAILED,
    }
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {
        (401, None): Refusal(
            AuthError, "the key of account 'modzy' is misspelled or inactive, or the token expired"
        ),
        (403, None): Refusal(AuthError, "the key lacks the role, or the job is of another key"),
        (404, None): Refusal(
            NotFoundError, "check the id and the profile; a wrong base_url looks like this, too"
        ),
    }
    pace = (2.0, 15.0)

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        from jobctl.http import check_url

        # A host named "api" stays.
        return re.sub(r"(?<=[^:/])/+api$", "", check_url(profile.require("base_url"), "base_url"))

    @classmethod
    def auth(cls, profile: Profile, cache: TokenCache) -> httpx.Auth:  # noqa: ARG003 - nothing to keep
        from jobctl.auth import Header, Headers

        first = profile.family("api_key", "team_token")
        if not first and profile.get("team_id"):
            profile.require("team_token")
        if "team_token" in first and "api_key" not in first:
            token = f"Bearer {first['team_token']}"
            return Headers({"Authorization": token, "Modzy-Team-Id": profile.require("team_id")})
        key = profile.require("api_key")
        if not re.fullmatch(r"[^.\s]+\.[^.\s]+", key):
            raise ConfigError(
                "api_key is not PREFIX.BODY, two words with one dot between (not shown)",
                hint="copy the whole key, with nothing before or after it",
            )
        hide(key.partition(".")[2])
        return Header("Authorization", f"ApiKey {key}")

    @classmethod
    def word(cls, status: str) -> str:
        return re.sub(r"[\s-]+", "_", super().word(status))

    @classmethod
    def service_error(cls, body: Any) -> ServiceError:
        said = super().service_error(body)
        report = payload.text(payload.mapping(body).get("reportErrorUrl"))
        if said.message and report:
            return ServiceError(said.code, payload.redact(f"{said.message}; report it at {report}"))
        return said

    def get(self, ref: JobRef) -> Job:
        url = self.url(ref)
        answer = self.fetch(url)
        told = payload.text(answer.body.get("jobIdentifier"))
        if told != ref.parts[0]:
            raise self.nonsense(f"answered for job {told!r} when asked for {ref.parts[0]}")
        status = payload.text(answer.body.get("status"))
        state = self.state(status or _unspoken(answer.body))
        results: Mapping[str, Any] = {}
        warnings = []
        if self.waiting and self.word(status or "") == _OPEN:
            warnings.append(_ENDLESS)
        if _asks_for_results(answer.body, status, state):
            try:
                results = self.results_of(ref)
            except JobctlError as error:
                warnings.append(f"its results could not be read: {error.message}")
        return _job(ref, url, answer, status, state, results=results, warnings=warnings)

    def results_of(self, ref: JobRef) -> Mapping[str, Any]:
        """The body of the job's results: counts and failures, which a job may lack.

        Raises:
            JobctlError: there was no proper answer.
        """
        path = self.paths[1].format(job=ref.parts[0])
        body = self.fetch(self.base_url(self.profile) + path).body
        if payload.text(body.get("jobIdentifier")) not in (None, ref.parts[0]):
            raise self.nonsense("answered with the results of another job")
        return body


def _unspoken(body: Mapping[str, Any]) -> str | None:
    """The status of a body without one: a receipt is of a job just submitted."""
    receipt = {"totalInputs", "accessKey", "jobType"} & body.keys()
    return "SUBMITTED" if receipt and body.get("status") is None else None


def _asks_for_results(body: Mapping[str, Any], status: str | None, state: JobState) -> bool:
    """Whether only the results can tell how many inputs of an ended job failed, or why."""
    failed = payload.count(body.get("failed"))
    if not state.ended or failed:
        return state.ended
    if state is JobState.SUCCEEDED:
        return failed is None
    return state is not JobState.CANCELLED and Modzy.word(status or "") not in _TIMED_OUT


def _job(
    ref: JobRef,
    url: str,
    answer: Answer,
    status: str | None,
    state: JobState,
    *,
    results: Mapping[str, Any],
    warnings: Sequence[str],
) -> Job:
    body, lost = answer.body, _failures(results)
    total = _first(payload.count, body.get("total"), body.get("totalInputs"), results.get("total"))
    completed = _first(payload.count, body.get("completed"), results.get("completed"))
    failed = _first(payload.count, body.get("failed"), _failed(results, lost))
    if state in (JobState.SUCCEEDED, JobState.PARTIAL):
        if failed is None:
            warnings = (_UNTOLD, *warnings)
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
    return Job(
        ref=ref,
        state=state,
        status=status,
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
        message=_message(status, state, lost),
        failures=tuple(lost),
        url=url,
        detail=payload.redact(_detail(body, queued)),
        warnings=tuple(warnings),
        raw=answer.raw,
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
            if section == "failures" or Modzy.word(status) == "FAILED":
                why = payload.redact(payload.text(told.get("error")))
                found.setdefault(key, Failure(key, why))
    return list(found.values())


def _message(status: str | None, state: JobState, lost: Sequence[Failure]) -> str | None:
    """A job has no message of its own."""
    word = Modzy.word(status or "")
    if word == _OPEN:
        return _NOTE
    if word in _TIMED_OUT:
        return "timed out"
    if state not in (JobState.PARTIAL, JobState.FAILED):
        return None
    return next((one.message for one in lost if one.message), None)


def _detail(body: Mapping[str, Any], queued: float | None) -> dict[str, Any]:
    model, project = payload.mapping(body.get("model")), payload.mapping(body.get("project"))
    key = payload.text(body.get("submittedBy")) or payload.text(body.get("accessKey")) or ""
    inputs = body.get("jobInputs")
    limit = _milliseconds(body.get("timeout"))
    return payload.facts(
        model=payload.text(model.get("name")) or payload.text(model.get("identifier")),
        model_id=payload.text(model.get("identifier")),
        model_version=payload.text(model.get("version")),
        type=payload.text(body.get("jobType")),
        submitted_by=key.partition(".")[0] or None,  # the rest of a key is secret
        submitted_at=rfc3339(payload.iso_time(body.get("submittedAt"))),
        account=payload.text(body.get("accountIdentifier")),
        team=payload.text(payload.mapping(body.get("team")).get("identifier")),
        project=payload.text(project.get("name")) or payload.text(project.get("identifier")),
        inputs=len(payload.items(payload.mapping(inputs).get("identifier", inputs))) or None,
        input_bytes=payload.count(body.get("inputByteAmount")),
        queue_seconds=queued / 1000 if queued else None,
        timeout_seconds=limit / 1000 if limit else None,
        explain=payload.boolean(body.get("explain")),
    )
