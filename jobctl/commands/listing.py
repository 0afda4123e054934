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
from jobctl.commands.access import Choice, about
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
from jobctl.provider import Listing, Manifest
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
    untold = request.limit is None and request.shared.format == "table" and terminal.out.isatty()
    limit = _ON_A_TERMINAL if untold else request.limit or None
    # one more tells that there are more
    request = request._replace(limit=_ON_A_TERMINAL + 1 if untold else limit)
    query = _query(request, cls, cls.listing, now())
    renderer = open_renderer(
        request.shared.format,
        terminal.out,
        single=False,
        waiting=False,
        query=request.shared.query,
        columns=request.shared.columns,
        raw_of=(lambda job: _raw(job, cls, request)) if request.raw else None,
        now=now,
        environ=terminal.environ,
        no_color=request.shared.no_color,
    )

    voice = Voice(request.shared, lambda text: note(terminal.err, text))
    choice = Choice(request.shared, terminal.environ, voice, options=request.options)
    with opened(choice) as access:
        access.account(request.provider)
        access.check_overrides()
        for text in access.warnings():
            voice.warn(text)

        def fetch(cursor: str | None) -> Page[Job]:
            return access.provider(request.provider).list(query, cursor)

        jobs: list[Job] = []
        lost = None
        try:
            provider = access.provider(request.provider)
            in_flight = access.in_flight(request.provider, IN_FLIGHT)
            walk = Walk(fetch, in_flight=in_flight)
            access.paused = walk.slow_down
            _choose(walk, query, cls.listing, request, voice.warn, provider.fits, into=jobs)
        except JobctlError as error:
            if not jobs:
                raise
            lost = error
    in_order = jobs if query.sort in cls.listing.sorts else _sorted(jobs, query)
    shown = in_order[:limit]
    if request.shared.format == "raw" and len(shown) != 1:
        raise UsageError("-o raw shows the body of one job", hint="use --raw with -o json")
    with suppress(ReaderGone), deferred():
        renderer.finish(shown, None)
    if lost is not None:
        raise lost
    if untold and len(in_order) > len(shown):
        which = "newest" if request.sort is None else "first"
        voice.say(f"note: the {which} {len(shown)} are shown: -n 200 shows more, -n 0 all")
    if not jobs and request.shared.format == "table":
        reach = f" ({cls.listing.reach})" if cls.listing.reach and not request.since else ""
        voice.say(f"note: there are no such jobs{reach}")
    return ExitCode.OK


def _query(request: ListRequest, cls: type[Manifest], listing: Listing, now: datetime) -> Query:
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
    return Query(
        within=cls.placed(request.within),
        states=frozenset(map(JobState, request.states)),
        since=None if request.since is None else moment(request.since, now),
        sort=word,
        descending=descending,
        size=request.limit if word in listing.sorts and not request.states else None,
    )


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


def _choose(
    walk: Walk[Job],
    query: Query,
    listing: Listing,
    request: ListRequest,
    warn: Callable[[str], None],
    fits: Callable[[Job], bool],
    *,
    into: list[Job],
) -> None:
    """Add the jobs asked for, in the service's order.

    Raises:
        JobctlError: not all came.
    """
    enough = request.limit if query.sort in listing.sorts else None
    for page in walk:
        for text in page.notes:
            warn(text)
        into += [job for job in page.items if _fits(job, query) and fits(job)]
        if enough is not None and len(into) >= enough:
            return
        if query.sort in listing.sorts and _is_past(page, query):
            return
    lack = walk.lack("jobs")
    if lack is None:
        return
    if walk.missing and not (query.states or query.since or request.options):
        raise UnavailableError(lack)
    # whether the count is taken before the filter or after it, no page says
    warn(lack)


def _fits(job: Job, query: Query) -> bool:
    recent = query.since is None or (job.created_at is not None and job.created_at >= query.since)
    return recent and (not query.states or job.state in query.states)


def _is_past(page: Page[Job], query: Query) -> bool:
    """Whether all that follows was created too early."""
    if query.since is None or query.sort != "created" or not query.descending or not page.items:
        return False
    times = [job.created_at for job in page.items if job.created_at is not None]
    # a service that does not sort as it was asked to may have more to come
    return bool(times) and times[-1] < query.since and times == sorted(times, reverse=True)


def _sorted(jobs: Sequence[Job], query: Query) -> list[Job]:
    """Sorted, those of which nothing is known last."""
    field = {"duration": "duration_seconds", "name": "name", "state": "state"}
    of = attrgetter(field.get(query.sort, f"{query.sort}_at"))
    known = [job for job in jobs if of(job) is not None]
    unknown = [job for job in jobs if of(job) is None]
    return [*sorted(known, key=of, reverse=query.descending), *unknown]


def _raw(job: Job, cls: type[Manifest], request: ListRequest) -> Any:
    return redact(
        payload.json_or_none(job.raw),
        secrets=cls.secrets,
        show_signed_urls=request.shared.show_signed_urls,
    )
