"""OAuth 2 client credentials: asked for, kept, shown, renewed in time."""

import json
import threading
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus

import httpx
import pytest
from threads import in_threads

from jobctl.auth.cache import TokenCache
from jobctl.auth.oauth import ClientCredentials
from jobctl.errors import (
    AuthError,
    ConfigError,
    JobctlError,
    ThrottledError,
    UnavailableError,
)
from jobctl.masking.texts import masked

IDP = "https://idp.test/oauth2/token"
API = "https://api.test/jobs/1"
SECRET = "s3cr3t+/%: ü"


class Service:
    """An identity provider and an API; the API accepts the tokens named in `valid`, or all."""

    def __init__(self) -> None:
        self.life: Any = 3600
        self.valid: set[str] | None = None
        self.issued = 0
        self.asked: list[httpx.Request] = []
        self.shown: list[str] = []
        self.refuse: Callable[[], httpx.Response] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "idp.test":
            self.asked.append(request)
            if self.refuse:
                return self.refuse()
            self.issued += 1
            body = {"access_token": f"token-{self.issued}", "expires_in": self.life}
            return httpx.Response(200, json=body)
        # the flow sends the same request again with another header
        self.shown.append(request.headers["Authorization"])
        token = self.shown[-1].removeprefix("Bearer ")
        return httpx.Response(200 if self.valid is None or token in self.valid else 401)

    def client(self, auth: httpx.Auth) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self), auth=auth)


@pytest.fixture
def service() -> Service:
    return Service()


def credentials(clock: Any, **more: Any) -> ClientCredentials:
    return ClientCredentials(IDP, "app", SECRET, clock=clock, **more)


def test_the_secret_rides_in_the_form(service: Service, clock: Any) -> None:
    auth = credentials(clock, scope="a b", audience="https://x")
    assert auth.origins == (IDP,)
    assert service.client(auth).get(API).status_code == 200
    (asked,) = service.asked
    assert (asked.method, str(asked.url)) == ("POST", IDP)
    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert "Authorization" not in asked.headers
    assert dict(parse_qsl(asked.content.decode())) == {
        "grant_type": "client_credentials",
        "client_id": "app",
        "client_secret": SECRET,
        "scope": "a b",
        "audience": "https://x",
    }
    assert service.shown == ["Bearer token-1"]


def test_the_secret_rides_in_the_header_form_urlencoded_first(service: Service, clock: Any) -> None:
    auth = ClientCredentials(IDP, "a:b", SECRET, scope="s", in_header=True, clock=clock)
    service.client(auth).get(API)
    (asked,) = service.asked
    assert parse_qs(asked.content.decode()) == {
        "grant_type": ["client_credentials"],
        "scope": ["s"],
    }
    encoded = asked.headers["Authorization"].removeprefix("Basic ")
    name, _, secret = b64decode(encoded).decode().partition(":")
    assert (unquote_plus(name), unquote_plus(secret)) == ("a:b", SECRET)
    assert encoded not in masked(encoded)


def test_empty_values_are_left_out(service: Service, clock: Any) -> None:
    service.client(credentials(clock, scope="", audience=None)).get(API)
    assert parse_qs(service.asked[0].content.decode()).keys() == {
        "grant_type",
        "client_id",
        "client_secret",
    }


def test_the_token_request_has_the_limits_and_the_name_of_the_other_but_none_of_its_secrets(
    service: Service, clock: Any
) -> None:
    client = service.client(credentials(clock))
    client.get(API, timeout=7.0, headers={"User-Agent": "jobctl/1", "X-Api-Key": "planted"})
    (asked,) = service.asked
    assert asked.extensions["timeout"]["read"] == 7.0
    assert asked.headers["User-Agent"] == "jobctl/1"
    assert "X-Api-Key" not in asked.headers


def test_a_request_that_no_client_built_is_served_too(service: Service, clock: Any) -> None:
    client = service.client(credentials(clock))
    assert client.send(httpx.Request("GET", API)).status_code == 200


def test_secret_and_tokens_are_hidden(service: Service, clock: Any) -> None:
    service.client(credentials(clock)).get(API)
    assert masked(f"<{SECRET}> <token-1>") == "<***> <***>"


def test_a_token_is_kept_for_its_life_and_renewed_before_its_end(
    service: Service, clock: Any
) -> None:
    client = service.client(credentials(clock))
    client.get(API)
    clock.time += 3539
    client.get(API)
    clock.time += 2
    client.get(API)
    assert service.shown == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_the_clock_of_the_machine_is_the_default(service: Service) -> None:
    client = service.client(ClientCredentials(IDP, "app", SECRET))
    client.get(API)
    client.get(API)
    assert service.issued == 1


@pytest.mark.parametrize(
    ("told", "life"),
    [
        (100, 80),
        ("100", 80),
        (100.5, 80.4),
        (None, 3540),
        ("soon", 3540),
        ("", 3540),
        ("²", 3540),
        ([100], 3540),
        (True, 3540),
        (0, 0),
        (-1, 0),
        (float("nan"), 3540),
        (10**400, 366 * 86400 - 60),
        ("9" * 300, 366 * 86400 - 60),
        ("9" * 5000, 3540),
        ("100\x1f", 80),
    ],
)
def test_the_life_is_a_number_also_as_text_and_an_hour_where_it_is_not_told(
    service: Service, clock: Any, told: Any, life: float
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "idp.test":
            service.asked.append(request)
            return httpx.Response(
                200, content=json.dumps({"access_token": "t", "expires_in": told})
            )
        return httpx.Response(200)

    client = httpx.Client(transport=httpx.MockTransport(answer), auth=credentials(clock))
    client.get(API)
    if life:
        clock.time += life - 0.25
        client.get(API)
        assert len(service.asked) == 1
    clock.time += 0.5
    client.get(API)
    assert len(service.asked) == 2


def test_a_401_to_an_old_token_is_tried_once_more_with_a_fresh_one(
    service: Service, clock: Any
) -> None:
    client = service.client(credentials(clock))
    client.get(API)
    service.valid = {"token-2"}
    assert client.get(API).status_code == 200
    assert service.shown == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]


def test_a_second_401_is_final(service: Service, clock: Any) -> None:
    client = service.client(credentials(clock))
    client.get(API)
    service.valid = set()
    assert client.get(API).status_code == 401
    assert service.shown == ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    assert service.issued == 2


def test_a_401_brings_exactly_one_fresh_token_and_one_more_try(
    service: Service, clock: Any
) -> None:
    service.valid = set()
    assert service.client(credentials(clock)).get(API).status_code == 401
    assert (service.issued, len(service.shown)) == (2, 2)


def test_other_refusals_of_the_api_renew_nothing(service: Service, clock: Any) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "idp.test":
            return service(request)
        return httpx.Response(403)

    client = httpx.Client(transport=httpx.MockTransport(answer), auth=credentials(clock))
    assert [client.get(API).status_code for _ in range(2)] == [403, 403]
    assert service.issued == 1


def test_a_token_is_there_for_the_next_command(
    service: Service, clock: Any, tmp_path: Path
) -> None:
    for _ in range(2):
        service.client(credentials(clock, cache=TokenCache(tmp_path))).get(API)
    assert service.issued == 1


@pytest.mark.parametrize("accepted", [True, False])
def test_a_401_takes_the_token_that_another_command_had_meanwhile(
    service: Service, clock: Any, tmp_path: Path, accepted: bool
) -> None:
    service.client(credentials(clock, cache=TokenCache(tmp_path))).get(API)
    shown: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.url.host == "api.test", "this command asks for no token of its own"
        shown.append(request.headers["Authorization"])
        if len(shown) == 1:
            clock.time += 3541
            service.client(credentials(clock, cache=TokenCache(tmp_path))).get(API)
            return httpx.Response(401)
        return httpx.Response(200 if accepted else 401)

    auth = credentials(clock, cache=TokenCache(tmp_path))
    with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
        assert client.get(API).status_code == (200 if accepted else 401)
    assert shown == ["Bearer token-1", "Bearer token-2"]


@pytest.mark.parametrize(
    "different",
    [
        {"scope": "other"},
        {"audience": "other"},
        {"client_secret": "other"},
        {"client_id": "other"},
        {"token_url": "https://idp.test/other"},
        {"in_header": True},
    ],
)
def test_other_credentials_never_take_a_kept_token(
    service: Service, clock: Any, tmp_path: Path, different: dict[str, Any]
) -> None:
    for more in ({}, different):
        given = {"token_url": IDP, "client_id": "app", "client_secret": SECRET, **more}
        auth = ClientCredentials(**given, cache=TokenCache(tmp_path), clock=clock)
        service.client(auth).get(API)
    assert service.issued == 2


def test_many_threads_ask_once(clock: Any) -> None:
    service = Service()
    together = threading.Barrier(8)
    auth = credentials(clock)

    def get() -> None:
        with service.client(auth) as client:
            together.wait(10)
            client.get(API)

    in_threads(8, get)
    assert service.issued == 1
    assert service.shown == ["Bearer token-1"] * 8


def test_a_token_that_many_threads_are_refused_is_renewed_and_told_once(clock: Any) -> None:
    service = Service()
    service.valid = {"token-2"}
    together = threading.Barrier(4)
    told: list[str] = []
    auth = credentials(clock)
    auth.listen(told.append)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.headers.get("Authorization") == "Bearer token-1":
            together.wait(10)
        return service(request)

    def get() -> None:
        with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
            client.get(API)

    in_threads(4, get)
    assert service.issued == 2
    assert told == ["api.test refused the token; trying a fresh one"]


@pytest.mark.parametrize("outage", [httpx.Response(503), UnavailableError("broken", hint="x")])
def test_threads_that_waited_for_a_token_share_the_failure_to_get_one(
    clock: Any, held: Any, outage: httpx.Response | Exception
) -> None:
    service = Service()
    auth = credentials(clock)
    failures: list[JobctlError] = []

    def refuse() -> httpx.Response:
        held.wait()
        if isinstance(outage, Exception):
            raise outage
        return outage

    def get() -> None:
        with service.client(auth) as client, pytest.raises(UnavailableError) as caught:
            client.get(API)
        failures.append(caught.value)

    service.refuse = refuse
    held.shared(get)
    assert len(service.asked) == 1
    assert len(set(map(id, failures))) == 4, "each may say more in its own"
    assert len({(one.message, one.hint, one.transient) for one in failures}) == 1
    service.refuse = None
    with service.client(auth) as client:
        assert client.get(API).status_code == 200, "whoever comes later asks anew"


def refused(service: Service, auth: ClientCredentials, answer: httpx.Response) -> JobctlError:
    service.refuse = lambda: answer
    with service.client(auth) as client, pytest.raises(JobctlError) as caught:
        client.get(API)
    assert service.shown == [], "without a token the API is not asked"
    return caught.value


@pytest.mark.parametrize("status", [400, 401, 403, 200])
@pytest.mark.parametrize(
    "error",
    [
        "invalid_client",
        "unauthorized_client",
        "invalid_scope",
        "invalid_grant",
        "invalid_target",
        "x",
    ],
)
def test_refused_credentials_are_an_auth_error_with_the_providers_words(
    service: Service, clock: Any, status: int, error: str
) -> None:
    words = {"error": error, "error_description": "AADSTS7000215:\r\n bad \x1b[31msecret"}
    answer = httpx.Response(status, json=words, headers={"x-ms-request-id": "r-1"})
    failure = refused(service, credentials(clock), answer)
    assert isinstance(failure, AuthError)
    assert failure.message == (
        f"the token endpoint at idp.test answered {status}: {error}: AADSTS7000215: bad [31msecret"
    )
    assert (failure.http_status, failure.request_id) == (status, "r-1")
    assert failure.hint
    assert not failure.transient
    assert SECRET not in failure.message


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_without_words_is_one_all_the_same(
    service: Service, clock: Any, status: int
) -> None:
    failure = refused(service, credentials(clock), httpx.Response(status, html="<p>no</p>"))
    assert isinstance(failure, AuthError)
    assert failure.message == f"the token endpoint at idp.test answered {status}"


def test_of_a_secret_that_is_echoed_across_the_cut_no_piece_is_shown(
    service: Service, clock: Any
) -> None:
    secret = "kO7-pQ2_xV9~zB4.nM1"
    for before in range(260, 305):
        auth = ClientCredentials(IDP, "app", secret, clock=clock)
        answer = httpx.Response(401, json={"error": "." * before + secret + "." * 30})
        message = refused(service, auth, answer).message
        assert not any(secret[at : at + 4] in message for at in range(len(secret) - 3))


def test_refused_credentials_are_not_tried_again(service: Service, clock: Any) -> None:
    auth = credentials(clock)
    first = refused(service, auth, httpx.Response(401, json={"error": "invalid_client"}))
    said, first.message = first.message, "made the error of one job"
    again = refused(service, auth, httpx.Response(200, json={"access_token": "t"}))
    assert isinstance(again, AuthError)
    assert (again.message, again.http_status) == (said, 401)
    assert len(service.asked) == 1


def test_what_is_no_refusal_is_tried_again(service: Service, clock: Any) -> None:
    auth = credentials(clock)
    refused(service, auth, httpx.Response(503))
    service.refuse = None
    assert service.client(auth).get(API).status_code == 200


def test_a_connection_that_breaks_leaves_nobody_waiting(service: Service, clock: Any) -> None:
    def broken() -> httpx.Response:
        raise httpx.ConnectError("broken")

    auth = credentials(clock)
    service.refuse = broken
    with service.client(auth) as client:
        with pytest.raises(httpx.ConnectError):
            client.get(API)
        with pytest.raises(httpx.ConnectError):
            auth.obtain(client)
        service.refuse = None
        assert client.get(API).status_code == 200


@pytest.mark.parametrize(
    ("answer", "error", "transient"),
    [
        (httpx.Response(429, json={}), ThrottledError, True),
        (httpx.Response(500), UnavailableError, True),
        (httpx.Response(503, json={"error": "server_error"}), UnavailableError, True),
        (httpx.Response(408), UnavailableError, True),
        (httpx.Response(400, json={"error": "temporarily_unavailable"}), UnavailableError, True),
        (httpx.Response(200, json={"error": "server_error"}), UnavailableError, True),
        (httpx.Response(400, text="<html>"), UnavailableError, True),
        (httpx.Response(200, text="<html>"), UnavailableError, True),
        (httpx.Response(200, content=b"\xff"), UnavailableError, True),
        (httpx.Response(200, content=b"[" * 100_000), UnavailableError, True),
        (httpx.Response(200, json=["access_token"]), UnavailableError, True),
        (httpx.Response(200, json={}), UnavailableError, True),
        (httpx.Response(200, json={"access_token": None}), UnavailableError, True),
        (httpx.Response(200, json={"access_token": ""}), UnavailableError, True),
        (httpx.Response(200, json={"access_token": "a\r\nX: y"}), UnavailableError, True),
        (httpx.Response(200, json={"access_token": "tökén"}), UnavailableError, True),
        (httpx.Response(302, headers={"Location": "https://evil.test"}), UnavailableError, False),
        (httpx.Response(404, json={"error": {"message": "no"}}), UnavailableError, False),
        (httpx.Response(405), UnavailableError, False),
    ],
)
def test_what_is_no_answer_is_an_outage(
    service: Service, clock: Any, answer: httpx.Response, error: type[JobctlError], transient: bool
) -> None:
    failure = refused(service, credentials(clock), answer)
    assert type(failure) is error
    assert failure.transient is transient
    assert (failure.hint is None) is transient
    assert failure.http_status == answer.status_code
    assert len(service.asked) == 1


@pytest.mark.parametrize(
    ("said", "pause"),
    [
        ("7", 7.0),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", None),
        ("1e9", None),
        ("soon", None),
        ("", None),
    ],
)
def test_the_pause_asked_for_is_passed_on(
    service: Service, clock: Any, said: str, pause: float | None
) -> None:
    answer = httpx.Response(429, headers={"Retry-After": said})
    assert refused(service, credentials(clock), answer).retry_after == pause


@pytest.mark.parametrize(
    "given", [{"client_secret": "planted\n"}, {"client_id": "planted\udcff"}, {"client_secret": ""}]
)
def test_credentials_no_form_can_carry_are_refused_before_they_are_sent(
    given: dict[str, str],
) -> None:
    with pytest.raises(ConfigError, match=next(iter(given))) as caught:
        ClientCredentials(IDP, given.get("client_id", "app"), given.get("client_secret", SECRET))
    assert "planted" not in caught.value.message
