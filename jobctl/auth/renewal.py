"""Tokens that are asked for, kept, shown with every request, and asked for again in time."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from copy import copy
from threading import Lock
from types import TracebackType
from typing import TypeVar, cast
from urllib.parse import urlsplit

import httpx

from jobctl import payload
from jobctl.auth.cache import Token, TokenCache
from jobctl.clock import Clock
from jobctl.errors import AuthError, JobctlError, ThrottledError, UnavailableError
from jobctl.http import request_id, retry_after
from jobctl.masking.secrets import hide
from jobctl.masking.texts import beginning

# the life of a token whose answer does not tell it: what most services give; where it is less,
# the service's 401 has it renewed
USUAL_LIFE = 3600.0
# no end beyond what a clock can tell
LONGEST_LIFE = 366 * 86400.0
# where a request goes that is only there to have others made like it
ANYWHERE = "https://localhost"

_T = TypeVar("_T")
Fetching = Generator[httpx.Request, httpx.Response, Token]


def life(told: object) -> float:
    """Seconds a token lives, told as a number, also in text; the usual ones where nothing is."""
    seconds = payload.number(told)
    return USUAL_LIFE if seconds is None else float(min(max(seconds, 0.0), LONGEST_LIFE))


class Turn:
    """Lets one thread ask while others wait; those that waited share its failure.

    Each gets a copy: whoever catches one makes it the error of its own job.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._failures = 0
        self._failure: JobctlError | None = None

    def __enter__(self) -> None:
        seen = self._failures
        self._lock.acquire()
        if self._failure and self._failures != seen:
            self._lock.release()
            raise copy(self._failure)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # httpx throws no failure into a flow: it closes the flow while it handles the failure
        failure = error.__context__ if isinstance(error, GeneratorExit) else error
        self._failure = copy(failure) if isinstance(failure, JobctlError) else None
        self._failures += self._failure is not None
        self._lock.release()


class RenewedToken(httpx.Auth, ABC):
    """Shows a token with each request, asking one of `urls` for one when none is fresh.

    A 401 of the service is answered with one fresh token and one more try. Threads may share an
    instance: one of them asks, the others wait for its answer or share its failure. Once the
    credentials were refused they are not tried again, since some services lock the account.
    `alone` is whether what is asked with is good for one use, so that two processes must not.
    """

    alone = False

    def __init__(
        self, *urls: str, key: str, cache: TokenCache | None = None, clock: Clock | None = None
    ) -> None:
        self.origins = urls
        self._key = key
        self._cache = cache or TokenCache()
        self._now = clock.wall if clock else time.time
        self._turn = Turn()
        self._refused: AuthError | None = None
        self._tell: Callable[[str], None] | None = None

    def listen(self, tell: Callable[[str], None]) -> None:
        """Have a line for people told when a token is renewed because it was refused."""
        self._tell = tell

    @abstractmethod
    def fetch(self, like: httpx.Request) -> Fetching:
        """Ask for a token; each request goes through `answer`, which makes it like another one.

        Raises:
            JobctlError: there is none to be had.
        """

    @abstractmethod
    def show(self, request: httpx.Request, token: Token) -> None:
        """Put the token into a request."""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        stale: Token | None = None
        for _ in range(2):
            token = yield from self._had(request, stale)
            self.show(request, token)
            response = yield request
            if response.status_code != 401:
                return
            stale = token

    def obtain(self, client: httpx.Client) -> Token:
        """A fresh token, asked for through the client when there is none.

        Raises:
            JobctlError: there is none to be had.
        """
        return walked(self._had(client.build_request("GET", ANYWHERE), None), client)

    def answer(
        self, request: httpx.Request, like: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, httpx.Response]:
        """The answer to a request of ours, with the limits of time and the name of another one."""
        # a request that no client built has none
        request.extensions["timeout"] = like.extensions.get("timeout", {})
        if "User-Agent" in like.headers:
            request.headers["User-Agent"] = like.headers["User-Agent"]
        response = yield request
        response.read()
        return response

    def cached(self) -> Token | None:
        """The token that is kept; it may have expired."""
        return self._cache.get(self._key)

    def _had(
        self, like: httpx.Request, stale: Token | None
    ) -> Generator[httpx.Request, httpx.Response, Token]:
        """A fresh token, which is not the stale one; of all that want one, one asks for it."""
        with self._turn:
            token = self._known(stale)
            if token is None:
                with self._cache.claim(self._key, alone=self.alone):
                    # another process may have asked meanwhile
                    token = self._known(stale)
                    if token is None:
                        if stale is not None:
                            self._cache.drop(self._key)
                            if self._tell:
                                host = like.url.host
                                self._tell(f"{host} refused the token; trying a fresh one")
                        token = yield from self._fetched(like)
            return token

    def _known(self, stale: Token | None) -> Token | None:
        token = self._cache.get(self._key)
        is_stale = token and stale and token.value == stale.value
        if token is None or is_stale or not token.fresh(self._now()):
            if self._refused:
                raise copy(self._refused)
            return None
        hide(token.value)
        return token

    def _fetched(self, like: httpx.Request) -> Fetching:
        try:
            token = yield from self.fetch(like)
        except AuthError as refused:
            self._refused = copy(refused)
            raise
        hide(token.value)
        self._cache.put(self._key, token)
        return token


class AskedToken(RenewedToken):
    """A token that one request asks for."""

    @abstractmethod
    def ask(self) -> httpx.Request:
        """The request for a token."""

    @abstractmethod
    def read(self, response: httpx.Response, now: float) -> Token:
        """The token in the answer.

        Raises:
            JobctlError: there is none.
        """

    def fetch(self, like: httpx.Request) -> Fetching:
        return self.read((yield from self.answer(self.ask(), like)), self._now())


def walked(steps: Generator[httpx.Request, httpx.Response, _T], client: httpx.Client) -> _T:
    """What comes of steps each of which asks something, through a client and unsigned."""
    try:
        asked = next(steps)
        while True:
            asked = steps.send(client.send(asked, auth=None))
    except StopIteration as done:
        return cast("_T", done.value)
    finally:
        steps.close()


def refusal(
    response: httpx.Response, who: str, said: str | None, *, hint: str | None, now: float
) -> JobctlError:
    """The error for an answer of `who` that gives no token; `said` are the service's own words.

    400, 401, 403 and an error in an answer of success refuse the credentials. Everything else is
    taken for an outage; 408, 429 and 5xx may pass.
    """
    status = response.status_code
    if response.is_success or status in (400, 401, 403):
        error: type[JobctlError] = AuthError
    elif status == 429:
        error, hint = ThrottledError, None
    else:
        error = UnavailableError
        hint = None if status in (408, *range(500, 600)) else f"check the address of {who}"
    host = urlsplit(str(response.url)).netloc
    words = one_line(said)
    return error(
        f"{who} at {host} answered {status}" + (f": {words}" if words else ""),
        hint=hint,
        http_status=status,
        request_id=request_id(response.headers),
        transient=status in (408, 429, *range(500, 600)),
        retry_after=retry_after(response.headers, now, status),
    )


def nonsense(response: httpx.Response, who: str, why: str) -> UnavailableError:
    """The error for an answer of `who` that should hold a token and does not; it may pass."""
    host = urlsplit(str(response.url)).netloc
    return UnavailableError(
        f"{who} at {host} answered {response.status_code} {why}",
        http_status=response.status_code,
        transient=True,
    )


def one_line(text: str | None) -> str:
    """Words from outside in one line, at most 300 characters, without control characters."""
    shown = beginning(text or "", 2_000)
    plain = "".join(char if char.isprintable() else " " for char in shown)
    return " ".join(plain.split())[:300]
