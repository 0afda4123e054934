"""What a service sends becomes times, durations, percents and words, or nothing at all."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jobctl.declared import values
from jobctl.declared.records import keys_of
from jobctl.expression import Expression

NOON = datetime(2024, 5, 29, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        ("2024-05-29T12:00:00Z", "s"),
        ("2024-05-29T14:00:00+02:00", "s"),
        ("2024-05-29T12:00:00.000000000Z", "s"),
        ("2024-05-29T12:00:00", "s"),
        ("2024-05-29 12:00:00", "s"),
        ("20240529T120000Z", "s"),
        ("Wed, 29 May 2024 12:00:00 GMT", "s"),
        (1716984000, "s"),
        ("1716984000", "s"),
        (1716984000.0, "s"),
        (1716984000000, "ms"),
        ("1716984000000000", "us"),
        (1716984000000000000, "ns"),
        ("20240529120000", "digits"),
        (20240529120000, "digits"),
    ],
)
def test_times_in_all_their_spellings(value: Any, unit: str) -> None:
    assert values.moment(value, unit) == NOON


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "digits"])
@pytest.mark.parametrize(
    "value",
    [
        None, 0, "0", -1, "-5", True, False, "", "soon", [], {}, "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:00Z", 10**40, "1e300", 1e300, "Wed, 99 May 2024", "x" * 100_000,
        "0001-01-01T00:00:00+23:59", "Fri, 31 Dec 9999 12:00:00 -2359",
    ],
)  # fmt: skip
def test_what_is_no_time_is_none(value: Any, unit: str) -> None:
    assert values.moment(value, unit) is None


def test_digits_that_name_no_day_are_no_time() -> None:
    assert values.moment("20241329120000", "digits") is None
    assert values.moment("202405291200", "digits") is None


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (60, "s", 60.0),
        ("60", "s", 60.0),
        (60500, "ms", 60.5),
        (1.23456, "s", 1.235),
        ("60.5s", "s", 60.5),
        ("60.5s", "ms", 60.5),
        ("00:01:00", "s", 60.0),
        ("01:30", "s", 90.0),
        ("100:00:00.5", "s", 360000.5),
        ("PT1M", "s", 60.0),
        ("P1DT1H1M1.5S", "s", 90061.5),
        ("P2W", "s", 1209600.0),
        (0, "s", 0.0),
    ],
)
def test_durations_in_all_their_spellings(value: Any, unit: str, told: float) -> None:
    assert values.seconds(value, unit) == told


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "P",
        "PT",
        "-PT1M",
        -1,
        "-1s",
        "1 hour",
        [],
        {},
        1e300,
        10**400,
        "9" * 100_000,
    ],
)
def test_what_is_no_duration_is_none(value: Any) -> None:
    assert values.seconds(value, "s") is None


@pytest.mark.parametrize(
    ("value", "of", "told"),
    [
        (42, 100, 42),
        ("42", 100, 42),
        ("42%", 100, 42),
        (" 42.5 % ", 100, 42.5),
        ("3/5", 100, 60),
        ("3 / 4", 100, 75),
        (0.42, 1, 42),
        (1, 1, 100),
        (250, 100, 100),
        (-3, 100, 0),
        (0, 100, 0),
        ("0/0", 100, None),
        ("half", 100, None),
        (True, 100, None),
        (None, 100, None),
        ([], 100, None),
        (10**400, 1, None),
    ],
)
def test_percents_lie_between_0_and_100(value: Any, of: float, told: float | None) -> None:
    found = values.percent(value, of)
    assert found is None if told is None else found == pytest.approx(told)


def test_a_status_is_a_word_a_number_a_boolean_or_several_words() -> None:
    assert values.words("DONE") == "DONE"
    assert values.words(3) == "3"
    assert values.words(True) == "true"
    assert values.words(False) == "false"
    assert values.words(["COMPLETED", None, "", False, "COMPLETING"]) == "COMPLETED+COMPLETING"
    assert values.words([["COMPLETED"], True, 3]) == "true+3"
    nothing: Any
    for nothing in (None, "", [], {}, [None], {"a": 1}):
        assert values.words(nothing) is None


def test_an_object_stands_for_its_members_and_a_single_value_for_one() -> None:
    assert values.members([1, {}]) == [1, {}]
    assert values.members({"a": {"x": 1}, "b": 2}) == [
        {"_key": "a", "x": 1},
        {"_key": "b", "value": 2},
    ]
    assert values.members("one") == ["one"]
    assert values.members(0) == [0]
    nothing: Any
    for nothing in (None, False, "", [], {}):
        assert values.members(nothing) == []


def test_zero_is_a_value_but_no_condition() -> None:
    assert values.something(0) == 0
    assert not values.holds(0)
    assert not values.holds(0.0)
    assert values.holds("0")
    assert values.holds(1)
    nothing: Any
    for nothing in (None, False, "", [], {}):
        assert values.something(nothing) is None
        assert not values.holds(nothing)


def test_what_makes_a_record_the_same_one_may_be_any_expression() -> None:
    some = [b'{"a": {"b": 1}}', b"[]"]
    assert keys_of(some, Expression("a.b", "here")) == ["1", b"[]"]
    assert keys_of(some, None) is None
