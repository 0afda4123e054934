"""What a command says on standard error, besides its progress and its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from jobctl.commands import Shared

Note = Callable[[str], None]


class Voice:
    """One voice for all that is said, on whichever thread: `note` shows a line.

    Nothing is said where the user wants it quiet.
    """

    def __init__(self, shared: Shared, note: Note) -> None:
        self._note = note
        self._shared = shared
        self._told: set[str] = set()

    def say(self, text: str) -> None:
        """Say something."""
        if not self._shared.quiet:
            self._note(text)

    def alert(self, text: str) -> None:
        """Warn each time."""
        self.say(f"warning: {text}")

    def warn(self, text: str) -> None:
        """Warn once, however often it is true."""
        if text not in self._told:
            self._told.add(text)
            self.alert(text)

    def log(self, level: int, line: str) -> None:
        """Tell of a request, if the user wants to know so much."""
        if level <= self._shared.verbose:
            self._note(line)

    @contextmanager
    def held(self) -> Iterator[Callable[[Note], None]]:
        """Meanwhile lines wait until they are let out: what draws on a terminal has one thread."""
        lines: SimpleQueue[str] = SimpleQueue()

        def let_out(note: Note) -> None:
            while not lines.empty():
                note(lines.get())

        before, self._note = self._note, lines.put
        try:
            yield let_out
        finally:
            self._note = before
            let_out(before)
