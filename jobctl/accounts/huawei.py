"""Huawei Cloud: the account `huawei`, and what its services have in common.

https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from jobctl import files, payload
from jobctl.accounts import Account, Need, Way, address, choice, credential, url
from jobctl.config import Kind, Profile, Setting
from jobctl.config.folders import expanded
from jobctl.config.ini import Ini
from jobctl.config.profile import placed
from jobctl.errors import ConfigError
from jobctl.masking.secrets import hide

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock

# What the API gateway itself answers, whatever the service: statuses and codes.
NOT_PUBLISHED: tuple[tuple[int | None, str | None], ...] = (
    (404, "APIGW.0101"),
    (404, "APIG.0101"),
    (404, "APIGW.0103"),
    (404, "APIG.0103"),
)
WRONG_TIME: tuple[tuple[int | None, str | None], ...] = ((None, "APIGW.0303"), (None, "APIG.0303"))
CLOCK = "check this machine's clock: the gateway allows 15 minutes"

_LARGEST = 1 << 20
_CLOUD = "myhuaweicloud.com"
_KEYS = ("access_key", "secret_key", "security_token")


def endpoint(profile: Profile, prefix: str) -> str:
    """The URL of a service: the setting `base_url`, else made of the host's prefix and the region.

    Raises:
        ConfigError: there is neither `base_url` nor a region, or the region is none.
    """
    if not profile.get("base_url"):
        return _regional(profile, prefix)
    plain = profile.allows_http
    return profile.use("base_url", lambda text: _first(text, plain=plain))


def check_endpoint(text: str, _name: str) -> None:
    """See that a setting holds the URL of a service, or several of them.

    Raises:
        ConfigError: it does not.
    """
    _first(text, plain=True)


def _first(text: str, *, plain: bool) -> str:
    from jobctl.http import check_url

    # the vendor's variable may list several endpoints
    return check_url(text.partition(",")[0], "base_url", plain=plain)


def project_id(profile: Profile, auth: httpx.Auth | None, client: httpx.Client) -> str:
    """The id of the project: the setting, else the token's own, else the one IAM finds by name.

    Asks IAM through `client`, signed by `auth`, at most once a day for the same credentials.

    Raises:
        ConfigError: no project or several bear the name.
        JobctlError: IAM gave no proper answer.
    """
    from jobctl.auth.huawei.flows import AkSk, Password, ReadyToken

    given = profile.get("project_id")
    if given:
        return given
    if isinstance(auth, Password):
        return auth.obtain(client).extra["project_id"]
    if not isinstance(auth, AkSk | ReadyToken):
        raise TypeError(f"{type(auth).__name__} does not sign in to Huawei Cloud")
    # where IAM lies is unknown only without a region: that is what the error then asks for
    name = profile.get("project_name") if auth.origins else None
    return auth.project(name or _region(profile), client)


def _region(profile: Profile) -> str:
    return profile.require("region")


def _check_region(region: str, _name: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", region):
        raise ConfigError(f"{region!r} is no region", hint="a region looks like cn-north-4")


def _regional(profile: Profile, prefix: str) -> str:
    return f"https://{prefix}.{_region(profile)}.{_CLOUD}"


def _iam(profile: Profile, otherwise: str | None = None) -> str | None:
    """Where IAM lies, by the setting, else by the vendor's file; None where nothing tells."""
    told = url(profile, "iam_endpoint") if profile.get("iam_endpoint") else otherwise
    if told:
        return told.removesuffix("/v3")
    return _regional(profile, "iam") if profile.get("region") else None


def _elsewhere(iam: str | None) -> bool:
    """Whether an address of IAM is another cloud's than the one whose hosts regions stand for."""
    return iam is not None and not re.match(rf"https://([\w-]+\.)*{re.escape(_CLOUD)}([:/]|$)", iam)


def _own_address(profile: Profile) -> tuple[Need, ...]:
    """What else is needed where IAM lies in another cloud: none of its credentials leaves that."""
    return ("base_url",) if _elsewhere(profile.get("iam_endpoint")) else ()


def _token(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.huawei.flows import ReadyToken

    return ReadyToken(profile.require("token"), _iam(profile), cache, clock)


def _aksk(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    return _signing(profile, profile.family(*_KEYS), {}, cache, clock)


def _file(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    path = profile.use("credentials_file", expanded)
    found = _basic(path, profile.provider)
    for name in ("access_key", "secret_key"):
        if name not in found:
            raise ConfigError(
                f"the setting {name} is missing in section [basic] of {path}",
                hint="the file has ak and sk, and security_token for temporary keys",
            )
    if _elsewhere(found.get("iam_endpoint")) and profile.source("base_url") is None:
        raise profile.lacking([("base_url",)])
    return _signing(profile, found, found, cache, clock)


def _signing(
    profile: Profile,
    keys: Mapping[str, str],
    otherwise: Mapping[str, str],
    cache: TokenCache,
    clock: Clock | None,
) -> httpx.Auth:
    from jobctl.auth.huawei.flows import AkSk

    return AkSk(
        keys["access_key"],
        keys["secret_key"],
        keys.get("security_token"),
        project_id=profile.get("project_id") or otherwise.get("project_id"),
        iam=_iam(profile, otherwise.get("iam_endpoint")),
        cache=cache,
        clock=clock,
    )


def _password(profile: Profile, cache: TokenCache, clock: Clock | None) -> httpx.Auth:
    from jobctl.auth.huawei.flows import Password

    project, name = profile.get("project_id"), profile.get("project_name")
    return Password(
        _iam(profile) or _regional(profile, "iam"),
        username=profile.require("username"),
        password=profile.require("password"),
        domain=profile.require("domain"),
        project={"id": project} if project else {"name": name or profile.require("region")},
        cache=cache,
        clock=clock,
    )


def _basic(path: Path, provider: str) -> dict[str, str]:
    """The section [basic] of the vendor's file, under the names of our settings."""
    try:
        basic = _FILE.read(payload.unicode(files.read(path, _LARGEST)), path)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        basic = None
    if basic is None:
        raise _FILE.lacking(path)
    found = {}
    for setting in ACCOUNT.settings:
        text = basic.get(setting.name)
        if text and setting.name in (*_KEYS, "project_id", "iam_endpoint"):
            complaint = setting.complaint(text)
            if complaint:
                raise ConfigError(f"{path}: {complaint}")
            if setting.secret:
                hide(text)
            found[setting.name] = text
    if "iam_endpoint" in found:
        from jobctl.http import check_url

        with placed(str(path), provider):
            found["iam_endpoint"] = check_url(found["iam_endpoint"], "iam_endpoint")
    return found


_FILE = Ini("~/.huaweicloud/credentials", "basic", {"ak": "access_key", "sk": "secret_key"})
_WAYS = (
    Way("token", "a ready IAM token of the project", ("token",), _token, further=_own_address),
    Way(
        "aksk",
        "an access key, which signs every request",
        ("access_key", "secret_key"),
        _aksk,
        further=_own_address,
        begun_by=_KEYS,
        together=True,
        whose=("access_key",),
    ),
    Way(
        "password",
        "an IAM user, for whom IAM gives a token",
        (
            "username",
            "password",
            "domain",
            ("region", "iam_endpoint"),
            ("region", "project_id", "project_name"),
        ),
        _password,
        further=_own_address,
    ),
    Way(
        "file",
        "the vendor's file of credentials",
        ("credentials_file",),
        _file,
        further=_own_address,
        asked=True,
    ),
)
_SETTINGS = (
    Setting(
        "region",
        "the region, such as cn-north-4",
        ("HW_REGION_NAME", "OS_REGION_NAME"),
        check=_check_region,
    ),
    Setting(
        "project_id",
        "the project in that region; else found through IAM",
        ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID", "OS_PROJECT_ID"),
        kind=Kind.WORD,
        harmless=True,
    ),
    choice(_WAYS),
    credential("token", "a ready IAM token of the project", ("OS_TOKEN",)),
    credential("access_key", "the access key (AK)", ("HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY")),
    Setting(
        "secret_key", "the secret key (SK)", ("HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY"), secret=True
    ),
    credential(
        "security_token",
        "what goes with temporary access and secret keys",
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "HW_SECURITY_TOKEN"),
    ),
    Setting("username", "an IAM user", ("OS_USERNAME",)),
    Setting(
        "password",
        "the IAM user's password",
        ("HUAWEICLOUD_SDK_PASSWORD", "OS_PASSWORD"),
        secret=True,
    ),
    Setting("domain", "the name of the account the IAM user is of", ("OS_USER_DOMAIN_NAME",)),
    Setting("project_name", "the project's name; else the region's", ("OS_PROJECT_NAME",)),
    address(
        "iam_endpoint",
        "where IAM lies; else https://iam.REGION.myhuaweicloud.com",
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL"),
    ),
    Setting(
        "credentials_file",
        "the vendor's file of credentials that auth: file is to read",
        ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",),
        default="~/.huaweicloud/credentials",
    ),
)

ACCOUNT = Account("huawei", _SETTINGS, _WAYS, (_FILE,), {"project_id": project_id})
