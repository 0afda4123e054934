"""What is picked out of a body that may hold anything, and what is taken out before it is shown."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl import payload

MASK = payload.MASK
MOMENT = datetime(2024, 10, 29, 12, 32, 26, tzinfo=UTC)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def nested(depth: int, leaf: Any = "leaf") -> Any:
    """The leaf in so many lists and objects."""
    for level in range(depth):
        leaf = [leaf] if level % 2 else {"in": leaf}
    return leaf


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
        ):
            pick(value)
        payload.redact(value, secrets=["*.*", "a.b"])

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

    def test_the_seconds_between_two_times_need_both_in_their_order(self) -> None:
        end = (MOMENT + timedelta(seconds=1.5)).astimezone(timezone(timedelta(hours=2)))
        assert payload.seconds_between(MOMENT, end) == 1.5
        assert payload.seconds_between(MOMENT, MOMENT) == 0
        assert payload.seconds_between(end, MOMENT) is None
        assert payload.seconds_between(None, end) is None
        assert payload.seconds_between(MOMENT, None) is None


class TestWithoutSignature:
    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            pytest.param(
                "https://b.obs.example:443/a/8.jpg?AccessKeyId=AK&Expires=1606380154"
                "&x-obs-security-token=TOKEN&Signature=SIG%3D",
                "https://b.obs.example:443/a/8.jpg?AccessKeyId=***&Expires=1606380154"
                "&x-obs-security-token=***&Signature=***",
                id="OBS V2",
            ),
            pytest.param(
                "https://b.obs.example/8.jpg?X-Obs-Algorithm=A&X-Obs-Credential=AK%2Fcn"
                "&X-Obs-Date=20200101T000000Z&X-Obs-Expires=60&X-Obs-SignedHeaders=host"
                "&X-Obs-Signature=SIG",
                "https://b.obs.example/8.jpg?X-Obs-Algorithm=A&X-Obs-Credential=***"
                "&X-Obs-Date=20200101T000000Z&X-Obs-Expires=60&X-Obs-SignedHeaders=***"
                "&X-Obs-Signature=***",
                id="OBS V4",
            ),
            pytest.param(
                "https://b.s3.example/k?X-Amz-Algorithm=A&X-Amz-Credential=AK&X-Amz-Date=D"
                "&X-Amz-Expires=60&X-Amz-Security-Token=TOKEN&x-amz-signature=SIG&versionId=7",
                "https://b.s3.example/k?X-Amz-Algorithm=A&X-Amz-Credential=***&X-Amz-Date=D"
                "&X-Amz-Expires=60&X-Amz-Security-Token=***&x-amz-signature=***&versionId=7",
                id="AWS V4",
            ),
            pytest.param(
                "https://b.s3.example/k?AWSAccessKeyId=AK&Signature=SIG&Expires=9",
                "https://b.s3.example/k?AWSAccessKeyId=***&Signature=***&Expires=9",
                id="AWS V2",
            ),
            pytest.param(
                "https://storage.example/k?GoogleAccessId=me&Expires=9&Signature=SIG",
                "https://storage.example/k?GoogleAccessId=***&Expires=9&Signature=***",
                id="Google V2",
            ),
            pytest.param(
                "https://a.blob.example/k?sv=2020&se=2030-01-01T00%3A00%3A00Z&sp=r&sig=SIG%2B",
                "https://a.blob.example/k?sv=2020&se=2030-01-01T00%3A00%3A00Z&sp=r&sig=***",
                id="Azure",
            ),
            pytest.param(
                "https://cdn.example/k?Policy=P&Signature=S&Key-Pair-Id=K",
                "https://cdn.example/k?Policy=***&Signature=***&Key-Pair-Id=***",
                id="CloudFront",
            ),
            pytest.param(
                "https://x.example/?api_key=K&apikey=K&key=K&auth=A&client_secret=S&pwd=P",
                "https://x.example/?api_key=***&apikey=***&key=***&auth=***&client_secret=***&pwd=***",
                id="plain keys",
            ),
        ],
    )
    def test_the_parameters_that_sign_are_masked_and_the_expiry_stays(
        self, url: str, shown: str
    ) -> None:
        assert payload.without_signature(url) == shown

    @pytest.mark.parametrize(
        "url",
        [
            "https://x.example/a%20b/c?page=2&q=%C3%A9+e&empty=&flag#part",
            "https://x.example/a@b/c@d",
            "https://x.example?mail=a@b",
            "https://[::1]:8080/a?b=c",
            "/only/a/path?a=b&c=d",
            "",
        ],
    )
    def test_a_url_without_secrets_stays_as_it_came(self, url: str) -> None:
        assert payload.without_signature(url) == url

    def test_what_stands_beside_a_masked_parameter_stays_as_it_came(self) -> None:
        url = "https://x.example/a%2Fb?q=%c3%a9+e&sig=SECRET&empty=&flag&n=a:b,c#part"
        assert payload.without_signature(url) == url.replace("SECRET", MASK)

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://user:pa%40ss@x.example/a", "https://***@x.example/a"),
            ("https://user:pa@ss@x.example/a", "https://***@x.example/a"),
            ("rtsp://admin@cam.example:554/live", "rtsp://***@cam.example:554/live"),
            ("https://user:pw@x.example?a=b", "https://***@x.example?a=b"),
        ],
    )
    def test_the_user_part_is_masked(self, url: str, shown: str) -> None:
        assert payload.without_signature(url) == shown

    @pytest.mark.parametrize(
        "url",
        [
            "https://[::1/a?sig=SECRET",
            "https://x.example:port/a?sig=SECRET",
            "https://x.example:0/a?sig=SECRET",
            "https://x.example:99999/a?sig=SECRET",
            "https://user:SEC/RET@x.example/a",
            "https://user:SEC?RET@x.example/a",
            "https://user:SEC#RET@x.example/a",
        ],
    )
    def test_what_cannot_be_read_as_a_url_is_masked_whole(self, url: str) -> None:
        assert payload.without_signature(url) == MASK

    @pytest.mark.parametrize(
        "url",
        [
            "https://x.example/?%73ig=SECRET",
            "https://x.example/?code=SECRET",
            "https://x.example/?jwt=SECRET",
            "https://x.example/?pass=SECRET",
            "https://x.example/?subscription-key=SECRET",
            "https://x.example/?x-cos-security-token=SECRET",
            "https://x.example/?oauth_verifier=SECRET",
            "https://x.example/?a=1;sig=SECRET",
            "https://x.example/?sig=one?SECRET",
            "https://x.example/#access_token=SECRET",
            "https://x.example/#/view?token=SECRET&page=2",
            "https://x.example/?next=https://y.example/?sig=SECRET",
            "https://x.example/?next=https%3A%2F%2Fy.example%2F%3Fa%3D1%26sig%3DSECRET",
            "https://x.example/?next=https%3A%2F%2Fuser%3ASECRET%40y.example",
        ],
    )
    def test_a_signature_is_masked_wherever_it_hides(self, url: str) -> None:
        shown = payload.without_signature(url)
        assert "SECRET" not in shown
        assert shown.startswith("https://x.example/")

    def test_masking_twice_changes_nothing_more(self) -> None:
        once = payload.without_signature("https://u:p@x.example/?sig=S&a=b#token=T")
        assert payload.without_signature(once) == once


class TestRedact:
    @pytest.mark.parametrize(
        "name",
        [
            "password",
            "adminPassword",
            "passwd",
            "client_secret",
            "secretAccessKey",
            "Authorization",
            "Set-Cookie",
            "private-key",
            "api_key",
            "X-Auth-Token",
            "X-Subject-Token",
            "X-Job-Token",
            "access_token",
            "refreshToken",
            "tokenValue",
            "token",
            "securitytoken",
            "client_assertion",
            "device_code",
        ],
    )
    def test_a_value_under_the_name_of_a_secret_is_masked(self, name: str) -> None:
        assert payload.redact({"a": [{name: "SECRET"}]}) == {"a": [{name: MASK}]}

    def test_the_shape_below_the_name_of_a_secret_stays(self) -> None:
        body = {"password": {"value": "SECRET", "digits": [1234, 5.5], "set": True, "old": None}}
        assert payload.redact(body) == {
            "password": {"value": MASK, "digits": [MASK, MASK], "set": True, "old": None}
        }

    def test_a_url_under_the_name_of_a_secret_is_masked_whole(self) -> None:
        assert payload.redact({"secret": "https://x.example/SECRET"}) == {"secret": MASK}

    @pytest.mark.parametrize("name", ["tokens", "nextPageToken", "accessKey", "key", "state"])
    def test_a_value_under_another_name_stays(self, name: str) -> None:
        body = {name: "kept", "n": 1, "f": 0.5, "b": True, "none": None, "empty": [{}, []]}
        assert payload.redact(body) == body

    def test_a_declared_path_is_masked_and_its_neighbours_stay(self) -> None:
        body = {
            "output": {"webhook": {"headers": {"X": "SECRET", "Y": "SECRET"}, "n": 1}},
            "n": "x",
        }
        assert payload.redact(body, secrets=["output.webhook.headers"]) == {
            "output": {"webhook": {"headers": {"X": MASK, "Y": MASK}, "n": 1}},
            "n": "x",
        }

    def test_a_star_in_a_path_is_any_index_and_any_key(self) -> None:
        body = {"data": [{"h": "SECRET"}, {"h": "SECRET", "k": "kept"}], "map": {"a": {"h": "S"}}}
        assert payload.redact(body, secrets=["data.*.h", "map.*.h"]) == {
            "data": [{"h": MASK}, {"h": MASK, "k": "kept"}],
            "map": {"a": {"h": MASK}},
        }

    def test_a_path_that_leads_nowhere_changes_nothing(self) -> None:
        body = {"a": "kept", "list": ["kept"], "n": {"b": "kept"}}
        assert payload.redact(body, secrets=["a.b.c", "list.0", "m.b"]) == body

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("rtsp://u:SECRET@cam.example:554/live", "rtsp://***@cam.example:554/live"),
            ("https://x.example/hook?any=SECRET", "https://x.example/hook?***"),
            ("https://x.example/hook?any=SECRET#SECRET", "https://x.example/hook?***"),
            ("https://x.example/hook#SECRET", "https://x.example/hook"),
            ("https://x.example/hook", "https://x.example/hook"),
            ("rtsp://u:1/SECRET@cam.example/live", MASK),
            ("https://x.example:SECRET/hook", MASK),
            ("see https://x.example/SECRET", MASK),
            ("SECRET", MASK),
        ],
    )
    def test_of_a_url_at_a_declared_path_only_the_address_stays(self, url: str, shown: str) -> None:
        assert payload.redact({"url": url}, secrets=["url"]) == {"url": shown}

    def test_signed_urls_in_the_midst_of_a_text_are_masked(self) -> None:
        text = (
            "got 'https://x.example/a?sig=SECRET' here,"
            " then <ftp://u:SECRET@y.example/b>, then /c?key=SECRET"
        )
        assert payload.redact([text]) == [
            "got 'https://x.example/a?sig=*** here, then <ftp://***@y.example/b>, then /c?key=***"
        ]

    def test_a_url_after_an_equals_sign_loses_its_user_part(self) -> None:
        assert payload.redact("url=https://u:SECRET@x.example/") == "url=https://***@x.example/"

    def test_an_apostrophe_in_a_password_does_not_end_the_url(self) -> None:
        assert payload.redact("https://u:SE'CRET@x.example/") == "https://***@x.example/"

    def test_signed_urls_are_shown_where_the_user_asks_and_passwords_never(self) -> None:
        body = {
            "url": "https://u:SECRET@x.example/a?X-Amz-Signature=shown",
            "password": "SECRET",
            "bad": "https://x.example:SECRET/",
        }
        assert payload.redact(body, show_signed_urls=True) == {
            "url": "https://***@x.example/a?X-Amz-Signature=shown",
            "password": MASK,
            "bad": MASK,
        }

    def test_the_body_itself_is_left_alone(self) -> None:
        body = {"password": "SECRET", "list": ["https://x.example/?sig=S"]}
        before = json.dumps(body)
        payload.redact(body)
        assert json.dumps(body) == before

    def test_a_body_nested_deeper_than_anyone_needs_is_cut_there(self) -> None:
        for body in (nested(5000), {"password": nested(5000)}):
            assert MASK in json.dumps(payload.redact(body))
        assert payload.redact(nested(90)) == nested(90)

    def test_a_long_hostile_text_is_redacted_before_anybody_tires_of_it(self) -> None:
        for part in ("a", "a.", "?a", "://", "x://@", "a=", "&;", "https://x.example/?a"):
            payload.redact(part * 100_000)
            payload.redact(part * 100_000, secrets=[""])

    @given(
        st.sampled_from(["Signature", "X-Amz-Signature", "x-obs-security-token", "sig", "token"]),
        st.text("abcdefgh0123%+/=?@:~", min_size=8),
        st.lists(st.text("abc=%", max_size=5), max_size=3),
    )
    def test_no_signature_survives_whatever_stands_around_it(
        self, name: str, secret: str, others: list[str]
    ) -> None:
        url = "https://x.example/a?" + "&".join([*others, f"{name}=SECRET{secret}", *others])
        assert "SECRET" not in str(payload.redact({"a": [f"see {url} there"]}))
