"""What a file says of a job's body, read once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jobctl.declared.judge import Mistakes
from jobctl.declared.names import expression, several
from jobctl.declared.spec import Field, Meaning
from jobctl.expression import Expression
from jobctl.models import JobState

ANY_WORD = "*"
_TEXTS = ("name", "message", "error_code", "web")
_TIMES = ("created_at", "started_at", "updated_at", "ended_at")
_COUNTS = ("total", "succeeded", "failed", "skipped", "pending")
_WHEN = (JobState.FAILED, JobState.CANCELLED, JobState.PARTIAL)
_NEVER = expression("null")


def bare(word: str) -> str:
    """A status word as words are compared: without case and blanks around."""
    return word.strip().casefold()


def meaning_of(told: Mapping[str, Any], mistakes: Mistakes) -> Meaning:
    """The meaning of a body, as far as the file says it."""
    progress, failures = told.get("progress", {}), told.get("failures")
    unit = told.get("times", "s")
    duration, percent = told.get("duration_seconds"), progress.get("percent")
    when = told.get("when", {})
    return Meaning(
        status=expression(told["status"]) if "status" in told else _NEVER,
        states=dict(_states(told.get("states", {}), mistakes)),
        when={state: expression(when[state]) for state in _WHEN if state in when},
        texts={name: _field(told[name]) for name in _TEXTS if name in told},
        times={name: _field(told[name], unit) for name in _TIMES if name in told},
        duration=None if duration is None else _field(duration, "s"),
        percent=None if percent is None else _field(percent, 100),
        counts={name: expression(progress[name]) for name in _COUNTS if name in progress},
        failures=None if not failures or "at" not in failures else _failures(failures),
        detail={str(name): expression(text) for name, text in told.get("detail", {}).items()},
        warnings=tuple(
            (expression(one["when"]), str(one["text"]))
            for one in told.get("warnings", ())
            if one.keys() >= {"when", "text"}
        ),
    )


def _field(told: Any, unit: str | float | None = None) -> Field:
    """An expression, several, or one with a unit of its own."""
    if isinstance(told, dict):
        own = told.get("unit", told.get("of", unit))
        return Field((expression(told.get("at", "null")),), own)
    return Field(tuple(map(expression, several(told))), unit)


def _failures(told: Mapping[str, Any]) -> tuple[Expression, dict[str, Field]]:
    names = ("id", "name", "message")
    return expression(told["at"]), {name: _field(told[name]) for name in names if name in told}


def _states(told: Mapping[str, Any], mistakes: Mistakes) -> Iterator[tuple[str, JobState]]:
    seen: set[str] = set()
    for state, words in told.items():
        for word in several(words):
            if bare(word) in seen:
                mistakes.say(word.place, f"the word {str(word)!r} is there twice")
            elif word == ANY_WORD and state not in (JobState.QUEUED, JobState.RUNNING):
                mistakes.say(word.place, "every other word can only be queued or running")
            else:
                yield bare(word), JobState(state)
            seen.add(bare(word))
