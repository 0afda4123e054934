"""How fast results come, with how much processor time and memory: `python benchmarks/results.py`.

nginx serves pages of ModelArts results on loopback; curl, a bare loop of httpx and jobctl fetch the
same pages, jobctl also through a provider that a file declares. A server that answers after 50 ms
plays a distant service. Needs nginx and curl.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cost import Cost, spent
from serving import Answer, nginx, serve, served

_PATH = "/v2/bench/processor-tasks/T/versions/V/results"
_SIZE = 100
_TABLE = 1_000
_MANY = 10_000  # pages; with fewer, starting takes much of the time
_SIGNED = (
    "https://obs.example:443/{}/{:032x}.jpg?AccessKeyId=KEYKEYKEYKEYKEYK&Expires=1606380154"
    "&x-obs-security-token=TOKEN&Signature={:027x}%3D"
)
_TOKEN = "a-static-token-of-some-length"
_BARE = """
import sys, httpx
with httpx.Client(headers={"X-Auth-Token": sys.argv[3]}) as client:
    for page in range(int(sys.argv[2])):
        client.get(f"{sys.argv[1]}?offset={page}&limit=100").raise_for_status()
"""
# Distance: fewer pages, since each takes its time; connections for curl and jobctl alike.
_AWAY, _DISTANT, _CONNECTIONS = 0.05, 300, (5, 8, 16)
_DECLARED = """\
title: Bench
settings: {base_url: https://bench.example, token: {secret: true}}
auth: {headers: {X-Auth-Token: "{token}"}}
ids: [{name: task}]
get: {path: "/{task}"}
job: {status: status, states: {}}
results:
  path: %s
  records: results
  key: sample_id
  total: count
  paging: {page: offset, first: 0, size: limit, largest: %d}
  before_end: true
"""


def _record(number: int, *, signed: bool) -> str:
    """One record of about 600 bytes."""
    kind = "signed" if signed else "plain"
    fields = {
        "sample_id": f"{number:032x}",
        "version_id": "V",
        "origin_source": f"s3://bench/data/{number:032x}.jpg",
        "new_source": f"obs://bench/{kind}/{number:032x}.jpg",
        "result_property": number % 4,
        "result_description": [["use AddNoise augmentation"]],
    }
    if signed:
        fields |= {
            name: _SIGNED.format(kind, number, number)
            for name in ("signed_origin_source", "signed_new_source")
        }
    text = json.dumps(fields)
    return text[:-1] + f', "note": "{"x" * max(590 - len(text), 0)}"}}'


def _write_pages(folder: Path, pages: int, *, signed: bool) -> None:
    for page in range(pages):
        records = (_record(page * _SIZE + at, signed=signed) for at in range(_SIZE))
        body = f'{{"count": {pages * _SIZE}, "results": [{", ".join(records)}], "has_more": true}}'
        (folder / f"{page}.json").write_text(body)


@contextmanager
def _served(pages: int, *, signed: bool) -> Iterator[str]:
    """The URL of an nginx that serves the pages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_pages(folder, pages, signed=signed)
        with nginx(folder) as url:
            yield url


class Ways(NamedTuple):
    """The commands that fetch the same pages, and their environment."""

    curl: Sequence[str]
    bare: Sequence[str]
    jobctl: Sequence[str]
    declared: Sequence[str]
    environ: Mapping[str, str]

    @classmethod
    def to(cls, url: str, pages: int, folder: str) -> Ways:
        """All of them, for a service with so many pages."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "JOBCTL_MODELARTS_BASE_URL": url,
            "JOBCTL_MODELARTS_PROJECT_ID": "bench",
            "JOBCTL_MODELARTS_TOKEN": _TOKEN,
            "JOBCTL_MODELARTS_OFFSET_MODE": "page",
            "JOBCTL_BENCH_BASE_URL": url,
            "JOBCTL_BENCH_TOKEN": _TOKEN,
        }
        file = Path(folder) / "bench.yaml"
        file.write_text(_DECLARED % (_PATH, _SIZE))
        curl = [
            "curl", "--silent", "--fail", "--header", f"X-Auth-Token: {_TOKEN}",
            "--output", "/dev/null", f"{url}{_PATH}?offset=[0-{pages - 1}]&limit={_SIZE}",
        ]  # fmt: skip
        bare = [sys.executable, "-c", _BARE, url + _PATH, str(pages), _TOKEN]
        jobctl = str(Path(sys.executable).with_name("jobctl"))
        return cls(
            curl,
            bare,
            [jobctl, "results", "modelarts", "T/V"],
            [jobctl, "--provider-file", str(file), "results", "bench", "T"],
            environ,
        )


class Round(NamedTuple):
    """What the same pages cost, each fetched in each way, one after the other."""

    curl: Cost
    bare: Cost
    ours: Cost


def _rounds(ways: Ways, ours: Sequence[str], number: int) -> Sequence[Round]:
    return [
        Round(*(spent(argv, ways.environ) for argv in (ways.curl, ways.bare, ours)))
        for _ in range(number)
    ]


def _show(rounds: Sequence[Round], what: str, aim: str) -> None:
    cpu = statistics.median(one.ours.cpu / one.bare.cpu for one in rounds)
    times = statistics.median(one.ours.seconds / one.curl.seconds for one in rounds)
    seconds = statistics.median(one.ours.seconds for one in rounds)
    memory = max(one.ours.memory for one in rounds)
    print(f"{what}: {cpu:.2f} times the processor time of bare httpx{aim}")
    print(f"{'':10}{times:.2f} times the time of curl, {seconds:.1f} s, {memory:.0f} MiB")


def _measure(pages: int, rounds: int, *, signed: bool) -> None:
    with _served(pages, signed=signed) as url, tempfile.TemporaryDirectory() as folder:
        ways = Ways.to(url, pages, folder)
        kind, aim = ("two signed URLs each", 2.2) if signed else ("no URL to redact", 1.35)
        _show(
            _rounds(ways, [*ways.jobctl, "-o", "ndjson"], rounds),
            f"{pages * _SIZE:9,} records, {kind}",
            f" (aim: at most {aim:g})" if pages >= _MANY else "",
        )


def _measure_declared(pages: int, rounds: int) -> None:
    """What a provider that a file declares costs beside a built-in one, for the same pages."""
    with _served(pages, signed=False) as url, tempfile.TemporaryDirectory() as folder:
        ways = Ways.to(url, pages, folder)
        found = [
            tuple(
                spent([*one, "-o", "ndjson"], ways.environ) for one in (ways.jobctl, ways.declared)
            )
            for _ in range(rounds)
        ]
        times = statistics.median(file.seconds / own.seconds for own, file in found)
        cpu = statistics.median(file.cpu / own.cpu for own, file in found)
        memory = max(file.memory - own.memory for own, file in found)
        print(
            f"{pages * _SIZE:9,} records through a file: {times:.2f} times the time of a built-in"
            f" provider (aim: at most 1.3), {cpu:.2f} times its processor time, {memory:+.0f} MiB"
        )


def _measure_others(rounds: int) -> None:
    """What does not grow with the number of records, or should not."""
    with _served(_TABLE, signed=False) as url, tempfile.TemporaryDirectory() as folder:
        ways = Ways.to(url, _TABLE, folder)
        version = spent([ways.jobctl[0], "--version"], ways.environ)
        first = spent([*ways.jobctl, "-n", "10", "-o", "ndjson"], ways.environ)
        print(
            f"{'':10}-n 10 -o ndjson: {first.seconds - version.seconds:.2f} s and "
            f"{first.memory - version.memory:.0f} MiB more than --version"
        )
        table = _rounds(ways, [*ways.jobctl, "-o", "table"], rounds)
        _show(table, f"{_TABLE * _SIZE:9,} records as a table", "")


def _distant(pages: Path) -> Callable[[str], Awaitable[Answer]]:
    """The pages, each after the time that it takes from far away."""
    bodies = {one.stem: one.read_bytes() for one in pages.iterdir()}

    async def answer(path: str) -> Answer:
        query = path.partition("?")[2]
        await asyncio.sleep(_AWAY)
        return Answer(bodies[dict(pair.split("=") for pair in query.split("&"))["offset"]])

    return answer


def _measure_at_a_distance(rounds: int) -> None:
    print(f"{_DISTANT} pages of {_SIZE} records, {_AWAY * 1000:g} ms away, against curl --parallel")
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages"
        pages.mkdir()
        _write_pages(pages, _DISTANT, signed=False)
        with served(__file__, pages) as url:
            ways = Ways.to(url, _DISTANT, folder)
            for number in _CONNECTIONS:
                _show_distance(ways, number, rounds)


def _show_distance(ways: Ways, number: int, rounds: int) -> None:
    most = str(number)
    curl = [*ways.curl, "--no-progress-meter", "--parallel", "--parallel-max", most]
    ours = [*ways.jobctl, "-o", "ndjson", "--set", f"max_in_flight={number}"]
    found = [
        (spent(curl, ways.environ).seconds, spent(ours, ways.environ).seconds)
        for _ in range(rounds)
    ]
    ratio = statistics.median(ours / curl for curl, ours in found)
    seconds = statistics.median(ours for _, ours in found)
    print(f"{'':10}{number} connections: {ratio:.2f} times (aim: at most 1.3), {seconds:.1f} s")


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pages", type=int, nargs="*", default=[1_000, 10_000], metavar="N")
    words.add_argument("--rounds", type=int, default=3, metavar="N")
    words.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    words.add_argument("--declared", action="store_true", help="measure nothing but files")
    chosen = words.parse_args()
    if chosen.serve is not None:
        asyncio.run(serve(_distant(chosen.serve)))
        return
    for program in ("nginx", "curl"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is needed")
    if chosen.declared:
        for pages in chosen.pages:
            _measure_declared(pages, chosen.rounds)
        return
    for pages in chosen.pages:
        for signed in (False, True):
            _measure(pages, chosen.rounds, signed=signed)
        _measure_declared(pages, chosen.rounds)
    _measure_others(chosen.rounds)
    _measure_at_a_distance(chosen.rounds)


if __name__ == "__main__":
    main()
