"""How Huawei ModelArts is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from jobctl import payload
from jobctl.accounts import huawei
from jobctl.config import Profile
from jobctl.errors import JobctlError, JobFailedError, NotReadyError, UsageError
from jobctl.models import Card, Job, JobRef, JobState, Page, Query, Record
from jobctl.provider import LIST_PAGES, RESULT_PAGES, Cursor, Part, Provider
from jobctl.providers.modelarts import (
    LARGEST_PAGE,
    PROPERTIES,
    About,
    TaskFailedError,
    TaskNotEndedError,
)
from jobctl.providers.modelarts.job import read_job
from jobctl.providers.modelarts.paging import Turn, asked, begin, first_fitting, resume, turn
from jobctl.record import field


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

    def look(self, ref: JobRef) -> Job:
        try:
            return self.read(*self.seen(ref))
        except TaskFailedError as error:
            failed, url = JobState.FAILED, self.url(ref)
            return Job(ref=ref, state=failed, status=None, message=error.message, url=url)

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:
        is_failed = len(job.ref.parts) > 1 and job.state is JobState.FAILED
        return read_job(job, body, cause=self.cause(job.ref) if is_failed else None)

    def cause(self, ref: JobRef) -> str | None:
        """What the task of a failed version says of its failure; a version has no word for it."""
        try:
            task, body = self.seen(JobRef(ref.provider, ref.parts[:1]))
        except JobctlError:
            return None
        said = payload.text(body.get("error_msg"))
        return f"task says: {said}" if said and task.state is JobState.FAILED else None

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
        """Tasks; or the versions of the one in `query.within`."""
        kind = _VERSIONS if query.within else _TASKS
        url = self.address(kind.path, query.within)
        start = self._start(cursor, query.size or LARGEST_PAGE)
        page = self._turn(url, self._asked(query, kind), kind, LIST_PAGES, start).page()
        return self.rows(page, lambda record: self._row(record, query.within))

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

    def _row(self, record: Record, within: tuple[str, ...]) -> Job | None:
        """The job of a row; none for a row without a proper id."""
        found = self.row(record, within)
        return found and read_job(*found)

    @classmethod
    def card(cls, record: Mapping[str, Any]) -> Card:
        from jobctl.providers.modelarts.card import card_of

        return card_of(record, cls.meanings["result_property"])

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:
        start, others = self._start(cursor, size), ""
        if len(ref.parts) == 1:
            others = f"`{self.profile.command('list', self.name, ref.id)}` lists all versions"
            if not start.extra:
                start = start._replace(extra=self._newest(ref))
            ref = JobRef(ref.provider, (*ref.parts, start.extra))
        try:
            page = self._samples(ref, start)
        except TaskFailedError as error:
            cause = self.cause(ref) or error.message
            message = f"{ref} failed and has no results: {cause}"
            raise error.instead(JobFailedError, message, hint=others or None) from None
        except TaskNotEndedError as error:
            message = f"{ref} has no results yet: the task has not ended"
            hint = "; ".join(filter(None, (self.waiting_for(ref), others)))
            raise error.instead(NotReadyError, message, hint=hint) from None
        newest = f"these are the results of the newest version, {start.extra}"
        return page._replace(notes=(newest, *page.notes)) if others and cursor is None else page

    def _samples(self, ref: JobRef, start: Cursor) -> Page[Record]:
        """A page of the samples of a version."""
        wanted, query = self._wanted(), {}
        if wanted is not None:
            query["result_property"] = str(wanted)
        if "process-parameter" in self.chosen:
            query["process_parameter"] = str(self.chosen["process-parameter"])
        url = self.address(_RESULTS.path, ref.parts)
        fetch = partial(self._turn, url, query, _RESULTS, RESULT_PAGES)
        if wanted is None:
            page = fetch(start).page()
        else:
            page = first_fitting(fetch, start, lambda sample: _is(sample, wanted))
        self._check_sample(ref, page)
        if not page.items and not start.page:
            self.foreword(self.look(ref), empty=True)
        return page._replace(
            # whether the count is taken before the filter or after it, no page of the vendor says
            firm=wanted is None,
            origin=str(start) if start.extra else None,
        )

    def _check_sample(self, ref: JobRef, page: Page[Record]) -> None:
        """See that samples are of the version asked for; all of a page are of one."""
        told = payload.text(field(page.items[0], "version_id")) if page.items else None
        if told not in (None, ref.parts[1]):
            raise self.nonsense(f"answered for version {told} when asked for {ref.parts[1]}")

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
        job = self._row(found.records[0], ref.parts) if found.records else None
        if job is None:
            message = f"{ref} has no results yet: it has no version yet"
            raise NotReadyError(message, hint=self.waiting_for(ref))
        return job.ref.parts[1]

    def _start(self, cursor: str | None, size: int) -> Cursor:
        """Where a page begins: at the cursor, else at the beginning."""
        if cursor is None:
            return begin(self.profile.require("offset_mode"), size)
        start = resume(cursor)
        return start if start.page else start._replace(size=min(size, LARGEST_PAGE))

    def _turn(
        self, url: str, query: Mapping[str, str], kind: _Kind, most: int, cursor: Cursor
    ) -> Turn:
        """The page at a cursor."""
        self.guard(cursor, most)

        def at(cursor: Cursor) -> Part[Record]:
            parameters = [*asked(cursor), *query.items()]
            return self.unpack(self.ask(url, parameters), kind.array, kind.key)

        return turn(cursor, at)


def _is(sample: Record, wanted: int) -> bool:
    """Whether that became of a sample; one that does not tell is left to the service's choice."""
    said = payload.mapping(payload.json_or_none(sample)).get("result_property")
    return payload.integer(said) in (None, wanted)


def _code(body: bytes) -> str | None:
    return ModelArts.service_error(payload.json_or_none(body), {}).code
