"""A quick look at much text: whether anything stands there that has to be looked at twice."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from jobctl.masking.signatures import IN_PATHS

# Escapes of what nobody need escape, and of what can be a part of a URL.
_ESCAPES = (
    *(b"%%3%d" % digit for digit in range(10)),
    *(b"%4", b"%5", b"%6", b"%7", b"%2D", b"%2d", b"%2E", b"%2e", b"%25", b"%26%", b"%00", b"%u"),
    *(b"\\u00%d" % digit for digit in range(2, 8)),
    *(b"\\/", b"\\u0000", b"\\u{", b"\\U", b"\\x", b"\\0", b"\\1", b"\\.", b"\\_", b"\\~", b"\\-"),
)
_MOST = 48  # with more of them at once the library takes ten times as long
_BLOCK = 1 << 15  # the library lists all that it finds, which may take forty times as much


def is_plain(text: bytes, probes: tuple[bytes, ...]) -> bool:
    """Whether JSON texts surely hold none of the probes, no user in a URL, no signature in a path,
    and no escape that could hide one.

    False where the library that looks for all of them at once is not there.
    """
    if b"#" in text or b"@" in text or b"\0" in text or (b";" in text and b"&" in text):
        return False
    finders, longest = _finders(probes)
    blocks = range(0, len(text), _BLOCK)
    view = memoryview(text)
    return bool(finders) and not any(
        find(view[at : at + _BLOCK + longest]) for at in blocks for find in finders
    )


@functools.lru_cache(maxsize=4)
def _finders(probes: tuple[bytes, ...]) -> tuple[Sequence[Callable[[memoryview], object]], int]:
    """What finds them, the escapes and the paths; and how long the longest is."""
    try:
        from ahocorasick_rs import BytesAhoCorasick, MatchKind
    except ImportError:
        return (), 0
    if b"" in probes:
        return (), 0
    parts = [probes[at : at + _MOST] for at in range(0, len(probes), _MOST)]
    parts.append((*_ESCAPES, *IN_PATHS))
    finders = [
        BytesAhoCorasick(part, matchkind=MatchKind.LeftmostFirst).find_matches_as_indexes
        for part in parts
    ]
    return finders, max(len(one) for part in parts for one in part)
