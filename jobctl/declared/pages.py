"""Answers in pages: where the next one begins, and when there is none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urljoin

from jobctl import payload
from jobctl.declared import values
from jobctl.declared.mapping import find
from jobctl.declared.spec import Pages, Paging
from jobctl.errors import UsageError


class Place(NamedTuple):
    """Where a page begins.

    `request` counts the requests that one question of the command stands for; `start` is a number,
    a cursor or a URL as the kind of paging has it, None for the first page; `came` is how many
    records of this request came before it, `total` how many there are, where a page has told.
    """

    request: int = 0
    start: str | int | None = None
    came: int = 0
    total: int | None = None

    @classmethod
    def parse(cls, cursor: str | None) -> Place:
        """Read what `str` wrote; the beginning for none.

        Raises:
            UsageError: it is something else.
        """
        if cursor is None:
            return cls()
        try:
            request, start, came, total = json.loads(cursor)
        except (ValueError, TypeError, RecursionError):
            request = start = came = total = -1
        fits = isinstance(start, str | int | None) and isinstance(total, int | None)
        if not fits or not all(
            isinstance(one, int) and 0 <= one < 2**53 for one in (request, came)
        ):
            raise UsageError(f"{cursor!r} is no cursor of these pages")
        return cls(request, start, came, total)

    def __str__(self) -> str:
        return json.dumps(list(self), separators=(",", ":"))


def size_of(paging: Paging, wanted: int | None) -> int | None:
    """How many records a page is asked for; None where that cannot be said."""
    if paging.size is None:
        return None
    most = paging.largest
    return most if wanted is None else wanted if most is None else min(wanted, most)


def parameters(paging: Paging | None, place: Place, size: int | None) -> dict[str, str]:
    """The parameters that ask for a page."""
    told: dict[str, str] = {}
    if paging is None:
        return told
    if paging.size is not None and size is not None:
        told[paging.size] = str(size)
    if paging.kind == "page":
        told[paging.name] = str(place.start if place.start is not None else paging.first)
    elif paging.kind == "offset":
        told[paging.name] = str(place.start or 0)
    elif paging.kind == "cursor" and place.start is not None:
        told[paging.name] = str(place.start)
    return told


class Step(NamedTuple):
    """Where it goes on behind a page: the places that may be asked for now, and how many there are.

    `stuck` tells that the service names the page itself as the next one.
    """

    next: Iterable[Place] = ()
    total: int | None = None
    stuck: bool = False


def step_of(
    pages: Pages,
    place: Place,
    document: Any,
    links: Mapping[str, str],
    url: str,
    *,
    number: int,
    size: int | None,
) -> Step:
    """Where it goes on: `number` records came with a page at `url` that was asked for `size`."""
    paging = pages.paging
    told = None if pages.total is None else payload.count(find(pages.total, document))
    total = place.total if place.total is not None else told
    came = place.came + number
    over = total is not None and came >= total
    if paging is None or over:
        return Step(total=total)
    if paging.more is not None and not values.holds(find(paging.more, document)):
        return Step(total=total)
    if paging.kind in ("page", "offset"):
        is_last = size is not None and number < size and total is None and paging.more is None
        if not number or is_last:
            return Step(total=total)
        return Step(_counted(paging, place, total, number), total)
    if paging.kind == "link":
        start = links.get("next")
    else:
        start = payload.text(values.something(find(paging.at, document))) if paging.at else None
    if start is None:
        return Step(total=total)
    if paging.kind == "cursor":
        return Step((Place(place.request, start, came, total),), total, start == place.start)
    start = urljoin(url, start)
    return Step((Place(place.request, start, came, total),), total, start == url)


def _counted(paging: Paging, place: Place, total: int | None, number: int) -> Iterator[Place]:
    """The places behind a page of `number` records: all of them where it is known how many."""
    first = paging.first if paging.kind == "page" else 0
    start = place.start if isinstance(place.start, int) else first
    came = place.came
    step = 1 if paging.kind == "page" else number
    following = 1 if total is None else -(-(total - came) // number) - 1
    for ahead in range(1, following + 1):
        yield Place(place.request, start + ahead * step, came + ahead * number, total)


def links_of(header: str | None) -> dict[str, str]:
    """The URLs of a Link header by their relation."""
    found = re.finditer(r"<([^<>]{0,8000})>((?:\s*;[^,;<>]{0,200}){0,20})", header or "")
    links: dict[str, str] = {}
    for link in found:
        for relation in re.findall(r'rel\s*=\s*"?([\w -]{0,100})"?', link[2]):
            links.update(dict.fromkeys(relation.split(), link[1]))
    return links
