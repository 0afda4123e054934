"""Which URLs a request may go to."""

import re
from ipaddress import ip_address
from urllib.parse import urljoin

import httpx

from jobctl.errors import ConfigError, UnavailableError

_PORTS = {"http": 80, "https": 443}
_NOT_HTTPS = "must begin with https://: http:// is for this machine alone"
_HOST = re.compile(rb"[a-z0-9._-]+|[0-9a-f:.]+")

Origin = tuple[str, bytes, int | None]


def joined(base: str, reference: str) -> str:
    """The URL that an answer of `base` names, which may be relative.

    Raises:
        UnavailableError: it is none. The text itself is not repeated: it may hold a secret.
    """
    try:
        return urljoin(base, reference)
    except ValueError:
        message = "the answer names an address that is none"
        raise UnavailableError(message, transient=True) from None


def origin(url: httpx.URL) -> Origin:
    """Scheme, host and port of a URL, the default port filled in."""
    return url.scheme, url.raw_host, url.port or _PORTS.get(url.scheme)


def origin_of(text: str) -> Origin | None:
    """That of a text, None where it is no URL that could be asked."""
    url = read_url(text)
    return None if url is None else origin(url)


def is_private(url: httpx.URL) -> bool:
    """Whether nobody on the way can read what is sent there: https, or http on this machine."""
    return url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))


def check_url(text: str, setting: str, *, plain: bool = False) -> str:
    """A setting that is the URL of a service, in its normal form, without slashes at its end.

    `plain` is whether it may be http on another machine.

    Raises:
        ConfigError: it is not https (or http on loopback), has no host, or holds credentials, a
            query or a fragment. The text itself is not repeated: it may hold a secret.
    """
    reason = _unusable(text.strip(), plain=plain)
    if reason == _NOT_HTTPS and setting == "base_url":
        reason += ", unless allow_http is true"
    if reason:
        raise ConfigError(f"{setting} {reason}", hint="a URL such as https://service.example.com")
    return str(httpx.URL(text.strip())).rstrip("/")


def _unusable(text: str, *, plain: bool) -> str | None:
    url = read_url(text)
    if url is None:
        return "is not a URL"
    if url.scheme not in _PORTS or not url.host:
        return "is not a URL that begins with https:// and a host"
    if url.userinfo:
        return "holds a user name or password: credentials have settings of their own"
    if "?" in text or "#" in text:
        return "holds a query or a fragment"
    if not _HOST.fullmatch(url.raw_host) or not 0 < (url.port or 1) < 65536:
        return "names no possible host and port"
    if not (plain or is_private(url)):
        return _NOT_HTTPS
    return None


def read_url(text: str) -> httpx.URL | None:
    """A URL as the library reads it that asks; None for one that it could not ask."""
    try:
        url = httpx.URL(text)
        url.host  # noqa: B018 - of some hosts it sees only here that they are none
    except (httpx.InvalidURL, ValueError):
        return None
    return url


def over_tls(url: str, root: str) -> str:
    """A URL, by https where it is of the origin of `root` but for that.

    So services call themselves for which a proxy ends TLS and has not told them.
    """
    if not (url.startswith("http:") and root.startswith("https:")):
        return url
    secure = "https:" + url.removeprefix("http:")
    return secure if origin_of(secure) == origin_of(root) else url


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
