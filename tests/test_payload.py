"""What is picked out of a body that may hold anything."""

import json
import sys
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl import payload

MOMENT = datetime(2024, 10, 29, 12, 32, 26, tzinfo=UTC)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


class TestPicking:
    def test_json_is_read(self) -> None:
        assert payload.json_or_none(b'{"a": [1, "\xc3\xa9"]}') == {"a": [1, "é"]}

    @pytest.mark.parametrize(
        "body", [b"", b"<html>", b"{", b"\xff\xfe\xff", b"[" * 100_000, b"9" * 5000]
    )
    def test_what_is_no_json_is_none(self, body: bytes) -> None:
        assert payload.json_or_none(body) is None

    def test_an_object_is_a_mapping_and_anything_else_an_empty_one(self) -> None:
        assert payload.mapping({"a": 1}) == {"a": 1}
        others: list[Any] = [None, [], "a", 1, True]
        for other in others:
            assert payload.mapping(other) == {}

    def test_an_array_is_items_and_anything_else_none(self) -> None:
        assert payload.items([1, None]) == [1, None]
        for other in (None, {"a": 1}, "abc", 1):
            assert payload.items(other) == []

    def test_a_single_object_counts_as_an_array_of_one(self) -> None:
        assert payload.objects({"a": 1}) == [{"a": 1}]
        assert payload.objects([{"a": 1}, "b", None, [{}], {}]) == [{"a": 1}, {}]
        assert payload.objects("abc") == []

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            ("done", "done"),
            ("  kept as it came\t", "  kept as it came\t"),
            ("", None),
            (" \n", None),
            (0, "0"),
            (-96, "-96"),
            (1.5, "1.5"),
            (10**400, "1" + "0" * 400),
            (float("nan"), None),
            (float("inf"), None),
            (True, None),
            (False, None),
            (None, None),
            (["a"], None),
            ({"a": 1}, None),
        ],
    )
    def test_text_is_a_string_that_is_not_blank_or_a_number(
        self, value: object, text: str | None
    ) -> None:
        assert payload.text(value) == text

    @pytest.mark.parametrize(
        ("value", "whole"),
        [
            (3, 3),
            ("3", 3),
            (" +3 ", 3),
            ("-5", -5),
            (3.0, 3),
            (3.5, None),
            (1e300, None),
            (float("nan"), None),
            (float("inf"), None),
            ("3.0", None),
            ("1_000", None),
            ("\u0663", None),  # an Arabic three
            ("9" * 19, None),
            (2**63 - 1, 2**63 - 1),
            (2**63, None),
            (-(2**63), None),
            (10**400, None),
            ("", None),
            ("abc", None),
            (True, None),
            (None, None),
            ([3], None),
        ],
    )
    def test_a_whole_number_may_be_text_and_is_never_a_boolean(
        self, value: object, whole: int | None
    ) -> None:
        assert payload.integer(value) == whole

    def test_a_count_is_never_negative(self) -> None:
        assert payload.count("0") == 0
        assert payload.count(7) == 7
        assert payload.count(-1) is None
        assert payload.count("many") is None
        assert payload.count(10**30) == 2**63

    @pytest.mark.parametrize(
        ("value", "number"),
        [
            (3, 3),
            ("3", 3),
            (2.5, 2.5),
            (" 2.5 ", 2.5),
            (".5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            (1e300, 1e300),
            (10**400, 10**400),
            ("1e999", None),
            ("nan", None),
            ("inf", None),
            ("1_000.5", None),
            ("\u0663.5", None),
            ("25 %", None),
            ("", None),
            (float("nan"), None),
            (float("inf"), None),
            (True, None),
            (None, None),
            ([], None),
            ({}, None),
        ],
    )
    def test_a_number_is_finite_and_may_be_text(self, value: object, number: float | None) -> None:
        assert payload.number(value) == number

    def test_whatever_counts_as_blank_may_stand_around_a_number(self) -> None:
        for blank in filter(str.isspace, map(chr, range(sys.maxunicode + 1))):
            assert payload.integer(f"{blank}7{blank}") == 7
            assert payload.number(f"{blank}2.5{blank}") == 2.5

    def test_a_whole_number_stays_whole(self) -> None:
        assert isinstance(payload.number("25"), int)
        assert isinstance(payload.percent("25"), int)

    @pytest.mark.parametrize(
        ("value", "percent"),
        [("25", 25), (99.5, 99.5), (-5, 0), ("250", 100), (10**400, 100), ("abc", None)],
    )
    def test_a_percentage_is_brought_into_0_to_100(
        self, value: object, percent: float | None
    ) -> None:
        assert payload.percent(value) == percent

    @pytest.mark.parametrize(
        ("value", "share"),
        [
            (0.93, 0.93),
            (1, 1.0),
            ("0", 0.0),
            (1.01, None),
            (-0.1, None),
            (10**400, None),
            ("", None),
        ],
    )
    def test_a_share_is_from_0_to_1_or_none_at_all(
        self, value: object, share: float | None
    ) -> None:
        assert payload.share(value) == share

    @pytest.mark.parametrize(
        ("value", "boolean"),
        [
            (True, True),
            (False, False),
            ("true", True),
            (" FALSE ", False),
            ("yes", None),
            ("", None),
            (1, None),
            (None, None),
        ],
    )
    def test_a_boolean_may_be_a_word_in_any_letter_case(
        self, value: object, boolean: bool | None
    ) -> None:
        assert payload.boolean(value) is boolean

    def test_facts_are_the_values_that_are_there(self) -> None:
        assert payload.facts(a=0, b=None, c="", d=False) == {"a": 0, "c": "", "d": False}

    @given(anything)
    def test_nothing_a_body_holds_is_an_error(self, value: Any) -> None:
        for pick in (
            payload.mapping,
            payload.items,
            payload.objects,
            payload.text,
            payload.integer,
            payload.count,
            payload.number,
            payload.percent,
            payload.share,
            payload.boolean,
            payload.epoch_ms,
            payload.iso_time,
            payload.http_time,
        ):
            pick(value)

    @given(st.binary() | anything.map(lambda value: json.dumps(value).encode()))
    def test_no_bytes_are_an_error(self, body: bytes) -> None:
        payload.json_or_none(body)


class TestTimes:
    def test_milliseconds_since_1970_are_a_time(self) -> None:
        assert payload.epoch_ms(1730205146000) == MOMENT
        assert payload.epoch_ms("1730205146000") == MOMENT
        assert payload.epoch_ms(1730205146789) == MOMENT + timedelta(milliseconds=789)

    @pytest.mark.parametrize("value", [None, True, "soon", 1.5, 10**17, -(10**17), 10**400])
    def test_a_number_that_no_calendar_has_is_no_time(self, value: object) -> None:
        assert payload.epoch_ms(value) is None

    def test_a_time_is_a_pause_after_another(self) -> None:
        assert payload.later(MOMENT, 1500) == MOMENT + timedelta(seconds=1.5)
        assert payload.later(None, 1500) is None
        assert payload.later(MOMENT, None) is None

    @pytest.mark.parametrize("pause", [1e300, float("inf"), float("nan"), 10**400])
    def test_a_pause_no_calendar_has_leads_to_no_time(self, pause: float) -> None:
        assert payload.later(MOMENT, pause) is None

    @pytest.mark.parametrize(
        "text",
        [
            "2024-10-29T12:32:26Z",
            "2024-10-29T12:32:26.000+0000",
            "2024-10-29T14:32:26+02:00",
            " 2024-10-29 12:32:26 ",
        ],
    )
    def test_a_written_time_is_brought_to_utc_and_taken_for_utc_without_offset(
        self, text: str
    ) -> None:
        moment = payload.iso_time(text)
        assert moment == MOMENT
        assert moment.tzinfo is UTC

    @pytest.mark.parametrize(
        "value", [None, 5, "", "soon", "2024-13-01", "0001-01-01T00:00:00+14:00", ["2024"]]
    )
    def test_what_is_no_written_time_is_none(self, value: object) -> None:
        assert payload.iso_time(value) is None

    @pytest.mark.parametrize(
        "text",
        [
            "Tue, 29 Oct 2024 12:32:26 GMT",
            "Tue, 29 Oct 2024 14:32:26 +0200",
            "29 Oct 2024 12:32:26",
            "Tuesday, 29-Oct-24 12:32:26 GMT",
        ],
    )
    def test_a_date_of_http_is_a_time(self, text: str) -> None:
        moment = payload.http_time(text)
        assert moment == MOMENT
        assert moment.tzinfo is UTC

    @pytest.mark.parametrize(
        "value",
        [
            *(None, 5, "", ",", "soon", "Tue, 29 Oct , 12:32:26 GMT"),
            f"29 Oct 2024 12:32:26 +{'9' * 15}",
            "31 Dec 9999 23:59:59 -0100",
            "29 Oct 2024 12:32:26 GMT" + " " * 40,
        ],
    )
    def test_what_is_no_date_of_http_is_none(self, value: object) -> None:
        assert payload.http_time(value) is None

    def test_the_seconds_between_two_times_need_both_in_their_order(self) -> None:
        end = (MOMENT + timedelta(seconds=1.5)).astimezone(timezone(timedelta(hours=2)))
        assert payload.seconds_between(MOMENT, end) == 1.5
        assert payload.seconds_between(MOMENT, MOMENT) == 0
        assert payload.seconds_between(end, MOMENT) is None
        assert payload.seconds_between(None, end) is None
        assert payload.seconds_between(MOMENT, None) is None
