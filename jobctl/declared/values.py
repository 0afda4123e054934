"""From what an expression gives to what a field of a job holds; what does not fit is absent."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from jobctl import payload

_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}
UNITS = tuple(_SECONDS)
"""The units of numbers that are times or durations."""

DIGITS = "digits"
"""The unit of times written `20240529161640`."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DIGITS = re.compile(r"\d{14}", re.ASCII)
_SUFFIXED = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)s", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,6}):)?(\d{1,6}):(\d{1,2}(?:\.\d{1,9})?)", re.ASCII)
_ISO = re.compile(
    r"P(?:(\d{1,9}(?:\.\d{1,9})?)W)?(?:(\d{1,9}(?:\.\d{1,9})?)D)?"
    r"(?:T(?:(\d{1,9}(?:\.\d{1,9})?)H)?(?:(\d{1,9}(?:\.\d{1,9})?)M)?(?:(\d{1,12}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
_SHARE = re.compile(r"(\d{1,15})\s*/\s*(\d{1,15})", re.ASCII)
_LONGEST = 1e12  # seconds; no service counts further, and no float loses milliseconds before


def is_nothing(value: Any) -> bool:
    """Whether a value counts as absent: null, false, an empty text, array or object."""
    return value is None or value is False or (not value and isinstance(value, str | list | dict))


def something(value: Any) -> Any:
    """The value, None for what counts as absent."""
    return None if is_nothing(value) else value


def holds(value: Any) -> bool:
    """Whether a condition holds: what is nothing does not, and neither does zero."""
    return not is_nothing(value) and not (isinstance(value, int | float) and value == 0)


def moment(value: Any, unit: str) -> datetime | None:
    """A time in UTC: RFC 3339, ISO 8601, an HTTP date, or a number of `unit`.

    Zero and negative numbers, the year 1 and the beginning of 1970 stand for no time.
    """
    if unit == DIGITS:
        found = _from_digits(value)
    else:
        number = payload.number(value)
        if number is not None and not isinstance(value, bool):
            found = _from_number(number, unit)
        else:
            found = payload.iso_time(value) or payload.http_time(value)
    return found if found is not None and found > _EPOCH else None


def _from_digits(value: Any) -> datetime | None:
    text = payload.text(value) or ""
    if not _DIGITS.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _from_number(number: float, unit: str) -> datetime | None:
    try:
        whole = int(number) if unit == "ns" else None
        if whole is not None:
            # a float has no room for the digits of nanoseconds
            return _EPOCH + timedelta(microseconds=whole // 1000)
        return _EPOCH + timedelta(seconds=number * _SECONDS[unit])
    except (OverflowError, ValueError):
        return None


def seconds(value: Any, unit: str) -> float | None:
    """A duration in seconds, rounded to milliseconds: a number of `unit`, or a text that says it.

    Such texts are `60.5s`, `00:01:00` and ISO 8601's `PT1M`.
    """
    number = None if isinstance(value, bool) else payload.number(value)
    found = _spelled(value) if number is None else _times(number, _SECONDS[unit])
    return round(found, 3) if found is not None and 0 <= found <= _LONGEST else None


def _times(number: float, by: float) -> float | None:
    try:
        return float(number) * by
    except OverflowError:
        return None


def _spelled(value: Any) -> float | None:
    text = value.strip() if isinstance(value, str) else ""
    if found := _SUFFIXED.fullmatch(text):
        return float(found[1])
    if found := _CLOCK.fullmatch(text):
        return float(found[1] or 0) * 3600 + float(found[2]) * 60 + float(found[3])
    found = _ISO.fullmatch(text)
    if not found or not any(found.groups()):
        return None
    parts = (float(part or 0) for part in found.groups())
    return sum(part * one for part, one in zip(parts, (604800, 86400, 3600, 60, 1), strict=True))


def percent(value: Any, of: float = 100) -> float | int | None:
    """From 0 to 100: a number of `of`, `42%`, or `3/5`."""
    if isinstance(value, str):
        text = value.strip()
        if found := _SHARE.fullmatch(text):
            return payload.percent(100 * int(found[1]) / int(found[2])) if int(found[2]) else None
        if text.endswith("%"):
            return payload.percent(text[:-1])
    number = payload.number(value)
    if number is None or isinstance(value, bool):
        return None
    return payload.percent(number if of == 100 else _times(number, 100 / of))


def words(value: Any) -> str | None:
    """A status as text: of an array the words that are not nothing, joined by `+`.

    What is an array within it is no word.
    """
    if isinstance(value, list):
        found = [_word(part) for part in value if not is_nothing(part)]
        return "+".join(filter(None, found)) or None
    return _word(value)


def _word(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return payload.text(value)


def members(value: Any) -> list[Any]:
    """The elements of an array; of an object its members, each with its name as `_key`."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [
            {"_key": key, **inner} if isinstance(inner, dict) else {"_key": key, "value": inner}
            for key, inner in value.items()
        ]
    return [] if is_nothing(value) else [value]
