"""How Huawei VAS is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar
from urllib.parse import urlsplit

from jobctl import payload, record
from jobctl.accounts import huawei
from jobctl.config import Profile
from jobctl.errors import NotFoundError, UsageError
from jobctl.models import Card, Failure, Job, JobRef, JobState, Page, Query, Record, rfc3339
from jobctl.provider import LIST_PAGES, Cursor, Paging, Part, Provider
from jobctl.providers.vas import SORTS, STATES, About, check_service

_ARREARS = "frozen: account in arrears"
_NOT_WRITTEN = "NOT_GENERATED"
_HOSTED = {
    "AVAILABLE": None,
    _NOT_WRITTEN: "result not yet written",
    "EXCEED_IN_SIZE": "the result is not available: too big",
    "OVERDUE": "the result is not available: expired",
    "DELETED_MISTAKENLY": "the result is not available: deleted",
}
_UNTOLD = "the service does not say whether the result is available"
_GONE = ("OVERDUE", "DELETED_MISTAKENLY")
_ELSEWHERE = {
    "AVAILABLE": "the service does not give the result itself, only the place where it lies",
    "EXCEED_IN_SIZE": "the result is too big for the service to give: this is where it lies",
}

_LIST = "/v2/{project_id}/services/{service}/tasks"
_PAGE, _FURTHEST = 100, 100_000


_PAGING = Paging("offset", "offset", "limit", largest=1000, furthest=_FURTHEST)


class Vas(About, Provider):
    """See `About`."""

    pages_of: ClassVar[Mapping[str, tuple[Paging, str]]] = {_LIST: (_PAGING, "tasks")}

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        return huawei.endpoint(profile, "iva")

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:
        return _job(job, body, _hosting(job, body))

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
        """Tasks of the service in `query.within`, else of the one that the profile names."""
        if query.within:
            service = query.within[0]
            check_service(service, "service_name")
        elif self.profile.get("service_name"):
            service = self.profile.require("service_name")
        else:
            raise UsageError(
                "vas lists the tasks of one service",
                hint="jobctl list vas SERVICE, e.g. video-analyze; or set service_name",
            )
        url = self.address(_LIST, (service,))
        start = _PAGING.start(query.size or _PAGE) if cursor is None else _PAGING.resume(cursor)

        def fetch(at: Cursor) -> Part[Record]:
            return self.unpack(self.ask(url, self._asked(query, at)), "tasks", "id")

        found = self.paged(_PAGING, start, fetch, LIST_PAGES)
        page = self.rows(found, lambda record: self._row(record, service))
        reached = int(start.at) + len(found.items)
        if reached <= _FURTHEST or reached == found.total:
            return page
        note = f"the service lists {_FURTHEST} tasks at most: choose with --since"
        return page._replace(notes=(*page.notes, note))

    def caller(self) -> str | None:
        # a list of no service would have to be told which one
        example, _, _ = self.example.partition("/")
        query = Query((self.profile.get("service_name") or example,), size=1)
        with suppress(NotFoundError):
            self.jobs(query, None)
        return None

    def _asked(self, query: Query, at: Cursor) -> Iterator[tuple[str, str]]:
        """The query of a list. Servers of the older manual count from 1: the first is not named."""
        yield from (one for one in _PAGING.asked(at) if one != ("offset", "0"))
        state = self.only_word(query.states)
        if state is not None and state in STATES:
            yield "state", state
        if query.since is not None:
            yield "created_since", str(int(query.since.timestamp() * 1000))
        if query.sort in SORTS:
            yield "order", f"{SORTS[query.sort]}:{'DESC' if query.descending else 'ASC'}"
        if "name" in self.chosen:
            yield "name_like", str(self.chosen["name"])

    def _row(self, record: Record, service: str) -> Job | None:
        """The job of a row; none for one without an id.

        A row lacks the result that the service keeps, and so is not warned about for that.
        """
        found = self.row(record, (service,))
        told = found and found[1].get("hosting_result") is not None
        return found and (self.read(*found) if told else _job(*found, None))

    @classmethod
    def card(cls, record: Mapping[str, Any]) -> Card:
        """A place, called by its address; or a hosted result, which may be anything."""
        addresses = _addresses([record]) or ()
        return Card(next(iter(addresses), None), payload.text(record.get("output")), facts=record)

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:  # noqa: ARG002
        seen, body = self.seen(ref)
        hosting = _hosting(seen, body)
        if hosting in _GONE:
            overdue = _overdue(body)
            raise NotFoundError(
                f"{ref}: {_HOSTED[hosting]}"
                + (f" (it was to be kept until {overdue})" if overdue else ""),
                hint="the service keeps results for 48 hours",
            )
        data = payload.mapping(body.get("hosting_result")).get("data")
        if hosting == "AVAILABLE" and data not in (None, ""):
            return Page([_hosted(data)])
        job = _job(seen, body, hosting)
        places = [record.encode(place) for place in _places(body)]
        notes = self.foreword(job, empty=not (job.state.ended and places))
        if not places:
            raise NotFoundError(
                f"the service tells neither a result of {ref} nor where one lies",
            )
        if hosting is not None:
            notes = (*notes, _ELSEWHERE.get(hosting, _UNTOLD))
        return Page(places, notes=notes)


def _hosting(job: Job, body: Mapping[str, Any]) -> str | None:
    """The status of the result that the service itself keeps of a task that has succeeded."""
    result = body.get("hosting_result")
    succeeded = job.state is JobState.SUCCEEDED and Vas.word(job.status or "") == "SUCCEEDED"
    kept = result is not None or payload.mapping(body.get("output")).get("hosting") is not None
    if not (succeeded and kept):
        return None
    return (payload.text(payload.mapping(result).get("status")) or "").strip().upper()


def _job(job: Job, body: Mapping[str, Any], hosting: str | None) -> Job:
    state = job.state
    error = payload.mapping(body.get("error"))
    code, said = payload.text(error.get("code")), payload.text(error.get("message"))
    fixed = None if hosting is None else _HOSTED.get(hosting, _UNTOLD)
    if hosting == _NOT_WRITTEN:
        state = JobState.RUNNING
    elif (job.status or "").strip().upper() == "FROZEN":
        fixed = _ARREARS
    updated = payload.iso_time(body.get("updated_at"))
    cause = said or code
    return replace(
        job,
        state=state,
        name=payload.text(body.get("name")),
        created_at=payload.iso_time(body.get("created_at")),
        updated_at=updated,
        # updated_at is the time of the last change of state.
        ended_at=updated if state.ended else None,
        message=said or payload.text(body.get("status")) or fixed,
        error_code=code,
        failures=(Failure(None, cause),) if cause and state is JobState.FAILED else (),
        detail=_detail(job.ref, body),
        warnings=(fixed,) if fixed and state is JobState.SUCCEEDED else (),
    )


def _detail(ref: JobRef, body: Mapping[str, Any]) -> dict[str, Any]:
    title = payload.mapping(body.get("service_title"))
    given, output = payload.mapping(body.get("input")), payload.mapping(body.get("output"))
    result = payload.mapping(body.get("hosting_result"))
    version = payload.text(body.get("service_version"))
    service = payload.text(body.get("service_name")) or ref.parts[0]
    return payload.facts(
        type=f"{service} {version}" if version else service,
        title=payload.text(title.get("en")) or payload.text(title.get("zh")),
        creator=payload.text(body.get("creator")),
        description=payload.text(body.get("description")),
        timing_status=payload.text(body.get("timing_status")),
        edge_pool_id=payload.text(body.get("edge_pool_id")),
        resource_order_id=payload.text(body.get("resource_order_id")),
        input_type=payload.text(given.get("type")),
        input_obs=_addresses(given.get("data")),
        output_obs=_addresses(output.get("obs")),
        output_hosting=_addresses(payload.mapping(output.get("hosting")).get("obs")),
        output_dis=payload.text(payload.mapping(output.get("dis")).get("stream_name")),
        output_webhook=_host(payload.mapping(output.get("webhook")).get("url")),
        output_localpath=payload.text(
            payload.mapping(output.get("localpath")).get("mount_source_path")
        ),
        result_status=payload.text(result.get("status")),
        result_overdue=payload.text(result.get("overdue_date"))
        or payload.text(result.get("result_json_overdue_at")),
        result_size=payload.text(result.get("file_size")),
    )


def _addresses(value: Any) -> list[str] | None:
    pairs = [
        [payload.text(one.get(key)) for key in ("bucket", "path")] for one in payload.objects(value)
    ]
    return [f"obs://{bucket}/{path or ''}" for bucket, path in pairs if bucket] or None


def _host(url: Any) -> str | None:
    try:
        return urlsplit(payload.text(url) or "").hostname
    except ValueError:
        return None


def _places(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Where a task writes to, a record for each place; of a webhook no more than its host."""
    output = payload.mapping(body.get("output"))
    hosted = payload.mapping(output.get("hosting")).get("obs")
    for kind, given in (("obs", output.get("obs")), ("hosting", hosted)):
        for one in payload.objects(given):
            bucket, path = payload.text(one.get("bucket")), payload.text(one.get("path"))
            if bucket:
                yield payload.facts(output=kind, bucket=bucket, path=path)
    for kind, field in (("dis", "stream_name"), ("localpath", "mount_source_path")):
        name = payload.text(payload.mapping(output.get(kind)).get(field))
        if name:
            yield {"output": kind, field: name}
    host = _host(payload.mapping(output.get("webhook")).get("url"))
    if host:
        yield {"output": "webhook", "host": host}


def _hosted(data: Any) -> Record:
    """A result as one record: the service gives the text of a file, which should be JSON."""
    import msgspec

    if not isinstance(data, str):
        return record.encode(data)
    try:
        return bytes(msgspec.json.decode(data, type=msgspec.Raw))
    except (ValueError, RecursionError):
        return record.encode(data)


def _overdue(body: Mapping[str, Any]) -> str | None:
    """Until when a result is kept."""
    result, output = (payload.mapping(body.get(name)) for name in ("hosting_result", "output"))
    places = (result, payload.mapping(output.get("hosting")))
    times = (rfc3339(payload.epoch_ms(one.get("result_json_overdue_at"))) for one in places)
    return payload.text(result.get("overdue_date")) or next((time for time in times if time), None)
