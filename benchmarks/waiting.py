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
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

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


async def _serve(spread: float, refused: float) -> None:
    """Answer for jobs that end evenly over so many seconds after the first request; 0: never.

    A part of the requests is refused. The path `/asked` tells how many there were.
    """
    first: list[float] = []
    born = int(time.time() * 1000)
    chance = random.Random(1)
    asked = {"asked": 0, "refused": 0}

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1]
            if path == b"/asked":
                writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(asked).encode())
                writer.close()
                return
            await asyncio.sleep(_AWAY)
            asked["asked"] += 1
            if chance.random() < refused:
                asked["refused"] += 1
                writer.write(
                    b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
                )
                continue
            now = time.monotonic()
            first[:] = first or [now]
            number = int(path.rpartition(b"/")[2])
            ended = 0 < spread * number / JOBS <= now - first[0]
            body = json.dumps(
                {
                    "status": "Completed" if ended else "Running",
                    "createdTime": born,
                    "startTime": born,
                    "statusTime": born,
                    "jobId": number,
                    "items": [{"fileId": 4411983027540281}],
                }
            ).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


@contextmanager
def _served(spread: float, refused: float) -> Iterator[str]:
    """The URL of a service that runs in a process of its own."""
    with subprocess.Popen(
        [sys.executable, __file__, "--serve", str(spread), str(refused)],
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.kill()


class Cost(NamedTuple):
    """What a process took: seconds on the clock and of the processor, MB of memory at most.

    `refused` is the part of its requests that were.
    """

    seconds: float
    cpu: float
    memory: float
    refused: float = 0.0


def _cost(words: Sequence[str], environ: Mapping[str, str]) -> Cost:
    jobs = "".join(f"cognite/{number + 1}\n" for number in range(JOBS))
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "jobctl", *words],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(jobs)
    process.stdin.close()
    _, _, used = os.wait4(process.pid, 0)
    return Cost(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _measure(words: Sequence[str], spread: float, refused: float = 0.0) -> Cost:
    with _served(spread, refused) as url, tempfile.TemporaryDirectory() as folder:
        settings = {"BASE_URL": url, "PROJECT": "bench", "TOKEN": "a-static-token"}
        environ = {f"JOBCTL_COGNITE_{name}": value for name, value in settings.items()}
        cost = _cost(
            words, {**os.environ, **environ, "JOBCTL_CACHE_DIR": folder, "JOBCTL_STATE_DIR": folder}
        )
        with urllib.request.urlopen(f"{url}/asked") as answer:
            asked = json.load(answer)
        return cost._replace(refused=asked["refused"] / asked["asked"])


def _show_scale() -> None:
    once = _measure(["get", "cognite", "-", "-o", "ids"], 0.0)
    print(f"\n{JOBS} jobs, {_AWAY * 1000:g} ms away")
    print(
        f"one round: {once.seconds:.2f} s, {once.cpu:.2f} s of CPU, {once.memory:.0f} MB "
        "(aim: 2.2 s, 1.2 s, 120 MB)"
    )
    whole = _measure(["wait", "-", "-o", "ndjson", "--quiet"], _MINUTE)
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
    calm = _measure(words, _AT_ONCE)
    print(f"none: {calm.seconds:.1f} s")
    for share in (0.005, 0.02):
        cost = _measure(words, _AT_ONCE, share)
        print(
            f"{share:.1%}: {cost.seconds:.1f} s, {cost.seconds / calm.seconds:.1f} times as long, "
            f"{cost.refused:.1%} refused"
        )


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pace", action="store_true", help="the simulation alone")
    words.add_argument("--refusals", action="store_true", help="refusals alone")
    words.add_argument("--serve", type=float, nargs=2, help=argparse.SUPPRESS)
    chosen = words.parse_args()
    if chosen.serve is not None:
        asyncio.run(_serve(*chosen.serve))
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
