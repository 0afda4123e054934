"""A recording played again in the place of the network: `--replay`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Annotated, BinaryIO, Literal, NamedTuple, TypeVar

import httpx
import msgspec
from msgspec import UNSET, Meta, Raw, Struct, UnsetType

from jobctl import files
from jobctl.clock import Clock
from jobctl.errors import (
    AuthError,
    ConfigError,
    JobctlError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
    UsageError,
    kind_of,
)
from jobctl.http.address import check_url
from jobctl.http.body import MAX_BODY
from jobctl.http.recording import KEPT, SCHEMA, Question
from jobctl.models import JobState

# A file may have no end, and no line end either. Two bytes of a body, if not ASCII, become six.
_LONGEST_HEAD = 65_536
_LONGEST = 3 * MAX_BODY + _LONGEST_HEAD
_ERRORS = {
    kind_of(cls.exit_code): cls
    for cls in (ConfigError, AuthError, NotFoundError, UnavailableError, ThrottledError)
}
_HEADERS = frozenset((*KEPT, "retry-after"))
_HEADER = re.compile(r"[\t -~]*")
_WHILE = 10.0

_T = TypeVar("_T")
# Nobody records for longer than a year, nor waits for an answer longer than settings allow.
_Moment = Annotated[float, Meta(ge=0, le=366 * 86_400)]
_Seconds = Annotated[float, Meta(ge=0, le=86_400)]
_Status = Annotated[int, Meta(ge=100, le=999)]


class _Head(Struct):
    schema: Literal["jobctl.recording/v1"]
    began_at: Annotated[datetime, Meta(tz=True)]


class Account(Struct):
    """Where a provider's service lies, and the states that its profile has of its own."""

    provider: str
    base_url: str
    states: dict[str, JobState]


class _Mark(Struct):
    at: _Moment


class Failure(Struct):
    """Why there was no answer."""

    kind: Literal["usage", "auth", "not-found", "unavailable", "throttled"]
    message: str
    hint: str | None
    provider: str | None
    http_status: _Status | None
    request_id: str | None
    transient: bool
    retry_after: _Moment | None
    unreached: bool = False

    def error(self) -> JobctlError:
        """The error anew: whoever catches one makes it the error of its own job."""
        facts = msgspec.structs.asdict(self)
        return _ERRORS[facts.pop("kind")](facts.pop("message"), **facts)


class _Asked(Struct):
    at: _Moment
    seconds: _Seconds
    method: str
    url: str
    sent: str | None = None


class _Failed(_Asked, kw_only=True):
    error: Failure


class _Answered(_Asked, kw_only=True):
    status: _Status
    headers: dict[str, str]
    body: Raw | UnsetType = UNSET
    text: str | UnsetType = UNSET


class Answer(NamedTuple):
    """What a service said."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Got(NamedTuple):
    """What a question got, when it was asked, and how long that took; in seconds."""

    at: float
    seconds: float
    what: Answer | Failure


class Recording(NamedTuple):
    """Accounts by provider, what each question got, in order, and its beginning.

    `end` is how many seconds later it ended.
    """

    began: datetime
    accounts: Mapping[str, Account]
    got: Mapping[Question, Sequence[Got]]
    end: float


class Replay(httpx.BaseTransport):
    """Answers each question as it was answered at that time of the recording, by any thread.

    Where nothing had been answered by then, it gives the first answer. Looks come at other times
    than they did, so that some come late: a while after the end each question may be asked once
    more, and who asks again waits for something that has not been recorded.
    """

    def __init__(self, recording: Recording, clock: Clock) -> None:
        self._recording = recording
        self._clock = clock
        self._began = clock.now()
        self._lock = Lock()
        self._asked_late: set[Question] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        question = Question.of(request)
        known = self._recording.got.get(question)
        if not known:
            raise UnavailableError(
                f"the recording has no answer to {question.method} {question.url}",
                hint="a replay answers what the recorded command has asked",
            )
        now = self._clock.now() - self._began
        got = known[max(bisect_right(known, now, key=lambda one: one.at) - 1, 0)]
        if now > self._recording.end + _WHILE and isinstance(got.what, Answer):
            self._check_late(question)
        self._clock.sleep(got.seconds)
        if isinstance(got.what, Failure):
            raise got.what.error()
        return httpx.Response(
            got.what.status, headers=got.what.headers, content=got.what.content, request=request
        )

    def _check_late(self, question: Question) -> None:
        with self._lock:
            if question in self._asked_late:
                raise UnavailableError(
                    f"the recording ends after {self._recording.end:.0f} s",
                    hint="what came then, it does not know",
                )
            self._asked_late.add(question)


def read(path: Path) -> Recording:
    """Read a recording; a last line that was cut off is left out.

    Raises:
        UsageError: it cannot be read, or is none; with its line.
    """
    accounts: dict[str, Account] = {}
    got: dict[Question, list[Got]] = defaultdict(list)
    end = 0.0
    try:
        with files.opened(path) as file:
            with _line_of(path, 1):
                began = _decode(file.readline(_LONGEST_HEAD), _Head).began_at
                if not 2000 <= began.year < 3000:
                    raise ValueError(began)
            for number, text in enumerate(_lines(file), 2):
                with _line_of(path, number):
                    fields = _decode(text, dict[str, Raw])
                    if "base_url" in fields:
                        account = _decode(text, Account)
                        check_url(account.base_url, "base_url", plain=True)
                        accounts[account.provider] = account
                    elif "url" in fields:
                        asked, one = _got(text, fields)
                        end = max(end, one.at + one.seconds)
                        got[asked].append(one)
                    else:
                        end = max(end, _decode(text, _Mark).at)
    except OSError as error:
        raise UsageError(f"--replay: {path} cannot be read: {error.strerror}") from None
    in_order = {asked: sorted(found, key=lambda one: one.at) for asked, found in got.items()}
    return Recording(began, accounts, in_order, end)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Its lines, one that is too long cut off; a last one without an end is left out."""
    while (text := file.readline(_LONGEST)).endswith(b"\n") or len(text) == _LONGEST:
        yield text


@contextmanager
def _line_of(path: Path, number: int) -> Iterator[None]:
    try:
        yield
    except (ValueError, RecursionError, ConfigError):
        raise UsageError(
            f"{path}:{number}: is not what --record writes", hint=f"the schema is {SCHEMA}"
        ) from None


def _decode(text: bytes, kind: type[_T]) -> _T:
    return msgspec.json.decode(text, type=kind)


def _got(text: bytes, fields: Mapping[str, Raw]) -> tuple[Question, Got]:
    """What a line tells of a question, and of its answer or why there was none."""
    line: _Asked
    what: Answer | Failure
    if "error" in fields:
        line = failed = _decode(text, _Failed)
        what = failed.error
    else:
        line = answered = _decode(text, _Answered)
        what = _answer(answered)
    return Question(line.method, line.url, line.sent), Got(line.at, line.seconds, what)


def _answer(line: _Answered) -> Answer:
    headers = {name: text for name, text in line.headers.items() if name in _HEADERS}
    content = bytes(line.body or b"") if line.text is UNSET else line.text.encode()
    told = (line.body is UNSET) is not (line.text is UNSET)
    if not told or len(content) > MAX_BODY or not all(map(_HEADER.fullmatch, headers.values())):
        raise ValueError(line)
    return Answer(line.status, headers, content)
