"""The three ways to sign in to Huawei Cloud, as flows that httpx drives."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from copy import copy
from threading import Lock
from typing import Any
from urllib.parse import quote

import httpx

from jobctl import payload
from jobctl.auth.cache import Token, TokenCache, identity, usable
from jobctl.auth.header import plain, sendable
from jobctl.auth.huawei.signing import canonical_query, signature
from jobctl.auth.renewal import AskedToken, Turn, life, nonsense, refusal
from jobctl.clock import Clock
from jobctl.errors import ConfigError, JobctlError
from jobctl.masking.secrets import hide

_WHO = "IAM"
_DAY = 86400.0
_SIGNED = ("Host", "X-Sdk-Date", "X-Project-Id", "X-Security-Token")


class _Ready(httpx.Auth, ABC):
    """Credentials that need no token of IAM, whose project IAM can name if it is known where.

    A 401 is final: nothing is asked with them again, since five in a row lock a key. So that
    threads do not meet these five together, none asks before the first knows how its try ended.
    """

    def __init__(
        self, iam: str | None, key: str, cache: TokenCache | None, clock: Clock | None
    ) -> None:
        self.origins: tuple[str, ...] = (iam,) if iam else ()
        self._key = key
        self._cache = cache or TokenCache()
        self._now = clock.wall if clock else time.time
        self._turn = Turn()
        self._first = Lock()
        self._tried = False
        self._refused: JobctlError | None = None

    @abstractmethod
    def sign(self, request: httpx.Request) -> None:
        """Put the credentials into a request; may be done again before it is sent again."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        with self._first:
            first = not self._tried
            if first:
                try:
                    yield from self._once(request)
                finally:
                    self._tried = True
        if not first:
            yield from self._once(request)

    def _once(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        if self._refused:
            raise copy(self._refused)
        self.sign(request)
        response = yield request
        if response.status_code == 401:
            response.read()
            self._refused = _refused(response, self._now(), _ONCE, "the service")

    def project(self, name: str, client: httpx.Client) -> str:
        """The id of the project of that name, kept for a day.

        Raises:
            ConfigError: there is none, or several.
            JobctlError: IAM gave no proper answer.
        """
        key = json.dumps([self._key, "project", name])
        with self._turn:
            known = self._cache.get(key)
            if known is None or not known.fresh(self._now()):
                url = f"{self.origins[0]}/v3/projects?name={quote(name, safe='')}"
                now = self._now()
                known = Token(_only(client.get(url, auth=self), name, now), now, now + _DAY)
                self._cache.put(key, known)
            return known.value


class ReadyToken(_Ready):
    """A token the user brings (`X-Auth-Token`); it cannot be renewed."""

    def __init__(
        self,
        token: str,
        iam: str | None = None,
        cache: TokenCache | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(iam, identity("token", iam, secret=token), cache, clock)
        self._token = sendable(token, "the setting token")

    def sign(self, request: httpx.Request) -> None:
        request.headers["X-Auth-Token"] = self._token


class AkSk(_Ready):
    """Signs with an access key and its secret key, temporary ones with their security token.

    A signature holds for 15 minutes; `sign` makes a new one for each attempt.
    """

    requires_request_body = True
    by_request = True

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        security_token: str | None = None,
        *,
        iam: str | None = None,
        project_id: str | None = None,
        cache: TokenCache | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(iam, identity("aksk", iam, access_key, secret=secret_key), cache, clock)
        self._access_key = sendable(access_key, "the setting access_key")
        self._secret_key = plain(secret_key, "the setting secret_key")
        self._fixed: dict[str, str] = {}
        if security_token:
            self._fixed["X-Security-Token"] = sendable(security_token, "the setting security_token")
        if project_id:
            self._fixed["X-Project-Id"] = sendable(project_id, "the setting project_id")

    def project(self, name: str, client: httpx.Client) -> str:
        if "X-Project-Id" not in self._fixed:
            self._fixed["X-Project-Id"] = super().project(name, client)
        return self._fixed["X-Project-Id"]

    def sign(self, request: httpx.Request) -> None:
        request.headers.update(self._fixed)
        request.headers["X-Sdk-Date"] = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now()))
        # what goes over the wire is what is signed
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        wire = f"{path}?{canonical_query(query)}" if query else path
        request.url = request.url.copy_with(raw_path=wire.encode("ascii"))
        signed = _SIGNED + (("Content-Type",) if request.content else ())
        request.headers["Authorization"] = signature(
            request.method,
            wire,
            {name: request.headers[name] for name in signed if name in request.headers},
            request.content,
            self._access_key,
            self._secret_key,
        )


class Password(AskedToken):
    """Asks IAM for a token of the project for an IAM user, and keeps it for its life.

    `project` is `{"id": ...}` or `{"name": ...}`. The token's `extra` holds `project_id`.
    https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
    """

    def __init__(
        self,
        iam: str,
        *,
        username: str,
        password: str,
        domain: str,
        project: Mapping[str, str],
        cache: TokenCache | None = None,
        clock: Clock | None = None,
    ) -> None:
        scope = json.dumps(dict(project))
        key = identity("iam", iam, domain, username, scope, secret=password)
        super().__init__(iam, key=key, cache=cache, clock=clock)
        hide(password)
        user = {"name": username, "password": password, "domain": {"name": domain}}
        self._form = {
            "auth": {
                "identity": {"methods": ["password"], "password": {"user": user}},
                "scope": {"project": dict(project)},
            }
        }

    def ask(self) -> httpx.Request:
        url = f"{self.origins[0]}/v3/auth/tokens?nocatalog=true"
        return httpx.Request("POST", url, json=self._form, headers={"Accept": "application/json"})

    def read(self, response: httpx.Response, now: float) -> Token:
        if not response.is_success:
            raise _refused(response, now, _LOCKED if response.status_code == 401 else _SCOPE)
        value = response.headers.get("X-Subject-Token")
        body = payload.mapping(payload.mapping(payload.json_or_none(response.content)).get("token"))
        project = payload.mapping(body.get("project")).get("id")
        if not usable(value) or not usable(project):
            raise nonsense(response, _WHO, "without a token of a project")
        return Token(value, now, now + _life(body), {"project_id": project})

    def show(self, request: httpx.Request, token: Token) -> None:
        request.headers["X-Auth-Token"] = token.value


_LOCKED = (
    "check username, password and domain: a HUAWEI ID needs an IAM user to sign in here. It is not"
    " tried again, since repeated wrong passwords lock the account"
)
_SCOPE = "check username, domain and region, and project_name if it is set"
_ONCE = (
    "check the credentials and this machine's clock; they are not tried again, since repeated"
    " failures lock a key"
)
_FIND = "check the credentials, or set project_id"


def _only(response: httpx.Response, name: str, now: float) -> str:
    if response.status_code != 200:
        raise _refused(response, now, _FIND)
    listed = payload.mapping(payload.json_or_none(response.content)).get("projects")
    if not isinstance(listed, list):
        raise nonsense(response, _WHO, "without a list of projects")
    ids = [found for project in listed if usable(found := payload.mapping(project).get("id"))]
    if len(ids) != 1:
        raise ConfigError(
            f"IAM knows {len(ids)} projects named {name!r}"
            + (f": {', '.join(ids)}" if ids else ""),
            hint="set project_id in the section huawei" + (" to one of them" if ids else ""),
        )
    return ids[0]


def _refused(response: httpx.Response, now: float, hint: str, who: str = _WHO) -> JobctlError:
    body = payload.mapping(payload.json_or_none(response.content))
    # the older APIs nest it: {"error": {"code": 401, "message": ..., "title": ...}}
    inner = payload.mapping(body.get("error")) or body
    words = [payload.text(inner.get(name)) for name in ("error_code", "error_msg", "message")]
    return refusal(response, who, ": ".join(filter(None, words)), hint=hint, now=now)


def _life(token: Mapping[str, Any]) -> float:
    """Seconds from issue to end: by the service's own clock, whatever ours says."""
    issued, ends = (payload.iso_time(token.get(name)) for name in ("issued_at", "expires_at"))
    return life(payload.seconds_between(issued, ends))
