"""How soon a wait notices ends, with how many requests, what a thousand jobs and refusals cost.

`python benchmarks/waiting.py`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cost import Cost, spent
from serving import Answer, serve, served

from jobctl.models import Job, JobRef, JobState, Progress
from jobctl.stream import pace

# Pace: jobs that end at random, and the pauses that a wait would make.

FIXED = (1.0, 5.0, 30.0)
_JOBS = 400
_BROKEN = 0.1
_WALL = datetime(2026, 1, 1, tzinfo=UTC)
_REF = JobRef("bench", ("1",))


class Kind(NamedTuple):
    """A kind of jobs: the usual run time in seconds, how far it varies, and what there is to go by.

    `steps` are those in which the service tells how far the job is; `known`: others have been seen.
    """

    name: str
    seconds: float
    spread: float
    steps: int | None = None
    known: bool = False


KINDS = (
    Kind("seconds", 6, 0.4),
    Kind("half a minute", 30, 0.5),
    Kind("half a minute, 20 items", 30, 0.5, steps=20),
    Kind("minutes", 240, 0.6),
    Kind("minutes, percent", 240, 0.6, steps=100),
    Kind("minutes, seen before", 240, 0.15, known=True),
    Kind("half an hour, 40 items", 1800, 0.5, steps=40),
    Kind("hours", 7200, 0.5),
    Kind("hours, percent", 7200, 0.5, steps=100),
    Kind("hours, seen before", 7200, 0.15, known=True),
)


class Watched(NamedTuple):
    """How late an end was noticed, in seconds, and how many requests it took."""

    late: float
    requests: int


def _adaptive(kind: Kind, ends: float, whole: float, chance: random.Random) -> Watched:
    """A job that ends at a moment, of a run that is as long as `whole` if nothing breaks."""
    now, requests, course = 0.0, 1, None
    # no service is right about how far a job is
    bend = chance.uniform(0.8, 1.25)
    while now < ends:
        percent = None
        if kind.steps:
            percent = 100 * math.floor((now / whole) ** bend * kind.steps) / kind.steps
        job = Job(ref=_REF, state=JobState.RUNNING, status=None, progress=Progress(percent=percent))
        course = pace.seen(course, job, now, _WALL)
        usual = kind.seconds if kind.known else None
        now += pace.pause(course, now, usual, (1.0, 60.0)) * chance.uniform(1, 1 + pace.JITTER)
        requests += 1
    return Watched(now - ends, requests)


def _fixed(every: float, ends: float) -> Watched:
    looks = math.ceil(ends / every)
    return Watched(looks * every - ends, 1 + looks)


def _simulate(kind: Kind, chance: random.Random) -> Iterator[dict[str, Watched]]:
    for _ in range(_JOBS):
        whole = kind.seconds * math.exp(chance.gauss(0, kind.spread))
        ends = whole * chance.random() if chance.random() < _BROKEN else whole
        found = {"adaptive": _adaptive(kind, ends, whole, chance)}
        yield found | {f"{every:g} s": _fixed(every, ends) for every in FIXED}


def _show_pace() -> None:
    chance = random.Random(4)
    found = {kind.name: list(_simulate(kind, chance)) for kind in KINDS}
    found["all"] = [one for jobs in found.values() for one in jobs]
    ways = list(found["all"][0])
    print("median seconds between an end and its notice / requests for each job")
    print(f"{'':26}" + "".join(f"{way:>18}" for way in ways))
    for name, jobs in found.items():
        cells = []
        for way in ways:
            late = statistics.median(job[way].late for job in jobs)
            requests = statistics.mean(job[way].requests for job in jobs)
            cells.append(f"{late:9.2f} / {requests:6.1f}")
        print(f"{name:26}" + "".join(f"{cell:>18}" for cell in cells))


# Scale: a thousand jobs of a service 50 ms away, by whole processes.

JOBS = 1000
_AWAY = 0.05
_MINUTE, _AT_ONCE = 60.0, 1e-9


def _service(spread: float, refused: float) -> Callable[[str], Awaitable[Answer]]:
    """Answers for jobs that end evenly over so many seconds after the first request; 0: never.

    A part of the requests is refused. The path `/asked` tells how many there were.
    """
    first: list[float] = []
    born = int(time.time() * 1000)
    chance = random.Random(1)
    asked = {"asked": 0, "refused": 0}

    async def answer(path: str) -> Answer:
        if path == "/asked":
            return Answer(json.dumps(asked).encode())
        await asyncio.sleep(_AWAY)
        asked["asked"] += 1
        if chance.random() < refused:
            asked["refused"] += 1
            return Answer(b"", "429 Too Many Requests", "Retry-After: 1\r\n")
        now = time.monotonic()
        first[:] = first or [now]
        number = int(path.rpartition("/")[2])
        ended = 0 < spread * number / JOBS <= now - first[0]
        body = {
            "status": "Completed" if ended else "Running",
            "createdTime": born,
            "startTime": born,
            "statusTime": born,
            "jobId": number,
            "items": [{"fileId": 4411983027540281}],
        }
        return Answer(json.dumps(body).encode())

    return answer


def _measure(words: Sequence[str], spread: float, refused: float = 0.0) -> tuple[Cost, float]:
    """What a command costs that is told all jobs, and the part of its requests that is refused."""
    jobs = "".join(f"cognite/{number + 1}\n" for number in range(JOBS))
    with served(__file__, spread, refused) as url, tempfile.TemporaryDirectory() as folder:
        settings = {"BASE_URL": url, "PROJECT": "bench", "TOKEN": "a-static-token"}
        environ = {f"JOBCTL_COGNITE_{name}": value for name, value in settings.items()}
        environ |= {"JOBCTL_CACHE_DIR": folder, "JOBCTL_STATE_DIR": folder}
        cost = spent([sys.executable, "-m", "jobctl", *words], {**os.environ, **environ}, jobs)
        with urllib.request.urlopen(f"{url}/asked") as answer:
            asked = json.load(answer)
        return cost, asked["refused"] / asked["asked"]


def _show_scale() -> None:
    once, _ = _measure(["get", "cognite", "-", "-o", "ids", "--quiet"], 0.0)
    print(f"\n{JOBS} jobs, {_AWAY * 1000:g} ms away")
    print(
        f"one round: {once.seconds:.2f} s, {once.cpu:.2f} s of CPU, {once.memory:.0f} MiB "
        "(aim: 2.2 s, 1.2 s, 120 MiB)"
    )
    whole, _ = _measure(["wait", "-", "-o", "ndjson", "--quiet"], _MINUTE)
    share = (whole.cpu - once.cpu) / (whole.seconds - once.seconds)
    print(
        f"ends spread over {_MINUTE:g} s: {whole.seconds:.1f} s, {whole.cpu:.2f} s of CPU; after "
        f"the first round {share:.1%} of a core (aim: 10 %)"
    )


def _show_refusals() -> None:
    print(
        f"\n{JOBS} jobs that have ended, some requests refused with Retry-After: 1 (aims: 3, 10 %)"
    )
    words = ["wait", "-", "-o", "ndjson", "--quiet"]
    calm, _ = _measure(words, _AT_ONCE)
    print(f"none: {calm.seconds:.1f} s")
    for share in (0.005, 0.02):
        cost, refused = _measure(words, _AT_ONCE, share)
        print(
            f"{share:.1%}: {cost.seconds:.1f} s, {cost.seconds / calm.seconds:.1f} times as long, "
            f"{refused:.1%} refused"
        )


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pace", action="store_true", help="the simulation alone")
    words.add_argument("--refusals", action="store_true", help="refusals alone")
    words.add_argument("--serve", type=float, nargs=2, help=argparse.SUPPRESS)
    chosen = words.parse_args()
    if chosen.serve is not None:
        asyncio.run(serve(_service(*chosen.serve)))
        return
    if chosen.refusals:
        _show_refusals()
        return
    _show_pace()
    if not chosen.pace:
        _show_scale()
        _show_refusals()


if __name__ == "__main__":
    main()
