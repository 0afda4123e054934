"""`--for`: what a wait waits for instead of the end of its jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jobctl.errors import UsageError, did_you_mean
from jobctl.expression import Expression
from jobctl.models import Failure, Job, JobRef, JobState

_STATES = tuple(state.value for state in JobState)
_ENDED = "ended"
_EXAMPLE = Job(
    ref=JobRef("", ()), state=JobState.UNKNOWN, status=None, failures=(Failure(None, None),)
).document()
# What may be anything: what a service adds, what a function makes.
_OPEN: Mapping[str, Any] = {}


class Condition:
    """A state, `ended`, or a JMESPath expression over the document of a job."""

    def __init__(self, text: str) -> None:
        """See that it can become true.

        Raises:
            UsageError: it is no JMESPath, or names a field or a state that there is not.
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
    try:
        _walk(expression.tree, _EXAMPLE)
    except RecursionError:
        raise UsageError("--for: the expression is nested too deep") from None
    return lambda job: expression.holds(job.document())


def _walk(node: Mapping[str, Any], value: Any) -> Any:
    """What a part of an expression selects of an example, as far as that tells which fields it has.

    Raises:
        UsageError: it has not the field, or `state` is compared with what is no state.
    """
    kind, parts = node["type"], node["children"]
    match kind:
        case "field":
            return _field(node["value"], value)
        case "subexpression" | "index_expression" | "pipe":
            for part in parts:
                value = _walk(part, value)
            return value
        case "current" | "identity" | "slice":
            return value
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
            for part in parts:
                _walk(part, value)
    return _OPEN


def _field(name: str, value: Any) -> Any:
    if not isinstance(value, dict) or not value:
        return _OPEN
    if name not in value:
        hint = did_you_mean(name, (*value, *_STATES) if value is _EXAMPLE else value)
        if name in _STATES:
            hint = f"a word stands in quotes of its own: state=='{name}', or --for {name} alone"
        raise UsageError(f"--for: the document of a job has no field {name!r}", hint=hint)
    return value[name]


def _item(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else _OPEN


def _check_states(node: Mapping[str, Any]) -> None:
    """See that what `state` is compared with, or looked for in, are states."""
    parts = node["children"]
    if node["type"] == "comparator" and node["value"] in ("eq", "ne"):
        for part, other in (parts, reversed(parts)):
            if _is_state(part):
                _check_literals(other)
    elif node.get("value") == "contains" and any(map(_is_state, parts[1:])):
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
