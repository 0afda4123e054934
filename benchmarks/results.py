"""How fast results come, against curl, and in how much memory: `python benchmarks/results.py`.

nginx serves pages of ModelArts results on loopback; curl and jobctl fetch the same pages over one
connection. Needs the programs nginx and curl.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_PATH = "/v2/bench/processor-tasks/T/versions/V/results"
_SIZE = 100
_MANY = 10_000  # pages; with fewer, starting takes much of the time
_SIGNED = (
    "https://obs.example:443/{}/{:032x}.jpg?AccessKeyId=KEYKEYKEYKEYKEYK&Expires=1606380154"
    "&x-obs-security-token=TOKEN&Signature={:027x}%3D"
)
_CONFIG = """\
user {user}; worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{}}
http {{
  access_log off; default_type application/json; keepalive_requests 100000000;
  {places}
  server {{
    listen 127.0.0.1:{port};
    location = {path} {{
      rewrite ^ /$arg_offset.json break;
      root {folder}/pages;
    }}
  }}
}}
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
        (folder / "pages").mkdir()
        _write_pages(folder / "pages", pages, signed=signed)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        places = "".join(
            f"{kind}_temp_path {folder}/{kind}; "
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = folder / "nginx.conf"
        # as root it would become nobody, who cannot read the pages
        user = getpass.getuser()
        config.write_text(
            _CONFIG.format(folder=folder, port=port, path=_PATH, places=places, user=user)
        )
        with subprocess.Popen(["nginx", "-c", str(config)], stderr=subprocess.DEVNULL) as server:
            try:
                _wait_for(port)
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)


def _run(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[float, float]:
    """Seconds and MiB at most of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{argv[0]} failed")
    seconds = time.perf_counter() - start
    return seconds, used.ru_maxrss / 1024


def _measure(pages: int, rounds: int, *, signed: bool) -> None:
    jobctl = str(Path(sys.executable).with_name("jobctl"))
    with _served(pages, signed=signed) as url, tempfile.TemporaryDirectory() as folder:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": folder,
            "JOBCTL_MODELARTS_BASE_URL": url,
            "JOBCTL_MODELARTS_PROJECT_ID": "bench",
            "JOBCTL_MODELARTS_TOKEN": "a-static-token-of-some-length",
            "JOBCTL_MODELARTS_OFFSET_MODE": "page",
        }
        curl = [
            "curl", "--silent", "--fail", "--header", "X-Auth-Token: a-static-token-of-some-length",
            "--output", "/dev/null", f"{url}{_PATH}?offset=[0-{pages - 1}]&limit={_SIZE}",
        ]  # fmt: skip
        ndjson = [jobctl, "results", "modelarts", "T/V", "-o", "ndjson"]
        found: list[tuple[float, float, float]] = []
        for _ in range(rounds):
            base, _ = _run(curl, environ)
            seconds, memory = _run(ndjson, environ)
            found.append((seconds / base, seconds, memory))
        ratio, seconds, memory = (statistics.median(column) for column in zip(*found, strict=True))
        kind, aim = ("two signed URLs each", 8) if signed else ("no URL to redact", 5)
        told = f" (aim: at most {aim})" if pages >= _MANY else ""
        print(
            f"{pages * _SIZE:9,} records, {kind}: {ratio:5.2f} times curl{told},"
            f" {seconds:.1f} s, {memory:.0f} MiB"
        )
        if not signed:
            _others(jobctl, environ)


def _others(jobctl: str, environ: Mapping[str, str]) -> None:
    """What does not grow with the number of records, or should not."""
    version, memory = _run([jobctl, "--version"], environ)
    for words in (["-n", "10", "-o", "ndjson"], ["-n", "100000", "-o", "table"]):
        seconds, most = _run([jobctl, "results", "modelarts", "T/V", *words], environ)
        print(
            f"          {' '.join(words)}: {seconds - version:.2f} s and {most - memory:.0f} MiB"
            " more than --version"
        )


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pages", type=int, nargs="+", default=[1_000, 10_000], metavar="N")
    words.add_argument("--rounds", type=int, default=3, metavar="N")
    chosen = words.parse_args()
    for program in ("nginx", "curl"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is needed")
    for pages in chosen.pages:
        for signed in (False, True):
            _measure(pages, chosen.rounds, signed=signed)


if __name__ == "__main__":
    main()
