"""Looking at jobs and listing them, as a file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from jobctl import payload, record
from jobctl.declared import values
from jobctl.declared.asking import Asking, Names
from jobctl.declared.mapping import find, job_of, state_of, turned
from jobctl.declared.pages import asked, is_url, paging_of, part_of
from jobctl.declared.reply import Reply
from jobctl.declared.spec import Listing, Meaning, Pages
from jobctl.declared.template import word
from jobctl.errors import JobctlError, NotFoundError, Unsupported, UsageError
from jobctl.models import Job, JobRef, JobState, Page, Query, rfc3339
from jobctl.provider import LIST_PAGES, Cursor, Part


class Looking(Asking):
    """The questions about jobs."""

    def look(self, ref: JobRef) -> Job:
        job, _ = self.look_whole(ref)
        return job

    def told_in(self, body: Any, part: str) -> Any:
        at = self.spec.told.get(part)
        return at and find(at, body)

    def look_whole(self, ref: JobRef) -> tuple[Job, Any]:
        """The job, and its body with what further questions brought."""
        lost: NotFoundError | None = None
        names = self.names(ref)
        optional = {part.name for part in self.ids if part.optional} - self.named(ref).keys()
        for request in self.spec.get:
            if request.path is not None and optional & set(request.path.names):
                continue
            try:
                reply = self.answer(request, names)
                body = self._picked(request, reply, names)
            except NotFoundError as error:
                lost = error
                continue
            self.check_answer(ref, body)
            body, silent = self.with_further(
                request, names, body, state=self._state, needed=self.asks_again
            )
            job = self._job(self.spec.meaning, ref, body, reply, unheard(silent))
            if job.status is None and not isinstance(body, dict):
                raise self.nonsense("answered with neither an object nor a status")
            return job, body
        raise lost or UsageError(f"{str(ref)!r} is no job of {self.name}")

    def _job(
        self,
        meaning: Meaning,
        ref: JobRef,
        body: Any,
        reply: Reply,
        warnings: tuple[str, ...] = (),
    ) -> Job:
        return job_of(
            meaning,
            ref,
            body,
            overrides=self.profile.states,
            url=reply.url.partition("?")[0],
            raw=reply.raw,
            warnings=warnings,
        )

    def _state(self, body: Any) -> JobState:
        """The state that a body tells so far."""
        meaning = self.spec.meaning
        return turned(meaning, self.state(values.words(find(meaning.status, body))), body)

    def state(self, status: str | None) -> JobState:
        return state_of(self.spec.meaning.states, status, self.profile.states)

    def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
        listing = self._listing()
        paging = paging_of(listing.pages)
        names = self.names(None, dict(zip(listing.within, query.within, strict=False)))
        filters = self._filters(listing, query)

        def fetch(at: Cursor) -> Part[Job | None]:
            reply = self._page(listing.pages, names, at, None, filters)
            rows = values.members(find(listing.records, reply.document))
            jobs = [self._row(listing, names, row, reply) for row in rows]
            return part_of(listing.pages, at, reply, jobs)

        start = paging.start(query.size) if cursor is None else paging.resume(cursor)
        return self.rows(self.paged(paging, start, fetch, LIST_PAGES), lambda job: job)

    def _listing(self) -> Listing:
        if self.spec.listing is None:
            raise Unsupported(f"{self.title} cannot list jobs", hint=self.unlisted)
        return self.spec.listing

    def _filters(self, listing: Listing, query: Query) -> dict[str, str]:
        """What the service filters itself: one state, and since when."""
        told: dict[str, str] = {}
        if len(query.states) == 1:
            chosen = listing.states.get(next(iter(query.states)), {})
            filled = {name: text.text(self.names()) for name, text in chosen.items()}
            told |= {name: text for name, text in filled.items() if text is not None}
        if query.since is not None:
            seconds = query.since.timestamp()
            moments = {
                "rfc3339": rfc3339(query.since),
                "s": str(int(seconds)),
                "ms": str(int(seconds * 1000)),
            }
            since = self.names(None, moments)
            filled = {name: text.text(since) for name, text in listing.since.items()}
            told |= {name: text for name, text in filled.items() if text is not None}
        return told

    def _page(
        self,
        pages: Pages,
        names: Names,
        at: Cursor,
        body: Any,
        further: Mapping[str, Any] = MappingProxyType({}),
    ) -> Reply:
        """The answer to the request for a page; `further` are parameters besides."""
        if is_url(at):
            return self.answer(pages.request, names, body=body, url=at.at)
        where = "query" if pages.paging is None else pages.paging.place
        if where == "body":
            further = {name: _number_or_text(text) for name, text in further.items()}
        extra = {**asked(pages, at), **further}
        return self.answer(pages.request, names, body=body, extra={where: extra})

    def _row(self, listing: Listing, names: Names, row: Any, reply: Reply) -> Job | None:
        """The job of a row; None for one without a proper id."""
        told = {}
        for part in self.ids:
            text = payload.text(find(listing.ids[part.name], row))
            told[part.name] = text or word(names.get(part.name))
        try:
            ref = self.ref_of(told)
        except UsageError:
            return None
        if listing.look:
            return self.look(ref)
        job = self._job(listing.meaning, ref, row, reply)
        return replace(job, url=self._url(ref), raw=record.encode(row))

    def _url(self, ref: JobRef) -> str | None:
        """The URL of a job that nobody has looked at."""
        request = self.spec.get[0]
        path = None if request.path is None else request.path.path(self.names(ref))
        return None if path is None else self._base(request, self.names(ref)) + path


def _number_or_text(text: str) -> int | str:
    number = payload.integer(text)
    return text if number is None else number


def unheard(lost: Mapping[str, JobctlError]) -> tuple[str, ...]:
    """What further questions did not bring."""
    return tuple(f"{name} could not be read: {error.message}" for name, error in lost.items())
