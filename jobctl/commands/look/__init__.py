"""`get`, `wait` and `watch`: look at jobs, once or until they end."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from jobctl import payload, registry
from jobctl.clock import Clock
from jobctl.commands import Tape, Terminal
from jobctl.commands.access import Choice
from jobctl.commands.look import ending
from jobctl.commands.look.audience import Audience
from jobctl.commands.look.following import Following, now
from jobctl.commands.look.request import LookRequest
from jobctl.commands.naming import words_of
from jobctl.commands.opening import opened
from jobctl.commands.remember import Remembering, usual_seconds
from jobctl.commands.reports import open_reports
from jobctl.commands.resume import resume
from jobctl.commands.voice import Voice
from jobctl.errors import ExitCode, ReaderGone, UsageError
from jobctl.history import history
from jobctl.masking.bodies import redact
from jobctl.models import Job
from jobctl.render import open_renderer
from jobctl.render.listener import Listener
from jobctl.render.messages import error_line, note
from jobctl.render.streams import OutputError
from jobctl.signals import deferred


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
    if request.shared.curl:
        from jobctl.commands.curl import show_lines_of

        return show_lines_of(
            request.jobs, request.provider, request.shared, terminal, request.options
        )
    return _Look(request, terminal, clock or clock_of(request.shared.tape), reports).run()


class _Look:
    """One run of the command."""

    def __init__(
        self,
        request: LookRequest,
        terminal: Terminal,
        clock: Clock,
        reports: Sequence[Listener],
    ) -> None:
        self.request = request
        self.terminal = terminal
        self.voice = Voice(request.shared, lambda text: note(terminal.err, text))
        self.audience = Audience(reports, self.voice.warn)
        self.following = Following(request, terminal, clock, self.voice, self.audience)

    def run(self) -> int:
        with deferred():  # but for what is waited for
            return self._run()

    def _run(self) -> int:
        request, following = self.request, self.following
        # standard input may name several, whatever it does
        single = request.alone and len(request.jobs) == 1 and request.jobs[0] != "-"
        self._open_audience(single=single)
        with following.ended_in_order():
            words = following.in_time(lambda: list(words_of(request.jobs, self.terminal)))
            if request.shared.format == "raw" and len(words) != 1:
                raise UsageError("-o raw shows the body of one job", hint="use --raw with -o json")
            with opened(self._choice()) as access:
                if access.remembered:
                    kept = history(self.terminal.environ, request.limits.timeout)
                    self.audience.reports.append(Remembering(kept, access.profile, now))
                    following.usual = usual_seconds(kept, access.profile)
                following.follow(access, words)
        outcome = following.outcome
        try:
            self._end(single=single)
        except OutputError:
            if outcome.signal is not ExitCode.SIGHUP:
                raise
            return outcome.signal
        return outcome.exit_code(by_state=request.wait or request.exit_status)

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
            now=now,
            environ=terminal.environ,
            no_color=request.shared.no_color,
        )
        if not self.following.live:
            self.audience.renderer = renderer
        if request.notify:
            from jobctl.render.attention import Notification

            seen = terminal.out if self.following.live else terminal.err
            self.audience.reports.append(Notification(seen, environ=terminal.environ))
        if request.wait:
            partial_ok = request.wish.partial_ok or request.wish.exit_map.get("partial") == 0
            self.audience.reports += open_reports(
                request.reporting, terminal, now, partial_ok=partial_ok
            )

    def _choice(self) -> Choice:
        request, limits = self.request, self.request.limits
        outage = limits.outage if request.wait and limits.timeout != 0 else None
        return Choice.of(request, self.terminal, self.voice, outage)

    def _end(self, *, single: bool) -> None:
        """Show the document and say what there is to say."""
        request, following, outcome = self.request, self.following, self.following.outcome
        jobs = ending.jobs_shown(outcome, following.refs, all_of_them=request.wait)
        if not jobs and (request.shared.format == "table" or (single and not request.wait)):
            self.audience.renderer = Listener()
        with suppress(ReaderGone):
            self.audience.finish(jobs, ending.verdict(outcome) if request.wait else None)
        if request.shared.columns:
            from jobctl.render.columns import lacking

            for text in lacking(request.shared.columns, outcome.known()):
                self.voice.warn(text)
        if request.wait:
            for text in following.last_words():
                self.voice.warn(text)
            if following.live and outcome.signal is not None:
                self.voice.say(f"hint: go on with: {self._resumed()}")
        for error in ending.errors(outcome, request.shared.format):
            error_line(self.terminal.err, error, request.shared.format)

    def _resumed(self) -> str:
        timeout, outcome = self.request.limits.timeout, self.following.outcome
        left = None if timeout is None else timeout - outcome.elapsed
        refs = [str(ref) for ref in self.following.refs]
        return resume(self.request.words, self.request.jobs, refs, left)

    def _raw(self, job: Job) -> Any:
        return redact(
            payload.json_or_none(job.raw),
            secrets=registry.manifest(job.ref.provider).secrets,
            show_signed_urls=self.request.shared.show_signed_urls,
        )


def clock_of(tape: Tape) -> Clock:
    """The clock of a wait: that of the recording which is played, if there is one."""
    return Clock(tape.speed, tape.began) if tape.replay else Clock()
