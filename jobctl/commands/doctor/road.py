"""The road to a service: its name, a connection, and TLS, each by itself."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx

from jobctl import payload
from jobctl.commands.doctor.finding import Finding, of_error, ok, problem, warning
from jobctl.errors import ConfigError, ExitCode
from jobctl.http import Trust, origin
from jobctl.http.dial import dial
from jobctl.http.proxies import proxy_of
from jobctl.http.tls import advice, tls_context
from jobctl.models import rfc3339

Resolve = Callable[..., list[Any]]

_SOON = 14 * 86400.0
_AGREED = 60.0  # seconds by which two clocks may differ
_NO_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME, which Python has no name for
_SELF_SIGNED, _NOT_YET_VALID, _EXPIRED, _HOSTNAME, _ADDRESS = 18, 9, 10, 62, 64
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG")


class Road(NamedTuple):
    """A way to a URL; `blame` tells people which setting, or variable, it comes from.

    `given` tells so of the files of `trust`.
    """

    url: httpx.URL
    blame: str
    trust: Trust
    given: str
    trust_env: bool
    seconds: float
    resolve: Resolve
    now: float

    @property
    def host(self) -> str:
        return self.url.host

    @property
    def port(self) -> int:
        return origin(self.url)[2] or 0

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


def walk(road: Road) -> Iterator[Finding]:
    """What there is to find on the road, up to the first problem."""
    try:
        proxy = proxy_of(road.url) if road.trust_env else None
        context = tls_context(road.trust_env, road.trust) if road.url.scheme == "https" else None
    except ConfigError as error:
        found = of_error("trust", error)
        is_given = error.message.startswith(Trust._fields)
        yield found._replace(what=f"{found.what} ({road.given})") if is_given else found
        return
    if proxy is not None:
        # what lies behind it, only it can tell
        behind = road._replace(url=proxy.address, blame=proxy.variable)
        found, connection = _connected(behind)
        found = found._replace(check="proxy")
    else:
        found, connection = _connected(road)
    with connection or nullcontext():
        yield found
        if connection is not None and context is not None and proxy is None:
            yield from _secured(road, connection, context)


def _connected(road: Road) -> tuple[Finding, socket.socket | None]:
    mend = f"check {road.blame}, and the network"
    try:
        connection = dial(road.host, road.port, road.seconds, road.resolve)
    except (socket.gaierror, UnicodeError):
        return problem("name", f"there is no host {road.host} ({road.blame})", mend), None
    except TimeoutError:
        what = f"{road.place} does not answer within {road.seconds:g} s ({road.blame})"
        return problem("connection", what, f"{mend}; a firewall may be in between"), None
    except ConnectionRefusedError:
        what = f"nobody listens at {road.place}: connection refused ({road.blame})"
        return problem("connection", what, mend), None
    except OSError as error:
        why = (error.strerror or "it failed").lower()
        what = f"there is no connection to {road.place}: {why} ({road.blame})"
        return problem("connection", what, mend), None
    connection.settimeout(road.seconds)
    return ok("connection", f"{road.place} is there"), connection


def _secured(road: Road, connection: socket.socket, context: ssl.SSLContext) -> Iterator[Finding]:
    try:
        with context.wrap_socket(connection, server_hostname=road.host) as secured:
            certificate: Any = secured.getpeercert()
    except ssl.SSLCertVerificationError as error:
        yield from _untrusted(road, error)
    except ssl.SSLError as error:
        if error.reason in _NO_TLS:
            what = f"{road.place} does not speak TLS, as https wants it ({road.blame})"
            mend = f"check scheme and port of {road.blame}: is it http://, or another port?"
        else:
            reason = (error.reason or "unknown reason").replace("_", " ").lower()
            what, mend = f"TLS with {road.place} failed: {reason}", f"check {road.blame}"
        yield problem("tls", what, mend)
    except OSError:
        what = f"{road.place} ended the connection, or said nothing, where TLS begins"
        yield problem("tls", what, f"check scheme and port of {road.blame}")
    else:
        yield _trusted(road, certificate)


def _trusted(road: Road, certificate: Any) -> Finding:
    ends = ssl.cert_time_to_seconds(certificate["notAfter"])
    until = f"{road.host} has a certificate of {_issuer(certificate)} until {_day(ends)}"
    if ends - road.now < _SOON:
        return warning("tls", until, "who runs the service should renew it")
    return ok("tls", until)


def _untrusted(road: Road, error: ssl.SSLCertVerificationError) -> Iterator[Finding]:
    """Why a certificate is refused; a clock that is wrong is told before it."""
    told = _shown(road)
    code, mend = error.verify_code, advice(error.verify_code)
    whose = f"the certificate of {road.host}"
    if code in (_EXPIRED, _NOT_YET_VALID):
        found = clock(_date(road), road.now)
        if found is not None:
            yield found.as_problem(ExitCode.UNAVAILABLE)
        moment = _moment(told, "notAfter" if code == _EXPIRED else "notBefore")
        what = f"{whose} {'expired' if code == _EXPIRED else 'is not valid yet'}{moment}"
        what += f" ({road.blame})"
    elif code in (_HOSTNAME, _ADDRESS):
        names = ", ".join(str(name) for _, name in told.get("subjectAltName", ())[:5])
        what = f"{whose} is not for that name, but for {names or 'no name'} ({road.blame})"
        mend = f"check {road.blame}"
    elif code == _SELF_SIGNED:
        what = f"{whose} is self-signed: no authority vouches for it ({road.blame})"
    else:
        who = f"{_issuer(told)}, an authority that is not trusted here"
        what = f"{whose} is of {who} ({road.blame})"
    yield problem("tls", what, mend)


def _shown(road: Road) -> dict[str, Any]:
    """What a certificate says that is not trusted; nothing is said to whoever shows it.

    Python reads one only where it is trusted: so it is, by itself, on a second connection.
    """
    context = _blind()
    with suppress(OSError):
        with _tls(road, context) as secured:
            shown = secured.getpeercert(binary_form=True) or b""
        context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(shown))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_TIME)
        context.verify_mode = ssl.CERT_REQUIRED
        with _tls(road, context) as secured:
            return dict(secured.getpeercert() or {})
    return {}


def _date(road: Road) -> str | None:
    """The Date of whoever is there, asked without credentials over TLS that nobody vouches for."""
    with suppress(OSError), _tls(road, _blind()) as secured:
        secured.sendall(f"HEAD / HTTP/1.0\r\nHost: {road.host}\r\n\r\n".encode())
        lines = secured.recv(8192).decode("latin-1").split("\r\n")
        dates = (line.partition(":")[2] for line in lines if line.lower().startswith("date:"))
        return next(dates, None)
    return None


def speaks_tls(road: Road) -> bool:
    """Whether there is TLS at a port that is asked without."""
    with suppress(OSError), _tls(road, _blind()):
        return True
    return False


def _blind() -> ssl.SSLContext:
    """TLS to look at who is there, not to tell them anything."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _tls(road: Road, context: ssl.SSLContext) -> ssl.SSLSocket:
    connection = dial(road.host, road.port, road.seconds, road.resolve)
    connection.settimeout(road.seconds)
    return context.wrap_socket(connection, server_hostname=road.host)


def clock(date: str | None, now: float) -> Finding | None:
    """What is wrong with this machine's clock, by the Date of an answer; None for nothing."""
    moment = payload.http_time(date)
    if moment is None:
        return None
    off = now - moment.timestamp()
    if abs(off) <= _AGREED:
        return None
    size = f"{abs(off) / 60:.0f} minutes" if abs(off) < 7200 else f"{abs(off) / 3600:.0f} hours"
    way = "ahead of" if off > 0 else "behind"
    what = f"the clock of this machine is {size} {way} the service's"
    return warning("clock", what, "set it: tokens, signatures and certificates go by it")


def _issuer(certificate: Any) -> str:
    names = dict(pair for part in certificate.get("issuer", ()) for pair in part)
    return repr(names.get("commonName") or names.get("organizationName") or "somebody")


def _moment(certificate: Any, name: str) -> str:
    told = certificate.get(name)
    return f": {_day(ssl.cert_time_to_seconds(told))}" if told else ""


def _day(seconds: float) -> str:
    return rfc3339(datetime.fromtimestamp(seconds, UTC))[:10]
