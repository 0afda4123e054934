"""How Modzy is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jobctl import payload
from jobctl.config import Profile
from jobctl.errors import JobctlError, NotFoundError, UsageError
from jobctl.models import Card, Job, JobRef, JobState, Page, Query, Record, rfc3339
from jobctl.provider import Answer, Provider, ServiceError
from jobctl.providers.modzy import OPEN, SORTS, About
from jobctl.providers.modzy.history import Place
from jobctl.providers.modzy.job import (
    UNTOLD,
    Seen,
    asks_for_results,
    input_keys,
    job_of,
    spelled,
    unspoken,
)
from jobctl.providers.modzy.results import by_input, without_result
from jobctl.record import items, split

if TYPE_CHECKING:
    pass

_HISTORY = "/api/jobs/history"
_MONTH = 30 * 24 * 3600 * 1000  # milliseconds
_PAGE = 100

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
    def base_url(cls, profile: Profile) -> str:
        # A host named "api" stays.
        return re.sub(r"(?<=[^:/])/+api$", "", super().base_url(profile))

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
        seen = self._look(ref)
        results: Mapping[str, Any] = {}
        warnings = []
        if self.waiting and self.word(seen.status or "") == OPEN:
            warnings.append(_ENDLESS)
        if asks_for_results(seen):
            try:
                results = self._results(ref).body
            except JobctlError as error:
                warnings.append(f"its results could not be read: {error.message}")
        return job_of(ref, seen, results=results, warnings=warnings)

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
        from jobctl.http import read_json

        place = Place.parse(cursor) if cursor else self._first(query)
        response = self.ask(self.root + _HISTORY, self._asked(query, place))
        try:
            array = payload.utf8(response.content)
            if not array.lstrip().startswith(b"["):
                array = split(array)["data"]  # as older servers wrap it
            rows = items(array)
        except (KeyError, ValueError, RecursionError):
            read_json(response)
            raise self.nonsense("answered with a history that is no array of jobs") from None
        jobs = [job for row in rows if (job := self._row(row))]
        notes = [_UNCOUNTED] if any(job.message == UNTOLD for job in jobs) else []
        if len(jobs) < len(rows):
            notes.append(f"{len(rows) - len(jobs)} entries without a job's identifier are left out")
        # The header knows servers that give fewer jobs than asked for; its URL is never followed.
        more = bool(response.links.get("next") if response.links else len(rows) >= place.size)
        if rows and not more and not response.links and place.page == 1:
            # it may be all there is, or all that the service gives at once
            more, place = True, place._replace(size=len(rows))
        return Page(
            jobs,
            keys=[job.ref for job in jobs],
            next=(str(place._replace(page=place.page + 1)),) if more else (),
            notes=tuple(notes),
        )

    def fits(self, job: Job) -> bool:
        status, until = spelled(str(self.chosen.get("status") or "")), self._until()
        # which words the others stand for, only the service knows
        is_asked = status not in _FILTERS or spelled(job.status or "") == status
        is_early = until is None or (job.created_at is not None and job.created_at < until)
        return is_asked and is_early

    @classmethod
    def card(cls, record: Any) -> Card:
        from jobctl.providers.modzy.card import card_of

        return card_of(payload.mapping(record))

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:  # noqa: ARG002
        seen = self._look(ref)
        try:
            answer = self._results(ref)
        except NotFoundError as error:
            self.foreword(job_of(ref, seen, results={}, warnings=()), empty=True)
            raise NotFoundError(
                f"the results of {ref} are no longer available",
                hint="the job has ended; the service does not say how long it keeps results",
                provider=self.name,
                http_status=error.http_status,
                request_id=error.request_id,
            ) from error
        job = job_of(ref, seen, results=answer.body, warnings=())
        try:
            found = by_input(answer.raw, input_keys(seen.answer.body))
        except ValueError as error:
            raise self.nonsense(f"answered with results that cannot be read: {error}") from error
        records = [record for entries in found.values() for record in entries]
        notes = [*self.foreword(job, empty=not records), *without_result(found, job.progress.total)]
        if job.state.ended and payload.boolean(answer.body.get("finished")) is False:
            notes.append("the service has not finished these results")
        whole = job.state in (JobState.SUCCEEDED, JobState.PARTIAL)
        return Page(records, notes=tuple(notes), total=job.progress.total if whole else None)

    def _look(self, ref: JobRef) -> Seen:
        url = self.url(ref)
        answer = self.fetch(url)
        told = payload.text(answer.body.get("jobIdentifier"))
        if told != ref.parts[0]:
            raise self.nonsense(f"answered for job {told!r} when asked for {ref.parts[0]}")
        return self._seen(url, answer)

    def _seen(self, url: str, answer: Answer) -> Seen:
        status = payload.text(answer.body.get("status"))
        return Seen(url, answer, status, self.state(status or unspoken(answer.body)))

    def _first(self, query: Query) -> Place:
        """The first page of a history, which always begins at some time."""
        end = self._until() or datetime.now(UTC)
        start = query.since or payload.later(end, -_MONTH) or end
        return Place(1, min(query.size or _PAGE, _PAGE), start)

    def _until(self) -> datetime | None:
        text = self.chosen.get("until")
        moment = payload.iso_time(text)
        if text and not moment:
            raise UsageError(
                f"--until {text!r} is not a time",
                hint="write it like 2024-10-29 or 2024-10-29T12:32:26Z",
            )
        return moment

    def _asked(self, query: Query, place: Place) -> Iterator[tuple[str, str]]:
        """The parameters that ask for a page; the service itself would begin with the oldest."""
        yield "startDate", str(rfc3339(place.start))
        if until := self._until():
            yield "endDate", str(rfc3339(until))
        if status := self.chosen.get("status") or self._status_of(query.states):
            yield "status", str(status).strip().upper()
        if model := self.chosen.get("model"):
            yield "model", str(model)
        yield "sort-by", SORTS.get(query.sort, "createdAt")
        yield "direction", "DESC" if query.descending else "ASC"
        yield "page", str(place.page)
        yield "per-page", str(place.size)

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
        body = payload.mapping(payload.json_or_none(record))
        job = payload.text(body.get("jobIdentifier"))
        if not job:
            return None
        ref = JobRef(self.name, (job,))
        seen = self._seen(self.url(ref), Answer(body, record))
        failed = body.get("failed")
        if seen.state is JobState.SUCCEEDED and not failed and payload.count(failed) is None:
            found = job_of(ref, seen._replace(state=JobState.UNKNOWN), results={}, warnings=())
            return replace(found, message=UNTOLD)
        return replace(job_of(ref, seen, results={}, warnings=()), warnings=())

    def _results(self, ref: JobRef) -> Answer:
        """The job's results: counts and entries by input, which a job may lack."""
        path = self.paths[1].format(job=ref.parts[0])
        answer = self.fetch(self.root + path)
        if payload.text(answer.body.get("jobIdentifier")) not in (None, ref.parts[0]):
            raise self.nonsense("answered with the results of another job")
        return answer
