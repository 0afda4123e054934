"""Asking jobs again and again, each at its own pace, until they end or patience does.

Looks run on the threads of `Workers`, so that a signal or a deadline ends the program at once, even
when a server hangs. Everything else happens on the caller's thread.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from jobctl.clock import Clock
from jobctl.errors import (
    JobctlError,
    NotFoundError,
    StalledError,
    ThrottledError,
    UnavailableError,
    asks_for,
)
from jobctl.models import Job, JobRef
from jobctl.signals import interruptible
from jobctl.stream import pace
from jobctl.stream.host import IN_FLIGHT, PER_SECOND, Host
from jobctl.stream.look import Inbox, Look
from jobctl.stream.workers import Workers, room
from jobctl.threads import Start, start

LONGEST_PAUSE = 300.0
_LAST_LOOK = 0.5
# The loop is never late by so much, unless the process was stopped.
_STOPPED = 5.0


class Target(NamedTuple):
    """A job to look at.

    `look` runs on a thread of its `host`, of which `in_flight` at most are at work; `pace` is the
    shortest and the longest pause, in seconds; `expected` gives the usual run time of a job like
    this one, in seconds, where that is known.
    """

    ref: JobRef
    look: Callable[[], Job]
    pace: tuple[float, float] = (1.0, 60.0)
    expected: Callable[[Job], float | None] = lambda _: None
    host: str = ""
    in_flight: int = IN_FLIGHT


class Seen(NamedTuple):
    """A job was seen for the first time, or has changed; `met`: it is as it was wanted."""

    which: int
    job: Job
    met: bool = False


class Silent(NamedTuple):
    """There was no proper answer about a job, or (error None) there is one again.

    `unheard` names the service, if nobody has ever answered there: its address may be wrong.
    """

    which: int
    error: JobctlError | None
    seconds: float
    unheard: str | None = None


class Lost(NamedTuple):
    """A job was given up."""

    which: int
    error: JobctlError


class Tick(NamedTuple):
    """A second has passed."""

    elapsed: float


class TimedOut(NamedTuple):
    """The deadline came before the end of the jobs."""


Event = Seen | Silent | Lost | Tick | TimedOut


class Limits(NamedTuple):
    """How long a wait may go on, in seconds; `look` bounds one look, whatever the server does."""

    timeout: float | None = None
    interval: float | None = None
    outage: float = 300.0
    allow_missing: float = 0.0
    stall_after: float = math.inf
    look: float = 70.0


def look_once(
    targets: Sequence[Target], limits: Limits, clock: Clock | None = None
) -> Iterator[Event]:
    """Look at each job once: a `Seen` or a `Lost` for each, as they come."""
    return _Watch(targets, limits, clock or Clock(), random.Random(), once=True).events()


def watch(
    targets: Sequence[Target],
    limits: Limits,
    clock: Clock | None = None,
    randomness: random.Random | None = None,
    started: float | None = None,
    wanted: Callable[[Job], bool] = lambda _: False,
    start: Start = start,
) -> Iterator[Event]:
    """Look at jobs until each has ended, is as `wanted`, or was given up, or the time is over.

    The pace adapts: a first look at once, then as `stream.pace` says, jittered, never past the
    deadline, and slower for all jobs of a service that asks for a pause. The time runs from
    `started`, a moment of the clock, or from now.
    """
    chance = randomness or random.Random()
    return _Watch(
        targets,
        limits,
        clock or Clock(),
        chance,
        started=started,
        wanted=wanted,
        start=start,
        once=limits.timeout == 0,
    ).events()


class _Watched:
    def __init__(self, which: int, target: Target, host: Host, now: float) -> None:
        self.which = which
        self.target = target
        self.host = host
        self.job: Job | None = None
        self.course: pace.Course | None = None
        self.run_time: float | None = None
        self.heard = now
        self.changed = now
        self.silent_since: float | None = None
        self.pause = target.pace[0]


class _Watch:
    def __init__(
        self,
        targets: Sequence[Target],
        limits: Limits,
        clock: Clock,
        randomness: random.Random,
        *,
        started: float | None = None,
        wanted: Callable[[Job], bool] = lambda _: False,
        start: Start = start,
        once: bool,
    ) -> None:
        self.limits = limits
        self.clock = clock
        self.randomness = randomness
        self.wanted = wanted
        self.once = once
        self.started = clock.now() if started is None else started
        endless = once or limits.timeout is None
        self.deadline = math.inf if endless else self.started + (limits.timeout or 0.0)
        self.inbox = Inbox()
        self.hosts: dict[str, Host] = {}
        self.under_way: dict[Look, None] = {}
        self.watched: list[_Watched] = []
        self.left = len(targets)
        self.open = False
        # a pace that the user sets is the user's to answer for
        rate = PER_SECOND if limits.interval is None else math.inf
        self.workers = Workers(self._look, _most(targets), start)
        for which, target in enumerate(targets):
            host = self.hosts.setdefault(target.host, Host(self.workers, rate, target.in_flight))
            host.add(which, self.started)
            self.watched.append(_Watched(which, target, host, self.started))

    def events(self) -> Iterator[Event]:
        try:
            yield from self._events()
        finally:
            self.workers.dismiss()

    def _events(self) -> Iterator[Event]:
        ticked, awake = self.started, self.clock.now()
        while self.left:
            now = self.clock.now()
            if now >= self.deadline:
                yield TimedOut()
                return
            if now - awake > _STOPPED * self.clock.speed:
                self._go_on_after_a_stop(now, now - awake)
            yield from self._give_up_on_hanging(now)
            if not self.left:
                break
            # whoever has least under way comes first: there may be fewer threads than asked for
            for host in sorted(self.hosts.values(), key=lambda host: host.in_flight):
                self.under_way.update(dict.fromkeys(host.begin(now)))
            awake = max(min(self._next(), ticked + 1.0), now)
            with interruptible():
                look = self.clock.wait(self.inbox, awake - now, busy=len(self.under_way))
            if look is not None:
                yield from self._take(look)
            if self.clock.now() >= ticked + 1.0:
                ticked = self.clock.now()
                yield Tick(ticked - self.started)
        if self.limits.timeout == 0 and self.open:
            yield TimedOut()

    def _look(self, look: Look) -> None:
        try:
            look.result = self.watched[look.which].target.look()
        except (OSError, MemoryError) as error:
            # of what goes wrong on the way to the service, transports make errors of their own
            reason = getattr(error, "strerror", None) or str(error) or "no memory is left"
            told = f"this machine cannot ask now: {reason}"
            look.result = UnavailableError(told, transient=True)
        except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
            look.result = error
        self.inbox.put(look)

    def _next(self) -> float:
        """When the loop has something to do, unless an answer comes first."""
        oldest = next((look.began for look in self.under_way), math.inf)
        looks = (host.next() for host in self.hosts.values())
        return min(self.deadline, oldest + self.limits.look, *looks)

    def _go_on_after_a_stop(self, now: float, seconds: float) -> None:
        """No burst of all that is overdue; and no server is to blame for the time that passed."""
        for look in self.under_way:
            look.began += seconds
        for one in self.watched:
            if one.silent_since is not None:
                one.silent_since += seconds
        for host in self.hosts.values():
            host.spread(now, self._usual)

    def _usual(self, which: int) -> float:
        return self.watched[which].pause

    def _give_up_on_hanging(self, now: float) -> Iterator[Event]:
        for look in list(self.under_way):
            if now - look.began < self.limits.look:
                return
            one = self.watched[look.which]
            del self.under_way[look]
            one.host.give_up(look)
            told = f"no whole answer within {self.limits.look:g} s"
            yield self._missed(one, look, UnavailableError(told, transient=True))

    def _take(self, look: Look) -> Iterator[Event]:
        result = look.result
        if look.given_up:
            return
        one = self.watched[look.which]
        del self.under_way[look]
        one.host.answered(well=isinstance(result, Job))
        unreached = isinstance(result, JobctlError) and result.unreached
        one.host.heard = one.host.heard or not unreached
        if isinstance(result, Job):
            yield from self._heard(one, result)
        elif isinstance(result, JobctlError):
            yield self._missed(one, look, result)
        else:
            raise result

    def _heard(self, one: _Watched, job: Job) -> Iterator[Event]:
        now = self.clock.now()
        if one.silent_since is not None:
            yield Silent(one.which, None, now - one.heard)
        changed = job != one.job
        one.job, one.heard, one.silent_since = job, now, None
        one.course = pace.seen(one.course, job, now, datetime.fromtimestamp(self.clock.wall(), UTC))
        met = changed and self.wanted(job)
        if changed:
            one.changed = now
            one.run_time = None if self.once else one.target.expected(job)
            yield Seen(one.which, job, met)
        if self.once or met or job.state.ended:
            self.open = self.open or not (met or job.state.ended)
            self._finish(one)
        elif now >= one.changed + self.limits.stall_after:
            yield self._lose(one, StalledError(f"nothing changed for {now - one.changed:.0f} s"))
        else:
            usual = pace.pause(one.course, now, one.run_time, one.target.pace)
            self._plan(one, now, usual, min(job.pause, LONGEST_PAUSE))

    def _missed(self, one: _Watched, look: Look, error: JobctlError) -> Event:
        now = self.clock.now()
        if one.silent_since is None:
            one.silent_since = look.began
        until = self._survivable_until(one, error)
        asked = error.retry_after or 0.0
        longest = min(LONGEST_PAUSE, self.deadline - now)
        if until is not None and asked > max(min(longest, until - now), 0.0):
            error, until = _asked_to_pause(error, asked), None
        if until is None or until <= now:
            return self._lose(one, error)
        usual = pace.pause_in_silence(now - one.silent_since, one.target.pace)
        if asked or isinstance(error, ThrottledError):
            one.host.refused(look, now, asked, self._usual)
        self._plan(one, now, usual, asked)
        error.provider = error.provider or one.target.ref.provider
        unheard = one.target.host if error.unreached and not one.host.heard else None
        return Silent(one.which, error, now - one.heard, unheard)

    def _survivable_until(self, one: _Watched, error: JobctlError) -> float | None:
        """When an error will have gone on for too long; None if it ends the wait at once."""
        if self.once:
            return None
        if isinstance(error, NotFoundError):
            if one.job is not None:
                error.hint = "it was there before: the job no longer exists"
                return None
            return self.started + self.limits.allow_missing
        # whoever sends on to a sign-in or maintenance page is not the service that was there before
        sent_on = one.job is not None and 300 <= (error.http_status or 0) < 400
        may_pass = error.transient or sent_on
        return (one.silent_since or 0.0) + self.limits.outage if may_pass else None

    def _lose(self, one: _Watched, error: JobctlError) -> Lost:
        self._finish(one)
        error.provider = error.provider or one.target.ref.provider
        error.message = f"{one.target.ref}: {error.message}"
        return Lost(one.which, error)

    def _finish(self, one: _Watched) -> None:
        self.left -= 1
        one.host.jobs -= 1

    def _plan(self, one: _Watched, now: float, usual: float, asked: float = 0.0) -> None:
        """Plan the next look: after the usual pause, but not before one that was asked for."""
        if self.limits.interval is not None:
            one.pause = self.limits.interval
            one.host.plan(one.which, now + max(one.pause, asked))
            return
        one.pause = usual * self.randomness.uniform(1.0, 1.0 + pace.JITTER)
        due = now + max(one.pause, asked)
        last = self.deadline - _LAST_LOOK - self.randomness.uniform(0.0, one.host.round)
        for moment in (last, one.changed + self.limits.stall_after):
            if now + asked < moment < due:
                due = moment
        one.host.plan(one.which, due)


def _most(targets: Sequence[Target]) -> int:
    """How many looks there can be at once; a thread may keep a connection to each service.

    A second descriptor is for the other end, if that is the sandbox, or for whoever gives tokens.
    """
    allowed = sum({target.host: target.in_flight for target in targets}.values())
    providers = {target.ref.provider for target in targets}
    return room(min(allowed, len(targets)), 2 * len(providers))


def _asked_to_pause(error: JobctlError, pause: float) -> ThrottledError:
    told = asks_for(pause)
    return error.instead(
        ThrottledError,
        error.message if error.message.endswith(told) else error.message + told,
        hint=error.hint or "try again later",
        retry_after=pause,
    )
