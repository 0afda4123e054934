"""Connections: proxies, a deadline for every answer, and nothing left over for the next one."""

import socket
import threading
from collections.abc import Callable, Iterator
from ssl import SSLContext
from typing import Any

import httpcore
import httpx
from httpcore._backends.sync import SyncStream

from jobctl.http.address import Origin, origin
from jobctl.http.dial import dial
from jobctl.http.proxies import proxy_of
from jobctl.http.tls import USUAL, Trust, tls_context

# What the library below says, in words of the one above.
_ERRORS: dict[type[BaseException], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.ProxyError: httpx.ProxyError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    # closed by another thread before anything was sent
    httpcore.ConnectionNotAvailable: httpx.ConnectError,
}


class Wire(httpx.BaseTransport):
    """Sends a request and gives the answer as it comes.

    Unlike the library's limits, which hold for each address and each read, `timeout["connect"]` of
    a request bounds all that it takes to connect, and `timeout["read"]` the whole answer, head and
    body; `answer_by`, a time of the clock, bounds everything. `extensions["proxy"]` of the request
    tells the proxy that was used. The files of `trust` are for the service at `place` alone.
    """

    def __init__(
        self,
        now: Callable[[], float],
        *,
        trust_env: bool,
        trust: Trust = USUAL,
        place: Origin | None = None,
    ) -> None:
        self._budget = _Budget(now)
        self._trust_env = trust_env
        self._trust, self._place = trust, place
        self._routes: dict[Origin, tuple[str | None, _Connections]] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        proxy, connections = self._route(url)
        request.extensions["proxy"] = proxy
        limits, answer_by = request.extensions["timeout"], request.extensions["answer_by"]
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=[request.content] if request.content else (),
            extensions=request.extensions,
        )
        self._budget.begin(limits["connect"], limits["read"], answer_by)
        response = connections.answer(asked)
        if proxy and response.status_code == 407:
            # of one that tunnels the library says it itself
            response.close()
            raise httpx.ProxyError(f"407 {response.reason_phrase}")
        return response

    def close(self) -> None:
        # a copy: another thread may be opening a further one
        for _, connections in self._routes.copy().values():
            connections.close()

    def _route(self, url: httpx.URL) -> tuple[str | None, "_Connections"]:
        place = origin(url)
        with self._lock:
            found = self._routes.get(place)
            if found is None:
                trust = self._trust if place == self._place else USUAL
                context = tls_context(self._trust_env, trust) if url.scheme == "https" else None
                proxy = proxy_of(url) if self._trust_env else None
                made = _Connections(_Backend(self._budget), context, proxy and proxy.address)
                found = self._routes[place] = (proxy and str(proxy), made)
            return found


class _Connections:
    """The connections to one origin, each kept for the next request.

    The library's pool knows how they are made. What else it does, for requests that wait for one
    another, takes a tenth of a quick request's time; here nobody waits.
    """

    def __init__(
        self, backend: "_Backend", context: SSLContext | None, proxy: httpx.URL | None
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=_proxy(proxy) if proxy else None,
            # as long as most pauses; after longer ones the other end has often hung up
            keepalive_expiry=20.0,
            network_backend=backend,
        )
        self._open: set[httpcore.ConnectionInterface] = set()
        self._idle: list[httpcore.ConnectionInterface] = []

    def answer(self, asked: httpcore.Request) -> httpx.Response:
        """Send a request; a connection is another request's when the answer is closed.

        Raises:
            httpx.TransportError: there is no answer.
        """
        connection = self._ready(asked.url.origin)
        try:
            answer = connection.handle_request(asked)
        except BaseException as error:
            self.drop(connection)
            if type(error) in _ERRORS:
                raise _ERRORS[type(error)](str(error)) from error
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Answer(answer.stream, connection, self),
            extensions=answer.extensions,
        )

    def keep(self, connection: httpcore.ConnectionInterface) -> None:
        """Keep a connection for another request, if it is good for one."""
        if connection.is_idle():
            self._idle.append(connection)
        else:
            self.drop(connection)

    def drop(self, connection: httpcore.ConnectionInterface) -> None:
        connection.close()
        self._open.discard(connection)

    def close(self) -> None:
        """Close all of them, those too that wait for an answer.

        One that is being made is closed by the next call.
        """
        for connection in self._open.copy():
            connection.close()

    def _ready(self, place: httpcore.Origin) -> httpcore.ConnectionInterface:
        try:
            while (connection := self._idle.pop()).has_expired():
                self.drop(connection)
        except IndexError:
            connection = self._pool.create_connection(place)
            self._open.add(connection)
        return connection


class _Answer(httpx.SyncByteStream):
    """The body of an answer. A connection on which more has come than that answer is closed.

    What lies behind it was asked for by nobody, and the library would take it for the answer to the
    next request: another job's success would become this one's.
    """

    def __init__(
        self, stream: Any, connection: httpcore.ConnectionInterface, kept_by: _Connections
    ) -> None:
        self._stream, self._connection, self._kept_by = stream, connection, kept_by

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._stream
        except tuple(_ERRORS) as error:
            raise _ERRORS[type(error)](str(error)) from error

    def close(self) -> None:
        # no argument and no method of the library tells what is left
        left, _ = self._stream._connection._h11_state.trailing_data
        self._stream.close()
        if left:
            self._kept_by.drop(self._connection)
        else:
            self._kept_by.keep(self._connection)


def _proxy(address: httpx.URL) -> httpcore.Proxy:
    return httpcore.Proxy(
        httpcore.URL(
            scheme=address.raw_scheme, host=address.raw_host, port=address.port, target=b"/"
        ),
        auth=(address.username.encode(), address.password.encode()) if address.userinfo else None,
        ssl_context=tls_context(trust_env=True) if address.scheme == "https" else None,
    )


class _Budget(threading.local):
    """What is left of the time for the answer that this thread waits for."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def begin(self, connect: float, read: float, answer_by: float) -> None:
        self._connect_by = self._now() + connect
        self._seconds, self._answer_by = read, answer_by
        self.connected()

    def connecting(self) -> float:
        """The seconds left for the whole of it, TLS included."""
        left = self._connect_by - self._now()
        if left <= 0:
            raise httpcore.ConnectTimeout
        return left

    def connected(self) -> None:
        self._ends = min(self._now() + self._seconds, self._answer_by)

    def cut(self, timeout: float | None) -> float:
        left = self._ends - self._now()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, budget: _Budget) -> None:
        self._budget = budget

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        try:
            connection = dial(host, port, self._budget.connecting())
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(error) from error
        except OSError as error:
            raise httpcore.ConnectError(error) from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Stream(SyncStream(connection), self._budget)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget
        budget.connected()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._budget.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if buffer:  # the end of a request is none
            self._stream.write(buffer, self._budget.cut(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        *_: Any,
        **__: Any,
    ) -> httpcore.NetworkStream:
        seconds = self._budget.connecting()
        secured = self._stream.start_tls(ssl_context, server_hostname, seconds)
        return _Stream(secured, self._budget)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
