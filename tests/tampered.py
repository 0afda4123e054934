"""Recordings that somebody else made, and not by `--record`: whatever a file may hold."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

URL = "https://api.example/api/v1/projects/mine/context/vision/extract/1"
HEAD = {
    "schema": "jobctl.recording/v1",
    "jobctl": "1",
    "words": [],
    "began_at": "2026-01-01T12:00:00Z",
}
ACCOUNT = {"provider": "cognite", "base_url": "https://api.example", "states": {"X": "running"}}
TRIED = {"tried": f"GET {URL} 200 0.10s", "at": 0.1}
ANSWERED = {
    "at": 0.0,
    "seconds": 0.1,
    "method": "GET",
    "url": URL,
    "status": 200,
    "headers": {"content-type": "application/json", "x-request-id": "r1"},
    "body": {"status": "Completed", "jobId": 1},
}
PAGE = {
    **{name: ANSWERED[name] for name in ANSWERED if name != "body"},
    "text": "<html>",
    "status": 503,
}
FAILED = {
    **{name: ANSWERED[name] for name in ("at", "seconds", "method", "url")},
    "error": {
        "kind": "unavailable",
        "message": "cannot reach it",
        "hint": None,
        "provider": None,
        "http_status": None,
        "request_id": None,
        "transient": True,
        "retry_after": 1.5,
        "unreached": False,
    },
}
POSTED = {**ANSWERED, "method": "POST", "sent": '{"query": "{ job }"}'}
ENDED = {"ended": True, "at": 0.2}
GOOD: list[dict[str, Any]] = [HEAD, ACCOUNT, TRIED, FAILED, PAGE, POSTED, ANSWERED, ENDED]

# What is written in the place of a value: as JSON, since not all of it can be a value of Python.
ODD = (
    *("null", "true", "false", "0", "-1", "-0.0", "1e300", "1e999", "-1e999", "NaN", "Infinity"),
    *("9" * 400, "9" * 5000, "0.1e-400", "18446744073709551616", "20000000", "1000", "1e6"),
    *('""', '"x"', '"\\ud800"', '"\\u001b]0;t\\u0007\\u001b[31m"', '"\\r\\n##vso[x]"', '"\\u0000"'),
    *('"2026-01-01"', '"9999-12-31T23:59:59Z"', '"0001-01-01T00:00:00+23:59"', '"1e300"'),
    *('"http://[::1"', '"https://a:b@c/?d#e"', '"file:///etc/passwd"', '"https://api.example/.."'),
    *('"running"', '"internal"', '"gzip"', '"identity, gzip"', '"text/x; charset=zlib"'),
    *("[]", "{}", "[[]]", '{"a": 1}', '{"content-encoding": "gzip"}', '{"x": "running"}'),
    *('{"x-request-id": "a\\nb"}', '{"content-type": "\\u65e5"}', '{"retry-after": "1e300"}'),
    *(
        "[" * 3000 + "]" * 3000,
        "[" * 200_000,
        '"' + "x" * 100_000 + '"',
        "'",
        "",
        "\x00",
        "\ufeff1",
    ),
)


def text(lines: list[Any]) -> bytes:
    """The lines of a recording as a file."""
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def places(value: Any, *before: Any) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside of another."""
    yield before
    if isinstance(value, dict | list):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(inner, *before, name)


def with_odd(lines: list[Any], place: tuple[Any, ...], odd: str) -> bytes:
    """The recording with something else at a place."""
    mark = "@here@"
    whole = json.loads(json.dumps(lines))
    inner = whole
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = mark
    return text(whole).replace(json.dumps(mark).encode(), odd.encode("utf-8", "surrogatepass"))


def without(lines: list[Any], place: tuple[Any, ...]) -> bytes:
    """The recording without what stands at a place."""
    whole = json.loads(json.dumps(lines))
    inner = whole
    for name in place[:-1]:
        inner = inner[name]
    del inner[place[-1]]
    return text(whole)


PLACES = [place for place in places(GOOD) if place]


BY_HAND: dict[str, bytes] = {
    "empty": b"",
    "zip": b"PK\x03\x04" * 1000,
    "a byte of no text": text(GOOD).replace(b"cannot", b"\xff"),
    "UTF-16": text(GOOD).decode().encode("utf-16"),
    "a mark": b"\xef\xbb\xbf" + text(GOOD),
    "CRLF": text(GOOD).replace(b"\n", b"\r\n"),
    "no line end": text(GOOD).replace(b"\n", b" "),
    "cut": text(GOOD)[:-40],
    "twice": text(GOOD) * 2,
    "backwards": text([HEAD, *GOOD[:0:-1]]),
    "no head": text(GOOD[1:]),
    "head alone": text(GOOD[:1]),
    "blank lines": text(GOOD).replace(b"\n", b"\n\n"),
    "zeros": bytes(70_000),
    "ten thousand accounts": text([HEAD]) + text([ACCOUNT]) * 10_000,
    "answer and error": text([HEAD, ACCOUNT, ANSWERED | FAILED]),
    "body and text": text([HEAD, ACCOUNT, ANSWERED | {"text": ""}]),
    "two of a name": text(GOOD).replace(b'"seconds": 0.1', b'"seconds": 0.1, "seconds": 1e300'),
}


def tampered() -> st.SearchStrategy[bytes]:
    """Recordings in which something is odd, missing, doubled, or cut."""
    good = text(GOOD)
    odd = st.builds(with_odd, st.just(GOOD), st.sampled_from(PLACES), st.sampled_from(ODD))
    missing = st.builds(without, st.just(GOOD), st.sampled_from(PLACES))
    cut = st.integers(0, len(good)).map(lambda at: good[:at])
    put = st.builds(
        lambda at, what: good[:at] + what + good[at:],
        st.integers(0, len(good)),
        st.binary(min_size=1, max_size=8),
    )
    mixed = st.lists(st.sampled_from(GOOD), max_size=12).map(text)
    return odd | missing | cut | put | mixed
