"""What is taken out of a body before it is shown."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.masking.bodies import redact
from jobctl.masking.secrets import hide
from jobctl.masking.signatures import MASK

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
def test_a_value_under_the_name_of_a_secret_is_masked(name: str) -> None:
    assert redact({"a": [{name: "SECRET"}]}) == {"a": [{name: MASK}]}


def test_the_shape_below_the_name_of_a_secret_stays() -> None:
    body = {"password": {"value": "SECRET", "digits": [1234, 5.5], "set": True, "old": None}}
    assert redact(body) == {
        "password": {"value": MASK, "digits": [MASK, MASK], "set": True, "old": None}
    }


def test_a_url_under_the_name_of_a_secret_is_masked_whole() -> None:
    assert redact({"secret": "https://x.example/SECRET"}) == {"secret": MASK}


@pytest.mark.parametrize("name", ["tokens", "nextPageToken", "accessKey", "key", "state"])
def test_a_value_under_another_name_stays(name: str) -> None:
    body = {name: "kept", "n": 1, "f": 0.5, "b": True, "none": None, "empty": [{}, []]}
    assert redact(body) == body


def test_a_declared_path_is_masked_and_its_neighbours_stay() -> None:
    body = {
        "output": {"webhook": {"headers": {"X": "SECRET", "Y": "SECRET"}, "n": 1}},
        "n": "x",
    }
    assert redact(body, secrets=["output.webhook.headers"]) == {
        "output": {"webhook": {"headers": {"X": MASK, "Y": MASK}, "n": 1}},
        "n": "x",
    }


def test_a_star_in_a_path_is_any_index_and_any_key() -> None:
    body = {"data": [{"h": "SECRET"}, {"h": "SECRET", "k": "kept"}], "map": {"a": {"h": "S"}}}
    assert redact(body, secrets=["data.*.h", "map.*.h"]) == {
        "data": [{"h": MASK}, {"h": MASK, "k": "kept"}],
        "map": {"a": {"h": MASK}},
    }


def test_names_are_masked_and_two_that_become_one_are_told_apart() -> None:
    hide("planted-key-1")
    hide("planted-key-2")
    inner = {"planted-key-1": 1, "planted-key-2": 2, "x?sig=planted": 3}
    assert redact({"a": inner, "password": inner}) == {
        "a": {MASK: 1, f"{MASK}2": 2, f"x?sig={MASK}": 3},
        "password": {MASK: MASK, f"{MASK}2": MASK, f"x?sig={MASK}": MASK},
    }


def test_a_path_that_leads_nowhere_changes_nothing() -> None:
    body = {"a": "kept", "list": ["kept"], "n": {"b": "kept"}}
    assert redact(body, secrets=["a.b.c", "list.0", "m.b"]) == body


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
def test_of_a_url_at_a_declared_path_only_the_address_stays(url: str, shown: str) -> None:
    assert redact({"url": url}, secrets=["url"]) == {"url": shown}


def test_signed_urls_in_the_midst_of_a_text_are_masked() -> None:
    text = (
        "got 'https://x.example/a?sig=SECRET' here,"
        " then <ftp://u:SECRET@y.example/b>, then /c?key=SECRET"
    )
    assert redact([text]) == [
        "got 'https://x.example/a?sig=***' here, then <ftp://***@y.example/b>, then /c?key=***"
    ]


def test_a_url_after_an_equals_sign_loses_its_user_part() -> None:
    assert redact("url=https://u:SECRET@x.example/") == "url=https://***@x.example/"


def test_an_apostrophe_in_a_password_does_not_end_the_url() -> None:
    assert redact("https://u:SE'CRET@x.example/") == "https://***@x.example/"


def test_signed_urls_are_shown_where_the_user_asks_and_passwords_never() -> None:
    body = {
        "url": "https://u:SECRET@x.example/a?X-Amz-Signature=shown",
        "password": "SECRET",
        "bad": "https://u:SEC/RET@x.example/",
    }
    assert redact(body, show_signed_urls=True) == {
        "url": "https://***@x.example/a?X-Amz-Signature=shown",
        "password": MASK,
        "bad": "https://***@x.example/",
    }


def test_the_body_itself_is_left_alone() -> None:
    body = {"password": "SECRET", "list": ["https://x.example/?sig=S"]}
    before = json.dumps(body)
    redact(body)
    assert json.dumps(body) == before


def test_a_body_nested_deeper_than_anyone_needs_is_cut_there() -> None:
    for body in (nested(5000), {"password": nested(5000)}):
        assert MASK in json.dumps(redact(body))
    assert redact(nested(90)) == nested(90)


def test_a_long_hostile_text_is_redacted_before_anybody_tires_of_it() -> None:
    for part in ("a", "a.", "?a", "://", "x://@", "a=", "&;", "https://x.example/?a"):
        redact(part * 100_000)
        redact(part * 100_000, secrets=[""])


@given(
    st.sampled_from(["Signature", "X-Amz-Signature", "x-obs-security-token", "sig", "token"]),
    st.text("abcdefgh0123%+/=?@:~", min_size=8),
    st.lists(st.text("abc=%", max_size=5), max_size=3),
)
def test_no_signature_survives_whatever_stands_around_it(
    name: str, secret: str, others: list[str]
) -> None:
    url = "https://x.example/a?" + "&".join([*others, f"{name}=SECRET{secret}", *others])
    assert "SECRET" not in str(redact({"a": [f"see {url} there"]}))


@given(anything)
def test_nothing_a_body_holds_is_an_error(value: Any) -> None:
    redact(value, secrets=["*.*", "a.b"])
