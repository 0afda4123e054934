"""A token for a name and a password, or for whatever else a service wants to see first."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx

from jobctl import payload
from jobctl.auth.cache import Token, TokenCache, identity, usable
from jobctl.auth.header import sendable
from jobctl.auth.renewal import AskedToken, life, nonsense, refusal
from jobctl.clock import Clock

_WHO = "the sign-in"


class SignIn(NamedTuple):
    """The request for a token, and what is made of its answer.

    `content` is sent as `kind`, where there is some. `token` and `expires_in` read the JSON of the
    answer: the token, and how many seconds it lives; `send` gives the headers that show a token.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes
    kind: str
    token: Callable[[Any], Any]
    expires_in: Callable[[Any], Any]
    send: Callable[[str], Mapping[str, str]]


class Login(AskedToken):
    """Asks for tokens as a `SignIn` says; an answer without one refuses the credentials."""

    def __init__(
        self, told: SignIn, cache: TokenCache | None = None, clock: Clock | None = None
    ) -> None:
        # all that is sent makes the key, so that changed credentials are tried, whatever they are
        sent = told.content.decode("utf-8", "surrogateescape") + json.dumps(dict(told.headers))
        key = identity("login", told.url, secret=sent)
        super().__init__(told.url, key=key, cache=cache, clock=clock)
        self._told = told

    def ask(self) -> httpx.Request:
        told = self._told
        headers = {"Accept": "application/json", **told.headers}
        if told.kind:
            headers["Content-Type"] = told.kind
        return httpx.Request(told.method, told.url, headers=headers, content=told.content)

    def read(self, response: httpx.Response, now: float) -> Token:
        body = payload.json_or_none(response.content)
        if not response.is_success:
            said = payload.text(payload.mapping(body).get("message"))
            hint = "check the credentials of the account"
            raise refusal(response, _WHO, said, hint=hint, now=now)
        if body is None:
            raise nonsense(response, _WHO, "without the JSON it should")
        value = self._told.token(body)
        if not usable(value):
            hint = "check the credentials of the account"
            raise refusal(response, _WHO, "no token is in its answer", hint=hint, now=now)
        return Token(value, now, now + life(self._told.expires_in(body)))

    def show(self, request: httpx.Request, token: Token) -> None:
        for name, text in self._told.send(token.value).items():
            request.headers[name] = sendable(text, f"the header {name}")


def encoded(pairs: Mapping[str, str]) -> str:
    """Names and values as a query or a form."""
    return "&".join(f"{quote(k, safe='')}={quote(v, safe='')}" for k, v in pairs.items())
