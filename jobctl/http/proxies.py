"""Which proxy a request goes through, by the variables that programs share."""

from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from os import environ
from typing import NamedTuple
from urllib.request import getproxies, proxy_bypass

import httpx

from jobctl.errors import ConfigError
from jobctl.http.address import is_loopback, origin, read_url
from jobctl.masking.secrets import hide

_SOCKS = ("socks5", "socks5h")


class Proxy(NamedTuple):
    """A proxy, and the variable that names it."""

    variable: str
    address: httpx.URL

    def __str__(self) -> str:
        return f"{self.address.netloc.decode()} of {self.variable}"


def proxy_of(url: httpx.URL) -> Proxy | None:
    """The proxy that stands before a URL; None where there is none.

    Raises:
        ConfigError: a variable names something that is none.
    """
    proxies = getproxies()
    scheme = url.scheme if proxies.get(url.scheme) else "all"
    text = proxies.get(scheme)
    port = origin(url)[2]
    if not text or proxy_bypass(url.host) or proxy_bypass(f"{url.host}:{port}"):
        return None
    if _is_in_a_range(url.host, proxies.get("no", "")):
        return None
    proxy = read_proxy(_spelled(f"{scheme}_proxy"), text)
    if url.scheme == "http" and not is_loopback(proxy.address.host):
        # what stays on this machine unencrypted would leave it, credentials and all
        return None
    if proxy.address.scheme in _SOCKS and find_spec("socksio") is None:
        raise ConfigError(
            f"{proxy.variable} names a SOCKS proxy, which needs a further package",
            hint="install socksio into the environment of jobctl",
        )
    return proxy


def read_proxy(variable: str, text: str) -> Proxy:
    """The proxy that a variable names.

    Raises:
        ConfigError: it names none.
    """
    address = read_url(text if "://" in text else f"http://{text}") or httpx.URL()
    hide(address.password or address.username)
    hide(address.userinfo.decode())
    known = address.scheme in ("http", "https", *_SOCKS)
    if not (known and address.host and 0 < (address.port or 1) < 65536):
        raise ConfigError(
            f"{variable} is not the URL of a proxy", hint="for example http://proxy.example:3128"
        )
    return Proxy(variable, address)


def _is_in_a_range(host: str, ranges: str) -> bool:
    """Whether NO_PROXY names a network, such as `10.0.0.0/8`, with that address in it."""
    for one in ranges.split(",") if "/" in ranges else ():
        with suppress(ValueError):
            if ip_address(host) in ip_network(one.strip(), strict=False):
                return True
    return False


def _spelled(name: str) -> str:
    """The variable as it is written: either spelling may be set, and the small one goes before."""
    return name if environ.get(name) else name.upper()
