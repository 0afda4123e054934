"""How Huawei ModelArts is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from jobctl import payload
from jobctl.accounts import huawei
from jobctl.config import Profile
from jobctl.errors import (
    JobctlError,
    JobFailedError,
    NotReadyError,
    UsageError,
)
from jobctl.models import Card, Job, JobRef, JobState, Page, Query, Record
from jobctl.provider import Answer, Provider
from jobctl.providers.modelarts import (
    LARGEST_PAGE,
    PROPERTIES,
    About,
    TaskFailedError,
    TaskNotEndedError,
)
from jobctl.providers.modelarts.job import read_job
from jobctl.providers.modelarts.paging import Part, Place, first_fitting, read_part
from jobctl.record import Unpacked

if TYPE_CHECKING:
    import httpx


class _Kind(NamedTuple):
    """A list: its path, the array in its body, the field with an id, and what it is sorted by."""

    path: str
    array: str
    key: str
    sorts: Mapping[str, str]


_TASKS = _Kind(
    "/v2/{project_id}/processor-tasks",
    "tasks",
    "task_id",
    {"created": "create_time", "name": "name"},
)
_VERSIONS = _Kind(
    "/v2/{project_id}/processor-tasks/{task}/versions",
    "versions",
    "task_version_id",
    {"created": "create_time", "name": "version_name"},
)
_RESULTS = _Kind(
    "/v2/{project_id}/processor-tasks/{task}/versions/{version}/results",
    "results",
    "sample_id",
    {},
)


class ModelArts(About, Provider):
    """See `About`."""

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        if not profile.get("base_url") and profile.get("region") == "ap-southeast-1":
            return "https://modelarts.ap-southeast-1.myhuaweicloud.cn"
        return huawei.endpoint(profile, "modelarts")

    @classmethod
    def retryable(cls, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        failed = status == 500 and _code(body) == "ModelArts.4614"
        return super().retryable(status, headers, body) and not failed

    def path_name(self, name: str) -> str:  # noqa: ARG002 - the project alone
        return huawei.project_id(self.profile, self.client.auth, self.client)

    def look(self, ref: JobRef) -> Job:
        url = self.url(ref)
        try:
            answer = self.fetch(url)
        except TaskFailedError as error:
            failed = JobState.FAILED
            return Job(ref=ref, state=failed, status=None, message=error.message, url=url)
        status = payload.text(answer.body.get("status"))
        state = self.state(status)
        if len(ref.parts) == 1:
            return read_job(ref, url, answer, status, state)
        cause = self.cause(ref) if state is JobState.FAILED else None
        return read_job(ref, url, answer, status, state, cause=cause)

    def cause(self, ref: JobRef) -> str | None:
        """What the task of a failed version says of its failure; a version has no word for it."""
        try:
            task = self.fetch(self.url(JobRef(ref.provider, ref.parts[:1]))).body
        except JobctlError:
            return None
        if self.state(payload.text(task.get("status"))) is not JobState.FAILED:
            return None
        said = payload.text(task.get("error_msg"))
        return f"task says: {said}" if said else None

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
        """Tasks; or the versions of the one in `query.within`."""
        kind = _VERSIONS if query.within else _TASKS
        url = self.address(kind.path, query.within)
        start = self._start(cursor, query.size or LARGEST_PAGE)
        page = self._part(url, self._asked(query, kind), kind, start).page()
        rows = [self._row(query.within, url, kind, record) for record in page.items]
        known = [(job, key) for job, key in zip(rows, page.keys or (), strict=True) if job]
        lost = len(rows) - len(known)
        return Page(
            [job for job, _ in known],
            keys=[key for _, key in known],
            next=page.next,
            total=page.total,
            notes=(f"{lost} of the {kind.array} left out: they have no id",) if lost else (),
        )

    def _asked(self, query: Query, kind: _Kind) -> dict[str, str]:
        """The query of a list, but for what chooses the page.

        Raises:
            UsageError: the service cannot choose so among versions.
        """
        chosen = {
            parameter: str(self.chosen[option])
            for option, parameter in (("name", "task_name"), ("type", "task_type"))
            if option in self.chosen
        }
        if kind is _VERSIONS and chosen:
            raise UsageError("--name and --type choose among tasks, not among versions")
        if query.sort in kind.sorts:
            order = "desc" if query.descending else "asc"
            chosen |= {"sort_by": kind.sorts[query.sort], "order": order}
        if kind is _VERSIONS:
            return chosen
        workspace, status = self.profile.get("workspace_id"), self.only_word(query.states)
        if workspace:
            chosen["workspace_id"] = workspace
        if status and payload.integer(status) is not None:
            chosen["status"] = status
        return chosen | {"return_result": "false"}

    def _row(self, within: tuple[str, ...], url: str, kind: _Kind, record: Record) -> Job | None:
        """The job of a row; none for a row without a proper id."""
        body = payload.mapping(payload.json_or_none(record))
        ref = JobRef(self.name, (*within, payload.text(body.get(kind.key)) or ""))
        try:
            self.check(ref)
        except UsageError:
            return None
        status = payload.text(body.get("status"))
        own = f"{url}/{quote(ref.parts[-1], safe='')}"
        return read_job(ref, own, Answer(body, record), status, self.state(status))

    @classmethod
    def card(cls, record: Any) -> Card:
        from jobctl.providers.modelarts.card import card_of

        return card_of(payload.mapping(record), PROPERTIES)

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:
        place, others = self._start(cursor, size), ""
        if len(ref.parts) == 1:
            others = f"`jobctl list modelarts {ref.id}` lists all versions"
            if not place.version:
                place = place._replace(version=self._newest(ref))
            ref = JobRef(ref.provider, (*ref.parts, place.version))
        try:
            page = self._samples(ref, place)
        except TaskFailedError as error:
            cause = self.cause(ref) or error.message
            raise JobFailedError(
                f"{ref} failed and has no results: {cause}",
                hint=others or None,
                provider=self.name,
                http_status=error.http_status,
                request_id=error.request_id,
            ) from None
        except TaskNotEndedError as error:
            not_ready = self._not_ready(ref, "the task has not ended")
            not_ready.http_status, not_ready.request_id = error.http_status, error.request_id
            if others:
                not_ready.hint = f"{not_ready.hint}; {others}"
            raise not_ready from None
        newest = f"these are the results of the newest version, {place.version}"
        return page._replace(notes=(newest, *page.notes)) if others and cursor is None else page

    def _samples(self, ref: JobRef, place: Place) -> Page[Record]:
        """A page of the samples of a version."""
        wanted, query = self._wanted(), {}
        if wanted is not None:
            query["result_property"] = str(wanted)
        if "process-parameter" in self.chosen:
            query["process_parameter"] = str(self.chosen["process-parameter"])
        fetch = partial(self._part, self.address(_RESULTS.path, ref.parts), query, _RESULTS)
        if wanted is None:
            page = fetch(place).page()
        else:
            page = first_fitting(fetch, place, lambda sample: _is(sample, wanted))
        if not page.items and not place.offset:
            self.foreword(self.look(ref), empty=True)
        return page._replace(
            # whether the count is taken before the filter or after it, no page of the vendor says
            firm=wanted is None,
            origin=str(place) if place.version else None,
        )

    def _wanted(self) -> int | None:
        """The result_property that samples shall have.

        Raises:
            UsageError: there is none of that name.
        """
        word = str(self.chosen.get("property", "")).lower()
        if word and word not in PROPERTIES:
            raise UsageError(f"--property {word!r} is none of {', '.join(PROPERTIES)}")
        return PROPERTIES.get(word)

    def _newest(self, ref: JobRef) -> str:
        """The id of the newest version of a task.

        Raises:
            NotReadyError: it has none yet.
        """
        url = self.address(_VERSIONS.path, ref.parts)
        query = [("sort_by", "create_time"), ("order", "desc"), ("limit", "1")]
        found = self.unpack(self.ask(url, query), _VERSIONS.array, _VERSIONS.key)
        job = self._row(ref.parts, url, _VERSIONS, found.records[0]) if found.records else None
        if job is None:
            raise self._not_ready(ref, "it has no version yet")
        return job.ref.parts[1]

    def _start(self, cursor: str | None, size: int) -> Place:
        """Where a page begins: at the cursor, else at the beginning."""
        limit = min(size, LARGEST_PAGE)
        if cursor is None:
            return Place(self.profile.require("offset_mode"), 0, limit)
        place = Place.parse(cursor)
        return place if place.offset else place._replace(limit=limit)

    def _part(self, url: str, query: Mapping[str, str], kind: _Kind, place: Place) -> Part:
        """The page at a place."""
        huawei.check_page(self.profile, place.page())

        def at(offset: int) -> Unpacked:
            asked = {"limit": str(place.limit), "offset": str(offset), **query}
            return self.unpack(self.ask(url, asked.items()), kind.array, kind.key)

        return read_part(place, at)

    def _not_ready(self, ref: JobRef, why: str) -> NotReadyError:
        return NotReadyError(
            f"{ref} has no results yet: {why}",
            hint=self.waiting_for(ref),
            provider=ref.provider,
        )

    def refuse(self, response: httpx.Response) -> JobctlError:
        error = super().refuse(response)
        if isinstance(error, TaskNotEndedError):
            error.transient = True
        return error


def _is(sample: Record, wanted: int) -> bool:
    """Whether that became of a sample; one that does not tell is left to the service's choice."""
    said = payload.mapping(payload.json_or_none(sample)).get("result_property")
    return payload.integer(said) in (None, wanted)


def _code(body: bytes) -> str | None:
    return ModelArts.service_error(payload.json_or_none(body), {}).code
