"""Connections to hosts of several addresses, some of which may be dead."""

import errno
import math
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Any

# RFC 8305, section 5, calls it the connection attempt delay
_NEXT_AFTER = 0.25
_UNDER_WAY = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK})


def dial(
    host: str,
    port: int,
    seconds: float,
    resolve: Callable[..., list[Any]] = socket.getaddrinfo,
    now: Callable[[], float] = time.monotonic,
) -> socket.socket:
    """A connection to the first address of a host that takes one, all within one limit.

    They are tried in the order of the system, each a moment after the one before, or as soon as
    that has failed; a living one is found behind any number of dead ones. How long the name takes
    to be resolved is the resolver's to limit.

    Raises:
        TimeoutError: none has answered within so many seconds.
        OSError: each has failed; the error is that of the last.
    """
    found = resolve(host, port, type=socket.SOCK_STREAM)
    left = deque((family, address) for family, *_, address in found)
    ends = now() + seconds
    # however many there are, the last one is left half of the time
    apart = min(_NEXT_AFTER, seconds / 2 / max(len(left), 1))
    failure = OSError()
    with selectors.DefaultSelector() as trying:
        try:
            while left or trying.get_map():
                if left:
                    try:
                        _begin(trying, *left.popleft())
                    except OSError as error:
                        failure = error
                        continue
                pause = min(ends - now(), apart if left else math.inf)
                if pause <= 0:
                    raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
                for key, _ in trying.select(pause):
                    tried: socket.socket = trying.unregister(key.fileobj).data
                    code = tried.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not code:
                        return tried
                    tried.close()
                    failure = OSError(code, os.strerror(code))
        finally:
            for key in trying.get_map().values():
                key.data.close()
    raise failure


def _begin(trying: selectors.BaseSelector, family: int, address: Any) -> None:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        code = connection.connect_ex(address)
        if code not in _UNDER_WAY:
            raise OSError(code, os.strerror(code))
        trying.register(connection, selectors.EVENT_WRITE, connection)
    except OSError:
        connection.close()
        raise
