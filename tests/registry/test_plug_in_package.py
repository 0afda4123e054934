"""The template of a plug-in package is built, installed beside jobctl, and used."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from environments import ENVIRON, run
from uv import find_uv_bin

from jobctl.declared import examples
from jobctl.declared.load import provider_of, spec_of

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "docs" / "plug-in"
FARM: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "/v1/renders/metropolis": [
        {"film": "metropolis", "state": "open", "frames": 9},
        {"film": "metropolis", "state": "closed", "frames": 9, "lost": 0},
    ],
    "/v1/renders/nosferatu": [{"film": "nosferatu", "state": "burnt", "why": "the reel burnt"}],
    "/v1/renders?page=1": [{"renders": [{"film": "metropolis", "state": "closed", "lost": 2}]}],
    "/v1/renders?page=2": [{"renders": []}],
}


def test_the_pages_of_the_template_are_right() -> None:
    spec = spec_of(TEMPLATE / "jobctl_films" / "pages" / "film-dub.yaml")
    assert [one.mistakes for one in examples.outcomes(provider_of(spec), spec)] == [()] * 4


@pytest.fixture
def farm() -> Iterator[str]:
    """The film farm on loopback; the value is its URL."""
    left = {path: list(answers) for path, answers in FARM.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.headers.get("Authorization") == "Bearer t0k3n"
            answers = left.get(self.path) if known else None
            self.send_response(200 if answers else 404 if known else 401)
            self.end_headers()
            told = {} if not answers else answers.pop(0) if len(answers) > 1 else answers[0]
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.slow
def test_the_template_is_installed_beside_jobctl_and_used(tmp_path: Path, farm: str) -> None:
    wheels, copy, fresh = tmp_path / "wheels", tmp_path / "plug-in", tmp_path / "environment"
    shutil.copytree(TEMPLATE, copy)
    uv = find_uv_bin()
    for source in (ROOT, copy):
        run(uv, "-q", "build", "--wheel", "--out-dir", wheels, source)
    run(uv, "-q", "venv", "--python", sys.executable, fresh)
    run(uv, "-q", "pip", "install", "--python", fresh, *wheels.glob("*.whl"))
    environ = ENVIRON | {
        "HOME": str(tmp_path),
        "JOBCTL_FILM_FARM_BASE_URL": farm,
        "FILMS_TOKEN": "t0k3n",
    }

    def jobctl(*words: str) -> subprocess.CompletedProcess[str]:
        program = fresh / "bin" / "jobctl"
        return subprocess.run(
            [program, *words],
            env=environ,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    shown = {row["provider"]: row for row in json.loads(jobctl("providers", "--json").stdout)}
    assert shown["film-dub"]["origin"] == "plug-in jobctl-films 1.0"
    assert shown["film-farm"]["can"] == ["get", "list"]

    done = jobctl("wait", "film-farm/metropolis", "film-dub/metropolis", "-p", "sandbox")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "the sandbox does not play film-farm" in done.stderr

    sandbox = ("-p", "sandbox")
    assert jobctl("wait", "film-dub/metropolis", *sandbox).returncode == 0
    assert jobctl("wait", "film-dub/nosferatu", *sandbox).returncode == 10
    done = jobctl("results", "film-dub", "caligari", *sandbox, "--json")
    assert json.loads(done.stdout) == [{"language": "de"}, {"language": "en"}]

    done = jobctl("get", "film-farm", "metropolis", "--json")
    assert json.loads(done.stdout)["state"] == "running"
    done = jobctl("wait", "film-farm/metropolis", "film-farm/nosferatu", "--json")
    states = {job["ref"]: job["state"] for job in json.loads(done.stdout)}
    assert states == {"film-farm/metropolis": "succeeded", "film-farm/nosferatu": "failed"}
    assert done.returncode == 10
    listed = json.loads(jobctl("list", "film-farm", "--json").stdout)
    assert [(job["id"], job["state"]) for job in listed] == [("metropolis", "partial")]
    environ["FILMS_TOKEN"] = "wrong"
    assert jobctl("get", "film-farm", "metropolis").returncode == 4
