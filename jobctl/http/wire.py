"""Connections: TLS, proxies, and a deadline for every answer."""

import os
import threading
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from ssl import SSLContext, create_default_context
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from jobctl.errors import ConfigError
from jobctl.http.address import Origin, is_loopback, origin
from jobctl.masking.secrets import hide

_SOCKS = ("socks5", "socks5h")

_contexts: dict[tuple[str, str], SSLContext] = {}
_contexts_lock = threading.Lock()


class Wire(httpx.BaseTransport):
    """Sends a request and gives the answer as it comes.

    Unlike the library's limits, which hold for each read, `timeout["read"]` of a request bounds the
    whole answer, head and body; `answer_by`, a time of the clock, bounds everything.
    `extensions["proxy"]` of the request tells the proxy that was used.
    """

    def __init__(self, now: Callable[[], float], *, trust_env: bool) -> None:
        self._budget = _Budget(now)
        self._trust_env = trust_env
        self._routes: dict[Origin, tuple[str | None, _Pool]] = {}
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        proxy, pool = self._route(request.url)
        request.extensions["proxy"] = proxy
        self._budget.begin(request.extensions["timeout"]["read"], request.extensions["answer_by"])
        return pool.handle_request(request)

    def close(self) -> None:
        for _, pool in self._routes.values():
            pool.close()

    def _route(self, url: httpx.URL) -> tuple[str | None, "_Pool"]:
        with self._lock:
            found = self._routes.get(origin(url))
            if found is None:
                # building a context costs more than a whole request over http
                context = tls_context(self._trust_env) if url.scheme == "https" else None
                address = _proxy_address(url) if self._trust_env else None
                pool = _Pool(_Backend(self._budget), context, address)
                found = self._routes[origin(url)] = (
                    address.netloc.decode() if address else None,
                    pool,
                )
            return found


def tls_context(trust_env: bool) -> SSLContext:
    """The settings of TLS, one for all threads: SSL_CERT_FILE and SSL_CERT_DIR, else certifi's.

    Raises:
        ConfigError: a variable names something unusable.
    """
    variables = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    file, folder = (os.environ.get(name, "") if trust_env else "" for name in variables)
    with _contexts_lock:
        if (file, folder) not in _contexts:
            _contexts[file, folder] = _tls_context(file, folder)
        return _contexts[file, folder]


def _tls_context(file: str, folder: str) -> SSLContext:
    if folder and not Path(folder).is_dir():
        raise ConfigError(f"SSL_CERT_DIR names {folder}, which is no folder")
    if not file and not folder:
        return httpx.create_ssl_context(trust_env=False)
    try:
        return create_default_context(cafile=file or None, capath=folder or None)
    except FileNotFoundError as error:
        raise ConfigError(f"SSL_CERT_FILE names {file}, which does not exist") from error
    except OSError as error:
        raise ConfigError(
            f"SSL_CERT_FILE names {file}, which cannot be read as certificates",
            hint="it must be a file in PEM format",
        ) from error


def _proxy_address(url: httpx.URL) -> httpx.URL | None:
    proxies = getproxies()
    scheme = url.scheme if proxies.get(url.scheme) else "all"
    text = proxies.get(scheme)
    port = origin(url)[2]
    if not text or proxy_bypass(url.host) or proxy_bypass(f"{url.host}:{port}"):
        return None
    variable = f"{scheme.upper()}_PROXY"
    try:
        address = httpx.URL(text if "://" in text else f"http://{text}")
    except (httpx.InvalidURL, ValueError):
        address = httpx.URL()
    hide(address.password or address.username)
    hide(address.userinfo.decode())
    if address.scheme not in ("http", "https", *_SOCKS) or not address.host:
        raise ConfigError(
            f"{variable} is not the URL of a proxy", hint="for example http://proxy.example:3128"
        )
    if url.scheme == "http" and not is_loopback(address.host):
        # what stays on this machine unencrypted would leave it, credentials and all
        return None
    if address.scheme in _SOCKS and find_spec("socksio") is None:
        raise ConfigError(
            f"{variable} names a SOCKS proxy, which needs a further package",
            hint="install socksio into the environment of jobctl",
        )
    return address


class _Pool(httpx.HTTPTransport):
    """The library's transport; only its pool is ours, since no argument of it takes a backend."""

    def __init__(
        self, backend: "_Backend", context: SSLContext | None, proxy: httpx.URL | None
    ) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            proxy=_proxy(proxy) if proxy else None,
            max_connections=100,
            # as long as most pauses; after longer ones the other end has often hung up
            keepalive_expiry=20.0,
            network_backend=backend,
        )


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

    def begin(self, seconds: float, answer_by: float) -> None:
        self._seconds, self._answer_by = seconds, answer_by
        self.connected()

    def connected(self) -> None:
        # connecting has a limit of its own
        self._ends = min(self._now() + self._seconds, self._answer_by)

    def cut(self, timeout: float | None) -> float:
        left = self._ends - self._now()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left if timeout is None else min(left, timeout)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, budget: _Budget) -> None:
        self._budget = budget
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._sockets.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Stream(stream, self._budget)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget
        budget.connected()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._budget.cut(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._budget.cut(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return _Stream(secured, self._budget)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
