"""Lines at the lower end of a terminal, rewritten in place."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import NamedTuple, TextIO

# The terminal shows a frame when it is whole.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"
# A line that the terminal takes to be wider than we do is cut, and does not shift those below.
_CUT, _WRAP = "\x1b[?7l", "\x1b[?7h"
_HIDE, _SHOW = "\x1b[?25l", "\x1b[?25h"
_ERASE_LINE, _ERASE_BELOW = "\x1b[K", "\x1b[J"
_CUTTING = ("linux", "rxvt", "screen")


class Line(NamedTuple):
    """What is sent for a line, and how many cells it takes."""

    text: str
    width: int


class Canvas:
    """The last frame, of which only the lines that changed are written.

    The cursor rests, hidden, at the beginning of the last line: a terminal that wraps lines anew
    when it is resized takes it along.
    """

    def __init__(self, out: TextIO, *, environ: Mapping[str, str]) -> None:
        self._out = out
        self._wraps_anew = _wraps_anew(environ)
        self._lines: Sequence[Line] = ()
        self._width = 0
        self._hidden = False

    def draw(self, lines: Sequence[Line], width: int) -> None:
        """Show at least one line, none wider than the terminal with so many columns."""
        before, after = self._lines, tuple(lines)
        head = "" if self._hidden else _HIDE
        if before and width != self._width:
            head += self._to_top(width) + _ERASE_BELOW
            before = ()
        changes = "".join(_changes(before, after))
        # A signal may come with the writing, and what is known must be true by then.
        self._lines, self._width, self._hidden = after, width, True
        if changes:
            self._send(_BEGIN, head, _CUT, changes, _WRAP, _END)

    def insert(self, text: str, width: int) -> None:
        """Put a text above the frame, where it stays."""
        top, again = self._to_top(width), "".join(_changes((), self._lines))
        self._width = width
        self._send(_BEGIN, top, _ERASE_BELOW, text, "\r\n", _CUT, again, _WRAP, _END)

    def clear(self, width: int) -> None:
        """Take the frame away; what comes next stands where it stood."""
        top = self._to_top(width) + _ERASE_BELOW if self._lines else ""
        self._lines = ()
        self._send(top)

    def leave(self) -> None:
        """Let the frame stand, if any; what comes next stands below, also the next frame."""
        below, shown = "\r\n" if self._lines else "", _SHOW if self._hidden else ""
        self._lines, self._hidden = (), False
        self._send(below, shown)

    def _to_top(self, width: int) -> str:
        above = self._lines[:-1]
        rows = len(above)
        if width < self._width and self._wraps_anew:
            rows = sum(max(-(-line.width // width), 1) for line in above)
        return _move(rows, 0)

    def _send(self, *parts: str) -> None:
        self._out.write("".join(parts))
        self._out.flush()


def _changes(before: Sequence[Line], after: Sequence[Line]) -> Iterator[str]:
    """What makes one frame of another; the cursor goes from last line to last line."""
    at = max(len(before) - 1, 0)
    for row, (old, new) in enumerate(zip_longest(before, after)):
        if old == new:
            continue
        yield _move(at, row)
        at = row
        if new is None:
            yield _ERASE_BELOW
            break
        yield new.text
        # Not after a full line: some terminals would erase its last cell.
        if old is not None and new.width < old.width:
            yield _ERASE_LINE
    if before != after:
        yield _move(at, len(after) - 1)


def _move(row: int, to: int) -> str:
    """To the beginning of another line; the terminal makes one that is not there yet."""
    return "\r" + (f"\x1b[{row - to}A" if to < row else "\n" * (to - row))


def _wraps_anew(environ: Mapping[str, str]) -> bool:
    """Whether the terminal wraps its lines anew when it gets narrower, as nearly all do."""
    if environ.get("TMUX"):
        return True
    return not (environ.get("XTERM_VERSION") or environ.get("TERM", "").startswith(_CUTTING))
