"""`table`: rows, or a report on one job. This module writes for pipes and knows no colour."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple, TextIO

from jobctl.models import Job, rfc3339
from jobctl.render import columns, report
from jobctl.render.clean import COMMAND, clean
from jobctl.render.listener import Listener, Verdict
from jobctl.render.streams import write
from jobctl.render.words import items

_GAP = "  "
# A cell that is not there would shift its neighbours for whoever counts words.
_ABSENT = "-"
_HEADER = (
    "REF", "STATE", "PERCENT", "ITEMS", "FAILED", "CREATED", "STARTED", "ENDED", "STATUS", "NAME",
    "MESSAGE",
)  # fmt: skip


class Fit(NamedTuple):
    """What becomes of columns, named by their titles, for which a terminal has no room.

    `references` are cut in the middle, `prose` takes several lines, and of `spare` as many are left
    out as must be, the first ones first.
    """

    references: Sequence[str] = ()
    prose: Sequence[str] = ()
    spare: Sequence[str] = ()


def plain_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Lines of cells two spaces or more apart, whole however long; `-` for an empty cell."""
    table = [header, *plain_rows(list(rows))]
    return plain_lines(table, plain_widths(table))


def plain_widths(table: Sequence[Sequence[str]]) -> list[int]:
    """How wide the columns of these rows are, but for the last one: nothing stands behind it."""
    return [max(map(_width, column)) for column in zip(*table, strict=True)][:-1]


def plain_lines(rows: Iterable[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """The rows as lines in which cells stand below one another."""
    for *cells, last in rows:
        yield _GAP.join([*map(_padded, cells, widths), last]) + "\n"


def _padded(cell: str, width: int) -> str:
    return cell.ljust(width) if cell.isascii() else cell + " " * (width - _width(cell))


def _width(cell: str) -> int:
    """How wide a terminal shows it: some characters take two cells, some none."""
    if cell.isascii():
        return len(cell)
    from rich.cells import cell_len

    return cell_len(cell)


def plain_rows(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """Cells that a terminal may show and that are there, even if there is nothing in them."""
    # One question for all of them, then one for each row: nearly always there is nothing to clean.
    text = "".join(chain.from_iterable(rows))
    harmless = text.isprintable() and "::" not in text and "##" not in text
    return [[cell or _ABSENT for cell in (row if harmless else _harmless(row))] for row in rows]


def _harmless(row: Sequence[str]) -> Iterable[str]:
    text = "".join(row)
    return row if text.isprintable() and not COMMAND.search(text) else map(clean, row)


class PlainTable(Listener):
    """Rows, or `Field:  value` lines for one job: every line always there, nothing shortened."""

    def __init__(self, out: TextIO, *, single: bool, paths: Sequence[str] | None) -> None:
        columns.check(paths or ())
        self._out = out
        self._single = single
        self._paths = paths

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        if self._paths is not None:
            documents = (job.document() for job in jobs)
            rows = ([columns.cell(one, path) for path in self._paths] for one in documents)
            text = "".join(plain_table(self._paths, rows))
        elif self._single:
            text = "".join(line for job in jobs for line in _report(job))
        else:
            text = "".join(plain_table(_HEADER, map(_row, jobs)))
        write(self._out, text)


def _row(job: Job) -> list[str]:
    progress = job.progress
    return [
        str(job.ref),
        job.state.value,
        "" if progress.percent is None else f"{progress.percent:g}",
        items(progress) or "",
        "" if progress.failed is None else str(progress.failed),
        rfc3339(job.created_at) or "",
        rfc3339(job.started_at) or "",
        rfc3339(job.ended_at) or "",
        job.status or "",
        job.name or "",
        job.message or "",
    ]


def _report(job: Job) -> Iterator[str]:
    pairs = list(report.lines(job, rfc3339))
    pairs += [
        ("Failure", f"{one.item or _ABSENT}{_GAP}{one.message or _ABSENT}") for one in job.failures
    ]
    labels = [clean(label) + ":" for label, _ in pairs]
    rows = [(label, clean(text) or _ABSENT) for label, (_, text) in zip(labels, pairs, strict=True)]
    yield from plain_lines(rows, plain_widths(rows))
