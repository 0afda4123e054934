"""Tokens that a command of the user's own prints, as the plug-ins of kubectl do.

https://kubernetes.io/docs/reference/config-api/client-authentication.v1/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from jobctl import payload
from jobctl.auth.cache import Token, TokenCache, identity, usable
from jobctl.auth.oauth import BearerToken
from jobctl.auth.renewal import LONGEST_LIFE, Fetching, life
from jobctl.clock import Clock
from jobctl.errors import AuthError, ConfigError

_TOKENS = ("token", "access_token", "accessToken")
_ENDS = ("expires_at", "expires_on", "expiration", "expirationTimestamp")
_HINT = 'run it by hand: it must print JSON: {"token": "...", "expires_at": "2030-01-02T03:04:05Z"}'


class External(BearerToken):
    """Runs a command for a token, which is kept for its life; after a 401 it is run once more.

    `run` gives what the command prints; `command` is the command, which makes the key.
    """

    def __init__(
        self,
        command: str,
        run: Callable[[], bytes],
        cache: TokenCache | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(key=identity("external", secret=command), cache=cache, clock=clock)
        self._run = run

    def fetch(self, like: httpx.Request) -> Fetching:  # noqa: ARG002
        yield from ()  # nothing is asked of anybody
        try:
            output = self._run()
        except ConfigError as error:
            raise AuthError(error.message, hint=error.hint) from None
        return read(output, self._now())


def read(output: bytes, now: float) -> Token:
    """The token that a command has printed: an ExecCredential of kubectl, or a plain object.

    Raises:
        AuthError: there is none, or it has ended. What was printed is not repeated.
    """
    printed = payload.mapping(payload.json_or_none(output))
    told = payload.mapping(printed.get("status")) or printed
    value = next((told[name] for name in _TOKENS if told.get(name)), None)
    if not usable(value):
        raise AuthError("token_command printed no JSON object with a token", hint=_HINT)
    ends = float(max(min(_end(told, now), now + LONGEST_LIFE), 0))
    if ends <= now:
        raise AuthError("token_command printed a token that has ended", hint=_HINT)
    return Token(value, now, ends)


def _end(told: Mapping[str, Any], now: float) -> float:
    """When a token ends, in epoch seconds; of several spellings the first that can be read."""
    for name in _ENDS:
        seconds = payload.number(told.get(name))
        if seconds is not None:
            return seconds
        moment = payload.iso_time(told.get(name))
        if moment is not None:
            return moment.timestamp()
    return now + life(told.get("expires_in"))
