"""The account `modzy`: an API key, or the token of a team."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jobctl.accounts import Account, Way, choice, credential
from jobctl.config import Kind, Profile, Setting
from jobctl.errors import ConfigError
from jobctl.masking.secrets import hide

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock


def _key(profile: Profile, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import Header

    return Header("Authorization", f"ApiKey {profile.require('api_key')}")


def _check_key(key: str, _name: str) -> None:
    if not re.fullmatch(r"[^.\s]+\.[^.\s]+", key):
        raise ConfigError(
            "api_key is not PREFIX.BODY, two words with one dot between (not shown)",
            hint="copy the whole key, with nothing before or after it",
        )
    hide(key.partition(".")[2])


def _team(profile: Profile, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import Headers

    token, team = profile.require("team_token"), profile.require("team_id")
    return Headers({"Authorization": f"Bearer {token}", "Modzy-Team-Id": team})


_WAYS = (
    Way("key", "an API key", ("api_key",), _key),
    Way(
        "team",
        "a team and its token",
        ("team_id", "team_token"),
        _team,
        begun_by=("team_token",),
    ),
)

ACCOUNT = Account(
    "modzy",
    (
        choice(_WAYS),
        Setting(
            "api_key",
            "the API key, PREFIX.BODY",
            ("MODZY_API_KEY",),
            secret=True,
            kind=Kind.WORD,
            check=_check_key,
        ),
        Setting("team_id", "the team that a team token is of", ("MODZY_TEAM_ID",), kind=Kind.WORD),
        credential(
            "team_token", "a team token, for those without an API key", ("MODZY_TEAM_TOKEN",)
        ),
    ),
    _WAYS,
    ("/etc/modzy/{profile}.yaml", "~/.modzy/{profile}.yaml"),
)
