"""What stands in for secrets and for the network where a request is made and not sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

import httpx

from jobctl.auth.cache import Token, TokenCache
from jobctl.config import Profile, Setting, variable
from jobctl.config.profile import Found
from jobctl.http.transport import HEADERS

# of every shape that is looked for in a secret: PREFIX.BODY, USER:PASSWORD, a word
_STAND_IN = "secret:of.{}~"
STAND_IN = re.compile(r"secret(?::|%3A)of\.([A-Za-z][A-Za-z0-9_]*)~")


class Caught(Exception):  # noqa: N818 - no error, but what was waited for
    """A request that was about to be sent."""

    def __init__(self, request: httpx.Request) -> None:
        super().__init__()
        self.request = request


class _Catching(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> NoReturn:
        request.read()
        raise Caught(request)


class StandIns(TokenCache):
    """In the place of tokens, which would have to be asked for: what stands in for them."""

    def of(self, *owner: str, origin: str = "") -> TokenCache:  # noqa: ARG002 - they are nobody's
        return self

    def get(self, key: str) -> Token | None:
        if '"project"' in key:
            return None  # the id of a project, which is no secret
        project = {"project_id": _STAND_IN.format("project_id")}
        return Token(_STAND_IN.format("token"), 0.0, float("inf"), project)


def stand_in(profile: Profile, setting: Setting, found: Found) -> str | None:
    """What stands in for a secret, with the name of the variable that gives it, or would."""
    if not setting.secret:
        return None
    told = (found.origin.reference or found.origin.place).removeprefix("env:").strip()
    ours = variable(profile.account, setting.name)
    return _STAND_IN.format(told if re.fullmatch("[A-Z][A-Z0-9_]*", told) else ours)


def catching(auth: httpx.Auth | None, headers: Mapping[str, str]) -> httpx.Client:
    """A client that sends nothing; what has words for curl to sign in with is left to curl."""
    return httpx.Client(
        auth=None if getattr(auth, "curl", None) else auth,
        headers={**HEADERS, **headers},
        transport=_Catching(),
        trust_env=False,
    )
