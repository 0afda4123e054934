"""The live view of a wait: a line for each job, drawn anew when something changes."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import accumulate
from time import monotonic
from typing import TextIO

from rich.console import Group
from rich.live import Live
from rich.text import Text

from jobctl.config import scrub
from jobctl.models import Job, JobRef, JobState
from jobctl.render.progress import Progress
from jobctl.render.screen import Column, Screen
from jobctl.render.words import span, tally, told

_WIDE = 120
# The longest of the usual references: modzy/ and a UUID.
_REF = 42
_PAUSE = 0.05


class LiveProgress(Progress):
    """Jobs with state, bar and counts, then the clock; jobs for which there is no room as a count.

    There is no thread: it draws when it is called, though not more often than an eye can follow;
    what was left out `tick` makes good.
    """

    def __init__(
        self,
        err: TextIO,
        *,
        refs: Sequence[JobRef],
        environ: Mapping[str, str],
        no_color: bool,
        leave: bool,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._screen = Screen(err, environ=environ, no_color=no_color)
        self._jobs: dict[JobRef, Job | None] = dict.fromkeys(refs)
        self._troubles: dict[JobRef, str] = {}
        self._elapsed = 0
        self._clock = clock
        self._drawn_at = -_PAUSE
        self._stale = True
        self._live = Live(
            console=self._screen.console,
            auto_refresh=False,
            transient=not leave,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def start(self) -> None:
        self._live.start()
        self._changed()

    def changed(self, job: Job) -> None:
        self._jobs[job.ref] = job
        self._changed()

    def trouble(self, ref: JobRef, text: str | None) -> None:
        if text is None:
            if self._troubles.pop(ref, None) is None:
                return
        else:
            self._troubles[ref] = scrub(text)
        self._changed()

    def tick(self, states: Mapping[str, int], elapsed: float) -> None:  # noqa: ARG002 - it counts itself
        if self._stale or int(elapsed) != self._elapsed:
            self._elapsed = int(elapsed)
            self._draw()

    def note(self, text: str) -> None:
        self._screen.show(self._screen.text(scrub(text)))

    def stop(self) -> None:
        try:
            self._live.update(Group(*self._picture()))
        finally:
            self._live.stop()

    def _changed(self) -> None:
        self._stale = True
        if self._clock() - self._drawn_at >= _PAUSE:
            self._draw()

    def _draw(self) -> None:
        self._stale = False
        self._drawn_at = self._clock()
        self._live.update(Group(*self._picture()), refresh=True)

    def _picture(self) -> Iterator[Text]:
        shown = self._shown()
        jobs = [self._jobs[ref] for ref in shown]
        screen = self._screen
        bar = 20 if screen.width >= _WIDE else 10
        clock = screen.text(span(self._elapsed))
        table = [
            Column(
                "", [screen.text("looking") if job is None else screen.state(job) for job in jobs]
            ),
            Column("", [screen.text(str(ref), "bold") for ref in shown], least=_REF),
            Column("", [Text() if job is None else screen.bar(job, bar) for job in jobs], worth=1),
            Column("", [Text() if job is None else screen.standing(job.progress) for job in jobs]),
        ]
        if len(self._jobs) == 1:
            table.append(Column("", [clock]))
        below = [self._below(ref) for ref in shown]
        for line in screen.lay_out(screen.fitting(table), below, header=False):
            yield _unbroken(line)
        if len(self._jobs) > 1:
            seen = Counter(job.state.value for job in self._jobs.values() if job is not None)
            hidden = len(self._jobs) - len(shown)
            parts = (clock.plain, f"+{hidden} more" if hidden else "", tally(seen))
            footer = screen.text("  ".join(filter(None, parts)), "bright_black")
            yield _unbroken(screen.shortened(footer, screen.width))

    def _below(self, ref: JobRef) -> Text | None:
        trouble = self._troubles.get(ref)
        if trouble is not None:
            return self._screen.text(trouble, "yellow")
        job = self._jobs[ref]
        return self._screen.message(job) if job is not None else None

    def _shown(self) -> list[JobRef]:
        """The jobs for which the terminal has lines: all, or first those at work."""
        # One line is the clock's, and one the cursor's.
        room = max(self._screen.height - 2, 2)
        refs = list(self._jobs)
        if sum(map(self._height, refs)) > room:
            refs.sort(key=self._rank)
        heights = accumulate(map(self._height, refs))
        return [ref for ref, height in zip(refs, heights, strict=True) if height <= room]

    def _height(self, ref: JobRef) -> int:
        job = self._jobs[ref]
        return 2 if ref in self._troubles or (job is not None and told(job)) else 1

    def _rank(self, ref: JobRef) -> int:
        job = self._jobs[ref]
        if ref in self._troubles:
            return 0
        if job is None or job.state is JobState.QUEUED:
            return 2
        return 3 if job.state.ended else 1


def _unbroken(line: Text) -> Text:
    line.no_wrap = True
    line.overflow = "crop"
    return line
