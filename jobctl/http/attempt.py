"""What can go wrong with one try, in words for people."""

import re
import socket
import ssl

import httpx

from jobctl.errors import ConfigError, UnavailableError
from jobctl.http.tls import advice

MOST_RETRIES = 5
_NO_TLS = frozenset({"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"})
_PROXY = (
    "HTTP_PROXY, HTTPS_PROXY and ALL_PROXY set the proxy; NO_PROXY lists hosts to go to directly"
)
_WARY = "it wants a user and a password: they stand before the host, in the variable that names it"
_FORBIDDEN = re.compile(rb"[\0\n\v\f\r]|^[ \t]|[ \t]$")


class AttemptError(Exception):
    """One try that brought no answer.

    `transient`: it may pass, and is worth so many `retries` at once. `unsent`: the service never
    saw the request. `mute`: nothing was heard of who did.
    """

    def __init__(
        self,
        what: str,
        *,
        transient: bool = True,
        retries: int = MOST_RETRIES,
        unsent: bool = False,
        mute: bool = False,
        hint: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.transient = transient
        self.retries = retries
        self.unsent = unsent
        self.unreached = unsent or mute
        self.hint = hint

    def advice(self, proxy: str | None, check: str) -> str | None:
        """What the user can do; `check` says where the address comes from."""
        return self.hint or ((_PROXY if proxy else check) if self.unreached else None)

    def error(self, host: str, proxy: str | None, tries: int, check: str) -> UnavailableError:
        """What the user is told after the last try."""
        return UnavailableError(
            ("cannot reach " if self.unsent else "")
            + f"{host}{through(proxy)}: {self.what}"
            + (f" ({tries} tries)" if tries > 1 else ""),
            hint=self.advice(proxy, check),
            transient=self.transient,
            unreached=self.unreached,
        )


def through(proxy: str | None) -> str:
    """Which proxy was in between, for people; nothing where none was."""
    return f" through the proxy {proxy}" if proxy else ""


def attempt_error(error: Exception, connect: float, read: float) -> AttemptError:
    """The failure behind an exception of the HTTP library; limits in seconds."""
    if isinstance(error, httpx.ConnectTimeout):
        return AttemptError(f"no connection within {connect:.3g} s", unsent=True)
    if isinstance(error, httpx.TimeoutException):
        return AttemptError(f"no complete answer within {read:.3g} s")
    if isinstance(error, httpx.ProxyError):
        refused = str(error).startswith("4")
        hint = _WARY if str(error).startswith("407") else _PROXY
        return AttemptError(
            f"the proxy says {error}", transient=not refused, unsent=True, hint=hint
        )
    cause = _cause(error)
    unsent = isinstance(error, httpx.ConnectError)
    if isinstance(cause, ssl.SSLCertVerificationError):
        what = f"its certificate is not trusted ({cause.verify_message})"
        mend = advice(cause.verify_code)
        return AttemptError(what, transient=False, unsent=True, hint=mend)
    if isinstance(cause, ssl.SSLError):
        return _tls_error(cause, unsent=unsent)
    if isinstance(cause, socket.gaierror):
        # resolvers try again by themselves
        return AttemptError("the host name cannot be resolved", retries=1, unsent=True)
    if isinstance(cause, ConnectionRefusedError):
        return AttemptError("connection refused", unsent=True)
    if isinstance(cause, ConnectionResetError | BrokenPipeError):
        return AttemptError("the connection was reset", unsent=unsent, mute=True)
    if isinstance(error, UnicodeError):
        return AttemptError("the host name cannot be resolved", transient=False, unsent=True)
    if isinstance(error, httpx.RemoteProtocolError):
        cut = "disconnected" in str(error) or "closed" in str(error)
        what = "the connection ended before the answer was complete"
        return AttemptError(what if cut else "the answer is not HTTP", mute=not cut)
    strerror = cause.strerror if isinstance(cause, OSError) else None
    return AttemptError((strerror or "the connection failed").lower(), unsent=unsent)


def _tls_error(error: ssl.SSLError, *, unsent: bool) -> AttemptError:
    reason = error.reason or "unknown reason"
    words = reason.replace("_", " ").lower()
    if reason in _NO_TLS:
        words += ": the port does not speak TLS"
    return AttemptError(f"TLS failed ({words})", transient=reason not in _NO_TLS, unsent=unsent)


def unsendable(request: httpx.Request) -> ConfigError:
    """The error for a request that HTTP does not allow; header values are secrets, so not shown."""
    names = [name.decode() for name, value in request.headers.raw if _FORBIDDEN.search(value)]
    return ConfigError(
        f"HTTP does not allow the header {names[0]} as it stands" if names else "no such request",
        hint="look for a line break or a blank at an end of the credentials",
    )


def _cause(error: Exception) -> object:
    # httpcore's exceptions, which httpx's come from, have what they stand for as their argument
    below = error.__cause__
    return error if below is None or not below.args else below.args[0]
