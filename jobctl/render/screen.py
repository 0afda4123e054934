"""What a terminal shows: coloured text in columns that fit; never markup or emoji codes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import zip_longest
from typing import TextIO

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import Console
from rich.text import Text

from jobctl import payload
from jobctl.models import Job, JobState, Progress
from jobctl.render import shorten, words
from jobctl.render.clean import clean
from jobctl.render.streams import dumb, encodable

_GAP = 2
_INDENT = 4
_ENDLESS = 1 << 20
# So many may stand in one cell: a letter and marks on it.
_CHARACTERS = 4
# What a column keeps in any case, so that at least its beginning is seen.
_LEAST = 6

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


class Cut(Enum):
    """What becomes of a cell for which its column is too narrow."""

    END = auto()
    """Its end goes."""
    BEGINNING = auto()
    """Its beginning goes."""
    REFERENCE = auto()
    """It is the reference of a job: the middle of its long parts goes."""
    NONE = auto()
    """Nothing goes: it takes several lines."""


@dataclass(slots=True)
class Column:
    """A column of a layout, and what becomes of it where there is no room.

    One with `least` may be cut down to so many cells; references are cut last. When that is not
    enough, the column of lowest `worth` is left out, one without never: then those with `least` are
    cut even more. `natural` is the width at which nothing is cut, `smallest` the one below which
    the column is of little use.
    """

    title: str
    cells: list[Text]
    least: int | None = None
    worth: int | None = None
    cut: Cut = Cut.END
    natural: int = field(init=False)
    smallest: int = field(init=False)

    def __post_init__(self) -> None:
        self.natural = max([cell_len(self.title), *(cell.cell_len for cell in self.cells)])
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
        """Take the size of the terminal, which its user may have changed; a pipe has no end."""
        known = self.console.size
        wide = known.width if self._out.isatty() else _ENDLESS
        self.width = payload.count(self._environ.get("COLUMNS")) or wide
        self.height = payload.count(self._environ.get("LINES")) or known.height

    def text(self, text: str, style: str = "") -> Text:
        """Text from anywhere, harmless and writable."""
        return Text(encodable(clean(text), self._out), style)

    def cell(self, text: str, style: str = "") -> Text:
        """The same of a text that will be cut; of a very long one no more than may be seen."""
        return self.text(text[: _CHARACTERS * self.width], style)

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

    def state(self, state: JobState) -> Text:
        """A glyph and the word."""
        return self.glyph(state).append(f" {state}")

    def glyph(self, state: JobState) -> Text:
        """A sign for the state."""
        glyph, plain, colour = _LOOKS[state]
        return Text(glyph if self._fancy else plain, colour)

    def message(self, job: Job) -> Text:
        """What the service says about the job."""
        return self.cell(words.told(job), TELLING.get(job.state, ""))

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

    def references(self, title: str, texts: Sequence[str], style: str = "bold") -> Column:
        """A column of references, which can be told apart however short they are."""
        cells = [self.text(text, style) for text in texts]
        least = shorten.least([cell.plain for cell in cells], self.ellipsis)
        return Column(title, cells, least=least, cut=Cut.REFERENCE)

    def shortened(self, text: Text, width: int, cut: Cut = Cut.END) -> Text:
        """The text, cut to so many cells."""
        if text.cell_len <= width:
            return text
        if cut is Cut.REFERENCE:
            return Text(shorten.reference(text.plain, width, self.ellipsis), text.style)
        if cut is Cut.BEGINNING:
            end = shorten.last(text.plain, max(width - len(self.ellipsis), 0))
            return Text(self.ellipsis[:width] + end, text.style)
        short = text.copy()
        short.truncate(max(width - len(self.ellipsis), 0), overflow="crop")
        short.rstrip()
        return short.append(self.ellipsis[:width])

    def fitting(self, columns: Sequence[Column]) -> list[Column]:
        """The columns of which any cell says something, less those for which there is no room."""
        kept = telling(columns)
        while _span(column.smallest for column in kept) > self.width:
            spare = [column for column in kept if column.worth is not None]
            if not spare:
                break
            kept.remove(min(spare, key=lambda column: column.worth or 0))
        return kept

    def has_room(self, columns: Sequence[Column]) -> bool:
        """Whether there is room for all columns, with references whole."""
        return _span(_with_references_whole(columns)) <= self.width

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

    def _fitted(self, column: Column, cell: Text, width: int) -> Iterable[Text]:
        if column.cut is Cut.NONE:
            return cell.wrap(self.console, width, overflow="fold")
        return [self.shortened(cell, width, column.cut)]

    def widths(self, columns: Sequence[Column]) -> list[int]:
        """How wide each column is, so that all fit."""
        widths = [max(min(column.natural, self.width), column.smallest) for column in columns]
        smallest = [column.smallest for column in columns]
        least = [one.smallest if one.least is None else _LEAST for one in columns]
        # nobody can use half a reference, so it is cut when all else is
        for bounds in (_with_references_whole(columns), smallest, least):
            _narrow(widths, bounds, self.width)
        return widths


def telling(columns: Iterable[Column]) -> list[Column]:
    """The columns of which any cell says something; all of them where there are no rows."""
    return [column for column in columns if any(column.cells) or not column.cells]


def _with_references_whole(columns: Iterable[Column]) -> list[int]:
    return [one.natural if one.cut is Cut.REFERENCE else one.smallest for one in columns]


def _narrow(widths: list[int], least: Sequence[int], room: int) -> None:
    """Narrow the widest columns until all fit, none further than it may."""
    for _ in range(_span(widths) - room):
        spare = [index for index, width in enumerate(widths) if width > least[index]]
        if not spare:
            return
        widths[max(spare, key=widths.__getitem__)] -= 1


def _span(widths: Iterable[int]) -> int:
    each = list(widths)
    return sum(each) + _GAP * (len(each) - 1)


def _joined(cells: Iterable[Text], widths: Iterable[int]) -> Text:
    line = Text()
    for cell, width in zip(cells, widths, strict=True):
        line.append_text(cell).append(" " * (width - cell.cell_len + _GAP))
    line.rstrip()
    return line
