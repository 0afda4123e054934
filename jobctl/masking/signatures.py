"""Signed URLs: which parameters sign, and a URL without them."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from jobctl.payload import integer, iso_time, later

MASK = "***"
_MASKED = f"={MASK}"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The parameters that sign a URL.
_SIGNING = re.compile(
    r"x-(amz|obs|goog|oss|cos)-.*|q-(ak|signature)|sig|key-pair-id|policy|code|jwt|pass|.*key"
    r"|.*access[-_]?(key|id).*|.*(auth|token|secret|passw|pwd|signature|credential|assertion).*",
    re.IGNORECASE,
)
_KEPT = re.compile(r"x-(amz|obs|goog)-(expires|date|algorithm)", re.IGNORECASE)
_SIGNERS = (b"signature", b"accesskeyid", b"credential", b"security-token")  # in each of these
_USERINFO = re.compile(r"://[^/?#]*@")
_INNER_NAME = re.compile(r"[?&;]([^?&;=]+)=")


def without_signature(url: str) -> str:
    """A URL with user part and signing parameters masked; one that cannot be read, masked whole."""
    if not readable(url):
        return MASK
    address, hash_mark, fragment = url.partition("#")
    address, question_mark, query = address.partition("?")
    return (
        without_userinfo(address)
        + question_mark
        + _without_signing(query)
        + hash_mark
        + _without_signing(fragment)
    )


def is_masked(url: str) -> bool:
    """Whether a signature of the URL was masked."""
    return _MASKED in url


def signed_until(url: str) -> datetime | None:
    """Until when the signature of a URL is valid, as the URL itself tells."""
    query = url.partition("#")[0].partition("?")[2]
    told = {name.lower(): value for name, value in parse_qsl(query)}
    for vendor in ("x-amz", "x-obs", "x-goog", "x-oss"):
        if f"{vendor}-expires" in told:
            start = iso_time(told.get(f"{vendor}-date"))
            seconds = integer(told[f"{vendor}-expires"])
            return later(start, None if seconds is None else seconds * 1000)
    seconds = integer(told.get("expires"))
    return iso_time(told.get("se")) if seconds is None else later(_EPOCH, seconds * 1000)


def readable(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def without_userinfo(url: str) -> str:
    return _USERINFO.sub(f"://{MASK}@", url, count=1)


def _without_signing(query: str) -> str:
    return "".join(_argument(part) for part in re.split("([&;])", query))


def _argument(part: str) -> str:
    """`name=value`, masked when the name signs, or the value is a URL with such a name."""
    name, _, value = part.partition("=")
    inner = unquote_plus(value)
    names = [unquote_plus(name).rpartition("?")[2], *_INNER_NAME.findall(inner)]
    if value and (_USERINFO.search(inner) or any(signs(one) for one in names)):
        return f"{name}={MASK}"
    return part


def signs(name: str) -> bool:
    """Whether a parameter of that name, decoded, signs a URL or lets somebody in."""
    return bool(_SIGNING.fullmatch(name)) and not _KEPT.fullmatch(name)


def may_sign(text: bytes) -> bool:
    """Whether there may be a signature or a user's name: asked of much, where hardly any is."""
    if any(mark in text for mark in (b"?", b"#", b"@")):
        return True
    return (b"=" in text or b"%" in text) and signs_outside(text)


def signs_outside(text: bytes) -> bool:
    """Whether there may be a signature outside of a URL's query, besides those that are masked."""
    text = text.lower()
    return any(
        name + b"%" in text or text.count(name + b"=") > text.count(name + _MASKED.encode())
        for name in _SIGNERS
    )
