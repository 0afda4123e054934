"""The transport of every request: who may be asked, how often, and for how long."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

import httpx

from jobctl import __version__
from jobctl.clock import Clock
from jobctl.errors import ThrottledError, UnavailableError, asks_for
from jobctl.http.address import Origin, is_private, origin
from jobctl.http.attempt import MOST_RETRIES, AttemptError, attempt_error, through, unsendable
from jobctl.http.body import read_body
from jobctl.http.headers import request_id, retry_after

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
HEADERS = {
    "User-Agent": f"jobctl/{__version__}",
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
}

_RETRIED_UNLESS_READING = frozenset({429, 502, 503, 504})
_ADDRESS = "check base_url, or the region or cluster that it is made of; and the network"
_TOKEN_ADDRESS = "check the address that gives tokens, and the network"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_LONGEST_ASKED = 300.0


def is_retried(status: int, headers: Mapping[str, str], body: bytes) -> bool:  # noqa: ARG001
    """Whether the same request may succeed a little later, going by the status alone."""
    return status in _RETRIED


def is_reading(request: httpx.Request) -> bool:
    """Whether a request changes nothing: a GET, or a POST that is marked as a question."""
    return request.method == "GET" or bool(request.extensions.get("reads"))


@dataclass(eq=False, repr=False)
class Transport(httpx.BaseTransport):
    """Sends requests to allowed origins, again where that is harmless, and reads every answer.

    See `jobctl.http.connect` for the parameters.
    """

    wire: httpx.BaseTransport
    base_url: httpx.URL
    auth: httpx.Auth | None
    connect_timeout: float
    read_timeout: float
    patience: float
    waiting: bool
    retryable: Callable[[int, Mapping[str, str], bytes], bool]
    log: Callable[[int, str], None] | None
    tell: Callable[[str], None] | None
    clock: Clock
    chance: Callable[[float, float], float]
    plain: bool
    _checked: set[Origin] = field(default_factory=set)
    _closed: bool = False

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self._check_destination(request.url)
        if "User-Agent" not in request.headers:
            # requests that an auth flow makes come without the client's headers
            for name, value in HEADERS.items():
                request.headers.setdefault(name, value)
        request.read()
        resend_by = self.clock.now() + self.patience
        # a wait is short of patience because it asks again, not because its time is up
        answer_by = math.inf if self.waiting else resend_by
        tries = 1
        # the first try may outlast the patience: a look needs its time
        outcome = self._try(request, math.inf)
        while (pause := self._pause(request, outcome, tries, resend_by, answer_by)) is not None:
            self._say_pause(request, outcome, pause, tries)
            self.clock.sleep(pause)
            tries += 1
            outcome = self._try(request, answer_by)
        if self._closed:
            # closed meanwhile by another thread: what this one has opened since goes as well
            self.wire.close()
        if isinstance(outcome, AttemptError):
            proxy = request.extensions.get("proxy")
            raise outcome.error(_host(request), proxy, tries, self._check(request)) from outcome
        return outcome

    def close(self) -> None:
        self._closed = True
        self.wire.close()

    def _check_destination(self, url: httpx.URL) -> None:
        place = origin(url)
        if place in self._checked:
            return
        urls = (self.base_url, *map(httpx.URL, getattr(self.auth, "origins", ())))
        is_safe = is_private(url) or (self.plain and place == origin(self.base_url))
        if not is_safe or place not in map(origin, urls):
            raise UnavailableError(
                f"nothing is sent to {url.scheme}://{url.netloc.decode()}: "
                f"credentials go to {self.base_url.netloc.decode()} alone",
                hint="check base_url, and the address that gives tokens",
            )
        self._checked.add(place)

    def _pause(
        self,
        request: httpx.Request,
        outcome: httpx.Response | AttemptError,
        tries: int,
        resend_by: float,
        answer_by: float,
    ) -> float | None:
        """Seconds until the next try; None if there is to be none."""
        reading = is_reading(request)
        if isinstance(outcome, AttemptError):
            again = outcome.transient and (reading or outcome.unsent)
        else:
            again = self._is_worth_another(request, outcome, reading)
        if not again:
            return None
        now, asked, retries = self.clock.now(), 0.0, MOST_RETRIES
        if isinstance(outcome, AttemptError):
            # a wait asks again anyway, and says once what is wrong
            retries = 0 if self.waiting and outcome.unsent else outcome.retries
        else:
            status, wall = outcome.status_code, self.clock.wall()
            asked = retry_after(outcome.headers, wall, status) or 0.0
            if asked > min(_LONGEST_ASKED, max(answer_by - now, 0.0)):
                raise _throttled(request, outcome, asked)
            if self.waiting and reading and (asked or status == 429):
                # the wait slows down all it asks of the service, not this request alone
                return None
        if tries > retries or self._closed:
            return None
        ceiling = min(_FIRST_PAUSE * 2 ** (tries - 1), _LONGEST_PAUSE)
        pause = max(asked, self.chance(0.0, ceiling))
        return pause if now + pause < resend_by else None

    def _is_worth_another(
        self, request: httpx.Request, response: httpx.Response, reading: bool
    ) -> bool:
        status = response.status_code
        if not reading:
            return status in _RETRIED_UNLESS_READING
        judge = request.extensions.get("may_pass")
        if judge is not None:
            response.request = request
            return bool(judge(response))
        return self.retryable(status, response.headers, response.content)

    def _try(self, request: httpx.Request, answer_by: float) -> httpx.Response | AttemptError:
        began = self.clock.now()
        left = max(answer_by - began, 0.0)
        connect, read = min(self.connect_timeout, left), min(self.read_timeout, left)
        request.extensions = {
            **request.extensions,
            "timeout": {"connect": connect, "read": read, "write": read},
            "answer_by": answer_by,
        }
        try:
            return self._send(request, began)
        except AttemptError as error:
            failure = error
        except httpx.LocalProtocolError as error:
            raise unsendable(request) from error
        except (httpx.HTTPError, OSError, UnicodeError) as error:
            failure = attempt_error(error, connect, read)
        self._say_try(request, f"failed: {failure.what}", began, None)
        return failure

    def _send(self, request: httpx.Request, began: float) -> httpx.Response:
        if self._closed:
            raise RuntimeError("the client is closed")
        if not request.extensions["timeout"]["connect"]:
            raise AttemptError("no time is left", unsent=True)
        response = self.wire.handle_request(request)
        stream = cast("httpx.SyncByteStream", response.stream)
        silence = request.extensions.get("silence")
        if silence is not None:
            # from here on it holds for each piece of the body
            request.extensions["timeout"]["read"] = silence
        try:
            body = read_body(response, endless=silence is not None)
        finally:
            stream.close()
        self._say_try(request, str(response.status_code), began, response.headers)
        if "Content-Encoding" in response.headers:
            # the body is handed up decoded
            del response.headers["Content-Encoding"]
            response.headers["Content-Length"] = str(len(body))
        response.stream = httpx.ByteStream(body)
        response.request = request
        if "Location" in response.headers and not _leads_somewhere(response):
            # whoever wants to follow it would fail
            del response.headers["Location"]
        response.read()
        return response

    def _say_try(
        self, request: httpx.Request, result: str, began: float, headers: httpx.Headers | None
    ) -> None:
        if self.log is None:
            return
        from jobctl.masking.lines import header_lines, presentable

        seconds = self.clock.now() - began
        found = headers and request_id(headers)
        line = f"{request.method} {request.url} {result} {seconds:.2f}s"
        self.log(1, presentable(f"{line} {found}" if found else line))
        for header in header_lines(request.headers, "> "):
            self.log(2, header)
        for header in header_lines(headers or httpx.Headers(), "< "):
            self.log(2, header)

    def _say_pause(
        self,
        request: httpx.Request,
        outcome: httpx.Response | AttemptError,
        pause: float,
        tries: int,
    ) -> None:
        if self.tell is None:
            return
        from jobctl.masking.lines import presentable

        proxy = request.extensions.get("proxy")
        if isinstance(outcome, AttemptError):
            what = f"{through(proxy)}: {outcome.what}"
        else:
            what = f" answered {outcome.status_code}"
        seconds = math.ceil(pause * 10) / 10  # never "in 0.0 s"
        line = f"{_host(request)}{what}; trying again in {seconds:.1f} s (retry {tries})"
        if tries == 1 and isinstance(outcome, AttemptError):
            # once, and at once: a wrong address is wrong the sixth time, too
            advice = outcome.advice(proxy, self._check(request))
            line += f"; {advice}" if advice else ""
        self.tell(presentable(line))

    def _check(self, request: httpx.Request) -> str:
        """What to check where nobody is at the address of a request."""
        return _ADDRESS if origin(request.url) == origin(self.base_url) else _TOKEN_ADDRESS


def _host(request: httpx.Request) -> str:
    return request.url.netloc.decode()


def _leads_somewhere(response: httpx.Response) -> bool:
    try:
        target = httpx.URL(response.headers["Location"])
        response.url.join(target)
        return bool(target.host or not target.scheme)
    except (httpx.InvalidURL, ValueError):
        return False


def _throttled(request: httpx.Request, response: httpx.Response, asked: float) -> ThrottledError:
    return ThrottledError(
        f"{_host(request)} answered {response.status_code}{asks_for(asked)}",
        hint="try again after that",
        http_status=response.status_code,
        request_id=request_id(response.headers),
        transient=True,
        retry_after=asked,
    )
