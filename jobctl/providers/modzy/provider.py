"""How Modzy is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jobctl import payload
from jobctl.errors import JobctlError, NotFoundError, UsageError
from jobctl.models import Card, Job, JobRef, JobState, Page, Query, Record, rfc3339
from jobctl.provider import LIST_PAGES, Cursor, Document, Paging, Part, Provider, ServiceError
from jobctl.providers.modzy import OPEN, SORTS, About
from jobctl.providers.modzy.job import (
    UNTOLD,
    asks_for_results,
    input_keys,
    job_of,
    spelled,
    unspoken,
)
from jobctl.providers.modzy.results import by_input, without_result
from jobctl.record import items, split

_HISTORY = "/api/jobs/history"
_MONTH = 30 * 24 * 3600 * 1000  # milliseconds
_PAGING = Paging("page", "page", "per-page")

_ENDLESS = "the job is open: the wait ends only once somebody closes it"
_UNCOUNTED = (
    "completed jobs whose failed inputs the list does not count are unknown: `jobctl get` looks"
)
# Words that only the vendor's other products use.
_ELSEWHERE = frozenset({"COMPLETE", "CANCELLED", "TIMED_OUT", "TIMEOUT", "FAILED"})
# Words that the history can be filtered by.
_FILTERS = frozenset({"SUBMITTED", "IN_PROGRESS", "COMPLETED", "CANCELED", "TIMEDOUT", "ERROR"})
# What counts of failed inputs may make of a state.
_BECOMES = {
    JobState.SUCCEEDED: {JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED},
    JobState.PARTIAL: {JobState.PARTIAL, JobState.FAILED},
}


class Modzy(About, Provider):
    """See `About`."""

    @classmethod
    def word(cls, status: str) -> str:
        return spelled(status)

    @classmethod
    def service_error(cls, body: Any, headers: Mapping[str, str]) -> ServiceError:
        said = super().service_error(body, headers)
        report = payload.text(payload.mapping(body).get("reportErrorUrl"))
        if said.message and report:
            return ServiceError(said.code, f"{said.message}; report it at {report}")
        return said

    def look(self, ref: JobRef) -> Job:
        job, body = self._look(ref)
        if self.waiting and self.word(job.status or "") == OPEN:
            job = replace(job, warnings=(_ENDLESS,))
        if not asks_for_results(job, body):
            return self.read(job, body)
        try:
            return job_of(job, body, self._results(ref).body)
        except JobctlError as error:
            found = self.read(job, body)
            if error.transient and self.asks_again(found.state):
                raise
            warning = f"its results could not be read: {error.message}"
            return replace(found, warnings=(*found.warnings, warning))

    def read(self, job: Job, body: Mapping[str, Any]) -> Job:
        return job_of(job, body, {})

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
        start = self._first(query) if cursor is None else self._resume(cursor)
        self.guard(start, LIST_PAGES)
        part = self._part(query, start)
        if part.more is None and part.records and not start.page:
            # a short first page may be all there is, or all that the service gives at once
            start = start._replace(size=len(part.records))
        page = self.rows(part.page(_PAGING.after(start, part)), self._row)
        untold = any(job.message == UNTOLD for job in page.items)
        return page._replace(notes=(_UNCOUNTED, *page.notes)) if untold else page

    def _part(self, query: Query, at: Cursor) -> Part[Record]:
        """A page of the history."""
        from jobctl.http import read_json

        response = self.ask(self.root + _HISTORY, self._asked(query, at))
        try:
            array = payload.utf8(response.content)
            if not array.lstrip().startswith(b"["):
                array = split(array)["data"]  # as older servers wrap it
            rows = items(array)
        except (KeyError, ValueError, RecursionError):
            read_json(response)
            raise self.nonsense("answered with a history that is no array of jobs") from None
        # The header knows servers that give fewer jobs than asked for; its URL is never followed.
        return Part(rows, more="next" in response.links if response.links else None)

    def fits(self, job: Job) -> bool:
        status, until = spelled(str(self.chosen.get("status") or "")), self._until()
        # which words the others stand for, only the service knows
        is_asked = status not in _FILTERS or spelled(job.status or "") == status
        is_early = until is None or (job.created_at is not None and job.created_at < until)
        return is_asked and is_early

    @classmethod
    def card(cls, record: Mapping[str, Any]) -> Card:
        from jobctl.providers.modzy.card import card_of

        return card_of(record)

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:  # noqa: ARG002
        seen, body = self._look(ref)
        try:
            answer = self._results(ref)
        except NotFoundError as error:
            self.foreword(self.read(seen, body), empty=True)
            raise error.instead(
                NotFoundError,
                f"the results of {ref} are no longer available",
                hint="the job has ended; the service does not say how long it keeps results",
            ) from error
        job = job_of(seen, body, answer.body)
        with self.taking("results"):
            found = by_input(answer.raw, input_keys(body))
        records = [record for entries in found.values() for record in entries]
        notes = [*self.foreword(job, empty=not records), *without_result(found, job.progress.total)]
        if job.state.ended and payload.boolean(answer.body.get("finished")) is False:
            notes.append("the service has not finished these results")
        whole = job.state in (JobState.SUCCEEDED, JobState.PARTIAL)
        return Page(records, notes=tuple(notes), total=job.progress.total if whole else None)

    def _look(self, ref: JobRef) -> tuple[Job, Mapping[str, Any]]:
        job, body = self.seen(ref)
        if payload.text(body.get("jobIdentifier")) is None:
            raise self.nonsense("answered without the identifier of the job")
        return self._stated(job, body), body

    def _stated(self, job: Job, body: Mapping[str, Any]) -> Job:
        """The job, whose body may be a receipt that has no status."""
        return job if job.status else replace(job, state=self.state(unspoken(body)))

    def _first(self, query: Query) -> Cursor:
        """The first page of a history, which always begins at some time."""
        end = self._until() or query.now or datetime.now(UTC)
        start = query.since or payload.later(end, -_MONTH) or end
        return _PAGING.start(query.size, str(rfc3339(start)))

    def _resume(self, text: str) -> Cursor:
        cursor = _PAGING.resume(text)
        if payload.iso_time(cursor.extra) is None:
            raise UsageError(f"{text!r} is not a cursor of a history")
        return cursor

    def _until(self) -> datetime | None:
        text = self.chosen.get("until")
        moment = payload.iso_time(text)
        if text and not moment:
            raise UsageError(
                f"--until {text!r} is not a time",
                hint="write it like 2024-10-29 or 2024-10-29T12:32:26Z",
            )
        return moment

    def _asked(self, query: Query, at: Cursor) -> Iterator[tuple[str, str]]:
        """The parameters that ask for a page; the service itself would begin with the oldest."""
        yield "startDate", at.extra
        if until := self._until():
            yield "endDate", str(rfc3339(until))
        if status := self.chosen.get("status") or self._status_of(query.states):
            yield "status", str(status).strip().upper()
        if model := self.chosen.get("model"):
            yield "model", str(model)
        yield "sort-by", SORTS.get(query.sort, "createdAt")
        yield "direction", "DESC" if query.descending else "ASC"
        yield from _PAGING.asked(at)

    def _status_of(self, states: Set[JobState]) -> str | None:
        """The only status whose jobs may be in these states, if the history knows that filter."""
        known = self.states.keys() - _ELSEWHERE | {self.word(word) for word in self.profile.states}
        found = [word for word in known if states & _BECOMES.get(ours := self.state(word), {ours})]
        alone = len(found) == 1 and JobState.UNKNOWN not in states
        return found[0] if alone and found[0] in _FILTERS else None

    def _row(self, record: Record) -> Job | None:
        """A job of the history, from what stands there alone; none if it has no identifier.

        One that is completed is not called succeeded as long as nobody says that nothing failed.
        """
        found = self.row(record)
        if found is None:
            return None
        job, body = self._stated(*found), found[1]
        failed = body.get("failed")
        if job.state is JobState.SUCCEEDED and not failed and payload.count(failed) is None:
            unsure = self.read(replace(job, state=JobState.UNKNOWN), body)
            return replace(unsure, message=UNTOLD)
        return replace(self.read(job, body), warnings=())

    def _results(self, ref: JobRef) -> Document:
        """The job's results: counts and entries by input, which a job may lack."""
        answer = self.fetch(self.address(self.paths[1], ref.parts))
        self.check_answer(ref, answer.body)
        return answer
