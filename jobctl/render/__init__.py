"""Showing jobs: one module per format, for people or for programs; none of them sees a provider.

This is where they are opened; only the module that is wanted is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TextIO

from jobctl import formats
from jobctl.render.streams import check_open, dumb, for_people, is_pipe, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from jobctl.models import Job, JobRef
    from jobctl.render.counter import Counter
    from jobctl.render.listener import Listener
    from jobctl.render.progress import Fold, Progress
    from jobctl.render.table import Fit


def open_renderer(
    format: str,
    out: TextIO,
    *,
    single: bool,
    waiting: bool,
    now: Callable[[], datetime],
    environ: Mapping[str, str],
    no_color: bool = False,
    query: str | None = None,
    columns: Sequence[str] | None = None,
    raw_of: Callable[[Job], Any] | None = None,
) -> Listener:
    """The renderer of a format.

    `single` says that one job was asked for, so that one object is shown instead of an array;
    `raw_of` gives the service's own body, redacted, where it shall be shown under `raw`.

    Raises:
        UsageError: the format is unknown, does not go with another option, the query is no
            JMESPath, or a column names no field.
    """
    formats.check(format, query=query, columns=columns, raw=raw_of is not None)
    check_open(out)

    def document(job: Job) -> dict[str, Any]:
        whole = job.document()
        return whole if raw_of is None else {**whole, "raw": raw_of(job)}

    if format in formats.QUERIED:
        from jobctl.render.query import selector

        select = selector(query)
        if format == "ndjson":
            from jobctl.render.json import NdjsonRenderer

            return NdjsonRenderer(out, document, select, waiting=waiting)
        from jobctl.render.document import DocumentRenderer, encoder

        if format in formats.SHEETS:
            from jobctl.render.columns import PATHS, check

            check(columns or ())
            columns = columns or (PATHS if query is None else None)
        encode = encoder(format, out, environ, columns)
        return DocumentRenderer(out, document, select, encode, single=single)
    if format == "table":
        if for_people(out, environ):
            from jobctl.render.terminal import TerminalTable

            return TerminalTable(
                out, single=single, paths=columns, now=now, environ=environ, no_color=no_color
            )
        from jobctl.render.table import PlainTable

        return PlainTable(out, single=single, paths=columns)
    if format == "ids":
        from jobctl.render.ids import IdsRenderer

        return IdsRenderer(out)
    from jobctl.render.raw import RawRenderer

    return RawRenderer(out)


def table_rows(
    out: TextIO,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    fit: Fit | None = None,
    environ: Mapping[str, str],
    no_color: bool = False,
) -> None:
    """Write any table: drawn on a terminal, plain on a pipe."""
    if for_people(out, environ):
        from jobctl.render.terminal import draw_table

        draw_table(out, header, rows, fit=fit, environ=environ, no_color=no_color)
    else:
        from jobctl.render.table import plain_table

        write(out, "".join(plain_table(header, rows)))


def write_documents(
    format: str,
    out: TextIO,
    documents: Sequence[Mapping[str, Any]],
    query: str | None = None,
    *,
    environ: Mapping[str, str],
) -> None:
    """Write an array of documents, or each on a line, in one of the formats that queries go with.

    Raises:
        UsageError: the query is no JMESPath.
    """
    from jobctl.render.query import selector

    select = selector(query)
    if format == "ndjson":
        from jobctl.render.json import encode

        write(out, "".join(f"{encode(select(one))}\n" for one in documents))
    else:
        from jobctl.render.document import encoder

        write(out, encoder(format, out, environ)(select(documents)))


def open_progress(
    err: TextIO,
    *,
    refs: Sequence[JobRef],
    now: Callable[[], datetime],
    environ: Mapping[str, str],
    quiet: bool = False,
    no_color: bool = False,
    beside: TextIO | None = None,
    leave: bool = False,
    fold: Fold | None = None,
    stdin: TextIO | None = None,
) -> Progress:
    """The progress that suits the stream.

    `beside` is where lines on the jobs go meanwhile, if any do. `leave` keeps the last picture of a
    live view, for when what follows goes to another place; with `stdin`, `q` does there what
    Ctrl-C does. `fold` folds plain lines.
    """
    if quiet:
        from jobctl.render.progress import Progress

        return Progress()
    from jobctl.render.lines import LineProgress, Notes

    if beside is not None and beside.isatty():
        return Notes(err)
    if _may_draw(err, environ, beside):
        from jobctl.render.live import LiveProgress

        return LiveProgress(
            err,
            refs=refs,
            now=now,
            environ=environ,
            no_color=no_color,
            leave=leave,
            stdin=stdin,
        )
    named = str(refs[0]) if len(refs) == 1 else f"{len(refs)} jobs"
    return LineProgress(err, now=now, fold=fold, title=f"jobctl: waiting for {named}")


def open_counter(
    err: TextIO, *, environ: Mapping[str, str], beside: TextIO | None, quiet: bool, no_color: bool
) -> Counter:
    """The counter that suits the stream; none moves on a terminal that shows the records as well.

    `beside` is where the records go, unless that is a file of their own.
    """
    if quiet or (err.isatty() and beside is not None and beside.isatty()):
        from jobctl.render.counter import Counter

        return Counter(err)
    if _may_draw(err, environ, beside):
        from jobctl.render.bar import BarCounter

        return BarCounter(err, environ=environ, no_color=no_color)
    from jobctl.render.lines import LineCounter

    return LineCounter(err)


def _may_draw(err: TextIO, environ: Mapping[str, str], beside: TextIO | None) -> bool:
    """Whether nobody writes into what is drawn: what reads a pipe may do so, on our terminal."""
    return err.isatty() and not dumb(environ) and not (beside is not None and is_pipe(beside))
