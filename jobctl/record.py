"""Records: JSON values that a job produced, handed on as the service sent them, undecoded."""

from __future__ import annotations

import functools
import io
import json
import re
from collections.abc import Hashable, Iterator, Sequence
from operator import attrgetter
from typing import Any, NamedTuple, NoReturn, overload

from jobctl import payload
from jobctl.models import Record


class Lines(Sequence[Record]):
    """Records in one text, each on a line: taken apart for those alone who want to see one."""

    def __init__(self, text: bytes, number: int) -> None:
        self.text = text
        self._number = number

    @classmethod
    def of(cls, records: Sequence[Record]) -> Lines:
        """Any records; those that stand on several lines are laid out on one."""
        if isinstance(records, Lines):
            return records
        text = b"\n".join(records)
        if not _on_lines(text, len(records)):
            text = b"\n".join(map(_on_a_line, records))
        return cls(text, len(records))

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[Record]:
        return (line.removesuffix(b"\n") for line in io.BytesIO(self.text))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    @overload
    def __getitem__(self, at: int) -> Record: ...
    @overload
    def __getitem__(self, at: slice) -> list[Record]: ...
    def __getitem__(self, at: int | slice) -> Record | list[Record]:
        if at == 0 and self._number:  # of each page a provider looks at one
            return next(iter(self))
        return self._records[at]

    @functools.cached_property
    def _records(self) -> list[Record]:
        return list(self)


def _on_lines(text: bytes, number: int) -> bool:
    """Whether so many records that are put together stand on a line each."""
    return text.count(b"\n") < max(number, 1) and not (b"\r" in text or b"\t" in text)


def _on_a_line(record: Record) -> Record:
    """A record as it came, if it stands on one line: whatever its neighbours do."""
    return laid_out(record, 0) if _BREAK.search(record) else record


class Unpacked(NamedTuple):
    """An object taken apart: the records of its array, what identifies each, how many there are.

    `total` is whatever stands in the field `count`.
    """

    records: Sequence[Record]
    keys: Sequence[Hashable]
    total: Any


_BREAK = re.compile(rb"[\n\r\t]")
_VALUE = attrgetter("value")


def unpack(body: bytes, name: str, key: str) -> Unpacked:
    """The array `name` of an object, each record undecoded; `key` is the field with its identity.

    The field is a string; a record that has none is identified by all of itself. An array that is
    not there is empty, unless the body counts some.

    Raises:
        ValueError: the body is no such object.
    """
    body = payload.utf8(body)  # msgspec does not look into strings that it passes over
    try:
        found = _envelope(name).decode(body)
    except ValueError as error:
        if _is_other(error):
            raise
        fields = split(body)
        array, total = fields.get(name, b"null"), decode(fields.get("count", b"null"))
        records = _none(total) if array == b"null" else items(array)
        return Unpacked(records, _keys_alone(records, key), total)
    if found.records is None:
        return Unpacked(_none(found.total), [], found.total)
    some = _together(found.records, body)
    return Unpacked(some, _keys(body, name, key, some), found.total)


def _together(found: list[Any], body: bytes) -> Sequence[Record]:
    """Records that msgspec has found in a body."""
    text, number = b"\n".join(found), len(found)
    # to count line breaks takes ten times as long as to see that there is none
    breaks = b"\n" in body or b"\r" in body or b"\t" in body
    is_whole = not breaks or _on_lines(text, number)
    return Lines(text, number) if is_whole else list(map(bytes, found))


def _is_other(error: ValueError) -> bool:
    """Whether what msgspec could not decode is JSON, but of another kind."""
    import msgspec

    return isinstance(error, msgspec.ValidationError)


def _none(total: Any) -> list[Record]:
    """No records, where there is no array; but where some are counted, that is no answer."""
    if payload.count(total):
        raise ValueError("records are counted and not there")
    return []


def _keys(body: bytes, name: str, key: str, records: Sequence[Record]) -> Sequence[Hashable]:
    try:
        found = _keyed(name, key).decode(body).records or ()
    except ValueError:
        return _keys_alone(records, key)
    keys = list(map(_VALUE, found))
    if None not in keys:
        return keys
    return [record if one is None else one for one, record in zip(keys, records, strict=True)]


def _keys_alone(records: Sequence[Record], key: str) -> list[Hashable]:
    """The same where a record is odd: that must not change the keys of the others."""
    return [_key(record, key) for record in records]


def _key(record: Record, key: str) -> Hashable:
    value = split(record).get(key) if record.startswith(b"{") else None
    found = None if value is None else decode(value)
    return found if isinstance(found, str) else record


def field(record: Record, name: str) -> Any:
    """The value of a field, and nothing else of the record is decoded; None where there is none."""
    try:
        return _reader(name).decode(record).value
    except ValueError:
        return decode(split(record).get(name, b"null")) if record.startswith(b"{") else None


def fields(records: Sequence[Record], name: str) -> list[Any]:
    """The same field of each record."""
    try:
        return list(map(_VALUE, _reader(name).decode_lines(Lines.of(records).text)))
    except ValueError:
        return [field(one, name) for one in records]


@functools.cache
def _reader(name: str) -> Any:
    """What decodes one field of an object."""
    import msgspec

    value = ("value", Any, None)
    return msgspec.json.Decoder(msgspec.defstruct("Read", [value], rename={"value": name}))


@functools.cache
def _envelope(name: str) -> Any:
    """What decodes an object of which one array is looked at, and `count`."""
    import msgspec

    fields = [("records", list[msgspec.Raw] | None, None), ("total", Any, None)]
    names = {"records": name, "total": "count"}
    return msgspec.json.Decoder(msgspec.defstruct("Envelope", fields, rename=names))


@functools.cache
def _keyed(name: str, key: str) -> Any:
    """The same, when of each record nothing but one field is looked at."""
    import msgspec

    value = ("value", str | None, None)
    keyed = msgspec.defstruct("Keyed", [value], rename={"value": key})
    field = ("records", list[keyed] | None, None)  # type: ignore[valid-type]
    return msgspec.json.Decoder(msgspec.defstruct("Envelope", [field], rename={"records": name}))


def split(record: Record) -> dict[str, Record]:
    """The fields of an object, undecoded.

    Raises:
        ValueError: it is no object.
    """
    import msgspec

    record = payload.utf8(record)
    try:
        fields = msgspec.json.decode(record, type=dict[str, msgspec.Raw])
    except ValueError as error:
        if _is_other(error):
            raise
        parts = _slices(record, "{")
        return {_DECODER.decode(name.decode()): value for name, value in _pairs(parts)}
    return {name: bytes(value) for name, value in fields.items()}


def items(record: Record) -> Sequence[Record]:
    """The items of an array, undecoded.

    Raises:
        ValueError: it is no array.
    """
    import msgspec

    record = payload.utf8(record)
    try:
        return _together(msgspec.json.decode(record, type=list[msgspec.Raw]), record)
    except ValueError as error:
        if _is_other(error):
            raise
        return list(_slices(record, "["))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


# It knows half surrogate pairs and numbers of any size, which JSON allows and msgspec does not.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)
_BETWEEN = re.compile(r"[\s,:]*")


def _slices(record: Record, opening: str) -> Iterator[Record]:
    """The items of an array, or names and values of an object in turn, as they stand there."""
    text = record.decode().strip()
    _DECODER.decode(text)  # what is between the slices is right
    if not text.startswith(opening):
        raise ValueError(f"a JSON text that begins with {opening} is expected")
    at = 1
    while True:
        between = _BETWEEN.match(text, at)
        at = between.end() if between else at
        if at >= len(text) - 1:
            return
        _, end = _DECODER.raw_decode(text, at)
        yield text[at:end].encode()
        at = end


def _pairs(parts: Iterator[Record]) -> Iterator[tuple[Record, Record]]:
    """Two and two."""
    return zip(parts, parts, strict=True)


def decode(record: Record) -> Any:
    """The value that a record stands for; an integer beyond what Python reads stays text.

    Raises:
        ValueError: it is no JSON.
    """
    import msgspec

    try:
        return msgspec.json.decode(record)
    except ValueError:
        return json.loads(record, parse_int=_integer, parse_constant=_refuse)


def _integer(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def with_field(record: Record, name: str, value: str) -> Record:
    """The record with a field of ours before its own; one that is no object becomes a `value`."""
    if not record.lstrip().startswith(b"{"):
        record = b'{"value": ' + record + b"}"
    rest = record.strip()[1:].lstrip()
    head = json.dumps({name: value}).encode()[:-1]
    return head + (rest if rest.startswith(b"}") else b", " + rest)


def encode(value: Any) -> Record:
    """A value as a record."""
    # half a surrogate pair becomes the escape that JSON has for it
    return written(value).encode("utf-8", "backslashreplace")


def written(value: Any, indent: int | None = None) -> str:
    """A value as JSON; what is infinite is written 1e999, and what is no number null."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError:
        # A body may hold 1e999, which Python reads as infinity: its word for that is no JSON.
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        return _WORD.sub(lambda word: _NUMBERS.get(word[0], word[0]), text)


_WORD = re.compile(r'"(?:[^"\\]++|\\.)*+"?|NaN|Infinity')
_NUMBERS = {"NaN": "null", "Infinity": "1e999"}
# Halves of surrogate pairs, and what stands for them meanwhile, behind any escaped backslashes.
_HALVES = re.compile(
    rb"(?<!\\)((?:\\\\)*+)((?:\\u(?:[Dd][89A-Fa-f][0-9A-Fa-f]{2}|0000))++)",
)


def laid_out(record: Record, indent: int) -> Record:
    """The record over several lines, or with an indent of 0 on one; else as it came."""
    import msgspec

    try:
        return msgspec.json.format(record, indent=indent)
    except ValueError:  # half a surrogate pair
        laid = msgspec.json.format(_HALVES.sub(rb"\1\\u0000", record), indent=indent)
        halves = _HALVES.finditer(record)
        return _HALVES.sub(lambda found: found[1] + next(halves)[2], laid)
