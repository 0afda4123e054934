"""A provider that a file declares."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from jobctl.config import Profile
from jobctl.declared.asking import Names, Reply, complete
from jobctl.declared.looking import Looking
from jobctl.declared.mapping import find
from jobctl.declared.pages import Place, parameters, size_of
from jobctl.declared.records import Found, decoded, keys_of, lines_of, texts_of, undecoded
from jobctl.declared.setting import value_of
from jobctl.declared.spec import Source
from jobctl.errors import Unsupported
from jobctl.models import Job, JobRef, LogPart, Page, Record

if TYPE_CHECKING:
    from jobctl.declared.playing import Player


class Declared(Looking):
    """A provider whose file is its `spec`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._jobs: dict[JobRef, tuple[Job, Any]] = {}
        self._columns: dict[int, list[str]] = {}

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        from jobctl.http import check_url

        def checked(text: str) -> str:
            return check_url(complete(text.rstrip("/")), "base_url")

        made = None if profile.source("base_url") else value_of(cls.spec, profile.get, "base_url")
        return profile.use("base_url", checked) if made is None else checked(str(made))

    @classmethod
    def player(cls) -> Player:
        from jobctl.declared.playing import Player

        return Player(cls, cls.spec)

    @classmethod
    def headers(cls, profile: Profile) -> dict[str, str]:
        from jobctl.auth.header import sendable

        told = {}
        for name, template in cls.spec.headers.items():
            filled = template.text(
                {inner: value_of(cls.spec, profile.get, inner) for inner in template.names}
            )
            if filled is not None:
                told[name] = sendable(filled, f"the header {name}")
        return told

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:
        if not self.spec.results:
            raise Unsupported(f"{self.title} gives no results", hint=f"see {self.docs}")
        place = Place.parse(cursor)
        job, asked = self._asked(ref, self.spec.results, anew=cursor is None)
        if place.request >= len(asked):
            return Page([], notes=() if job is None else self.foreword(job, empty=True))
        source, names, body = asked[place.request]
        paging = source.pages.paging
        number = None if paging is None else size_of(paging, size)
        extra = parameters(paging, place, number)
        reply = self._page(source.pages, names, place, extra, body)
        found = self._found(source, reply, place)
        came = len(found.records)
        step = self.step(
            source.pages, place, reply._replace(document=found.rest), number=came, size=number
        )
        self.see(step)
        following = iter(step.next)
        first = next(following, None)
        if first is None and place.request + 1 < len(asked):
            first = Place(place.request + 1)
        notes: tuple[str, ...] = ()
        if job is not None and cursor is None:
            notes = self.foreword(job, empty=not came and first is None)
        return Page(
            found.records,
            # what one request calls the same record, another may call another one
            keys=found.keys and [(place.request, key) for key in found.keys],
            next=() if first is None else map(str, (first, *following)),
            total=step.total if len(asked) == 1 else None,
            notes=notes,
        )

    def lines(self, ref: JobRef, cursor: str | None) -> Page[LogPart]:
        if not self.spec.logs:
            raise Unsupported(f"{self.title} gives no logs", hint=f"see {self.docs}")
        place = Place.parse(cursor)
        _, asked = self._asked(ref, self.spec.logs, anew=cursor is None)
        if place.request >= len(asked):
            return Page([])
        source, names, body = asked[place.request]
        paging = source.pages.paging
        size = None if paging is None else paging.largest
        reply = self._page(source.pages, names, place, parameters(paging, place, size), body)
        some = texts_of(source, reply.document, reply.raw)
        step = self.step(source.pages, place, reply, number=len(some), size=size)
        following = () if step.stuck else tuple(islice(step.next, 1))
        if not following and place.request + 1 < len(asked):
            following = (Place(place.request + 1),)
        told = ", ".join(str(names.told[name]) for name in source.pages.request.names)
        heading = (told or str(place.request + 1)) if len(asked) > 1 else None
        if source.newest_first:
            some = some[::-1]
        return Page(
            [LogPart("".join(f"{text}\n" for text in some), heading)] if some else [],
            next=map(str, following),
        )

    def _asked(
        self, ref: JobRef, sources: Sequence[Source], *, anew: bool
    ) -> tuple[Job | None, list[tuple[Source, Names, Any]]]:
        """The job, if it has to be looked at, and each request with what fills its names.

        Raises:
            NotReadyError: there is nothing before the end of the job, and it has not ended.
            JobctlError: the job cannot be looked at.
        """
        if all(one.early for one in sources):
            return None, [(one, self.names(ref), None) for one in sources]
        if anew or ref not in self._jobs:
            self._jobs[ref] = self.look_whole(ref)
        job, body = self._jobs[ref]
        there = [one for one in sources if job.state.ended or one.before_end]
        if not there:
            self.foreword(job, empty=True)
        asked = []
        for one in there:
            request, names = one.pages.request, self.names(ref)
            more, _ = self.with_further(request, names, body, state=self._state)
            asked += [(one, inner, more) for inner in self.every(request, names, more)]
        return job, asked

    def _found(self, source: Source, reply: Reply, place: Place) -> Found:
        """The records of an answer."""
        if source.format is not None:
            some = lines_of(reply.raw, source.format)
            return Found(some, keys_of(some, source.key), None)
        quick = None if source.path is None else undecoded(reply.raw, source.path)
        if quick is not None:
            some, rest = quick
        else:
            rest = reply.document
            if source.fields is not None:
                told = find(source.fields, rest)
                if isinstance(told, list) and told:
                    self._columns[place.request] = [str(name) for name in told]
            some = decoded(rest, source, self._columns.get(place.request))
        return Found(some, keys_of(some, source.key), rest)
