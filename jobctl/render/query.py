"""`--query`: what a document shows instead of itself."""

from collections.abc import Callable
from typing import Any

Selector = Callable[[Any], Any]


def selector(query: str | None) -> Selector:
    """The function from a document to what a JMESPath expression selects of it; without one, all.

    Raises:
        UsageError: it is no JMESPath; or, when called, it does not fit the document.
    """
    if query is None:
        return lambda document: document
    from jobctl.expression import Expression

    return Expression(query, "--query")
