"""A service that answers as a test tells it, and a command line to ask it."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from commanding import Run, command_line

from jobctl.cli import program
from jobctl.cli.commands.completion import answer
from jobctl.cli.parsing import COMPLETE

Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]


class Asked(NamedTuple):
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@contextmanager
def answering(
    answer: Callable[[Asked], Answer | None], tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Serve on loopback; the value is the URL. Where there is no answer, the server hangs up."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answered = answer(Asked(self.command, self.path, dict(self.headers.items()), sent))
            if answered is None:
                self.close_connection = True
                return
            status, content, *headers = answered
            raw = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for name, value in (headers[0] if headers else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_POST = do_CONNECT = do_GET  # noqa: N815 - the name http.server calls

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that was stopped by a test is no event."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        host = "https://localhost" if tls else "http://127.0.0.1"
        yield f"{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Service:
    """APIs on loopback; `answers` maps a job's id to its answers, the last for ever.

    An answer may be made when it is asked for; the body "hang" leaves the client waiting.
    """

    answers: dict[str, list[Answer | Callable[[], Answer]]] = field(default_factory=dict)
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    hanging: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, asked: Asked) -> Answer | None:
        self.requests.append((asked.method, asked.path, asked.headers))
        none: Answer = (404, {"error": {"message": "none"}})
        left = self.answers.get(asked.path.rpartition("/")[2], [none])
        told = left.pop(0) if len(left) > 1 else left[0]
        answer = told() if callable(told) else told
        if answer[1] == "hang":
            self.hanging.wait(30)
            return None
        return answer


def body(status: str, **more: Any) -> dict[str, Any]:
    """The body of a Vision job."""
    times = {"createdTime": 1730204346000, "startTime": 1730204347000, "statusTime": 1730204366000}
    return {"status": status, **times, **more}


@pytest.fixture
def served() -> Callable[..., AbstractContextManager[str]]:
    """Serve answers of a test's own."""
    return answering


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    with answering(made.answer) as made.url:
        yield made
        made.hanging.set()


@pytest.fixture
def account(service: Service, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The service's accounts, in variables: cognite, and vas for what cognite has no word for."""
    variables = {
        "JOBCTL_COGNITE_BASE_URL": service.url,
        "JOBCTL_COGNITE_PROJECT": "my-project",
        "JOBCTL_COGNITE_TOKEN": "planted-token-1",
        "JOBCTL_VAS_BASE_URL": service.url,
        "JOBCTL_VAS_PROJECT_ID": "0123456789abcdef0123456789abcdef",
        "JOBCTL_VAS_TOKEN": "planted-token-2",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Write the configuration that commands read, as a file that others may not if not told so."""

    def write(text: str, mode: int = 0o600) -> Path:
        file = tmp_path / "config.yaml"
        file.write_text(text)
        file.chmod(mode)
        monkeypatch.setenv("JOBCTL_CONFIG", str(file))
        return file

    return write


class Offered(NamedTuple):
    """What may stand for the last word of a line: `files`, or words and what they mean."""

    kind: str
    words: dict[str, str]


Offering = Callable[[str], Offered]


@pytest.fixture
def offered() -> Offering:
    """What is offered for the last word of a line, in which no word is quoted."""

    def offer(line: str) -> Offered:
        asked = {COMPLETE: "complete_fish", "COMP_WORDS": "\x1f".join(line.split(" "))}
        kind, *words = answer(program(), asked)
        return Offered(kind, dict(word.split("\t", 1) for word in words))

    return offer


@pytest.fixture
def jobctl(capfd: pytest.CaptureFixture[str]) -> Run:
    """Run a command line in this process."""
    return command_line(capfd)
