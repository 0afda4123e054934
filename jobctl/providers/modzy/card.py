"""An input and what the model says of it, as a person looks at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jobctl import payload
from jobctl.models import Card, Score
from jobctl.providers.modzy.job import spelled

_LABELS = ("class", "label", "name")
_SCORES = ("score", "confidence", "probability")


def card_of(entry: Mapping[str, Any]) -> Card:
    """One of the records of a job's results."""
    status = payload.text(entry.get("status"))
    scores = {name: tuple(_scores(value)) for name, value in entry.items()}
    shown = {"inputKey", "status", "error"} | {name for name, found in scores.items() if found}
    return Card(
        title=payload.text(entry.get("inputKey")),
        group=status.lower() if status else None,
        message=payload.text(entry.get("error")),
        failed=spelled(status or "") == "FAILED",
        facts={
            name: value for name, value in entry.items() if name not in shown and value is not None
        },
        scores=tuple(one for found in scores.values() for one in found),
    )


def _scores(output: Any) -> Iterator[Score]:
    """Labels that have a number from 0 to 1 beside them, wherever an output holds such pairs."""
    left = [output]  # no recursion: an output may be nested deeper than Python's stack
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(reversed(one))
        elif isinstance(one, dict):
            labels = (payload.text(one.get(name)) for name in _LABELS)
            numbers = (payload.share(one.get(name)) for name in _SCORES)
            label = next(filter(None, labels), None)
            score = next((number for number in numbers if number is not None), None)
            if label is not None and score is not None:
                yield Score(label, score)
            else:
                left.extend(reversed(one.values()))
