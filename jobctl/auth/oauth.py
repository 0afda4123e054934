"""OAuth 2: what goes to a token endpoint, and what comes from one; client credentials.

https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote_plus

import httpx

from jobctl import payload
from jobctl.auth.cache import Token, TokenCache, identity, usable
from jobctl.auth.header import plain
from jobctl.auth.renewal import AskedToken, RenewedToken, life, nonsense, refusal
from jobctl.clock import Clock
from jobctl.errors import JobctlError, UnavailableError
from jobctl.masking.secrets import hide

_WHO = "the token endpoint"
_HINTS = {
    "invalid_client": "check client_id and client_secret; the secret may have expired",
    "unauthorized_client": "the application may not sign in like that: ask its owner",
    "invalid_scope": "check the scope",
    "invalid_target": "check the audience",
}
_HINT = "check client_id, client_secret and the scope"
_WORDS = ("error", "error_description")
_PASSING = frozenset({"temporarily_unavailable", "server_error"})


class Application(NamedTuple):
    """Who asks for tokens; one without a secret is public.

    The secret goes into the form, or with `in_header` into the header Authorization,
    form-urlencoded first as RFC 6749 section 2.3.1 says.
    """

    client_id: str
    secret: str | None = None
    in_header: bool = False

    def request(self, url: str, form: Mapping[str, str | None]) -> httpx.Request:
        """The application's question; fields without a value are left out.

        Raises:
            ConfigError: id or secret is no text.
        """
        sent = {name: text for name, text in form.items() if text}
        headers = {"Accept": "application/json"}
        plain(self.client_id, "client_id")
        if self.secret is not None:
            hide(plain(self.secret, "client_secret"))
        if self.secret is not None and self.in_header:
            pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
            encoded = b64encode(pair.encode()).decode()
            hide(encoded)
            headers["Authorization"] = f"Basic {encoded}"
        else:
            sent["client_id"] = self.client_id
            if self.secret is not None:
                sent["client_secret"] = self.secret
        return httpx.Request("POST", url, data=sent, headers=headers)


class Grant(NamedTuple):
    """What a token endpoint gave: a token, and perhaps what gives the next one."""

    token: Token
    refresh: str | None = None


def granted(
    response: httpx.Response, now: float, hints: Mapping[str, str] = _HINTS, hint: str = _HINT
) -> Grant:
    """What is in the answer of a token endpoint, all of it hidden.

    `hints` are what to do by the word of an error, `hint` by any other.

    Raises:
        AuthError: the credentials are refused.
        JobctlError: there is no token for another reason.
    """
    body = payload.json_or_none(response.content)
    if not isinstance(body, dict):
        if response.is_success or response.status_code == 400:
            raise nonsense(response, _WHO, "without the JSON object it should")
        body = {}
    if body.get("error") or not response.is_success:
        raise _refused(response, body, now, hints, hint)
    value, refresh = body.get("access_token"), body.get("refresh_token")
    if not usable(value):
        raise nonsense(response, _WHO, "without a usable access_token")
    hide(value)
    if usable(refresh):
        hide(refresh)
        return Grant(Token(value, now, now + life(body.get("expires_in"))), refresh)
    return Grant(Token(value, now, now + life(body.get("expires_in"))))


def said(response: httpx.Response) -> str | None:
    """The word for the error in an answer, as OAuth 2 has them; None where there is none."""
    return payload.text(payload.mapping(payload.json_or_none(response.content)).get("error"))


class BearerToken(RenewedToken):
    """A token that requests show as RFC 6750 says."""

    def show(self, request: httpx.Request, token: Token) -> None:
        request.headers["Authorization"] = f"Bearer {token.value}"


class ClientCredentials(BearerToken, AskedToken):
    """Asks for tokens in an application's own name.

    `scope` is a list with blanks between; `audience` the service the token is for, where the
    identity provider wants it. `in_header` is as for `Application`.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        *,
        scope: str | None = None,
        audience: str | None = None,
        in_header: bool = False,
        cache: TokenCache | None = None,
        clock: Clock | None = None,
    ) -> None:
        way = "header" if in_header else "form"
        key = identity("oauth", token_url, client_id, scope, audience, way, secret=client_secret)
        super().__init__(token_url, key=key, cache=cache, clock=clock)
        self._application = Application(client_id, client_secret, in_header)
        self._form = {"grant_type": "client_credentials", "scope": scope, "audience": audience}
        self.ask()  # what cannot be sent is told at once

    def ask(self) -> httpx.Request:
        return self._application.request(self.origins[0], self._form)

    def read(self, response: httpx.Response, now: float) -> Token:
        return granted(response, now).token


def _refused(
    response: httpx.Response,
    body: Mapping[str, Any],
    now: float,
    hints: Mapping[str, str],
    hint: str,
) -> JobctlError:
    words = [text for name in _WORDS if isinstance(text := body.get(name), str)]
    error = words[0] if words else ""
    refused = refusal(response, _WHO, ": ".join(words), hint=hints.get(error, hint), now=now)
    if error not in _PASSING:
        return refused
    return refused.instead(
        UnavailableError, refused.message, transient=True, retry_after=refused.retry_after
    )
