"""OAuth 2 device code: a person signs in with a browser, wherever that is, and the program waits.

https://www.rfc-editor.org/rfc/rfc8628
https://openid.net/specs/openid-connect-discovery-1_0.html
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx

from jobctl import payload
from jobctl.auth.cache import TokenCache, identity, usable
from jobctl.auth.oauth import Application, BearerToken, Grant, granted, said
from jobctl.auth.refresh import RefreshToken, Vault
from jobctl.auth.renewal import ANYWHERE, Fetching, nonsense, one_line, refusal, walked
from jobctl.clock import Clock
from jobctl.errors import AuthError, ConfigError, JobctlError, UnavailableError
from jobctl.http import check_url
from jobctl.http.address import origin
from jobctl.masking.secrets import hide

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_WHO = "the device authorization endpoint"
_HINT = "check client_id and the scope; the application must allow the device code flow"
_INTERVAL, _SLOWER, _SLOWEST = 5.0, 5.0, 60.0
_LIFE, _LONGEST_LIFE = 900.0, 3600.0
_DENIED = frozenset({"access_denied", "authorization_declined"})  # the second word is Entra's


class Endpoints(NamedTuple):
    """Where tokens and codes are had; what is None, the issuer's discovery document tells.

    What that tells is believed if it lies at the issuer's origin or at that of a URL given here:
    refresh tokens and codes are sent there, and nobody but the user says to which hosts.
    """

    token: str | None = None
    device: str | None = None
    issuer: str | None = None


class Code(NamedTuple):
    """What a person enters where, and what the program asks with meanwhile; times in seconds."""

    device: str
    user: str
    place: str
    life: float
    interval: float


class DeviceCode(BearerToken):
    """The tokens of a person, who signs in once: `sign_in`, which only `jobctl auth login` calls.

    Since then the refresh token gives new ones, each of which brings the next. Where there is none
    any more, requests raise an `AuthError` that names `jobctl auth login`.

    `login` is that command, as a person has to write it; `asked_with` are further fields of the
    request for a code; `vault` keeps the refresh token, by default the keyring.
    """

    alone = True

    def __init__(
        self,
        endpoints: Endpoints,
        application: Application,
        login: str,
        *,
        scope: str | None = None,
        audience: str | None = None,
        asked_with: Mapping[str, str] | None = None,
        cache: TokenCache | None = None,
        clock: Clock | None = None,
        vault: Vault | None = None,
    ) -> None:
        cache, self._clock = cache or TokenCache(), clock or Clock()
        where = [one or "" for one in endpoints]
        key = identity("device", *where, application.client_id, scope, audience, secret="")
        told = [one for one in endpoints if one]
        super().__init__(*told, key=key, cache=cache, clock=self._clock)
        self._endpoints = endpoints
        self._application = application
        self._mend = login
        self._form = {"scope": scope, "audience": audience, **(asked_with or {})}
        if vault is None:
            from jobctl.config.keyrings import Keyring

            vault = Keyring(self._mend)
        self._refresh = RefreshToken(key, cache, vault)

    def sign_in(
        self, client: httpx.Client, tell: Callable[[str], None], *, insecure: bool = False
    ) -> None:
        """Have a person sign in: `tell` says where and with which code, and how long it holds.

        Through a client for these `origins`. `insecure` is whether the refresh token may lie in a
        file where no keyring can keep it; else it is kept nowhere then, and `tell` says why.

        Raises:
            AuthError: it was denied, or not done in time.
            JobctlError: the identity provider gave no proper answer.
        """
        endpoints = walked(self._found(client.build_request("GET", ANYWHERE)), client)
        grant = self._granted(client, endpoints, tell)
        with self._cache.claim(self._key):
            now = self._now()
            self._refresh.drop(now)
            if grant.refresh is None:
                tell("signed in until the token ends: no refresh token came with it")
            else:
                try:
                    self._refresh.begin(grant.refresh, now, insecure=insecure)
                except AuthError as error:
                    tell(f"signed in until the token ends: {error.message}; {error.hint}")
            self._cache.put(self._key, grant.token)
        self._refused = None

    def forget(self) -> None:
        """Sign out: nothing is kept any more."""
        with self._cache.claim(self._key):
            self._refresh.drop(self._now())
            self._cache.drop(self._key)

    def fetch(self, like: httpx.Request) -> Fetching:
        refresh = self._refresh.get()
        if refresh is None:
            raise self._signed_out("nobody is signed in any more, or nobody has been")
        endpoints = yield from self._found(like)
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        asked = self._application.request(endpoints.token or "", form)
        response = yield from self.answer(asked, like)
        try:
            grant = granted(response, self._now())
        except AuthError as error:
            if said(response) != "invalid_grant":
                raise
            self._refresh.drop(self._now())
            raise self._signed_out(error.message) from None
        if grant.refresh:
            self._keep_next(grant.refresh)
        return grant.token

    def _keep_next(self, refresh: str) -> None:
        try:
            self._refresh.replace(refresh, self._now())
        except AuthError as error:
            if self._tell:
                self._tell(f"signed in until the token ends: {error.message}; {error.hint}")

    def _signed_out(self, why: str) -> AuthError:
        return AuthError(why, hint=self._mend)

    def _granted(
        self, client: httpx.Client, endpoints: Endpoints, tell: Callable[[str], None]
    ) -> Grant:
        asked = self._clock.now()
        start = self._application._replace(secret=None)  # only a token takes the secret
        request = start.request(endpoints.device or "", self._form)
        code = _code(client.send(request, auth=None), self._now())
        place = _shown(code.place)
        tell(f"to sign in, open {place} and enter the code {code.user} ({code.life:.0f} s)")
        form = {"grant_type": GRANT, "device_code": code.device}
        pause, ends = code.interval, asked + code.life
        while self._clock.now() + pause < ends:
            self._clock.sleep(pause)
            try:
                request = self._application.request(endpoints.token or "", form)
                response = client.send(request, auth=None)
                word = said(response)
                if word in _DENIED:
                    raise AuthError("the sign-in was denied", hint=self._mend)
                if word == "expired_token":
                    break
                if word == "slow_down":
                    pause += _SLOWER
                elif word != "authorization_pending":
                    return granted(response, self._now(), {}, _HINT)
            except JobctlError as error:
                if not error.transient:
                    raise
                pause = max(pause, min(2 * pause, _SLOWEST))
        raise AuthError("nobody signed in before the code ended", hint=self._mend)

    def _found(self, like: httpx.Request) -> Generator[httpx.Request, httpx.Response, Endpoints]:
        told = self._endpoints
        if told.issuer and not (told.token and told.device):
            url = f"{told.issuer}/.well-known/openid-configuration"
            asked = httpx.Request("GET", url, headers={"Accept": "application/json"})
            found = _discovered((yield from self.answer(asked, like)), told)
            self.origins = tuple(one for one in found if one)
            self._endpoints = found
        return self._endpoints


def _discovered(response: httpx.Response, told: Endpoints) -> Endpoints:
    who = "the discovery of the identity provider"
    body = payload.mapping(payload.json_or_none(response.content))
    if not response.is_success or not body:
        status = response.status_code
        raise UnavailableError(
            f"{who} at {response.url.host} answered {status}, no document of endpoints",
            hint="check the address of the identity provider",
            http_status=status,
            transient=status == 429 or status >= 500,
        )
    trusted = [one for one in told if one]
    names = ("token_endpoint", "device_authorization_endpoint")
    token, device = (
        given or _endpoint(payload.text(body.get(name)), name, trusted)
        for given, name in zip((told.token, told.device), names, strict=True)
    )
    return told._replace(token=token, device=device)


def _endpoint(url: str | None, name: str, trusted: Sequence[str]) -> str:
    """A URL of a discovery document.

    Raises:
        UnavailableError: it cannot be used, or lies where nobody said that it may.
    """
    if url is None:
        raise UnavailableError(
            f"the identity provider names no {name}",
            hint="it has no sign-in by device code, or the address is that of another one",
        )
    try:
        place = origin(httpx.URL(check_url(url, name)))
    except ConfigError as error:
        raise UnavailableError(f"of what the identity provider names, {error.message}") from None
    if place not in [origin(httpx.URL(one)) for one in trusted]:
        raise UnavailableError(
            f"the identity provider names a {name} at {one_line(urlsplit(url).netloc)}:"
            " credentials go to hosts alone that settings name",
            hint="set token_url to one at that host, if it is meant",
        )
    return url


def _code(response: httpx.Response, now: float) -> Code:
    body = payload.mapping(payload.json_or_none(response.content))
    if not response.is_success or body.get("error"):
        words = [payload.text(body.get(name)) for name in ("error", "error_description")]
        raise refusal(response, _WHO, ": ".join(filter(None, words)), hint=_HINT, now=now)
    device = payload.text(body.get("device_code"))
    user = one_line(payload.text(body.get("user_code")))
    place = payload.text(body.get("verification_uri") or body.get("verification_url"))
    if not usable(device) or not user or not place:
        raise nonsense(response, _WHO, "without a code and where to enter it")
    hide(device)
    life, interval = (payload.number(body.get(name)) for name in ("expires_in", "interval"))
    return Code(
        device,
        user,
        place,
        float(min(max(_LIFE if life is None else life, 0), _LONGEST_LIFE)),
        float(min(max(_INTERVAL if interval is None else interval, 1.0), _SLOWEST)),
    )


def _shown(place: str) -> str:
    """Where to go, as a person may be told: what is not https is no link that a terminal opens."""
    clean = one_line(place)
    try:
        check_url(clean.partition("?")[0], "verification_uri")
    except ConfigError:
        safe = False
    else:
        safe = clean == place
    return clean if safe else f"{clean.replace(':', '[:]')!r} (no https address: look twice)"
