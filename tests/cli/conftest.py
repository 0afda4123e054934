"""A service that answers as a test tells it, and a command line to ask it."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest

from jobctl.cli import main

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


@dataclass
class Service:
    """Cognite's API on loopback; `answers` maps a job's id to its answers, the last for ever."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, path: str) -> Answer:
        left = self.answers.get(path.rpartition("/")[2], [(404, {"error": {"message": "none"}})])
        return left.pop(0) if len(left) > 1 else left[0]


def body(status: str, **more: Any) -> dict[str, Any]:
    """The body of a Vision job."""
    times = {"createdTime": 1730204346000, "startTime": 1730204347000, "statusTime": 1730204366000}
    return {"status": status, **times, **more}


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.requests.append((self.command, self.path, dict(self.headers.items())))
            status, content, *headers = made.answer(self.path)
            if content == "hang":
                made.hanging.wait(30)
                return
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that was stopped by a test is no event."""

    server = Server(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.hanging.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def account(service: Service, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The service's account, in variables."""
    variables = {
        "JOBCTL_COGNITE_BASE_URL": service.url,
        "JOBCTL_COGNITE_PROJECT": "my-project",
        "JOBCTL_COGNITE_TOKEN": "planted-token-1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


class Ran(NamedTuple):
    """What a command line left behind."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err.splitlines()[-1])["error"]


Run = Callable[..., Ran]


@pytest.fixture
def jobctl(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""

    def run(*words: str) -> Ran:
        capfd.readouterr()
        code = main(words)
        return Ran(int(code), *capfd.readouterr())

    return run
