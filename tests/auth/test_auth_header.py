"""Credentials that ride in a header as they are."""

import subprocess
import sys
from base64 import b64decode

import httpx
import pytest

import jobctl.auth
from jobctl.auth import Header, Headers, basic, bearer
from jobctl.errors import ConfigError
from jobctl.masking.texts import masked


def sent(auth: httpx.Auth) -> httpx.Headers:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(401)

    with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
        assert client.get("https://api.test/").status_code == 401
    assert len(seen) == 1, "a 401 to a ready credential is final"
    return seen[0].headers


def test_a_header_carries_the_value_as_given() -> None:
    assert sent(Header("X-Key", "PREFIX.body=="))["X-Key"] == "PREFIX.body=="


def test_what_is_refused_is_made_anew_once_for_all_that_show_it() -> None:
    made: list[str] = []

    def make() -> Header:
        made.append("new")
        return Header("X-Key", "new")

    auth = Header("X-Key", "old")
    auth.made_by(make)
    requests = [httpx.Request("GET", "https://api.test/") for _ in range(2)]
    flows = [auth.auth_flow(one) for one in requests]
    assert [next(one).headers["X-Key"] for one in flows] == ["old", "old"]
    refused = httpx.Response(401)
    assert [one.send(refused).headers["X-Key"] for one in flows] == ["new", "new"]
    assert made == ["new"]


def test_what_cannot_be_made_anew_or_is_the_same_stays_refused() -> None:
    def make() -> Header:
        raise ConfigError("it is locked")

    for again in (make, lambda: Header("X-Key", "old")):
        auth = Header("X-Key", "old")
        auth.made_by(again)
        assert sent(auth)["X-Key"] == "old"


def test_several_headers_go_together() -> None:
    headers = sent(Headers({"X-Team": "7", "Authorization": "Bearer abc"}))
    assert (headers["X-Team"], headers["Authorization"]) == ("7", "Bearer abc")


def test_a_bearer_token_stands_after_its_word() -> None:
    assert sent(bearer("tok/en+1="))["Authorization"] == "Bearer tok/en+1="


def test_basic_authentication_is_utf_8_and_hides_the_encoded_pair() -> None:
    word, _, pair = sent(basic("jürgen", "pässword: x"))["Authorization"].partition(" ")
    assert word == "Basic"
    assert b64decode(pair).decode() == "jürgen:pässword: x"
    assert pair not in masked(f"sent {pair}")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "empty"),
        ("planted\n", "control character"),
        ("plan\rted", "control character"),
        ("plan\tted", "control character"),
        ("planted\x00", "control character"),
        ("planted\x7f", "control character"),
        ("planted\u00a0", "beyond ASCII"),
        ("planted\u201c", "beyond ASCII"),
        ("planted\udcff", "not UTF-8"),
        (" planted", "blank"),
        ("planted ", "blank"),
    ],
)
def test_a_value_no_header_can_carry_is_refused_before_it_is_sent_and_not_shown(
    value: str, words: str
) -> None:
    for make in (bearer, lambda text: Header("X-Key", text), lambda text: Headers({"X-Key": text})):
        with pytest.raises(ConfigError, match=words) as refused:
            make(value)
        assert "planted" not in f"{refused.value.message}{refused.value.hint}"
    assert "X-Key" in refused.value.message


def test_without_a_password_the_one_of_basic_authentication_is_empty() -> None:
    assert sent(basic("ada", None))["Authorization"] == "Basic YWRhOg=="


@pytest.mark.parametrize(
    ("username", "password", "words"),
    [
        ("a:b", "planted", "colon"),
        ("a\n", "planted", "user name holds a control character"),
        ("a", "planted\n", "password holds a control character"),
        ("a", "planted\udcff", "password holds bytes that are not UTF-8"),
        ("", "planted", "user name is empty"),
        ("a", "", "password is empty"),
    ],
)
def test_basic_authentication_refuses_what_it_cannot_say(
    username: str, password: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as refused:
        basic(username, password)
    assert "planted" not in f"{refused.value.message}{refused.value.hint}"


def test_the_package_has_no_other_names() -> None:
    with pytest.raises(AttributeError, match="digest"):
        _ = jobctl.auth.digest


def test_naming_the_settings_loads_no_httpx() -> None:
    code = (
        "import sys, jobctl.auth, jobctl.auth.cache, jobctl.auth.huawei.signing;"
        "print(sorted({'httpx', 'yaml', 'ssl', 'asyncio', 'rich'} & sys.modules.keys()))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
