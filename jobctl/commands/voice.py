"""What a command says on standard error, besides its progress and its errors."""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue

from jobctl.commands import Shared


class Voice:
    """One voice for all that is said, on whichever thread: `note` shows a line.

    Nothing is said where the user wants it quiet.
    """

    def __init__(self, shared: Shared, note: Callable[[str], None]) -> None:
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


class HeldVoice(Voice):
    """A voice whose lines wait for `let_out`: what draws on a terminal does so on one thread."""

    def __init__(self, shared: Shared) -> None:
        self._lines: SimpleQueue[str] = SimpleQueue()
        super().__init__(shared, self._lines.put)

    def let_out(self, note: Callable[[str], None]) -> None:
        """Show what was said since the last time."""
        while not self._lines.empty():
            note(self._lines.get())
