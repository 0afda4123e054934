"""`logs`: what a job wrote, once or as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from queue import SimpleQueue
from types import MappingProxyType
from typing import NamedTuple

from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice, about, name_job
from jobctl.commands.growing import Growing, Written
from jobctl.commands.naming import job_named, word_of
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.errors import (
    ExitCode,
    JobctlError,
    NotFoundError,
    NotReadyError,
    ReaderGone,
    UnavailableError,
)
from jobctl.masking.texts import masked
from jobctl.models import Job, JobRef, LogPart
from jobctl.provider import Provider
from jobctl.render.clean import clean, without_commands
from jobctl.render.messages import note
from jobctl.render.streams import check_reader, write
from jobctl.stream.pages import Walk
from jobctl.stream.watch import Limits, Lost, Seen, Silent, Target, TimedOut, watch


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
    request = request._replace(
        job=word_of(request.job, terminal, request.wait and request.wait.timeout)
    )
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
    parts: dict[str | None, Growing] = field(default_factory=dict)
    heading: str | None = None
    several: bool = False

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
        last = deque[str](maxlen=request.tail)
        unread: NotFoundError | NotReadyError | None = None
        empty = True
        try:
            for line in _lines(_parts(provider, self.ref, self.voice.warn)):
                empty = False
                if request.tail is None:
                    self._write(line)
                else:
                    last.append(line)
        except NotFoundError as error:
            unread = _no_log(error)
        except NotReadyError as error:
            unread = error
        for line in last:
            self._write(line)
        if empty:
            provider.get(self.ref)  # some services say of any id that it wrote nothing
        if unread is not None:
            raise unread
        if empty:
            self.voice.say("note: the job has written nothing")
        return ExitCode.OK

    def _follow(self) -> ExitCode:
        """Show what is new, asked for at the pace of a wait, until the job has ended."""
        name, came = self.ref.provider, SimpleQueue[list[tuple[str | None, Written]]]()
        was_open = False

        def look() -> Job:
            nonlocal was_open
            provider, unread = self.access.provider(name), None
            job = provider.get(self.ref)
            was_open = was_open or not job.state.ended
            parts: list[LogPart] = []
            try:
                parts.extend(_parts(provider, self.ref, self.voice.warn))
            except NotReadyError:
                pass
            except NotFoundError as error:
                unread = _no_log(error)
            self.several = self.several or any(not part.alone for part in parts)
            came.put(list(_written(parts, whole=job.state.ended)))
            if unread is None or not job.state.ended:
                return job
            if was_open:
                # some services need a while for the log of a job that has just ended
                raise unread.instead(UnavailableError, unread.message, transient=True)
            raise unread

        target = Target(
            self.ref,
            look,
            self.access.pace(name),
            host=self.access.host(name),
            in_flight=1,
        )
        ended, tail = False, self.request.tail
        try:
            for event in watch([target], self.request.wait or Limits()):
                ended = isinstance(event, Seen) and event.job.state.ended
                check_reader(self.terminal.out)
                while not came.empty():
                    for heading, written in came.get():
                        part = self.parts.setdefault(heading, Growing())
                        self._write_new(heading, part.new(written, tail))
                if isinstance(event, Lost):
                    raise event.error
                if isinstance(event, Silent) and event.error is not None:
                    self.voice.warn(_unanswered(event.error, event.unheard))
                if isinstance(event, TimedOut):
                    for heading, part in self.parts.items():
                        self._write_new(heading, part.rest())
                    self.voice.warn(f"timed out; not ended: {self.ref}")
                    return ExitCode.TIMEOUT
        except ReaderGone as gone:
            return ExitCode.OK if ended else gone.exit_code
        return ExitCode.OK

    def _write_new(self, heading: str | None, lines: Iterable[str]) -> None:
        for line in lines:
            if self.several and heading != self.heading:
                self._write(_headline(heading))
                self.heading = heading
            self._write(line)
        self.terminal.out.flush()

    def _write(self, line: str) -> None:
        text = masked(line, show_signed_urls=self.request.shared.show_signed_urls)
        # off a terminal the text stays as it is, but for what a log of CI would obey
        plain = clean(text) if self.terminal.out.isatty() else without_commands(text)
        write(self.terminal.out, f"{plain}\n")


def _no_log(error: NotFoundError) -> NotFoundError:
    error.hint = "the job is there, but not this log: perhaps it is kept no longer, or nothing ran"
    return error


def _unanswered(error: JobctlError, unheard: str | None) -> str:
    known = unheard is None or error.hint is None
    return error.message if known else f"no service has answered at {unheard} so far: {error.hint}"


def _parts(provider: Provider, ref: JobRef, warn: Callable[[str], None]) -> Iterator[LogPart]:
    for page in Walk(lambda cursor: provider.logs(ref, cursor)):
        for text in page.notes:
            warn(text)
        yield from page.items


def _lines(parts: Iterable[LogPart]) -> Iterator[str]:
    """The lines of all parts, a heading before each of several."""
    for (heading, alone), pages in groupby(parts, lambda part: (part.heading, part.alone)):
        if heading is not None and not alone:
            yield _headline(heading)
        yield from _lines_of(pages)


def _lines_of(pages: Iterable[LogPart]) -> Iterator[str]:
    begun = ""
    for page in pages:
        *lines, begun = (begun + page.text).split("\n")
        yield from lines
    if begun:
        yield begun


def _headline(heading: str | None) -> str:
    return f"==> {heading} <=="


def _written(parts: Iterable[LogPart], *, whole: bool) -> Iterator[tuple[str | None, Written]]:
    """What each part holds, by its heading; the last line of one is `whole`, or may not be."""
    for heading, group in groupby(parts, lambda part: part.heading):
        pages = list(group)
        lines = list(_lines_of(pages))
        if lines and not whole and not pages[-1].text.endswith("\n"):
            yield heading, Written(lines[:-1], lines[-1])
        else:
            yield heading, Written(lines)
