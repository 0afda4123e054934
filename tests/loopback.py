"""What tests of HTTP stand on: a clock that moves when told, answers, servers on loopback."""

import socketserver
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

import httpx

from jobctl.clock import Clock

SERVICE = "https://service.example"

Reply = httpx.Response | Exception | Callable[[], httpx.Response]
Talk = Callable[[list[str], "Connection"], None]
Meet = Callable[..., "World"]
Serve = Callable[..., "Server"]
Blurt = Callable[[bytes], int]


@dataclass
class FakeClock(Clock):
    """Stands still but for its sleeps, which it remembers."""

    time: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += seconds

    def wall(self) -> float:
        return self.time + 1_700_000_000


@dataclass
class Service(httpx.BaseTransport):
    """Gives its answers in order, the last one for ever, each after `takes` seconds."""

    clock: FakeClock
    answers: Sequence[Reply]
    takes: float = 0.0
    requests: list[httpx.Request] = field(default_factory=list)
    limits: list[dict[str, float]] = field(default_factory=list)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        self.limits.append(request.extensions["timeout"])
        self.clock.time += self.takes
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else answer()


@dataclass
class World:
    """A client, and all that it meets."""

    client: httpx.Client
    service: Service
    clock: FakeClock
    log: list[tuple[int, str]]
    told: list[str]

    def get(self, path: str = "/jobs/1") -> httpx.Response:
        return self.client.get(SERVICE + path)

    @property
    def tries(self) -> int:
        return len(self.service.requests)

    @property
    def lines(self) -> str:
        return "\n".join(line for _, line in self.log)


@dataclass
class Connection:
    """The server's end of a connection."""

    handler: socketserver.StreamRequestHandler
    stopped: threading.Event

    def send(self, data: bytes) -> None:
        self.handler.wfile.write(data)

    def head(self) -> list[str]:
        """The lines of the next request's head; none when the client has gone."""
        lines = []
        while (line := self.handler.rfile.readline().decode().strip()) != "":
            lines.append(line)
        return lines

    def answer(self, body: bytes = b"{}", status: str = "200 OK", headers: str = "") -> None:
        size = f"Content-Length: {len(body)}\r\n"
        self.send(f"HTTP/1.1 {status}\r\n{size}{headers}\r\n".encode() + body)

    def drip(self, piece: bytes) -> None:
        """Send a piece now and then until the client or the test has had enough."""
        while not self.stopped.wait(0.02):
            self.send(piece)


@dataclass
class Server:
    """What came in, and where to."""

    port: int
    heads: list[list[str]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def first_lines(self) -> list[str]:
        return [head[0] for head in self.heads]


@dataclass
class SignedIn(httpx.Auth):
    """A way of signing in that may show its header to some further places."""

    header: str = "made-up-secret"
    origins: tuple[str, ...] = ()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers["X-Auth-Token"] = self.header
        yield request
