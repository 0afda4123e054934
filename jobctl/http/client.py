"""The library's client, without what jobctl has no use for."""

from typing import Any

import httpx

_READ = httpx.ByteStream(b"")


class _None(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep none, and look for none: that would take a tenth of a quick request's time."""


_NONE = _None()


class Client(httpx.Client):
    """A client that keeps no cookies: they would be credentials that no profile knows of."""

    @property
    def cookies(self) -> httpx.Cookies:
        """There are none, whoever sets some."""
        return _NONE

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        pass

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send a request; the answer holds its body and no stream.

        The library's stream points back at the answer, and would keep it, body and all, until
        garbage is looked for.
        """
        response = super().send(request, **options)
        response.stream = _READ
        return response
