"""Records without what must not be shown; all else stays as the service wrote it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence

from jobctl.masking.bodies import redact
from jobctl.masking.secrets import hidden_in
from jobctl.masking.signatures import MASK, may_sign, signs, signs_outside
from jobctl.models import Record
from jobctl.record import encode, laid_out

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
# A string that is a URL whose address and query hold nothing that has to be looked at twice.
_ADDRESS = (
    rb'"https?://[A-Za-z0-9.-]+(?::(?:[1-9][0-9]{1,3}|[1-5][0-9]{4}))?/[A-Za-z0-9._~:/=%+,-]*\?'
)
_URL = re.compile(_ADDRESS + rb'((?:[A-Za-z0-9._-]+=[^"&\s<>;?]*&)*[A-Za-z0-9._-]+=[^"&\s<>;?]*)"')
_SIGNING_VALUE, _PLAIN_VALUE = rb'[^"&\s<>;?]+', rb"[A-Za-z0-9._~:/=,-]*"


def without_secrets(records: Sequence[Record], *, show_signed_urls: bool) -> list[Record]:
    """The records, each on a line, without what signs their URLs and without secrets of ours.

    All else stays as the service wrote it, to the byte.
    """
    text = b"".join(records)
    if any(blank in text for blank in (b"\n", b"\r", b"\t")):
        records = [laid_out(one, 0) for one in records]
    lines = b"\n".join(records)
    unusual = hidden_in(lines) or any(mark in lines for mark in (b"#", b"@", b"\\"))
    if not unusual and (show_signed_urls or not may_sign(lines)):
        return list(records)
    masked = None if unusual or b"?" not in lines else _by_shape(lines)
    if masked is not None:
        return masked.split(b"\n")
    return [_by_strings(record, show_signed_urls) for record in records]


def signed_url(records: Sequence[Record]) -> str | None:
    """One of the signed URLs in the records, if there is any in plain sight."""
    for found in _URL.finditer(b"\n".join(records)):
        if any(signs(name.decode()) for name in _names(found[1])):
            return found[0].decode().strip('"')
    return None


def _by_strings(line: Record, show_signed_urls: bool) -> Record:
    """Every string that may hold what must not be shown is decoded, and written anew if it does."""

    def shown(found: re.Match[bytes]) -> bytes:
        token = said = found[0]
        if b"\\" in token:
            said = json.loads(token).encode("utf-8", "surrogatepass")
        if not hidden_in(said) and not may_sign(said):
            return token
        text = json.loads(token)
        masked = redact(text, show_signed_urls=show_signed_urls)
        return token if masked == text else encode(masked)

    return _STRING.sub(shown, line)


def _by_shape(lines: bytes) -> bytes | None:
    """The same at a twentieth of the price where all URLs have queries like those of one record.

    None where they have not, or where a query stands elsewhere. Lines must be free of escapes,
    fragments and user names.
    """
    at = lines.index(b"?")
    end = lines.find(b"\n", at)
    one = lines[lines.rfind(b"\n", 0, at) + 1 : end if end >= 0 else len(lines)]
    queries, arguments = lines.count(b"?"), 0
    for names in dict.fromkeys(map(_names, _URL.findall(one))):
        pattern, masked = _shape(names)
        lines, found = pattern.subn(masked, lines)
        queries -= found
        arguments += found * len(names)
    elsewhere = b"%" in lines or lines.count(b"=") > arguments
    return None if queries or (elsewhere and signs_outside(lines)) else lines


def _names(query: bytes) -> tuple[bytes, ...]:
    return tuple(argument.partition(b"=")[0] for argument in query.split(b"&"))


@functools.lru_cache(maxsize=100)
def _shape(
    names: tuple[bytes, ...],
) -> tuple[re.Pattern[bytes], Callable[[re.Match[bytes]], bytes]]:
    """What finds the URLs whose queries have just these names, and what masks one of them."""
    kept = [_ADDRESS]
    for index, name in enumerate(names):
        kept[-1] += (b"&" if index else b"") + re.escape(name) + b"="
        if signs(name.decode()):
            kept.append(b"")
        else:
            kept[-1] += _PLAIN_VALUE
    kept[-1] += b'"'
    pattern = _SIGNING_VALUE.join(b"(" + part + b")" for part in kept)
    mask = MASK.encode()
    return re.compile(pattern), lambda found: mask.join(found.groups())
