"""An input and what the model says of it, as a person looks at it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobctl import payload
from jobctl.models import Card, Score
from jobctl.providers.modzy.job import spelled

_LABELS = ("class", "label", "name")
_SCORES = ("score", "confidence", "probability")


def card_of(entry: Mapping[str, Any]) -> Card:
    """One of the records of a job's results."""
    status = payload.text(entry.get("status"))
    told = {"inputKey", "status", "error"}
    scores: list[Score] = []
    for name, output in entry.items():
        found, whole = _scores(output)
        scores += found
        if found and whole:
            told.add(name)
    return Card(
        title=payload.text(entry.get("inputKey")),
        group=status.lower() if status else None,
        message=payload.text(entry.get("error")),
        failed=spelled(status or "") == "FAILED",
        facts={
            name: value for name, value in entry.items() if name not in told and value is not None
        },
        scores=tuple(scores),
    )


def _scores(output: Any) -> tuple[list[Score], bool]:
    """Labels that have a number from 0 to 1 beside them, and whether there is nothing else."""
    found, whole = [], True
    left = [output]  # no recursion: an output may be nested deeper than Python's stack
    while left:
        one = left.pop()
        if isinstance(one, list):
            left.extend(reversed(one))
        elif isinstance(one, dict):
            labels = [name for name in _LABELS if payload.text(one.get(name))]
            numbers = [name for name in _SCORES if payload.share(one.get(name)) is not None]
            if labels and numbers:
                label, score = payload.text(one[labels[0]]), payload.share(one[numbers[0]])
                found.append(Score(str(label), float(score or 0)))
                whole = whole and len(one) == 2
            else:
                left.extend(reversed(one.values()))
        else:
            whole = False
    return found, whole
