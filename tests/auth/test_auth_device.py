"""Device code (RFC 8628) and refresh tokens (RFC 6749, section 6): a person signs in once."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from keyring_fakes import Remembering, used
from loopback import FakeClock

from jobctl.auth.cache import TokenCache
from jobctl.auth.device import GRANT, DeviceCode, Endpoints
from jobctl.auth.oauth import Application
from jobctl.errors import AuthError, ExitCode, Interrupted, JobctlError, UnavailableError
from jobctl.http import connect
from jobctl.masking.texts import masked

ISSUER = "https://idp.test/tenant"
TOKEN, DEVICE = f"{ISSUER}/token", f"{ISSUER}/device"
API = "https://api.test/jobs/1"
CODE = {
    "device_code": "planted-device-code",
    "user_code": "WDJB-MJHT",
    "verification_uri": "https://idp.test/device",
    "expires_in": 900,
    "interval": 7,
}
GRANTED = {"access_token": "token-1", "expires_in": 3600, "refresh_token": "refresh-1"}

NOT_HTTPS = "(no https address: look twice)"
AT_IDP = Endpoints(TOKEN, DEVICE)

Reply = httpx.Response | Exception
Answer = Callable[[httpx.Request], httpx.Response]


@dataclass
class Vault:
    """Keeps secrets in memory; while it is `locked` it refuses, as a keyring does."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    locked: bool = False

    def get(self, service: str, user: str) -> str | None:
        self._check()
        return self.kept.get((service, user))

    def put(self, service: str, user: str, secret: str) -> None:
        self._check()
        self.kept[service, user] = secret

    def delete(self, service: str, user: str) -> bool:
        self._check()
        return self.kept.pop((service, user), None) is not None

    def _check(self) -> None:
        if self.locked:
            raise AuthError("the keyring cannot be used: it is locked", hint="unlock it")


def error(word: str, status: int = 400) -> httpx.Response:
    return httpx.Response(status, json={"error": word})


@dataclass
class World:
    """An identity provider that gives these answers in order, and an API that takes `valid`."""

    path: Path
    clock: FakeClock = field(default_factory=FakeClock)
    vault: Vault = field(default_factory=Vault)
    code: Any = field(default_factory=lambda: dict(CODE))
    replies: list[Reply] = field(default_factory=list)
    valid: set[str] | None = None
    document: Any = None
    asked: list[httpx.Request] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.test":
            token = request.headers["Authorization"].removeprefix("Bearer ")
            return httpx.Response(200 if self.valid is None or token in self.valid else 401)
        self.asked.append(request)
        if str(request.url) == DEVICE:
            given = self.code
            return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)
        if request.url.path.endswith("/.well-known/openid-configuration"):
            given = self.document
            return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)
        reply = self.replies.pop(0) if self.replies else httpx.Response(200, json=GRANTED)
        if isinstance(reply, Exception):
            raise reply
        return reply

    def auth(
        self, endpoints: Endpoints = AT_IDP, secret: str | None = None, **more: Any
    ) -> DeviceCode:
        """As a new process has it: of the one before it remain files and the vault."""
        usual = {
            "scope": "jobs offline_access",
            "cache": TokenCache(self.path).of("work", "acme", origin="https://api.test"),
            "clock": self.clock,
            "vault": self.vault,
        }
        application = Application("app", secret, in_header=True)
        return DeviceCode(endpoints, application, "jobctl auth login acme", **{**usual, **more})

    def client(self, auth: httpx.Auth, answer: Answer | None = None) -> httpx.Client:
        sent = httpx.MockTransport(answer or self)
        return connect("https://api.test", auth, clock=self.clock, transport=sent)

    def sign_in(self, *replies: Reply, insecure: bool = False, **more: Any) -> DeviceCode:
        self.replies = list(replies)
        auth = self.auth(**more)
        with self.client(auth) as client:
            auth.sign_in(client, self.told.append, insecure=insecure)
        return auth

    def get(self, auth: DeviceCode | None = None, answer: Answer | None = None) -> int:
        """Ask the API in a process of its own; the status."""
        with self.client(auth or self.auth(), answer) as client:
            return client.get(API).status_code

    def forms(self, grant: str) -> list[dict[str, str]]:
        """What was asked at the token endpoint by a grant."""
        forms = [dict(parse_qsl(one.content.decode())) for one in self.asked]
        return [one for one in forms if one.get("grant_type") == grant]

    @property
    def secrets(self) -> list[str]:
        return list(self.vault.kept.values())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_person_is_told_where_to_go_and_the_token_is_had_when_they_have_been_there(
    world: World,
) -> None:
    world.sign_in(error("authorization_pending"), error("authorization_pending"))
    assert world.told == ["to sign in, open https://idp.test/device and enter the code WDJB-MJHT"
                          " (900 s)"]  # fmt: skip
    start, *polls = world.asked
    assert dict(parse_qsl(start.content.decode())) == {
        "client_id": "app",
        "scope": "jobs offline_access",
    }
    form = {"grant_type": GRANT, "device_code": "planted-device-code", "client_id": "app"}
    assert [dict(parse_qsl(one.content.decode())) for one in polls] == [form] * 3
    assert world.clock.slept == [7, 7, 7]
    assert world.get() == 200


def test_what_a_service_wants_besides_goes_along_and_the_secret_to_the_token_endpoint_alone(
    world: World,
) -> None:
    more = {"response_type": "device_code"}
    world.sign_in(secret="s3cr3t", audience="aud", asked_with=more)
    start, poll = world.asked
    assert dict(parse_qsl(start.content.decode())) == {
        "client_id": "app",
        "scope": "jobs offline_access",
        "audience": "aud",
        **more,
    }
    assert "Authorization" not in start.headers
    assert poll.headers["Authorization"].startswith("Basic ")


def test_slow_down_adds_five_seconds_for_good(world: World) -> None:
    world.sign_in(error("slow_down"), error("authorization_pending"), error("slow_down"))
    assert world.clock.slept == [7, 12, 12, 17]


@pytest.mark.parametrize(
    ("interval", "pause"),
    [(None, 5), ("3", 3), (0, 1), (-1, 1), ("often", 5), (float(10**6), 60), (10**400, 60)],
)
def test_the_interval_is_the_services_within_reason_and_five_seconds_without_one(
    world: World, interval: object, pause: int
) -> None:
    world.code["interval"] = interval
    world.sign_in()
    assert world.clock.slept == [pause]


def test_while_the_service_cannot_be_reached_it_is_asked_less_and_less(world: World) -> None:
    world.code["interval"] = 20
    lost = httpx.ReadTimeout("late")
    world.sign_in(lost, error("x", 500), error("temporarily_unavailable"))
    assert world.clock.slept == [20, 40, 60, 60]


@pytest.mark.parametrize("word", ["access_denied", "authorization_declined"])
def test_a_denial_ends_it(world: World, word: str) -> None:
    with pytest.raises(AuthError, match="denied") as caught:
        world.sign_in(error("authorization_pending"), error(word))
    assert caught.value.hint == "jobctl auth login acme"
    assert world.secrets == []


@pytest.mark.parametrize(
    "replies", [(error("expired_token"),), [error("authorization_pending")] * 9]
)
def test_a_code_that_has_ended_is_asked_about_no_more(
    world: World, replies: list[httpx.Response]
) -> None:
    world.code["expires_in"] = 21
    with pytest.raises(AuthError, match="nobody signed in before the code ended"):
        world.sign_in(*replies)
    assert sum(world.clock.slept) < 21


@pytest.mark.parametrize("life", [None, "soon", 10**9, 10**400, -(10**400)])
def test_a_code_holds_no_longer_than_an_hour_whatever_it_says(world: World, life: object) -> None:
    world.code |= {"expires_in": life, "interval": 60}
    with pytest.raises(AuthError, match="nobody signed in"):
        world.sign_in(*[error("authorization_pending")] * 600)
    assert sum(world.clock.slept) < 3600


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (error("invalid_client", 401), "401: invalid_client"),
        (httpx.Response(302, headers={"Location": "https://evil.test/"}), "answered 302"),
        (error("invalid_grant"), "400: invalid_grant"),
        (UnicodeError("no name"), "cannot reach idp.test"),
    ],
)
def test_what_does_not_pass_ends_it(world: World, reply: Reply, said: str) -> None:
    with pytest.raises(JobctlError, match=said):
        world.sign_in(reply)


def test_ctrl_c_ends_it_at_once(world: World) -> None:
    class Pressed(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            raise Interrupted(ExitCode.SIGINT)

    world.clock = Pressed()
    with pytest.raises(Interrupted):
        world.sign_in()
    assert len(world.asked) == 1


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("https://idp.test/device?x=1", "https://idp.test/device?x=1"),
        ("http://127.0.0.1:1/device", "http://127.0.0.1:1/device"),
        ("http://idp.test/device", "'http[:]//idp.test/device'"),
        ("javascript:alert(1)", "'javascript[:]alert(1)'"),
        ("https://idp.test/\x1b[31m\u202e", "'https[:]//idp.test/ [31m'"),
        ("https://[", "'https[:]//['"),
        ("https://idp.test@evil.test/", "'https[:]//***@evil.test/'"),
    ],
)  # fmt: skip
def test_what_is_not_https_is_shown_as_no_link(world: World, place: str, shown: str) -> None:
    world.code |= {"verification_uri": place, "user_code": "A\x1b[2JB\u202e"}
    world.sign_in()
    shown = f"{shown} {NOT_HTTPS}" if shown.startswith("'") else shown
    assert world.told == [f"to sign in, open {shown} and enter the code A [2JB (900 s)"]


def test_where_to_go_may_have_the_name_it_had_before_the_standard(world: World) -> None:
    world.code["verification_url"] = world.code.pop("verification_uri")
    world.sign_in()
    assert "https://idp.test/device" in world.told[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (error("invalid_scope"), "answered 400: invalid_scope"),
        (httpx.Response(404), "answered 404"),
        (httpx.Response(200, text="<html>"), "without a code and where to enter it"),
        ({**CODE, "user_code": "\u202e"}, "without a code"),
        ({**CODE, "device_code": None}, "without a code"),
        (httpx.Response(200, text=json.dumps({**CODE, "device_code": "\ud800"})), "without a code"),
        ({**CODE, "verification_uri": ""}, "without a code"),
        ({"error": "x", "error_description": "no\x1b such app"}, "200: x: no such app"),
    ],
)
def test_without_a_code_there_is_an_error(world: World, answer: Any, said: str) -> None:
    world.code = answer
    with pytest.raises(JobctlError, match=said):
        world.sign_in()


def test_device_code_and_tokens_are_hidden(world: World) -> None:
    world.replies = []
    world.sign_in()
    for secret in ("planted-device-code", "token-1", "refresh-1"):
        assert masked(f"<{secret}>") == "<***>"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_takes_a_code_or_a_refresh_token_elsewhere(world: World, status: int) -> None:
    away = httpx.Response(status, headers={"Location": "https://evil.test/token"})
    with pytest.raises(UnavailableError, match=f"answered {status}"):
        world.sign_in(away)
    world.sign_in()
    world.clock.time += 3600
    world.replies = [away]
    with pytest.raises(UnavailableError, match=f"answered {status}"):
        world.get()
    assert {one.url.host for one in world.asked} == {"idp.test"}
    assert world.secrets == ["refresh-1"]


# Discovery


def found(**more: Any) -> dict[str, Any]:
    return {
        "issuer": ISSUER,
        "token_endpoint": TOKEN,
        "device_authorization_endpoint": DEVICE,
        **more,
    }


def test_an_issuer_tells_its_endpoints_once_and_again_to_the_next_process(world: World) -> None:
    world.document = found()
    auth = world.sign_in(endpoints=Endpoints(issuer=ISSUER))
    assert str(world.asked[0].url) == f"{ISSUER}/.well-known/openid-configuration"
    assert auth.origins == (TOKEN, DEVICE, ISSUER)
    world.clock.time += 3600
    assert world.get(world.auth(Endpoints(issuer=ISSUER))) == 200
    assert [one.url.path.rpartition("/")[2] for one in world.asked] == [
        "openid-configuration", "device", "token", "openid-configuration", "token",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (found(token_endpoint="https://evil.test/token"), "names a token_endpoint at evil.test"),
        (found(token_endpoint="https://idp.test:8443/t"), "token_endpoint at idp.test:8443"),
        (found(device_authorization_endpoint="https://evil.test/d"), "at evil.test"),
        (found(token_endpoint="http://idp.test/token"), "must begin with https"),
        (found(token_endpoint="https://me:pw@idp.test/t"), "holds a user name"),
        (found(token_endpoint=7), "is not a URL"),
        (found(device_authorization_endpoint=None), "names no device_authorization_endpoint"),
        ([], "no document of endpoints"),
        (httpx.Response(404), "answered 404"),
        (httpx.Response(302, headers={"Location": "https://evil.test/"}), "answered 302"),
    ],
)  # fmt: skip
def test_endpoints_lie_at_the_issuers_origin_and_nothing_is_sent_to_others(
    world: World, document: Any, said: str
) -> None:
    world.document = document
    with pytest.raises(UnavailableError, match=said):
        world.sign_in(endpoints=Endpoints(issuer=ISSUER))
    assert len(world.asked) == 1


def test_a_host_that_the_user_names_may_have_endpoints(world: World) -> None:
    world.document = found(
        token_endpoint="https://evil.test/",
        device_authorization_endpoint=DEVICE,
    )
    world.sign_in(endpoints=Endpoints(token=TOKEN, issuer="https://accounts.test"))
    assert [str(one.url) for one in world.asked[1:]] == [DEVICE, TOKEN]


# Refresh tokens


def next_one(number: int, **more: Any) -> httpx.Response:
    body = {
        "access_token": f"token-{number}",
        "expires_in": 3600,
        "refresh_token": f"refresh-{number}",
    }
    return httpx.Response(200, json={**body, **more})


def test_the_refresh_token_gives_the_next_token_and_each_is_used_once(world: World) -> None:
    world.sign_in()
    assert world.secrets == ["refresh-1"]
    for number in (2, 3):
        world.clock.time += 3541
        world.replies = [next_one(number)]
        world.valid = {f"token-{number}"}
        assert world.get() == 200
        assert world.secrets == [f"refresh-{number}"]
    used = [form["refresh_token"] for form in world.forms("refresh_token")]
    assert used == ["refresh-1", "refresh-2"]


def test_the_next_refresh_token_is_kept_before_the_token_that_came_with_it_is_shown(
    world: World,
) -> None:
    world.sign_in()
    world.clock.time += 3600
    world.replies = [next_one(2)]
    seen: list[list[str]] = []

    def watch(request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.test":
            seen.append(world.secrets)
        return world(request)

    world.get(answer=watch)
    assert seen == [["refresh-2"]]


def test_a_refresh_token_that_another_command_is_using_is_not_used_as_well(world: World) -> None:
    world.sign_in()
    world.clock.time += 3600
    world.replies = [next_one(2)]
    hasty = TokenCache(world.path, patience=0.0).of("work", "acme", origin="https://api.test")

    def meanwhile(request: httpx.Request) -> httpx.Response:
        if str(request.url) == TOKEN:
            with pytest.raises(UnavailableError, match="another command has been signing in"):
                world.get(world.auth(cache=hasty))
        return world(request)

    assert world.get(answer=meanwhile) == 200
    assert len(world.forms("refresh_token")) == 1


def test_one_that_is_not_replaced_is_used_again(world: World) -> None:
    world.sign_in()
    for _ in range(2):
        world.clock.time += 3600
        world.replies = [httpx.Response(200, json={"access_token": "token-2", "expires_in": 3600})]
        assert world.get() == 200
    assert [one["refresh_token"] for one in world.forms("refresh_token")] == ["refresh-1"] * 2


def test_a_token_that_the_service_refuses_is_renewed_once(world: World) -> None:
    world.sign_in()
    world.valid, world.replies = {"token-2"}, [next_one(2)]
    assert world.get() == 200
    world.valid, world.replies = set(), [next_one(3)]
    assert world.get() == 401
    assert len(world.forms("refresh_token")) == 2


def test_a_refresh_token_that_is_refused_is_dropped_and_the_person_is_to_sign_in_again(
    world: World,
) -> None:
    world.sign_in()
    world.clock.time += 3600
    world.replies = [error("invalid_grant")]
    with pytest.raises(AuthError, match="invalid_grant") as caught:
        world.get()
    assert caught.value.hint == "jobctl auth login acme"
    assert world.secrets == []
    asked = len(world.asked)
    with pytest.raises(AuthError, match="nobody is signed in any more"):
        world.get()
    assert len(world.asked) == asked


def test_an_application_that_is_refused_or_a_service_that_is_down_costs_no_refresh_token(
    world: World,
) -> None:
    world.sign_in()
    world.clock.time += 3600
    for reply in (error("invalid_client", 401), error("server_error", 503)):
        world.replies = [reply] * 20
        with pytest.raises(JobctlError):
            world.get()
    assert world.secrets == ["refresh-1"]


def test_who_has_never_signed_in_is_told_how_and_nothing_is_asked(world: World) -> None:
    for locked in (False, True):
        world.vault.locked = locked
        with pytest.raises(AuthError, match="nobody is signed in") as caught:
            world.get()
        assert (caught.value.hint, caught.value.exit_code) == ("jobctl auth login acme", 4)
    assert world.asked == []


def test_without_a_keyring_nothing_is_kept_and_the_token_serves_until_it_ends(world: World) -> None:
    world.vault.locked = True
    world.sign_in()
    assert world.told[1] == (
        "signed in until the token ends: the keyring cannot be used: it is locked; unlock it"
    )
    assert world.get() == 200
    world.clock.time += 3600
    with pytest.raises(AuthError, match="nobody is signed in any more"):
        world.get()
    assert not any(b"refresh-1" in one.read_bytes() for one in world.path.rglob("*.json"))


def test_where_it_was_said_so_a_file_of_the_user_alone_keeps_what_no_keyring_does(
    world: World,
) -> None:
    world.vault.locked = True
    world.sign_in(insecure=True)
    world.clock.time += 3600
    world.replies = [next_one(2)]
    assert world.get() == 200
    world.clock.time += 3600
    world.replies = [next_one(3)]
    assert world.get() == 200
    assert [one["refresh_token"] for one in world.forms("refresh_token")] == [
        "refresh-1", "refresh-2",
    ]  # fmt: skip
    kept = [one for one in world.path.rglob("*.json") if b"refresh-3" in one.read_bytes()]
    assert [one.stat().st_mode & 0o777 for one in kept] == [0o600]


def test_one_that_was_said_to_may_lie_in_a_file_lies_in_the_keyring_where_there_is_one(
    world: World,
) -> None:
    world.sign_in(insecure=True)
    assert world.secrets == ["refresh-1"]
    assert not any(b"refresh-1" in one.read_bytes() for one in world.path.rglob("*.json"))


def test_one_whose_successor_could_not_be_kept_is_never_used_again(world: World) -> None:
    world.sign_in()
    world.clock.time += 3600
    lock = next_one(2)

    def locking(request: httpx.Request) -> httpx.Response:
        answer = world(request)
        world.vault.locked = str(request.url) == TOKEN
        return answer

    for listens in (True, False):
        world.replies = [lock]
        auth = world.auth()
        told: list[str] = []
        if listens:
            auth.listen(told.append)
        assert world.get(auth, locking) == 200
        assert len(told) == listens
        world.vault.locked = False
        world.clock.time += 3600
        assert world.secrets == ["refresh-1"]
        with pytest.raises(AuthError, match="nobody is signed in any more"):
            world.get()
        world.sign_in()
        world.clock.time += 3600


def test_a_keyring_that_is_locked_later_is_told(world: World) -> None:
    world.sign_in()
    world.clock.time += 3600
    world.vault.locked = True
    with pytest.raises(AuthError, match="it is locked"):
        world.get()
    world.vault.locked = False
    assert world.get() == 200


def test_a_keyring_outlives_an_emptied_cache(world: World) -> None:
    world.sign_in()
    for one in world.path.rglob("*.json"):
        one.unlink()
    assert world.get() == 200


def test_a_service_that_gives_no_refresh_token_is_told(world: World) -> None:
    world.sign_in(httpx.Response(200, json={"access_token": "token-1", "refresh_token": ""}))
    assert world.told[1:] == ["signed in until the token ends: no refresh token came with it"]
    assert world.secrets == []


def test_what_is_kept_is_of_one_profile_and_one_host(world: World) -> None:
    world.sign_in()
    cache = TokenCache(world.path)
    for owner, origin in [("other", "https://api.test"), ("work", "https://evil.test")]:
        auth = world.auth(cache=cache.of(owner, "acme", origin=origin))
        with pytest.raises(AuthError, match="nobody is signed in"):
            world.get(auth)


def test_who_signs_out_leaves_nothing_behind(world: World) -> None:
    world.sign_in().forget()
    assert world.secrets == []
    with pytest.raises(AuthError, match="nobody is signed in"):
        world.get()
    texts = [one.read_text() for one in world.path.rglob("*.json")]
    assert not any(word in text for text in texts for word in ("token-1", "refresh-1"))


def test_who_signs_in_again_has_forgotten_the_refusal(world: World) -> None:
    auth = world.auth()
    with pytest.raises(AuthError):
        world.get(auth)
    with world.client(auth) as client:
        auth.sign_in(client, world.told.append)
    assert world.get(auth) == 200


def test_by_default_the_keyring_of_the_system_keeps_it(tmp_path: Path) -> None:
    kept = Remembering()
    with used(kept):
        World(tmp_path).sign_in(vault=None)
    assert list(kept.kept.values()) == ["refresh-1"]
