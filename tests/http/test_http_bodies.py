"""How much of an answer is read, how it is decoded, and what is JSON."""

import gc
import gzip
import json
import weakref
import zlib
from collections.abc import Callable, Iterator

import httpx
import pytest
from loopback import SERVICE, Connection, Meet, Serve

from jobctl.errors import UnavailableError
from jobctl.http import MAX_BODY, connect, read_json, read_text

BODY = b'{"state": "running"}'
PACKED = gzip.compress(BODY, mtime=0)
BARE = zlib.compressobj(wbits=-15)
DEFLATED = BARE.compress(BODY) + BARE.flush()


class Endless(httpx.SyncByteStream):
    """A body of a mebibyte, again and again."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield bytes(2**20)

    def close(self) -> None:
        self.closed = True


def encoded(encoding: str, wire: bytes) -> Callable[[], httpx.Response]:
    headers = {"Content-Encoding": encoding, "Content-Length": str(len(wire))}
    return lambda: httpx.Response(200, headers=headers, stream=httpx.ByteStream(wire))


@pytest.mark.parametrize(
    ("encoding", "wire"),
    [
        ("gzip", PACKED),
        ("X-GZip", PACKED),
        ("deflate", zlib.compress(BODY)),
        ("deflate", DEFLATED),
        ("identity", BODY),
        ("identity, gzip", PACKED),
    ],
)
def test_a_body_is_handed_up_decoded(meet: Meet, encoding: str, wire: bytes) -> None:
    world = meet(encoded(encoding, wire))
    response = world.get()
    assert response.content == BODY
    if encoding != "identity":
        assert "Content-Encoding" not in response.headers
    assert response.headers.get("Content-Length", str(len(BODY))) == str(len(BODY))


def test_an_answer_that_nobody_needs_any_more_is_gone_at_once(meet: Meet) -> None:
    world = meet(lambda: httpx.Response(200, content=BODY))
    gc.disable()
    try:
        response = world.get()
        kept = weakref.ref(response)
        del response
        assert kept() is None
    finally:
        gc.enable()


def test_only_gzip_is_asked_for(meet: Meet) -> None:
    world = meet(httpx.Response(200))
    world.get()
    assert world.service.requests[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.parametrize("status", [200, 204, 304])
def test_no_body_needs_no_decoding(meet: Meet, status: int) -> None:
    world = meet(httpx.Response(status, headers={"Content-Encoding": "gzip"}))
    assert world.get().content == b""


@pytest.mark.parametrize("encoding", ["utf-8", "none", "", "UTF-8, identity", "nonsense"])
def test_a_packing_that_is_none_is_passed_over(meet: Meet, encoding: str) -> None:
    assert meet(encoded(encoding, BODY)).get().content == BODY
    assert meet(encoded(f"{encoding}, gzip", PACKED)).get().content == BODY


EMPTY = gzip.compress(b"", mtime=0)


@pytest.mark.parametrize(
    "wire",
    [
        gzip.compress(BODY[:5]) + gzip.compress(BODY[5:]),
        b"".join(gzip.compress(BODY[at : at + 1]) for at in range(len(BODY))),
        EMPTY + PACKED + EMPTY * 1000,
        PACKED + bytes(1),
        PACKED + bytes(100_000),
    ],
    ids=["two", "one a byte", "empty ones", "a zero", "many zeros"],
)
def test_gzip_may_have_several_members_and_be_filled_up_with_zeros(meet: Meet, wire: bytes) -> None:
    assert meet(encoded("gzip", wire)).get().content == BODY


def test_members_are_as_large_as_allowed_together(meet: Meet) -> None:
    half = gzip.compress(bytes(MAX_BODY // 2), 1)
    assert len(meet(encoded("gzip", half + half)).get().content) == MAX_BODY
    with pytest.raises(UnavailableError, match="larger than 64 MiB"):
        meet(encoded("gzip", half + half + gzip.compress(b"x"))).get()


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate, gzip"])
def test_encodings_that_nobody_asked_for_are_refused(meet: Meet, encoding: str) -> None:
    world = meet(encoded(encoding, b"x"))
    with pytest.raises(UnavailableError, match=f"the answer is encoded as {encoding}") as caught:
        world.get()
    assert not caught.value.transient
    assert world.tries == 1


def test_a_small_body_never_becomes_a_large_one(meet: Meet) -> None:
    bomb = gzip.compress(bytes(100 * 2**20))
    world = meet(encoded("gzip", bomb))
    with pytest.raises(UnavailableError, match="larger than 64 MiB") as caught:
        world.get()
    assert not caught.value.transient
    assert world.tries == 1


def test_a_body_that_is_packed_twice_is_not_unpacked_at_all(serve: Serve) -> None:
    bomb = gzip.compress(gzip.compress(bytes(100 * 2**20)))
    assert len(bomb) < 2000

    def talk(_head: list[str], connection: Connection) -> None:
        connection.answer(bomb, headers="Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n")

    server = serve(talk)
    with connect(server.url, None) as client, pytest.raises(UnavailableError, match="gzip, gzip"):
        client.get(server.url)


def test_a_body_as_large_as_allowed_is_read(meet: Meet) -> None:
    world = meet(encoded("gzip", gzip.compress(bytes(MAX_BODY), 1)))
    assert len(world.get().content) == MAX_BODY


def test_a_body_without_end_is_left_and_its_connection_closed(meet: Meet) -> None:
    endless = Endless()
    world = meet(httpx.Response(200, stream=endless))
    with pytest.raises(UnavailableError, match="larger than 64 MiB"):
        world.get()
    assert endless.closed


@pytest.mark.parametrize(
    ("encoding", "wire"),
    [
        ("gzip", PACKED[:-6]),
        ("gzip", PACKED + b"more"),
        ("gzip", PACKED + bytes(9) + PACKED),
        ("gzip", PACKED + PACKED[:-1]),
        ("gzip", EMPTY * 70_000),
        ("gzip", BODY),
        ("deflate", BODY),
        ("deflate", b"\x78"),
    ],
)
def test_a_broken_compressed_body_may_be_better_the_next_time(
    meet: Meet, encoding: str, wire: bytes
) -> None:
    world = meet(encoded(encoding, wire), encoded("gzip", PACKED))
    assert world.get().content == BODY
    world = meet(encoded(encoding, wire))
    with pytest.raises(UnavailableError, match="compressed answer is broken") as caught:
        world.get()
    assert caught.value.transient


def parsed(content: bytes) -> object:
    request = httpx.Request("GET", f"{SERVICE}/jobs/1")
    return read_json(
        httpx.Response(200, content=content, headers={"X-Request-Id": "r-1"}, request=request)
    )


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True]}, [], "text", 0, None])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_is_read_in_the_encodings_it_may_have(value: object, encoding: str) -> None:
    assert parsed(json.dumps(value).encode(encoding)) == value


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty body"),
        (b" \r\n", "an empty body"),
        (b"<!DOCTYPE html><title>Sign in", "HTML where JSON should be"),
        (b"\xef\xbb\xbf\n<html>", "HTML where JSON should be"),
        (b'{"state": "runn', "truncated JSON"),
        (b'{"state": 1', "truncated JSON"),
        (b"[1, ", "truncated JSON"),
        (b"{'state': 1}", "a body that is not JSON"),
        (b"ok", "a body that is not JSON"),
        (b'{"a": NaN}', "a body that is not JSON"),
        (b"[-Infinity]", "a body that is not JSON"),
        (b"[1e999]", "a body that is not JSON"),
        (b"9" * 5000, "a body that is not JSON"),
        (b'"\xff"', "a body that is not JSON"),
        (b"[" * 200_000, "JSON that is nested too deeply"),
    ],
    ids=lambda case: case[:12] if isinstance(case, bytes) else "",
)
def test_a_body_that_is_not_json_is_an_error_that_says_what_came(content: bytes, what: str) -> None:
    with pytest.raises(UnavailableError, match=f"service.example answered 200 with {what}") as bad:
        parsed(content)
    assert (bad.value.http_status, bad.value.request_id, bad.value.transient) == (200, "r-1", True)


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        (None, "ü\u20ac".encode(), "ü\u20ac"),
        ("text/plain", b"\xef\xbb\xbf\xc3\xbc", "ü"),
        ("text/plain; charset=ISO-8859-1", b"\xfc", "ü"),
        ("text/plain; charset=windows-1252", b"\x80", "\u20ac"),
        ("text/plain; charset=utf-16", "ü".encode("utf-16"), "ü"),
        ("text/plain; charset=Shift_JIS", "日本".encode("shift_jis"), "日本"),
        ("text/plain; charset=utf-8", b"a\xff", "a\ufffd"),
        *(
            (f"text/plain; charset={name}", b"\xc3\xbc", "ü")
            for name in ("zlib", "base64", "bz2", "idna", "punycode", "undefined", "unicode_escape")
        ),
        ("text/plain; charset=nonsense", b"\xc3\xbc", "ü"),
        ("text/plain; charset*=utf-8''utf%00", b"\xc3\xbc", "ü"),
    ],
)
def test_a_text_is_read_in_the_charset_it_names_if_that_is_one_of_text(
    kind: str | None, content: bytes, text: str
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert read_text(httpx.Response(200, headers=headers, content=content)) == text
