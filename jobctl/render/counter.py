"""What a run of many records or services tells on standard error, as it is told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from time import monotonic
from typing import TextIO

from jobctl.render import messages


class Counter:
    """What tells a waiting person how far it is; this one only says what it is told to."""

    def __init__(self, err: TextIO, clock: Callable[[], float] = monotonic) -> None:
        self._err = err
        self._clock = clock
        self._lock = Lock()
        self._began = clock()

    def __enter__(self) -> Counter:
        self._began = self._clock()
        return self

    def __exit__(self, *_: object) -> None:
        """It is over, however it ended: the terminal is as it was before."""

    def reached(self, count: int, total: int | None) -> None:
        """So many records have come, of so many if that is known."""

    def awaits(self, names: Sequence[str]) -> None:
        """These have not answered yet."""

    def note(self, text: str) -> None:
        """Say something else, on a line of its own; from any thread."""
        with self._lock:
            messages.note(self._err, text)
