"""Records pass as they came: nothing of them changes but what must not be shown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl import payload, record
from jobctl.config import hide

SIGNED = "https://h.example:443/a/1.jpg?AccessKeyId=KEY&Expires=1606380154&Signature=abc%3D"
MASKED = "https://h.example:443/a/1.jpg?AccessKeyId=***&Expires=1606380154&Signature=***"


def shown(*records: bytes, show: bool = False) -> list[bytes]:
    return record.without_secrets(records, show_signed_urls=show)


def test_the_array_of_a_body_comes_apart_undecoded() -> None:
    body = b'{"count": 2, "results": [{"id": 1.50, "a":[1e999]}, {"id":"x"} ], "has_more": true}'
    found = record.unpack(body, "results", "id")
    assert found.records == [b'{"id": 1.50, "a":[1e999]}', b'{"id":"x"}']
    assert found.keys == [b'{"id": 1.50, "a":[1e999]}', "x"]
    assert found.total == 2


@pytest.mark.parametrize(
    "body", [b"{}", b'{"results": null}', b'{"results": []}', b'{"count": 0}', b'{"count": "0"}']
)
def test_an_array_that_is_not_there_is_empty(body: bytes) -> None:
    assert record.unpack(body, "results", "id").records == []


@pytest.mark.parametrize("rest", ["", ', "results": null', r', "x": "\ud800"'])
def test_an_array_that_is_not_there_although_it_is_counted_is_no_answer(rest: str) -> None:
    with pytest.raises(ValueError, match="counted and not there"):
        record.unpack(f'{{"count": 3{rest}}}'.encode(), "results", "id")


def test_a_record_without_identity_is_identified_by_all_of_itself() -> None:
    found = record.unpack(b'{"results": [{"a": 1}, {"id": null}]}', "results", "id")
    assert found.keys == [b'{"a": 1}', b'{"id": null}']
    assert record.unpack(b'{"results": [1, "x"]}', "results", "id").keys == [b"1", b'"x"']


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"results": {}}',
        b'{"results": [1, }',
        b'{"results": ["\xff"]}',
        b"7",
    ],
)
def test_what_is_no_such_object_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        record.unpack(body, "results", "id")


@pytest.mark.parametrize("odd", [rb'{"id": "c", "x": "\ud800"}', b"5", b'{"id": ["c"]}', b"{}"])
def test_an_odd_record_changes_nothing_of_its_neighbours(odd: bytes) -> None:
    even = [b'{"id":"a","n":1.10,"e":1E2,"big":0.12345678901234567890123}', b'{"id": "b" }']
    found = record.unpack(
        b'{"count":3,"results":[' + b", ".join([*even, odd]) + b"]}", "results", "id"
    )
    assert found.records == [*even, odd]
    assert found.keys[:2] == ["a", "b"]
    assert found.total == 3


def test_what_json_does_not_allow_is_refused() -> None:
    for body in (rb'{"results": ["\ud800", NaN]}', b'{"results": [{"id": "a", "n": Infinity}]}'):
        with pytest.raises(ValueError, match=r"\w"):
            record.unpack(body, "results", "id")


def test_an_integer_beyond_all_measure_stays_text() -> None:
    digits = "9" * 5000
    assert record.decode(f'{{"n": {digits}}}'.encode()) == {"n": digits}


def test_half_a_surrogate_pair_and_absurd_numbers_pass() -> None:
    body = rb'{"results": [{"id": "\ud800", "n": 1}], "count": 7}'
    found = record.unpack(body, "results", "id")
    assert [record.decode(one) for one in found.records] == [{"id": "\ud800", "n": 1}]
    assert found.total == 7
    assert record.unpack(rb'{"x": "\ud800"}', "results", "id").records == []
    assert record.decode(b"1e999") == float("inf")
    assert record.split(found.records[0])["n"] == b"1"
    assert record.items(rb'["\ud800", 1]') == [rb'"\ud800"', b"1"]
    for wrong in (rb'"\ud800"', rb'{"a": "\ud800"}'):
        with pytest.raises(ValueError, match=r"\w"):
            record.items(wrong)
    with pytest.raises(ValueError, match=r"\w"):
        record.split(rb'["\ud800"]')


def test_a_field_of_ours_stands_before_the_service_s_own() -> None:
    assert record.with_field(b'{"a": 1.0}', "key", 'x"y') == b'{"key": "x\\"y", "a": 1.0}'
    assert record.with_field(b" { } ", "key", "x") == b'{"key": "x"}'
    assert record.encode({"name": "ä"}) == '{"name": "ä"}'.encode()


def test_a_record_stands_on_one_line() -> None:
    assert shown(b'{"a":\n\t[1.50,\r\n"x"]}') == [b'{"a": [1.50, "x"]}']
    assert shown(b'{"a":1.50}', b"2") == [b'{"a":1.50}', b"2"]


def test_signatures_are_masked_and_all_else_stays_to_the_byte() -> None:
    before = f'{{"n": 1.50,  "u": "{SIGNED}", "s": "d\\u00e9j\\u00e0"}}'
    after = before.replace(SIGNED, MASKED)
    assert shown(before.encode()) == [after.encode()]
    plain = before.replace('"s": "d\\u00e9j\\u00e0"', '"s": "deja"')
    assert shown(plain.encode()) == [plain.replace(SIGNED, MASKED).encode()]
    assert shown(before.encode(), plain.encode(), show=True) == [before.encode(), plain.encode()]


def test_users_in_urls_are_masked_even_where_signed_urls_are_shown() -> None:
    one = b'{"u": "rtsp://user:pass@h/live", "mail": "a@b.example"}'
    masked = b'{"u": "rtsp://***@h/live", "mail": "a@b.example"}'
    assert shown(one) == shown(one, show=True) == [masked]


def test_a_secret_of_ours_is_masked_wherever_a_service_repeats_it() -> None:
    hide("planted-secret-1")
    assert shown(b'{"a": "x planted-secret-1 y"}', b'{"a": "b"}') == [
        b'{"a": "x *** y"}',
        b'{"a": "b"}',
    ]


def test_a_secret_of_ours_is_masked_however_it_is_escaped() -> None:
    hide("planted/secret+2=")
    for spelled in (r"planted\/secret+2=", r"planted\u002fsecret\u002b2\u003d"):
        assert shown(f'{{"a": "{spelled}"}}'.encode()) == [b'{"a": "***"}']


@pytest.mark.parametrize(
    "text",
    [
        '{"url": "https://b/a.png?x=1\\u0026Signature=SIG"}',
        "https://b/a.png?Signature\\u003dSIG",
        "https://b/a.png?name=a b.png&Signature=SIG",
        'https://b/a.png?name="a b.png"&Signature=SIG',
        "https://b/a?x=<b>&X-Amz-Signature=SIG",
        "https://p/https%3A%2F%2Fb%2Fa%3FSignature%3DSIG",
        "https://p/?u=https%253A%252F%252Fb%252Fa%253FSignature%253DSIG",
        "https://b/a.png;Signature=SIG",
        "AccessKeyId=KEY&Signature=SIG",
        "https://b/a.png?x=1&Signature= SIG",
        "X-AMZ-CREDENTIAL=SIG",
        "x-obs-security-token%3DSIG",
    ],
)
def test_a_signature_is_masked_wherever_it_stands(text: str) -> None:
    (line,) = shown(record.encode({"u": text}))
    assert b"SIG" not in line
    assert shown(record.encode({"u": text}), show=True) == [record.encode({"u": text})]
    beside = record.encode({"u": text, "v": SIGNED})
    (line,) = shown(beside)
    assert b"SIG" not in line
    assert json.loads(line)["v"] == MASKED


def test_escapes_hide_no_signature() -> None:
    escaped = SIGNED.replace("/", "\\/").replace("&", "\\u0026").replace("?", "\\u003f")
    (masked,) = shown(f'{{"u": "{escaped}"}}'.encode())
    assert json.loads(masked) == {"u": MASKED}


def test_a_signed_url_is_found_among_others() -> None:
    plain = b'{"u": "https://h/x?page=1"}'
    assert record.signed_url([plain]) is None
    assert record.signed_url([plain, f'{{"u": "{SIGNED}"}}'.encode()]) == SIGNED


def test_no_records_are_no_records() -> None:
    assert shown() == []


parts = st.sampled_from(
    [SIGNED, MASKED, "https://h/p", "http://h:8080/", "https://h:99999/", "https://[::1", "?", "&",
     ";", "#", "=", "sig=abc", "Expires=1", "token", " ",
     "Signature=", "AccessKeyId%3D", "signature", "<", "user@", "ä", "\\",
     "x=https%3A%2F%2Fh%2F%3Fsig%3D1", '"', "/", "x", "1", "q?a=b", "%", "+"]
)  # fmt: skip
texts = st.lists(parts, max_size=8).map("".join)
values = st.recursive(
    texts | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)


@given(st.lists(st.dictionaries(texts, values, max_size=3), max_size=3), st.booleans())
def test_the_quick_way_masks_what_the_thorough_one_masks(
    found: list[dict[str, Any]], ascii: bool
) -> None:
    lines = [json.dumps(one, ensure_ascii=ascii).encode() for one in found]
    assert shown(*lines) == [record._by_strings(line, False) for line in lines]
    for one, line in zip(found, lines, strict=True):
        assert json.loads(shown(line)[0]) == strings_redacted(one)


def strings_redacted(value: Any) -> Any:
    """Every string by itself, names of fields as well."""
    if isinstance(value, dict):
        return {strings_redacted(key): strings_redacted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [strings_redacted(inner) for inner in value]
    is_telling = isinstance(value, str) and payload.may_sign(value.encode())
    return payload.redact(value) if is_telling else value
