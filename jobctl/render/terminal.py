"""`table` on a terminal."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TextIO

from rich.text import Text

from jobctl.models import Job
from jobctl.render import columns, report
from jobctl.render.clean import clean_lines
from jobctl.render.listener import Listener, Verdict
from jobctl.render.screen import TELLING, Column, Screen
from jobctl.render.words import age, span

_WIDE = 120
_FAILURES = 20


class TerminalTable(Listener):
    """Rows that fit the width, or a report on one job."""

    def __init__(
        self,
        out: TextIO,
        *,
        single: bool,
        paths: Sequence[str] | None,
        now: Callable[[], datetime],
        environ: Mapping[str, str],
        no_color: bool,
    ) -> None:
        columns.check(paths or ())
        self._screen = Screen(out, environ=environ, no_color=no_color)
        self._single = single
        self._paths = paths
        self._now = now

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        self._screen.measure()
        for line in self._lines(jobs):
            self._screen.show(line)

    def _lines(self, jobs: Sequence[Job]) -> Iterator[Text]:
        if self._paths is not None:
            return _chosen(self._screen, jobs, self._paths)
        if self._single:
            return (line for job in jobs for line in _report(self._screen, job, self._now()))
        return _rows(self._screen, jobs, self._now())


def draw_table(
    out: TextIO,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    environ: Mapping[str, str],
    no_color: bool = False,
) -> None:
    """Draw any table; where there is no room, its last columns are shortened first."""
    screen = Screen(out, environ=environ, no_color=no_color)
    cells = [[screen.text(cell) for cell in row] for row in rows]
    table = [
        Column(title, [row[index] for row in cells], least=12) for index, title in enumerate(header)
    ]
    for line in screen.lay_out(screen.fitting(table) if cells else table, [None] * len(cells)):
        screen.show(line)


def _rows(screen: Screen, jobs: Sequence[Job], now: datetime) -> Iterator[Text]:
    text = screen.text
    messages = [screen.message(job) for job in jobs]
    message = Column("MESSAGE", messages, least=24, worth=3)
    bar = 20 if screen.width >= _WIDE else 10
    table = screen.fitting(
        [
            Column("STATE", [screen.state(job) for job in jobs]),
            Column("REF", [text(str(job.ref), "bold") for job in jobs], folds=True),
            Column("PROGRESS", [screen.bar(job, bar) for job in jobs], worth=4),
            Column("DONE", [screen.standing(job.progress) for job in jobs]),
            Column("TOOK", [text(_took(job)) for job in jobs], worth=1),
            Column("AGE", [text(_age(job, now)) for job in jobs], worth=5),
            Column("NAME", [text(job.name or "") for job in jobs], least=12, worth=2),
            message,
        ]
    )
    below = [None] * len(jobs) if message in table else messages
    return screen.lay_out(table, below)


def _took(job: Job) -> str:
    return "" if job.duration_seconds is None else span(job.duration_seconds)


def _age(job: Job, now: datetime) -> str:
    known = (job.created_at, job.started_at, job.updated_at, job.ended_at)
    return next((age(moment, now) for moment in known if moment is not None), "")


def _chosen(screen: Screen, jobs: Sequence[Job], paths: Sequence[str]) -> Iterator[Text]:
    documents = [job.document() for job in jobs]
    table = [
        Column(
            path,
            [screen.state(job) for job in jobs]
            if path == "state"
            else [screen.text(columns.cell(one, path)) for one in documents],
            least=None if path in ("state", "ref") else 12,
            folds=path == "ref",
        )
        for path in paths
    ]
    return screen.lay_out(table, [None] * len(jobs))


def _report(screen: Screen, job: Job, now: datetime) -> Iterator[Text]:
    def moment(when: datetime) -> str:
        return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({age(when, now)} ago)"

    known = [(label, text) for label, text in report.lines(job, moment) if text]
    width = max(len(label) for label, _ in known) + 2
    (_, state), *facts = known
    for label, text in facts:
        yield from _labelled(screen, label, _values(screen, job, label, text, width), width)
    for one in job.failures[:_FAILURES]:
        told = (
            screen.text(one.item or "?", "red")
            .append("  ")
            .append_text(screen.text(one.message or ""))
        )
        yield screen.shortened(Text("  ").append_text(told), screen.width)
    if len(job.failures) > _FAILURES:
        yield Text(f"  +{len(job.failures) - _FAILURES} more", "bright_black")
    # What matters most stands where the eye is when a long report has scrolled by: at its end.
    yield from _labelled(screen, "State", _values(screen, job, "State", state, width), width)


def _labelled(screen: Screen, label: str, values: Sequence[Text], width: int) -> Iterator[Text]:
    title = screen.text(label, "bold")
    title.append(" " * (width - title.cell_len))
    first, *more = values
    yield title.append_text(first)
    for line in more:
        yield Text(" " * width).append_text(line)


def _values(screen: Screen, job: Job, label: str, text: str, margin: int) -> Sequence[Text]:
    if label == "State":
        return [screen.state(job)]
    if label == "Progress":
        bar = screen.bar(job, 20)
        return [bar.append("  " if bar else "").append_text(screen.standing(job.progress))]
    if label in ("Ref", "URL", "Web page"):
        # Whole, for the mouse: the terminal wraps it without breaking it.
        return [screen.text(text)]
    room = max(screen.width - margin, 20)
    style = TELLING.get(job.state, "") if label == "Message" else ""
    # Cleaned once more: what stood inside of a line may begin one now.
    return [
        screen.text(part.plain, style)
        for line in clean_lines(text)
        for part in screen.text(line, style).wrap(screen.console, room, overflow="fold")
    ]
