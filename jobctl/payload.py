"""Picking fields out of bodies that may hold anything: what does not fit is absent, no error."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:e[+-]?\d++)?", re.ASCII | re.IGNORECASE)
_HALF = re.compile("[\ud800-\udfff]")
_BEYOND = 2**63  # no service counts so far, and no float nor calendar can follow
_LONGEST_DATE = 40  # letters
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def json_or_none(body: bytes) -> Any:
    """The value a JSON text stands for; none if it is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def unicode(data: bytes) -> str:
    """A text, whichever of the encodings of Unicode it came in, and without a mark.

    Without a mark it is told by where its first two characters, which are ASCII, have zeros.

    Raises:
        UnicodeDecodeError: it is in none of them.
    """
    return data.decode(json.detect_encoding(data))


def utf8(body: bytes) -> bytes:
    """A JSON text in UTF-8.

    Raises:
        UnicodeDecodeError: it is in none of the encodings of Unicode.
    """
    is_utf8 = json.detect_encoding(body) == "utf-8"
    if is_utf8 and body.isascii():
        return body
    text = unicode(body)
    return body if is_utf8 else text.encode()


def words(body: bytes) -> str:
    """A body as text, whichever of the encodings of Unicode it came in, wrong bytes as U+FFFD."""
    return body.decode(json.detect_encoding(body), "replace")


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


def is_sendable(text: str) -> bool:
    """Whether a text can leave this process; half a surrogate pair, which JSON knows, cannot."""
    return text.isascii() or _HALF.search(text) is None


def integer(value: Any) -> int | None:
    """A whole number below 2^63, also as digits in a string; a boolean is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < _BEYOND else None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    # what strip() takes away int() may refuse, such as U+001F
    found = _INTEGER.fullmatch(value.strip()) if isinstance(value, str) else None
    return int(found[0]) if found else None


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
    text = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    found = float(text[0]) if text else value
    return found if isinstance(found, float) and math.isfinite(found) else None


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


def http_time(value: Any) -> datetime | None:
    """A time as HTTP tells dates, in UTC; one without an offset is taken for UTC."""
    if not isinstance(value, str) or len(value) > _LONGEST_DATE:
        return None
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    """Seconds from one time to a later one."""
    if start is None or end is None or end < start:
        return None
    return (end - start).total_seconds()


def facts(**values: Any) -> dict[str, Any]:
    """The values that are there, for `Job.detail`."""
    return {name: value for name, value in values.items() if value is not None}
