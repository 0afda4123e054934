"""Huawei ModelArts: data-processing tasks and their versions.

https://github.com/opentelekomcloud-docs/modelarts
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from urllib.parse import quote

from jobctl import payload
from jobctl.auth import huawei
from jobctl.config import Profile, Setting
from jobctl.errors import (
    AuthError,
    ConfigError,
    JobctlError,
    JobFailedError,
    NotFoundError,
    NotReadyError,
    UnavailableError,
    UsageError,
)
from jobctl.masking.bodies import redact
from jobctl.models import Card, Job, JobRef, JobState, Page, Query, Record
from jobctl.provider import Answer, IdPart, Listing, Option, Provider, Refusal
from jobctl.providers.modelarts.job import read_job
from jobctl.providers.modelarts.paging import LARGEST_PAGE, Part, Place, first_fitting, read_part
from jobctl.record import Unpacked

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache

_RETIRED = (
    "this API is not published here: the vendor took these tasks off Huawei Cloud China on"
    " 2024-10-31; elsewhere check region and base_url"
)
_PROJECT = Refusal(ConfigError, "project_id must be the project that the credentials belong to")
_NO_TASK = Refusal(NotFoundError, "check the task's id and the project")
_NO_VERSION = Refusal(NotFoundError, "check the version's id: it is a task_version_id")
_NOTHING = Refusal(NotFoundError, "what the task worked on is gone")
_BAD_CREDENTIALS = Refusal(AuthError, "check the credentials of account 'huawei'")


_PROPERTIES = {"kept": 0, "modified": 1, "deleted": 2, "added": 3}


class TaskFailedError(UnavailableError):
    """The service answers with an error where it should say that the task has failed."""


class TaskNotEndedError(UnavailableError):
    """What was asked for is there only when the task has ended."""


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


class ModelArts(Provider):
    """Tasks that analyse, check, clean, select or augment a data set, and their versions."""

    title = "Huawei ModelArts"
    docs = "https://github.com/opentelekomcloud-docs/modelarts"
    life = "historical API; off Huawei Cloud China since 2024-10-31, still documented for OTC"
    account = "huawei"
    ids = (
        IdPart("task", "the id of a data-processing task"),
        IdPart("version", "the id of a version of the task", optional=True),
    )
    example = "kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA"
    paths = (
        "/v2/{project_id}/processor-tasks/{task}",
        "/v2/{project_id}/processor-tasks/{task}/versions/{version}",
    )
    settings = (
        Setting(
            "base_url",
            "where the API lies; else derived from the region",
            ("HUAWEICLOUD_SDK_REGION_MODELARTS_{REGION}",),
        ),
        *huawei.SETTINGS,
        Setting("workspace_id", "the workspace whose tasks are listed; else the service's default"),
        Setting(
            "offset_mode",
            "what the service counts in offsets, pages or records; auto finds out",
            default="auto",
            choices=("auto", "page", "record"),
        ),
    )
    options = (
        Option("name", "only tasks whose name is like this", "TEXT", ("list",)),
        Option("type", "only tasks of a type such as sys_data_cleaning", "TYPE", ("list",)),
        Option(
            "property",
            f"only samples that were {', '.join(_PROPERTIES)}",
            "WORD",
            ("results",),
        ),
        Option("process-parameter", "the service's rule for resizing images", "RULE", ("results",)),
    )
    states: ClassVar[Mapping[str, JobState]] = {
        "0": JobState.QUEUED,
        "1": JobState.RUNNING,
        "2": JobState.SUCCEEDED,
        "3": JobState.FAILED,
        "4": JobState.CANCELLED,
    }
    refusals: ClassVar[Mapping[tuple[int | None, str | None], Refusal]] = {
        (400, "ModelArts.4700"): _NO_TASK,
        (400, "ModelArts.4612"): _NO_TASK,
        (400, "ModelArts.4851"): _NO_VERSION,
        (400, "ModelArts.4338"): _NOTHING,
        (400, "ModelArts.4352"): _NOTHING,
        (400, "ModelArts.4353"): _NOTHING,
        (400, "ModelArts.0204"): _PROJECT,
        (400, "ModelArts.0210"): _PROJECT,
        (403, "ModelArts.0210"): _PROJECT,
        (403, "ModelArts.0203"): _BAD_CREDENTIALS,
        (403, "ModelArts.0206"): _BAD_CREDENTIALS,
        (403, "ModelArts.4613"): Refusal(TaskNotEndedError, "the task has not finished"),
        (403, "ModelArts.4850"): Refusal(TaskNotEndedError, "the task is being initialized"),
        **dict.fromkeys(huawei.NOT_PUBLISHED, Refusal(UnavailableError, _RETIRED)),
        **dict.fromkeys(huawei.WRONG_TIME, Refusal(AuthError, huawei.CLOCK)),
        (500, "ModelArts.4614"): Refusal(TaskFailedError),
    }
    listing = Listing(
        (0, 1),
        frozenset({"state"}),
        _TASKS.sorts,
        where="The task of which the versions are listed; without it, the tasks themselves are.",
    )
    fields = (
        "sample_id",
        "version_id",
        "origin_source",
        "new_source",
        "signed_origin_source",
        "signed_new_source",
        "result_property",
        "result_description",
    )
    columns = ("sample_id", "result_property", "origin_source", "new_source", "signed_new_source")
    largest_page = LARGEST_PAGE

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        from jobctl.http import check_url

        if not profile.get("base_url") and profile.get("region") == "ap-southeast-1":
            return "https://modelarts.ap-southeast-1.myhuaweicloud.cn"
        return check_url(huawei.endpoint(profile, "modelarts"), "base_url")

    @classmethod
    def auth(cls, profile: Profile, cache: TokenCache) -> httpx.Auth:
        return huawei.sign_in(profile, cache)

    @classmethod
    def retryable(cls, status: int, headers: Mapping[str, str], body: bytes) -> bool:
        failed = status == 500 and _code(body) == "ModelArts.4614"
        return super().retryable(status, headers, body) and not failed

    def path_names(self) -> dict[str, str]:
        return {"project_id": huawei.project_id(self.profile, self.client.auth, self.client)}

    def get(self, ref: JobRef) -> Job:
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

    def list(self, query: Query, cursor: str | None = None) -> Page[Job]:
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
        ref = JobRef(self.name(), (*within, payload.text(body.get(kind.key)) or ""))
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

        return card_of(payload.mapping(record), _PROPERTIES)

    def results(self, ref: JobRef, cursor: str | None = None, size: int = 100) -> Page[Record]:
        place, others = self._start(cursor, size), ""
        if len(ref.parts) == 1:
            others = f"`jobctl list modelarts {ref.id}` lists all versions"
            if not place.version:
                place = place._replace(version=self._newest(ref))
            ref = JobRef(ref.provider, (*ref.parts, place.version))
        try:
            page = self._samples(ref, place)
        except TaskFailedError as error:
            cause = redact(self.cause(ref) or error.message)
            raise JobFailedError(
                f"{ref} failed and has no results: {cause}",
                hint=others or None,
                provider=self.name(),
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
            self.foreword(self.get(ref), empty=True)
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
        if word and word not in _PROPERTIES:
            raise UsageError(f"--property {word!r} is none of {', '.join(_PROPERTIES)}")
        return _PROPERTIES.get(word)

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
    return ModelArts.service_error(payload.json_or_none(body)).code
