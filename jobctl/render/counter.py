"""How many records have come, on standard error: nothing, a line a minute, or a bar."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import TextIO

from jobctl.masking.secrets import scrub
from jobctl.render.clean import clean
from jobctl.render.streams import dumb, write_line
from jobctl.render.words import span

_SILENCE = 60.0
_PAUSE = 0.1


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

    def note(self, text: str) -> None:
        """Say something else, on a line of its own; from any thread."""
        with self._lock:
            write_line(self._err, clean(scrub(text)))


class LineCounter(Counter):
    """A plain line at least every 60 seconds."""

    def __init__(self, err: TextIO, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(err, clock)
        self._spoke = self._began

    def reached(self, count: int, total: int | None) -> None:
        now = self._clock()
        if now - self._spoke >= _SILENCE:
            self._spoke = now
            of = "" if total is None else f" of {total:,}"
            self.note(f"{count:,}{of} records, {span(int(now - self._began))}")


def open_counter(
    err: TextIO, *, environ: Mapping[str, str], beside: bool, quiet: bool, no_color: bool
) -> Counter:
    """The counter that suits the stream; none moves on a terminal that shows the records as well.

    `beside` tells that the records go elsewhere.
    """
    if quiet or (err.isatty() and not beside):
        return Counter(err)
    if err.isatty() and not dumb(environ):
        from jobctl.render.bar import BarCounter

        return BarCounter(err, environ=environ, no_color=no_color)
    return LineCounter(err)
