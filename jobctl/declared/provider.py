"""A provider that a file declares."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl.accounts import Need
from jobctl.config import Profile
from jobctl.declared.asking import Names
from jobctl.declared.filling import complete
from jobctl.declared.looking import Looking, unheard
from jobctl.declared.mapping import find
from jobctl.declared.pages import paging_of, part_of
from jobctl.declared.records import Found, decoded, keys_of, lines_of, undecoded, written_in
from jobctl.declared.reply import Reply
from jobctl.declared.setting import lacking, value_of
from jobctl.declared.spec import Source
from jobctl.errors import JobctlError, NotFoundError, NotReadyError, Unsupported, UsageError
from jobctl.models import Job, JobRef, LogPart, Page, Record
from jobctl.provider import RESULT_PAGES, Cursor, Part
from jobctl.provider.paging import COUNTED

if TYPE_CHECKING:
    import httpx

    from jobctl.declared.playing import Player


class Questions(NamedTuple):
    """What results or logs of a job take to be asked: each request, its names, and its body.

    `job` is there if it had to be looked at; `lost` says what could not be found out.
    """

    job: Job | None
    asked: list[tuple[Source, Names, Any]]
    lost: tuple[str, ...] = ()


class Declared(Looking):
    """A provider whose file is its `spec`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._questions: dict[tuple[JobRef, bool], Questions] = {}
        self._columns: dict[int, list[str]] = {}
        self._unread: NotFoundError | NotReadyError | None = None

    @classmethod
    def needed(cls, profile: Profile) -> tuple[Need, ...]:
        return *super().needed(profile), *lacking(cls.spec, profile.source, "base_url")

    @classmethod
    def server(cls, profile: Profile) -> str | None:
        told = value_of(cls.spec, profile.get, "base_url")
        return None if told is None else str(told)

    @classmethod
    def base_url(cls, profile: Profile) -> str:
        from jobctl.http import check_url

        plain = profile.allows_http

        def checked(text: str) -> str:
            return check_url(complete(text.rstrip("/")), "base_url", plain=plain)

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

    def next_page(self, response: httpx.Response) -> tuple[bool, str | None]:
        from jobctl.declared.following import next_url

        known, following = super().next_page(response)
        return (known, following) if known else next_url(self.spec, self.root, response)

    def records(self, ref: JobRef, cursor: str | None, size: int) -> Page[Record]:
        if not self.spec.results:
            raise Unsupported(f"{self.title} gives no results", hint=f"see {self.docs}")
        which, at = _which(cursor), cursor
        job, asked, lost = self._asked(ref, self.spec.results, anew=cursor is None)
        self._unread = None if cursor is None else self._unread
        page = Page[Record]([])
        following: Iterator[str] = iter(())
        first = None
        # what one request has none of, another may have
        while which < len(asked):
            try:
                page = self._some(*asked[which], which, at, size)
            except NotFoundError as error:
                self._unread = self._unread or error  # told when the others have been shown
            following = iter(page.next)
            first = next(following, None)
            if first is None and (which + 1 < len(asked) or self._unread):
                first = str(_start(asked[(which + 1) % len(asked)][0], None, size, which + 1))
            if page.items or first is None or _which(first) == which:
                break
            at, which = first, _which(first)
        if self._unread is not None and not page.items:
            job = job or self.look(ref)
            if cursor is None and not job.state.ended:
                self.foreword(job, empty=True)
            self._unread.hint = "the job is there, but not these results: perhaps no longer"
            raise self._unread
        notes: tuple[str, ...] = ()
        empty = not page.items and first is None
        if job is not None and cursor is None:
            notes = (*lost, *self.foreword(job, empty=empty))
        elif empty and cursor is None:
            self.look(ref)  # some services say of any id that it made nothing
        return page._replace(
            # what one request calls the same record, another may call another one
            keys=page.keys
            and ([(which, key) for key in page.keys] if len(asked) > 1 else page.keys),
            next=() if first is None else itertools.chain((first,), following),
            total=page.total if len(asked) == 1 else None,
            notes=notes,
        )

    def _some(
        self, source: Source, names: Names, body: Any, which: int, cursor: str | None, size: int
    ) -> Page[Record]:
        """A page of what one request brings."""

        def fetch(at: Cursor) -> Part[Record]:
            reply = self._page(source.pages, names, at, body)
            found = self._found(source, reply, which)
            rest = reply._replace(document=found.rest)
            return part_of(source.pages, at, rest, found.records, keys=found.keys)

        return self.paged(paging_of(source.pages), _start(source, cursor, size, which), fetch)

    def lines(self, ref: JobRef, cursor: str | None) -> Page[LogPart]:
        if not self.spec.logs:
            raise Unsupported(f"{self.title} gives no logs", hint=f"see {self.docs}")
        _, asked, lost = self._asked(ref, self.spec.logs, anew=cursor is None)
        notes = lost if cursor is None else ()
        self._unread = None if cursor is None else self._unread
        # an empty page, or part, is no end
        while (which := _which(cursor)) < len(asked):
            source, names, body = asked[which]
            some: list[str] = []
            following, goes_on = None, False
            try:
                start = _start(source, cursor, None, which)
                some, following, goes_on = self._written(source, names, start, body)
                if not some and start.kind in COUNTED:
                    following = None
                # the oldest line comes first: it stands on the last page
                while source.newest_first and following is not None:
                    older, following, _ = self._written(source, names, following, body)
                    some = older + some
            except (NotFoundError, NotReadyError) as error:
                self._unread = self._unread or error  # told when the others have been shown
            over = following is None and which + 1 == len(asked)
            if following is None:
                goes_on = goes_on and over
                following = _start(asked[(which + 1) % len(asked)][0], None, None, which + 1)
            cursor = str(following)
            if some:
                heading = ", ".join(str(names.told[name]) for name in source.pages.request.names)
                text = "\n".join(some) + "\n" * (not goes_on)
                part = LogPart(text, heading or str(which + 1), alone=len(asked) == 1)
                over = over and self._unread is None
                return Page([part], next=() if over else (cursor,), notes=notes)
        if self._unread is not None:
            raise self._unread
        return Page([], notes=notes)

    def _written(
        self, source: Source, names: Names, at: Cursor, body: Any
    ) -> tuple[list[str], Cursor | None, bool]:
        """The lines of a page, the oldest first, where the next begins, if there is one.

        The third is whether the last line may go on there.
        """
        self.guard(at, RESULT_PAGES)
        reply = self._page(source.pages, names, at, body)
        some, goes_on = written_in(source, reply.document, reply.raw)
        part = part_of(source.pages, at, reply, some)
        if part.next is not None and part.next in (at.at, reply.url):
            return some, None, goes_on
        return some, next(iter(paging_of(source.pages).after(at, part)), None), goes_on

    def _asked(self, ref: JobRef, sources: Sequence[Source], *, anew: bool) -> Questions:
        """What is asked for a job; further pages ask the same.

        Raises:
            NotReadyError: there is nothing before the end of the job, and it has not ended.
            JobctlError: the job cannot be looked at.
        """
        if all(one.early for one in sources):
            return Questions(None, [(one, self.names(ref), None) for one in sources])
        key = (ref, sources is self.spec.logs)
        if anew or key not in self._questions:
            self._questions[key] = self._found_out(ref, sources)
        return self._questions[key]

    def _found_out(self, ref: JobRef, sources: Sequence[Source]) -> Questions:
        job, body = self.look_whole(ref)
        there = [one for one in sources if job.state.ended or one.before_end]
        if not there:
            self.foreword(job, empty=True, verb="logs" if sources is self.spec.logs else "results")
        asked: list[tuple[Source, Names, Any]] = []
        lost: dict[str, JobctlError] = {}
        for one in there:
            request, names = one.pages.request, self.names(ref)
            more, silent = self.with_further(
                request, names, body, state=self._state, needed=lambda _: True
            )
            asked += [(one, inner, more) for inner in self.every(request, names, more)]
            lost |= silent
        if lost and not asked:
            raise next(iter(lost.values()))
        return Questions(job, asked, unheard(lost))

    def _found(self, source: Source, reply: Reply, which: int) -> Found:
        """The records of an answer."""
        from jobctl.http import read_json

        if source.format is not None:
            some = lines_of(reply.raw, source.format)
            return Found(some, keys_of(some, source.key), reply.document)
        quick = None if source.path is None else undecoded(reply.raw, source.path)
        if quick is not None:
            some, rest = quick
        else:
            rest = read_json(reply.response) if source.path is not None else reply.document
            if source.fields is not None:
                told = find(source.fields, rest)
                if isinstance(told, list) and told:
                    self._columns[which] = [str(name) for name in told]
            some = decoded(rest, source, self._columns.get(which))
        return Found(some, keys_of(some, source.key), rest)


def _which(cursor: str | None) -> int:
    """Which of the requests that one question of the command stands for has the page."""
    if cursor is None:
        return 0
    told = Cursor.parse(cursor).extra
    if not re.fullmatch(r"[0-9]{1,9}", told):
        raise UsageError(f"{cursor!r} is not a cursor of these pages")
    return int(told)


def _start(source: Source, cursor: str | None, size: int | None, which: int) -> Cursor:
    """Where a page of a request begins: the first, or the one that a cursor names."""
    paging = paging_of(source.pages)
    return paging.start(size, str(which)) if cursor is None else paging.resume(cursor)
