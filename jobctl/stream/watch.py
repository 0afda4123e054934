"""Asking jobs again and again, each at its own pace, until they end or patience does.

The only room with threads: looks run on daemon threads, so that a signal or a deadline ends the
program at once, even when a server hangs. Everything else happens on the caller's thread.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple

from jobctl.errors import (
    JobctlError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from jobctl.models import Job, JobRef

WORKERS = 16
LONGEST_PAUSE = 300.0
_GROWTH = 1.5
_JITTER = 0.2
_LAST_LOOK = 0.5


class Target(NamedTuple):
    """A job to look at.

    `look` runs on a worker thread; `pace` is the shortest and the longest interval, in seconds.
    """

    ref: JobRef
    look: Callable[[], Job]
    pace: tuple[float, float] = (1.0, 15.0)


class Seen(NamedTuple):
    """A job was seen for the first time, or has changed."""

    which: int
    job: Job


class Silent(NamedTuple):
    """There was no proper answer about a job, or (error None) there is one again."""

    which: int
    error: JobctlError | None
    seconds: float


class Lost(NamedTuple):
    """A job was given up."""

    which: int
    error: JobctlError


class Tick(NamedTuple):
    """Nothing happened for a second."""

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
    look: float = 70.0


class _Answer(NamedTuple):
    which: int
    attempt: int
    result: Job | BaseException


Inbox = SimpleQueue[_Answer]


class Clock:
    """Monotonic time; waiting for an answer is the only way it passes."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def wait(self, inbox: Inbox, seconds: float, *, busy: bool) -> _Answer | None:  # noqa: ARG002
        """The next answer, or None after so many seconds.

        `busy` tells whether any is due: a simulated clock need not wait where none is.
        """
        try:
            return inbox.get(timeout=max(seconds, 0.0))
        except Empty:
            return None


class _Watched:
    def __init__(self, target: Target, now: float) -> None:
        self.target = target
        self.due = now
        self.heard = now
        self.interval = target.pace[0]
        self.job: Job | None = None
        self.done = False
        self.silent = False
        self.attempt = 0
        self.asked: float | None = None


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
) -> Iterator[Event]:
    """Look at jobs until each has ended or was given up, or the time is over.

    The pace adapts: a first look at once, then from the target's shortest interval growing to its
    longest, jittered, never past the deadline, and slower where the service asks for a pause.
    """
    once = limits.timeout == 0
    chance = randomness or random.Random()
    return _Watch(targets, limits, clock or Clock(), chance, once=once).events()


class _Watch:
    def __init__(
        self,
        targets: Sequence[Target],
        limits: Limits,
        clock: Clock,
        randomness: random.Random,
        *,
        once: bool,
    ) -> None:
        self.limits = limits
        self.clock = clock
        self.randomness = randomness
        self.once = once
        self.started = clock.now()
        self.deadline = None if once or limits.timeout is None else self.started + limits.timeout
        self.watched = [_Watched(target, self.started) for target in targets]
        self.inbox: Inbox = SimpleQueue()
        self.tasks: SimpleQueue[tuple[int, int]] = SimpleQueue()
        self.workers = 0

    def events(self) -> Iterator[Event]:
        ticked = self.started
        while waiting := [one for one in self.watched if not one.done]:
            now = self.clock.now()
            if self.deadline is not None and now >= self.deadline:
                yield TimedOut()
                return
            yield from self._give_up_on_hanging(now)
            self._ask(now)
            answer = self.clock.wait(
                self.inbox,
                min(self._next(waiting), ticked + 1.0) - now,
                busy=any(one.asked is not None for one in waiting),
            )
            if answer is not None:
                yield from self._take(answer)
            elif self.clock.now() >= ticked + 1.0:
                ticked = self.clock.now()
                yield Tick(ticked - self.started)
        if self.limits.timeout == 0 and any(
            one.job is not None and not one.job.state.ended for one in self.watched
        ):
            yield TimedOut()

    def _next(self, waiting: list[_Watched]) -> float:
        """When the loop has something to do, unless an answer comes first."""
        moments = [
            one.due if one.asked is None else one.asked + self.limits.look for one in waiting
        ]
        return min([*moments, self.deadline] if self.deadline is not None else moments)

    def _ask(self, now: float) -> None:
        for index, one in enumerate(self.watched):
            if not one.done and one.asked is None and one.due <= now:
                one.asked = now
                one.attempt += 1
                self.tasks.put((index, one.attempt))
        busy = sum(one.asked is not None for one in self.watched)
        while self.workers < min(busy, WORKERS):
            self.workers += 1
            Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            index, attempt = self.tasks.get()
            try:
                result: Job | BaseException = self.watched[index].target.look()
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread, which raises it
                result = error
            self.inbox.put(_Answer(index, attempt, result))

    def _give_up_on_hanging(self, now: float) -> Iterator[Event]:
        for index, one in enumerate(self.watched):
            if one.asked is not None and now - one.asked >= self.limits.look:
                self.workers -= 1
                error = UnavailableError(
                    f"no whole answer about {one.target.ref} within {self.limits.look:g} s",
                    provider=one.target.ref.provider,
                    transient=True,
                )
                yield from self._take(_Answer(index, one.attempt, error))

    def _take(self, answer: _Answer) -> Iterator[Event]:
        one = self.watched[answer.which]
        if one.done or one.asked is None or answer.attempt != one.attempt:
            return
        one.asked = None
        if isinstance(answer.result, Job):
            yield from self._heard(answer.which, one, answer.result)
        elif isinstance(answer.result, JobctlError):
            yield self._missed(answer.which, one, answer.result)
        else:
            raise answer.result

    def _heard(self, index: int, one: _Watched, job: Job) -> Iterator[Event]:
        now = self.clock.now()
        if one.silent:
            yield Silent(index, None, now - one.heard)
        changed = job != one.job
        one.heard, one.silent, one.job = now, False, job
        one.done = self.once or job.state.ended
        one.due = self._schedule(one, now, 0.0)
        if changed:
            yield Seen(index, job)

    def _missed(self, index: int, one: _Watched, error: JobctlError) -> Event:
        now = self.clock.now()
        error.provider = error.provider or one.target.ref.provider
        pause = error.retry_after or 0.0
        missing = isinstance(error, NotFoundError)
        if missing and one.job is not None:
            error.hint = "it was there before: the job no longer exists"
        patience = self._patience(one, now, missing=missing)
        survivable = (error.transient and not self.once) or (missing and patience > 0)
        if survivable and pause > max(patience, 0.0):
            error = _asked_to_pause(error, pause)
            survivable = False
        if not survivable or patience <= 0:
            one.done = True
            return Lost(index, error)
        one.silent = True
        one.due = self._schedule(one, now, pause)
        return Silent(index, error, now - one.heard)

    def _patience(self, one: _Watched, now: float, *, missing: bool) -> float:
        """Seconds for which an error may go on before the job is given up."""
        if missing:
            seen = one.job is not None or self.once
            return 0.0 if seen else self.started + self.limits.allow_missing - now
        until = min(one.heard + self.limits.outage, now + LONGEST_PAUSE)
        return until - now if self.deadline is None else min(until, self.deadline) - now

    def _schedule(self, one: _Watched, now: float, pause: float) -> float:
        interval = self.limits.interval
        if interval is None:
            interval = one.interval * self.randomness.uniform(1 - _JITTER, 1 + _JITTER)
            one.interval = min(one.interval * _GROWTH, one.target.pace[1])
        due = now + max(interval, pause)
        if self.deadline is not None and self.limits.interval is None:
            last = self.deadline - _LAST_LOOK
            return last if due > last > now + pause else due
        return due


def _asked_to_pause(error: JobctlError, pause: float) -> ThrottledError:
    return ThrottledError(
        f"{error.message}; the service asks for a pause of {pause:g} s",
        hint=error.hint or "try again later",
        provider=error.provider,
        http_status=error.http_status,
        request_id=error.request_id,
        retry_after=pause,
    )
