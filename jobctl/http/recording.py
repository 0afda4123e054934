"""The exchange of a command with its services, kept in a file without secrets: `--record`.

JSON lines, of five kinds:

* the first says what the file is, with the words of the command and when it began;
* `base_url` tells where a provider's service lies, and the states that its profile has of its own;
* `tried` is a line of `-v`: each try, signing in included;
* `status` or `error` tells what a question got after all its tries: these are played again; a
  question that is a POST is told from others by what it `sent`;
* the last one tells when the command ended.

Times are seconds: `at` from the start of the command, `seconds` from the question to its answer.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

import httpx

from jobctl import __version__, payload
from jobctl.clock import Clock
from jobctl.errors import JobctlError, UsageError, kind_of
from jobctl.http.client import Client
from jobctl.http.headers import REQUEST_IDS, retry_after
from jobctl.http.transport import is_reading
from jobctl.masking.bodies import redact
from jobctl.masking.lines import masked_line, without_named
from jobctl.masking.texts import beginning

SCHEMA = "jobctl.recording/v1"
KEPT = ("content-type", "cdf-is-auto-retryable", *REQUEST_IDS)
_LONGEST_TEXT = 1 << 16


class Question(NamedTuple):
    """What is asked, without what is secret; `sent` is the body where it is no GET."""

    method: str
    url: str
    sent: str | None = None

    @classmethod
    def of(cls, request: httpx.Request) -> Question:
        """The question that a request asks, as it is before anybody signs it."""
        url = masked_line(str(request.url))
        if request.method == "GET":
            return cls("GET", url)
        (sent,) = _body(request.read(), ()).values()
        return cls(request.method, url, sent if isinstance(sent, str) else json.dumps(sent))


class Recorder:
    """Writes each line when it comes, so that a crash keeps what came before; for any thread.

    When the file cannot be written any more, `tell` hears of it, and the command goes on.
    """

    def __init__(
        self,
        path: Path,
        words: Sequence[str],
        began: datetime,
        tell: Callable[[str], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Begin a file for a command of these words, that began then.

        Raises:
            UsageError: there is one already, or it cannot be written.
        """
        self._clock = clock or Clock()
        self._began = self._clock.now()
        self._tell = tell
        self._path = path
        self._lock = Lock()
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise UsageError(
                f"--record: {path} cannot be written: {error.strerror}",
                hint="a recording replaces no file: name another, or remove this one"
                if isinstance(error, FileExistsError)
                else None,
            ) from None
        self._file = os.fdopen(handle, "wb")
        self._write(
            schema=SCHEMA,
            jobctl=__version__,
            words=[_whole(masked_line(word)) for word in words],
            began_at=began.isoformat(),
        )

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        self._write(ended=True, at=self.now())
        with self._lock:
            # a look that was left behind may still come home
            self._file.close()

    def account(self, provider: str, base_url: str, states: Mapping[str, str]) -> None:
        """Keep where a provider's service lies."""
        known = {_whole(theirs): ours for theirs, ours in states.items()}
        self._write(provider=provider, base_url=base_url, states=known)

    def listening(self, log: Callable[[int, str], None] | None) -> Callable[[int, str], None]:
        """What keeps the lines of `-v` and hands all on."""

        def keep(level: int, line: str) -> None:
            if level == 1:
                self._write(tried=line, at=self.now())
            if log:
                log(level, line)

        return keep

    def client(self, secrets: Iterable[str]) -> Callable[..., httpx.Client]:
        """What makes clients that keep what they ask; `secrets` are paths of bodies to mask."""
        return functools.partial(_Recorded, self, tuple(secrets))

    def now(self) -> float:
        """Seconds since the beginning."""
        return round(self._clock.now() - self._began, 3)

    def answered(
        self, asked: Question, at: float, response: httpx.Response, secrets: Iterable[str]
    ) -> None:
        """Keep an answer, without what is secret at these paths of its body, and elsewhere."""
        headers = {
            name: masked_line(response.headers[name]).encode("ascii", "replace").decode()
            for name in KEPT
            if name in response.headers
        }
        pause = retry_after(response.headers, self._clock.wall(), response.status_code)
        if pause is not None:
            # as a date it would mean something else when it is played
            headers["retry-after"] = f"{pause:.3f}"
        self._keep(
            asked,
            at,
            status=response.status_code,
            headers=headers,
            **_body(response.content, secrets),
        )

    def failed(self, asked: Question, at: float, error: JobctlError) -> None:
        """Keep why there was no answer."""
        self._keep(
            asked,
            at,
            error={
                "kind": kind_of(error.exit_code),
                "message": without_named(masked_line(error.message)),
                "hint": error.hint and masked_line(error.hint),
                "provider": error.provider,
                "http_status": error.http_status,
                "request_id": error.request_id and masked_line(error.request_id),
                "transient": error.transient,
                "retry_after": error.retry_after,
                "unreached": error.unreached,
            },
        )

    def _keep(self, asked: Question, at: float, **what: Any) -> None:
        question = {name: text for name, text in asked._asdict().items() if text is not None}
        self._write(at=at, seconds=round(self.now() - at, 3), **question, **what)

    def _write(self, **line: Any) -> None:
        with self._lock:
            if self._file.closed:
                return
            try:
                self._file.write(json.dumps(line).encode() + b"\n")
                self._file.flush()
            except OSError as error:
                with suppress(OSError):
                    self._file.close()
                if self._tell:
                    self._tell(f"the recording {self._path} is incomplete: {error.strerror}")


class _Recorded(Client):
    def __init__(self, recorder: Recorder, secrets: Sequence[str], **settings: Any) -> None:
        super().__init__(**settings)
        self._recorder = recorder
        self._secrets = secrets

    def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        if not is_reading(request):
            # of signing in nothing is kept but that it was tried
            return super().send(request, **how)
        asked, at = Question.of(request), self._recorder.now()
        try:
            response = super().send(request, **how)
        except JobctlError as error:
            self._recorder.failed(asked, at, error)
            raise
        self._recorder.answered(asked, at, response, self._secrets)
        return response


def _body(content: bytes, secrets: Iterable[str]) -> dict[str, Any]:
    """The body under `body` if it is JSON, else the beginning of it under `text`.

    JSON with half a surrogate pair is a text, too: not every reader takes it.
    """
    value = redact(payload.json_or_none(content), secrets=secrets)
    if value is not None or content.strip() == b"null":
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        except UnicodeEncodeError:
            return {"text": json.dumps(value)}
        except ValueError:
            pass  # with a number that is none
        else:
            return {"body": value}
    text = payload.words(content)
    return {"text": beginning(text, _LONGEST_TEXT, lambda part: without_named(masked_line(part)))}


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
