"""The account `cognite`: a ready token, or an application of one of several identity providers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from jobctl.accounts import Account, Need, Way, bearer, choice, url
from jobctl.config import Kind, Profile, Setting
from jobctl.errors import ConfigError

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock

_IDP = "https://auth.cognite.com/oauth2/token"


def base_url(profile: Profile) -> str:
    """Where the API lies: as told, or derived from the cluster, whichever is nearer.

    Raises:
        ConfigError: nothing tells, or what does cannot be used.
    """
    if "base_url" in profile.family("base_url", "cluster"):
        return url(profile, "base_url")
    return profile.use("cluster", _cluster_url)


def _cluster_url(cluster: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+", cluster):
        raise ConfigError(f"{cluster!r} is no cluster", hint="one looks like westeurope-1")
    return f"https://{cluster}.cognitedata.com"


def _cluster(profile: Profile) -> str | None:
    """The cluster that the base URL names, else the setting."""
    host = urlsplit(base_url(profile)).hostname or ""
    found = re.fullmatch(r"(?:.+\.plink\.)?([^.]+)\.cognitedata\.com", host)
    return found[1] if found else profile.get("cluster")


def _identity(profile: Profile) -> tuple[Need, ...]:
    """What the kind of identity provider wants to be told."""
    needs: dict[str, tuple[Need, ...]] = {
        "entra_id": (("tenant_id", "token_url"),),
        "auth0": ("token_url", "project"),
        "other": ("token_url",),
    }
    return needs.get(profile.require("identity"), ())


def _grant(profile: Profile) -> tuple[str, str | None, str | None]:
    """Token URL, scope and audience, derived where they are not given."""
    identity, audience = profile.require("identity"), profile.get("audience")
    scopes = (profile.get("scopes") or "").replace(",", " ").split()
    scope = " ".join(scopes) or None
    if identity == "cdf":
        told = "token_url" in profile.family("identity", "token_url")
        return url(profile, "token_url") if told else _IDP, None, None
    if identity == "entra_id":
        cluster = _cluster(profile)
        derived = f"https://{cluster}.cognitedata.com/.default" if cluster else None
        if "token_url" in profile.family("tenant_id", "token_url"):
            return url(profile, "token_url"), scope or derived, audience
        if not (scope or derived):
            raise ConfigError(
                "the scope cannot be derived from base_url",
                hint="set cluster or scopes in the section cognite",
            )
        return profile.use("tenant_id", _entra), scope or derived, audience
    if identity == "auth0":
        project = profile.require("project")
        audience = audience or f"https://{project}.fusion.cognite.com/{project}"
        scope = scope or "IDENTITY user_impersonation"
    elif audience is None and (cluster := _cluster(profile)):
        audience = f"https://{cluster}.cognitedata.com"
    return url(profile, "token_url"), scope, audience


def _entra(tenant: str) -> str:
    return f"https://login.microsoftonline.com/{quote(tenant, safe='')}/oauth2/v2.0/token"


def _application(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.oauth import ClientCredentials

    token_url, scope, audience = _grant(profile)
    places = [profile.source(name) or "" for name in ("client_id", "client_secret")]
    if {place.partition("_")[0] for place in places} == {"COGNITE", "IDP"}:
        profile.warn(f"{' and '.join(places)} may belong to different applications")
    return ClientCredentials(
        token_url,
        profile.require("client_id"),
        profile.require("client_secret"),
        scope=scope,
        audience=audience,
        cache=cache,
        clock=clock,
    )


_WAYS = (
    Way("token", "a ready access token", ("token",), bearer("token")),
    Way(
        "client_credentials",
        "an application, to which the identity provider gives tokens",
        ("client_id", "client_secret"),
        _application,
        further=_identity,
        begun_by=("client_secret",),
    ),
)

ACCOUNT = Account(
    "cognite",
    (
        choice(_WAYS, "LOGIN_FLOW"),
        Setting(
            "token",
            "a ready access token",
            ("CDF_TOKEN", "COGNITE_TOKEN"),
            secret=True,
            kind=Kind.WORD,
        ),
        Setting("client_id", "the application", ("IDP_CLIENT_ID", "COGNITE_CLIENT_ID")),
        Setting(
            "client_secret",
            "the application's secret",
            ("IDP_CLIENT_SECRET", "COGNITE_CLIENT_SECRET"),
            secret=True,
        ),
        Setting(
            "identity",
            "the kind of identity provider",
            ("PROVIDER",),
            default="entra_id",
            choices=("entra_id", "auth0", "cdf", "other"),
        ),
        Setting("tenant_id", "the Entra tenant, which gives the token URL", ("IDP_TENANT_ID",)),
        Setting(
            "token_url",
            "where tokens are had; else derived from the tenant",
            ("IDP_TOKEN_URL", "COGNITE_TOKEN_URL"),
        ),
        Setting(
            "scopes",
            "the scopes to ask for; else derived",
            ("IDP_SCOPES", "COGNITE_TOKEN_SCOPES"),
            kind=Kind.LIST,
        ),
        Setting("audience", "the audience to ask for; else derived", ("IDP_AUDIENCE",)),
    ),
    _WAYS,
)
