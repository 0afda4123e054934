"""Records: JSON values that a job produced, handed on as the service sent them, undecoded."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from jobctl import payload
from jobctl.config import hidden_in
from jobctl.models import Record

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
# What a URL that signs or names a user cannot do without, as it is or escaped.
_TELLING = (b"?", b"#", b"@", b"\\u")
# What may stand in a string before the query so that the query alone has to be looked at.
_ADDRESS = re.compile(
    rb"https?://[A-Za-z0-9.-]+(?::(?:[1-9][0-9]{1,3}|[1-5][0-9]{4}))?(?:/[^\s<>]*)?|[^:\s<>]*"
)


_WHOLE = re.compile(rb"[^\s<>;]*")
_PLAIN = re.compile(rb"[A-Za-z0-9._~:/=,-]*")
_MASKED = f"={payload.MASK}".encode()


class Unpacked(NamedTuple):
    """An object taken apart: the records of one array, what identifies each, and the rest."""

    records: list[Record]
    keys: list[Hashable]
    rest: dict[str, Any]


def unpack(body: bytes, name: str, key: str) -> Unpacked:
    """The array `name` of an object, each record undecoded; `key` is the field with its identity.

    A record that lacks the field, or is no object, is identified by all of itself.

    Raises:
        ValueError: the body is no such object.
    """
    fields = split(body)
    array = fields.pop(name, b"null")
    records = [] if array == b"null" else items(array)
    rest = {field: decode(value) for field, value in fields.items()}
    return Unpacked(records, _keys(array, records, key), rest)


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


def _keys(array: Record, records: list[Record], key: str) -> list[Hashable]:
    import msgspec

    try:
        found = msgspec.json.decode(array, type=list[_keyed(key)])  # type: ignore[misc]
    except ValueError:
        return list(records)
    return [
        record if one.value is None else one.value
        for one, record in zip(found, records, strict=True)
    ]


@functools.cache
def _keyed(key: str) -> Any:
    """The type of an object of which nothing but one field is looked at."""
    import msgspec

    field = ("value", str | int | float | None, None)
    return msgspec.defstruct("Keyed", [field], rename={"value": key})


def with_field(record: Record, name: str, value: str) -> Record:
    """The record, an object, with a field of ours before its own."""
    rest = record.strip()[1:].lstrip()
    head = json.dumps({name: value}).encode()[:-1]
    return head + (rest if rest.startswith(b"}") else b", " + rest)


def encode(value: Any) -> Record:
    """A value as a record."""
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair
        return json.dumps(value).encode()


def without_secrets(records: Sequence[Record], *, show_signed_urls: bool) -> list[Record]:
    """The records, each on a line, without what signs their URLs and without secrets of ours.

    All else stays as the service wrote it, to the byte.
    """
    whole = b"\n".join(records)
    if b"\r" in whole or b"\t" in whole or whole.count(b"\n") >= max(len(records), 1):
        import msgspec

        records = [msgspec.json.format(one, indent=0) for one in records]
    ours = hidden_in(whole)
    if not ours and not any(mark in whole for mark in (b"?", b"#", b"@", b"\\")):
        return list(records)
    return [
        _by_strings(line, show_signed_urls)
        if ours or show_signed_urls
        else _by_queries(line) or _by_strings(line, show_signed_urls)
        for line in records
    ]


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


def _by_queries(line: Record) -> Record | None:
    """The same for lines as most are, at a tenth of the price; None where that cannot be told.

    Without escapes, fragments and user names, what follows a `?` ends with the string.
    """
    if b"\\" in line or b"#" in line or b"@" in line:
        return None
    before, *rest = line.split(b"?")
    parts = [before]
    for part in rest:
        query, quote, after = part.partition(b'"')
        masked = _without_signing(query)
        if masked is None or not _ADDRESS.fullmatch(before, before.rfind(b'"') + 1):
            return None
        parts.append(masked + quote + after)
        before = part
    return b"?".join(parts)


def _without_signing(query: bytes) -> bytes | None:
    arguments = query.split(b"&")
    for index, argument in enumerate(arguments):
        name, _, value = argument.partition(b"=")
        signs = _signs(name)
        # it may hold a URL of its own, or end before the string does
        if not value.isalnum() and not (_WHOLE if signs else _PLAIN).fullmatch(value):
            return None
        if signs and value:
            arguments[index] = name + _MASKED
    return b"&".join(arguments)


@functools.cache
def _signs(name: bytes) -> bool:
    return payload.signs(unquote_plus(name.decode()))
