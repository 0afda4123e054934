"""HTTP as the contract wants it: `connect()` gives a plain `httpx.Client` over our transport."""

import logging
import random
from collections.abc import Callable, Mapping

import httpx

from jobctl.clock import Clock
from jobctl.http.address import (
    check_url,
    is_private,
    joined,
    origin,
    origin_of,
    over_tls,
    read_url,
)
from jobctl.http.body import MAX_BODY, read_json, read_text
from jobctl.http.client import Client
from jobctl.http.headers import request_id, retry_after
from jobctl.http.revalidation import Kept, Revalidating
from jobctl.http.tls import USUAL, Trust
from jobctl.http.transport import HEADERS, Transport, is_retried
from jobctl.http.wire import Wire

__all__ = [
    "MAX_BODY",
    "Kept",
    "Trust",
    "check_url",
    "connect",
    "is_private",
    "is_retried",
    "joined",
    "origin",
    "origin_of",
    "over_tls",
    "read_json",
    "read_text",
    "read_url",
    "request_id",
    "retry_after",
]


def connect(
    base_url: str,
    auth: httpx.Auth | None,
    *,
    connect_timeout: float = 10.0,
    read_timeout: float = 30.0,
    waiting: bool = False,
    patience: float | None = None,
    retryable: Callable[[int, Mapping[str, str], bytes], bool] = is_retried,
    log: Callable[[int, str], None] | None = None,
    tell: Callable[[str], None] | None = None,
    trust_env: bool = True,
    trust: Trust = USUAL,
    plain: bool = False,
    kept: Kept | None = None,
    clock: Clock | None = None,
    chance: Callable[[float, float], float] = random.uniform,
    transport: httpx.BaseTransport | None = None,
    client: Callable[..., httpx.Client] | None = None,
) -> httpx.Client:
    """A client that follows section 7 of the contract. Requests name whole URLs.

    Every answer is read and decoded before it is handed up. An answer of any status is returned,
    redirects too. Limits that are given with a request are not looked at; with
    `extensions["silence"]` an answer ends when nothing has come for so many seconds.

    Args:
        base_url: where credentials may go, besides the `origins` of `auth` (URLs), if it has some.
        connect_timeout: seconds to connect.
        read_timeout: seconds for one whole answer.
        waiting: whether somebody goes on asking, so that giving up soon is better than a long try.
        patience: seconds after which no request is sent again; 30, or 3 when waiting.
        retryable: whether an answer (status, headers, body) to a GET may be better a little later.
        log: takes a level and a line for each try (1) and each header (2), secrets masked.
        tell: takes a line for people before each pause.
        trust_env: whether proxy variables, SSL_CERT_FILE and SSL_CERT_DIR count.
        trust: files of the service's own for TLS.
        plain: whether the service may be asked over plain http on another machine.
        kept: answers that are asked for again only where they have changed.
        chance: draws a number between two others.
        transport: sends the requests, for tests; by default they go over the network.
        client: makes the client of the library's arguments; by default a plain one.

    Raises:
        ConfigError: `base_url` cannot be used. A request raises it for an unusable proxy,
            SSL_CERT_FILE, SSL_CERT_DIR or credential.

    A request raises `UnavailableError` when there is no proper answer and when it would leave the
    allowed origins, `ThrottledError` when the service asks for a pause that is too long.
    """
    for library in ("httpx", "httpcore"):
        # they log URLs and headers as they are
        logging.getLogger(library).setLevel(logging.WARNING)
    clock = clock or Clock()
    if patience is None:
        patience = 3.0 if waiting else 30.0
    place = httpx.URL(check_url(base_url, "base_url", plain=plain))
    sent = Transport(
        transport or Wire(clock.now, trust_env=trust_env, trust=trust, place=origin(place)),
        place,
        auth,
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        patience=patience,
        waiting=waiting,
        retryable=retryable,
        log=log,
        tell=tell,
        clock=clock,
        chance=chance,
        plain=plain,
    )
    return (client or Client)(
        auth=auth,
        headers=HEADERS,
        follow_redirects=False,
        # no credentials from ~/.netrc; what of the environment counts, `Wire` reads
        trust_env=False,
        transport=sent if kept is None else Revalidating(sent, kept),
    )
