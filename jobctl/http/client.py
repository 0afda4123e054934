"""The library's client without cookies: they would be credentials that no profile knows of."""

import httpx


class _None(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep none, and look for none: that would take a tenth of a quick request's time."""


class Client(httpx.Client):
    """A client that keeps no cookies."""

    @property
    def cookies(self) -> httpx.Cookies:
        """There are none, whoever sets some."""
        return _None()

    @cookies.setter
    def cookies(self, cookies: object) -> None:
        pass
