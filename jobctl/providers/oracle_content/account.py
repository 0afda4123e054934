"""The account `oracle-content`: a ready token, an application of the identity domain, or a user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobctl.accounts import Account, Way, bearer, check_address, choice, url
from jobctl.accounts.oauth import EXTERNAL, ID_TOKEN, TOKEN_COMMAND, id_token, job, login, person
from jobctl.config import Kind, Profile, Setting

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock


def _application(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.oauth import ClientCredentials

    return ClientCredentials(
        f"{url(profile, 'identity_url')}/oauth2/v1/token",
        profile.require("client_id"),
        profile.require("client_secret"),
        scope=profile.require("scope"),
        in_header=True,
        cache=cache,
        clock=clock,
    )


def _person(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.device import DeviceCode, Endpoints
    from jobctl.auth.oauth import Application

    root = f"{url(profile, 'identity_url')}/oauth2/v1"
    return DeviceCode(
        Endpoints(f"{root}/token", f"{root}/device"),
        Application(profile.require("client_id"), profile.get("client_secret"), in_header=True),
        login(profile),
        scope=profile.require("scope"),
        asked_with={"response_type": "device_code"},
        cache=cache,
        clock=clock,
    )


def _job(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.federated import Federated
    from jobctl.auth.oauth import Application

    source, known = id_token(profile)
    return Federated(
        f"{url(profile, 'identity_url')}/oauth2/v1/token",
        Application(profile.require("client_id"), profile.get("client_secret"), in_header=True),
        source,
        known,
        scope=profile.require("scope"),
        cache=cache,
        clock=clock,
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
        _application,
        begun_by=("client_id", "client_secret"),
        whose=("client_id",),
    ),
    EXTERNAL,
    person(_person, "identity_url", "client_id", "scope"),
    job(_job, "identity_url", "client_id", "scope"),
    Way("basic", "a user and a password", ("username", "password"), _user, asked=True),
)

ACCOUNT = Account(
    "oracle-content",
    (
        choice(_WAYS),
        Setting("token", "a ready access token", secret=True, kind=Kind.WORD),
        Setting(
            "identity_url",
            "the identity domain, such as https://idcs-ID.identity.oraclecloud.com",
            check=check_address,
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
