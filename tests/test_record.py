"""Records pass as they came: nothing of them changes but what must not be shown."""

import math

import pytest

from jobctl import record


def test_the_array_of_a_body_comes_apart_undecoded() -> None:
    body = b'{"count": 2, "results": [{"id": 1.50, "a":[1e999]}, {"id":"x"} ], "has_more": true}'
    found = record.unpack(body, "results", "id")
    assert found.records == [b'{"id": 1.50, "a":[1e999]}', b'{"id":"x"}']
    assert found.keys == [b'{"id": 1.50, "a":[1e999]}', "x"]
    assert found.total == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
@pytest.mark.parametrize("odd", ["", r"\ud800"])
def test_a_body_may_come_in_every_encoding_of_json(encoding: str, odd: str) -> None:
    body = f'{{"count": 1, "results": [{{"id": "ü{odd}"}}]}}'
    found = record.unpack(body.encode(encoding), "results", "id")
    assert found == record.unpack(body.encode(), "results", "id")
    assert record.split(body.encode(encoding)) == record.split(body.encode())
    assert record.items(b"\xef\xbb\xbf[1]") == [b"1"]


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


@pytest.mark.parametrize("between", [b",", b",\n ", b"\r\n,"])
def test_a_record_is_laid_out_on_one_line_whatever_stands_around_it(between: bytes) -> None:
    some = [b'{"id":1}', b'{"a":\n[1.50,\t2]}', b"{\r\n}", b'"x"']
    whole = record.unpack(b'{"r":\n[1,\n2]}\n', "r", "id").records
    assert isinstance(whole, record.Lines)
    came = record.unpack(b'{"r": [' + between.join(some) + b"]}\n", "r", "id").records
    assert came == some
    found = record.Lines.of(came)
    assert found == [b'{"id":1}', b'{"a": [1.50, 2]}', b"{}", b'"x"']
    assert [found[0], found[1], found[-1]] == [*found[:2], b'"x"']


@pytest.mark.parametrize(
    "odd", [r"\ud800", r"\u0000\uDC00\\\ud800x\\u0000", r"\\\ud9ff\n\/\u00e9", ""]
)
def test_layout_changes_nothing_but_layout(odd: str) -> None:
    spelled = ['"' + odd + '"', r'"\\ud800"', "1e999", "1E2", "-0", "1.50", "9" * 5000, "{}", "[]"]
    one = ('{"n":\n[' + ",\r\n".join(spelled) + '],\t"n":7}').encode()
    assert record.laid_out(one, 0) == f'{{"n": [{", ".join(spelled)}], "n": 7}}'.encode()
    items = ",\n    ".join(spelled)
    assert record.laid_out(one, 2) == f'{{\n  "n": [\n    {items}\n  ],\n  "n": 7\n}}'.encode()


def test_a_field_of_ours_stands_before_the_service_s_own() -> None:
    assert record.with_field(b'{"a": 1.0}', "key", 'x"y') == b'{"key": "x\\"y", "a": 1.0}'
    assert record.with_field(b" { } ", "key", "x") == b'{"key": "x"}'
    assert record.encode({"name": "ä"}) == '{"name": "ä"}'.encode()
    assert record.encode(["ä", "\ud800", math.inf, math.nan]) == (
        '["ä", "\\ud800", 1e999, null]'.encode()
    )


def test_one_field_of_a_record_is_read_however_odd_the_rest_is() -> None:
    odd = rb'{"text": "\ud800", "id": 7}'
    assert [record.field(one, "id") for one in (b'{"id": "a"}', odd, b"{}", b"[1]", b"7")] == [
        "a", 7, None, None, None,
    ]  # fmt: skip


def test_a_field_of_each_record_is_found_whatever_the_others_are() -> None:
    proper = [b'{"id": 1}', b'{"a": {"id": 2}, "id": "x"}', b"{}"]
    assert record.fields(proper, "id") == [1, "x", None]
    odd = [b"7", rb'{"id": "\ud800"}', b'[{"id": 1}]']
    assert record.fields([*proper, *odd], "id") == [1, "x", None, None, "\ud800", None]
    assert record.fields([], "id") == []
