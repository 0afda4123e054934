"""The account `oracle-content`: a ready token, an application of the identity domain, or a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobctl.accounts import Account, Way, address, bearer, choice, credential, url
from jobctl.accounts.oauth import EXTERNAL, ID_TOKEN, TOKEN_COMMAND, Grants
from jobctl.config import Profile, Setting

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.auth.device import Endpoints
    from jobctl.clock import Clock


def _root(profile: Profile) -> str:
    return f"{url(profile, 'identity_url')}/oauth2/v1"


def _endpoints(profile: Profile) -> Endpoints:
    from jobctl.auth.device import Endpoints

    return Endpoints(f"{_root(profile)}/token", f"{_root(profile)}/device")


_GRANTS = Grants(
    lambda profile: f"{_root(profile)}/token",
    _endpoints,
    lambda profile, _: (profile.require("scope"), None),
    in_header=True,
    asked_with={"response_type": "device_code"},
)


def _user(profile: Profile, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
    from jobctl.auth import basic

    password = profile.require("password")
    return profile.use("username", lambda username: basic(username, password))


_WAYS = (
    Way("token", "a ready access token", ("token",), bearer("token")),
    Way(
        "client_credentials",
        "an application, to which the identity domain gives tokens",
        ("identity_url", "client_id", "client_secret", "scope"),
        _GRANTS.application,
        begun_by=("client_id", "client_secret"),
        whose=("client_id",),
    ),
    EXTERNAL,
    _GRANTS.person("identity_url", "client_id", "scope"),
    _GRANTS.job("identity_url", "client_id", "scope"),
    Way("basic", "a user and a password", ("username", "password"), _user, asked=True),
)

ACCOUNT = Account(
    "oracle-content",
    (
        choice(_WAYS),
        credential("token", "a ready access token"),
        address(
            "identity_url", "the identity domain, such as https://idcs-ID.identity.oraclecloud.com"
        ),
        Setting("client_id", "the application"),
        Setting("client_secret", "the application's secret", secret=True),
        Setting(
            "scope",
            "the scope to ask for,"
            " such as https://AUDIENCE.cec.ocp.oraclecloud.com:443/urn:opc:cec:all;"
            " with offline_access a person stays signed in",
        ),
        TOKEN_COMMAND,
        *ID_TOKEN,
        Setting("username", "the user, with auth: basic"),
        Setting("password", "the user's password, with auth: basic", secret=True),
    ),
    _WAYS,
)
