"""Texts without what must not be shown: a secret is masked, and nothing beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import chain

from jobctl.masking.readings import readings
from jobctl.masking.secrets import hidden_in, secrets_in
from jobctl.masking.signatures import MASK, may_sign_by_path, signatures_in, users_in

Span = tuple[int, int]
_LONGEST_SECRET = 1 << 15  # a token of 5 KB in its longest spelling
_MARKS = (b"=", b"@", b"://", b"%", b"\\", b"&")  # without any of them no query signs


def masked(text: str, *, show_signed_urls: bool = False) -> str:
    """The text without secrets that were used, users in URLs, and what signs URLs.

    With `show_signed_urls` the latter stays.
    """
    data = text.encode("utf-8", "surrogatepass")
    shown = masked_bytes(data, show_signed_urls=show_signed_urls)
    return text if shown is data else shown.decode("utf-8", "surrogatepass")


def beginning(text: str, most: int, mask: Callable[[str], str] = masked) -> str:
    """At most so much of a text, masked before it is cut: half a secret would not be known."""
    read = text[: most + _LONGEST_SECRET]
    shown = mask(read)
    return (shown if len(read) == len(text) else shown[:-_LONGEST_SECRET])[:most]


def masked_bytes(data: bytes, *, json: bool = False, show_signed_urls: bool = False) -> bytes:
    """The same in UTF-8, or for what stands between the quotes of a JSON string."""
    hidden = hidden_in(data)
    if not hidden and not any(mark in data for mark in _MARKS) and not may_sign_by_path(data):
        return data

    def found(text: bytes) -> Iterable[Span]:
        return chain(
            users_in(text),
            secrets_in(text) if hidden else (),
            () if show_signed_urls else signatures_in(text),
        )

    return _masked(data, found, json=json)


def without_secrets(data: bytes) -> bytes:
    """A body without secrets that were used; all else stays byte for byte."""
    return _masked(data, secrets_in) if hidden_in(data) else data


def _masked(data: bytes, found: Callable[[bytes], Iterable[Span]], *, json: bool = False) -> bytes:
    marks = bytearray()
    for reading in readings(data, json=json):
        for span in found(reading.text):
            marks = marks or bytearray(len(data))
            start, end = reading.original(*span)
            marks[start:end] = b"\1" * (end - start)
    return _without(data, marks) if marks else data


def _without(data: bytes, marks: bytearray) -> bytes:
    """The data, each part of it that is marked replaced."""
    shown, end = bytearray(), 0
    for found in re.finditer(b"\1+", marks):
        shown += data[end : found.start()]
        shown += MASK.encode()
        end = found.end()
    return bytes(shown + data[end:])
