"""The page after one that was asked for by its URL alone, as a file tells of that path."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jobctl import payload
from jobctl.declared import values
from jobctl.declared.mapping import find
from jobctl.declared.pages import paging_of, part_of
from jobctl.declared.reply import reply_of
from jobctl.declared.spec import Pages, Spec
from jobctl.expression import Expression
from jobctl.provider.path import match

if TYPE_CHECKING:
    import httpx


def next_url(spec: Spec, root: str, response: httpx.Response) -> tuple[bool, str | None]:
    """Whether the file tells of the pages of such a path, and the URL of the next one, if any."""
    url = str(response.url)
    for pages, at in _paged(spec):
        found = match((str(pages.request.path),), url)
        if found and found[0] == root:
            return True, _next(pages, at, url, response)
    return False, None


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
    part = part_of(pages, paging.start(), reply, values.members(records))
    return paging.following(url, part)
