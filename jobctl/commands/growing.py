"""A log that is asked for again and again: which of its lines are new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Written(NamedTuple):
    """What a part of a log holds so far, and a last line that may not be whole yet."""

    lines: Sequence[str]
    unfinished: str | None = None


@dataclass(eq=False)
class Growing:
    """One part of a log.

    A last line that may still grow is held back until it is whole, or has stayed as it is.
    """

    _lines: Sequence[str] = ()
    _held: str | None = None
    _early: str | None = None

    def new(self, written: Written, tail: int | None = None) -> Iterator[str]:
        """The lines that were not there before: of the first, the last `tail`, if that is given.

        A log may have lost its beginning since, or be an older copy. A last line that has grown is
        new again.
        """
        lines, start = written.lines, 0
        if self._lines:
            start = _known(self._lines, lines)
        elif tail is not None:
            start = max(len(lines) - tail, 0)
        if lines != self._lines[: len(lines)]:
            self._lines = lines
        for line in lines[start:]:
            # one that was shown before it was known to be whole
            if line != self._early:
                yield line
            self._early = None
        if written.unfinished == self._held:
            yield from self.rest()
        self._held = written.unfinished

    def rest(self) -> Iterator[str]:
        """The line that is held back; it will not be waited for."""
        if self._held is not None and self._held != self._early:
            self._early = self._held
            yield self._held


def _known(before: Sequence[str], now: Sequence[str]) -> int:
    """How many of the first lines now were there before."""
    if now == before[: len(now)]:
        return len(now)
    last = len(before) - 1
    if now[:last] == before[:last] and now[last:] and now[last].startswith(before[last]):
        return last + (now[last] == before[last])
    # what it begins with now is how it ended: the longest border, found in linear time
    whole = [*now, None, *before]
    borders = [0] * len(whole)
    for at in range(1, len(whole)):
        length = borders[at - 1]
        while length and whole[at] != whole[length]:
            length = borders[length - 1]
        borders[at] = length + (whole[at] == whole[length])
    return borders[-1]
