"""`--query`: a JMESPath expression (https://jmespath.org) over a document."""

from collections.abc import Callable
from typing import Any

from jobctl.errors import UsageError

Selector = Callable[[Any], Any]

# JMESPathError is a ValueError; a comparison of unlike types and a step of zero escape it.
_REFUSALS = (ValueError, TypeError, RecursionError)


def selector(expression: str | None, option: str = "--query") -> Selector:
    """The function from a document to what the expression selects of it: all, if there is none.

    `option` is where the expression comes from.

    Raises:
        UsageError: it is no JMESPath; or, when called, it does not fit the document.
    """
    if expression is None:
        return lambda document: document
    import jmespath

    try:
        compiled = jmespath.compile(expression)
    except _REFUSALS as error:
        raise _refused(option, expression, error) from error

    def select(document: Any) -> Any:
        try:
            return compiled.search(document)
        except _REFUSALS as error:
            raise _refused(option, expression, error) from error

    return select


def condition(expression: str) -> Callable[[Any], bool]:
    """Whether what the expression selects is true: neither null nor false nor empty, by JMESPath.

    Raises:
        UsageError: as for `selector`.
    """
    select = selector(expression, "--for")

    def holds(document: Any) -> bool:
        found = select(document)
        # for JMESPath, zero is true
        return found is not None and found is not False and found not in ("", [], {})

    return holds


def _refused(option: str, expression: str, error: Exception) -> UsageError:
    reason = str(error).strip().partition("\n")[0].rstrip(":")
    return UsageError(
        f"{option} {expression!r}: {reason}",
        hint="it is a JMESPath expression, see https://jmespath.org",
    )
