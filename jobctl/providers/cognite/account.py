"""The account `cognite`: a token, an application or a person, of several identity providers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from jobctl.accounts import Account, Need, Way, address, bearer, choice, credential, url
from jobctl.accounts.oauth import EXTERNAL, ID_TOKEN, TOKEN_COMMAND, Grants
from jobctl.config import Kind, Profile, Setting
from jobctl.errors import ConfigError

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.auth.device import Endpoints
    from jobctl.clock import Clock

_IDP = "https://auth.cognite.com/oauth2/token"
_OF_A_PERSON = "profile openid offline_access"
_EXCHANGE = "api://AzureADTokenExchange"  # the audience that Entra expects of others' tokens


def base_url(profile: Profile) -> str:
    """Where the API lies: as told, or derived from the cluster, whichever is nearer.

    Raises:
        ConfigError: nothing tells, or what does cannot be used.
    """
    if "base_url" in profile.family("base_url", "cluster"):
        return url(profile, "base_url")
    return f"https://{profile.require('cluster')}.cognitedata.com"


def check_cluster(cluster: str, _name: str) -> None:
    """See that a setting holds the name of a cluster.

    Raises:
        ConfigError: it does not.
    """
    if not re.fullmatch(r"[A-Za-z0-9.-]+", cluster):
        raise ConfigError(f"{cluster!r} is no cluster", hint="one looks like westeurope-1")


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


def _token_url(profile: Profile) -> str:
    """Where an application has tokens, derived where it is not given."""
    identity = profile.require("identity")
    if identity == "cdf" and "token_url" not in profile.family("identity", "token_url"):
        return _IDP
    if identity == "entra_id" and "token_url" not in profile.family("tenant_id", "token_url"):
        return f"{profile.use('tenant_id', _entra)}/token"
    return url(profile, "token_url")


def _wanted(profile: Profile, person: bool) -> tuple[str | None, str | None]:
    """Scope and audience for an application or a person, derived where they are not given."""
    identity, audience = profile.require("identity"), profile.get("audience")
    scope = " ".join((profile.get("scopes") or "").replace(",", " ").split()) or None
    if identity == "cdf":
        return None, None
    cluster = _cluster(profile)
    root = f"https://{cluster}.cognitedata.com" if cluster else None
    if identity == "entra_id":
        if root and person:
            scope = scope or f"{root}/IDENTITY {root}/user_impersonation {_OF_A_PERSON}"
        elif root:
            scope = scope or f"{root}/.default"
        if not scope and (person or "token_url" not in profile.family("tenant_id", "token_url")):
            raise ConfigError(
                "the scope cannot be derived from base_url",
                hint="set cluster or scopes in the section cognite",
            )
        return scope, audience
    usual = _OF_A_PERSON if person else None
    if identity == "auth0":
        project = profile.require("project")
        usual = "IDENTITY user_impersonation" + (f" {usual}" if usual else "")
        return scope or usual, audience or f"https://{project}.fusion.cognite.com/{project}"
    return scope or usual, audience or root


def _entra(tenant: str) -> str:
    return f"https://login.microsoftonline.com/{quote(tenant, safe='')}/oauth2/v2.0"


def _application(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    places = [profile.source(name) or "" for name in ("client_id", "client_secret")]
    if {place.partition("_")[0] for place in places} == {"COGNITE", "IDP"}:
        profile.warn(f"{' and '.join(places)} may belong to different applications")
    return _GRANTS.application(profile, cache, clock)


def _endpoints(profile: Profile) -> Endpoints:
    """Where a person signs in, by the nearest place that tells."""
    from jobctl.auth.device import Endpoints

    names = ("discovery_url", "authority_url", "tenant_id")
    told = profile.family(*names)
    near = "token_url" in profile.family(*names, "token_url")
    token_url = url(profile, "token_url") if near else None
    if "discovery_url" in told:
        issuer = url(profile, "discovery_url").removesuffix("/.well-known/openid-configuration")
        return Endpoints(token=token_url, issuer=issuer)
    if "authority_url" in told:
        root = f"{url(profile, 'authority_url')}/oauth2/v2.0"
    else:
        root = profile.use("tenant_id", _entra)
    return Endpoints(token_url or f"{root}/token", f"{root}/devicecode")


def _exchanged_for(profile: Profile) -> str | None:
    return _EXCHANGE if profile.require("identity") == "entra_id" else None


_GRANTS = Grants(_token_url, _endpoints, _wanted, exchanged_for=_exchanged_for)
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
    EXTERNAL,
    _GRANTS.person("client_id", ("tenant_id", "authority_url", "discovery_url")),
    _GRANTS.job("client_id", further=_identity),
)

ACCOUNT = Account(
    "cognite",
    (
        choice(_WAYS, "LOGIN_FLOW"),
        credential("token", "a ready access token", ("CDF_TOKEN", "COGNITE_TOKEN")),
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
        TOKEN_COMMAND,
        Setting("tenant_id", "the Entra tenant, which gives the token URL", ("IDP_TENANT_ID",)),
        address(
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
        address(
            "authority_url",
            "where a person signs in, such as https://login.microsoftonline.com/TENANT",
            ("IDP_AUTHORITY_URL", "COGNITE_AUTHORITY_URL"),
        ),
        address(
            "discovery_url",
            "where a person signs in at another OIDC issuer, whose endpoints it tells",
            ("IDP_DISCOVERY_URL",),
        ),
        *ID_TOKEN,
    ),
    _WAYS,
)
