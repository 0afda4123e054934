"""Picking fields out of bodies that may hold anything: what does not fit is absent, no error."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlsplit

from jobctl.config import scrub

_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_BEYOND = 2**63  # no service counts so far, and no float nor calendar can follow
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MASK = "***"
_MASKED = f"={MASK}"
# Names under which services keep credentials in bodies, and the parameters that sign a URL.
_SECRET_KEY = re.compile(
    r"passw(or)?d|pwd|passphrase|secret|credential|authorization|cookie|assertion|signature"
    r"|(private|api|app)[-_]?key"
    r"|(access|security|refresh|id|auth|session|job|subject|metadata|team)[-_]?token"
    r"|token[-_]?value|^token$|^(device|user)[-_]code$",
    re.IGNORECASE,
)
_SIGNING = re.compile(
    r"x-(amz|obs|goog|oss|cos)-.*|q-(ak|signature)|sig|key-pair-id|policy|code|jwt|pass|.*key"
    r"|.*access[-_]?(key|id).*|.*(auth|token|secret|passw|pwd|signature|credential|assertion).*",
    re.IGNORECASE,
)
_KEPT = re.compile(r"x-(amz|obs|goog)-(expires|date|algorithm)", re.IGNORECASE)
# Linear on any text: a scheme is short, and a query without one starts at its question mark.
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s\"<>]*|\?[^\s\"<>]+")
# What signs wherever it stands: in a URL inside of JSON inside of text, or with a blank before it.
_SIGNED = re.compile(
    r"(x-(?:amz|obs|goog|oss|cos)-(?:signature|credential|security-token)|signature|accesskeyid)"
    r"(=|\\u003d|%(?:25)*3d)\s*[^\s\"'<>&\\;]+",
    re.IGNORECASE,
)
_SIGNERS = (b"signature", b"accesskeyid", b"credential", b"security-token")  # in each of these
_USERINFO = re.compile(r"://[^/?#]*@")
_ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)([^/?#\s]*@)?([^@?#\s]*)(\?[^#\s]*)?(?:#\S*)?")
_INNER_NAME = re.compile(r"[?&;]([^?&;=]+)=")
_DEEPEST = 100  # nobody nests deeper, and what reads the copy shall not run out of stack


def json_or_none(body: bytes) -> Any:
    """The value a JSON text stands for; none if it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def mapping(value: Any) -> Mapping[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The array, or an empty one."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of an array; a single object counts as an array of one."""
    found = [value] if isinstance(value, dict) else items(value)
    return [one for one in found if isinstance(one, dict)]


def text(value: Any) -> str | None:
    """A non-blank string, or a number as text."""
    if isinstance(value, str):
        return value if value.strip() else None
    return None if number(value) is None else str(value)


def integer(value: Any) -> int | None:
    """A whole number below 2^63, also as digits in a string; a boolean is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _BEYOND else None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value.strip()):
        return int(value)
    return None


def count(value: Any) -> int | None:
    """A whole number of things: never negative; what is beyond 2^63 is cut to that."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= _BEYOND:
        return _BEYOND
    found = integer(value)
    return found if found is not None and found >= 0 else None


def number(value: Any) -> float | int | None:
    """A finite number of any size, also as text; a whole one stays whole."""
    if isinstance(value, int):
        return None if isinstance(value, bool) else value
    whole = integer(value)
    if whole is not None:
        return whole
    if isinstance(value, float) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip())):
        found = float(value)
        return found if math.isfinite(found) else None
    return None


def percent(value: Any) -> float | int | None:
    """A number, brought into 0 to 100."""
    found = number(value)
    return None if found is None else min(max(found, 0), 100)


def share(value: Any) -> float | None:
    """A number from 0 to 1, such as a confidence."""
    found = number(value)
    return float(found) if found is not None and 0 <= found <= 1 else None


def boolean(value: Any) -> bool | None:
    """A boolean, also as the word for one in any letter case."""
    if isinstance(value, bool):
        return value
    words = {"true": True, "false": False}
    return words.get(value.strip().lower()) if isinstance(value, str) else None


def epoch_ms(value: Any) -> datetime | None:
    """A time given as milliseconds since 1970 UTC."""
    number = integer(value)
    return None if number is None else later(_EPOCH, number)


def later(moment: datetime | None, milliseconds: float | None) -> datetime | None:
    """The time so many milliseconds after another, if both are known and the calendar has it."""
    if moment is None or milliseconds is None:
        return None
    try:
        return moment + timedelta(milliseconds=milliseconds)
    except (OverflowError, ValueError):
        return None


def iso_time(value: Any) -> datetime | None:
    """A time in ISO 8601, in UTC; one without an offset is taken for UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one time to a later one."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


def facts(**values: Any) -> dict[str, Any]:
    """The values that are there, for `Job.detail`."""
    return {name: value for name, value in values.items() if value is not None}


def without_signature(url: str) -> str:
    """A URL with user part and signing parameters masked; one that cannot be read, masked whole."""
    if not _readable(url):
        return MASK
    address, hash_mark, fragment = url.partition("#")
    address, question_mark, query = address.partition("?")
    return (
        _without_userinfo(address)
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


def _readable(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _without_userinfo(url: str) -> str:
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


def hides(name: str) -> bool:
    """Whether services keep credentials in bodies under that name."""
    return bool(_SECRET_KEY.search(name))


def redact(value: Any, *, secrets: Iterable[str] = (), show_signed_urls: bool = False) -> Any:
    """A copy of a body without its secrets, nor ours if the service repeats them.

    Values under names such as `password` and at the dotted paths `secrets` (`*` for any key or
    index) are masked; of URLs, the user part and the parameters that sign them. With
    `show_signed_urls` the parameters stay. Of a URL at one of the paths, the address stays.
    """
    paths = [tuple(path.split(".")) for path in secrets]
    return _redact(value, paths, show_signed_urls, _DEEPEST)


def _redact(value: Any, paths: list[tuple[str, ...]], show: bool, depth: int) -> Any:
    if any(not path for path in paths) or not depth:
        return _masked(value, depth, addresses=True)
    if isinstance(value, dict):
        return {
            key: _masked(inner, depth, addresses=False)
            if hides(key)
            else _redact(inner, _below(paths, key), show, depth - 1)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        below = _below(paths, "*")
        return [_redact(inner, below, show, depth - 1) for inner in value]
    if isinstance(value, str):
        text = _URL.sub(lambda url: _shown(url[0], show), scrub(value))
        return text if show else _SIGNED.sub(rf"\1\2{MASK}", text)
    return value


def _below(paths: list[tuple[str, ...]], key: str) -> list[tuple[str, ...]]:
    return [path[1:] for path in paths if path[0] in ("*", key)]


def _shown(url: str, show: bool) -> str:
    return _without_userinfo(url) if show and _readable(url) else without_signature(url)


def _masked(value: Any, depth: int, *, addresses: bool) -> Any:
    """The shape of what is secret; null and booleans stay, for they tell nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict) and depth:
        return {key: _masked(inner, depth - 1, addresses=addresses) for key, inner in value.items()}
    if isinstance(value, list) and depth:
        return [_masked(inner, depth - 1, addresses=addresses) for inner in value]
    found = _ADDRESS.fullmatch(value) if addresses and isinstance(value, str) else None
    if not found or not _readable(found[0]):
        return MASK
    scheme, user, place, query = found.groups(default="")
    return f"{scheme}{user and f'{MASK}@'}{place}{query and f'?{MASK}'}"
