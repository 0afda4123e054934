"""The page after one that was asked for by its URL alone, as a file tells of that path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from jobctl import payload
from jobctl.declared import values
from jobctl.declared.asking import reply_of
from jobctl.declared.mapping import find
from jobctl.declared.pages import is_url, paging_of, part_of
from jobctl.declared.spec import Pages, Spec
from jobctl.expression import Expression
from jobctl.provider import Cursor, Paging
from jobctl.provider.path import match

if TYPE_CHECKING:
    import httpx


def next_url(spec: Spec, root: str, response: httpx.Response) -> str | None:
    """The URL of the next page; None where there is none, or the file tells of no such path."""
    url = str(response.url)
    for pages, at in _paged(spec):
        found = match((str(pages.request.path),), url)
        if found and found[0] == root:
            return _next(pages, at, url, response)
    return None


def _paged(spec: Spec) -> Iterator[tuple[Pages, Expression | None]]:
    """What is asked in pages that a URL alone can name, and where its records are."""
    sources = [(one.pages, one.value) for one in (*spec.results, *spec.logs)]
    if spec.listing is not None:
        sources.insert(0, (spec.listing.pages, spec.listing.records))
    for pages, at in sources:
        request, paging = pages.request, pages.paging
        if paging is not None and paging.place == "query" and request.path and not request.post:
            yield pages, at


def _next(pages: Pages, at: Expression | None, url: str, response: httpx.Response) -> str | None:
    body: Any = payload.json_or_none(response.content)
    reply = reply_of(pages.request, response, url, body)
    records = reply.document if at is None else find(at, reply.document)
    paging = paging_of(pages)
    cursor = _cursor(paging, url)
    if cursor is None:
        return None
    part = part_of(pages, cursor, reply, values.members(records))
    following = next(paging.after(cursor, part), None)
    if following is None:
        return None
    if is_url(following):
        return following.at
    return str(response.url.copy_set_param(paging.name, following.at))


def _cursor(paging: Paging, url: str) -> Cursor | None:
    """Where the page of a URL begins; None where its number is none."""
    asked = dict(parse_qsl(urlsplit(url).query))
    start = paging.start()
    at = asked.get(paging.name, start.at) if paging.name else start.at
    told = asked.get(paging.size, "")
    size = int(told) if told.isdecimal() else 0
    if start.at and not at.isdecimal():
        return None
    came = int(at) if paging.kind == "offset" else 0
    return start._replace(at=at, size=size, came=came)
