"""How long a command takes, start to exit, against bare Python: `python benchmarks/startup.py`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from serving import Answer, serve, served

BARE, HTTPX = "python -c pass", "python -c 'import httpx; print(httpx.get(URL).text)'"
VERSION, HELP, GET = "jobctl --version", "jobctl --help", "jobctl get cognite 123 --json"
# what is measured, against what, and the aim
RATIOS = ((VERSION, BARE, 7.5), (HELP, BARE, 7.5), (GET, HTTPX, 1.35), (GET, BARE, 16.0))

_PATH = "/api/v1/projects/bench/context/vision/extract/123"
_BODY = json.dumps(
    {
        "status": "Completed",
        "createdTime": 1730204346000,
        "startTime": 1730204347874,
        "statusTime": 1730204367533,
        "jobId": 123,
        "items": [{"fileId": 4411983027540281, "predictions": {"textPredictions": []}}],
    }
).encode()


async def _answer(_: str) -> Answer:
    return Answer(_BODY)


def _seconds(argv: Sequence[str], environ: Mapping[str, str]) -> float:
    start = time.perf_counter()
    subprocess.run(argv, env=environ, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def _measure(url: str, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Seconds of each command in each round."""
    config = folder / "config.yaml"
    config.write_text(
        "profiles:\n  default:\n    cognite:\n"
        f"      base_url: {url}\n      project: bench\n      token: a-static-token\n"
    )
    config.chmod(0o600)
    environ = {
        **os.environ,
        "JOBCTL_CONFIG": str(config),
        "JOBCTL_CACHE_DIR": str(folder),
        "JOBCTL_STATE_DIR": str(folder),
    }
    jobctl = str(Path(sys.executable).with_name("jobctl"))
    program = [jobctl] if Path(jobctl).exists() else [sys.executable, "-m", "jobctl"]
    commands = {
        BARE: [sys.executable, "-c", "pass"],
        HTTPX: [sys.executable, "-c", f"import httpx; print(httpx.get({url + _PATH!r}).text)"],
        VERSION: [*program, "--version"],
        HELP: [*program, "--help"],
        GET: [*program, "get", "cognite", "123", "--json"],
    }
    found: dict[str, list[float]] = {name: [] for name in commands}
    for round_ in range(rounds + 1):
        for name, argv in commands.items():
            seconds = _seconds(argv, environ)
            if round_:  # the first one fills the caches
                found[name].append(seconds)
    return found


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=15, metavar="N")
    words.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = words.parse_args()
    if chosen.serve:
        asyncio.run(serve(_answer))
        return
    with served(__file__) as url, tempfile.TemporaryDirectory() as folder:
        found = _measure(url, Path(folder), chosen.rounds)
    for name, seconds in found.items():
        print(f"{statistics.median(seconds) * 1000:7.1f} ms  {name}")
    print()
    for name, against, aim in RATIOS:
        pairs = zip(found[name], found[against], strict=True)
        ratio = statistics.median(ours / theirs for ours, theirs in pairs)
        print(f"{ratio:7.2f} times (aim: at most {aim:g})  {name}, against {against}")


if __name__ == "__main__":
    main()
