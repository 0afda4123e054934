"""`list` without a provider: the jobs of all services that are set up, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from queue import Queue
from typing import NamedTuple

from jobctl import registry
from jobctl.clock import Clock
from jobctl.commands import Terminal
from jobctl.commands.access import Access, about
from jobctl.commands.listing import ListRequest, Showing, bring, in_order, query_of
from jobctl.commands.opening import opened
from jobctl.errors import ExitCode, JobctlError, UnavailableError, UsageError, worst
from jobctl.models import Job, Query
from jobctl.provider import Manifest
from jobctl.render import open_counter
from jobctl.signals import interruptible
from jobctl.threads import Start, start


class _Asked(NamedTuple):
    """What came of asking one provider; `lost` is why there is no more."""

    provider: str
    jobs: list[Job]
    notes: list[str]
    lost: BaseException | None


def everywhere(
    request: ListRequest,
    terminal: Terminal,
    now: Callable[[], datetime],
    seconds: float,
    clock: Clock | None = None,
    start: Start = start,
) -> ExitCode:
    """Show the jobs of every service that is set up and lists them, each asked on its own thread.

    What could not be asked, or has not answered after so many seconds, is told in a line each.
    Signing in is part of asking: a slow one delays nobody else.

    Raises:
        JobctlError: nobody answered in full; of several errors the one whose exit code goes first.
    """
    if request.shared.curl:
        raise UsageError("--curl goes with one provider: `jobctl list PROVIDER --curl`")
    shared = request.shared
    counter = open_counter(
        terminal.err,
        environ=terminal.environ,
        beside=None,
        quiet=shared.quiet,
        no_color=shared.no_color,
    )
    show = Showing(request, terminal, now, counter.note)
    jobs: list[Job] = []
    notes: list[str] = []
    lost: dict[str, JobctlError] = {}
    with opened(show.choice()) as access:
        queries = _queries(access, show.request, now())
        left = dict.fromkeys(queries)
        with counter:
            counter.awaits([*left])
            for asked in _asked(access, show.request, queries, clock or Clock(), seconds, start):
                del left[asked.provider]
                counter.awaits([*left])
                jobs += asked.jobs
                notes += [f"{asked.provider}: {text}" for text in asked.notes]
                if isinstance(asked.lost, JobctlError):
                    lost[asked.provider] = asked.lost
                elif asked.lost is not None:
                    raise asked.lost
        notes = access.warnings() + notes
    answered = sorted(queries.keys() - lost.keys())
    failure = None if answered else _worst(lost)
    for name, why in sorted(lost.items()):
        why.message = f"{name}: {why.message}"
        # a provider that wants to be told where is asked by its name
        if why is not failure and type(why) is not UsageError:
            notes.append(why.message)
    for text in notes:
        show.voice.warn(text)
    if answered or jobs:
        # the order is one for all: what was asked for is the same everywhere
        show.finish(in_order(jobs, next(iter(queries.values()))))
    if failure is not None:
        raise failure
    if not jobs and request.shared.format == "table":
        show.voice.say(f"note: there are no such jobs ({', '.join(answered)})")
    return ExitCode.OK


def _worst(lost: Mapping[str, JobctlError]) -> JobctlError:
    # one that wants to be told where has not failed
    failed = {name: one for name, one in lost.items() if type(one) is not UsageError} or lost
    code = worst(error.exit_code for error in failed.values())
    return next(error for _, error in sorted(failed.items()) if error.exit_code == code)


def _queries(access: Access, request: ListRequest, now: datetime) -> dict[str, Query]:
    """What to ask each provider that is set up.

    Raises:
        UsageError: there is none, or what the command line wants is wrong for all of them.
    """
    asked = list(_listing(access))
    access.check_overrides(asked)
    if not asked:
        raise UsageError(
            "no service that lists its jobs is set up",
            hint="`jobctl providers` shows who can list; --profile sandbox needs no set-up",
        )
    return {cls.name: query_of(request, cls, now) for cls in asked}


def _listing(access: Access) -> Iterator[type[Manifest]]:
    """The providers that are set up and list their jobs without being told where."""
    for name, facts in registry.facts().items():
        if "list" in facts.verbs and access.is_set_up(name, facts):
            cls = registry.manifest(name)
            if cls.listing is not None and cls.listing.within[0] == 0:
                yield cls


def _asked(
    access: Access,
    request: ListRequest,
    queries: dict[str, Query],
    clock: Clock,
    seconds: float,
    start: Start,
) -> Iterator[_Asked]:
    """What each provider lists, as it comes; at the end those that are too late."""
    inbox: Queue[_Asked] = Queue()

    def ask(name: str) -> None:
        jobs: list[Job] = []
        notes: list[str] = []
        lost: BaseException | None = None
        try:
            with about(name):
                own = request._replace(provider=name)
                bring(access, own, queries[name], notes.append, into=jobs)
        except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
            lost = error
        inbox.put(_Asked(name, jobs, notes, lost))

    for name in queries:
        work = partial(ask, name)
        if start(work) is None:
            work()
    late = dict.fromkeys(queries)
    deadline = clock.now() + seconds
    while late:
        with interruptible():
            asked = clock.wait(inbox, deadline - clock.now(), busy=len(late))
        if asked is None:
            break
        del late[asked.provider]
        yield asked
    for name in late:
        doctor = access.profile_of(registry.manifest(name)).command("doctor", name)
        error = UnavailableError(
            f"no answer within {seconds:g} s",
            hint=f"--timeout gives it longer; `{doctor}` tells what is wrong",
            provider=name,
        )
        yield _Asked(name, [], [], error)
