"""What is tried again, for how long, and what a pause that the service asks for does."""

import email.utils
import socket
from collections.abc import Generator

import httpx
import pytest
from loopback import SERVICE, FakeClock, Meet, SignedIn, World

from jobctl.errors import ExitCode, ThrottledError, UnavailableError

OK = httpx.Response(200, json={})


def answer(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={k.replace("_", "-"): v for k, v in headers.items()})


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_read_is_tried_again_on_answers_that_may_pass(meet: Meet, status: int) -> None:
    world = meet(answer(status), OK)
    assert world.get().status_code == 200
    assert world.tries == 2


@pytest.mark.parametrize("status", [200, 204, 301, 400, 401, 403, 404, 410, 501])
def test_other_answers_are_given_to_the_caller_at_once(meet: Meet, status: int) -> None:
    world = meet(answer(status))
    assert world.get().status_code == status
    assert world.tries == 1


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadError("reset"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("Server disconnected without sending a response."),
    ],
)
def test_a_read_is_tried_again_when_the_connection_fails(meet: Meet, error: Exception) -> None:
    world = meet(error, OK)
    assert world.get().status_code == 200


def test_pauses_double_from_half_a_second_to_eight_and_there_are_at_most_five(meet: Meet) -> None:
    world = meet(answer(503), patience=600)
    assert world.get().status_code == 503
    assert world.clock.slept == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_pause_is_drawn_from_nothing_to_the_whole(meet: Meet) -> None:
    drawn = []

    def middle(low: float, high: float) -> float:
        drawn.append((low, high))
        return (low + high) / 2

    world = meet(answer(503), answer(503), OK, chance=middle)
    world.get()
    assert drawn == [(0.0, 0.5), (0.0, 1.0)]
    assert world.clock.slept == [0.25, 0.5]


def test_outside_a_wait_nothing_is_sent_again_after_thirty_seconds(meet: Meet) -> None:
    world = meet(answer(503), takes=9)
    world.get()
    assert world.tries == 3
    assert world.clock.now() < 1000 + 30


def test_in_a_wait_three_seconds_of_retries_are_enough(meet: Meet) -> None:
    world = meet(answer(503), waiting=True)
    world.get()
    assert world.clock.slept == [0.5, 1.0]


def test_the_first_try_has_its_limits_whole_and_later_ones_what_is_left(meet: Meet) -> None:
    world = meet(answer(503), takes=10)
    world.get()
    assert [limit["read"] for limit in world.service.limits] == [30, 19.5, 8.5]
    assert [limit["connect"] for limit in world.service.limits] == [10, 10, 8.5]


def test_in_a_wait_every_try_has_its_limits_whole(meet: Meet) -> None:
    world = meet(answer(503), waiting=True)
    world.get()
    assert [limit["read"] for limit in world.service.limits] == [30, 30, 30]


def test_a_machine_that_slept_longer_than_asked_leaves_no_time_for_another_try(meet: Meet) -> None:
    class Sleepy(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds + 3600)

    world = meet(answer(503), OK, clock=Sleepy())
    with pytest.raises(UnavailableError, match="no time is left") as caught:
        world.get()
    assert caught.value.transient
    assert world.tries == 1


def test_the_provider_decides_which_answers_are_worth_another_try(meet: Meet) -> None:
    def busy(status: int, headers: object, body: bytes) -> bool:
        return status == 400 and b"busy" in body

    world = meet(httpx.Response(400, text="busy"), answer(503), retryable=busy)
    assert world.get().status_code == 503
    assert world.tries == 2


@pytest.mark.parametrize(("status", "tries"), [(429, 2), (502, 2), (503, 2), (504, 2), (500, 1)])
def test_a_request_for_a_token_is_sent_again_only_when_it_was_not_done(
    meet: Meet, status: int, tries: int
) -> None:
    world = meet(answer(status), OK)
    world.client.post(SERVICE + "/token", data={"a": "b"})
    assert world.tries == tries
    assert {request.content for request in world.service.requests} == {b"a=b"}


def question(world: World) -> httpx.Response:
    return world.client.post(
        f"{SERVICE}/graphql", json={"query": "{ job }"}, extensions={"reads": True}
    )


@pytest.mark.parametrize("first", [*map(answer, (408, 429, 500, 503)), httpx.ReadError("reset")])
def test_a_question_that_changes_nothing_is_tried_again_like_a_get(
    meet: Meet, first: httpx.Response | Exception
) -> None:
    world = meet(first, OK)
    assert question(world).status_code == 200
    assert [request.content for request in world.service.requests] == [b'{"query":"{ job }"}'] * 2


def test_in_a_wait_the_pause_of_a_question_is_left_to_the_wait(meet: Meet) -> None:
    world = meet(answer(503, Retry_After="1"), waiting=True)
    assert question(world).status_code == 503
    assert world.tries == 1


def test_a_request_for_a_token_is_sent_again_when_it_never_arrived(meet: Meet) -> None:
    world = meet(httpx.ConnectError("refused"), OK)
    assert world.client.post(SERVICE + "/token").status_code == 200


def test_a_request_for_a_token_is_not_sent_again_when_its_answer_was_lost(meet: Meet) -> None:
    world = meet(httpx.ReadError("reset"), OK)
    with pytest.raises(UnavailableError):
        world.client.post(SERVICE + "/token")
    assert world.tries == 1


def test_a_longer_pause_that_the_service_asks_for_is_obeyed(meet: Meet) -> None:
    world = meet(answer(503, Retry_After="7"), answer(503, Retry_After="0"), OK)
    world.get()
    assert world.clock.slept == [7.0, 1.0]


def test_a_pause_may_be_asked_for_as_a_date(meet: Meet) -> None:
    date = email.utils.formatdate(1_700_001_000 + 12, usegmt=True)
    world = meet(answer(429, Retry_After=date), OK)
    world.get()
    assert world.clock.slept == [12.0]


@pytest.mark.parametrize("skew", [-7200, -3, 3, 7200])
def test_a_pause_until_a_date_is_reckoned_by_the_clock_of_the_service(
    meet: Meet, skew: int
) -> None:
    def theirs(seconds: int) -> str:
        return email.utils.formatdate(1_700_001_000 + skew + seconds, usegmt=True)

    world = meet(answer(429, Date=theirs(0), Retry_After=theirs(12)), OK)
    world.get()
    assert world.clock.slept == [12.0]


def test_a_date_of_an_answer_that_makes_no_sense_is_passed_over(meet: Meet) -> None:
    date = email.utils.formatdate(1_700_001_000 + 12, usegmt=True)
    world = meet(answer(429, Date="today", Retry_After=date), OK)
    world.get()
    assert world.clock.slept == [12.0]


@pytest.mark.parametrize("text", ["soon", "-5", "", "1, 400", "٣"])
def test_a_pause_that_makes_no_sense_is_ignored(meet: Meet, text: str) -> None:
    world = meet(httpx.Response(503, headers=[(b"Retry-After", text.encode())]), OK)
    assert world.get().status_code == 200
    assert world.clock.slept == [0.5]


@pytest.mark.parametrize(
    ("status", "asked"), [(429, "31"), (503, "301"), (500, "3600"), (503, "999999999")]
)
def test_a_pause_past_the_patience_ends_the_try_at_once_as_throttled(
    meet: Meet, status: int, asked: str
) -> None:
    world = meet(answer(status, Retry_After=asked, X_Request_Id="r-1"))
    with pytest.raises(
        ThrottledError, match=f"answered {status}; .* pause of {asked} s$"
    ) as caught:
        world.get()
    error = caught.value
    assert (error.exit_code, error.http_status, error.request_id) == (
        ExitCode.THROTTLED,
        status,
        "r-1",
    )
    assert (error.retry_after, error.transient) == (float(asked), True)
    assert world.clock.slept == []


@pytest.mark.parametrize("asked", ["1", "60"])
def test_in_a_wait_a_pause_that_is_asked_for_is_left_to_the_wait(meet: Meet, asked: str) -> None:
    world = meet(answer(503, Retry_After=asked), waiting=True)
    response = world.get()
    assert (response.status_code, response.headers["Retry-After"]) == (503, asked)
    assert world.clock.slept == []


def test_in_a_wait_too_many_requests_are_left_to_the_wait(meet: Meet) -> None:
    world = meet(answer(429), waiting=True)
    assert world.get().status_code == 429
    assert world.clock.slept == []


def test_in_a_wait_a_pause_over_five_minutes_is_throttled(meet: Meet) -> None:
    world = meet(answer(503, Retry_After="301"), waiting=True)
    with pytest.raises(ThrottledError):
        world.get()


def test_the_last_answer_is_given_up_with_its_own_words(meet: Meet) -> None:
    world = meet(httpx.Response(503, json={"message": "maintenance"}))
    assert world.get().json() == {"message": "maintenance"}


def test_a_pause_is_told_in_one_short_line(meet: Meet) -> None:
    world = meet(answer(503), httpx.ReadTimeout(""), httpx.ReadTimeout(""), OK)
    world.get()
    assert world.told == [
        "service.example answered 503; trying again in 0.5 s (retry 1)",
        "service.example: no complete answer within 29.5 s; trying again in 1.0 s (retry 2)",
        "service.example: no complete answer within 28.5 s; trying again in 2.0 s (retry 3)",
    ]


def test_a_pause_that_is_hardly_any_is_not_told_as_none(meet: Meet) -> None:
    world = meet(answer(503), OK, chance=lambda low, high: 0.04)
    world.get()
    assert world.told == ["service.example answered 503; trying again in 0.1 s (retry 1)"]


def test_nobody_need_listen(meet: Meet) -> None:
    world = meet(answer(503), OK, log=None, tell=None)
    assert world.get().status_code == 200


def caused(error: httpx.TransportError, cause: Exception) -> httpx.TransportError:
    below = Exception(cause)
    error.__cause__ = below
    return error


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            caused(httpx.ConnectError(""), socket.gaierror(-2, "Name or service not known")),
            "cannot reach service.example: the host name cannot be resolved",
        ),
        (
            caused(httpx.ConnectError(""), ConnectionRefusedError(111, "Connection refused")),
            "cannot reach service.example: connection refused",
        ),
        (
            caused(httpx.ConnectError(""), OSError(101, "Network is unreachable")),
            "cannot reach service.example: network is unreachable",
        ),
        (
            caused(httpx.ReadError(""), ConnectionResetError(104, "Connection reset by peer")),
            "service.example: the connection was reset",
        ),
        (OSError("odd"), "service.example: the connection failed"),
        (
            httpx.ConnectTimeout("timed out"),
            "cannot reach service.example: no connection within 10 s",
        ),
        (
            httpx.ReadTimeout("timed out"),
            "service.example: no complete answer within 30 s",
        ),
        (
            httpx.RemoteProtocolError("peer closed connection without sending complete body"),
            "service.example: the connection ended before the answer was complete",
        ),
        (
            httpx.RemoteProtocolError("illegal status line"),
            "service.example: the answer is not HTTP",
        ),
        (
            httpx.ProxyError("502 Bad Gateway"),
            "cannot reach service.example: the proxy says 502 Bad Gateway",
        ),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_a_person_reads_what_failed_and_where(meet: Meet, error: Exception, message: str) -> None:
    world = meet(error, patience=0)
    with pytest.raises(UnavailableError) as caught:
        world.get("/jobs/1?token=made-up-secret")
    assert caught.value.message == message
    assert caught.value.transient
    # what may be somebody else's place says what to check
    slow = ("no complete answer", "the connection failed", "the connection ended")
    assert (caught.value.hint is None) == any(one in message for one in slow)


def test_the_number_of_tries_is_told(meet: Meet) -> None:
    world = meet(httpx.ReadError("reset"))
    with pytest.raises(UnavailableError, match=r" \(6 tries\)$"):
        world.get()


def test_an_address_where_nobody_is_is_told_apart_and_says_at_once_what_to_check(
    meet: Meet,
) -> None:
    world = meet(caused(httpx.ConnectError(""), ConnectionRefusedError(111, "refused")))
    with pytest.raises(UnavailableError) as caught:
        world.get()
    check = "check base_url, or the region or cluster that it is made of; and the network"
    assert (caught.value.unreached, caught.value.hint) == (True, check)
    assert [line.endswith(check) for line in world.told] == [True, False, False, False, False]


def test_where_an_address_comes_from_that_gives_tokens_is_told(meet: Meet) -> None:
    auth = SignedIn(origins=("https://id.example/token",))
    world = meet(httpx.ConnectError("refused"), auth=auth)
    with pytest.raises(UnavailableError) as caught:
        world.client.post("https://id.example/token")
    assert caught.value.hint == "check the address that gives tokens, and the network"


def test_in_a_wait_it_is_the_wait_that_asks_again_and_says_what_to_check(meet: Meet) -> None:
    world = meet(httpx.ConnectError("refused"), waiting=True)
    with pytest.raises(UnavailableError) as caught:
        world.get()
    assert "base_url" in str(caught.value.hint)
    assert caught.value.unreached
    assert (world.tries, world.told) == (1, [])


@pytest.mark.parametrize("error", [httpx.ReadError("reset"), httpx.ReadTimeout("slow")])
def test_who_accepts_a_request_and_does_not_answer_is_reached(meet: Meet, error: Exception) -> None:
    world = meet(error, patience=0)
    with pytest.raises(UnavailableError) as caught:
        world.get()
    assert (caught.value.unreached, caught.value.hint) == (False, None)


def test_a_name_that_cannot_be_resolved_is_tried_once_more(meet: Meet) -> None:
    world = meet(caused(httpx.ConnectError(""), socket.gaierror(-2, "Name not known")))
    with pytest.raises(UnavailableError, match=r"cannot be resolved \(2 tries\)") as caught:
        world.get()
    assert caught.value.transient


@pytest.mark.parametrize(
    "error", [httpx.ProxyError("407 Proxy Authentication Required"), UnicodeError("label too long")]
)
def test_what_cannot_pass_is_not_tried_again(meet: Meet, error: Exception) -> None:
    world = meet(error)
    with pytest.raises(UnavailableError) as caught:
        world.get()
    assert not caught.value.transient
    assert world.tries == 1


def test_a_redirect_is_handed_up_and_not_followed(meet: Meet) -> None:
    away = httpx.Response(302, headers={"Location": "https://elsewhere.example/login"})
    world = meet(away, auth=SignedIn())
    response = world.get()
    assert response.headers["Location"] == "https://elsewhere.example/login"
    assert world.tries == 1


@pytest.mark.parametrize(
    "place", ["https:login", "http://[::1", "https://ex\tample", "http://a:b", "http://xn--a"]
)
def test_a_redirect_to_nowhere_is_handed_up_without_its_place(meet: Meet, place: str) -> None:
    world = meet(httpx.Response(302, headers=[(b"Location", place.encode())]))
    assert "Location" not in world.get().headers


def test_cookies_are_not_kept(meet: Meet) -> None:
    world = meet(httpx.Response(200, headers={"Set-Cookie": "session=1"}))
    world.get()
    world.client.cookies = httpx.Cookies({"session": "2"})
    world.get()
    assert "Cookie" not in world.service.requests[1].headers


@pytest.mark.parametrize("asked", ["99999999999999999999", "9" * 400, "1700000000"])
def test_an_absurd_pause_ends_the_try_as_well(meet: Meet, asked: str) -> None:
    with pytest.raises(ThrottledError):
        meet(answer(503, Retry_After=asked)).get()


def test_a_client_that_was_closed_meanwhile_tries_no_more_and_keeps_no_connection(
    meet: Meet,
) -> None:
    closed: list[bool] = []

    def answer() -> httpx.Response:
        world.client.close()
        return httpx.Response(503)

    world = meet(answer, httpx.Response(200))
    world.service.close = lambda: closed.append(True)  # type: ignore[method-assign]
    assert world.get().status_code == 503
    assert world.tries == 1
    assert len(closed) == 2


def test_a_closed_client_sends_nothing_more(meet: Meet) -> None:
    world = meet(httpx.Response(200))
    world.client.close()
    with pytest.raises(RuntimeError, match="closed"):
        world.get()
    assert world.tries == 0


def test_who_listens_hears_of_every_answer_those_of_signing_in_too(meet: Meet) -> None:
    class SignsIn(httpx.Auth):
        origins = ("https://token.example",)

        def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
            yield httpx.Request("POST", self.origins[0])
            yield request

    world = meet(httpx.Response(201), httpx.Response(200), auth=SignsIn())
    heard: list[int] = []
    world.client.event_hooks = {"response": [lambda answer: heard.append(answer.status_code)]}
    world.get()
    assert heard == [201, 200]
