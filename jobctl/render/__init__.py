"""Showing jobs: one module per format, for people or for programs; none of them sees a provider."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TextIO

from jobctl.errors import JobctlError, UsageError
from jobctl.models import Job, JobRef

FORMATS = ("table", "json", "ndjson", "yaml", "csv", "tsv", "ids", "raw")
_DOCUMENTS = ("json", "ndjson", "yaml")
_SHEETS = ("csv", "tsv")


class Verdict(NamedTuple):
    """How a wait ended: a word, the exit code, and how many jobs are in which state."""

    verdict: str
    exit_code: int
    jobs: int
    states: Mapping[str, int]
    elapsed_seconds: float

    def document(self) -> dict[str, Any]:
        """The `jobctl.verdict/v1` document."""
        return {
            "schema": "jobctl.verdict/v1",
            "verdict": self.verdict,
            "exit_code": int(self.exit_code),
            "jobs": self.jobs,
            "states": dict(self.states),
            "elapsed_seconds": round(self.elapsed_seconds, 3),
        }


class Renderer:
    """What writes jobs to standard output, or a report on them to another place.

    One that shows only the end leaves all but `finish` as it is.
    """

    def changed(self, job: Job) -> None:
        """A job was seen for the first time, or is not as it was."""

    def lost(self, ref: JobRef, error: JobctlError) -> None:
        """A job was given up; what is known of it comes with the end."""

    def heartbeat(self, jobs: int, states: Mapping[str, int], elapsed: float) -> None:
        """So many jobs have not changed for a minute, `elapsed` seconds after the wait began."""

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        """The end: the jobs as last seen, in the order asked, and how a wait ended.

        Raises:
            UsageError: the query does not fit the document.
        """


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
) -> Renderer:
    """The renderer of a format; only its module is imported.

    `single` says that one job was asked for, so that one object is shown instead of an array;
    `raw_of` gives the service's own body, redacted, where it shall be shown under `raw`.

    Raises:
        UsageError: the format is unknown, does not go with another option, the query is no
            JMESPath, or a column names no field.
    """
    if query is not None and format not in (*_DOCUMENTS, *_SHEETS):
        raise UsageError(f"--query does not go with -o {format}", hint="use it with -o json")
    if columns is not None and format not in ("table", *_SHEETS):
        raise UsageError(f"--columns does not go with -o {format}", hint="use it with -o table")
    if raw_of is not None and format not in _DOCUMENTS:
        raise UsageError(
            f"--raw does not go with -o {format}",
            hint="use it with -o json, or -o raw for the body alone",
        )

    def document(job: Job) -> dict[str, Any]:
        whole = job.document()
        return whole if raw_of is None else {**whole, "raw": raw_of(job)}

    if format in (*_DOCUMENTS, *_SHEETS):
        from jobctl.render.query import selector

        select = selector(query)
        if format == "ndjson":
            from jobctl.render.json import NdjsonRenderer

            return NdjsonRenderer(out, document, select, waiting=waiting)
        from jobctl.render.document import DocumentRenderer, encoder

        if format in _SHEETS:
            from jobctl.render.columns import PATHS, check

            check(columns or ())
            columns = columns or (PATHS if query is None else None)
        encode = encoder(format, out, columns)
        return DocumentRenderer(out, document, select, encode, single=single)
    if format == "table":
        from jobctl.render.table import open_table

        return open_table(
            out, single=single, columns=columns, now=now, environ=environ, no_color=no_color
        )
    if format == "ids":
        from jobctl.render.ids import IdsRenderer

        return IdsRenderer(out)
    if format == "raw":
        from jobctl.render.raw import RawRenderer

        return RawRenderer(out)
    raise UsageError(f"there is no format {format!r}", hint=f"one of {', '.join(FORMATS)}")
