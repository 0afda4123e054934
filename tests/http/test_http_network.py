"""Real connections: limits of time, TLS, proxies."""

import os
import socket
import ssl
import threading
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import trustme
from loopback import Blurt, Connection, FakeClock, Serve, SignedIn

from jobctl.clock import Clock
from jobctl.errors import ConfigError, UnavailableError
from jobctl.http import connect
from jobctl.http.tls import tls_context
from jobctl.masking.texts import masked


def polite(_head: list[str], connection: Connection) -> None:
    connection.answer(b'{"id": 1}')


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_connections_are_kept_and_used_again(serve: Serve) -> None:
    peers = set()

    def talk(_head: list[str], connection: Connection) -> None:
        peers.add(connection.handler.client_address)
        connection.answer()

    server = serve(talk)
    with connect(server.url, None) as client:
        for _ in range(3):
            assert client.get(server.url).json() == {}
    assert len(peers) == 1


def test_what_is_asked_at_the_same_time_goes_over_connections_of_its_own(serve: Serve) -> None:
    both = threading.Barrier(2)

    def talk(_head: list[str], connection: Connection) -> None:
        both.wait(30)
        connection.answer()

    server = serve(talk)
    with connect(server.url, None) as client, ThreadPoolExecutor(2) as threads:
        for _ in range(2):
            asked = [threads.submit(client.get, server.url) for _ in range(2)]
            assert [one.result().json() for one in asked] == [{}, {}]


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n",
    ],
    ids=["body", "chunks", "head"],
)
def test_a_server_that_drips_is_left_when_the_time_for_the_whole_answer_is_over(
    serve: Serve, head: bytes
) -> None:
    def talk(_head: list[str], connection: Connection) -> None:
        connection.send(head)
        connection.drip(b"1\r\nx\r\n" if b"chunked" in head else b"X-More: 1\r\n")

    server = serve(talk)
    with (
        connect(server.url, None, read_timeout=0.3, patience=0) as client,
        pytest.raises(UnavailableError, match=r"no complete answer within 0\.3 s") as caught,
    ):
        client.get(server.url)
    assert caught.value.transient


def test_an_answer_that_came_too_late_by_our_clock_is_not_read_on(serve: Serve) -> None:
    clock = FakeClock()

    def talk(_head: list[str], connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        clock.time += 31
        connection.send(b"{")
        connection.stopped.wait()

    server = serve(talk)
    with (
        connect(server.url, None, clock=clock) as client,
        pytest.raises(UnavailableError, match="no complete answer within 30 s"),
    ):
        client.get(server.url)


def test_a_server_that_never_answers_is_left(serve: Serve) -> None:
    def talk(_head: list[str], connection: Connection) -> None:
        connection.stopped.wait()

    server = serve(talk)
    with (
        connect(server.url, None, read_timeout=0.2, patience=0) as client,
        pytest.raises(UnavailableError, match=r"no complete answer within 0\.2 s"),
    ):
        client.get(server.url)


def test_an_outage_of_a_moment_is_survived(serve: Serve) -> None:
    clock = FakeClock()
    count = []

    def talk(_head: list[str], connection: Connection) -> None:
        count.append(1)
        if len(count) == 1:
            connection.answer(status="503 Service Unavailable", headers="Retry-After: 2\r\n")
        elif len(count) == 2:
            connection.handler.request.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
            )
            os.close(connection.handler.request.detach())
        elif len(count) == 3:
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            connection.handler.request.shutdown(socket.SHUT_RDWR)
        else:
            connection.answer(b'{"id": 1}')

    server = serve(talk)
    told: list[str] = []
    with connect(server.url, None, clock=clock, tell=told.append) as client:
        assert client.get(server.url).json() == {"id": 1}
    assert len(told) == 3
    assert "answered 503; trying again in 2.0 s (retry 1)" in told[0]
    assert "the connection was reset; trying again" in told[1]
    assert "the connection ended before the answer was complete" in told[2]


def test_a_closed_port_is_named(serve: Serve) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with (
            connect(f"http://127.0.0.1:{port}", None, patience=0) as client,
            pytest.raises(UnavailableError) as caught,
        ):
            client.get(f"http://127.0.0.1:{port}/")
    assert caught.value.message == f"cannot reach 127.0.0.1:{port}: connection refused"


def test_a_host_name_that_cannot_be_is_an_error_and_no_crash() -> None:
    url = "https://" + "a" * 64 + ".example"
    with (
        connect(url, None, trust_env=False) as client,
        pytest.raises(UnavailableError, match="the host name cannot be resolved"),
    ):
        client.get(url)


def test_plain_http_needs_no_tls(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nonexistent/authority.pem")
    server = serve(polite)
    with connect(server.url, None) as client:
        assert client.get(server.url).json() == {"id": 1}


def test_a_private_authority_is_trusted_by_ssl_cert_file(
    serve: Serve, tls: ssl.SSLContext, trusted: Path
) -> None:
    url = f"https://localhost:{serve(polite, tls).port}"
    with connect(url, None) as client:
        assert client.get(url).json() == {"id": 1}


def test_a_private_authority_is_trusted_by_ssl_cert_dir(
    serve: Serve, tls: ssl.SSLContext, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.create_default_context(cafile=str(trusted))
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(trusted.parent))
    assert tls_context(trust_env=True) is tls_context(trust_env=True)
    assert tls_context(trust_env=True) is not tls_context(trust_env=False)
    assert context.cert_store_stats()["x509_ca"] == 1


def final(url: str) -> UnavailableError:
    """The error of a service that is asked once, since another try would end as this one."""
    told: list[str] = []
    with (
        connect(url, None, tell=told.append) as client,
        pytest.raises(UnavailableError) as caught,
    ):
        client.get(url)
    assert (caught.value.transient, told) == (False, [])
    return caught.value


def test_a_certificate_that_nobody_vouches_for_is_final_and_says_what_mends_it(
    serve: Serve, tls: ssl.SSLContext
) -> None:
    error = final(f"https://localhost:{serve(polite, tls).port}")
    assert "its certificate is not trusted" in error.message
    assert "SSL_CERT_FILE" in str(error.hint)


def test_a_port_that_speaks_no_tls_is_told_at_once(blurt: Blurt) -> None:
    error = final(f"https://localhost:{blurt(b'HTTP/1.1 400 Bad Request')}")
    assert "the port does not speak TLS" in error.message
    assert "base_url" in str(error.hint)


@pytest.mark.parametrize(
    ("said", "what"),
    [(b"", "unexpected eof while reading"), (b"\x15\3\3\0\2\2\x50", "tlsv1 alert internal error")],
)
def test_a_server_that_fails_at_tls_may_speak_it_later(
    blurt: Blurt, said: bytes, what: str
) -> None:
    url = f"https://localhost:{blurt(said)}"
    with (
        connect(url, None, patience=0) as client,
        pytest.raises(UnavailableError, match=f"TLS failed .{what}.") as caught,
    ):
        client.get(url)
    assert (caught.value.transient, caught.value.unreached) == (True, True)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_missing_certificates_are_named_with_their_variable(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, str(tmp_path / "none"))
    with (
        connect("https://127.0.0.1:9", None) as client,
        pytest.raises(ConfigError, match=f"{name} names {tmp_path}/none"),
    ):
        client.get("https://127.0.0.1:9/")


@pytest.mark.parametrize("text", ["", "no certificate"])
def test_broken_certificates_are_named_with_their_variable(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "broken.pem"
    path.write_text(text)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with (
        connect("https://127.0.0.1:9", None) as client,
        pytest.raises(ConfigError, match=f"SSL_CERT_FILE names {path}"),
    ):
        client.get("https://127.0.0.1:9/")


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_used(
    serve: Serve, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(polite)
    monkeypatch.setenv(variable, f"127.0.0.1:{proxy.port}")
    with connect("http://localhost:9", None) as client:
        assert client.get("http://localhost:9/jobs").json() == {"id": 1}
    assert proxy.first_lines == ["GET http://localhost:9/jobs HTTP/1.1"]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("proxy", ["http://192.0.2.1:9", "https://proxy.example", "socks5://p:1"])
def test_no_proxy_elsewhere_sees_what_is_sent_unencrypted(
    serve: Serve, variable: str, proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, proxy)
    server = serve(polite)
    with connect(server.url, SignedIn()) as client:
        assert client.get(server.url).json() == {"id": 1}
    assert "X-Auth-Token: made-up-secret" in server.heads[0]


@pytest.mark.parametrize("listed", ["*", "localhost", "localhost:{port}", ".example,localhost"])
def test_hosts_of_no_proxy_are_gone_to_directly(
    serve: Serve, listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(polite), serve(polite)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", listed.format(port=server.port))
    url = f"http://localhost:{server.port}"
    with connect(url, None) as client:
        client.get(url)
    assert (len(proxy.heads), len(server.heads)) == (0, 1)


@pytest.mark.parametrize(
    ("listed", "direct"),
    [("10.0.0.0/8, 127.0.0.0/8", 1), ("127.0.0.1/8", 1), ("10.0.0.0/8,::1/128,x/y", 0)],
)
def test_addresses_in_a_network_of_no_proxy_are_gone_to_directly(
    serve: Serve, listed: str, direct: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, server = serve(polite), serve(polite)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("NO_PROXY", listed)
    with connect(server.url, None) as client:
        client.get(server.url)
    assert (len(proxy.heads), len(server.heads)) == (1 - direct, direct)


def test_the_environment_can_be_left_out(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(polite), serve(polite)
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    with connect(server.url, None, trust_env=False) as client:
        client.get(server.url)
    assert (len(proxy.heads), len(server.heads)) == (0, 1)


def test_https_goes_through_a_proxy_untouched_and_its_password_is_a_secret(
    serve: Serve, tls: ssl.SSLContext, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tunnel(_head: list[str], connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        with tls.wrap_socket(connection.handler.request, server_side=True) as secured:
            inner.append(secured.recv(65536).decode())
            secured.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    inner: list[str] = []
    proxy = serve(tunnel)
    monkeypatch.setenv("HTTPS_PROXY", f"http://jobctl:pr0xy%2Fsecret@127.0.0.1:{proxy.port}")
    with connect("https://localhost:9", SignedIn()) as client:
        assert client.get("https://localhost:9/jobs").json() == {}
    assert proxy.first_lines == ["CONNECT localhost:9 HTTP/1.1"]
    basic = b64encode(b"jobctl:pr0xy/secret").decode()
    assert f"Proxy-Authorization: Basic {basic}" in proxy.heads[0]
    assert "made-up-secret" not in str(proxy.heads)
    assert "X-Auth-Token: made-up-secret" in inner[0]
    assert "pr0xy" not in masked(f"pr0xy/secret and pr0xy%2Fsecret, {basic}")


def test_a_proxy_may_speak_tls_itself(
    serve: Serve, tls: ssl.SSLContext, trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(polite, tls)
    monkeypatch.setenv("HTTP_PROXY", f"https://localhost:{proxy.port}")
    with connect("http://localhost:9", None) as client:
        assert client.get("http://localhost:9/jobs").json() == {"id": 1}


@pytest.mark.parametrize(
    ("scheme", "status", "transient"),
    [
        ("https", "407 Proxy Authentication Required", False),
        ("http", "407 Proxy Authentication Required", False),
        ("https", "502 Bad Gateway", True),
    ],
)
def test_a_proxy_that_refuses_is_named(
    serve: Serve, scheme: str, status: str, transient: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(lambda _head, connection: connection.answer(status=status))
    variable = f"{scheme.upper()}_PROXY"
    monkeypatch.setenv(variable, proxy.url)
    with (
        connect(f"{scheme}://localhost:9", None, patience=0) as client,
        pytest.raises(UnavailableError) as caught,
    ):
        client.get(f"{scheme}://localhost:9/")
    error = caught.value
    assert error.message == (
        f"cannot reach localhost:9 through the proxy 127.0.0.1:{proxy.port} of {variable}: "
        f"the proxy says {status}"
    )
    assert ("NO_PROXY" if transient else "a user and a password") in str(error.hint)
    assert error.transient is transient


def test_a_proxy_that_is_not_there_is_named_before_every_pause_and_at_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    told: list[str] = []
    with (
        connect("http://localhost:8", None, clock=FakeClock(), tell=told.append) as client,
        pytest.raises(UnavailableError) as caught,
    ):
        client.get("http://localhost:8/")
    named = "localhost:8 through the proxy 127.0.0.1:9 of HTTP_PROXY: connection refused"
    assert [line.partition(";")[0] for line in told] == [named] * 5
    assert caught.value.message == f"cannot reach {named} (6 tries)"
    assert "HTTP_PROXY" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("HTTP_PROXY", "http://", "HTTP_PROXY is not the URL of a proxy"),
        ("HTTP_PROXY", "http://xn--a:3128", "HTTP_PROXY is not the URL of a proxy"),
        ("HTTP_PROXY", "http://127.0.0.1:70000", "HTTP_PROXY is not the URL of a proxy"),
        ("ALL_PROXY", "ftp://127.0.0.1", "ALL_PROXY is not the URL of a proxy"),
        ("HTTP_PROXY", "http://me:made-up-secret@[::1", "HTTP_PROXY is not the URL of a proxy"),
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "ALL_PROXY names a SOCKS proxy"),
    ],
)
def test_an_unusable_proxy_is_named_by_its_variable(
    variable: str, text: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, text)
    with (
        connect("http://localhost:9", None) as client,
        pytest.raises(ConfigError, match=message) as caught,
    ):
        client.get("http://localhost:9/")
    assert "made-up-secret" not in caught.value.message


def test_nothing_is_read_from_netrc(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password made-up-secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(polite)
    with connect(server.url, None) as client:
        client.get(server.url)
    assert "authorization" not in str(server.heads).lower()


def test_the_real_clock_goes_forward() -> None:
    clock = Clock()
    before, wall = clock.now(), clock.wall()
    clock.sleep(0)
    assert clock.now() >= before
    assert clock.wall() >= wall > 1_700_000_000


def test_an_answer_without_an_end_is_what_came_before_the_silence(serve: Serve) -> None:
    def talk(_head: list[str], connection: Connection) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        connection.send(head + b"data: 1\n\ndata: 2\n\n")
        connection.stopped.wait(20)

    server = serve(talk)
    with connect(server.url, None, patience=0) as client:
        heard = client.get(server.url, extensions={"silence": 0.1})
        assert (heard.status_code, heard.text) == (200, "data: 1\n\ndata: 2\n\n")
    with (
        connect(server.url, None, patience=0, read_timeout=0.3) as client,
        pytest.raises(UnavailableError),
    ):
        client.get(server.url)


def test_an_answer_without_an_end_is_cut_when_its_time_is_over(serve: Serve) -> None:
    def talk(_head: list[str], connection: Connection) -> None:
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        connection.drip(b"data: tick\n\n")

    server = serve(talk)
    with connect(server.url, None, patience=0, read_timeout=1.0) as client:
        heard = client.get(server.url, extensions={"silence": 10.0})
        assert heard.text.startswith("data: tick\n\n")
