"""The library's client, without what jobctl has no use for."""

from typing import Any

import httpx


class Client(httpx.Client):
    """A client that signs a request and sends it, and does no more.

    It follows no redirect, and keeps no cookies: they would be credentials that no profile knows
    of. `transport` gives answers that are read.
    """

    def __init__(self, *, transport: httpx.BaseTransport, **settings: Any) -> None:
        super().__init__(transport=transport, **settings)
        self._to = transport
        del self.headers["Connection"]  # it says what HTTP/1.1 does without it

    def build_request(
        self,
        method: str,
        url: httpx.URL | str,
        *,
        headers: Any = None,
        timeout: object = None,  # noqa: ARG002 - the transport has limits of its own
        **content: Any,
    ) -> httpx.Request:
        """A request with the client's headers."""
        merged = self.headers
        if headers:
            merged = httpx.Headers(merged)
            merged.update(headers)
        return httpx.Request(method, url, headers=merged, **content)

    def send(
        self, request: httpx.Request, *, auth: Any = httpx.USE_CLIENT_DEFAULT, **_: Any
    ) -> httpx.Response:
        """Send a request; `auth` is who signs it, by default the client's own.

        The library's way would take a tenth of a quick request's time, and leave the answer, body
        and all, to be found as garbage.
        """
        signer = self.auth if auth is httpx.USE_CLIENT_DEFAULT else auth
        if signer is None:
            return self._answer(request)
        steps = signer.sync_auth_flow(request)
        try:
            request = next(steps)
            while True:
                response = self._answer(request)
                try:
                    request = steps.send(response)
                except StopIteration:
                    return response
        finally:
            steps.close()

    def _answer(self, request: httpx.Request) -> httpx.Response:
        response = self._to.handle_request(request)
        response.request = request
        for hook in self.event_hooks["response"]:
            hook(response)
        return response
