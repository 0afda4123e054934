"""What the live view of 1,000 jobs costs: `python benchmarks/live.py`."""

from __future__ import annotations

import argparse
import io
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from jobctl.models import Job, JobRef, JobState, Progress
from jobctl.render.live import LiveProgress

_JOBS = 1000
_TERMINALS = ((80, 24), (200, 60))
_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
# jobs end over so many seconds, and move on so many times before
_SECONDS, _STEPS = 60, 3


class _Terminal(io.StringIO):
    """A terminal that counts what it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.bytes += len(text.encode())
        return len(text)


class _Cost(NamedTuple):
    share: float
    per_second: float
    unchanged: int


def _changes() -> Iterator[tuple[float, Job]]:
    """When a job changes, and what it is then, in seconds from the beginning."""
    chance = random.Random(1)
    for number in range(_JOBS):
        job = Job(
            ref=JobRef.parse(f"modzy/14856eb1-0ad8-49e7-9da3-{number:012}"),
            state=JobState.RUNNING,
            status="IN_PROGRESS",
            started_at=_BEGAN,
            progress=Progress(percent=0, total=100, succeeded=0),
        )
        end = chance.uniform(1, _SECONDS)
        yield 0.0, job
        for step in range(1, _STEPS + 1):
            done = 100 * step // (_STEPS + 1)
            progress = Progress(percent=done, total=100, succeeded=done)
            yield end * step / (_STEPS + 1), replace(job, progress=progress)
        failed = chance.random() < 0.05
        state = JobState.FAILED if failed else JobState.SUCCEEDED
        yield end, replace(job, state=state, message="out of memory" if failed else None)


def _measure(columns: int, lines: int) -> _Cost:
    changes = sorted(_changes(), key=lambda change: change[0])
    at = 0.0
    out = _Terminal()
    view = LiveProgress(
        out,
        refs=list(dict.fromkeys(job.ref for _, job in changes)),
        now=lambda: _BEGAN + timedelta(seconds=at),
        environ={"TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": str(lines)},
        no_color=False,
        leave=True,
        clock=lambda: at,
    )
    started = time.process_time()
    view.start()
    for when, job in changes:
        while when - at >= 1:
            at += 1
            view.tick({}, at)
        at = max(at, when)
        view.changed(job)
    view.tick({}, _SECONDS + 1)
    used = time.process_time() - started
    before = out.bytes
    view.tick({}, _SECONDS + 2)
    unchanged = out.bytes - before
    view.stop()
    return _Cost(used / _SECONDS, before / _SECONDS, unchanged)


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=5, metavar="N")
    chosen = words.parse_args()
    for columns, lines in _TERMINALS:
        costs = sorted(_measure(columns, lines) for _ in range(chosen.rounds))
        cost = costs[len(costs) // 2]
        print(f"{_JOBS} jobs that change over a minute, on {columns} x {lines}:")
        print(f"{cost.share * 100:8.2f} % of a core (aim: at most 2)")
        print(
            f"{cost.unchanged:8} bytes for a frame where only the clock moved (aim: at most 2000)"
        )
        print(f"{cost.per_second:8.0f} bytes a second")


if __name__ == "__main__":
    main()
