"""A recording played again in the place of the network: `--replay`."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from types import UnionType
from typing import Any, BinaryIO, NamedTuple

import httpx

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
from jobctl.http.body import MAX_BODY
from jobctl.http.clock import Clock
from jobctl.http.recording import SCHEMA
from jobctl.masking.lines import without_queries
from jobctl.models import JobState

# A file may have no end, and no line end either. Two bytes of a body, if not ASCII, become six.
_LONGEST_HEAD = 65_536
_LONGEST = 3 * MAX_BODY + _LONGEST_HEAD
_ERRORS = {
    kind_of(cls.exit_code): cls
    for cls in (ConfigError, AuthError, NotFoundError, UnavailableError, ThrottledError)
}
_WHILE = 10.0
_FACTS: Mapping[str, type | UnionType] = {
    "hint": str,
    "provider": str,
    "http_status": int,
    "request_id": str,
    "transient": bool,
    "retry_after": int | float,
}


class Account(NamedTuple):
    """Where a provider's service lies, and the states that its profile has of its own."""

    base_url: str
    states: Mapping[str, JobState]


class Answer(NamedTuple):
    """What a service said."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Failure(NamedTuple):
    """Why there was no answer."""

    kind: type[JobctlError]
    message: str
    facts: Mapping[str, Any]


class Got(NamedTuple):
    """What a question got, when it was asked, and how long that took; in seconds."""

    at: float
    seconds: float
    what: Answer | Failure


class Recording(NamedTuple):
    """Accounts by provider, what each question (method, URL) got, in order, and its beginning.

    `end` is how many seconds later it ended.
    """

    began: datetime
    accounts: Mapping[str, Account]
    got: Mapping[tuple[str, str], Sequence[Got]]
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
        self._asked_late: set[tuple[str, str]] = set()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        question = (request.method, without_queries(str(request.url)))
        known = self._recording.got.get(question)
        if not known:
            raise UnavailableError(
                f"the recording has no answer to {' '.join(question)}",
                hint="a replay answers what the recorded command has asked",
            )
        now = self._clock.now() - self._began
        got = known[max(bisect_right(known, now, key=lambda one: one.at) - 1, 0)]
        if now > self._recording.end + _WHILE and isinstance(got.what, Answer):
            self._check_late(question)
        self._clock.sleep(got.seconds)
        if isinstance(got.what, Failure):
            raise got.what.kind(got.what.message, **got.what.facts)
        return httpx.Response(
            got.what.status, headers=got.what.headers, content=got.what.content, request=request
        )

    def _check_late(self, question: tuple[str, str]) -> None:
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
    got: dict[tuple[str, str], list[Got]] = defaultdict(list)
    end = 0.0
    try:
        with path.open("rb") as file:
            with _line_of(path, 1):
                began = _began(json.loads(file.readline(_LONGEST_HEAD)))
            for number, text in enumerate(_lines(file), 2):
                with _line_of(path, number):
                    line = json.loads(text)
                    if "base_url" in line:
                        accounts[line["provider"]] = _account(line)
                        continue
                    at, seconds = _seconds(line["at"]), _seconds(line.get("seconds", 0.0))
                    end = max(end, at + seconds)
                    if "url" in line:
                        got[line["method"], line["url"]].append(Got(at, seconds, _what(line)))
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
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            f"{path}:{number}: is not what --record writes", hint=f"the schema is {SCHEMA}"
        ) from None


def _began(head: Any) -> datetime:
    began = datetime.fromisoformat(head["began_at"])
    if head["schema"] != SCHEMA or began.tzinfo is None:
        raise ValueError(head)
    return began


def _account(line: Mapping[str, Any]) -> Account:
    states = {status: JobState(state) for status, state in line["states"].items()}
    return Account(_typed(line["base_url"], str), states)


def _what(line: Mapping[str, Any]) -> Answer | Failure:
    error = line.get("error")
    if error is not None:
        facts = {
            name: error[name] if error[name] is None else _typed(error[name], type_)
            for name, type_ in _FACTS.items()
        }
        return Failure(_ERRORS[error["kind"]], _typed(error["message"], str), facts)
    content = json.dumps(line["body"]) if "body" in line else line["text"]
    answer = Answer(line["status"], line["headers"], content.encode())
    # made once to see that it can be
    httpx.Response(_typed(answer.status, int), headers=answer.headers, content=answer.content)
    return answer


def _seconds(value: Any) -> float:
    seconds = float(value)
    if not 0 <= seconds < math.inf:
        raise ValueError(value)
    return seconds


def _typed(value: Any, type_: type | UnionType) -> Any:
    if not isinstance(value, type_):
        raise TypeError(value)
    return value
