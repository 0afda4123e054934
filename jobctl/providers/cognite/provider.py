"""How Cognite Vision is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from jobctl import payload
from jobctl.config import Profile
from jobctl.errors import (
    ConfigError,
    JobctlError,
    JobFailedError,
    NotFoundError,
)
from jobctl.models import Card, Failure, Job, JobRef, JobState, Page, Progress, Record
from jobctl.provider import Answer, Provider
from jobctl.providers.cognite import About
from jobctl.record import unpack

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache

_IDP = "https://auth.cognite.com/oauth2/token"
_SHOWN = 100  # failures that are told one by one; a job has no more files


class Cognite(About, Provider):
    """See `About`."""

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        from jobctl.http import check_url

        given = profile.family("base_url", "cluster")
        if "base_url" in given:
            return check_url(given["base_url"], "base_url")
        cluster = profile.require("cluster")
        if not re.fullmatch(r"[A-Za-z0-9.-]+", cluster):
            raise ConfigError(f"{cluster!r} is no cluster", hint="one looks like westeurope-1")
        return check_url(f"https://{cluster}.cognitedata.com", "cluster")

    @classmethod
    def auth(cls, profile: Profile, cache: TokenCache) -> httpx.Auth:
        if _flow(profile) == "token":
            from jobctl.auth import bearer

            return bearer(profile.require("token"))
        from jobctl.auth.oauth import ClientCredentials

        token_url, scope, audience = _grant(profile)
        places = [profile.source(name) or "" for name in ("client_id", "client_secret")]
        if {place.partition("_")[0] for place in places} == {"COGNITE", "IDP"}:
            profile.warn(f"{' and '.join(places)} may belong to different applications")
        return ClientCredentials(
            token_url,
            profile.require("client_id"),
            profile.require("client_secret"),
            scope=scope,
            audience=audience,
            cache=cache,
        )

    @classmethod
    def headers(cls, profile: Profile) -> dict[str, str]:
        from jobctl import __version__
        from jobctl.auth.header import sendable

        app = sendable(profile.require("client_name"), "client_name")
        return {"x-cdp-sdk": f"jobctl:{__version__}", "x-cdp-app": app}

    @classmethod
    def retryable(cls, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        return super().retryable(status, headers, body) or (
            status >= 400
            and (
                headers.get("cdf-is-auto-retryable") == "true"
                or _error(body).get("isAutoRetryable") is True
            )
        )

    def look(self, ref: JobRef) -> Job:
        url = self.url(ref)
        answer = self.fetch(url, headers=self.version())
        echoed = payload.number(answer.body.get("jobId"))
        if echoed is not None and str(echoed) != ref.parts[0]:
            raise self.nonsense(f"answered for job {echoed} when asked for {ref.parts[0]}")
        status = payload.text(answer.body.get("status"))
        return _job(ref, url, answer, status, self.state(status))

    @classmethod
    def card(cls, record: Any) -> Card:
        from jobctl.providers.cognite.card import card_of

        return card_of(payload.mapping(record))

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:  # noqa: ARG002
        job = self.look(ref)
        try:
            found = unpack(job.raw, "items", "fileId")
        except ValueError as error:
            raise self.nonsense(f"answered with items that cannot be read: {error}") from error
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
            return NotFoundError(
                error.message,
                hint="check the id and the project",
                provider=error.provider,
                http_status=error.http_status,
                request_id=error.request_id,
            )
        return error


def _error(body: bytes) -> Mapping[str, Any]:
    return payload.mapping(payload.mapping(payload.json_or_none(body)).get("error"))


def _flow(profile: Profile) -> str:
    """The way of signing in: as told, else that of the first place to give a credential."""
    told = profile.get("auth")
    if told:
        return told
    given = profile.family("token", "client_secret")
    by_application = given or profile.get("client_id")
    return "token" if "token" in given or not by_application else "client_credentials"


def _grant(profile: Profile) -> tuple[str, str | None, str | None]:
    """Token URL, scope and audience, derived where they are not given."""
    from jobctl.http import check_url

    identity, audience = profile.require("identity"), profile.get("audience")
    scopes = (profile.get("scopes") or "").replace(",", " ").split()
    scope = " ".join(scopes) or None
    if identity == "cdf":
        given = profile.family("identity", "token_url")
        return check_url(given.get("token_url", _IDP), "token_url"), None, None
    if identity == "entra_id":
        cluster = _cluster(profile)
        derived = f"https://{cluster}.cognitedata.com/.default" if cluster else None
        given = profile.family("tenant_id", "token_url")
        if "token_url" not in given and not (scope or derived):
            raise ConfigError(
                "the scope cannot be derived from base_url",
                hint="set cluster or scopes in the section cognite",
            )
        token_url = given.get("token_url") or _entra(profile.require("tenant_id"))
        return check_url(token_url, "token_url"), scope or derived, audience
    if identity == "auth0":
        project = profile.require("project")
        audience = audience or f"https://{project}.fusion.cognite.com/{project}"
        scope = scope or "IDENTITY user_impersonation"
    elif audience is None and (cluster := _cluster(profile)):
        audience = f"https://{cluster}.cognitedata.com"
    return check_url(profile.require("token_url"), "token_url"), scope, audience


def _entra(tenant: str) -> str:
    return f"https://login.microsoftonline.com/{quote(tenant, safe='')}/oauth2/v2.0/token"


def _cluster(profile: Profile) -> str | None:
    """The cluster that the base URL names, else the setting."""
    host = urlsplit(Cognite.base_url(profile)).hostname or ""
    found = re.fullmatch(r"(?:.+\.plink\.)?([^.]+)\.cognitedata\.com", host)
    return found[1] if found else profile.get("cluster")


def _job(ref: JobRef, url: str, answer: Answer, status: str | None, state: JobState) -> Job:
    body = answer.body
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
    return Job(
        ref=ref,
        state=state,
        status=status,
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
        url=url,
        detail=payload.facts(parameters=sorted(payload.mapping(body.get("parameters"))) or None),
        raw=answer.raw,
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
