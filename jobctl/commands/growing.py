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

    _shown: int = 0
    _last: str | None = None
    _held: str | None = None
    _early: str | None = None

    def new(self, written: Written, tail: int | None = None) -> Iterator[str]:
        """The lines that were not there before: of the first, the last `tail`, if that is given.

        A log may have lost its beginning since. A last line that has grown is new again.
        """
        lines, start = written.lines, self._shown
        if start and (len(lines) < start or lines[start - 1] != self._last):
            last = self._last or ""
            places = [at for at, line in enumerate(lines, 1) if line == last]
            grown = last and "".join(lines[start - 1 : start]).startswith(last)
            start = places[-1] if places else start - 1 if grown else 0
        elif not start and tail is not None:
            start = max(len(lines) - tail, 0)
        if lines:
            self._shown, self._last = len(lines), lines[-1]
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
