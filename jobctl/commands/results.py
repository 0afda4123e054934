"""`results`: the records that a job produced, all pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice, about, name_job
from jobctl.commands.naming import job_named, word_of
from jobctl.commands.opening import opened
from jobctl.commands.output import Kind, OutputFile, exists, paged, target
from jobctl.commands.voice import Voice
from jobctl.errors import (
    ExitCode,
    Interrupted,
    JobctlError,
    ReaderGone,
    UnavailableError,
    UsageError,
)
from jobctl.masking.records import signed_url, without_secrets
from jobctl.masking.signatures import signed_until
from jobctl.masking.texts import masked
from jobctl.models import Job, JobRef, Page, Record
from jobctl.provider import Provider
from jobctl.render import open_counter
from jobctl.render.counter import Counter
from jobctl.render.records import open_records
from jobctl.render.records.renderer import Layout, RecordRenderer
from jobctl.render.words import counted, times_on
from jobctl.signals import deferred, interruptible, interruptibly
from jobctl.stream.pages import IN_FLIGHT, Place, Walk
from jobctl.stream.watch import Limits

if TYPE_CHECKING:
    from jobctl.render.page import HtmlPage


class ResultsRequest(NamedTuple):
    """What the command line asks; `job` is an id, a reference, an API URL or `@1`.

    `wait` is for how long to wait for its end, if at all.
    """

    job: str
    provider: str | None
    options: Mapping[str, str | bool] = MappingProxyType({})
    limit: int | None = None
    page_size: int | None = None
    cursor: str | None = None
    output_file: str | None = None
    force: bool = False
    pager: bool = False
    html: str | None = None
    images: str | None = None
    wait: Limits | None = None
    shared: Shared = Shared()


def results(request: ResultsRequest, terminal: Terminal) -> ExitCode:
    """Bring the records of a job to standard output or into a file.

    Raises:
        JobctlError: there are none, or not all came; the hint tells how to go on.
    """
    start = Place() if request.cursor is None else Place.parse(request.cursor)
    _check_files(request)
    request = request._replace(
        job=word_of(request.job, terminal, request.wait and request.wait.timeout)
    )
    if request.shared.curl:
        from jobctl.commands.curl import show_lines_of

        return show_lines_of(
            [request.job], request.provider, request.shared, terminal, request.options, "results"
        )
    run = _Results(request, terminal)
    with about(request.provider), opened(run.choice()) as access:
        ref = job_named(access, request.job, request.provider)
        with about(ref.provider):
            return run.bring(access, ref, start)


def _check_files(request: ResultsRequest) -> None:
    if request.images is not None and request.html is None:
        raise UsageError("--images goes with --html")
    if "-" in (request.html, request.output_file):
        raise UsageError("- is no file", hint="without --output-file it is standard output")
    if request.html is None:
        return
    if request.output_file is not None and Path(request.html) == Path(request.output_file):
        raise UsageError(f"--html and --output-file cannot both be {request.html}")
    if not request.force and target(request.html).exists():
        raise exists(request.html)


class _Done(NamedTuple):
    """What surely came out of a run: so many records, where another goes on, the length of a file.

    It changes as one: an interrupt finds it as it was before a page or as it is after it.
    """

    records: int
    place: Place
    written: int


class _Results:
    """One run of the command."""

    def __init__(self, request: ResultsRequest, terminal: Terminal) -> None:
        self.request = request
        self.terminal = terminal
        self.file: OutputFile | None = None
        self.page: HtmlPage | None = None
        self.renderer: RecordRenderer | None = None
        self.done = _Done(0, Place(), 0)
        self.job: Job | None = None
        self.notes: list[str] = []
        self.expired = self.started = False
        self.counter: Counter = open_counter(
            terminal.err,
            environ=terminal.environ,
            beside=terminal.out if request.output_file is None else None,
            quiet=request.shared.quiet,
            no_color=request.shared.no_color,
        )
        self.voice = Voice(request.shared, self.counter.note)

    def choice(self) -> Choice:
        wait = self.request.wait
        return Choice.of(self.request, self.terminal, self.voice, wait and wait.outage)

    def bring(self, access: Access, ref: JobRef, start: Place) -> ExitCode:
        """Bring the records of a job, from a place on, to wherever they shall go."""
        request = self.request
        if request.output_file is not None:
            shared = request.shared
            kind = Kind(shared.format, shared.columns, shared.query, str(ref))
            self.file = OutputFile(
                request.output_file, kind, cursor=request.cursor, force=request.force
            )
        provider = access.provider(ref.provider)
        access.check_overrides()
        for text in access.warnings():
            self.voice.warn(text)
        if request.wait is not None:
            from jobctl.commands.awaiting import await_end

            code = await_end(access, ref, request.wait, request.shared, self.terminal, self.voice)
            if code is not ExitCode.OK:
                return code
        with deferred(), ExitStack() as stack:
            self.open_sinks(provider, ref, stack)
            file = self.file
            if file is not None and start.before and not file.resumed:
                self.voice.warn(
                    f"{file.part} is not there: only what follows the cursor is written"
                )
            self.done = _Done(0, start, 0 if file is None else file.tell())
            return self.follow(self.walk(access, ref, start), ref, provider)

    def walk(self, access: Access, ref: JobRef, start: Place) -> Walk[Record]:
        request = self.request
        paged = access.provider(ref.provider).largest_page
        if start.origin is not None and paged is None:
            raise UsageError(f"{request.cursor!r} is not a cursor of {ref.provider}")
        if start.before and paged is not None:
            self.voice.say(f"note: {_records(start.before)} before the cursor are read once more")
        largest = paged or 100
        # with a provider's own options, which choose, a page may have few of those that count
        least = request.limit if request.limit and not request.options else largest
        size = min(request.page_size or largest, least, largest)

        def fetch(cursor: str | None) -> Page[Record]:
            return access.provider(ref.provider).results(ref, cursor, size)

        in_flight = access.in_flight(ref.provider, IN_FLIGHT)
        walk = Walk(fetch, start, limit=request.limit, in_flight=in_flight)
        access.paused = walk.slow_down
        return walk

    def open_sinks(self, provider: Provider, ref: JobRef, stack: ExitStack) -> None:
        """Open what takes the records: a page, and a renderer unless the page is all that is asked.

        Raises:
            UsageError: something cannot be written, or does not go together.
        """
        request, out = self.request, self.terminal.out
        if request.html is not None:
            from jobctl.render.page import HtmlPage

            images = None if request.images is None else Path(request.images)
            page = HtmlPage(target(request.html), ref, provider.card, images=images, now=_now)
            self.page = stack.enter_context(page)
            shared = request.shared
            if (
                self.file is None
                and shared.format == "table"
                and not (shared.query or shared.columns)
            ):
                return
        if self.file is not None:
            out = stack.enter_context(self.file.opened())
        elif request.pager and out.isatty():
            out = stack.enter_context(paged(self.terminal.environ))
        self.renderer = open_records(
            request.shared.format,
            out,
            Layout(
                columns=request.shared.columns,
                chosen=provider.columns,
                fields=provider.fields,
                headings=provider.headings,
                meanings=provider.meanings,
                show_signed_urls=request.shared.show_signed_urls,
                resumed=self.file is not None and self.file.resumed,
                header=None if self.file is None else self.file.header,
                now=_now,
                tell=self.voice.warn,
            ),
            query=request.shared.query,
            environ=self.terminal.environ,
            no_color=request.shared.no_color,
        )

    def _look(self, provider: Provider, ref: JobRef) -> None:
        """Look at the job itself, for the head of the page: before the records, not after them."""
        if self.page is None:
            return
        if before := self.done.place.before:
            self.notes.append(f"Not on this page: the first {_records(before)}.")
        try:
            with interruptible():
                self.job = provider.get(ref)
        except JobctlError as error:
            self.voice.warn(f"the job itself could not be read: {error.message}")

    def follow(self, walk: Walk[Record], ref: JobRef, provider: Provider) -> ExitCode:
        """Show every page as it comes, and make whole documents of them, however it ends."""
        self.started = self.file is not None and self.file.resumed
        try:
            self._follow(walk, ref, provider)
        except ReaderGone:
            return ExitCode.OK
        except Interrupted as signal:
            if self.started:
                self._keep()
                self.voice.warn(self._stopped(walk))
            return signal.exit_code
        is_table = self.request.shared.format == "table"
        for place in filter(None, (self.request.output_file, self.request.html)):
            resumed = self.file is not None and self.file.resumed
            count = _records(walk.came if resumed else walk.count)
            # the ending may have promised something else
            how = " as a table" if is_table and place == self.request.output_file else ""
            self.voice.say(f"{place}: {count}{how}")
        if not walk.count and is_table:
            self.voice.say("note: there are no records")
        return ExitCode.OK

    def _follow(self, walk: Walk[Record], ref: JobRef, provider: Provider) -> None:
        try:
            self._look(provider, ref)
            with self.counter:
                self._bring(walk, ref)
            self._check_all_came(walk, ref)
            self._finish(complete=True)
        except JobctlError as error:
            misused = isinstance(error, UsageError)
            name_job(error, ref)
            if self.started and not walk.astray and (self.done.records or not misused):
                self._keep()
                told = self._stopped(walk)
                error.hint = f"{error.hint}; {told}" if error.hint else told
            raise
        except OSError as error:
            self._keep()
            raise JobctlError(
                f"cannot write the output: {error.strerror}", hint=self._stopped(walk)
            ) from None

    def _keep(self) -> None:
        """What came stays, whole to the last record, as far as there is room for its end."""
        with suppress(ReaderGone, OSError):
            if self.file is not None:
                self.file.cut_back(self.done.written)
            self._finish(complete=False)

    def _bring(self, walk: Walk[Record], ref: JobRef) -> None:
        for page in interruptibly(walk):
            self.started = True
            for text in page.notes:
                self.voice.warn(f"{ref}: {text}")
                if text not in self.notes:
                    self.notes.append(text)
            shown = without_secrets(
                page.items, show_signed_urls=self.request.shared.show_signed_urls
            )
            if self.request.shared.show_signed_urls:
                self._warn_of_the_end(shown)
            self._write(shown)
            came, written = len(shown), 0 if self.file is None else self.file.tell()
            self.done = _Done(walk.count + came, walk.after, written)
            self.counter.reached(walk.count + len(shown), self._expected(walk))

    def _warn_of_the_end(self, records: Sequence[Record]) -> None:
        """Say so where the URLs that are shown serve no more."""
        url = signed_url(records)
        until = None if url is None else signed_until(url)
        if until is not None and until < _now() and not self.expired:
            self.expired = True
            on = times_on(self.terminal.err)(until)
            self.voice.warn(f"the signed URLs have expired, some on {on}")

    def _write(self, records: Sequence[Record]) -> None:
        self._render(lambda renderer: renderer.records(records))
        if self.page is not None:
            self.page.records(records)

    def _render(self, work: Callable[[RecordRenderer], None]) -> None:
        """Show records, where anybody looks; the page has its reader later."""
        if self.renderer is None:
            return
        try:
            work(self.renderer)
        except ReaderGone:
            self.renderer = None
            if self.page is None:
                raise

    def _finish(self, *, complete: bool) -> None:
        """Make whole documents of what was written, unless that is nothing and there is more."""
        nothing = not complete and self.file is not None and not self.done.written
        if not nothing:
            self._render(lambda renderer: renderer.finish())
        if self.file is not None and complete:
            self.file.complete()
        elif self.file is not None and not nothing:
            header = None if self.renderer is None else self.renderer.header
            self.file.stopped(str(self.done.place), header)
        if self.page is not None:
            notes = [masked(text) for text in self.notes]
            if self.request.limit is not None:
                notes.append(f"No more than {_records(self.request.limit)}, as asked for.")
            self.page.finish(job=self.job, notes=notes, complete=complete)

    def _expected(self, walk: Walk[Record]) -> int | None:
        """How many records this run will bring."""
        left = None if walk.total is None else walk.total - walk.place.before + walk.count
        return min((n for n in (left, self.request.limit) if n is not None), default=None)

    def _check_all_came(self, walk: Walk[Record], ref: JobRef) -> None:
        if self.request.limit is not None and walk.count >= self.request.limit:
            return
        if walk.disproved is not None:
            announced = _records(walk.disproved)
            self.voice.warn(f"{ref}: the service announces {announced}, but more came")
        lack = walk.lack("records")
        if lack is None:
            return
        if walk.firm:
            raise UnavailableError(f"{ref}: {lack}")
        self.voice.warn(
            f"{ref}: {lack}; the service may have counted what the filter leaves out, too"
        )

    def _stopped(self, walk: Walk[Record]) -> str:
        """How many came, where they are, and how to go on."""
        request = self.request
        part = self.file.part if self.file is not None and self.done.written else None
        page = self.page.part if self.page is not None and self.page.part.exists() else None
        if self.page is not None and page is None and self.renderer is None:
            return f"{_records(self.done.records)} came, and none is kept: begin anew"
        parts = (part, page)
        where = "".join(f" to {part}" for part in parts if part)
        if request.shared.query is not None and request.shared.format != "ndjson":
            return f"{_records(self.done.records)} came; a query over all of them has to begin anew"
        left = "" if request.limit is None else f" -n {request.limit - self.done.records or 1}"
        again = f"the same command with --cursor {self.done.place}{left}"
        if walk.over:
            again = f"there are no more now; {again} looks again"
        else:
            again += " brings the rest"
        return f"{_records(self.done.records)} written{where}; {again}"


def _records(number: int) -> str:
    return counted(number, "record")


def _now() -> datetime:
    return datetime.now(UTC)
