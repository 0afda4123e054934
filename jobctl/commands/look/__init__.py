"""`get`, `wait` and `watch`: look at jobs, once or until they end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any

from jobctl import payload, registry
from jobctl.commands import Tape, Terminal
from jobctl.commands.access import Access, Choice, opened, reference
from jobctl.commands.look.request import Request, words_of
from jobctl.commands.remember import Remembering, usual_seconds
from jobctl.commands.reports import open_fold, open_reports
from jobctl.commands.resume import resume
from jobctl.errors import ExitCode, Interrupted, JobctlError, NotFoundError, UsageError
from jobctl.history import history
from jobctl.masking.bodies import redact
from jobctl.models import Job, JobRef, JobState
from jobctl.render import open_progress, open_renderer
from jobctl.render.lines import LineProgress
from jobctl.render.listener import Listener, Verdict
from jobctl.render.messages import error_line
from jobctl.render.progress import Progress
from jobctl.render.streams import dumb
from jobctl.stream.clock import Clock
from jobctl.stream.outcome import Outcome
from jobctl.stream.watch import (
    Event,
    Lost,
    Seen,
    Silent,
    Target,
    Tick,
    look_once,
    watch,
    within,
)

# At least every 60 seconds, and ticks come about once in one.
_HEARTBEAT = 59.0
_NAMED = 10


def look(
    request: Request,
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
        request: Request,
        terminal: Terminal,
        clock: Clock,
        reports: Sequence[Listener],
    ) -> None:
        self.request = request
        self.terminal = terminal
        self.clock = clock
        self.renderer = Listener()
        self.reports = list(reports)
        self.usual: Callable[[Job], float | None] = lambda _: None
        self.started = clock.now()
        self.wrote = self.started
        self.told: set[str] = set()
        self.silent: dict[int, str] = {}
        self.lines: SimpleQueue[str] = SimpleQueue()
        self.notes: Progress = LineProgress(terminal.err, now=_now)
        self.progress = Progress()
        self.single = request.provider is not None and len(request.jobs) == 1
        self.live = (
            request.watch
            and request.shared.format == "table"
            and terminal.out.isatty()
            and not dumb(terminal.environ)
        )
        if request.notify:
            from jobctl.render.attention import Notification

            seen = terminal.out if self.live else terminal.err
            self.reports.append(Notification(seen, environ=terminal.environ))
        self.refs: list[JobRef] = []
        self.targets: Sequence[Target] = ()
        self.outcome = Outcome(0)

    def run(self) -> int:
        request = self.request
        words = list(words_of(request.jobs, self.terminal))
        self.single = self.single and list(request.jobs) == words
        if request.shared.format == "raw" and len(words) != 1:
            raise UsageError("-o raw shows the body of one job", hint="use --raw with -o json")
        renderer = open_renderer(
            request.shared.format,
            self.terminal.out,
            single=self.single,
            waiting=request.wait,
            query=request.shared.query,
            columns=request.shared.columns,
            raw_of=self._raw if request.raw else None,
            now=_now,
            environ=self.terminal.environ,
            no_color=request.shared.no_color,
        )
        if not self.live:
            self.renderer = renderer
        wanted = request.wanted(self._warn)
        if request.wait:
            partial_ok = request.partial_ok or request.exit_map.get("partial") == 0
            self.reports += open_reports(
                request.reporting, self.terminal, _now, partial_ok=partial_ok
            )
        try:
            with opened(self._choice()) as access:
                if access.remembered:
                    kept = history(self.terminal.environ)
                    self.reports.append(Remembering(kept, access.profile, _now))
                    self.usual = usual_seconds(kept, access.profile)
                self.outcome = Outcome(len(words), request.wish())
                patience = request.timeout or None if request.wait else None
                targets = within(patience, lambda: list(self._targets(access, words)))
                access.check_overrides()
                for text in access.warnings():
                    self._warn(text)
                self._follow(targets, wanted, access.longest_look())
        except TimeoutError:
            self.outcome.timed_out = True
        except Interrupted as signal:
            self.outcome.signal = signal.exit_code
        finally:
            self._say_lines()
        self.outcome.elapsed = self.clock.now() - self.started
        try:
            return self._end()
        except OSError:
            if self.outcome.signal is ExitCode.SIGHUP:
                return self.outcome.signal
            raise

    def _choice(self) -> Choice:
        request = self.request
        return Choice(
            request.shared,
            self.terminal.environ,
            outage=request.outage if request.wait and request.timeout != 0 else None,
            options=request.options,
            log=self._log if request.shared.verbose else None,
            tell=None if request.shared.quiet else lambda text: self.lines.put(f"warning: {text}"),
        )

    def _targets(self, access: Access, words: Sequence[str]) -> Iterator[Target]:
        """What to look at; credentials may come from commands, and those take their time."""
        for word in words:
            self.refs.append(reference(access, word, self.request.provider))
        for ref in self.refs:
            yield self._target(access, ref)

    def _follow(
        self, targets: Sequence[Target], wanted: Callable[[Job], bool], longest_look: float
    ) -> None:
        """Look, and show every event, until there is no more to see or it is enough."""
        request, self.targets = self.request, targets
        limits = request.limits(longest_look)
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
            leave=self.live or not self.terminal.out.isatty(),
            fold=open_fold(request.reporting, self.terminal.environ, _now),
            stdin=self.terminal.stdin if self.live else None,
        )
        if not self.live or self.terminal.err.isatty():
            self.notes = self.progress
        try:
            self.progress.start()
            for event in watch(targets, limits, self.clock, started=self.started, wanted=wanted):
                self._show(event)
                if self.outcome.enough:
                    return
        except UsageError as error:
            # the query fits no longer; what there is to say at the end is said all the same
            self.outcome.misfit = error
        finally:
            self.progress.stop()
            self.notes = before

    def _target(self, access: Access, ref: JobRef) -> Target:
        name = ref.provider
        keep_raw = self.request.raw or self.request.shared.format == "raw"

        def look() -> Job:
            job = access.provider(name).get(ref)
            return job if keep_raw else replace(job, raw=b"")

        return Target(
            ref, look, access.pace(name), self.usual, access.host(name), access.in_flight(name)
        )

    def _show(self, event: Event) -> None:
        self._say_lines()
        outcome, progress = self.outcome, self.progress
        match event:
            case Seen(which, job, met):
                outcome.seen(which, job, met=met)
                self._tell(lambda one: one.changed(job))
                self.wrote = self.clock.now()
                if self.request.wait:
                    progress.expect(job.ref, self.targets[which].expected(job))
                progress.changed(job)
                for text in _doubts(job):
                    self._warn(text)
            case Silent(which, error, seconds):
                self._silent(which, error, seconds)
            case Lost(which, error):
                outcome.lost(which, error)
                self._tell(lambda one: one.lost(self.refs[which], error))
                progress.trouble(self.refs[which], "given up")
            case Tick(elapsed):
                progress.tick(outcome.states(), elapsed)
                if self.clock.now() - self.wrote >= _HEARTBEAT:
                    self.wrote = self.clock.now()
                    beat = (len(self.refs), outcome.states(), elapsed)
                    self._tell(lambda one: one.heartbeat(*beat))
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

    def _end(self) -> int:
        request, outcome = self.request, self.outcome
        # Fewer references than jobs: the wait ended while they were read.
        jobs = [
            job or _never_seen(ref)
            for ref, job in zip(self.refs, outcome.jobs, strict=False)
            if job or request.wait
        ]
        shown = jobs or (request.shared.format != "table" and (request.wait or not self.single))
        if not shown:
            self.renderer = Listener()
        verdict = _verdict(outcome) if request.wait else None
        self._tell(lambda one: one.finish(jobs, verdict))
        left = [str(ref) for which, ref in enumerate(self.refs) if not outcome.over(which)]
        if outcome.timed_out:
            self._warn(f"timed out; not ended: {_some(left)}")
            for why in dict.fromkeys(self.silent.values()):
                self._warn(f"what was heard last: {why}")
        elif outcome.signal is not None and request.wait:
            self._warn(f"interrupted; the jobs go on: {_some(left)}")
            if self.live and not request.shared.quiet:
                self.notes.note(f"hint: go on with: {self._resumed()}")
        hints = set()
        for error in outcome.given_up():
            error.hint = None if error.hint in hints else error.hint
            hints.add(error.hint)
            error_line(self.terminal.err, error, request.shared.format)
        return outcome.exit_code(by_state=request.wait or request.exit_status)

    def _resumed(self) -> str:
        timeout = self.request.timeout
        left = None if timeout is None else timeout - self.outcome.elapsed
        return resume(self.request.words, [str(ref) for ref in self.refs], left)

    def _tell(self, tell: Callable[[Listener], None]) -> None:
        """Tell the format's renderer, and whatever becomes of that, the reports."""
        try:
            tell(self.renderer)
        finally:
            for report in list(self.reports):
                try:
                    tell(report)
                except (JobctlError, OSError) as error:
                    self.reports.remove(report)
                    self._warn(f"a report is incomplete: {error}")

    def _warn(self, text: str) -> None:
        if text not in self.told and not self.request.shared.quiet:
            self.told.add(text)
            self.notes.note(f"warning: {text}")

    def _log(self, level: int, line: str) -> None:
        if level <= self.request.shared.verbose:
            self.lines.put(line)

    def _say_lines(self) -> None:
        """Say what the looks on other threads had to tell."""
        while not self.lines.empty():
            self.notes.note(self.lines.get())

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


def _verdict(outcome: Outcome) -> Verdict:
    return Verdict(
        outcome.word(),
        outcome.exit_code(by_state=True),
        len(outcome.jobs),
        outcome.states(),
        outcome.elapsed,
    )


def _some(refs: Sequence[str]) -> str:
    more = f" and {len(refs) - _NAMED} more" if len(refs) > _NAMED else ""
    return ", ".join(refs[:_NAMED]) + more


def _doubts(job: Job) -> Iterator[str]:
    yield from (f"{job.ref}: {text}" for text in job.warnings)
    if job.state is JobState.UNKNOWN:
        status = f"the status {job.status!r}" if job.status else "no status"
        yield f"{job.ref} has {status}, which jobctl has no word for: taken as not ended"


def _never_seen(ref: JobRef) -> Job:
    """What is known of a job when a wait ended before the first answer."""
    return Job(ref=ref, state=JobState.UNKNOWN, status=None)
