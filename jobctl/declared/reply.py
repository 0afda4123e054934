"""Answers as the expressions of a file see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl.declared.spec import Request
from jobctl.errors import UnavailableError

if TYPE_CHECKING:
    import httpx


class Reply(NamedTuple):
    """An answer: what expressions see of it, its bytes, its URL, and its headers."""

    document: Any
    raw: bytes
    url: str
    headers: Mapping[str, str]
    response: httpx.Response


def reply_of(request: Request, response: httpx.Response, where: str, body: Any) -> Reply:
    """An answer as expressions of a request see it; `body` is its JSON, or its text."""
    document = body
    if request.whole:
        told = {name.lower(): text for name, text in response.headers.items()}
        document = {"status": response.status_code, "headers": told, "body": body}
    return Reply(document, response.content, where, response.headers, response)


def body_of(response: httpx.Response) -> Any:
    """The body as JSON; as text where it is none, and nothing where it is empty."""
    from jobctl.http import read_json, read_text

    if not response.content.strip():
        return None
    try:
        return read_json(response)
    except UnavailableError:
        return read_text(response)
