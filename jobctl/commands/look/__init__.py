"""`get`, `wait` and `watch`: look at jobs, once or until they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from jobctl import payload, registry
from jobctl.commands import Tape, Terminal
from jobctl.commands.access import Access, Choice
from jobctl.commands.look import ending
from jobctl.commands.look.audience import Audience
from jobctl.commands.look.request import LookRequest
from jobctl.commands.naming import job_named, words_of
from jobctl.commands.opening import opened
from jobctl.commands.remember import Remembering, usual_seconds
from jobctl.commands.reports import open_fold, open_reports
from jobctl.commands.resume import resume
from jobctl.commands.voice import HeldVoice
from jobctl.errors import (
    ExitCode,
    Interrupted,
    JobctlError,
    NotFoundError,
    ReaderGone,
    UsageError,
)
from jobctl.history import history
from jobctl.masking.bodies import redact
from jobctl.models import Job, JobRef, JobState
from jobctl.render import open_progress, open_renderer
from jobctl.render.lines import LineProgress
from jobctl.render.listener import Listener
from jobctl.render.messages import error_line
from jobctl.render.progress import Progress
from jobctl.render.streams import OutputError, check_reader, dumb
from jobctl.signals import deferred
from jobctl.stream.clock import Clock
from jobctl.stream.host import IN_FLIGHT
from jobctl.stream.outcome import Outcome
from jobctl.stream.watch import Event, Lost, Seen, Silent, Target, Tick, look_once, watch
from jobctl.threads import within

_T = TypeVar("_T")

# At least every 60 seconds, and ticks come about once in one.
_HEARTBEAT = 59.0


def look(
    request: LookRequest,
    terminal: Terminal,
    clock: Clock | None = None,
    reports: Sequence[Listener] = (),
) -> int:
    """Look at the jobs and show them; the exit code tells what became of them.

    `reports` hear of everything after the format's renderer; one that fails changes no exit code.

    Raises:
        JobctlError: nothing could be asked at all.
    """
    return _Look(request, terminal, clock or _clock(request.shared.tape), reports).run()


class _Look:
    """One run of the command; everything is shown on the caller's thread."""

    def __init__(
        self,
        request: LookRequest,
        terminal: Terminal,
        clock: Clock,
        reports: Sequence[Listener],
    ) -> None:
        self.request = request
        self.terminal = terminal
        self.clock = clock
        self.voice = HeldVoice(request.shared)
        self.audience = Audience(reports, self.voice.warn)
        self.notes: Progress = LineProgress(terminal.err, now=_now)
        self.progress = Progress()
        self.started = self.wrote = clock.now()
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

    def run(self) -> int:
        with deferred():  # but for what is waited for
            return self._run()

    def _run(self) -> int:
        request = self.request
        # standard input may name several, whatever it does
        single = request.alone and len(request.jobs) == 1 and request.jobs[0] != "-"
        self._open_audience(single=single)
        try:
            words = self._in_time(lambda: list(words_of(request.jobs, self.terminal)))
            if request.shared.format == "raw" and len(words) != 1:
                raise UsageError("-o raw shows the body of one job", hint="use --raw with -o json")
            with opened(self._choice()) as access:
                if access.remembered:
                    kept = history(self.terminal.environ)
                    self.audience.reports.append(Remembering(kept, access.profile, _now))
                    self.usual = usual_seconds(kept, access.profile)
                self.outcome = Outcome(len(words), request.wish)
                targets = self._in_time(lambda: list(self._targets(access, words)))
                access.check_overrides()
                for text in access.warnings():
                    self.voice.warn(text)
                self._follow(targets, access.longest_look())
        except TimeoutError:
            self.outcome.timed_out = True
        except ReaderGone:
            self.outcome.unread()
        except Interrupted as signal:
            self.outcome.signal = signal.exit_code
        finally:
            self._speak()
        self.outcome.elapsed = self.clock.now() - self.started
        try:
            self._end(single=single)
        except OutputError:
            if self.outcome.signal is not ExitCode.SIGHUP:
                raise
            return self.outcome.signal
        finally:
            self._speak()
        return self.outcome.exit_code(by_state=request.wait or request.exit_status)

    def _in_time(self, work: Callable[[], _T]) -> _T:
        """What the work gives that has to be done before the first look.

        Raises:
            TimeoutError: the time of the wait is over.
        """
        timeout = self.request.limits.timeout if self.request.wait else None
        if not timeout:
            return within(None, work)
        left = timeout - (self.clock.now() - self.started)
        return within(max(left, 0.0) / self.clock.speed, work)

    def _open_audience(self, *, single: bool) -> None:
        """Open the renderer and the reports.

        Raises:
            UsageError: what they are told to do does not go together, or cannot be written.
        """
        request, terminal = self.request, self.terminal
        renderer = open_renderer(
            request.shared.format,
            terminal.out,
            single=single,
            waiting=request.wait,
            query=request.shared.query,
            columns=request.shared.columns,
            raw_of=self._raw if request.raw else None,
            now=_now,
            environ=terminal.environ,
            no_color=request.shared.no_color,
        )
        if not self.live:
            self.audience.renderer = renderer
        if request.notify:
            from jobctl.render.attention import Notification

            seen = terminal.out if self.live else terminal.err
            self.audience.reports.append(Notification(seen, environ=terminal.environ))
        if request.wait:
            partial_ok = request.wish.partial_ok or request.wish.exit_map.get("partial") == 0
            self.audience.reports += open_reports(
                request.reporting, terminal, _now, partial_ok=partial_ok
            )

    def _choice(self) -> Choice:
        request = self.request
        return Choice(
            request.shared,
            self.terminal.environ,
            self.voice,
            outage=request.limits.outage if request.wait and request.limits.timeout != 0 else None,
            options=request.options,
        )

    def _targets(self, access: Access, words: Sequence[str]) -> Iterator[Target]:
        """What to look at; credentials may come from commands, and those take their time."""
        for word in words:
            self.refs.append(job_named(access, word, self.request.provider))
        for ref in self.refs:
            yield self._target(access, ref)

    def _follow(self, targets: Sequence[Target], longest_look: float) -> None:
        """Look, and show every event, until there is no more to see or it is enough."""
        request = self.request
        limits = request.limits._replace(look=longest_look)
        if not request.wait:
            for event in look_once(targets, limits, self.clock):
                self._show(event)
            return
        before = self.notes
        # a live view draws on the terminal: what else is said there goes through it
        self.progress = open_progress(
            self.terminal.out if self.live else self.terminal.err,
            refs=self.refs,
            now=_now,
            environ=self.terminal.environ,
            quiet=request.shared.quiet and not self.live,
            no_color=request.shared.no_color,
            beside=self.terminal.out if request.shared.format == "ndjson" else None,
            leave=self.live or not self.terminal.out.isatty(),
            fold=open_fold(request.reporting, self.terminal.environ, _now),
            stdin=self.terminal.stdin if self.live else None,
        )
        if not self.live or self.terminal.err.isatty():
            self.notes = self.progress
        try:
            self.progress.start()
            for event in watch(
                targets, limits, self.clock, started=self.started, wanted=self._wanted
            ):
                self._show(event)
                if self.outcome.enough:
                    return
        except UsageError as error:
            # the query fits no longer; what there is to say at the end is said all the same
            self.outcome.misfit = error
        except OutputError as lost:
            self.outcome.misfit = lost.told()
        finally:
            self._speak()
            self.progress.stop()
            self.notes = before

    def _target(self, access: Access, ref: JobRef) -> Target:
        name = ref.provider
        keep_raw = self.request.raw or self.request.shared.format == "raw"

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
        condition = self.request.condition
        return condition is not None and condition.met(job, self.voice.warn)

    def _show(self, event: Event) -> None:
        self._speak()
        self._hear(event)
        self._speak()

    def _hear(self, event: Event) -> None:
        outcome, progress = self.outcome, self.progress
        match event:
            case Seen(which, job, met):
                outcome.seen(which, job, met=met)
                self.audience.changed(job)
                self.wrote = self.clock.now()
                if self.request.wait:
                    progress.expect(job.ref, self.usual(job))
                progress.changed(job)
                for text in _doubts(job):
                    self.voice.warn(text)
            case Silent(which, error, seconds):
                self._silent(which, error, seconds)
            case Lost(which, error):
                outcome.lost(which, error)
                self.audience.lost(self.refs[which], error)
                progress.lost(self.refs[which])
            case Tick(elapsed):
                if self.request.wait:
                    check_reader(self.terminal.out)
                progress.tick(outcome.states(), elapsed)
                if self.clock.now() - self.wrote >= _HEARTBEAT:
                    self.wrote = self.clock.now()
                    self.audience.heartbeat(len(self.refs), outcome.states(), elapsed)
            case _:
                outcome.timed_out = True

    def _silent(self, which: int, error: JobctlError | None, seconds: float) -> None:
        if error is None:
            self.silent.pop(which, None)
            self.progress.trouble(self.refs[which], None, seconds)
            return
        self.silent[which] = error.message
        there = not isinstance(error, NotFoundError)  # else the service answers, though not yet so
        self.progress.trouble(self.refs[which], error.message, seconds if there else None)

    def _end(self, *, single: bool) -> None:
        """Show the document and say what there is to say."""
        request, outcome = self.request, self.outcome
        jobs = ending.jobs_shown(outcome, self.refs, all_of_them=request.wait)
        if not jobs and (request.shared.format == "table" or (single and not request.wait)):
            self.audience.renderer = Listener()
        with suppress(ReaderGone):
            self.audience.finish(jobs, ending.verdict(outcome) if request.wait else None)
        if request.wait:
            for text in ending.last_words(outcome, self.refs, self.silent.values()):
                self.voice.warn(text)
            if request.condition is not None and (left := ending.ended_without(outcome)):
                named = ending.some(left)
                self.voice.warn(f"--for {request.condition.text} never came true: {named}")
            if self.live and outcome.signal is not None:
                self.voice.say(f"hint: go on with: {self._resumed()}")
        self._speak()
        for error in ending.errors(outcome):
            error_line(self.terminal.err, error, request.shared.format)

    def _resumed(self) -> str:
        timeout = self.request.limits.timeout
        left = None if timeout is None else timeout - self.outcome.elapsed
        return resume(self.request.words, [str(ref) for ref in self.refs], left)

    def _speak(self) -> None:
        self.voice.let_out(self.notes.note)

    def _raw(self, job: Job) -> Any:
        return redact(
            payload.json_or_none(job.raw),
            secrets=registry.manifest(job.ref.provider).secrets,
            show_signed_urls=self.request.shared.show_signed_urls,
        )


def _clock(tape: Tape) -> Clock:
    return Clock(tape.speed, tape.began) if tape.replay else Clock()


def _now() -> datetime:
    return datetime.now(UTC)


def _doubts(job: Job) -> Iterator[str]:
    yield from (f"{job.ref}: {text}" for text in job.warnings)
    if job.state is JobState.UNKNOWN:
        status = f"the status {job.status!r}" if job.status else "no status"
        yield f"{job.ref} has {status}, which jobctl has no word for: taken as not ended"
