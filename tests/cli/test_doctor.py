"""`jobctl doctor` names each of many faults, planted one by one, in its first line."""

import json
import os
import socket
import ssl
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from queue import Queue
from threading import Event
from typing import Any, NamedTuple

import keyring_fakes
import pytest
import trustme
from keyring.backends import null

from jobctl import registry
from jobctl.cli.sources import use_providers
from jobctl.clock import Clock
from jobctl.commands import Terminal
from jobctl.commands.doctor import DoctorRequest, World, doctor
from jobctl.threads import Start, start

Run = Callable[..., Any]
KEY = "PREFIX123.planted1"
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
FINE: tuple[int, list[Any]] = (200, [])
AUTHORITY = trustme.CA(organization_name="an old company")


def tls_of(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def nobody(*_: Any, **__: Any) -> Any:
    """There is no host of any name."""
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@dataclass
class Bench:
    """A set-up in which all is well: Modzy on a server of its own, with a key in a variable."""

    served: Callable[..., Any]
    patch: pytest.MonkeyPatch
    folder: Path
    stack: ExitStack
    answer: Any = FINE
    resolve: Any = socket.getaddrinfo
    clock: Clock = field(default_factory=Clock)
    start: Start = start
    asked: list[Any] = field(default_factory=list)
    limit: float = 20.0
    hanging: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"):
            self.patch.delenv(name, raising=False)
        registry.use(registry.Places)  # a command line before may have brought others
        self.set("JOBCTL_MODZY_API_KEY", KEY)
        self.serve()

    def set(self, name: str, value: str) -> None:
        self.patch.setenv(name, value)

    def serve(self, tls: ssl.SSLContext | None = None) -> str:
        """Serve anew, over TLS if there is some."""

        def answer(asked: Any) -> Any:
            self.asked.append(asked)
            return self.answer(asked) if callable(self.answer) else self.answer

        url: str = self.stack.enter_context(self.served(answer, tls))
        self.set("JOBCTL_MODZY_BASE_URL", url)
        return url

    def secure(self, certificate: trustme.LeafCert | None = None, *, trusted: bool = True) -> str:
        """Serve over TLS, with a certificate of the authority."""
        if trusted:
            AUTHORITY.cert_pem.write_to_path(str(self.folder / "ca.pem"))
            self.set("SSL_CERT_FILE", str(self.folder / "ca.pem"))
        return self.serve(tls_of(certificate or AUTHORITY.issue_cert("localhost")))

    def file(self, text: str, mode: int = 0o600) -> Path:
        """The configuration, in a file that a variable names."""
        path = self.folder / "config.yaml"
        path.write_text(text)
        path.chmod(mode)
        self.set("JOBCTL_CONFIG", str(path))
        return path

    def kept(self, reference: str) -> None:
        """The key is kept elsewhere."""
        self.patch.delenv("JOBCTL_MODZY_API_KEY")
        self.file(f"profiles: {{default: {{modzy: {{api_key: '{reference}'}}}}}}")

    def bring_providers(self) -> None:
        """Providers are looked for beside the configuration, and in packages, too."""
        use_providers([], os.environ)
        self.stack.callback(registry.use, registry.Places)

    def lines(self, seconds: float = 5.0, **more: Any) -> list[str]:
        out = StringIO()
        terminal = Terminal(out, StringIO(), StringIO(), os.environ)
        world = World(self.clock, self.resolve, seconds, self.start)
        assert doctor(DoctorRequest(seconds=self.limit, **more), terminal, world) == 0
        assert "planted" not in out.getvalue()
        return out.getvalue().splitlines()


@pytest.fixture
def bench(
    served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Bench]:
    with ExitStack() as stack:
        made = Bench(served, monkeypatch, tmp_path, stack)
        stack.callback(made.hanging.set)
        yield made


def test_where_all_is_well_every_line_says_so(bench: Bench) -> None:
    bench.secure()
    lines = bench.lines()
    assert [line for line in lines if not line.startswith("ok: ")] == []
    assert "ok: modzy: the clock agrees with the service's" in lines
    assert any("has a certificate of 'an old company" in line for line in lines), lines


class Off(Clock):
    """The clock on the wall is so many seconds ahead."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.ahead = seconds

    def wall(self) -> float:
        return super().wall() + self.ahead


class Waiting(Clock):
    """What is waited for comes, however busy the machine is."""

    def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:
        return inbox.get(timeout=60)


class Fault(NamedTuple):
    """What is done to the bench; what the first line must then say and where; what mends it."""

    plant: Callable[[Bench], object]
    told: tuple[str, ...]
    mend: str


def token(ends: datetime) -> str:
    claims = urlsafe_b64encode(json.dumps({"exp": ends.timestamp()}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{claims}.c2lnbmF0dXJl"


def cognite(bench: Bench, **told: str) -> None:
    """Cognite in place of Modzy."""
    bench.set("JOBCTL_COGNITE_BASE_URL", os.environ["JOBCTL_MODZY_BASE_URL"])
    for name in ("BASE_URL", "API_KEY"):
        bench.patch.delenv(f"JOBCTL_MODZY_{name}")
    for name, value in ({"project": "p", "token": "planted-1-planted"} | told).items():
        bench.set(f"JOBCTL_COGNITE_{name.upper()}", value)


def wrong_region(bench: Bench) -> None:
    for name, value in {
        "REGION": "cn-nroth-4",
        "PROJECT_ID": "0" * 32,
        "TOKEN": "planted1",
    }.items():
        bench.set(f"JOBCTL_HUAWEI_{name}", value)
    for name in ("BASE_URL", "API_KEY"):
        bench.patch.delenv(f"JOBCTL_MODZY_{name}")
    bench.resolve = nobody


def wrong_project(bench: Bench) -> None:
    cognite(bench, project="tpyo")
    bench.answer = 403, {"error": {"code": 403, "message": "no such thing for you"}}


def ended_token(bench: Bench) -> None:
    cognite(bench, token=token(NOW - DAY))
    bench.answer = 401, {"error": {"code": 401, "message": "Unauthorized"}}


def clock_off(bench: Bench) -> None:
    bench.clock = Off(3600)


def quoted(bench: Bench) -> None:
    bench.set("JOBCTL_MODZY_API_KEY", f'"{KEY}"')
    bench.answer = 401, {"message": "no"}


def quoted_in_the_file(bench: Bench) -> None:
    bench.kept(f'"{KEY}"')
    bench.answer = 401, {"message": "no"}


def apart(bench: Bench) -> None:
    """Two providers of one account, of which the second is where nobody is."""
    url = bench.serve()
    bench.answer = 200, {"tasks": [], "total_count": 0}
    bench.patch.delenv("JOBCTL_MODZY_API_KEY")
    bench.patch.delenv("JOBCTL_MODZY_BASE_URL")
    bench.set("JOBCTL_HUAWEI_TOKEN", "planted-token-1")
    bench.set("JOBCTL_HUAWEI_PROJECT_ID", "0" * 32)
    bench.set("JOBCTL_MODELARTS_BASE_URL", url)
    bench.set("JOBCTL_VAS_BASE_URL", f"http://127.0.0.1:{free_port()}")


def open_file(bench: Bench) -> None:
    bench.patch.delenv("JOBCTL_MODZY_API_KEY")
    bench.file(f"profiles: {{default: {{modzy: {{api_key: {KEY}}}}}}}", 0o644)


def broken_provider(bench: Bench) -> None:
    bench.file("profile: default\nprofiles: {default: {}}\n")
    (bench.folder / "providers").mkdir()
    (bench.folder / "providers" / "acme.yaml").write_text("title: T\nget: {pth: /x}\n")
    bench.bring_providers()


def plug_in_that_raises(bench: Bench) -> None:
    about = bench.folder / "raises-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: raises\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[jobctl.providers]\nraises = plug_raising:X\n")
    (bench.folder / "plug_raising.py").write_text("1 / 0")
    bench.patch.syspath_prepend(str(bench.folder))
    bench.bring_providers()


def locked_keyring(bench: Bench) -> None:
    bench.kept("keyring:jobctl/modzy")
    locked = keyring_fakes.Failing(RuntimeError("it is locked"))
    bench.stack.enter_context(keyring_fakes.used(locked))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def self_signed(bench: Bench) -> None:
    made = trustme.CA()
    both = bench.folder / "self.pem"
    both.write_bytes(made.private_key_pem.bytes() + made.cert_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    bench.serve(context)


def plain_as_tls(bench: Bench) -> None:
    bench.set("JOBCTL_MODZY_BASE_URL", bench.serve().replace("http://", "https://"))


def tls_as_plain(bench: Bench) -> None:
    bench.set("JOBCTL_MODZY_BASE_URL", bench.secure().replace("https://", "http://"))


def html(bench: Bench) -> None:
    bench.set("JOBCTL_MODZY_BASE_URL", os.environ["JOBCTL_MODZY_BASE_URL"] + "/tpyo")
    bench.answer = 404, b"<html>not here</html>"


def no_host(bench: Bench) -> None:
    bench.set("JOBCTL_MODZY_BASE_URL", "https://app.mozdy.example")
    bench.resolve = nobody


def answers(*answer: Any) -> Callable[[Bench], None]:
    def plant(bench: Bench) -> None:
        bench.answer = answer

    return plant


def each(*plants: Callable[[Bench], object]) -> Callable[[Bench], None]:
    def plant(bench: Bench) -> None:
        for one in plants:
            one(bench)

    return plant


def unreachable(error: Exception) -> Callable[[Bench], None]:
    def resolve(*_: Any, **__: Any) -> Any:
        raise error

    def plant(bench: Bench) -> None:
        bench.resolve = resolve

    return plant


def no_proxy_host(bench: Bench) -> None:
    bench.secure()
    bench.set("https_proxy", "http://no.such.example:3128")
    bench.resolve = nobody


def refusing_proxy(bench: Bench, status: int = 502) -> None:
    bench.set("https_proxy", bench.serve())
    bench.answer = status, {}
    bench.secure()


def empty_folder(bench: Bench) -> None:
    (bench.folder / "empty").mkdir()
    bench.set("SSL_CERT_DIR", str(bench.folder / "empty"))


def other_authorities(bench: Bench) -> None:
    bench.secure(trusted=False)
    trustme.CA().cert_pem.write_to_path(str(bench.folder / "other.pem"))
    bench.set("JOBCTL_MODZY_CA_FILE", str(bench.folder / "other.pem"))


def no_authorities(bench: Bench) -> None:
    bench.secure()
    (bench.folder / "empty.pem").touch()
    bench.file(f"profiles: {{default: {{modzy: {{ca_file: {bench.folder / 'empty.pem'}}}}}}}")


def lost(bench: Bench) -> None:
    cognite(bench)
    bench.set("JOBCTL_COGNITE_BASE_URL", os.environ["JOBCTL_COGNITE_BASE_URL"] + "/v7")
    bench.answer = 404, {"error": {"code": 404, "message": "none"}}


def slow(bench: Bench) -> None:
    def answer(_: Any) -> None:
        bench.hanging.wait(30)

    bench.answer = answer


def in_a_hurry(bench: Bench) -> None:
    bench.limit = 0.1
    bench.clock = Waiting()


def no_keyring(bench: Bench) -> None:
    bench.kept("keyring:jobctl/modzy")
    nothing: Any = null.Keyring
    bench.stack.enter_context(keyring_fakes.used(nothing()))


def forgetful_keyring(bench: Bench) -> None:
    bench.kept("keyring:jobctl/modzy")
    bench.stack.enter_context(keyring_fakes.used(keyring_fakes.Remembering()))


def nothing(bench: Bench) -> None:
    for name in ("BASE_URL", "API_KEY"):
        bench.patch.delenv(f"JOBCTL_MODZY_{name}")


def variable(name: str, value: str) -> Callable[[Bench], None]:
    return lambda bench: bench.set(name, value)


FAULTS = {
    "wrong host": Fault(
        no_host, ("app.mozdy.example", "JOBCTL_MODZY_BASE_URL", "no host"), "check base_url"
    ),
    "wrong port": Fault(
        lambda bench: bench.set("JOBCTL_MODZY_BASE_URL", f"http://127.0.0.1:{free_port()}"),
        ("nobody listens", "connection refused", "JOBCTL_MODZY_BASE_URL"),
        "check base_url",
    ),
    "https for http": Fault(
        plain_as_tls, ("does not speak TLS", "JOBCTL_MODZY_BASE_URL"), "is it http://"
    ),
    "http for https": Fault(
        tls_as_plain, ("speaks TLS", "http://", "JOBCTL_MODZY_BASE_URL"), "write https://"
    ),
    "expired certificate": Fault(
        lambda bench: bench.secure(
            AUTHORITY.issue_cert("localhost", not_before=NOW - 9 * DAY, not_after=NOW - DAY)
        ),
        ("certificate", "expired", f"{NOW - DAY:%Y-%m-%d}", "JOBCTL_MODZY_BASE_URL"),
        "must renew it",
    ),
    "certificate of tomorrow": Fault(
        lambda bench: bench.secure(
            AUTHORITY.issue_cert("localhost", not_before=NOW + DAY, not_after=NOW + 9 * DAY)
        ),
        ("certificate", "not valid yet", f"{NOW + DAY:%Y-%m-%d}", "JOBCTL_MODZY_BASE_URL"),
        "clock of this machine",
    ),
    "self-signed certificate": Fault(
        self_signed, ("certificate", "self-signed", "JOBCTL_MODZY_BASE_URL"), "ca_file"
    ),
    "certificate of another name": Fault(
        lambda bench: bench.secure(AUTHORITY.issue_cert("other.example")),
        ("localhost", "other.example", "JOBCTL_MODZY_BASE_URL"),
        "check base_url",
    ),
    "unknown authority": Fault(
        lambda bench: bench.secure(trusted=False),
        ("an old company", "not trusted", "JOBCTL_MODZY_BASE_URL"),
        "ca_file",
    ),
    "proxy that is not there": Fault(
        lambda bench: bench.set("HTTP_PROXY", f"http://127.0.0.1:{free_port()}"),
        ("nobody listens", "HTTP_PROXY"),
        "check HTTP_PROXY",
    ),
    "proxy of no host": Fault(
        no_proxy_host, ("no host no.such.example", "https_proxy"), "check https_proxy"
    ),
    "proxy that refuses": Fault(
        refusing_proxy, ("through the proxy", "502", "https_proxy"), "NO_PROXY"
    ),
    "proxy with a bad scheme": Fault(
        variable("HTTPS_PROXY", "htp://planted:planted@p.example"),
        ("HTTPS_PROXY", "not the URL"),
        "http://proxy.example:3128",
    ),
    "odd NO_PROXY": Fault(
        variable("NO_PROXY", "localhost,https://app.modzy.com"),
        ("NO_PROXY", "a URL", "app.modzy"),
        "NO_PROXY=localhost",
    ),
    "key that ends with a quote": Fault(
        variable("JOBCTL_MODZY_API_KEY", f"{KEY}'"),
        ("JOBCTL_MODZY_API_KEY", "ends with a quote"),
        "without it",
    ),
    "limit that is none": Fault(
        variable("JOBCTL_MODZY_CONNECT_TIMEOUT", "soon"),
        ("JOBCTL_MODZY_CONNECT_TIMEOUT", "30s"),
        "set it anew",
    ),
    "two proxies": Fault(
        each(
            variable("all_proxy", "http://127.0.0.1:1"),
            variable("ALL_PROXY", "http://127.0.0.1:2"),
            variable("no_proxy", "*"),
        ),
        ("all_proxy and ALL_PROXY differ",),
        "unset ALL_PROXY",
    ),
    "clock an hour off": Fault(clock_off, ("clock", "60 minutes ahead"), "set it: "),
    "key with quotes": Fault(quoted, ("JOBCTL_MODZY_API_KEY", "quote"), "set it anew"),
    "key with quotes in the file": Fault(
        quoted_in_the_file, ("problem: modzy: ", "config.yaml:1:", "quote"), "set it anew"
    ),
    "second provider of an account": Fault(
        apart, ("vas: nobody listens", "JOBCTL_VAS_BASE_URL"), "check base_url"
    ),
    "key with a blank at its end": Fault(
        variable("JOBCTL_MODZY_API_KEY", KEY + " "),
        ("JOBCTL_MODZY_API_KEY", "blank"),
        "set it anew",
    ),
    "key with a carriage return": Fault(
        variable("JOBCTL_MODZY_API_KEY", KEY + "\r"),
        ("JOBCTL_MODZY_API_KEY", "Windows"),
        "set it anew",
    ),
    "secret with a blank at its end": Fault(
        lambda bench: cognite(bench, token="planted-token "),
        ("JOBCTL_COGNITE_TOKEN", "blank"),
        "set it anew",
    ),
    "name of a variable": Fault(
        variable("JOBCTL_MODZY_API_KEY", "$MODZY_API_KEY"),
        ("JOBCTL_MODZY_API_KEY", "name of a variable"),
        "copy the whole key",
    ),
    "word of an example": Fault(
        variable("JOBCTL_MODZY_API_KEY", "your-api.key"),
        ("JOBCTL_MODZY_API_KEY", "in an example"),
        "give your own",
    ),
    "word of a header": Fault(
        each(lambda bench: cognite(bench, token="Bearer planted-1"), answers(401, {})),
        ("JOBCTL_COGNITE_TOKEN", "goes before it in a header"),
        "what follows that word",
    ),
    "reference in a variable": Fault(
        each(lambda bench: cognite(bench, token="env:planted-1"), answers(401, {})),
        ("JOBCTL_COGNITE_TOKEN", "counts in config.yaml alone"),
        "write it there",
    ),
    "key that was cut off": Fault(
        variable("JOBCTL_MODZY_API_KEY", "P.K"),
        ("JOBCTL_MODZY_API_KEY", "shorter than any"),
        "the whole of it",
    ),
    "token that was cut off": Fault(
        each(
            lambda bench: cognite(bench, token="eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE"), answers(401, {})
        ),
        ("JOBCTL_COGNITE_TOKEN", "cut off"),
        "the whole of it",
    ),
    "file of mode 644": Fault(
        open_file, ("config.yaml holds secrets", "others can read"), "chmod 600 "
    ),
    "wrong project": Fault(
        wrong_project, ("403", "project 'tpyo' of JOBCTL_COGNITE_PROJECT"), "these credentials lack"
    ),
    "wrong region": Fault(
        wrong_region, ("no host", "region 'cn-nroth-4' of JOBCTL_HUAWEI_REGION"), "check region"
    ),
    "expired token": Fault(
        ended_token, ("JOBCTL_COGNITE_TOKEN", f"ended at {NOW - DAY:%Y-%m-%d}"), "get a new one"
    ),
    "revoked token": Fault(
        answers(401, {"message": "revoked"}),
        ("401: revoked", "api_key of JOBCTL_MODZY_API_KEY"),
        "misspelled or inactive",
    ),
    "missing settings": Fault(
        lambda bench: bench.patch.delenv("JOBCTL_MODZY_API_KEY"),
        ("modzy", "api_key", "nothing"),
        "set JOBCTL_MODZY_API_KEY",
    ),
    "misspelt variable": Fault(
        each(nothing, variable("JOBCTL_MODZY_APIKEY", KEY)),
        ("JOBCTL_MODZY_APIKEY is no variable",),
        "did you mean JOBCTL_MODZY_API_KEY?",
    ),
    "missing settings of the vendor's": Fault(
        each(nothing, variable("MODZY_BASE_URL", "https://modzy.example")),
        ("modzy", "a way to sign in", "nothing"),
        "set JOBCTL_MODZY_API_KEY",
    ),
    "unknown key": Fault(
        lambda bench: bench.file("profiles:\n  default:\n    modzy:\n      api_kye: x\n"),
        ("config.yaml:4:7", "no setting 'api_kye'"),
        "did you mean api_key?",
    ),
    "broken YAML": Fault(
        lambda bench: bench.file("profiles:\n  default: [\n"),
        ("config.yaml:3:1", "bracket"),
        "quote values",
    ),
    "wrong profile": Fault(
        variable("JOBCTL_PROFILE", "prdo"), ("JOBCTL_PROFILE", "'prdo'"), "known: sandbox"
    ),
    "configuration nowhere": Fault(
        variable("JOBCTL_CONFIG", "/no/such/config.yaml"),
        ("JOBCTL_CONFIG", "/no/such/config.yaml"),
        "unset JOBCTL_CONFIG",
    ),
    "configuration that cannot be read": Fault(
        lambda bench: bench.set("JOBCTL_CONFIG", str(bench.folder)),
        ("cannot be read",),
        "JOBCTL_CONFIG",
    ),
    "authorities nowhere": Fault(
        each(Bench.secure, variable("SSL_CERT_FILE", "/no/such.pem")),
        ("SSL_CERT_FILE names /no/such.pem",),
        "unset it",
    ),
    "keys of connections nowhere": Fault(
        each(Bench.secure, variable("SSLKEYLOGFILE", "/no/such/keys")),
        ("SSLKEYLOGFILE names /no/such/keys",),
        "unset it",
    ),
    "cache that cannot be written": Fault(
        variable("JOBCTL_CACHE_DIR", "/dev/null/cache"),
        ("/dev/null/cache cannot be written",),
        "JOBCTL_CACHE_DIR",
    ),
    "no folder for the cache": Fault(
        variable("XDG_CACHE_HOME", "/dev/null/x"),
        ("no folder in which tokens",),
        "JOBCTL_CACHE_DIR",
    ),
    "state folder that is no path": Fault(
        variable("JOBCTL_STATE_DIR", "a\n"), ("JOBCTL_STATE_DIR",), "unset it"
    ),
    "env: of nothing": Fault(
        lambda bench: bench.kept("env:MISSING"),
        ("config.yaml:1:", "variable MISSING is not set"),
        "set MISSING",
    ),
    "file: of nothing": Fault(
        lambda bench: bench.kept("file:missing.txt"),
        ("api_key: cannot read", "missing.txt"),
        "set it anew",
    ),
    "command: that fails": Fault(
        lambda bench: bench.kept("command:false"),
        ("api_key: its command failed",),
        "run it by hand",
    ),
    "keyring that is locked": Fault(
        locked_keyring, ("keyring", "it is locked"), "unlock or install a keyring"
    ),
    "broken provider file": Fault(
        broken_provider, ("acme", "acme.yaml:1:1", "lacks"), "jobctl providers show acme"
    ),
    "plug-in that raises": Fault(
        plug_in_that_raises,
        ("plug-in raises 1.0", "ZeroDivisionError"),
        "jobctl providers show raises",
    ),
    "page of something else": Fault(
        html, ("404", "an HTML page", "/tpyo' of JOBCTL_MODZY_BASE_URL"), "check base_url"
    ),
    "page to sign in": Fault(
        answers(200, b"<html><title>Sign in</title></html>"),
        ("200 with HTML where JSON should be", "of JOBCTL_MODZY_BASE_URL"),
        "check base_url",
    ),
    "wrong path": Fault(
        lost,
        ("404", "none", "/v7' of JOBCTL_COGNITE_BASE_URL", "project 'p' of JOBCTL_COGNITE_PROJECT"),
        "check base_url '",
    ),
    "service that is slow": Fault(
        each(slow, in_a_hurry),
        ("no complete answer within 0.05 s", "JOBCTL_MODZY_BASE_URL"),
        "wait for the service",
    ),
    "service that is down": Fault(
        answers(503, {"message": "soon"}), ("503: soon", "JOBCTL_MODZY_BASE_URL"), "wait for the"
    ),
    "service that hangs up": Fault(
        lambda bench: setattr(bench, "answer", None),
        ("ended before the answer", "JOBCTL_MODZY_BASE_URL"),
        "wait for the",
    ),
    "proxy that wants a password": Fault(
        lambda bench: refusing_proxy(bench, 407),
        ("through the proxy", "of https_proxy: the proxy says 407"),
        "a user and a password",
    ),
    "folder of authorities nowhere": Fault(
        each(Bench.secure, variable("SSL_CERT_DIR", "/no/such")),
        ("SSL_CERT_DIR names /no/such, which is no folder",),
        "unset it",
    ),
    "folder without authorities": Fault(
        each(lambda bench: bench.secure(trusted=False), empty_folder),
        ("not trusted here", "JOBCTL_MODZY_BASE_URL"),
        "SSL_CERT_DIR",
    ),
    "file of other authorities": Fault(
        other_authorities, ("not trusted here", "JOBCTL_MODZY_BASE_URL"), "ca_file"
    ),
    "file of authorities nowhere": Fault(
        each(Bench.secure, variable("JOBCTL_MODZY_CA_FILE", "/no/such.pem")),
        ("ca_file names /no/such.pem", "of JOBCTL_MODZY_CA_FILE"),
        "name another",
    ),
    "file of authorities without any": Fault(
        no_authorities, ("ca_file names ", "no certificates", "config.yaml:1:"), "PEM"
    ),
    "key that is there twice": Fault(
        lambda bench: bench.file("profiles:\n  default:\n    modzy: {team_id: a, team_id: b}\n"),
        ("config.yaml:3:25", "team_id", "twice"),
        "mend that",
    ),
    "mistake of indentation": Fault(
        lambda bench: bench.file("profiles:\n  default:\n    modzy:\n   team_id: a\n"),
        ("config.yaml:4:4", "does not fit the lines above"),
        "indent with blanks",
    ),
    "key of several lines": Fault(
        variable("JOBCTL_MODZY_API_KEY", f"{KEY}\nmore"),
        ("JOBCTL_MODZY_API_KEY", "control character"),
        "set it anew",
    ),
    "keyring that is not there": Fault(
        no_keyring, ("config.yaml:1:", "the keyring cannot be used"), "install a keyring"
    ),
    "keyring without the key": Fault(
        forgetful_keyring,
        ("config.yaml:1:", "nothing for jobctl/modzy"),
        "keyring set jobctl modzy",
    ),
    "command: that hangs": Fault(
        each(lambda bench: bench.kept("command:sleep 60"), in_a_hurry),
        ("config.yaml:1:", "api_key: its command did not end within 0.05 s"),
        "run it by hand",
    ),
    "command: that is nowhere": Fault(
        lambda bench: bench.kept("command:no-such-program"),
        ("config.yaml:1:", "api_key: its command cannot be started"),
        "run it by hand",
    ),
    "state folder that cannot be written": Fault(
        variable("JOBCTL_STATE_DIR", "/dev/null/state"),
        ("/dev/null/state cannot be written",),
        "JOBCTL_STATE_DIR",
    ),
    "key of another service": Fault(
        answers(403, {"message": "not for you"}),
        ("403: not for you", "api_key of JOBCTL_MODZY_API_KEY"),
        "the key",
    ),
    "service that throttles": Fault(
        answers(429, {"message": "slow down"}), ("429",), "wait for the service"
    ),
    "nothing at all": Fault(nothing, ("no service is set up",), "jobctl auth login"),
    "host that does not answer": Fault(
        unreachable(TimeoutError()), ("127.0.0.1", "does not answer within"), "firewall"
    ),
    "network that is not there": Fault(
        unreachable(OSError(101, "Network is unreachable")),
        ("no connection", "unreachable"),
        "and the network",
    ),
    "name of nobody": Fault(unreachable(UnicodeError()), ("no host 127.0.0.1",), "and the network"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_first_line_names_the_fault(name: str, bench: Bench) -> None:
    FAULTS[name].plant(bench)
    first, second, *_ = bench.lines()
    assert first.startswith(("problem: ", "warning: ")), second
    for words in FAULTS[name].told:
        assert words in first
    assert second.startswith("  mend: ")
    assert FAULTS[name].mend in second


def test_what_may_be_the_reason_is_told_before_what_comes_of_it(bench: Bench) -> None:
    quoted(bench)
    bench.clock = Off(-10_000)
    lines = bench.lines()
    assert lines[0] == (
        "problem: modzy: JOBCTL_MODZY_API_KEY: api_key begins and ends with a quote, which is taken"
        " for a part of it"
    )
    assert lines[1].startswith("  mend: set it anew")
    assert lines[2].startswith("problem: modzy: the clock of this machine is 3 hours behind")
    assert lines[4].startswith("problem: modzy: Modzy answered 401")
    # where the service takes the credentials all the same, it is odd and no more
    bench.answer = FINE
    assert [line.partition(":")[0] for line in bench.lines() if "  " not in line[:2]][:3] == [
        "warning",
        "warning",
        "ok",
    ]


def test_a_clock_that_is_wrong_is_told_before_a_certificate_that_seems_so(bench: Bench) -> None:
    bench.secure(AUTHORITY.issue_cert("localhost", not_before=NOW - 9 * DAY, not_after=NOW - DAY))
    bench.clock = Off(3 * 86_400)
    lines = bench.lines()
    assert lines[0].startswith("problem: modzy: the clock of this machine is 72 hours ahead of")
    assert "expired" in lines[2]
    assert all("Authorization" not in one.headers for one in bench.asked)


def test_all_mistakes_of_the_configuration_are_told(bench: Bench) -> None:
    bench.file("profiles:\n  default:\n    modzy:\n      api_kye: x\n      taem: y\n")
    told = [line for line in bench.lines() if line.startswith("problem: ")]
    assert ["api_kye" in told[0], "taem" in told[1], len(told)] == [True, True, 2]


def test_what_another_command_would_warn_about_is_told(bench: Bench) -> None:
    bench.set("JOBCTL_MODZY_BASE_URL", "http://h.example")
    bench.set("JOBCTL_MODZY_ALLOW_HTTP", "true")
    bench.resolve = nobody
    assert any("travels to h.example for everybody" in line for line in bench.lines())


def test_a_certificate_that_soon_ends_is_told(bench: Bench) -> None:
    bench.secure(AUTHORITY.issue_cert("localhost", not_after=NOW + 9 * DAY))
    assert bench.lines()[0].startswith("warning: modzy: localhost has a certificate of ")


def test_a_secret_in_a_file_that_others_can_read_is_told(bench: Bench) -> None:
    bench.kept("file:key.txt")
    (bench.folder / "key.txt").write_text(KEY)
    (bench.folder / "key.txt").chmod(0o640)
    assert bench.lines()[0] == (
        f"warning: modzy: {bench.folder / 'key.txt'} holds a secret and others can read it"
    )
    (bench.folder / "key.txt").chmod(0o600)
    assert not bench.lines()[0].startswith("warning")


def test_files_of_tokens_that_are_not_ours_alone_are_told(bench: Bench) -> None:
    bench.set("JOBCTL_CACHE_DIR", str(bench.folder / "cache"))
    path = bench.folder / "cache" / "tokens" / "x.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    path.chmod(0o644)
    # it is not looked for where there may be a whole home
    (path.parent.parent / "others.json").touch(0o644)
    told = [line for line in bench.lines() if line.startswith("warning")]
    assert told == [f"warning: {path} is not yours alone, and is not used"]


@pytest.mark.parametrize(
    "exp", ["e30", "bm8", "A", urlsafe_b64encode(b'{"exp": 1e300}').decode(), "eyJleHAiOjFlMTB9"]
)
def test_a_token_that_does_not_tell_its_end_or_has_not_ended_is_not_blamed(
    exp: str, bench: Bench
) -> None:
    cognite(bench, token=f"eyJhbGciOiJub25lIn0.{exp}.c2ln")
    bench.answer = 200, {"subject": "somebody", "projects": []}
    lines = bench.lines()
    assert lines[0].startswith("ok: ")
    assert any("takes the credentials of somebody" in line for line in lines)


def test_where_tokens_come_from_is_looked_at_too(bench: Bench) -> None:
    cognite(bench)
    bench.patch.delenv("JOBCTL_COGNITE_TOKEN")
    for name, value in {
        "CLIENT_ID": "c", "CLIENT_SECRET": "planted-secret", "SCOPE": "s",
        "TOKEN_URL": f"http://127.0.0.1:{free_port()}/token",
    }.items():  # fmt: skip
        bench.set(f"JOBCTL_COGNITE_{name}", value)
    first = bench.lines()[0]
    assert first.startswith("problem: cognite: nobody listens at 127.0.0.1:")
    assert "(the address that gives tokens)" in first


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_says_nothing_at_all_is_told_with_the_port(scheme: str, bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        bench.set("JOBCTL_MODZY_BASE_URL", f"{scheme}://127.0.0.1:{port}")
        bench.set("JOBCTL_MODZY_READ_TIMEOUT", "0.1s")
        first = bench.lines(seconds=0.1)[0]
    assert first.startswith("problem: modzy: ")
    assert f"127.0.0.1:{port}" in first


def test_tls_that_fails_otherwise_is_told_with_its_reason(bench: Bench) -> None:
    nothing_in_common = tls_of(AUTHORITY.issue_cert("localhost"))
    nothing_in_common.maximum_version = ssl.TLSVersion.TLSv1_2
    nothing_in_common.set_ciphers("AES128-SHA256")  # for keys of another kind
    bench.serve(nothing_in_common)
    first = bench.lines()[0]
    assert first.startswith("problem: modzy: TLS with localhost:")
    assert "handshake failure" in first


def test_a_certificate_that_is_seen_but_once_is_told_as_far_as_it_is_known(bench: Bench) -> None:
    asked: list[object] = []

    def resolve(*words: Any, **more: Any) -> Any:
        asked.append(words)
        return nobody() if len(asked) > 1 else socket.getaddrinfo(*words, **more)

    bench.secure(AUTHORITY.issue_cert("localhost", not_before=NOW - 9 * DAY, not_after=NOW - DAY))
    bench.resolve = resolve
    first = bench.lines()[0]
    assert first.startswith("problem: modzy: the certificate of localhost expired (base_url ")


def test_several_accounts_are_looked_at_each_by_one_provider(bench: Bench) -> None:
    for name in ("MODZY", "COGNITE"):
        bench.set(f"JOBCTL_{name}_BASE_URL", os.environ["JOBCTL_MODZY_BASE_URL"])
    bench.set("JOBCTL_COGNITE_PROJECT", "p")
    bench.set("JOBCTL_COGNITE_TOKEN", "planted-token")
    inspected = 200, {"projects": [{"projectUrlName": "q"}]}
    bench.answer = lambda asked: inspected if "inspect" in asked.path else FINE
    lines = bench.lines()
    assert lines[0].startswith("problem: cognite: the token is not of project 'p', but of q")
    assert [line for line in lines if line.startswith("ok: modzy: ")]
    assert [line for line in bench.lines(provider="modzy") if "cognite" in line] == []


def test_an_account_that_takes_too_long_is_told_and_holds_up_no_other(bench: Bench) -> None:
    bench.resolve = lambda *_, **__: bench.hanging.wait(30)
    bench.limit = 0.01
    first = bench.lines()[0]
    assert first == "problem: modzy: it could not be looked at within 0.01 s"


def test_a_defect_of_a_check_is_no_finding(bench: Bench) -> None:
    unreachable(ZeroDivisionError())(bench)
    with pytest.raises(ZeroDivisionError):
        bench.lines()


def test_without_threads_one_account_is_looked_at_after_the_other(bench: Bench) -> None:
    bench.start = lambda _: None
    assert bench.lines()[0].startswith("ok: ")


def test_a_provider_that_replaces_a_built_in_one_is_a_problem(jobctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "modzy.yaml"
    path.write_text("title: T\n")
    ran = jobctl("doctor", "--provider-file", str(path), "--strict")
    assert ran.code == 2
    assert "the provider 'modzy' is built in" in ran.out


def test_what_does_not_count_is_odd(jobctl: Run, tmp_path: Path) -> None:
    words: list[str] = []
    for name in ("a", "b"):
        path = tmp_path / name / "ray.yaml"
        path.parent.mkdir()
        path.write_text((registry.CATALOGUE / "ray.yaml").read_text())
        words += ["--provider-file", str(path)]
    ran = jobctl("doctor", "modzy", *words)
    assert f"warning: ray of {tmp_path}/b/ray.yaml does not count" in ran.out


def test_the_document_has_these_fields(jobctl: Run, bench: Bench) -> None:
    bench.answer = 401, {"message": "revoked"}
    told = jobctl("doctor", "-o", "json").document
    assert list(told) == ["schema", "version", "verdict", "exit_code", "findings"]
    assert (told["schema"], told["verdict"], told["exit_code"]) == (
        "jobctl.doctor/v1",
        "problem",
        4,
    )
    assert [list(one) for one in told["findings"]] == [
        ["check", "status", "provider", "what", "mend", "exit_code"]
    ] * len(told["findings"])
    first = told["findings"][0]
    assert (first["check"], first["status"], first["provider"]) == ("request", "problem", "modzy")
    checks = [one["check"] for one in told["findings"]]
    assert {"configuration", "providers", "folders", "proxy", "trust", "connection"} < {*checks}
    assert jobctl("doctor", "-o", "yaml").out.startswith("schema: jobctl.doctor/v1\n")
    assert jobctl("doctor", "-q", "verdict").out == '"problem"\n'


def test_the_exit_code_is_0_or_with_strict_that_of_the_first_problem(
    jobctl: Run, bench: Bench
) -> None:
    assert jobctl("doctor", "--strict").code == 0
    bench.answer = 401, {"message": "revoked"}
    assert jobctl("doctor").code == 0
    assert jobctl("doctor", "--strict").code == 4
    bench.set("JOBCTL_PROFILE", "tpyo")
    assert jobctl("doctor", "--strict").code == 2
    bench.set("JOBCTL_CONFIG", "\n")
    assert jobctl("doctor", "--strict").out.startswith("problem: JOBCTL_CONFIG holds a control")


def test_the_sandbox_is_well(jobctl: Run) -> None:
    ran = jobctl("doctor", "--profile", "sandbox", "--strict")
    assert ran.code == 0, ran.out
    for name in ("cognite", "modzy", "oracle-content"):
        assert f"ok: {name}: the service takes the credentials" in ran.out


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("mozdy",), "there is no provider 'mozdy'"),
        (("--timeout", "soon"), "--timeout"),
        (("-q", "["), "--query"),
        (("-o", "csv"), "'csv'"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(
    words: tuple[str, ...], why: str, jobctl: Run
) -> None:
    ran = jobctl("doctor", *words)
    assert ran.code == 2
    assert why in ran.err


def test_variables_for_other_programs_are_no_half_set_up(bench: Bench) -> None:
    nothing(bench)
    bench.set("RAY_ADDRESS", "https://h.example/?x")
    assert bench.lines()[0] == "problem: no service is set up"
    bench.set("JOBCTL_RAY_BASE_URL", "https://h.example/?x")
    assert bench.lines()[0].startswith("problem: ray: JOBCTL_RAY_BASE_URL: ")


def test_a_provider_of_the_catalogue_is_looked_at_where_its_vendors_variables_suffice(
    bench: Bench,
) -> None:
    nothing(bench)
    bench.set("RAY_ADDRESS", bench.serve())
    bench.patch.delenv("JOBCTL_MODZY_BASE_URL")
    lines = bench.lines()
    assert any(line.startswith("ok: ray: the service takes") for line in lines), lines


def test_of_the_providers_of_an_account_the_one_that_is_built_in_is_looked_at(
    bench: Bench,
) -> None:
    wrong_region(bench)
    assert bench.lines()[0].startswith("problem: modelarts: ")


def test_a_provider_whose_file_is_wrong_is_told_of_once(bench: Bench) -> None:
    broken_provider(bench)
    lines = bench.lines(provider="acme")
    assert lines[0].startswith("problem: acme: ")
    assert not lines[2].startswith("problem")


def test_a_setting_of_nobody_is_a_problem_too(jobctl: Run) -> None:
    ran = jobctl("doctor", "modzy", "--set", "nothing=1")
    assert ran.code == 0
    assert ran.out.startswith("problem: --set: there is no setting 'nothing'")
