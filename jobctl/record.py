"""Records: JSON values that a job produced, handed on as the service sent them, undecoded."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple

from jobctl import payload
from jobctl.config import hidden_in
from jobctl.models import Record

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
# What a URL that signs or names a user cannot do without, as it is or escaped.
_TELLING = (b"?", b"#", b"@", b"\\u")
# A string that is a URL whose address and query hold nothing that has to be looked at twice.
_ADDRESS = (
    rb'"https?://[A-Za-z0-9.-]+(?::(?:[1-9][0-9]{1,3}|[1-5][0-9]{4}))?/[A-Za-z0-9._~:/=%+,-]*\?'
)
_URL = re.compile(_ADDRESS + rb'((?:[A-Za-z0-9._-]+=[^"&\s<>;?]*&)*[A-Za-z0-9._-]+=[^"&\s<>;?]*)"')
_SIGNING_VALUE, _PLAIN_VALUE = rb'[^"&\s<>;?]+', rb"[A-Za-z0-9._~:/=,-]*"


class Unpacked(NamedTuple):
    """An object taken apart: the records of its array, what identifies each, how many there are.

    `total` is whatever stands in the field `count`.
    """

    records: list[Record]
    keys: list[Hashable]
    total: Any


def unpack(body: bytes, name: str, key: str) -> Unpacked:
    """The array `name` of an object, each record undecoded; `key` is the field with its identity.

    A record that lacks the field, or is no object, is identified by all of itself.

    Raises:
        ValueError: the body is no such object.
    """
    import msgspec

    body.decode()  # msgspec does not look into strings that it passes over
    try:
        found = msgspec.json.decode(body, type=_envelope(name))
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:
        fields = split(body)
        array = fields.get(name, b"null")
        records = [] if array == b"null" else items(array)
        return Unpacked(records, list(records), decode(fields.get("count", b"null")))
    records = [bytes(one) for one in found.records or ()]
    return Unpacked(records, _keys(body, name, key, records), found.total)


def _keys(body: bytes, name: str, key: str, records: list[Record]) -> list[Hashable]:
    import msgspec

    try:
        found = msgspec.json.decode(body, type=_keyed(name, key)).records or ()
    except ValueError:
        return list(records)
    return [
        record if one.value is None else one.value
        for one, record in zip(found, records, strict=True)
    ]


@functools.cache
def _envelope(name: str) -> Any:
    """The type of an object that is looked at for one array, and for `count`."""
    import msgspec

    fields = [("records", list[msgspec.Raw] | None, None), ("total", Any, None)]
    return msgspec.defstruct("Envelope", fields, rename={"records": name, "total": "count"})


@functools.cache
def _keyed(name: str, key: str) -> Any:
    """The same, when of each record nothing but one field is looked at."""
    import msgspec

    value = ("value", str | int | float | None, None)
    keyed = msgspec.defstruct("Keyed", [value], rename={"value": key})
    field = ("records", list[keyed] | None, None)  # type: ignore[valid-type]
    return msgspec.defstruct("Envelope", [field], rename={"records": name})


def split(record: Record) -> dict[str, Record]:
    """The fields of an object, undecoded.

    Raises:
        ValueError: it is no object.
    """
    import msgspec

    fields: dict[str, Any] = _apart(record, dict[str, msgspec.Raw])
    return {name: bytes(value) for name, value in fields.items()}


def items(record: Record) -> list[Record]:
    """The items of an array, undecoded.

    Raises:
        ValueError: it is no array.
    """
    import msgspec

    return [bytes(one) for one in _apart(record, list[msgspec.Raw])]


def _apart(record: Record, shape: Any) -> Any:
    import msgspec

    record.decode()  # msgspec does not look into strings that it passes over
    try:
        return msgspec.json.decode(record, type=shape)
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # half a surrogate pair, perhaps, which JSON allows
        return msgspec.convert(_encoded(json.loads(record)), shape.__origin__)


def _encoded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: encode(inner) for name, inner in value.items()}
    return [encode(inner) for inner in value] if isinstance(value, list) else value


def decode(record: Record) -> Any:
    """The value that a record stands for.

    Raises:
        ValueError: it is no JSON.
    """
    import msgspec

    try:
        return msgspec.json.decode(record)
    except ValueError:
        return json.loads(record)  # it knows half surrogate pairs and numbers of any size


def with_field(record: Record, name: str, value: str) -> Record:
    """The record with a field of ours before its own; one that is no object becomes a `value`."""
    if not record.lstrip().startswith(b"{"):
        record = b'{"value": ' + record + b"}"
    rest = record.strip()[1:].lstrip()
    head = json.dumps({name: value}).encode()[:-1]
    return head + (rest if rest.startswith(b"}") else b", " + rest)


def encode(value: Any) -> Record:
    """A value as a record."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(value).encode()


def laid_out(record: Record, indent: int) -> Record:
    """The record over several lines, or with an indent of 0 on one."""
    import msgspec

    try:
        return msgspec.json.format(record, indent=indent)
    except ValueError:  # half a surrogate pair
        return json.dumps(json.loads(record), indent=indent or None).encode()


def without_secrets(records: Sequence[Record], *, show_signed_urls: bool) -> list[Record]:
    """The records, each on a line, without what signs their URLs and without secrets of ours.

    All else stays as the service wrote it, to the byte.
    """
    whole = b"\n".join(records)
    if b"\r" in whole or b"\t" in whole or any(b"\n" in one for one in records):
        records = [laid_out(one, 0) for one in records]
        whole = b"\n".join(records)
    ours = hidden_in(whole)
    unusual = ours or any(mark in whole for mark in (b"#", b"@", b"\\"))
    if not unusual and (show_signed_urls or b"?" not in whole):
        return list(records)
    masked = None if unusual else _by_shape(whole)
    if masked is not None:
        return masked.split(b"\n")
    return [_by_strings(record, show_signed_urls) for record in records]


def signed_url(records: Sequence[Record]) -> str | None:
    """One of the signed URLs in the records, if there is any in plain sight."""
    for found in _URL.finditer(b"\n".join(records)):
        if any(payload.signs(name.decode()) for name in _names(found[1])):
            return found[0].decode().strip('"')
    return None


def _by_strings(line: Record, show_signed_urls: bool) -> Record:
    """Every string that may hold what must not be shown is decoded, and written anew if it does."""

    def shown(found: re.Match[bytes]) -> bytes:
        token = found[0]
        ours = hidden_in(token)
        if not ours and not any(mark in token for mark in _TELLING):
            return token
        text = json.loads(token)
        if not ours and not any(mark in text for mark in "?#@"):
            return token
        masked = payload.redact(text, show_signed_urls=show_signed_urls)
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
    left = lines.count(b"?")
    for names in dict.fromkeys(map(_names, _URL.findall(one))):
        pattern, masked = _shape(names)
        lines, found = pattern.subn(masked, lines)
        left -= found
    return None if left else lines


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
        if payload.signs(name.decode()):
            kept.append(b"")
        else:
            kept[-1] += _PLAIN_VALUE
    kept[-1] += b'"'
    pattern = _SIGNING_VALUE.join(b"(" + part + b")" for part in kept)
    mask = payload.MASK.encode()
    return re.compile(pattern), lambda found: mask.join(found.groups())
