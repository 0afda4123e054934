"""JMESPath (https://jmespath.org): what an expression selects of a document.

Two functions are there beside the usual ones: `split(text, separator)`, as JMESPath Community has
it, and `parse_json(text)`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobctl.errors import UsageError, did_you_mean

# JMESPathError is a ValueError; comparisons of unlike types, steps of zero, infinities and depth
# beyond the stack escape it.
_REFUSALS = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError)
_SHOWN = 200
_FURTHEST = (1 << 63) - 1
_PATIENCE = 500_000  # steps, and values made in them: a tenth of a second or so
_DESERVED = 40  # the same for each value and letter of a document, where that is not enough


@functools.cache
def _interpreter() -> Any:
    """The class that evaluates expressions, made when one is there: the library takes time to load.

    Expressions can make small documents grow without end, `[@, @][]` by two at each step: each of
    its instances takes as many steps as its document deserves.
    """
    from jmespath import functions, visitor

    class Functions(functions.Functions):
        @functions.signature({"types": ["string"]}, {"types": ["string"]})
        def _func_split(self, text: str, separator: str) -> list[str]:
            return text.split(separator) if separator else list(text)

        @functions.signature({"types": ["string", "null"]})
        def _func_parse_json(self, text: str | None) -> Any:
            try:
                return None if text is None else json.loads(text, parse_constant=_no_constant)
            except (ValueError, RecursionError):
                return None

    class Interpreter(visitor.TreeInterpreter):
        known = Functions()

        def __init__(self, document: Any) -> None:
            super().__init__(visitor.Options(custom_functions=self.known))
            self.document = document
            self.left = _PATIENCE
            self.is_weighed = False

        def visit(self, node: Any, *args: Any, **kwargs: Any) -> Any:
            found = super().visit(node, *args, **kwargs)
            self.spend(1 + len(found) if isinstance(found, list | str) else 1)
            return found

        def visit_multi_select_list(self, node: Any, value: Any) -> Any:
            return self.whole(super().visit_multi_select_list(node, value))

        def visit_multi_select_dict(self, node: Any, value: Any) -> Any:
            return self.whole(super().visit_multi_select_dict(node, value))

        def whole(self, found: Any) -> Any:
            # what is selected twice is there once, but is written out twice
            steps = 0
            for size in _sizes(found):
                steps += size
                if steps > self.left:
                    self.spend(steps)
                    steps = 0
            self.left -= steps
            return found

        def spend(self, steps: int) -> None:
            self.left -= steps
            if self.left < 0 and not self.is_weighed:
                self.left += _DESERVED * sum(_sizes(self.document))
                self.is_weighed = True
            if self.left < 0:
                raise ValueError("it takes too many steps")

    return Interpreter


def _sizes(document: Any) -> Iterator[int]:
    """The size of each value of a document: one, or so many letters."""
    left = [document]
    while left:
        one = left.pop()
        yield len(one) if isinstance(one, str) else 1
        if isinstance(one, list | dict):
            left += one if isinstance(one, list) else one.values()


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _see(node: Mapping[str, Any]) -> None:
    """See that a part of an expression gives a value: functions are known, and have what they take,
    and places are numbers that something can have.

    Raises:
        ValueError: it does not.
    """
    if node["type"] in ("index", "slice"):
        places = [node.get("value"), *node["children"]]
        if any(abs(place) > _FURTHEST for place in places if place is not None):
            raise ValueError("a place in a list has no more than 64 bits")
    takes: Sequence[Mapping[str, Any]] = ()
    if node["type"] == "function_expression":
        takes = _signature(node["value"], len(node["children"]))
    if not any("expref" in one["types"] for one in takes) and any(
        one["type"] == "expref" for one in _parts(node)
    ):
        raise ValueError("& stands before what functions such as sort_by go by, nowhere else")


def _signature(name: str, arguments: int) -> Sequence[Mapping[str, Any]]:
    """What a function takes that is given so many arguments."""
    known = _interpreter().known.FUNCTION_TABLE
    if name not in known:
        raise ValueError(f"there is no function {name!r}; {did_you_mean(name, known)}")
    takes: Sequence[Mapping[str, Any]] = known[name]["signature"]
    least = len(takes)
    if arguments < least or (arguments > least and not any("variadic" in one for one in takes)):
        raise ValueError(f"{name}() takes {least} argument{'s' * (least != 1)}, not {arguments}")
    return takes


def _nodes(parsed: Any) -> Iterator[Any]:
    """All that a parsed expression is made of."""
    left = [parsed]
    while left:
        node = left.pop()
        yield node
        left += _parts(node)


def _parts(node: Mapping[str, Any]) -> list[Any]:
    return [one for one in node.get("children", ()) if isinstance(one, dict)]


class Expression:
    """A compiled expression; `origin` is where it stands, such as `--query`.

    Compiling and calling raise `UsageError`: it is no JMESPath, names a function that is none, or
    does not fit the document.
    """

    def __init__(self, text: str, origin: str) -> None:
        import warnings

        import jmespath

        self._text = text
        self._origin = origin
        try:
            with warnings.catch_warnings():
                # of an old spelling, which nobody here shall be told of, or fail for
                warnings.simplefilter("ignore", PendingDeprecationWarning)
                self._parsed = jmespath.compile(text).parsed
            for node in _nodes({"type": "whole", "children": [self._parsed]}):
                _see(node)
        except _REFUSALS as error:
            raise self._refused(error) from error

    @property
    def tree(self) -> Mapping[str, Any]:
        """How it is parsed: nodes with a `type`, their `children`, and some with a `value`."""
        tree: Mapping[str, Any] = self._parsed
        return tree

    @property
    def name(self) -> str | None:
        """The field that it selects, if it does nothing else."""
        return self._parsed["value"] if self._parsed["type"] == "field" else None

    def __call__(self, document: Any) -> Any:
        """What it selects of a JSON value."""
        try:
            return _interpreter()(document).visit(self._parsed, document)
        except _REFUSALS as error:
            raise self._refused(error) from error

    def holds(self, document: Any) -> bool:
        """Whether that is true: neither null nor false nor empty, by JMESPath."""
        found = self(document)
        # for JMESPath, zero is true
        return found is not None and found is not False and found not in ("", [], {})

    def _refused(self, error: Exception) -> UsageError:
        if isinstance(error, RecursionError):
            reason = "it is nested too deep"
        else:
            reason = str(error).strip().partition("\n")[0].rstrip(":")
        more = "..." if len(self._text) > _SHOWN else ""
        return UsageError(
            f"{self._origin} {self._text[:_SHOWN]!r}{more}: {reason[: 2 * _SHOWN]}",
            hint="it is a JMESPath expression, see https://jmespath.org",
        )
