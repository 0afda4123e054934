"""Looking at jobs, once or until they end, in the sight of whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from jobctl.clock import Clock
from jobctl.commands import Terminal
from jobctl.commands.access import Access
from jobctl.commands.look import ending
from jobctl.commands.look.audience import Audience
from jobctl.commands.look.request import LookRequest
from jobctl.commands.naming import job_named
from jobctl.commands.reports import open_fold
from jobctl.commands.voice import Note, Voice
from jobctl.errors import (
    Interrupted,
    JobctlError,
    LackingError,
    NotFoundError,
    ReaderGone,
    UsageError,
    together,
)
from jobctl.models import Job, JobRef, JobState
from jobctl.render import open_progress
from jobctl.render.messages import note
from jobctl.render.progress import Progress
from jobctl.render.streams import OutputError, check_reader, dumb
from jobctl.stream.host import IN_FLIGHT
from jobctl.stream.outcome import Outcome
from jobctl.stream.watch import Event, Lost, Seen, Silent, Target, Tick, look_once, watch
from jobctl.threads import within

_T = TypeVar("_T")

# At least every 60 seconds, and ticks come about once in one.
_HEARTBEAT = 59.0


class Following:
    """Follows jobs; everything is shown and told on the caller's thread.

    `refs` are the jobs as far as they are known, `outcome` is what became of them, `silent` what is
    wrong with those of which nothing is heard. `live` draws on standard output. `usual` gives the
    usual run time of a job in seconds.
    """

    def __init__(
        self,
        request: LookRequest,
        terminal: Terminal,
        clock: Clock,
        voice: Voice,
        audience: Audience,
    ) -> None:
        self.refs: list[JobRef] = []
        self.outcome = Outcome(0, request.wish)
        self.silent: dict[int, str] = {}
        self.usual: Callable[[Job], float | None] = lambda _: None
        self.live = (
            request.watch
            and request.shared.format == "table"
            and terminal.out.isatty()
            and not dumb(terminal.environ)
        )
        self._request = request
        self._terminal = terminal
        self._clock = clock
        self._voice = voice
        self._audience = audience
        self._progress = Progress()
        self._started = self._wrote = clock.now()

    @contextmanager
    def ended_in_order(self) -> Iterator[None]:
        """What ends a wait before its jobs is a part of its outcome."""
        try:
            yield
        except TimeoutError:
            self.outcome.timed_out = True
        except ReaderGone:
            self.outcome.unread()
        except Interrupted as signal:
            self.outcome.signal = signal.exit_code
        self.outcome.elapsed = self._clock.now() - self._started

    def in_time(self, work: Callable[[], _T]) -> _T:
        """What the work gives that has to be done before the first look.

        Raises:
            TimeoutError: the time of the wait is over.
        """
        timeout = self._request.limits.timeout if self._request.wait else None
        if not timeout:
            return within(None, work)
        left = timeout - (self._clock.now() - self._started)
        return within(max(left, 0.0) / self._clock.speed, work)

    def follow(self, access: Access, words: Sequence[str]) -> None:
        """Look at the jobs that words name, until there is no more to see or it is enough.

        Raises:
            UsageError: a word names none, or a setting is none.
            TimeoutError: the time was over before the first look.
        """
        self.outcome = Outcome(len(words), self._request.wish)
        targets = self.in_time(lambda: list(self._targets(access, words)))
        access.check_overrides()
        for text in access.warnings():
            self._voice.warn(text)
        self._follow(targets, access.longest_look())

    def last_words(self) -> Iterator[str]:
        """Why a wait ended before its jobs, or without what it was for."""
        condition = self._request.condition
        yield from ending.last_words(self.outcome, self.refs, self.silent.values())
        if condition is not None and (left := ending.ended_without(self.outcome)):
            yield f"--for {condition.text} never came true: {ending.some(left)}"

    def _targets(self, access: Access, words: Sequence[str]) -> Iterator[Target]:
        """What to look at; credentials may come from commands, and those take their time."""
        for word in words:
            self.refs.append(job_named(access, word, self._request.provider))
        lacking = list[JobctlError]()
        for ref in self.refs:
            try:
                target = self._target(access, ref)
            except LackingError as error:
                lacking.append(error)
            else:
                yield target
        if lacking:
            raise together(lacking)

    def _follow(self, targets: Sequence[Target], longest_look: float) -> None:
        request, terminal = self._request, self._terminal
        limits = request.limits._replace(look=longest_look)
        if not request.wait:
            self._listen(look_once(targets, limits, self._clock), self._plainly)
            return
        self._progress = open_progress(
            terminal.out if self.live else terminal.err,
            refs=self.refs,
            now=now,
            environ=terminal.environ,
            quiet=request.shared.quiet and not self.live,
            no_color=request.shared.no_color,
            beside=terminal.out if request.shared.format == "ndjson" else None,
            leave=self.live or not terminal.out.isatty(),
            fold=open_fold(request.reporting, terminal.environ, now),
            stdin=terminal.stdin if self.live else None,
        )
        # a live view draws on the terminal: what else is said there goes through it
        beside = self.live and not terminal.err.isatty()
        try:
            self._progress.start()
            events = watch(targets, limits, self._clock, started=self._started, wanted=self._wanted)
            self._listen(events, self._plainly if beside else self._progress.note)
        except UsageError as error:
            # the query fits no longer; what there is to say at the end is said all the same
            self.outcome.misfit = error
        except OutputError as lost:
            self.outcome.misfit = lost.told()
        finally:
            self._progress.stop()

    def _listen(self, events: Iterable[Event], note: Note) -> None:
        with self._voice.held() as let_out:
            try:
                for event in events:
                    let_out(note)
                    self._hear(event)
                    let_out(note)
                    if self.outcome.enough:
                        return
            finally:
                let_out(note)

    def _plainly(self, text: str) -> None:
        note(self._terminal.err, text)

    def _target(self, access: Access, ref: JobRef) -> Target:
        name = ref.provider
        keep_raw = self._request.raw or self._request.shared.format == "raw"

        def look() -> Job:
            job = access.provider(name).get(ref)
            return job if keep_raw else replace(job, raw=b"")

        return Target(
            ref,
            look,
            access.pace(name),
            self.usual,
            access.host(name),
            access.in_flight(name, IN_FLIGHT),
        )

    def _wanted(self, job: Job) -> bool:
        condition = self._request.condition
        return condition is not None and condition.met(job, self._voice.warn)

    def _hear(self, event: Event) -> None:
        outcome, progress = self.outcome, self._progress
        match event:
            case Seen(which, job, met):
                outcome.seen(which, job, met=met)
                self._audience.changed(job)
                self._wrote = self._clock.now()
                if self._request.wait:
                    progress.expect(job.ref, self.usual(job))
                progress.changed(job)
                for text in _doubts(job):
                    self._voice.warn(text)
            case Silent(which, error, seconds, unheard):
                if error is not None and unheard is not None and error.hint:
                    self._voice.warn(f"no service has answered at {unheard} so far: {error.hint}")
                self._silent(which, error, seconds)
            case Lost(which, error):
                ref = self.refs[which]
                outcome.lost(which, error)
                self._audience.lost(ref, error)
                progress.lost(ref, error.message.removeprefix(f"{ref}: "))
            case Tick(elapsed):
                if self._request.wait:
                    check_reader(self._terminal.out)
                progress.tick(outcome.states(), elapsed)
                if self._clock.now() - self._wrote >= _HEARTBEAT:
                    self._wrote = self._clock.now()
                    self._audience.heartbeat(len(self.refs), outcome.states(), elapsed)
            case _:
                outcome.timed_out = True

    def _silent(self, which: int, error: JobctlError | None, seconds: float) -> None:
        if error is None:
            self.silent.pop(which, None)
            self._progress.trouble(self.refs[which], None, seconds)
            return
        self.silent[which] = error.message
        there = not isinstance(error, NotFoundError)  # else the service answers, though not yet so
        self._progress.trouble(self.refs[which], error.message, seconds if there else None)


def now() -> datetime:
    """The wall clock's time, in UTC."""
    return datetime.now(UTC)


def _doubts(job: Job) -> Iterator[str]:
    yield from (f"{job.ref}: {text}" for text in job.warnings)
    if job.state is JobState.UNKNOWN:
        status = f"the status {job.status!r}" if job.status else "no status"
        yield f"{job.ref} has {status}, which jobctl has no word for: taken as not ended"
