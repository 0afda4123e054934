"""Credentials that ride in the query of every request."""

from collections.abc import Generator, Mapping

import httpx

from jobctl.auth.header import plain
from jobctl.masking.secrets import hide


class Query(httpx.Auth):
    """Adds parameters to the query, the same ones on every request; a 401 is final.

    Raises:
        ConfigError: a value is no text.
    """

    def __init__(self, parameters: Mapping[str, str]) -> None:
        self._parameters = {
            name: plain(value, f"the parameter {name}") for name, value in parameters.items()
        }
        for value in parameters.values():
            hide(value)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.url = request.url.copy_merge_params(self._parameters)
        yield request
