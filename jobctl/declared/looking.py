"""Looking at jobs and listing them, as a file says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jobctl import payload, record
from jobctl.declared import values
from jobctl.declared.asking import Asking, Names, Reply
from jobctl.declared.mapping import find, job_of, state_of, turned
from jobctl.declared.pages import Place, Step, links_of, parameters, size_of, step_of
from jobctl.declared.spec import Listing, Meaning, Pages
from jobctl.declared.template import word
from jobctl.errors import NotFoundError, Unsupported, UsageError
from jobctl.models import Job, JobRef, JobState, Page, Query, rfc3339


class Looking(Asking):
    """The questions about jobs."""

    def look(self, ref: JobRef) -> Job:
        job, _ = self.look_whole(ref)
        return job

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
            body, warnings = self.with_further(request, names, body, state=self._state)
            return self._job(self.spec.meaning, ref, body, reply, tuple(warnings)), body
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
        place = Place.parse(cursor)
        paging = listing.pages.paging
        size = None if paging is None else size_of(paging, query.size)
        names = self.names(None, dict(zip(listing.within, query.within, strict=False)))
        extra = parameters(paging, place, size) | self._filters(listing, query)
        reply = self._page(listing.pages, names, place, extra, None)
        rows = values.members(find(listing.records, reply.document))
        jobs = [job for row in rows if (job := self._row(listing, names, row, reply)) is not None]
        lost = len(rows) - len(jobs)
        step = self.step(listing.pages, place, reply, number=len(rows), size=size)
        self.see(step)
        return Page(
            jobs,
            keys=[job.ref for job in jobs],
            next=map(str, step.next),
            total=step.total,
            notes=(f"{lost} of the jobs left out: they have no id",) if lost else (),
        )

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
        self, pages: Pages, names: Names, place: Place, extra: Mapping[str, str], body: Any
    ) -> Reply:
        """The answer to the request for a page."""
        paging = pages.paging
        is_url = paging is not None and paging.kind in ("url", "link") and place.start is not None
        where = "query" if paging is None else paging.place
        return self.answer(
            pages.request,
            names,
            body=body,
            url=str(place.start) if is_url else None,
            extra={} if is_url else {where: extra},
        )

    def step(
        self, pages: Pages, place: Place, reply: Reply, *, number: int, size: int | None
    ) -> Step:
        """Where it goes on behind a page of so many records."""
        links = links_of(reply.headers.get("link"))
        return step_of(pages, place, reply.document, links, reply.url, number=number, size=size)

    def see(self, step: Step) -> None:
        """See that it goes on.

        Raises:
            UnavailableError: the next page is the same one again.
        """
        if step.stuck:
            raise self.nonsense("names the same page as the next one again")

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
