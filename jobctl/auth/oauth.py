"""OAuth 2: client credentials.

https://www.rfc-editor.org/rfc/rfc6749#section-4.4
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import httpx

from jobctl import payload
from jobctl.auth.cache import Token, TokenCache, identity, usable
from jobctl.auth.header import plain
from jobctl.auth.renewal import USUAL_LIFE, RenewedToken, nonsense, refusal
from jobctl.clock import Clock
from jobctl.errors import JobctlError, UnavailableError
from jobctl.masking.secrets import hide

_WHO = "the token endpoint"
_LONGEST = 366 * 86400.0
_HINTS = {
    "invalid_client": "check client_id and client_secret; the secret may have expired",
    "unauthorized_client": "the application may not sign in by itself: ask its owner",
    "invalid_scope": "check the scope",
    "invalid_target": "check the audience",
    "invalid_grant": "check client_id, client_secret and the scope",
}
_WORDS = ("error", "error_description")
_PASSING = frozenset({"temporarily_unavailable", "server_error"})


class ClientCredentials(RenewedToken):
    """Asks for tokens in an application's own name.

    `scope` is a list with blanks between; `audience` the service the token is for, where the
    identity provider wants it. The secret goes into the form, or with `in_header` into the header
    Authorization, form-urlencoded first as RFC 6749 section 2.3.1 says.
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
        super().__init__(token_url, key, cache, clock)
        hide(plain(client_secret, "client_secret"))
        plain(client_id, "client_id")
        given = {"grant_type": "client_credentials", "scope": scope, "audience": audience}
        self._form = {name: text for name, text in given.items() if text}
        self._headers = {"Accept": "application/json"}
        if in_header:
            pair = f"{quote_plus(client_id)}:{quote_plus(client_secret)}"
            encoded = b64encode(pair.encode()).decode()
            hide(encoded)
            self._headers["Authorization"] = f"Basic {encoded}"
        else:
            self._form |= {"client_id": client_id, "client_secret": client_secret}

    def ask(self) -> httpx.Request:
        return httpx.Request("POST", self.origins[0], data=self._form, headers=self._headers)

    def read(self, response: httpx.Response, now: float) -> Token:
        body = payload.json_or_none(response.content)
        if not isinstance(body, dict):
            if response.is_success or response.status_code == 400:
                raise nonsense(response, _WHO, "without the JSON object it should")
            body = {}
        if body.get("error") or not response.is_success:
            raise _refused(response, body, now)
        value = body.get("access_token")
        if not usable(value):
            raise nonsense(response, _WHO, "without a usable access_token")
        return Token(value, now, now + _life(body.get("expires_in")))

    def show(self, request: httpx.Request, token: Token) -> None:
        request.headers["Authorization"] = f"Bearer {token.value}"


def _refused(response: httpx.Response, body: Mapping[str, Any], now: float) -> JobctlError:
    said = [text for name in _WORDS if isinstance(text := body.get(name), str)]
    error = said[0] if said else ""
    hint = _HINTS.get(error, "check client_id, client_secret and the scope")
    refused = refusal(response, _WHO, ": ".join(said), hint=hint, now=now)
    if error not in _PASSING:
        return refused
    return UnavailableError(
        refused.message,
        http_status=refused.http_status,
        request_id=refused.request_id,
        transient=True,
        retry_after=refused.retry_after,
    )


def _life(told: object) -> float:
    """Seconds a token lives: a whole number, also one written as text."""
    if isinstance(told, str) and told.isascii() and told.isdigit():
        told = float(told)
    if isinstance(told, bool) or not isinstance(told, int | float):
        return USUAL_LIFE
    # no NaN, nothing before now, no end beyond what a clock can tell
    return min(max(0.0, told), _LONGEST)
