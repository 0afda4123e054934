"""`table` on a terminal."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TextIO

from rich.text import Text

from jobctl.models import Job, JobState
from jobctl.render import columns, report
from jobctl.render.clean import clean_lines
from jobctl.render.listener import Listener, Verdict
from jobctl.render.screen import TELLING, Column, Cut, Screen, telling
from jobctl.render.table import Fit
from jobctl.render.words import age, local, span, tally, timed

_WIDE = 160
_FAILURES = 20
_LEAST, _NAME, _PROSE = 12, 16, 28


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

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        self._screen.measure()
        for line in self._lines(jobs):
            self._screen.show(line)
        if verdict is not None and not self._single:
            parts = (span(int(verdict.elapsed_seconds)), tally(verdict.states))
            self._screen.show(self._screen.text("  ".join(filter(None, parts)), "bright_black"))

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
    fit: Fit | None,
    environ: Mapping[str, str],
    no_color: bool = False,
) -> None:
    """Draw any table."""
    screen = Screen(out, environ=environ, no_color=no_color)
    cells = list(rows)
    table = [
        _column(screen, title, [row[index] for row in cells], fit or Fit())
        for index, title in enumerate(header)
    ]
    for line in screen.lay_out(screen.fitting(table), [None] * len(cells)):
        screen.show(line)


def _column(screen: Screen, title: str, texts: Sequence[str], fit: Fit) -> Column:
    worth = fit.spare.index(title) if title in fit.spare else None
    if title in fit.references:
        return screen.references(title, texts)
    if title == "STATE":
        return Column(title, [_state(screen, text) for text in texts], worth=worth)
    cells = [screen.cell(text) for text in texts]
    if title in fit.prose:
        return Column(title, cells, least=_PROSE, worth=worth, cut=Cut.NONE)
    return Column(title, cells, least=_LEAST, worth=worth)


def _state(screen: Screen, text: str) -> Text:
    return screen.state(JobState(text)) if text in set(JobState) else screen.text(text)


def _rows(screen: Screen, jobs: Sequence[Job], now: datetime) -> Iterator[Text]:
    text = screen.text
    messages = [screen.message(job) for job in jobs]
    bar = 20 if screen.width >= _WIDE else 10
    table = [
        Column("STATE", [screen.state(job.state) for job in jobs]),
        screen.references("REF", [str(job.ref) for job in jobs]),
        Column("PROGRESS", [screen.bar(job, bar) for job in jobs], worth=1),
        Column("DONE", [screen.standing(job.progress) for job in jobs]),
        Column("TOOK", [text(_took(job)) for job in jobs], worth=0),
        Column("AGE", [text(_age(job, now)) for job in jobs], worth=2),
        Column("NAME", [text(job.name or "") for job in jobs], least=_NAME, worth=3),
    ]
    whole = telling([*table, Column("MESSAGE", messages, least=24)])
    if screen.has_room(whole):
        return screen.lay_out(whole, [None] * len(jobs))
    return screen.lay_out(screen.fitting(table), messages)


def _took(job: Job) -> str:
    return "" if job.duration_seconds is None else span(job.duration_seconds)


def _age(job: Job, now: datetime) -> str:
    known = (job.created_at, job.started_at, job.updated_at, job.ended_at)
    return next((age(moment, now) for moment in known if moment is not None), "")


def _chosen(screen: Screen, jobs: Sequence[Job], paths: Sequence[str]) -> Iterator[Text]:
    table = [_chosen_column(screen, jobs, path) for path in paths]
    return screen.lay_out(table, [None] * len(jobs))


def _chosen_column(screen: Screen, jobs: Sequence[Job], path: str) -> Column:
    if path == "state":
        return Column(path, [screen.state(job.state) for job in jobs])
    if path == "ref":
        return screen.references(path, [str(job.ref) for job in jobs])
    texts = (timed(columns.cell(job.document(), path), local) for job in jobs)
    return Column(path, [screen.cell(text) for text in texts], least=_LEAST)


def _report(screen: Screen, job: Job, now: datetime) -> Iterator[Text]:
    def moment(when: datetime) -> str:
        return f"{local(when)} ({age(when, now)} ago)"

    known = [(label, text) for label, text in report.lines(job, moment) if text]
    width = max(len(label) for label, _ in known) + 2
    (_, state), *facts = known
    for label, text in facts:
        yield from _labelled(screen, label, _values(screen, job, label, text, width), width)
    for one in job.failures[:_FAILURES]:
        told = Text("  ")
        if one.item or not one.message:
            told.append_text(screen.text(one.item or "?", "red")).append("  ")
        told.append_text(screen.cell(one.message or ""))
        yield screen.shortened(told, screen.width)
    if len(job.failures) > _FAILURES:
        yield Text(f"  +{len(job.failures) - _FAILURES} more", "bright_black")
    # What matters most stands where the eye is when a long report has scrolled by: at its end.
    yield from _labelled(screen, "State", _values(screen, job, "State", state, width), width)


def _labelled(screen: Screen, label: str, values: Sequence[Text], width: int) -> Iterator[Text]:
    title = screen.text(label, "bold")
    first, *more = values
    yield Text().append_text(title).append(" " * (width - title.cell_len)).append_text(first)
    for line in more:
        yield Text(" " * width).append_text(line)


def _values(screen: Screen, job: Job, label: str, text: str, margin: int) -> Sequence[Text]:
    if label == "State":
        return [screen.state(job.state)]
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
