"""The live view of a wait: a line for each job, redrawn in place."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from time import monotonic
from typing import TextIO

from jobctl.masking.texts import masked
from jobctl.models import Job, JobRef
from jobctl.render.attention import Attention
from jobctl.render.live.board import Board
from jobctl.render.live.canvas import Canvas, Line
from jobctl.render.live.keyboard import Shell, giving_way, interrupt, listening
from jobctl.render.progress import Progress
from jobctl.render.screen import Screen

# No eye follows more, and of a thousand jobs one is always changing.
_PAUSE = 0.2


class LiveProgress(Progress):
    """The jobs and the clock, drawn on the caller's thread whenever it calls, but not too often.

    What was left out `tick` makes good. In the background nothing is drawn. With `stdin`, the key
    `q` does what Ctrl-C does.
    """

    def __init__(
        self,
        out: TextIO,
        *,
        refs: Sequence[JobRef],
        now: Callable[[], datetime],
        environ: Mapping[str, str],
        no_color: bool,
        leave: bool,
        stdin: TextIO | None = None,
        clock: Callable[[], float] = monotonic,
        shell: Shell | None = None,
    ) -> None:
        self._out = out
        self._stdin = stdin
        self._leave = leave
        self._clock = clock
        self._shell = shell or Shell()
        self._screen = Screen(out, environ=environ, no_color=no_color)
        self._board = Board(self._screen, refs, now=now, clock=clock)
        self._canvas = Canvas(out, environ=environ)
        self._attention = Attention(out, environ=environ)
        self._elapsed = 0
        self._drawn_at = clock() - _PAUSE
        self._due = True
        self._away = True
        self._taken = ExitStack()
        self._stopping = ExitStack()

    def start(self) -> None:
        self._stopping.enter_context(giving_way(self._shell, self._give_back, self._draw))
        self._draw()

    def changed(self, job: Job) -> None:
        self._board.put(job)
        self._changed()

    def expect(self, ref: JobRef, seconds: float | None) -> None:
        self._board.expect(ref, seconds)

    def trouble(self, ref: JobRef, text: str | None, silent: float | None = None) -> None:
        if text is not None:
            self._board.trouble(ref, masked(text), silent)
            self._changed()
        elif self._board.well_again(ref):
            self._changed()

    def lost(self, ref: JobRef, text: str) -> None:
        self._board.lost(ref, text)
        self._changed()

    def tick(self, states: Mapping[str, int], elapsed: float) -> None:  # noqa: ARG002 - it counts itself
        if self._due or int(elapsed) != self._elapsed:
            self._elapsed = int(elapsed)
            self._draw()

    def note(self, text: str) -> None:
        line = self._screen.text(masked(text))
        if self._away:
            self._screen.show(line)
        else:
            self._screen.measure()
            self._canvas.insert(self._screen.drawn(line), self._screen.width)

    def stop(self) -> None:
        try:
            # Whatever keys have left on the last frame goes with it.
            self._screen.measure()
            self._canvas.clear(self._screen.width)
            if self._leave:
                self._paint()
        finally:
            with self._stopping:
                self._give_back()

    def _changed(self) -> None:
        self._due = True
        if self._clock() - self._drawn_at >= _PAUSE:
            self._draw()

    def _draw(self) -> None:
        self._due = False
        self._drawn_at = self._clock()
        if self._away and self._shell.in_front(self._out):
            self._taken.enter_context(listening(self._stdin, interrupt))
            self._taken.callback(self._attention.clear)
            self._away = False
        if not self._away:
            self._attention.show(self._board.summary())
            self._paint()

    def _paint(self) -> None:
        self._screen.measure()
        drawn = [
            Line(self._screen.drawn(line), line.cell_len)
            for line in self._board.lines(self._elapsed)
        ]
        self._canvas.draw(drawn, self._screen.width)

    def _give_back(self) -> None:
        self._away = True
        with self._taken:
            self._canvas.leave()
