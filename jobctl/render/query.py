"""`--query`: a JMESPath expression (https://jmespath.org) over a document."""

from collections.abc import Callable
from typing import Any

from jobctl.errors import UsageError

Selector = Callable[[Any], Any]

# JMESPathError is a ValueError; a comparison of unlike types and a step of zero escape it.
_REFUSALS = (ValueError, TypeError, RecursionError)


def selector(expression: str | None) -> Selector:
    """The function from a document to what the expression selects of it: all, if there is none.

    Raises:
        UsageError: it is no JMESPath; or, when called, it does not fit the document.
    """
    if expression is None:
        return lambda document: document
    import jmespath

    try:
        compiled = jmespath.compile(expression)
    except _REFUSALS as error:
        raise _refused(expression, error) from error

    def select(document: Any) -> Any:
        try:
            return compiled.search(document)
        except _REFUSALS as error:
            raise _refused(expression, error) from error

    return select


def _refused(expression: str, error: Exception) -> UsageError:
    reason = str(error).strip().partition("\n")[0].rstrip(":")
    return UsageError(
        f"--query {expression!r}: {reason}",
        hint="it is a JMESPath expression, see https://jmespath.org",
    )
