"""JMESPath (https://jmespath.org): what an expression selects of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobctl.errors import UsageError

# JMESPathError is a ValueError; comparisons of unlike types, steps of zero, infinities and depth
# beyond the stack escape it.
_REFUSALS = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError, RecursionError)
_SHOWN = 200


class Expression:
    """A compiled expression; `origin` is where it stands, such as `--query`.

    Compiling and calling raise `UsageError`: it is no JMESPath, or it does not fit the document.
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
                self._compiled = jmespath.compile(text)
        except _REFUSALS as error:
            raise self._refused(error) from error

    @property
    def tree(self) -> Mapping[str, Any]:
        """How it is parsed: nodes with a `type`, their `children`, and some with a `value`."""
        tree: Mapping[str, Any] = self._compiled.parsed
        return tree

    def __call__(self, document: Any) -> Any:
        """What it selects of a JSON value."""
        try:
            return self._compiled.search(document)
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
