"""Answers that are errors: what they say, and which of our errors they become."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl import payload
from jobctl.errors import AuthError, JobctlError, NotFoundError, ThrottledError, UnavailableError
from jobctl.masking.texts import beginning

if TYPE_CHECKING:
    import httpx

_MUCH, _READ = 65_536, 2_000  # how much of an error is looked at, and how much is read
_GONE = (404, 410)
_TAG = re.compile(r"<[^<>]*>")
_CODES = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))
_MESSAGES = (
    "error_message",
    "errorMessage",
    "message",
    "Message",
    "error_description",
    "title",
    "detail",
    "error",
)


class Refusal(NamedTuple):
    """What an error answer means: the error it becomes, and what the user can do.

    `transient` tells whether it may pass by itself; None: going by the status.
    """

    error: type[JobctlError]
    hint: str | None = None
    transient: bool | None = None


class ServiceError(NamedTuple):
    """What the body of an error answer says, each part None where it says nothing."""

    code: str | None = None
    message: str | None = None


FOREIGN = Refusal(
    UnavailableError,
    "what says so is not the service but something before it; check base_url, or wait for it",
    transient=True,  # an outage, whatever its number
)
"""Nothing found, in words that are not the service's: a page of a proxy or an ingress."""


# What gateways and ingresses say of a way that they do not know: Kong, APISIX, Apigee, nginx,
# Traefik.
_GATEWAYS = (
    b"no Route matched with those values",
    b"404 Route Not Found",
    b'"faultstring"',
    b"<center>nginx",
    b"<center>openresty",
    b"default backend - 404",
    b"404 page not found",
)


def is_foreign(response: httpx.Response) -> bool:
    """Whether nothing was found by something else than the service, which would answer in JSON."""
    # some services tell errors as an array
    return is_gateways(response) or (
        response.status_code in _GONE
        and not isinstance(payload.json_or_none(response.content), dict | list)
    )


def is_gateways(response: httpx.Response) -> bool:
    """Whether nothing was found by what is known to stand before services."""
    begun = response.content[:_MUCH]
    return response.status_code in _GONE and any(words in begun for words in _GATEWAYS)


def told(body: Any) -> ServiceError:
    """What an error body says, in any of the spellings that services use."""
    found = payload.mapping(body)
    first = payload.items(found.get("errors"))[:1]  # as GraphQL and JSON:API tell them
    for one in (found, *payload.objects([*found.values(), *first])):
        code = next((payload.text(one[key]) for key, _ in _CODES if key in one), None)
        said = (payload.text(one.get(key)) for key in (*(key for _, key in _CODES), *_MESSAGES))
        message = next((words for words in said if words), None)
        if code or message:
            return ServiceError(code, message)
    return ServiceError(None, next(map(payload.text, first), None))


def read_error(response: httpx.Response) -> tuple[Any, str]:
    """The body of an error as JSON, or none, and the text to show where JSON says nothing."""
    body = payload.json_or_none(response.content)
    text = " ".join(shown(payload.words(response.content[:_MUCH])).split())
    if text.startswith("<"):
        # what is no page are the words of a vendor's gateway, which speaks XML before any API
        is_page = "<html" in text.lower() or "<!doctype" in text.lower()
        words = " ".join(_TAG.sub(" ", text).split())
        text = "an HTML page, as a proxy or a sign-in page would" if is_page else words
    return body, text[:200]


def shown(text: str) -> str:
    """What a person reads of a service's words: not all if they are many, and no signature."""
    return beginning(text, _READ)


def by_status(status: int, account: str) -> Refusal:
    if status == 401:
        return Refusal(
            AuthError, f"check the credentials of account {account!r}: `jobctl config path`"
        )
    if status == 403:
        return Refusal(AuthError, "these credentials lack the right, or the job belongs to others")
    if status in (404, 410):
        return Refusal(NotFoundError, "check the id and the profile")
    if status == 429:
        return Refusal(ThrottledError)
    if 300 <= status < 400:
        return Refusal(UnavailableError, "redirects are not followed; check base_url")
    return Refusal(UnavailableError)
