"""Worlds and servers."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from loopback import (
    SERVICE,
    Blurt,
    Connection,
    FakeClock,
    Meet,
    Reply,
    Serve,
    Server,
    Service,
    Talk,
    World,
)

from jobctl.http import connect


@pytest.fixture
def meet() -> Iterator[Meet]:
    """A world whose service gives these answers; further words go to `connect`."""
    with ExitStack() as stack:

        def make(
            *answers: Reply, takes: float = 0.0, auth: httpx.Auth | None = None, **more: Any
        ) -> World:
            clock = FakeClock()
            service = Service(clock, answers, takes)
            log: list[tuple[int, str]] = []
            told: list[str] = []
            words: dict[str, Any] = {
                "clock": clock,
                "chance": lambda _low, high: high,
                "transport": service,
                "log": lambda level, line: log.append((level, line)),
                "tell": told.append,
            }
            client = stack.enter_context(connect(SERVICE, auth, **(words | more)))
            return World(client, service, clock, log, told)

        yield make


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serve a conversation on loopback, over TLS if a context is given."""
    stopped = threading.Event()
    with ExitStack() as stack:

        def start(talk: Talk, tls: ssl.SSLContext | None = None) -> Server:
            heads: list[list[str]] = []

            class Handler(socketserver.StreamRequestHandler):
                def setup(self) -> None:
                    if tls:
                        self.request = tls.wrap_socket(self.request, server_side=True)
                    super().setup()

                def finish(self) -> None:
                    super().finish()
                    # the server knows only the socket below TLS
                    self.request.close()

                def handle(self) -> None:
                    connection = Connection(self, stopped)
                    while head := connection.head():
                        heads.append(head)
                        talk(head, connection)

            class Quiet(socketserver.ThreadingTCPServer):
                def handle_error(self, request: Any, client_address: Any) -> None:
                    """Clients that hang up are what many tests are about."""

            server = stack.enter_context(Quiet(("127.0.0.1", 0), Handler))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            stack.callback(stopped.set)
            return Server(server.server_address[1], heads)

        yield start


@pytest.fixture
def blurt() -> Iterator[Blurt]:
    """A port where whoever says anything is told these bytes, whatever it was."""
    with ExitStack() as stack:

        def start(said: bytes) -> int:
            class Handler(socketserver.BaseRequestHandler):
                def handle(self) -> None:
                    self.request.recv(65536)
                    self.request.sendall(said)

            server = stack.enter_context(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler))
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return int(server.server_address[1])

        yield start
