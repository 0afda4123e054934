"""Huawei Cloud: what every provider of the account `huawei` shares.

https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl import payload
from jobctl.auth.huawei.signing import signature
from jobctl.config import Profile, Setting
from jobctl.errors import ConfigError, UnavailableError
from jobctl.masking.secrets import hide

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.auth.renewal import Clock

__all__ = [
    "CLOCK",
    "NOT_PUBLISHED",
    "SETTINGS",
    "WRONG_TIME",
    "check_page",
    "endpoint",
    "project_id",
    "sign_in",
    "signature",
]

SETTINGS = (
    Setting("region", "the region, such as cn-north-4", ("HW_REGION_NAME", "OS_REGION_NAME")),
    Setting(
        "project_id",
        "the project in that region; else found through IAM",
        ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID", "OS_PROJECT_ID"),
    ),
    Setting(
        "auth",
        "the way of signing in; else the first there is of token, aksk (access_key and secret_key)"
        " and password (username, password and domain)",
        choices=("token", "aksk", "password", "file"),
    ),
    Setting("token", "a ready IAM token of the project", ("OS_TOKEN",), secret=True),
    Setting(
        "access_key", "the access key (AK)", ("HUAWEICLOUD_SDK_AK", "HW_ACCESS_KEY"), secret=True
    ),
    Setting(
        "secret_key", "the secret key (SK)", ("HUAWEICLOUD_SDK_SK", "HW_SECRET_KEY"), secret=True
    ),
    Setting(
        "security_token",
        "what goes with temporary access and secret keys",
        ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "HW_SECURITY_TOKEN"),
        secret=True,
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
    Setting(
        "iam_endpoint",
        "where IAM lies; else https://iam.REGION.myhuaweicloud.com",
        ("HUAWEICLOUD_SDK_IAM_ENDPOINT", "OS_AUTH_URL"),
    ),
    Setting(
        "credentials_file",
        "the vendor's file of credentials, read only with auth: file",
        ("HUAWEICLOUD_SDK_CREDENTIALS_FILE",),
        default="~/.huaweicloud/credentials",
    ),
    Setting(
        "max_pages",
        "how many pages a list or results may have, a guard against those without an end",
        default="100000",
    ),
)

# What the API gateway itself answers, whatever the service: statuses and codes.
NOT_PUBLISHED: tuple[tuple[int | None, str | None], ...] = (
    (404, "APIGW.0101"),
    (404, "APIG.0101"),
    (404, "APIGW.0103"),
    (404, "APIG.0103"),
)
WRONG_TIME: tuple[tuple[int | None, str | None], ...] = ((None, "APIGW.0303"), (None, "APIG.0303"))
CLOCK = "check this machine's clock: the gateway allows 15 minutes"

_KEYS = ("access_key", "secret_key", "security_token")
_WAYS = {"token": ("token",), "aksk": _KEYS, "password": ("username", "password", "domain")}
_VENDOR_VARIABLES = frozenset(variable for setting in SETTINGS for variable in setting.env)


def endpoint(profile: Profile, prefix: str) -> str:
    """The URL of a service: the setting `base_url`, else made of the host's prefix and the region.

    Raises:
        ConfigError: there is neither `base_url` nor a region, or the region is none.
    """
    given = profile.get("base_url")
    # the vendor's variable may list several endpoints
    return given.split(",")[0].strip() if given else _regional(profile, prefix)


def check_page(profile: Profile, number: int) -> None:
    """See that a page, counted from 0, is one of those that the setting `max_pages` allows.

    Raises:
        ConfigError: the setting is no number of pages.
        UnavailableError: it is not; the service goes on and on.
    """
    text = profile.require("max_pages")
    most = payload.integer(text)
    if most is None or most < 1:
        raise ConfigError(f"max_pages must be a whole number from 1 on, not {text!r}")
    if number >= most:
        raise UnavailableError(
            f"{profile.provider} has more than {most} pages",
            hint="raise the setting max_pages if that can be",
            provider=profile.provider,
        )


def sign_in(profile: Profile, cache: TokenCache, clock: Clock | None = None) -> httpx.Auth:
    """The way to sign in that the profile tells: setting `auth`, else the first there is.

    What the user gave jobctl (command line, JOBCTL_ variables, profile) goes before the vendor's
    variables, so that a stray OS_TOKEN does not bend a profile that has keys.

    Raises:
        ConfigError: there are no credentials, or a part of them is missing.
    """
    from jobctl.auth.huawei.flows import AkSk, Password, ReadyToken

    way = profile.get("auth") or _first_way(profile)
    if way == "file":
        file = _credentials_file(profile)
        return AkSk(
            *_complete(file, f"section [basic] of {profile.get('credentials_file')}"),
            project_id=profile.get("project_id") or file.get("project_id"),
            iam=_iam(profile, file.get("iam_endpoint")),
            cache=cache,
            clock=clock,
        )
    iam = _iam(profile)
    if way == "token":
        return ReadyToken(profile.require("token"), iam, cache, clock)
    if way == "password":
        project, name = profile.get("project_id"), profile.get("project_name")
        return Password(
            iam or _regional(profile, "iam"),
            username=profile.require("username"),
            password=profile.require("password"),
            domain=profile.require("domain"),
            project={"id": project} if project else {"name": name or profile.require("region")},
            cache=cache,
            clock=clock,
        )
    keys = profile.family(*_KEYS)
    place = next((source for name in keys if (source := profile.source(name))), None)
    if not keys:
        profile.require("access_key")
    return AkSk(
        *_complete(keys, f"the place of the other ({place})"),
        project_id=profile.get("project_id"),
        iam=iam,
        cache=cache,
        clock=clock,
    )


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
    region = profile.require("region")
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?", region):
        raise ConfigError(f"{region!r} is no region", hint="a region looks like cn-north-4")
    return region


def _regional(profile: Profile, prefix: str) -> str:
    return f"https://{prefix}.{_region(profile)}.myhuaweicloud.com"


def _iam(profile: Profile, otherwise: str | None = None) -> str | None:
    """Where IAM lies; None where nothing tells."""
    given = profile.get("iam_endpoint") or otherwise
    if given:
        from jobctl.http import check_url

        return check_url(given, "iam_endpoint").removesuffix("/v3")
    return _regional(profile, "iam") if profile.get("region") else None


def _first_way(profile: Profile) -> str:
    """The first way of which anything is there; half of one is an error later, not passed over."""
    there = {
        name: source
        for names in _WAYS.values()
        for name in names
        if (source := profile.source(name)) is not None
    }
    ours = {name for name, source in there.items() if source not in _VENDOR_VARIABLES}
    chosen = ours or there.keys()
    return next((way for way, names in _WAYS.items() if chosen & set(names)), "aksk")


def _complete(keys: Mapping[str, str], place: str) -> tuple[str, str, str | None]:
    """Access key, secret key and security token, all from one place."""
    for name in ("access_key", "secret_key"):
        if name not in keys:
            raise ConfigError(
                f"the setting {name} is missing in {place}",
                hint="access_key, secret_key and security_token must come from the same place",
            )
    return keys["access_key"], keys["secret_key"], keys.get("security_token")


def _credentials_file(profile: Profile) -> dict[str, str]:
    """The section [basic] of the vendor's file, under the names of our settings."""
    path = Path(profile.require("credentials_file")).expanduser()
    file = configparser.ConfigParser(interpolation=None)
    try:
        file.read_string(path.read_text(encoding="utf-8-sig"))
        basic = dict(file["basic"])
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except (configparser.Error, KeyError, ValueError):
        # what configparser says may quote a secret
        raise ConfigError(f"{path} is no INI file with a section [basic]") from None
    names = {"access_key": "ak", "secret_key": "sk"}
    found = {
        name: text
        for name in (*_KEYS, "project_id", "iam_endpoint")
        if (text := basic.get(names.get(name, name), "").strip())
    }
    for name in found.keys() & set(_KEYS):
        hide(found[name])
    return found
