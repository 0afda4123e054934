"""`--for`: what a wait waits for instead of the end of its jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from jobctl.errors import UsageError, did_you_mean
from jobctl.expression import Expression
from jobctl.models import Failure, Job, JobRef, JobState, Progress

_STATES = tuple(state.value for state in JobState)
_ENDED = "ended"
_SPELLING = "texts stand in quotes, numbers and true in backticks: 'x', `50`, `true`"
_NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
# each field as it is where it tells something
_JOB = Job(
    ref=JobRef("", ()),
    state=JobState.UNKNOWN,
    status="",
    name="",
    progress=Progress(0, 0, 0, 0, 0, 0),
    created_at=_NOON,
    started_at=_NOON,
    updated_at=_NOON,
    ended_at=_NOON,
    duration_seconds=0,
    message="",
    error_code="",
    failures=(Failure("", "", ""),),
    url="",
    web_url="",
)
_EXAMPLE = _JOB.document()
# What may be anything: what a service adds, what a function makes.
_OPEN: Mapping[str, Any] = {}


class Condition:
    """A state, `ended`, or a JMESPath expression over the document of a job."""

    def __init__(self, text: str) -> None:
        """See that it can become true.

        Raises:
            UsageError: it is no JMESPath; names a field or a state that there is not; or no state
                of a job makes it true.
        """
        self.text = text
        self._holds = _state(text) or _expression(text)

    def met(self, job: Job, warn: Callable[[str], None]) -> bool:
        """Whether a job is as it says; where it does not fit, that is told, and it is not yet."""
        try:
            return self._holds(job)
        except UsageError as error:
            warn(f"{job.ref}: {error.message}")
            return False


def _state(text: str) -> Callable[[Job], bool] | None:
    if text == _ENDED:
        return lambda job: job.state.ended
    if text in _STATES:
        return lambda job: job.state == text
    return None


def _expression(text: str) -> Callable[[Job], bool]:
    expression = Expression(text, "--for")
    if expression.tree["type"] == "literal":
        quoted = "a state stands without quotes: --for running"
        raise UsageError(f"--for: {text} says nothing of a job", hint=quoted)
    try:
        _walk(expression.tree, _EXAMPLE)
        is_of_state = _fields(expression.tree) <= {"state", "ended"}
    except RecursionError:
        raise UsageError("--for: the expression is nested too deep") from None
    if is_of_state:
        jobs = (replace(_JOB, state=state).document() for state in JobState)
        if not any(map(expression.holds, jobs)):
            known = f"states: {', '.join(_STATES)}"
            raise UsageError(f"--for: no state of a job makes {text!r} true", hint=known)
    return lambda job: expression.holds(job.document())


def _fields(node: Mapping[str, Any]) -> set[str]:
    """The names of all fields that stand in a part of an expression."""
    if node["type"] == "field":
        return {node["value"]}
    return set().union(*(_fields(one) for one in node["children"] if isinstance(one, dict)))


def _walk(node: Mapping[str, Any], value: Any) -> Any:
    """What a part of an expression selects of an example, as far as that tells which fields it has.

    Raises:
        UsageError: it has not the field, compares what is never alike, or `state` with what is no
            state.
    """
    kind, parts = node["type"], node["children"]
    match kind:
        case "field":
            return _field(node["value"], value)
        case "subexpression" | "index_expression" | "pipe":
            for part in parts:
                value = _walk(part, value)
            return value
        case "current" | "identity" | "slice" | "literal":
            return node.get("value", value)
        case "index":
            return _item(value)
        case "flatten":
            return _walk(parts[0], value)
        case "projection" | "filter_projection":
            item = _item(_walk(parts[0], value))
            return [[_walk(part, item) for part in parts[1:]][0]]  # noqa: RUF015 - the filter, too
        case "value_projection":
            _walk(parts[0], value)
        case "expref":
            pass  # of what a function takes it, it knows itself
        case _:
            if value is _EXAMPLE:
                _check_states(node)
            found = [_walk(part, value) for part in parts]
            if kind == "comparator":
                _check_compared(node["value"], *found)
    return _OPEN


def _field(name: str, value: Any) -> Any:
    if value == _OPEN:
        return _OPEN
    if not isinstance(value, dict):
        raise UsageError(f"--for: what {name!r} is to be a field of has no fields")
    if name not in value:
        hint = did_you_mean(name, (*value, *_STATES) if value is _EXAMPLE else value)
        if name in _STATES:
            hint = f"a word stands in quotes of its own: state=='{name}', or --for {name} alone"
        raise UsageError(f"--for: the document of a job has no field {name!r}", hint=hint)
    return value[name]


def _item(value: Any) -> Any:
    if isinstance(value, list):
        return value[0] if value else _OPEN
    if value == _OPEN:
        return _OPEN
    raise UsageError(
        "--for: only an array has elements",
        hint="the document of each job is looked at alone" if value is _EXAMPLE else None,
    )


def _check_compared(operator: str, left: Any, right: Any) -> None:
    kinds = [kind for kind in map(_kind, (left, right)) if kind is not None]
    if len({*kinds}) > 1:
        raise UsageError(f"--for: {' and '.join(kinds)} are never alike", hint=_SPELLING)
    if operator not in ("eq", "ne") and "a number" not in kinds and kinds:
        raise UsageError(f"--for: {kinds[0]} is neither less nor more than another")


def _kind(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a text"
    return "a number" if isinstance(value, int | float) else None


def _check_states(node: Mapping[str, Any]) -> None:
    """See that what `state` is compared with, or looked for in, are states."""
    parts = node["children"]
    if node["type"] == "comparator" and node["value"] in ("eq", "ne"):
        for part, other in (parts, reversed(parts)):
            if _is_state(part):
                _check_literals(other)
    elif node.get("value") == "contains" and any(map(_is_state, parts[1:])):
        is_text = isinstance(parts[0].get("value"), str)  # it has more than whole words
        if not is_text:
            _check_literals(parts[0])


def _is_state(node: Mapping[str, Any]) -> bool:
    return node == {"type": "field", "children": [], "value": "state"}


def _check_literals(node: Mapping[str, Any]) -> None:
    if node["type"] == "multi_select_list":
        for part in node["children"]:
            _check_literals(part)
    elif node["type"] == "literal":
        value = node["value"]
        for word in value if isinstance(value, list) else [value]:
            if word not in _STATES:
                raise UsageError(
                    f"--for: there is no state {word!r}", hint=did_you_mean(str(word), _STATES)
                )
