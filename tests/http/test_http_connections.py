"""Connections: kept, but never with more on them than was asked for; made within one limit."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme
from loopback import Connection, FakeClock, Serve

from jobctl.errors import UnavailableError
from jobctl.http import connect
from jobctl.http.dial import dial

FORGED = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"id": 99}'


def answers(number: int) -> dict[str, bytes]:
    """Proper answers of every framing."""
    body = b'{"id": %d}' % number
    told = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return {
        "length": told,
        "chunks": chunked + b"%x\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(body), body),
        "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
        "not modified": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
        "after a hint": b"HTTP/1.1 103 Early Hints\r\n\r\n" + told,
    }


def asked(head: list[str]) -> int:
    return int(head[0].split()[1].rpartition("/")[2])


@pytest.mark.parametrize("framing", answers(1))
@pytest.mark.parametrize(
    "behind", [FORGED, FORGED * 3, FORGED[:30], FORGED[:-3], b"HTTP", b"\r\n", b"\0garbage"]
)
def test_what_lies_behind_an_answer_is_never_taken_for_the_next(
    serve: Serve, framing: str, behind: bytes
) -> None:
    peers = []

    def talk(head: list[str], connection: Connection) -> None:
        peers.append(connection.handler.client_address)
        number = asked(head)
        first = answers(number)[framing] + behind
        connection.send(first if number == 1 else answers(number)["length"])

    server = serve(talk)
    with connect(server.url, None, patience=0) as client:
        client.get(f"{server.url}/jobs/1")
        for number in (2, 3):
            assert client.get(f"{server.url}/jobs/{number}").json() == {"id": number}
    assert (len(peers), len(set(peers))) == (3, 2)


def test_what_comes_later_than_the_answer_is_not_taken_for_the_next_either(serve: Serve) -> None:
    sent: list[socket.socket] = []

    def talk(head: list[str], connection: Connection) -> None:
        sent.append(connection.handler.request)
        connection.send(answers(asked(head))["length"])

    server = serve(talk)
    with connect(server.url, None, patience=0) as client:
        assert client.get(f"{server.url}/jobs/1").json() == {"id": 1}
        sent[0].sendall(FORGED)
        assert client.get(f"{server.url}/jobs/2").json() == {"id": 2}
    assert len(set(sent)) == 2


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def test_a_connection_that_was_made_while_its_client_was_closed_is_closed_as_well(
    serve: Serve, tls: ssl.SSLContext
) -> None:
    gone = threading.Event()

    def talk(_head: list[str], connection: Connection) -> None:
        connection.answer()
        connection.handler.request.settimeout(10)
        connection.handler.rfile.read()
        gone.set()

    url = f"https://localhost:{serve(talk, tls).port}"
    client = connect(url, None, patience=0)
    tls.sni_callback = lambda *_: client.close()
    assert client.get(url).json() == {}
    assert gone.wait(20)


@pytest.mark.parametrize("how", ["tls", "proxy", "tunnel"])
def test_nor_is_it_over_tls_or_through_a_proxy(
    how: str, serve: Serve, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers = []

    def talk(head: list[str], connection: Connection) -> None:
        if head[0].startswith("CONNECT"):
            connection.send(b"HTTP/1.1 200 Connected\r\n\r\n")
            with tls.wrap_socket(connection.handler.request, server_side=True) as inner:
                while request := inner.recv(65536):
                    peers.append(connection.handler.client_address)
                    inner.sendall(answers(asked([request.decode()]))["length"] + FORGED)
            return
        peers.append(connection.handler.client_address)
        connection.send(answers(asked(head))["length"] + FORGED)

    server = serve(talk, tls if how == "tls" else None)
    url = f"https://localhost:{server.port}" if how == "tls" else "https://localhost:9"
    if how == "proxy":
        url = "http://localhost:9"
    if how != "tls":
        monkeypatch.setenv("ALL_PROXY", f"127.0.0.1:{server.port}")
    with connect(url, None, patience=0) as client:
        for number in (1, 2, 3):
            assert client.get(f"{url}/jobs/{number}").json() == {"id": number}
    assert len(set(peers)) == 3


@pytest.fixture
def dead() -> Iterator[tuple[str, int]]:
    """An address where nobody says anything: whoever listens there has no room for one more."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield address


@pytest.fixture
def closed() -> Iterator[tuple[str, int]]:
    """An address that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()


@pytest.fixture
def living() -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


UNREACHABLE = ("255.255.255.255", 9)


def at(*addresses: Any, family: int = socket.AF_INET) -> Any:
    """What finds these addresses, whatever the name."""
    return lambda *_, **__: [(family, socket.SOCK_STREAM, 6, "", one) for one in addresses]


def test_a_living_address_is_found_among_dead_ones(dead: Any, closed: Any, living: Any) -> None:
    addresses = (dead, closed, dead, UNREACHABLE, dead, living, dead)
    with dial("service", 1, 10.0, at(*addresses)) as connection:
        assert connection.getpeername() == living


def test_a_living_address_is_found_behind_any_number_of_dead_ones(dead: Any, living: Any) -> None:
    with dial("service", 1, 1.0, at(*[dead] * 99, living)) as connection:
        assert connection.getpeername() == living


@pytest.mark.parametrize("number", [1, 50])
def test_all_addresses_together_have_one_limit(number: int, dead: Any) -> None:
    moments = iter([0.0, 1.8, 1.9, 2.0, 3.0])
    with pytest.raises(TimeoutError):
        dial("service", 1, 2.0, at(*[dead] * number), lambda: next(moments))
    assert next(moments) == 3.0


def test_a_connection_that_does_not_come_about_is_told_with_its_limit(dead: Any) -> None:
    url = f"http://127.0.0.1:{dead[1]}"
    with (
        connect(url, None, connect_timeout=0.1, patience=0) as client,
        pytest.raises(UnavailableError, match=r"no connection within 0\.1 s") as caught,
    ):
        client.get(url)
    assert (caught.value.transient, caught.value.unreached) == (True, True)


def test_to_connect_has_one_limit_with_proxy_and_tls(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()

    def slow(_head: list[str], connection: Connection) -> None:
        clock.time += 11
        connection.send(b"HTTP/1.1 200 Connected\r\n\r\n")

    monkeypatch.setenv("ALL_PROXY", serve(slow).url)
    with (
        connect("https://localhost:9", None, clock=clock, patience=0) as client,
        pytest.raises(UnavailableError, match="no connection within 10 s"),
    ):
        client.get("https://localhost:9")


def test_where_every_address_refuses_the_last_one_is_told(closed: Any) -> None:
    with pytest.raises(ConnectionRefusedError):
        dial("service", 1, 10.0, at(UNREACHABLE, closed, closed))
    with pytest.raises(OSError, match="unreachable"):
        dial("service", 1, 10.0, at(closed, UNREACHABLE))


def test_addresses_of_a_kind_that_this_machine_lacks_are_passed_over(living: Any) -> None:
    with pytest.raises(OSError, match="not supported"):
        dial("service", 1, 10.0, at(living, family=9999))
