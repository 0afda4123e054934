"""From answers to jobs: what is true of every service's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, TypeVar

from jobctl import payload
from jobctl.errors import JobFailedError, NotReadyError, UsageError
from jobctl.models import Job, JobRef, JobState, Page, Record
from jobctl.provider.asking import Asking

_T = TypeVar("_T")


class Reading(Asking):
    """Jobs as they are seen: in an answer of their own, or as a row of a list."""

    @classmethod
    def word(cls, status: str) -> str:
        """A status word as the states table spells it."""
        return status.strip().upper()

    def state(self, status: str | None) -> JobState:
        """Our word for the service's: the profile's `states`, else the table, else unknown."""
        if status is None:
            return JobState.UNKNOWN
        word = self.word(status)
        chosen = {self.word(theirs): ours for theirs, ours in self.profile.states.items()}
        return chosen.get(word) or self.states.get(word, JobState.UNKNOWN)

    def only_word(self, states: frozenset[JobState]) -> str | None:
        """The one status word that can mean any of the states; None where several can."""
        words = {*self.states, *map(self.word, self.profile.states)}
        meant = [word for word in words if self.state(word) in states]
        return meant[0] if len(meant) == 1 and JobState.UNKNOWN not in states else None

    def seen(
        self,
        ref: JobRef,
        query: Iterable[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Job, Mapping[str, Any]]:
        """A job as its own URL shows it, and the body that tells the rest.

        Raises:
            JobctlError: there was no proper answer, or it is of another job.
        """
        url = self.url(ref)
        body, raw = self.fetch(url, query, headers)
        self.check_answer(ref, body)
        return self._shown(ref, body, raw), body

    def row(
        self, record: Record, within: Sequence[str] = ()
    ) -> tuple[Job, Mapping[str, Any]] | None:
        """A job as a row shows it, and the body of the row; None for a row without a proper id."""
        body = payload.mapping(payload.json_or_none(record))
        fields = (self.id_fields.get(part.name, "") for part in self.ids[len(within) :])
        told = [
            str(text) for text in takewhile(bool, (payload.text(body.get(name)) for name in fields))
        ]
        ref = JobRef(self.name, (*within, *told))
        if not told:
            return None
        try:
            self.check(ref)
        except UsageError:
            return None
        self.check_answer(ref, body)
        return self._shown(ref, body, record), body

    def rows(self, page: Page[_T], read: Callable[[_T], Job | None]) -> Page[Job]:
        """The jobs that the rows of a page are, without those that are none."""
        jobs = [job for row in page.items if (job := read(row))]
        lost = len(page.items) - len(jobs)
        what = "row without a proper id is" if lost == 1 else "rows without a proper id are"
        return Page(
            jobs,
            keys=[job.ref for job in jobs],
            next=page.next,
            total=page.total,
            notes=(*page.notes, f"{lost} {what} left out") if lost else page.notes,
        )

    def told_in(self, body: Any, part: str) -> Any:
        """What a body tells of a part of the id; None where it tells nothing."""
        return body.get(self.id_fields.get(part, ""))

    def check_answer(self, ref: JobRef, body: Any) -> None:
        """See that a body is of the job that was asked for, as far as it tells.

        Raises:
            UnavailableError: it is of another one.
        """
        for part, asked in self.named(ref).items():
            value = self.told_in(body, part)
            if isinstance(value, float):
                value = payload.number(value)  # 1.0 is written for 1
            told = payload.text(value)
            if told not in (None, asked):
                raise self.nonsense(f"answered for {part} {told} when asked for {asked}")

    def waiting_for(self, ref: JobRef, verb: str = "results") -> str:
        """The command that waits for a job and brings its results, or what else a verb brings."""
        return self.profile.command(verb, str(ref), "--wait")

    def foreword(self, job: Job, *, empty: bool, verb: str = "results") -> tuple[str, ...]:
        """What a person should know before the results (or logs) of a job, which may be none.

        Raises:
            NotReadyError: there are none yet.
            JobFailedError: there are none, for the job failed.
        """
        cause = f": {job.message}" if job.message else ""
        if not job.state.ended:
            if empty:
                how = (
                    f"unknown ({job.status or 'no status'})"
                    if job.state is JobState.UNKNOWN
                    else job.state
                )
                raise NotReadyError(
                    f"{job.ref} is {how} and has no {verb} yet{cause}",
                    hint=self.waiting_for(job.ref, verb),
                )
            how = (
                f"its status is {job.status}"
                if job.state is JobState.UNKNOWN
                else f"it is {job.state}"
            )
            return (f"{how}: these are its results so far",)
        if job.state is JobState.CANCELLED:
            return ("it was cancelled",)
        if job.state is not JobState.FAILED:
            return ()
        if empty:
            raise JobFailedError(f"{job.ref} failed and has no results{cause}")
        return (f"it failed{cause}",)

    def _shown(self, ref: JobRef, body: Mapping[str, Any], raw: bytes) -> Job:
        status = payload.text(body.get(self.status_field))
        return Job(ref=ref, state=self.state(status), status=status, url=self.url(ref), raw=raw)
