"""The values everything else speaks of: states, references, jobs. No I/O."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, Literal, NamedTuple, TypeVar, overload
from urllib.parse import quote, unquote

from jobctl.errors import UsageError

SCHEMA = "jobctl.job/v1"

_T = TypeVar("_T")
Record = bytes
"""One JSON value that a job produced, as the service sent it."""


class JobState(StrEnum):
    """Our seven words for how a job is doing, whatever the service calls it."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def ended(self) -> bool:
        """Whether a job in this state will not change any more."""
        return self in _ENDED


_ENDED = frozenset({JobState.SUCCEEDED, JobState.PARTIAL, JobState.FAILED, JobState.CANCELLED})

_RESERVED = re.compile(r"[/%?#\s\x00-\x1f\x7f-\x9f]")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


class JobRef(NamedTuple):
    """Which job: a provider's name and the parts of an id, decoded."""

    provider: str
    parts: tuple[str, ...]

    @classmethod
    def parse(cls, text: str, provider: str | None = None) -> "JobRef":
        """Read `PROVIDER/ID`, or an id alone where `provider` is given.

        Raises:
            UsageError: a part is empty, `.` or `..`, or holds what must be percent-encoded.
        """
        if not text:
            raise UsageError("a job's id is empty", hint="is a variable of the shell unset?")
        words = text.split("/")
        if provider is None:
            provider, *words = words
            if not words:
                raise UsageError(
                    f"{text!r} is not a job reference", hint="write PROVIDER/ID, e.g. cognite/123"
                )
        return cls(provider, tuple(_decode(word, text) for word in words))

    @property
    def id(self) -> str:
        """The parts joined by `/`, percent-encoded where a part holds what would be misread."""
        return "/".join(
            _RESERVED.sub(lambda found: quote(found[0], safe=""), part) for part in self.parts
        )

    def __str__(self) -> str:
        return f"{self.provider}/{self.id}"


def _decode(word: str, text: str) -> str:
    if re.search(r"[?#\s]", word) or _ESCAPE.search(word):
        raise UsageError(
            f"{text!r} is not a job reference",
            hint="inside a part of an id, '/', '%', '?', '#' and blanks are percent-encoded",
        )
    part = unquote(word, errors="replace")
    if part in ("", ".", "..") or "\ufffd" in part or not part.isprintable():
        raise UsageError(f"{text!r} is not a job reference: {word!r} cannot be part of an id")
    return part


class Progress(NamedTuple):
    """How far a job is: `percent` from 0 to 100, the rest counts of items.

    None means that the service does not say; nothing is guessed.
    """

    percent: float | None = None
    total: int | None = None
    succeeded: int | None = None
    failed: int | None = None
    skipped: int | None = None
    pending: int | None = None

    @property
    def done(self) -> int | None:
        """How many items are through, well or not, as far as the counts tell."""
        if self.succeeded is not None:
            return self.succeeded + (self.failed or 0) + (self.skipped or 0)
        if self.total is not None and self.pending is not None:
            return self.total - self.pending
        return None

    @property
    def share(self) -> float | None:
        """The part that is done, 0 to 1, as the service says or its counts tell."""
        if self.percent is not None:
            return min(max(self.percent / 100, 0.0), 1.0)
        if self.done is None or not self.total:
            return None
        return min(max(self.done / self.total, 0.0), 1.0)


class Failure(NamedTuple):
    """One item that failed or was skipped.

    `name` is what people call it, where that differs from the id; `message` is the service's own.
    """

    id: str | None
    message: str | None
    name: str | None = None

    @property
    def item(self) -> str | None:
        """What a person reads of the item: `id (name)`, or the one of the two that there is."""
        return f"{self.id} ({self.name})" if self.id and self.name else self.id or self.name

    def document(self) -> dict[str, str | None]:
        """Its place in the `jobctl.job/v1` document."""
        return {"id": self.id, "name": self.name, "message": self.message}


_UNTOLD = Progress()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job as last seen. Two are equal when a user could not tell them apart; `raw` is left out.

    Times are aware and in UTC, `duration_seconds` is the run time, `raw` the service's own body,
    `url` the job's in the API and `web_url` its page for people, `warnings` what a person should be
    told about it on standard error. `pause` is for how many seconds the service wants not to be
    asked again.
    """

    ref: JobRef
    state: JobState
    status: str | None
    name: str | None = None
    progress: Progress = _UNTOLD
    created_at: datetime | None = None
    started_at: datetime | None = None
    updated_at: datetime | None = None
    ended_at: datetime | None = None
    duration_seconds: float | None = None
    message: str | None = None
    error_code: str | None = None
    failures: tuple[Failure, ...] = ()
    url: str | None = None
    web_url: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    raw: bytes = field(default=b"", compare=False, repr=False)
    pause: float = field(default=0.0, compare=False, repr=False)

    def document(self) -> dict[str, Any]:
        """The `jobctl.job/v1` document, every field there."""
        progress = self.progress
        return {
            "schema": SCHEMA,
            "ref": str(self.ref),
            "provider": self.ref.provider,
            "id": self.ref.id,
            "name": self.name,
            "state": self.state.value,
            "status": self.status,
            "ended": self.state.ended,
            "progress": {
                "percent": _plain(progress.percent),
                "total": progress.total,
                "succeeded": progress.succeeded,
                "failed": progress.failed,
                "skipped": progress.skipped,
                "pending": progress.pending,
            },
            "created_at": rfc3339(self.created_at),
            "started_at": rfc3339(self.started_at),
            "updated_at": rfc3339(self.updated_at),
            "ended_at": rfc3339(self.ended_at),
            "duration_seconds": self.duration_seconds,
            "message": self.message,
            "error_code": self.error_code,
            "failures": [one.document() for one in self.failures],
            "url": self.url,
            "web_url": self.web_url,
            "detail": dict(self.detail),
        }


class Page(NamedTuple, Generic[_T]):
    """A part of a list, and where the rest of it is.

    `next` gives the cursors of the pages that may be fetched now: one, all the rest, or none.
    `keys` tells for each item what makes it the same one if it comes again; without them every
    item is a new one. `total` is how many items the service announces over all pages, perhaps with
    those that a filter leaves out if it is not `firm`; `notes` what a person should be told. The
    cursor `origin` begins the same list again.
    """

    items: Sequence[_T]
    keys: Sequence[Hashable] | None = None
    next: Iterable[str] = ()
    total: int | None = None
    notes: tuple[str, ...] = ()
    firm: bool = True
    origin: str | None = None


class Scenario(NamedTuple):
    """A job that is played: its id as users write it, what it plays, and the verb it answers."""

    id: str
    plays: str
    verb: str = "get"


class LogPart(NamedTuple):
    """A piece of what a job wrote; where that has several parts, `heading` tells of which it is.

    A piece that ends within a line is gone on with by the next one of its part. `alone`: so far
    there is no other part, and nobody needs to be told.
    """

    text: str
    heading: str | None = None
    alone: bool = False


SORTS = ("created", "started", "updated", "ended", "duration", "name", "state")
"""What a list can be sorted by."""


class Query(NamedTuple):
    """Which jobs a list shall have, and in which order; no `states` means any state.

    `sort` is one of `SORTS`, `within` the leading parts of an id, `size` how many items a page
    may have at most, `now` when it is asked, where it matters.
    """

    within: tuple[str, ...] = ()
    states: frozenset[JobState] = frozenset()
    since: datetime | None = None
    sort: str = "created"
    descending: bool = True
    size: int | None = None
    now: datetime | None = None


class Point(NamedTuple):
    """A place in a picture: 0 to 1, from its top left."""

    x: float
    y: float
    name: str | None = None


class Outline(NamedTuple):
    """Where in a picture something is; a box has two points, its top left and its bottom right."""

    form: Literal["box", "polygon", "polyline", "keypoints"]
    points: tuple[Point, ...]


class Feature(NamedTuple):
    """Something found in a picture; the service is sure of it by `confidence`, 0 to 1."""

    kind: str
    label: str
    confidence: float | None = None
    reading: str | None = None
    outlines: tuple[Outline, ...] = ()


class Score(NamedTuple):
    """How much a model believes in an answer, 0 to 1."""

    label: str
    value: float


class Picture(NamedTuple):
    """A picture that a record speaks of: its part in it, and the names its file may have."""

    caption: str
    names: tuple[str, ...]


class Card(NamedTuple):
    """What a person sees of one record. Records of a job fall into a few groups.

    `facts` are values as they came; features lie in the first of the pictures.
    """

    title: str | None = None
    group: str | None = None
    message: str | None = None
    failed: bool = False
    facts: Mapping[str, Any] = MappingProxyType({})
    features: tuple[Feature, ...] = ()
    scores: tuple[Score, ...] = ()
    pictures: tuple[Picture, ...] = ()


def _plain(number: float | None) -> float | None:
    """100 and not 100.0: one spelling of a number, however it was reckoned."""
    return int(number) if number is not None and float(number).is_integer() else number


@overload
def rfc3339(moment: datetime) -> str: ...
@overload
def rfc3339(moment: datetime | None) -> str | None: ...
def rfc3339(moment: datetime | None) -> str | None:
    """`2024-10-29T12:32:26.000Z`: UTC with milliseconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(\d+(?:\.\d+)?){unit})?" for unit in _UNITS), re.ASCII)
# a century: no clock of the machine ends before it
_LONGEST = 36500 * 86400


def duration(text: str, what: str = "") -> float:
    """Seconds in `90s`, `1.5s`, `10m`, `1h30m`, `2d`; a bare number is seconds.

    Raises:
        UsageError: it is none of these, or longer than a century; with `what` it is the value of.
    """
    where = f"{what}: " if what else ""
    shown = repr(text if len(text) <= 40 else f"{text[:40]}...")
    bare = re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII)
    found = _DURATION.fullmatch(f"{text}s" if bare else text)
    if not found or not text:
        raise UsageError(
            f"{where}{shown} is not a duration",
            hint="write it like 90s, 1.5s, 10m, 1h30m or 2d",
        )
    parts = zip(found.groups(), _UNITS.values(), strict=True)
    seconds = sum(float(number) * unit for number, unit in parts if number)
    if seconds > _LONGEST:
        raise UsageError(f"{where}{shown} is too long", hint="at most 36500d, a century")
    return seconds
