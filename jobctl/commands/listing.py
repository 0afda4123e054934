"""`list`: the jobs that a service can list; what its list cannot do is done here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from jobctl import payload, registry
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice, about
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.errors import (
    ExitCode,
    JobctlError,
    ReaderGone,
    UnavailableError,
    Unsupported,
    UsageError,
    did_you_mean,
)
from jobctl.masking.bodies import redact
from jobctl.models import SORTS, Job, JobState, Page, Query, duration
from jobctl.provider import Manifest
from jobctl.render import open_renderer
from jobctl.render.messages import note
from jobctl.signals import deferred
from jobctl.stream.pages import IN_FLIGHT, Walk

_UPWARDS = frozenset({"name", "state"})
# What a person wants to see of a long list that was not asked to be short.
_ON_A_TERMINAL = 50


class ListRequest(NamedTuple):
    """What the command line asks; `since` is a duration or a time, `sort` a word with `:asc`.

    `limit` is 0 for all, None for all but on a terminal.
    """

    provider: str
    within: str | None = None
    options: Mapping[str, str | bool] = MappingProxyType({})
    states: Sequence[str] = ()
    since: str | None = None
    sort: str | None = None
    limit: int | None = None
    raw: bool = False
    shared: Shared = Shared()


def listing(request: ListRequest, terminal: Terminal, now: Callable[[], datetime]) -> ExitCode:
    """Show the jobs of a service.

    Raises:
        JobctlError: the service cannot list jobs, or there was no proper answer.
    """
    with about(request.provider):
        return _listing(request, terminal, now)


def _listing(request: ListRequest, terminal: Terminal, now: Callable[[], datetime]) -> ExitCode:
    cls = registry.manifest(request.provider)
    if cls.listing is None:
        raise Unsupported(f"{cls.title} cannot list jobs", hint=cls.unlisted)
    show = Showing(request, terminal, now)
    query = query_of(show.request, cls, now())
    if request.shared.curl:
        from jobctl.commands.curl import show_lines

        return show_lines(
            request.shared,
            terminal,
            request.options,
            lambda access: [(cls.name, lambda: access.provider(request.provider).list(query))],
        )
    with opened(show.choice()) as access:
        access.account(request.provider)
        access.check_overrides()
        for text in access.warnings():
            show.voice.warn(text)
        jobs: list[Job] = []
        lost = None
        try:
            bring(access, show.request, query, show.voice.warn, into=jobs)
        except JobctlError as error:
            if not jobs:
                raise
            lost = error
    show.finish(jobs if cls.listing.orders(query) else in_order(jobs, query))
    if lost is not None:
        raise lost
    if not jobs and request.shared.format == "table":
        reach = f" ({cls.listing.reach})" if cls.listing.reach and not request.since else ""
        show.voice.say(f"note: there are no such jobs{reach}")
    return ExitCode.OK


class Showing:
    """How jobs are shown that were asked for; `request` knows how many are worth fetching.

    Raises:
        UsageError: the format does not go with another option.
    """

    def __init__(
        self,
        request: ListRequest,
        terminal: Terminal,
        now: Callable[[], datetime],
        tell: Callable[[str], None] | None = None,
    ) -> None:
        shared = request.shared
        self._some = request.limit is None and shared.format == "table" and terminal.out.isatty()
        self._limit = _ON_A_TERMINAL if self._some else request.limit or None
        # one more tells that there are more
        self.request = request._replace(limit=_ON_A_TERMINAL + 1 if self._some else self._limit)
        self._terminal = terminal
        self.voice = Voice(shared, tell or (lambda text: note(terminal.err, text)))
        self._renderer = open_renderer(
            shared.format,
            terminal.out,
            single=False,
            waiting=False,
            query=shared.query,
            columns=shared.columns,
            raw_of=(lambda job: _raw(job, request)) if request.raw else None,
            now=now,
            environ=terminal.environ,
            no_color=shared.no_color,
        )

    def choice(self) -> Choice:
        """What the command line says about access."""
        return Choice.of(self.request, self._terminal, self.voice)

    def finish(self, jobs: Sequence[Job]) -> None:
        """Show so many of the jobs, which are in order, as were asked for.

        Raises:
            UsageError: the format shows one job, and there are more or none.
        """
        shown = jobs[: self._limit]
        if self.request.shared.format == "raw" and len(shown) != 1:
            raise UsageError("-o raw shows the body of one job", hint="use --raw with -o json")
        with suppress(ReaderGone), deferred():
            self._renderer.finish(shown, None)
        if self.request.shared.columns:
            from jobctl.render.columns import lacking

            for text in lacking(self.request.shared.columns, shown):
                self.voice.warn(text)
        if self._some and len(jobs) > len(shown):
            which = "newest" if self.request.sort is None else "first"
            self.voice.say(f"note: the {which} {len(shown)} are shown: -n 200 shows more, -n 0 all")


def query_of(request: ListRequest, cls: type[Manifest], now: datetime) -> Query:
    """What a provider that lists jobs is asked for.

    Raises:
        UsageError: a state, a time or an order is none.
    """
    sort = "created" if request.sort is None else request.sort
    word, _, direction = sort.partition(":")
    if word not in SORTS or direction not in ("", "asc", "desc"):
        raise UsageError(
            f"--sort: jobs cannot be sorted by {request.sort!r}",
            hint=did_you_mean(word, SORTS) + "; with :asc or :desc behind it",
        )
    descending = direction == "desc" or (not direction and word not in _UPWARDS)
    known = [state.value for state in JobState]
    for state in request.states:
        if state not in known:
            raise UsageError(
                f"--state: there is no state {state!r}", hint=did_you_mean(state, known)
            )
    query = Query(
        within=cls.placed(request.within),
        states=frozenset(map(JobState, request.states)),
        since=None if request.since is None else moment(request.since, now),
        sort=word,
        descending=descending,
        now=now,
    )
    fits = cls.listing is not None and cls.listing.orders(query) and not request.states
    return query._replace(size=request.limit) if fits else query


def moment(text: str, now: datetime) -> datetime:
    """The time that `2h`, `2026-01-31` or `2026-01-31T12:00:00Z` means; UTC if it does not say.

    Raises:
        UsageError: it is none of these.
    """
    found = payload.iso_time(text) if re.match(r"\d{4}-", text, re.ASCII) else None
    try:
        return found or now - timedelta(seconds=duration(text))
    except UsageError:
        raise UsageError(
            f"--since: {text!r} is neither a duration nor a time",
            hint="write it like 2h or 2026-01-31",
        ) from None


def bring(
    access: Access,
    request: ListRequest,
    query: Query,
    warn: Callable[[str], None],
    *,
    into: list[Job],
) -> None:
    """Add the jobs asked for, in the service's order.

    Raises:
        JobctlError: not all came.
    """
    name = request.provider
    provider = access.provider(name)

    def fetch(cursor: str | None) -> Page[Job]:
        return access.provider(name).list(query, cursor)

    walk = Walk(fetch, in_flight=access.in_flight(name, IN_FLIGHT))
    access.paused = walk.slow_down
    untold, lack = 0, None
    in_its_order = provider.listing is not None and provider.listing.orders(query)
    for page in walk:
        for text in page.notes:
            warn(text)
        into += [job for job in page.items if _fits(job, query) and provider.fits(job)]
        untold += sum(_began(job) is None for job in page.items)
        if in_its_order and request.limit is not None and len(into) >= request.limit:
            break
        if in_its_order and _is_past(page, query):
            break
    else:
        lack = walk.lack("jobs")
    if untold and query.since is not None:
        jobs = "a job tells" if untold == 1 else f"{untold} jobs tell"
        warn(f"{name}: {jobs} no time at all, and --since leaves out what does not")
    if lack is None:
        return
    if walk.missing and not (query.states or query.since or request.options):
        raise UnavailableError(lack)
    # whether the count is taken before the filter or after it, no page says
    warn(lack)


def _fits(job: Job, query: Query) -> bool:
    began = _began(job)
    recent = query.since is None or (began is not None and began >= query.since)
    return recent and (not query.states or job.state in query.states)


def _began(job: Job) -> datetime | None:
    """When a job was created; where the service does not say so, the next time that it tells."""
    return job.created_at or job.started_at or job.updated_at or job.ended_at


def _is_past(page: Page[Job], query: Query) -> bool:
    """Whether all that follows was created too early."""
    if query.since is None or query.sort != "created" or not query.descending or not page.items:
        return False
    times = [job.created_at for job in page.items if job.created_at is not None]
    # a service that does not sort as it was asked to may have more to come
    return bool(times) and times[-1] < query.since and times == sorted(times, reverse=True)


def in_order(jobs: Sequence[Job], query: Query) -> list[Job]:
    """Sorted, those of which nothing is known last."""
    field = {"duration": "duration_seconds", "name": "name", "state": "state"}
    of = attrgetter(field.get(query.sort, f"{query.sort}_at"))
    known = [job for job in jobs if of(job) is not None]
    unknown = [job for job in jobs if of(job) is None]
    return [*sorted(known, key=of, reverse=query.descending), *unknown]


def _raw(job: Job, request: ListRequest) -> Any:
    return redact(
        payload.json_or_none(job.raw),
        secrets=registry.manifest(job.ref.provider).secrets,
        show_signed_urls=request.shared.show_signed_urls,
    )
