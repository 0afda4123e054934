"""Asking again only for what has changed: `If-None-Match` of RFC 9110."""

import threading
from collections import OrderedDict
from typing import NamedTuple

import httpx

_LARGEST, _MOST = 1 << 18, 1 << 24  # bytes: of one body, and of all


class _Answer(NamedTuple):
    etag: str
    headers: httpx.Headers
    body: bytes


def _key(request: httpx.Request) -> str:
    """What is asked for: the same URL may have one answer in JSON and another as text."""
    return f"{request.url} {request.headers.get('Accept', '')}"


class Kept:
    """The latest answers that bear an ETag, by what was asked; of one account, on any thread."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, request: httpx.Request) -> _Answer | None:
        """The answer to the same request."""
        with self._lock:
            return self._answers.get(_key(request))

    def put(self, request: httpx.Request, response: httpx.Response) -> None:
        """Keep an answer, and as many of those before as there is room for."""
        key = _key(request)
        with self._lock:
            before = self._answers.pop(key, None)
            self._size -= len(before.body) if before else 0
            etag = response.headers.get("ETag")
            # others may come, but cannot be sent
            if not (etag and etag.isascii()) or len(response.content) > _LARGEST:
                return
            self._answers[key] = _Answer(etag, response.headers, response.content)
            self._size += len(response.content)
            while self._size > _MOST:
                _, oldest = self._answers.popitem(last=False)
                self._size -= len(oldest.body)


class Revalidating(httpx.BaseTransport):
    """Tells a service which answer is known; where that still holds, gives it once more."""

    def __init__(self, transport: httpx.BaseTransport, kept: Kept) -> None:
        self._transport = transport
        self._kept = kept

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        known = self._kept.get(request) if request.method == "GET" else None
        if known:
            request.headers["If-None-Match"] = known.etag
        response = self._transport.handle_request(request)
        if known and response.status_code == 304:
            # what the answer of now says of itself goes before, such as Retry-After and Date
            headers = httpx.Headers(known.headers)
            headers.update(response.headers)
            headers["Content-Length"] = str(len(known.body))
            return httpx.Response(200, headers=headers, content=known.body, request=request)
        if request.method == "GET" and response.status_code == 200:
            self._kept.put(request, response)
        return response

    def close(self) -> None:
        self._transport.close()
