"""Records without what must not be shown; all else stays as the service wrote it."""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from jobctl.masking.plain import holds, is_plain
from jobctl.masking.secrets import hidden_in, probes
from jobctl.masking.signatures import IN_PATHS, MASK, signing_value, telling_names, users_in
from jobctl.masking.texts import masked_bytes
from jobctl.models import Record
from jobctl.record import Lines

_STRING = re.compile(rb'"((?:[^"\\]++|\\.)*+)"?')
# A string that is a URL whose address and query hold nothing that has to be looked at twice.
_ADDRESS = (
    rb'"https?://[A-Za-z0-9.-]+(?::(?:[1-9][0-9]{1,3}|[1-5][0-9]{4}))?/'
    rb"[A-Za-z0-9._~:/+,-]*(?:%(?!25|3[Dd]|40)[A-Za-z0-9._~:/+,-]*+)*+\?"
)
_URL = re.compile(
    _ADDRESS + rb'((?:[A-Za-z0-9._-]+=[^"&\s<>;?]*&){0,49}[A-Za-z0-9._-]+=[^"&\s<>;?]*)"'
)
_SIGNING_VALUE, _PLAIN_VALUE = rb"[A-Za-z0-9%._~/+=-]+(?<!\.)", rb"[A-Za-z0-9._~:/=,-]*"
# What signs outside of a query; each of these names ends in one of these words.
_ALONE = (b"signature", b"accesskeyid", b"accessid", b"credential", b"token")
_PATH = re.compile(rb"://[^\s\"?=]*(=?)")
_ESCAPED = re.compile(rb"%(?:(?:25)*+3[Dd]|[\w.%-]{0,64}+=)")
_ESCAPED_AT = re.compile(rb"%(?:(?:25)*+40|u)")
_ESCAPED_IN_JSON = re.compile(rb"\\(?:/|u00[2-7])")


def without_secrets(records: Sequence[Record], *, show_signed_urls: bool) -> Sequence[Record]:
    """The records, each on a line, without what signs their URLs and without secrets of ours.

    All else stays as the service wrote it, to the byte.
    """
    whole = Lines.of(records)
    lines = whole.text
    plain = is_plain(lines, probes())
    shown = None
    if plain or not _is_odd(lines):
        shown = lines if show_signed_urls else _by_shape(lines)
    if shown is not None and not plain:
        signed = not show_signed_urls and holds(shown, IN_PATHS)
        shown = None if signed or hidden_in(shown) else shown
    if shown is not None:
        return whole if shown is lines else Lines(shown, len(whole))
    return [_by_strings(record, show_signed_urls) for record in whole]


def _is_odd(lines: bytes) -> bool:
    """Whether there are users in URLs, fragments, or escapes of what can be a part of a URL."""
    return (
        (b"\\" in lines and bool(_ESCAPED_IN_JSON.search(lines)))
        or (b"#" in lines and (b"=" in lines or b"&#" in lines))
        or (b"@" in lines and any(True for _ in users_in(lines)))
        or (b"%" in lines and bool(_ESCAPED_AT.search(lines)))
        or (b";" in lines and b"&" in lines)
    )


def signed_url(records: Sequence[Record]) -> str | None:
    """One of the signed URLs in the records, if there is any in plain sight."""
    for found in _URL.finditer(Lines.of(records).text):
        names = _names(found[1])
        if any(signing_value(name, telling_names(names)) for name in names):
            return found[0].decode().strip('"')
    return None


def _by_strings(line: Record, show_signed_urls: bool) -> Record:
    """Every string by itself, names of fields as well."""

    def shown(found: re.Match[bytes]) -> bytes:
        text = masked_bytes(found[1], json=True, show_signed_urls=show_signed_urls)
        return found[0] if text is found[1] else b'"' + text + b'"'

    return _STRING.sub(shown, line)


def _by_shape(lines: bytes) -> bytes | None:
    """Queries masked at a twentieth of the price where all are like those of one record.

    None where they are not, or where a query stands elsewhere. Lines must be free of escapes,
    fragments and user names; signatures in paths stay.
    """
    at = lines.find(b"?")
    shown = rest = lines
    if at >= 0:
        end = lines.find(b"\n", at)
        one = lines[lines.rfind(b"\n", 0, at) + 1 : end if end >= 0 else len(lines)]
        for names in dict.fromkeys(map(_names, _URL.findall(one))):
            alike, (shown, others) = rest is shown, _masked(_shape(names), shown)
            rest = others if alike else _masked(_shape(names), rest)[1]
    return None if b"?" in rest or _may_sign(rest) else shown


def _may_sign(lines: bytes) -> bool:
    """Whether there may be a signature outside of a query."""
    if b"%" in lines and _ESCAPED.search(lines):
        return True
    if b"=" not in lines:
        return False
    small = lines.lower()
    return any(name + b"=" in small for name in _ALONE) or any(
        found[1] for found in _PATH.finditer(lines)
    )


def _names(query: bytes) -> tuple[bytes, ...]:
    return tuple(argument.partition(b"=")[0] for argument in query.split(b"&"))


@functools.lru_cache(maxsize=100)
def _shape(names: tuple[bytes, ...]) -> re.Pattern[bytes]:
    """What finds the URLs whose queries have just these names: in groups all but what signs."""
    kept = [_ADDRESS]
    for index, name in enumerate(names):
        kept[-1] += (b"&" if index else b"") + re.escape(name) + b"="
        signing = signing_value(name, telling_names(names))
        if signing:
            kept[-1] += b"(?=" + signing.pattern + b")" if signing.pattern else b""
            kept.append(b"")
        else:
            kept[-1] += _PLAIN_VALUE
    kept[-1] += b'"'
    return re.compile(_SIGNING_VALUE.join(b"(" + part + b")" for part in kept))


def _masked(pattern: re.Pattern[bytes], lines: bytes) -> tuple[bytes, bytes]:
    """The lines, whatever is found masked between its groups; and what is left without all of it.

    Taken apart and put together at one stroke: a call for each takes half as long again.
    """
    parts, kept = pattern.split(lines), pattern.groups
    others = parts[:: kept + 1]
    shown = [MASK.encode()] * (2 * kept * (len(others) - 1) + 1)
    shown[:: 2 * kept] = others
    for index in range(kept):
        shown[2 * index + 1 :: 2 * kept] = parts[index + 1 :: kept + 1]
    return b"".join(shown), b"".join(others)
