"""What a provider is made of, as data: read by help, documentation, commands and tests alike."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import httpx

    from jobctl.models import Query


class IdPart(NamedTuple):
    """One part of a job's id: its name in help and paths, and what it may look like.

    One that takes the `rest` has all segments that the others leave over, their slashes with them.
    """

    name: str
    help: str
    pattern: str = r"(?!\.{1,2}\Z)[^/?#%\s\x00-\x1f\x7f]+"
    optional: bool = False
    rest: bool = False
    example: str | None = None


class Option(NamedTuple):
    """A provider's own option of some verbs: a flag, or a value if it has a `metavar`.

    `choices` are words that the value may be, for whoever completes it.
    """

    name: str
    help: str
    metavar: str | None = None
    verbs: tuple[str, ...] = ("get",)
    choices: tuple[str, ...] = ()


class Listing(NamedTuple):
    """What the service's own list can do; what it cannot, is done here.

    `within` is the least and the most number of parts that say where to look: the leading ones of
    an id, or `places`. `filters` tells which of `state` and `since` the service knows, `sorts` maps
    our words to its own; `downwards` tells that it does so in that direction alone. `where` says
    what becomes of that place, `reach` how far back the list goes where nobody asks.
    """

    within: tuple[int, int] = (0, 0)
    filters: frozenset[str] = frozenset()
    sorts: Mapping[str, str] = MappingProxyType({})
    downwards: bool = False
    where: str = ""
    reach: str = ""
    places: tuple[IdPart, ...] = ()

    def orders(self, query: Query) -> bool:
        """Whether the service lists in the order asked for."""
        return query.sort in self.sorts and (query.descending or not self.downwards)


class Document(NamedTuple):
    """A JSON object and the bytes it came as."""

    body: Mapping[str, Any]
    raw: bytes


class Elsewhere(NamedTuple):
    """A client for another host than the service's own; `root` is where that is to be found."""

    client: httpx.Client
    root: str
