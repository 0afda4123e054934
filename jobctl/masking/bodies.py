"""JSON values without what must not be shown."""

import re
from collections.abc import Iterable
from typing import Any

from jobctl.masking.secrets import scrub
from jobctl.masking.signatures import MASK, readable, without_signature, without_userinfo

# Names under which services keep credentials in bodies.
_SECRET_KEY = re.compile(
    r"passw(or)?d|pwd|passphrase|secret|credential|authorization|cookie|assertion|signature"
    r"|(private|api|app)[-_]?key"
    r"|(access|security|refresh|id|auth|session|job|subject|metadata|team)[-_]?token"
    r"|token[-_]?value|^token$|^(device|user)[-_]code$",
    re.IGNORECASE,
)
# Linear on any text: a scheme is short, and a query without one starts at its question mark.
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s\"<>]*|\?[^\s\"<>]+")
# What signs wherever it stands: in a URL inside of JSON inside of text, or with a blank before it.
_SIGNED = re.compile(
    r"(x-(?:amz|obs|goog|oss|cos)-(?:signature|credential|security-token)|signature|accesskeyid)"
    r"(=|\\u003d|%(?:25)*3d)\s*[^\s\"'<>&\\;]+",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*://)([^/?#\s]*@)?([^@?#\s]*)(\?[^#\s]*)?(?:#\S*)?")
_DEEPEST = 100  # nobody nests deeper, and what reads the copy shall not run out of stack


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
        return _named(
            (
                _text(key, show),
                _masked(inner, depth, addresses=False)
                if hides(key)
                else _redact(inner, _below(paths, key), show, depth - 1),
            )
            for key, inner in value.items()
        )
    if isinstance(value, list):
        below = _below(paths, "*")
        return [_redact(inner, below, show, depth - 1) for inner in value]
    return _text(value, show) if isinstance(value, str) else value


def _named(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The object with these members; two names that have become one are told apart."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        told = name
        while told in found:
            told += MASK
        found[told] = value
    return found


def _text(text: str, show: bool) -> str:
    text = _URL.sub(lambda url: _shown(url[0], show), scrub(text))
    return text if show else _SIGNED.sub(rf"\1\2{MASK}", text)


def _below(paths: list[tuple[str, ...]], key: str) -> list[tuple[str, ...]]:
    return [path[1:] for path in paths if path[0] in ("*", key)]


def _shown(url: str, show: bool) -> str:
    return without_userinfo(url) if show and readable(url) else without_signature(url)


def _masked(value: Any, depth: int, *, addresses: bool) -> Any:
    """The shape of what is secret; null and booleans stay, for they tell nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict) and depth:
        return _named(
            (_text(key, show=False), _masked(inner, depth - 1, addresses=addresses))
            for key, inner in value.items()
        )
    if isinstance(value, list) and depth:
        return [_masked(inner, depth - 1, addresses=addresses) for inner in value]
    found = _ADDRESS.fullmatch(value) if addresses and isinstance(value, str) else None
    if not found or not readable(found[0]):
        return MASK
    scheme, user, place, query = found.groups(default="")
    return f"{scheme}{user and f'{MASK}@'}{place}{query and f'?{MASK}'}"
