"""The signature SDK-HMAC-SHA256 of Huawei Cloud's API gateway.

https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import quote, unquote

ALGORITHM = "SDK-HMAC-SHA256"


def signature(
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    access_key: str,
    secret_key: str,
) -> str:
    """The value of the header Authorization for a request.

    `url` is percent-encoded as it goes over the wire, with or without scheme and host. `headers`
    are those to be signed and no others; Host and X-Sdk-Date (`YYYYMMDDTHHMMSSZ`) among them. To
    check a request, give the headers that its own Authorization lists and compare.
    """
    signed = dict(sorted((name.lower(), value.strip()) for name, value in headers.items()))
    digest = hashlib.sha256(body).hexdigest()
    if body:
        # how a client says that it signed no body, or gives its hash itself
        digest = signed.get("x-sdk-content-sha256", digest)
    path, query = _split(url)
    canonical = "\n".join(
        (
            method.upper(),
            _canonical_path(path),
            canonical_query(query),
            *(f"{name}:{value}" for name, value in signed.items()),
            "",
            ";".join(signed),
            digest,
        )
    )
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{ALGORITHM}\n{signed['x-sdk-date']}\n{hashed}"
    code = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{ALGORITHM} Access={access_key}, SignedHeaders={';'.join(signed)}, Signature={code}"


def _split(url: str) -> tuple[str, str]:
    """Path and query of a URL, as they are written."""
    place, _, query = url.partition("#")[0].partition("?")
    return re.sub(r"^[A-Za-z][A-Za-z0-9+.-]*://[^/]*", "", place), query


def canonical_query(query: str) -> str:
    """A query sorted by key and value, each percent-encoded in the one way that is signed."""
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    decoded = sorted((unquote(key), unquote(value)) for key, _, value in pairs)
    return "&".join(f"{_encode(key)}={_encode(value)}" for key, value in decoded)


def _canonical_path(path: str) -> str:
    segments = "/".join(_encode(segment) for segment in unquote(path).split("/"))
    return segments if segments.endswith("/") else segments + "/"


def _encode(text: str) -> str:
    return quote(text, safe="~")
