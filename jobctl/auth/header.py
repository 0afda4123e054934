"""Credentials that are ready as they are: they ride in a header of every request."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from threading import Lock

import httpx

from jobctl.errors import ConfigError, JobctlError
from jobctl.masking.secrets import hide
from jobctl.payload import is_sendable

_COPIED = "it may have come along when the value was copied, such as a line break at its end"


class Headers(httpx.Auth):
    """Sets headers on every request.

    A 401 is final, unless they are others by then where they come from: see `made_by`.
    `origins` are the URLs, besides the service's own, whose origins may see them.

    Raises:
        ConfigError: a value cannot be sent in a header.
    """

    def __init__(self, headers: Mapping[str, str], origins: tuple[str, ...] = ()) -> None:
        self._headers = {
            name: sendable(value, f"the header {name}") for name, value in headers.items()
        }
        self.origins = origins
        self._make: Callable[[], Headers] | None = None
        self._lock = Lock()

    def made_by(self, make: Callable[[], Headers]) -> None:
        """Have them made anew after a 401: what a command prints ends, or a file has another."""
        self._make = make

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        shown = self._headers
        request.headers.update(shown)
        response = yield request
        if response.status_code == 401 and self._are_others(shown):
            request.headers.update(self._headers)
            yield request

    def _are_others(self, refused: Mapping[str, str]) -> bool:
        """Whether they are others than those by now; of threads one looks."""
        with self._lock:
            if self._headers is refused and self._make:
                with suppress(JobctlError):  # then it stays at the refusal
                    made = self._make()._headers
                    self._headers = made if made != refused else refused
            return self._headers is not refused


class Header(Headers):
    """Sets one header."""

    def __init__(self, name: str, value: str, origins: tuple[str, ...] = ()) -> None:
        super().__init__({name: value}, origins)


def bearer(token: str) -> Header:
    """A ready bearer token (RFC 6750).

    Raises:
        ConfigError: the token cannot be sent in a header.
    """
    return Header("Authorization", f"Bearer {sendable(token, 'the token')}")


def basic(username: str, password: str | None) -> Header:
    """Basic authentication (RFC 7617), in UTF-8; without a password it is empty.

    Raises:
        ConfigError: the user name holds a colon, or one of them a control character.
    """
    if ":" in username:
        raise ConfigError("the user name for basic authentication cannot hold a colon")
    secret = "" if password is None else plain(password, "the password")
    pair = f"{plain(username, 'the user name')}:{secret}"
    encoded = b64encode(pair.encode()).decode()
    hide(encoded)
    return Header("Authorization", f"Basic {encoded}")


def plain(value: str, what: str) -> str:
    """The value, if it is text; `what` names it in the error, which never shows it.

    Raises:
        ConfigError: it is empty, holds a control character, or was not UTF-8 where it came from.
    """
    if not value:
        raise ConfigError(f"{what} is empty")
    if any(char < " " or char == "\x7f" for char in value):
        raise ConfigError(f"{what} holds a control character (not shown)", hint=_COPIED)
    if not is_sendable(value):
        raise ConfigError(f"{what} holds bytes that are not UTF-8 (not shown)")
    return value


def sendable(value: str, what: str) -> str:
    """The value, if it can be sent in a header as it is.

    Raises:
        ConfigError: it is not `plain`, or holds anything but ASCII, or a blank at an end: servers
            do not read these alike.
    """
    if not plain(value, what).isascii():
        raise ConfigError(f"{what} holds a character beyond ASCII (not shown)", hint=_COPIED)
    if value != value.strip():
        raise ConfigError(f"{what} starts or ends with a blank", hint=_COPIED)
    return value
