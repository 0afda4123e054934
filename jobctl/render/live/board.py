"""What the live view shows: jobs and what is known of them, as lines and as a summary."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from rich.text import Text

from jobctl.models import Job, JobRef, JobState
from jobctl.render import words
from jobctl.render.attention import Summary, Taskbar
from jobctl.render.live.ranking import Rank, Ranking, rank
from jobctl.render.live.remaining import remaining
from jobctl.render.screen import Column, Screen

_WIDE, _NAMED, _TINY = 120, 100, 40
_NAME = 16


class _Trouble(NamedTuple):
    text: str
    since: float | None


class Board:
    """The jobs, those that matter most first; only what is seen of them is made."""

    def __init__(
        self,
        screen: Screen,
        refs: Sequence[JobRef],
        *,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        self._screen = screen
        self._now = now
        self._clock = clock
        self._ranking = Ranking(refs)
        self._jobs: dict[JobRef, Job] = {}
        self._troubles: dict[JobRef, _Trouble] = {}
        self._lost: set[JobRef] = set()
        self._usual: dict[JobRef, float | None] = {}
        self._began: dict[JobRef, datetime] = {}
        self._states: Counter[str] = Counter()
        self._done = 0.0

    def put(self, job: Job) -> None:
        """A job was seen for the first time, or is not as it was."""
        ref, before = job.ref, self._jobs.get(job.ref)
        if before is not None:
            self._states[before.state] -= 1
            self._done -= _share(before)
            if before.state is JobState.QUEUED:
                self._began[ref] = self._now()
        self._states[job.state] += 1
        self._done += _share(job)
        self._jobs[ref] = job
        self._rank(ref)

    def expect(self, ref: JobRef, seconds: float | None) -> None:
        """How long jobs like this one usually run."""
        self._usual[ref] = seconds

    def trouble(self, ref: JobRef, text: str, silent: float | None) -> None:
        """A job cannot be looked at just now, and was not heard of for so many seconds."""
        self._troubles[ref] = _Trouble(text, None if silent is None else self._clock() - silent)
        self._rank(ref)

    def lost(self, ref: JobRef, text: str) -> None:
        """A job was given up, and why."""
        self._lost.add(ref)
        self.trouble(ref, f"given up: {text}", None)

    def well_again(self, ref: JobRef) -> bool:
        """The trouble with a job is over; False if there was none."""
        if self._troubles.pop(ref, None) is None:
            return False
        self._rank(ref)
        return True

    def lines(self, elapsed: int) -> list[Text]:
        """All that fits the terminal, which keeps a line for the command above."""
        screen, several = self._screen, len(self._ranking) != 1
        room = max(screen.height - 1, 1) - several
        shown = dict(self._shown(room))
        clock = words.span(elapsed)
        table = self._table(list(shown))
        if not several:
            table.append(Column("", [screen.text(clock)]))
        lines = list(screen.lay_out(screen.fitting(table), list(shown.values()), header=False))
        lines = lines[:room]
        if several:
            hidden = len(self._ranking) - len(shown)
            more = f"+{hidden} more" if hidden else ""
            parts = filter(None, (clock, more, words.tally(self._states)))
            lines.append(screen.text("  ".join(parts), "bright_black"))
        return [screen.shortened(line, screen.width) for line in lines]

    def summary(self) -> Summary:
        """All jobs in a phrase and a number."""
        share = self._done / max(len(self._ranking), 1)
        return Summary(f"jobctl: {self._title()}", self._look(), share)

    def _title(self) -> str:
        if len(self._ranking) == 1:
            return next(map(_in_short, self._jobs.values()), "looking")
        ended = sum(self._states[state] for state in JobState if state.ended)
        failed = self._states[JobState.FAILED]
        title = f"{ended}/{len(self._ranking)} ended"
        return f"{title}, {failed} failed" if failed else title

    def _look(self) -> Taskbar:
        if self._states[JobState.FAILED]:
            return Taskbar.ERROR
        if self._troubles or self._states[JobState.PARTIAL]:
            return Taskbar.WARNING
        return Taskbar.NORMAL if self._done else Taskbar.BUSY

    def _rank(self, ref: JobRef) -> None:
        if ref in self._lost:
            self._ranking.move(ref, Rank.LOST)
        elif ref in self._troubles:
            self._ranking.move(ref, Rank.TROUBLED)
        else:
            self._ranking.move(ref, rank(self._jobs.get(ref)))

    def _shown(self, room: int) -> Iterator[tuple[JobRef, Text | None]]:
        """The jobs for which there is room, with what stands below each.

        What is lost takes half of the room, and more only if nothing else wants it.
        """
        for_lost = max(-(-room // 2), room - self._rows_of_unfinished(room))
        for one in Rank:
            left = min(room, for_lost) if one is Rank.LOST else room
            before = left
            for ref in self._ranking.of(one):
                if not left:
                    break
                below = self._below(ref) if left > 1 else None
                left -= 2 if below else 1
                yield ref, below
            room -= before - left

    def _rows_of_unfinished(self, most: int) -> int:
        rows = 0
        for ref in self._ranking.of(Rank.TROUBLED, Rank.RUNNING, Rank.WAITING):
            if rows >= most:
                break
            rows += 2 if self._below(ref) else 1
        return rows

    def _below(self, ref: JobRef) -> Text | None:
        trouble = self._troubles.get(ref)
        if trouble is not None:
            silent = None if trouble.since is None else self._clock() - trouble.since
            return self._screen.text(words.unheard(trouble.text, silent), "yellow")
        job = self._jobs.get(ref)
        return None if job is None else self._screen.message(job)

    def _table(self, refs: Sequence[JobRef]) -> list[Column]:
        screen = self._screen
        jobs = [self._jobs.get(ref) for ref in refs]
        bar = 20 if screen.width >= _WIDE else 10
        named = screen.width >= _NAMED
        names = [job.name if job and job.name and named else "" for job in jobs]
        return [
            Column("", [self._state(job) for job in jobs]),
            screen.references("", list(map(str, refs))),
            Column("", [screen.text(name) for name in names], least=_NAME),
            Column("", [screen.bar(job, bar) if job else Text() for job in jobs], worth=1),
            Column("", [screen.standing(job.progress) if job else Text() for job in jobs], worth=3),
            Column("", [self._remaining(job) if job else Text() for job in jobs], worth=2),
        ]

    def _state(self, job: Job | None) -> Text:
        screen = self._screen
        if screen.width < _TINY and len(self._ranking) > 1:
            return screen.glyph(job.state) if job else Text()
        return screen.state(job.state) if job else screen.text("looking")

    def _remaining(self, job: Job) -> Text:
        began = job.started_at or self._began.get(job.ref)
        run = None if began is None else max((self._now() - began).total_seconds(), 0.0)
        return self._screen.text(remaining(job, run, self._usual.get(job.ref)), "bright_black")


def _in_short(job: Job) -> str:
    return " ".join(filter(None, (str(job.ref), job.state, words.reached(job.progress))))


def _share(job: Job) -> float:
    return 1.0 if job.state.ended else job.progress.share or 0.0
