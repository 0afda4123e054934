"""Answers in pages, as a file says where the next one begins and when there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from jobctl import payload
from jobctl.declared import values
from jobctl.declared.mapping import find
from jobctl.declared.reply import Reply
from jobctl.declared.spec import Pages
from jobctl.errors import UnavailableError
from jobctl.provider import Cursor, Paging, Part

_T = TypeVar("_T")

_WHOLE = Paging("whole")
"""Of a request whose answer is all there is."""


def paging_of(pages: Pages) -> Paging:
    """How a request is asked for pages."""
    told = pages.paging
    if told is None:
        return _WHOLE
    return Paging(told.kind, told.name, told.size or "", told.largest or 0, told.first)


def is_url(cursor: Cursor) -> bool:
    """Whether a page has a URL of its own, which is asked as it is."""
    return cursor.kind in ("url", "link") and bool(cursor.at)


def asked(pages: Pages, at: Cursor) -> Mapping[str, Any]:
    """The parameters that ask for a page: texts, and in a body numbers or what a cursor was."""
    told = dict(paging_of(pages).asked(at))
    if pages.paging is None or pages.paging.place != "body":
        return told
    values_of = ((name, payload.json_or_none(text.encode())) for name, text in told.items())
    return {name: told[name] if value is None else value for name, value in values_of}


def part_of(pages: Pages, at: Cursor, reply: Reply, records: Sequence[_T], **told: Any) -> Part[_T]:
    """What came of a page, and what its answer says of the rest.

    A total counts as soon as a page tells it, and there is nothing behind it.

    Raises:
        UnavailableError: nobody can ask for the next page that it names.
    """
    from jobctl.http import joined

    said = None if pages.total is None else payload.count(find(pages.total, reply.document))
    total = said if at.total is None else at.total
    paging = pages.paging
    if paging is None:
        return Part(records, total=total, **told)
    more = None if paging.more is None else values.holds(find(paging.more, reply.document))
    # one that grows meanwhile moves what is on the pages
    if total is not None and at.came + len(records) >= max(total, said or 0):
        more = False
    following = None
    if paging.kind == "link":
        following = links_of(reply.headers.get("link")).get("next")
    elif paging.at is not None:
        named = values.something(find(paging.at, reply.document))
        following = payload.text(named)
        if paging.place == "body" and (following or isinstance(named, list | dict)):
            following = json.dumps(named)
    if following is not None and not payload.is_sendable(following):
        raise UnavailableError("the answer names a next page that is none", transient=True)
    if following is not None and paging.kind in ("url", "link"):
        following = joined(reply.url, following)
    return Part(records, total=total, next=following, more=more, **told)


def links_of(header: str | None) -> dict[str, str]:
    """The URLs of a Link header by their relation."""
    found = re.finditer(r"<([^<>]{0,8000})>((?:\s*;[^,;<>]{0,200}){0,20})", header or "")
    links: dict[str, str] = {}
    for link in found:
        for relation in re.findall(r'rel\s*=\s*"?([\w -]{0,100})"?', link[2]):
            links.update(dict.fromkeys(relation.split(), link[1]))
    return links
