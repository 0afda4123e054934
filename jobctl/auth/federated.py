"""The identity of a CI job or a workload, exchanged for a token: no secret is kept anywhere.

https://www.rfc-editor.org/rfc/rfc7523
https://learn.microsoft.com/entra/workload-id/workload-identity-federation
https://docs.oracle.com/en-us/iaas/Content/Identity/api-getstarted/ClientAssertion.htm
https://docs.github.com/actions/reference/security/oidc
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import NamedTuple

import httpx

from jobctl import payload
from jobctl.auth.cache import TokenCache, identity, usable
from jobctl.auth.header import sendable
from jobctl.auth.oauth import Application, BearerToken, granted
from jobctl.auth.renewal import Fetching, nonsense, refusal
from jobctl.clock import Clock
from jobctl.errors import ConfigError
from jobctl.masking.secrets import hide

_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_WHO = "the issuer of the job's identity"
_HINTS = {"invalid_scope": "check the scope"}
_HINT = "check client_id, and what the application trusts: issuer, subject and audience"


class Issuer(NamedTuple):
    """Where a job asks for its identity, as GitHub has it; `token` is what it shows there."""

    url: str
    token: str
    audience: str | None = None

    def request(self) -> httpx.Request:
        """The question.

        Raises:
            ConfigError: the token cannot be sent.
        """
        url = httpx.URL(self.url)
        if self.audience:
            url = url.copy_merge_params({"audience": self.audience})
        shown = sendable(self.token, "the setting id_token_request_token")
        headers = {"Accept": "application/json", "Authorization": f"Bearer {shown}"}
        return httpx.Request("GET", url, headers=headers)


class Federated(BearerToken):
    """Shows an ID token (a JWT that somebody trusted has signed) where tokens are had.

    It stands for the application's secret. An application that has one shows that, too: the ID
    token then says on whose behalf it asks. `source` gives the ID token whenever one is needed,
    since those end soon; `known` is what tells it from others.
    """

    def __init__(
        self,
        token_url: str,
        application: Application,
        source: Issuer | Callable[[], str],
        known: str,
        *,
        scope: str | None = None,
        audience: str | None = None,
        cache: TokenCache | None = None,
        clock: Clock | None = None,
    ) -> None:
        key = identity("federated", token_url, application.client_id, scope, audience, secret=known)
        urls = (token_url, source.url) if isinstance(source, Issuer) else (token_url,)
        super().__init__(*urls, key=key, cache=cache, clock=clock)
        self._application = application
        self._source = source
        self._form = {"scope": scope, "audience": audience}

    def fetch(self, like: httpx.Request) -> Fetching:
        assertion = yield from self._assertion(like)
        if self._application.secret is None:
            shown = {
                "grant_type": "client_credentials",
                "client_assertion_type": _ASSERTION,
                "client_assertion": assertion,
            }
        else:
            shown = {"grant_type": _BEARER, "assertion": assertion}
        asked = self._application.request(self.origins[0], {**shown, **self._form})
        response = yield from self.answer(asked, like)
        return granted(response, self._now(), _HINTS, _HINT).token

    def _assertion(self, like: httpx.Request) -> Generator[httpx.Request, httpx.Response, str]:
        if not isinstance(self._source, Issuer):
            given = self._source()
            if not usable(given):
                raise ConfigError("the ID token is no word that could be sent (not shown)")
            hide(given)
            return given
        response = yield from self.answer(self._source.request(), like)
        if not response.is_success:
            hint = "the job needs the permission to ask: id-token: write"
            raise refusal(response, _WHO, None, hint=hint, now=self._now())
        value = payload.mapping(payload.json_or_none(response.content)).get("value")
        if not usable(value):
            raise nonsense(response, _WHO, "without an ID token")
        hide(value)
        return value
