"""Tokens that a command prints, and those that a CI job's identity is exchanged for."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from loopback import FakeClock

from jobctl.auth.cache import TokenCache
from jobctl.auth.external import External, read
from jobctl.auth.federated import Federated, Issuer
from jobctl.auth.oauth import Application
from jobctl.errors import AuthError, ConfigError, JobctlError
from jobctl.http import connect
from jobctl.masking.texts import masked

NOW = 1_700_000_000.0
ENDS = "2023-11-14T23:13:20Z"  # an hour later
API = "https://api.test/jobs/1"
TOKEN = "https://idp.test/token"


# A command


@pytest.mark.parametrize(
    ("printed", "life"),
    [
        (
            {
                "kind": "ExecCredential",
                "apiVersion": "client.authentication.k8s.io/v1",
                "status": {"token": "T", "expirationTimestamp": ENDS},
            },
            3600,
        ),
        ({"status": {"token": "T"}}, 3600),
        ({"token": "T", "expires_at": ENDS}, 3600),
        ({"access_token": "T", "expires_at": NOW + 60}, 60),
        ({"access_token": "T", "expires_in": 90, "token_type": "Bearer"}, 90),
        ({"token": "T", "expires_in": "90"}, 90),
        ({"token": "T", "expiration": "2023-11-14T22:14:20.5Z"}, 60.5),
        # as `az account get-access-token` prints it: one of its two times tells no zone
        ({"accessToken": "T", "expiresOn": "2023-11-14 23:13:20", "expires_on": NOW + 60}, 60),
        ({"token": "T", "expires_at": None, "expiration": "later", "status": "ok"}, 3600),
        ({"token": "T", "expires_at": 10**400}, 366 * 86400),
        ({"token": "T", "expiration": "9999-12-31T00:00:00Z"}, 366 * 86400),
        ({"token": "T", "expires_in": 10**400}, 366 * 86400),
    ],
)
def test_a_token_and_its_end_are_read_in_the_spellings_of_others(printed: Any, life: float) -> None:
    token = read(json.dumps(printed).encode(), NOW)
    assert (token.value, token.obtained_at, token.expires_at) == ("T", NOW, NOW + life)


@pytest.mark.parametrize(
    "printed",
    [
        b"",
        b"planted",
        b'"planted"',
        b'{"token": ""}',
        b'{"token": "plan\\nted"}',
        b'{"token": ["planted"]}',
        b'{"status": {"clientKeyData": "planted"}, "token": "planted"}',
        b'{"token": "planted"',
    ],
)
def test_without_a_token_what_was_printed_is_not_repeated(printed: bytes) -> None:
    with pytest.raises(AuthError, match="printed no JSON object with a token") as caught:
        read(printed, NOW)
    assert "planted" not in str(caught.value.document())


@pytest.mark.parametrize(
    "ends", [{"expires_in": 0}, {"expires_at": "2020-01-01T00:00:00Z"}, {"expires_at": -(10**400)}]
)
def test_a_token_that_has_ended_is_none(ends: dict[str, Any]) -> None:
    with pytest.raises(AuthError, match="a token that has ended"):
        read(json.dumps({"token": "T", **ends}).encode(), NOW)


class Command:
    """Prints a further token each time it is run."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self) -> bytes:
        self.runs += 1
        return json.dumps({"token": f"token-{self.runs}", "expires_in": 600}).encode()


def client(
    auth: httpx.Auth, clock: FakeClock, answer: Callable[..., httpx.Response]
) -> httpx.Client:
    return connect("https://api.test", auth, clock=clock, transport=httpx.MockTransport(answer))


def test_a_command_is_run_once_for_the_life_of_its_token_also_by_other_processes(
    tmp_path: Path,
) -> None:
    run, clock, shown = Command(), FakeClock(), []

    def answer(request: httpx.Request) -> httpx.Response:
        shown.append(request.headers["Authorization"])
        return httpx.Response(200)

    for seconds in (0, 539, 2):
        clock.time += seconds
        auth = External("print it", run, TokenCache(tmp_path), clock)
        assert auth.origins == ()
        client(auth, clock, answer).get(API)
    assert shown == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    other = External("print another", run, TokenCache(tmp_path), clock)
    client(other, clock, answer).get(API)
    assert run.runs == 3


def test_after_a_refusal_it_is_run_once_more(tmp_path: Path) -> None:
    run, clock = Command(), FakeClock()
    auth = External("print it", run, TokenCache(tmp_path), clock)
    with client(auth, clock, lambda _: httpx.Response(401)) as asking:
        assert asking.get(API).status_code == 401
    assert run.runs == 2


def test_a_command_that_fails_is_an_error_of_signing_in() -> None:
    def fail() -> bytes:
        raise ConfigError("token_command: its command failed with exit code 3", hint="run it")

    auth = External("fail", fail, TokenCache(), FakeClock())
    with pytest.raises(AuthError, match="exit code 3") as caught:
        client(auth, FakeClock(), lambda _: httpx.Response(200)).get(API)
    assert (caught.value.exit_code, caught.value.hint) == (4, "run it")


# The identity of a job


class Exchange:
    """Token endpoint, issuer of ID tokens and API; the first two answer as told."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.asked: list[httpx.Request] = []
        self.issued: Any = {"value": "planted.id.token"}
        self.answer: httpx.Response | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "api.test":
            return httpx.Response(200 if request.headers["Authorization"] == "Bearer T" else 401)
        self.asked.append(request)
        if request.url.host == "issuer.test":
            given = self.issued
            return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)
        return self.answer or httpx.Response(200, json={"access_token": "T", "expires_in": 600})

    def get(
        self, source: Issuer | Callable[[], str], secret: str | None = None, **more: Any
    ) -> int:
        auth = Federated(
            TOKEN,
            Application("app", secret, in_header=True),
            source,
            "known",
            clock=self.clock,
            **more,
        )
        with client(auth, self.clock, self) as asking:
            return asking.get(API).status_code

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.asked[-1].content.decode()))


ISSUER = Issuer("https://issuer.test/token?api-version=2.0", "planted-request-token", "api://X y")


def test_an_id_token_stands_for_the_applications_secret() -> None:
    exchange = Exchange()
    assert exchange.get(lambda: "planted.id.token", scope="a b", audience="aud") == 200
    assert exchange.form == {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "planted.id.token",
        "client_id": "app",
        "scope": "a b",
        "audience": "aud",
    }
    assert masked("planted.id.token") == "***"


def test_an_application_that_has_a_secret_asks_on_behalf_of_the_job() -> None:
    exchange = Exchange()
    assert exchange.get(lambda: "planted.id.token", "s3cr3t", scope="s") == 200
    assert exchange.form == {
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        "assertion": "planted.id.token",
        "scope": "s",
    }
    assert exchange.asked[0].headers["Authorization"].startswith("Basic ")


def test_a_job_asks_for_its_id_token_and_shows_it_to_the_token_endpoint_alone() -> None:
    exchange = Exchange()
    assert exchange.get(ISSUER) == 200
    issuer, token = exchange.asked
    assert dict(issuer.url.params) == {"api-version": "2.0", "audience": "api://X y"}
    assert issuer.headers["Authorization"] == "Bearer planted-request-token"
    assert b"planted-request-token" not in token.content
    assert "Authorization" not in token.headers
    assert exchange.form["client_assertion"] == "planted.id.token"
    exchange.get(ISSUER._replace(audience=None))
    assert dict(exchange.asked[-2].url.params) == {"api-version": "2.0"}


def test_each_token_is_asked_for_with_an_id_token_that_is_fresh() -> None:
    exchange, given = Exchange(), iter(["one.id", "two.id"])
    auth = Federated(TOKEN, Application("app"), lambda: next(given), "known", clock=exchange.clock)
    with client(auth, exchange.clock, exchange) as asking:
        for assertion in ("one.id", "two.id"):
            asking.get(API)
            asking.get(API)
            assert exchange.form["client_assertion"] == assertion
            exchange.clock.time += 600
    assert len(exchange.asked) == 2


@pytest.mark.parametrize(
    ("issued", "kind", "said"),
    [
        (httpx.Response(403), AuthError, "the issuer of the job's identity at issuer.test"),
        (httpx.Response(302, headers={"Location": TOKEN}), JobctlError, "answered 302"),
        ({"value": ""}, JobctlError, "without an ID token"),
        ([], JobctlError, "without an ID token"),
        (httpx.Response(200, text="<html>"), JobctlError, "without an ID token"),
    ],
)
def test_without_an_id_token_nothing_is_exchanged(
    issued: Any, kind: type[JobctlError], said: str
) -> None:
    exchange = Exchange()
    exchange.issued = issued
    with pytest.raises(kind, match=said):
        exchange.get(ISSUER)
    assert {one.url.host for one in exchange.asked} == {"issuer.test"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_takes_an_assertion_elsewhere(status: int) -> None:
    exchange = Exchange()
    exchange.answer = httpx.Response(status, headers={"Location": "https://issuer.test/token"})
    with pytest.raises(JobctlError, match=f"idp.test answered {status}"):
        exchange.get(lambda: "planted.id.token")
    assert [one.url.host for one in exchange.asked] == ["idp.test"]


def test_a_refusal_names_what_the_application_trusts_and_repeats_no_assertion() -> None:
    exchange = Exchange()
    body = {"error": "invalid_client", "error_description": "AADSTS70021: planted.id.token"}
    exchange.answer = httpx.Response(401, json=body)
    with pytest.raises(AuthError, match="AADSTS70021") as caught:
        exchange.get(lambda: "planted.id.token")
    assert "issuer, subject and audience" in (caught.value.hint or "")
    assert "planted" not in masked(caught.value.message)


def test_an_id_token_that_is_no_word_is_not_sent() -> None:
    exchange = Exchange()
    with pytest.raises(ConfigError, match="no word that could be sent") as caught:
        exchange.get(lambda: "planted\nid")
    assert "planted" not in str(caught.value.document())
    assert exchange.asked == []
