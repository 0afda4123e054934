"""One loopback server for all the services, each below a folder of its own name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx

from jobctl.errors import UnavailableError
from jobctl.sandbox import Lives, Service, respond, service, services
from jobctl.threads import start


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    lives: Lives
    players: dict[str, Service]
    crowded = False

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread of its own; where there are no more, here, one request at a time."""
        answer = partial(self.process_request_thread, request, client_address)
        if start(answer) is None:
            self.crowded = True
            answer()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no event."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = httpx.Request(
            self.command,
            f"http://{self.headers.get('Host', '127.0.0.1')}{self.path}",
            headers=list(self.headers.items()),
            content=body,
        )
        path = unquote(self.path.partition("?")[0])
        folder, _, below = path.lstrip("/").partition("/")
        if folder in self.server.players:
            response = self.server.players[folder].answer(request, f"/{below}", self.server.lives)
        elif folder in services():
            response = service(folder).answer(request, f"/{below}", self.server.lives)
        else:
            response = self._elsewhere(request, path)
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() != "content-length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        if self.server.crowded:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(response.content)

    def _elsewhere(self, request: httpx.Request, path: str) -> httpx.Response:
        """The answer to a path that an answer named, as it lies at the service itself."""
        answers = (
            player.answer(request, path, self.server.lives)
            for player in list(self.server.players.values())
        )
        none = respond(404, "<h1>no such service in this sandbox</h1>")
        return next((one for one in answers if one.status_code != none.status_code), none)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = answer  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: standard error belongs to the command."""


class Served(NamedTuple):
    """What is served: the root URL, without a final `/`, and further services by their names."""

    root: str
    players: dict[str, Service]


@contextmanager
def serving(port: int = 0, lives: Lives | None = None) -> Iterator[Served]:
    """Serve on 127.0.0.1 while the context lasts.

    Raises:
        OSError: the port is taken.
        UnavailableError: there is no thread to serve on.
    """
    server = _Server(("127.0.0.1", port), _Handler)
    server.lives = lives or Lives()
    server.players = {}
    serve = partial(server.serve_forever, poll_interval=0.05)
    try:
        if start(serve) is None:
            raise UnavailableError(
                "the sandbox needs a thread of its own, and this machine gives none",
                hint="let jobctl have some more (ulimit -u, or the container's limit of processes)",
            )
        yield Served(f"http://127.0.0.1:{server.server_port}", server.players)
    finally:
        start(server.shutdown)
        server.server_close()
