"""A progress bar with count, rate and time left; without a total, the count and the rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import TextIO

from rich.live import Live
from rich.text import Text

from jobctl.masking.texts import masked
from jobctl.render.counter import Counter
from jobctl.render.screen import Screen
from jobctl.render.words import span

_PAUSE = 0.1
_WIDTH = 20


class BarCounter(Counter):
    """Drawn on one line, not more often than an eye can follow, and gone at the end."""

    def __init__(
        self,
        err: TextIO,
        *,
        environ: Mapping[str, str],
        no_color: bool,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(err, clock)
        self._screen = Screen(err, environ=environ, no_color=no_color)
        self._drawn = self._began - _PAUSE
        self._live = Live(
            console=self._screen.console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def __enter__(self) -> Counter:
        self._live.start()
        return super().__enter__()

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def reached(self, count: int, total: int | None) -> None:
        now = self._clock()
        if now - self._drawn >= _PAUSE:
            self._drawn = now
            with self._lock:
                self._live.update(self._line(count, total, now - self._began), refresh=True)

    def awaits(self, names: Sequence[str]) -> None:
        line = self._screen.text(f"waiting for {', '.join(names)}" if names else "")
        with self._lock:
            self._live.update(self._screen.shortened(line, self._screen.width), refresh=True)

    def note(self, text: str) -> None:
        with self._lock:
            self._screen.show(self._screen.text(masked(text)))

    def _line(self, count: int, total: int | None, elapsed: float) -> Text:
        rate = count / elapsed if elapsed > 0 else 0.0
        speed = f"{rate:,.0f} records/s"
        if total is None:
            line = self._screen.text(f"{count:,} records  {speed}")
        else:
            left = f"{span(int((total - count) / rate))} left" if rate else ""
            line = self._screen.meter(count / total if total else 1.0, _WIDTH, "blue")
            line.append(f"  {count:,} of {total:,}  {speed}  {left}")
        return self._screen.shortened(line, self._screen.width)
