"""What the answers of a service mean that are errors, as a file says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from jobctl.declared import values
from jobctl.declared.mapping import find
from jobctl.declared.spec import Rule
from jobctl.errors import (
    AuthError,
    JobctlError,
    NotFoundError,
    NotReadyError,
    ThrottledError,
    UnavailableError,
    UsageError,
)
from jobctl.masking.texts import masked

if TYPE_CHECKING:
    import httpx

KINDS: dict[str, type[JobctlError]] = {
    "auth": AuthError,
    "not-found": NotFoundError,
    "throttled": ThrottledError,
    "unavailable": UnavailableError,
    "pending": NotReadyError,
    "usage": UsageError,
}
PASSING = frozenset({"throttled", "unavailable"})
"""The kinds that may pass by themselves: the same question is asked again."""


def bare(code: str) -> str:
    """A code without what services put round it: `prefix#Name:rest` is `Name`.

    Of an address, which RFC 9457 has in its place, it is the last part. It is masked: a part of a
    secret would not be known again.
    """
    code = masked(code)
    if code.startswith(("http://", "https://")):
        return code.rstrip("/").rpartition("/")[2]
    return code.rpartition("#")[2].partition(":")[0].strip()


def fits_answers(rule: Rule) -> bool:
    """Whether a rule is about answers with an accepted status; the others, refused ones."""
    return rule.when is not None and not rule.statuses


def matching(
    rules: Iterable[Rule],
    response: httpx.Response,
    body: Any,
    code: str | None,
    *,
    accepted: bool,
) -> Rule | None:
    """The first rule that fits an answer; `accepted` tells that its status is one of an answer."""
    return next(
        (
            rule
            for rule in rules
            if accepted == fits_answers(rule)
            and (not rule.statuses or response.status_code in rule.statuses)
            and (not rule.codes or code in rule.codes)
            and (rule.when is None or values.holds(find(rule.when, body)))
            and all(response.headers.get(name) == text for name, text in rule.headers.items())
        ),
        None,
    )
