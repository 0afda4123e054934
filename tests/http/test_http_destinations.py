"""Where credentials may go, and which URLs a setting may hold."""

import httpx
import pytest
from loopback import SERVICE, Connection, Meet, Serve, SignedIn

from jobctl import __version__
from jobctl.errors import ConfigError, UnavailableError
from jobctl.http import check_url, connect, over_tls, request_id, retry_after

OK = httpx.Response(200, json={})


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/jobs/1",
        "https://service.example:8443/jobs/1",
        "http://service.example/jobs/1",
        "http://service.example:443/jobs/1",
        "https://service.example.evil.example/",
        "https://service.example@evil.example/",
        "ftp://service.example/",
        "https:///jobs/1",
        "/jobs/1",
    ],
)
def test_another_origin_gets_not_a_byte(meet: Meet, url: str) -> None:
    world = meet(OK, auth=SignedIn())
    with pytest.raises(UnavailableError, match="nothing is sent to") as caught:
        world.client.get(url)
    assert not caught.value.transient
    assert world.tries == 0


def test_what_a_service_calls_plain_is_asked_by_tls_if_it_is_its_own() -> None:
    assert over_tls("http://service.example/a?b", SERVICE) == f"{SERVICE}/a?b"
    for url in (
        "http://other.example/",
        "http://service.example:80/",
        f"{SERVICE}:1/",
        "http://[::1",
    ):
        assert over_tls(url, SERVICE) == url
    assert over_tls("http://127.0.0.1:8/a", "http://127.0.0.1:8") == "http://127.0.0.1:8/a"


@pytest.mark.parametrize("url", [f"{SERVICE}:443/jobs", "HTTPS://Service.Example/jobs"])
def test_an_origin_may_be_written_in_several_ways(meet: Meet, url: str) -> None:
    world = meet(OK, auth=SignedIn())
    assert world.client.get(url).status_code == 200


def test_the_way_of_signing_in_may_name_further_origins_at_any_time(meet: Meet) -> None:
    auth = SignedIn()
    world = meet(OK, auth=auth)
    auth.origins = ("https://id.example/token",)
    assert world.client.get("https://id.example/other").status_code == 200


def test_http_is_for_loopback_even_when_an_origin_says_so(meet: Meet) -> None:
    world = meet(OK, auth=SignedIn(origins=("http://id.example/token",)))
    with pytest.raises(UnavailableError, match=r"nothing is sent to http://id\.example"):
        world.client.get("http://id.example/token")


def test_where_the_user_allows_it_the_service_alone_is_asked_over_http() -> None:
    with pytest.raises(ConfigError, match="unless allow_http is true"):
        connect("http://service.example", None)
    auth = SignedIn(origins=("http://id.example/token",))
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json={}))
    with connect("http://service.example", auth, plain=True, transport=transport) as client:
        assert client.get("http://service.example/jobs").status_code == 200
        with pytest.raises(UnavailableError, match=r"nothing is sent to http://id\.example"):
            client.get("http://id.example/token")


def test_a_redirect_to_another_host_takes_no_header_along(serve: Serve) -> None:
    def steal(_head: list[str], connection: Connection) -> None:
        connection.answer()

    thief = serve(steal)

    def send_away(_head: list[str], connection: Connection) -> None:
        connection.answer(status="307 Moved", headers=f"Location: {thief.url}/\r\n")

    server = serve(send_away)
    with connect(server.url, SignedIn()) as client:
        response = client.get(server.url)
        assert response.status_code == 307
        with pytest.raises(UnavailableError, match="nothing is sent to"):
            client.get(response.headers["Location"])
    assert thief.heads == []


def test_requests_say_who_asks_and_for_what(meet: Meet) -> None:
    world = meet(OK)
    world.get()
    headers = world.service.requests[0].headers
    assert headers["User-Agent"] == f"jobctl/{__version__}"
    assert headers["Accept"] == "application/json"


def test_requests_made_by_hand_say_so_too(meet: Meet) -> None:
    world = meet(OK)
    world.client.send(httpx.Request("GET", SERVICE))
    assert world.service.requests[0].headers["User-Agent"] == f"jobctl/{__version__}"
    assert world.service.limits[0] == {"connect": 10, "read": 30, "write": 30}


@pytest.mark.parametrize("value", ["made-up-secret\nX: y", " made-up-secret", "made-up-secret\r"])
def test_a_credential_that_is_no_header_is_named_and_not_shown(serve: Serve, value: str) -> None:
    server = serve(lambda _head, connection: connection.answer())
    lines: list[str] = []
    with (
        connect(server.url, SignedIn(value), log=lambda _level, line: lines.append(line)) as client,
        pytest.raises(ConfigError, match="header X-Auth-Token as it stands") as caught,
    ):
        client.get(server.url)
    assert "made-up" not in f"{caught.value.message}{caught.value.hint}{lines}"
    assert server.heads == []


def test_a_request_that_is_none_is_refused(serve: Serve) -> None:
    server = serve(lambda _head, connection: connection.answer())
    with connect(server.url, None) as client, pytest.raises(ConfigError, match="no such request"):
        client.request("GE T", server.url)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://service.example", "https://service.example"),
        (" https://Service.Example:443/api/v1// ", "https://service.example/api/v1"),
        ("https://service.example:8443/a%20b", "https://service.example:8443/a%20b"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_the_url_of_a_service_is_taken_in_its_normal_form(text: str, url: str) -> None:
    assert check_url(text, "base_url") == url


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with https://"),
        ("service.example", "begins with https://"),
        ("https://", "begins with https://"),
        ("ftp://service.example", "begins with https://"),
        ("https://ser\nvice.example", "is not a URL"),
        ("https://[::1", "is not a URL"),
        ("https://service.example:port", "is not a URL"),
        ("https://service.example/\ud800", "is not a URL"),
        ("https://xn--a", "is not a URL"),
        ("https://user:made-up-secret@service.example", "user name or password"),
        ("https://service.example?token=made-up-secret", "a query or a fragment"),
        ("https://service.example#top", "a query or a fragment"),
        ("https://{cluster}.example", "no possible host and port"),
        ("https://service.example:70000", "no possible host and port"),
        ("http://service.example", "http:// is for this machine alone"),
        ("http://127.0.0.1.evil.example", "http:// is for this machine alone"),
        ("http://192.168.0.1", "http:// is for this machine alone"),
    ],
)
def test_other_urls_are_refused_by_the_name_of_their_setting(text: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=f"^token_url .*{reason}") as caught:
        check_url(text, "token_url")
    assert "made-up-secret" not in caught.value.message


def test_a_service_at_an_unusable_url_is_not_asked() -> None:
    with pytest.raises(ConfigError, match="base_url"):
        connect("http://service.example", None)


@pytest.mark.parametrize(
    "name",
    ["X-Request-Id", "X-Correlation-Id", "X-IAM-Trace-Id", "X-ORACLE-DMS-ECID", "opc-request-id"],
)
def test_the_id_of_a_request_is_found_under_its_names(name: str) -> None:
    assert request_id(httpx.Headers({name: "r-1"})) == "r-1"


def test_an_answer_may_have_no_id() -> None:
    assert request_id(httpx.Headers({"X-Request-Id": ""})) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120.0),
        ("1.5", 1.5),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30.0),
        ("Tue, 14 Nov 2023 22:13:50 -0000", 30.0),
        ("Tue, 14 Nov 2023 22:13:10 GMT", None),
        ("Tue, 14 Nov 2123 22:13:10 GMT", 1e9),
        ("Tue, 99 Nov 2023 22:13:10 GMT", None),
        ("5, 10", None),
    ],
)
def test_a_pause_is_read_as_seconds_or_as_a_date(text: str, seconds: float | None) -> None:
    headers = httpx.Headers({"Retry-After": text})
    assert retry_after(headers, now=1_700_000_000) == seconds


def test_a_date_counts_from_now_when_no_other_time_is_given() -> None:
    assert retry_after(httpx.Headers({"Retry-After": "Tue, 14 Nov 2023 22:13:20 GMT"})) is None


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1700000030"}, 30),
        ({"X-RateLimit-Reset": "1700000030", "Date": "Tue, 14 Nov 2023 22:13:40 GMT"}, 10),
        ({"RateLimit-Remaining": "0", "RateLimit-Reset": "30"}, 30),
        ({"RateLimit-Reset": "0.5"}, 0.5),
        ({"RateLimit": '"default";r=0;t=30'}, 30),
        ({"RateLimit": '"burst";r=9;t=60, "day"; r=0; t=5, "hour";r=0;t=30'}, 30),
        ({"RateLimit": '"default";t=30'}, 30),
        ({"Retry-After": "7", "X-RateLimit-Reset": "30"}, 7),
        ({"X-RateLimit-Reset": "9" * 400}, 1e9),
        ({"X-RateLimit-Remaining": "58", "X-RateLimit-Reset": "1700000030"}, None),
        ({"RateLimit": '"default";r=10;t=30'}, None),
        ({"RateLimit": "default"}, None),
        ({"RateLimit": '"default";r=0;t=soon'}, None),
        ({"X-RateLimit-Reset": "soon"}, None),
        ({"X-RateLimit-Reset": "1699999999"}, None),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "30"}, None),
    ],
)
def test_the_end_of_a_rate_limit_is_a_pause_that_is_asked_for(
    status: int, headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(httpx.Headers(headers), 1_700_000_000, status) == seconds


def test_a_rate_limit_that_nobody_has_met_asks_for_no_pause() -> None:
    headers = httpx.Headers({"RateLimit-Reset": "30"})
    for status in (200, 404, 503):
        assert retry_after(headers, 1_700_000_000, status) is None
