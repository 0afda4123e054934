"""What `-v` and `-vv` tell, and what they never show."""

import logging

import httpx
import pytest
from loopback import SERVICE, Meet, SignedIn

from jobctl.errors import UnavailableError
from jobctl.masking.secrets import hide

OK = httpx.Response(200, headers={"X-Request-Id": "r-1"}, json={})


def test_each_try_is_a_line(meet: Meet) -> None:
    world = meet(httpx.Response(503), httpx.ReadError("reset"), OK, takes=0.25)
    world.get("/jobs/1?limit=5")
    assert [line for level, line in world.log if level == 1] == [
        f"GET {SERVICE}/jobs/1?limit=5 503 0.25s",
        f"GET {SERVICE}/jobs/1?limit=5 failed: the connection failed 0.25s",
        f"GET {SERVICE}/jobs/1?limit=5 200 0.25s r-1",
    ]


def test_headers_of_both_sides_are_lines_of_the_second_level(meet: Meet) -> None:
    world = meet(httpx.Response(200, headers={"Server": "x", "modzy-team-id": "t"}))
    world.get()
    second = [line for level, line in world.log if level == 2]
    assert {"> accept: application/json", "< server: x", "< modzy-team-id: t"} <= set(second)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "X-Auth-Token",
        "X-Subject-Token", "X-Security-Token", "X-Metadata-Token", "Ocp-Apim-Subscription-Key",
        "X-Client-Secret", "X-Password", "Signature",
    ],
)  # fmt: skip
def test_headers_that_may_hold_credentials_are_masked(meet: Meet, name: str) -> None:
    world = meet(httpx.Response(200, headers={name: "made-up"}))
    world.client.get(SERVICE, headers={name: "made-up"})
    assert world.lines.count(f"{name.lower()}: ***") == 2
    assert "made-up" not in world.lines


@pytest.mark.parametrize(
    "name",
    [
        "Signature", "AccessKeyId", "X-Amz-Credential", "x-obs-security-token", "OSSAccessKeyId",
        "q-ak", "x-cos-security-token", "jwt", "subscription-key", "oauth_verifier",
        "token", "access_token", "api_key", "client%5Fsecret", "password", "code", "sig",
    ],
)  # fmt: skip
def test_query_values_that_sign_in_are_masked(meet: Meet, name: str) -> None:
    signed = f"{SERVICE}/x?a=1&{name}=made-up&b=2"
    link = f'<{SERVICE}/y?{name}=made-up>; rel="next", <{SERVICE}/z?page=3&{name}=made-up>'
    world = meet(httpx.Response(302, headers={"Location": signed, "Link": link}))
    world.client.get(signed)
    assert f"GET {SERVICE}/x?a=1&{name}=***&b=2 302" in world.lines
    assert f"< location: {SERVICE}/x?a=1&{name}=***&b=2" in world.lines
    assert "made-up" not in world.lines
    assert "page=3" in world.lines


def test_user_names_in_urls_are_left_out(meet: Meet) -> None:
    world = meet(OK)
    world.client.get("https://user:made-up@service.example/x")
    assert f"GET {SERVICE}/x 200" in world.lines
    assert "made-up" not in world.lines


def test_known_secrets_are_masked_wherever_they_stand(meet: Meet) -> None:
    hide("well-hidden-word")
    world = meet(httpx.Response(503, headers={"X-Echo": "a well-hidden-word"}), OK)
    world.get("/jobs/well-hidden-word")
    assert "well-hidden-word" not in world.lines
    assert f"GET {SERVICE}/jobs/*** 503" in world.lines
    assert "< x-echo: a ***" in world.lines


def test_a_known_secret_leaves_nothing_behind_where_other_rules_cut_it(meet: Meet) -> None:
    secret = "left//me@mid&token=right"
    hide(secret)
    world = meet(httpx.Response(200, headers={"X-Echo": f"<{secret}>"}))
    world.client.get(f"{SERVICE}/?a={secret}")
    assert "< x-echo: <***>" in world.lines
    assert not any(piece in world.lines for piece in ("left", "mid", "right"))


def test_of_a_known_secret_in_an_encodings_name_no_piece_is_shown(meet: Meet) -> None:
    hide("Well-Hidden-Word")
    headers = {"Content-Encoding": "br, Well-Hidden-Word"}
    world = meet(httpx.Response(200, headers=headers, content=b"x"))
    with pytest.raises(UnavailableError) as caught:
        world.get()
    assert caught.value.message == "service.example: the answer is encoded as br"


def test_control_characters_are_written_out(meet: Meet) -> None:
    raw = "\x1b[31m\u202e\u009b".encode()
    world = meet(httpx.Response(200, headers=[(b"X-Evil", raw)]))
    world.get()
    assert r"< x-evil: \x1b[31m\u202e\x9b" in world.lines


def test_the_library_itself_logs_no_urls(meet: Meet, caplog: pytest.LogCaptureFixture) -> None:
    world = meet(OK, auth=SignedIn())
    with caplog.at_level(logging.DEBUG):
        world.get("/jobs/1?token=made-up")
    assert caplog.text == ""
