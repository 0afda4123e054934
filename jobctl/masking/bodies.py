"""JSON values without what must not be shown."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from jobctl.masking.signatures import MASK
from jobctl.masking.texts import masked

# Names under which services keep credentials in bodies.
_SECRET_KEY = re.compile(
    r"passw(or)?d|pwd|passphrase|secret|credential|authorization|cookie|assertion|signature"
    r"|(private|api|app)[-_]?key"
    r"|(access|security|refresh|id|auth|session|job|subject|metadata|team)[-_]?token"
    r"|token[-_]?value|^token$|^(device|user)[-_]code$",
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
                masked(key, show_signed_urls=show),
                _masked(inner, depth, addresses=False)
                if hides(key)
                else _redact(inner, _below(paths, key), show, depth - 1),
            )
            for key, inner in value.items()
        )
    if isinstance(value, list):
        below = _below(paths, "*")
        return [_redact(inner, below, show, depth - 1) for inner in value]
    return masked(value, show_signed_urls=show) if isinstance(value, str) else value


def _named(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """The object with these members; two names that have become one are told apart."""
    found: dict[str, Any] = {}
    alike: dict[str, int] = defaultdict(lambda: 1)
    for name, value in pairs:
        told = name
        while told in found:
            alike[name] += 1
            told = f"{name}{alike[name]}"
        found[told] = value
    return found


def _below(paths: list[tuple[str, ...]], key: str) -> list[tuple[str, ...]]:
    return [path[1:] for path in paths if path[0] in ("*", key)]


def _masked(value: Any, depth: int, *, addresses: bool) -> Any:
    """The shape of what is secret; null and booleans stay, for they tell nothing."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dict) and depth:
        return _named(
            (masked(key), _masked(inner, depth - 1, addresses=addresses))
            for key, inner in value.items()
        )
    if isinstance(value, list) and depth:
        return [_masked(inner, depth - 1, addresses=addresses) for inner in value]
    found = _ADDRESS.fullmatch(value) if addresses and isinstance(value, str) else None
    if not found or not _readable(found[0]):
        return MASK
    scheme, user, place, query = found.groups(default="")
    return f"{scheme}{user and f'{MASK}@'}{place}{query and f'?{MASK}'}"


def _readable(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
