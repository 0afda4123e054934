"""Asking jobs again and again, each at its own pace, until they end or patience does.

The only room with threads: looks run on daemon threads, so that a signal or a deadline ends the
program at once, even when a server hangs. Everything else happens on the caller's thread.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NamedTuple, TypeVar

from jobctl.errors import (
    JobctlError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
)
from jobctl.models import Job, JobRef

_T = TypeVar("_T")

WORKERS = 16
LONGEST_PAUSE = 300.0
_GROWTH = 1.5
_JITTER = 0.2
_LAST_LOOK = 0.5


def _unknown(job: Job) -> float | None:  # noqa: ARG001
    return None


class Target(NamedTuple):
    """A job to look at.

    `look` runs on a worker thread; `pace` is the shortest and the longest interval, in seconds;
    `expected` gives the usual run time of a job like this one, in seconds, where that is known.
    """

    ref: JobRef
    look: Callable[[], Job]
    pace: tuple[float, float] = (1.0, 15.0)
    expected: Callable[[Job], float | None] = _unknown


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
        self.silent_since: float | None = None
        self.attempt = 0
        self.under_way = False
        self.began: float | None = None


def within(seconds: float | None, work: Callable[[], _T]) -> _T:
    """What the work gives, done on a thread that is left behind when its time is over.

    Raises:
        TimeoutError: it took longer.
    """
    done: SimpleQueue[tuple[_T] | BaseException] = SimpleQueue()

    def run() -> None:
        try:
            done.put((work(),))
        except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
            done.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = done.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(result, BaseException):
        raise result
    return result[0]


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
) -> Iterator[Event]:
    """Look at jobs until each has ended or was given up, or the time is over.

    The pace adapts: a first look at once, then from the target's shortest interval growing to its
    longest, jittered, never past the deadline, and slower where the service asks for a pause. The
    time runs from `started`, a moment of the clock, or from now.
    """
    once = limits.timeout == 0
    chance = randomness or random.Random()
    return _Watch(targets, limits, clock or Clock(), chance, started=started, once=once).events()


class _Watch:
    def __init__(
        self,
        targets: Sequence[Target],
        limits: Limits,
        clock: Clock,
        randomness: random.Random,
        *,
        started: float | None = None,
        once: bool,
    ) -> None:
        self.limits = limits
        self.clock = clock
        self.randomness = randomness
        self.once = once
        self.started = clock.now() if started is None else started
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
                busy=any(one.under_way for one in waiting),
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
        moments = [one.due for one in waiting if not one.under_way]
        moments += [one.began + self.limits.look for one in waiting if one.began is not None]
        if self.deadline is not None:
            moments.append(self.deadline)
        return min(moments, default=math.inf)

    def _ask(self, now: float) -> None:
        for index, one in enumerate(self.watched):
            if not one.done and not one.under_way and one.due <= now:
                one.under_way = True
                one.attempt += 1
                self.tasks.put((index, one.attempt))
        busy = sum(one.under_way for one in self.watched)
        while self.workers < min(busy, WORKERS):
            self.workers += 1
            Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            which, attempt = self.tasks.get()
            one = self.watched[which]
            one.began = self.clock.now()
            try:
                result: Job | BaseException = one.target.look()
            except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
                result = error
            self.inbox.put(_Answer(which, attempt, result))
            if attempt != one.attempt:
                return  # this look was given up, and another worker has taken this one's place

    def _give_up_on_hanging(self, now: float) -> Iterator[Event]:
        for which, one in enumerate(self.watched):
            if one.began is not None and now - one.began >= self.limits.look:
                error = UnavailableError(
                    f"no whole answer within {self.limits.look:g} s",
                    transient=True,
                )
                yield self._missed(which, one, error)
                one.under_way, one.began = False, None
                one.attempt += 1
                self.workers -= 1

    def _take(self, answer: _Answer) -> Iterator[Event]:
        one = self.watched[answer.which]
        if answer.attempt != one.attempt:
            return
        if isinstance(answer.result, Job):
            yield from self._heard(answer.which, one, answer.result)
        elif isinstance(answer.result, JobctlError):
            yield self._missed(answer.which, one, answer.result)
        else:
            raise answer.result
        one.under_way, one.began = False, None

    def _heard(self, which: int, one: _Watched, job: Job) -> Iterator[Event]:
        now = self.clock.now()
        if one.silent_since is not None:
            yield Silent(which, None, now - one.heard)
        changed = job != one.job
        one.heard, one.silent_since, one.job = now, None, job
        one.done = self.once or job.state.ended
        one.due = self._schedule(one, now, 0.0)
        if changed:
            yield Seen(which, job)

    def _missed(self, which: int, one: _Watched, error: JobctlError) -> Event:
        now = self.clock.now()
        error.provider = error.provider or one.target.ref.provider
        if one.silent_since is None:
            one.silent_since = now if one.began is None else one.began
        until = self._survivable_until(one, error)
        pause = error.retry_after or 0.0
        longest = (
            LONGEST_PAUSE if self.deadline is None else min(LONGEST_PAUSE, self.deadline - now)
        )
        if until is not None and pause > max(min(longest, until - now), 0.0):
            error, until = _asked_to_pause(error, pause), None
        if until is None or until <= now:
            one.done = True
            error.message = f"{one.target.ref}: {error.message}"
            return Lost(which, error)
        one.due = self._schedule(one, now, pause)
        return Silent(which, error, now - one.heard)

    def _survivable_until(self, one: _Watched, error: JobctlError) -> float | None:
        """When an error will have gone on for too long; None if it ends the wait at once."""
        if self.once:
            return None
        if isinstance(error, NotFoundError):
            if one.job is not None:
                error.hint = "it was there before: the job no longer exists"
                return None
            return self.started + self.limits.allow_missing
        return (one.silent_since or 0.0) + self.limits.outage if error.transient else None

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
    told = f"; the service asks for a pause of {pause:g} s"
    return ThrottledError(
        error.message + ("" if isinstance(error, ThrottledError) else told),
        hint=error.hint or "try again later",
        provider=error.provider,
        http_status=error.http_status,
        request_id=error.request_id,
        retry_after=pause,
    )
