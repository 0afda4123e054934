"""How Cognite Vision is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jobctl import payload
from jobctl.config import Profile
from jobctl.errors import AuthError, JobctlError, JobFailedError, NotFoundError
from jobctl.models import Card, Failure, Job, JobRef, JobState, Page, Progress, Record
from jobctl.provider import Provider
from jobctl.providers.cognite import About
from jobctl.providers.cognite.account import base_url
from jobctl.record import unpack

if TYPE_CHECKING:
    import httpx


_SHOWN = 100  # failures that are told one by one; a job has no more files


class Cognite(About, Provider):
    """See `About`."""

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        return base_url(profile)

    @classmethod
    def headers(cls, profile: Profile) -> dict[str, str]:
        from jobctl import __version__

        return {"x-cdp-sdk": f"jobctl:{__version__}", "x-cdp-app": profile.require("client_name")}

    @classmethod
    def retryable(cls, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        return super().retryable(status, headers, body) or (
            status >= 400
            and (
                headers.get("cdf-is-auto-retryable") == "true"
                or _error(body).get("isAutoRetryable") is True
            )
        )

    def caller(self) -> str | None:
        try:
            body, _ = self.fetch(f"{self.root}/api/v1/token/inspect")
        except AuthError as error:
            if error.http_status != 403:
                raise
            return super().caller()  # a token need not have the right to be inspected
        projects = [
            payload.text(one.get("projectUrlName")) for one in payload.objects(body.get("projects"))
        ]
        project = self.profile.require("project")
        if projects and project not in projects:
            raise AuthError(
                f"the token is not of project {project!r}, but of"
                f" {', '.join(filter(None, projects))}",
                hint="check the setting project",
            )
        return payload.text(body.get("subject"))

    def look(self, ref: JobRef) -> Job:
        return self.read(*self.seen(ref, headers=self.version()))

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:
        return _job(job, body)

    @classmethod
    def card(cls, record: Mapping[str, Any]) -> Card:
        from jobctl.providers.cognite.card import card_of

        return card_of(record)

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:  # noqa: ARG002
        job = self.look(ref)
        with self.taking("items"):
            found = unpack(job.raw, "items", "fileId")
        losses = tuple(_losses(job.failures))
        try:
            notes = self.foreword(job, empty=not found.records)
        except JobFailedError as error:
            error.message = "; ".join([error.message, *losses])
            raise
        return Page(found.records, keys=found.keys, notes=(*notes, *losses))

    def version(self) -> dict[str, str]:
        """The header that asks for a version of the API; none by default."""
        from jobctl.auth.header import sendable

        chosen = self.chosen.get("cdf-version") or self.profile.get("api_version")
        return {"cdf-version": sendable(str(chosen), "cdf-version")} if chosen else {}

    def refuse(self, response: httpx.Response) -> JobctlError:
        error = super().refuse(response)
        if response.status_code in (400, 422) and _error(response.content).get("missing"):
            return error.instead(NotFoundError, error.message, hint="check the id and the project")
        return error


def _error(body: bytes) -> Mapping[str, Any]:
    return payload.mapping(payload.mapping(payload.json_or_none(body)).get("error"))


def _job(job: Job, body: Mapping[str, Any]) -> Job:
    state = job.state
    batches, listed = (payload.objects(body.get(key)) for key in ("failedItems", "items"))
    done = {_key(item) for item in listed}
    lost: dict[str | int, Failure] = {}
    for batch in batches:
        for file in payload.objects(batch.get("items")):
            lost.setdefault(_key(file), _failure(file, batch))
    for item in listed:
        if item.get("errorMessage"):
            lost.setdefault(_key(item), _failure(item, item))
    nameless = [
        Failure(None, _why(batch)) for batch in batches if not payload.objects(batch.get("items"))
    ]
    something_failed = bool(body.get("failedItems") or lost)
    if state is JobState.SUCCEEDED and something_failed:
        state = JobState.PARTIAL
    # A batch that does not list its files leaves open how many they are.
    is_open = bool(nameless) or (not lost and (something_failed or state is JobState.FAILED))
    failed = None if is_open else len(lost)
    succeeded = None
    if state is JobState.FAILED or isinstance(body.get("items"), list):
        succeeded = len(done - lost.keys())
    total = None
    if state.ended and failed is not None and succeeded is not None:
        total = succeeded + failed
    created, updated = (payload.epoch_ms(body.get(key)) for key in ("createdTime", "statusTime"))
    started = None if state is JobState.QUEUED else payload.epoch_ms(body.get("startTime"))
    ended = updated if state.ended else None
    return replace(
        job,
        state=state,
        progress=Progress(
            percent=100 if total else None, total=total, succeeded=succeeded, failed=failed
        ),
        created_at=created,
        started_at=started,
        updated_at=updated,
        ended_at=ended,
        duration_seconds=payload.seconds_between(started, ended),
        message=_message(body, batches),
        failures=(*lost.values(), *nameless),
        detail=payload.facts(parameters=sorted(payload.mapping(body.get("parameters"))) or None),
    )


def _file(item: Mapping[str, Any]) -> str | None:
    return payload.text(item.get("fileId")) or payload.text(item.get("fileExternalId"))


def _key(item: Mapping[str, Any]) -> str | int:
    """What makes a file the same one in both lists; an entry without a name is only itself."""
    return _file(item) or id(item)


def _failure(item: Mapping[str, Any], batch: Mapping[str, Any]) -> Failure:
    file, name = _file(item), payload.text(item.get("fileExternalId"))
    return Failure(file, _why(batch), name if name != file else None)


def _why(said: Mapping[str, Any]) -> str | None:
    return payload.text(said.get("errorMessage"))


def _losses(failures: Sequence[Failure]) -> Iterator[str]:
    """The failed files, and the batches that failed without naming theirs; of many the first."""
    for one in failures[:_SHOWN]:
        what = f"file {one.item}" if one.item else "a batch"
        yield f"{what} failed" + (f": {one.message}" if one.message else "")
    if len(failures) > _SHOWN:
        yield f"{len(failures) - _SHOWN} more failed, {len(failures)} in all"


def _message(body: Mapping[str, Any], batches: list[Mapping[str, Any]]) -> str | None:
    said = _why(body)
    first = next((why for batch in batches if (why := _why(batch))), None)
    if said or first is None:
        return said
    return f"{first} (+{len(batches) - 1} more)" if len(batches) > 1 else first
