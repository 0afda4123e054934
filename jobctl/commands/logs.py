"""`logs`: what a job wrote, once or as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from types import MappingProxyType
from typing import NamedTuple

from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice, about, name_job
from jobctl.commands.naming import job_named
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.errors import ExitCode, JobctlError, NotReadyError
from jobctl.masking.texts import masked
from jobctl.models import Job, JobRef, LogPart
from jobctl.provider import Provider
from jobctl.render.clean import COMMAND, clean
from jobctl.render.messages import note
from jobctl.render.streams import write
from jobctl.stream.pages import Walk
from jobctl.stream.watch import Limits, Lost, Target, TimedOut, watch


class LogsRequest(NamedTuple):
    """What the command line asks; `job` is an id, a reference or an API URL.

    `tail` is how many of the last lines to show, `wait` for how long to wait for the end first, if
    at all; `follow` shows what comes until the job has ended.
    """

    job: str
    provider: str | None
    options: Mapping[str, str | bool] = MappingProxyType({})
    tail: int | None = None
    follow: bool = False
    wait: Limits | None = None
    shared: Shared = Shared()


def logs(request: LogsRequest, terminal: Terminal) -> ExitCode:
    """Show what a job wrote.

    Raises:
        JobctlError: there is nothing, or not all came.
    """
    if request.shared.curl:
        from jobctl.commands.curl import show_lines_of

        return show_lines_of(
            [request.job], request.provider, request.shared, terminal, request.options, "logs"
        )
    voice = Voice(request.shared, lambda text: note(terminal.err, text))
    waits = request.wait or (Limits() if request.follow else None)
    choice = Choice.of(request, terminal, voice, waits and waits.outage)
    with about(request.provider), opened(choice) as access:
        ref = job_named(access, request.job, request.provider)
        with about(ref.provider):
            access.account(ref.provider)
            access.check_overrides()
            for text in access.warnings():
                voice.warn(text)
            try:
                return _Logs(request, terminal, access, ref, voice).bring()
            except JobctlError as error:
                name_job(error, ref)
                raise


@dataclass(eq=False)
class _Logs:
    """One run of the command."""

    request: LogsRequest
    terminal: Terminal
    access: Access
    ref: JobRef
    voice: Voice
    shown: int = 0
    last: str | None = None

    def bring(self) -> ExitCode:
        if self.request.follow:
            return self._follow()
        request = self.request
        if request.wait is not None:
            from jobctl.commands.awaiting import await_end

            code = await_end(
                self.access, self.ref, request.wait, request.shared, self.terminal, self.voice
            )
            if code is not ExitCode.OK:
                return code
        provider = self.access.provider(self.ref.provider)
        lines = _lines(_parts(provider, self.ref, self.voice.warn))
        if self.request.tail is not None:
            lines = iter(deque(lines, self.request.tail))
        empty = True
        for line in lines:
            self._write(line)
            empty = False
        if empty:
            provider.get(self.ref)  # some services say of any id that it wrote nothing
            self.voice.say("note: the job has written nothing")
        return ExitCode.OK

    def _follow(self) -> ExitCode:
        """Show what is new, asked for at the pace of a wait, until the job has ended."""
        name, came = self.ref.provider, SimpleQueue[list[str]]()

        def look() -> Job:
            provider = self.access.provider(name)
            job = provider.get(self.ref)
            with suppress(NotReadyError):
                parts = _parts(provider, self.ref, self.voice.warn)
                # a line that is still being written is shown when it is there
                came.put(list(_lines(parts, whole=not job.state.ended)))
            return job

        target = Target(
            self.ref,
            look,
            self.access.pace(name),
            host=self.access.host(name),
            in_flight=1,
        )
        for event in watch([target], self.request.wait or Limits()):
            while not came.empty():
                self._write_new(came.get())
            if isinstance(event, Lost):
                raise event.error
            if isinstance(event, TimedOut):
                return ExitCode.TIMEOUT
        return ExitCode.OK

    def _write_new(self, lines: list[str]) -> None:
        """Write the lines that were not there before; a log may have lost its beginning since.

        The last of them may have grown since: it is written again.
        """
        start, last = self.shown, self.last or ""
        if start and lines[start - 1 : start] != [last]:
            places = [at for at, line in enumerate(lines, 1) if line == last]
            grown = last and "".join(lines[start - 1 : start]).startswith(last)
            start = places[-1] if places else start - 1 if grown else 0
        elif not start and self.request.tail is not None:
            start = max(len(lines) - self.request.tail, 0)
        for line in lines[start:]:
            self._write(line)
        if lines:
            self.shown, self.last = len(lines), lines[-1]
        self.terminal.out.flush()

    def _write(self, line: str) -> None:
        text = masked(line, show_signed_urls=self.request.shared.show_signed_urls)
        # off a terminal the text stays as it is, but for what a log of CI would obey
        plain = clean(text) if self.terminal.out.isatty() else COMMAND.sub(r"\g<0>\\", text)
        write(self.terminal.out, f"{plain}\n")


def _parts(provider: Provider, ref: JobRef, warn: Callable[[str], None]) -> Iterator[LogPart]:
    for page in Walk(lambda cursor: provider.logs(ref, cursor)):
        for text in page.notes:
            warn(text)
        yield from page.items


def _lines(parts: Iterable[LogPart], *, whole: bool = False) -> Iterator[str]:
    """The lines of all parts, a heading before each of several; `whole` ones alone if told so."""
    heading: str | None = None
    begun = ""
    for part in parts:
        if part.heading is not None and part.heading != heading:
            heading = part.heading
            yield f"==> {heading} <=="
        *lines, begun = (begun + part.text).split("\n")
        yield from lines
    if begun and not whole:
        yield begun
