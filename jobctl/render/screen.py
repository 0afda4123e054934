"""What a terminal shows: coloured text in columns that fit; never markup or emoji codes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TextIO

from rich.cells import chop_cells
from rich.color import ColorSystem
from rich.console import Console
from rich.text import Text

from jobctl.models import Job, JobState, Progress
from jobctl.render import words
from jobctl.render.clean import clean
from jobctl.render.streams import dumb, encodable

_GAP = 2
_INDENT = 4
_FOLD = 20

_LOOKS = {
    JobState.QUEUED: ("○", ".", "cyan"),
    JobState.RUNNING: ("●", ">", "blue"),
    JobState.SUCCEEDED: ("✔", "+", "green"),
    JobState.PARTIAL: ("◐", "~", "yellow"),
    JobState.FAILED: ("✘", "x", "red"),
    JobState.CANCELLED: ("⊘", "-", "magenta"),
    JobState.UNKNOWN: ("?", "?", "yellow"),
}
TELLING = {
    JobState.FAILED: "red",
    JobState.PARTIAL: "yellow",
    JobState.UNKNOWN: "yellow",
}


@dataclass(slots=True)
class Column:
    """A column of a layout, and what becomes of it where there is no room.

    One with `least` is cut down to so many cells; the one of lowest `worth` is left out; and when
    that is not enough, one that `folds` goes on in the next line. Of the cells of one with `tail`
    the end is kept. `natural` is the width at which
    nothing is cut, `smallest` the one below which the column is of no use.
    """

    title: str
    cells: list[Text]
    least: int | None = None
    worth: int | None = None
    folds: bool = False
    tail: bool = False
    natural: int = field(init=False)
    smallest: int = field(init=False)

    def __post_init__(self) -> None:
        self.natural = max([len(self.title), *(cell.cell_len for cell in self.cells)])
        self.smallest = self.natural if self.least is None else min(self.natural, self.least)


class Screen:
    """A stream that a person looks at: so many columns wide and lines high when last measured."""

    width: int
    height: int

    def __init__(self, out: TextIO, *, environ: Mapping[str, str], no_color: bool) -> None:
        self._out = out
        self._environ = environ
        dull = no_color or environ.get("NO_COLOR") or dumb(environ)
        self.console = Console(
            file=out,
            force_terminal=True,
            force_jupyter=False,
            color_system=None if dull else "auto",
            markup=False,
            highlight=False,
            emoji=False,
            # It would take a size from there for good.
            _environ={k: v for k, v in environ.items() if k not in ("COLUMNS", "LINES")},
        )
        # Our styles have no other colours than those that every terminal has.
        self._colors = ColorSystem.STANDARD if self.console.color_system else None
        self._fancy = encodable("○●✔◐✘⊘━─…", out) == "○●✔◐✘⊘━─…"
        self.ellipsis = "…" if self._fancy else "..."
        self.measure()

    def measure(self) -> None:
        """Take the size of the terminal, which its user may have changed."""
        known = self.console.size
        self.width = _number(self._environ.get("COLUMNS")) or known.width
        self.height = _number(self._environ.get("LINES")) or known.height

    def text(self, text: str, style: str = "") -> Text:
        """Text from anywhere, harmless and writable."""
        return Text(encodable(clean(text), self._out), style)

    def show(self, line: Text) -> None:
        """Write a line; the terminal itself wraps it should it be too long."""
        line.rstrip()
        self.console.print(line, soft_wrap=True)

    def drawn(self, line: Text) -> str:
        """What is sent for a line."""
        parts = line.render(self.console)
        return "".join(
            part.style.render(part.text, color_system=self._colors) if part.style else part.text
            for part in parts
        )

    def state(self, job: Job) -> Text:
        """A glyph and the word."""
        return self.glyph(job).append(f" {job.state}")

    def glyph(self, job: Job) -> Text:
        """A sign for the state."""
        glyph, plain, colour = _LOOKS[job.state]
        return Text(glyph if self._fancy else plain, colour)

    def message(self, job: Job) -> Text:
        """What the service says about the job."""
        return self.text(words.told(job), TELLING.get(job.state, ""))

    def bar(self, job: Job, width: int) -> Text:
        """How far the job is, as a bar; empty where nobody knows."""
        share = job.progress.share
        if share is None:
            return Text()
        return self.meter(share, width, _LOOKS[job.state][2])

    def meter(self, share: float, width: int, colour: str) -> Text:
        """A bar of which a part from 0 to 1 is full."""
        full = int(share * width)
        line, rest = ("━", "─") if self._fancy else ("#", ".")
        return Text(line * full, colour).append(rest * (width - full), "bright_black")

    def standing(self, progress: Progress) -> Text:
        """Counts, the losses among them in red."""
        text = self.text(words.reached(progress))
        losses = words.losses(progress)
        if losses:
            text.append(", " if text else "").append(losses, "red")
        return text

    def shortened(self, text: Text, width: int, *, tail: bool = False) -> Text:
        """The text, cut to so many cells, at its end or before its tail."""
        if text.cell_len <= width:
            return text
        if tail:
            end = text
            while end.cell_len > max(width - len(self.ellipsis), 0):
                end = end[1:]
            return Text(self.ellipsis[:width]).append_text(end)
        short = text.copy()
        short.truncate(max(width - len(self.ellipsis), 0), overflow="crop")
        short.rstrip()
        return short.append(self.ellipsis[:width])

    def fitting(self, columns: Sequence[Column]) -> list[Column]:
        """The columns of which any cell says something, less those for which there is no room."""
        kept = [column for column in columns if any(column.cells) or not column.cells]
        while _span(column.smallest for column in kept) > self.width:
            spare = [column for column in kept if column.worth is not None]
            if not spare:
                break
            kept.remove(min(spare, key=lambda column: column.worth or 0))
        return kept

    def lay_out(
        self,
        columns: Sequence[Column],
        below: Sequence[Text | None],
        *,
        header: bool = True,
        widths: Sequence[int] | None = None,
    ) -> Iterator[Text]:
        """The lines of a table; `below` gives for each row what stands under it, if anything.

        `widths` are those of the columns where rows of before stand above.
        """
        widths = widths or self.widths(columns)
        if header:
            titles = [Text(column.title, "bold") for column in columns]
            yield _joined(map(self.shortened, titles, widths), widths)
        for row, under in enumerate(below):
            cells = [
                self._fitted(column, column.cells[row], width)
                for column, width in zip(columns, widths, strict=True)
            ]
            for line in zip_longest(*cells, fillvalue=Text()):
                yield _joined(line, widths)
            if under:
                yield self.shortened(Text(" " * _INDENT).append_text(under), self.width)

    def _fitted(self, column: Column, cell: Text, width: int) -> list[Text]:
        if not column.folds:
            return [self.shortened(cell, width, tail=column.tail)]
        return [Text(part, cell.style) for part in chop_cells(cell.plain, width)]

    def widths(self, columns: Sequence[Column]) -> list[int]:
        """How wide each column is, so that all fit."""
        widths = [max(min(column.natural, self.width), column.smallest) for column in columns]
        least = [column.smallest for column in columns]
        while (over := _span(widths) - self.width) > 0:
            spare = [index for index, width in enumerate(widths) if width > least[index]]
            if spare:
                widths[max(spare, key=widths.__getitem__)] -= 1
                continue
            for index, column in enumerate(columns):
                if column.folds:
                    widths[index] = max(widths[index] - over, min(widths[index], _FOLD))
            break
        return widths


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _span(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + _GAP * (len(each) - 1)


def _joined(cells: Iterable[Text], widths: Iterable[int]) -> Text:
    line = Text()
    for cell, width in zip(cells, widths, strict=True):
        line.append_text(cell).append(" " * (width - cell.cell_len + _GAP))
    line.rstrip()
    return line
