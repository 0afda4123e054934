"""What is known already is not sent again: ETag, If-None-Match and 304 (RFC 9110)."""

import httpx
from loopback import SERVICE

from jobctl.http import Kept, connect

URL = f"{SERVICE}/jobs/1"
LARGE = 1 << 18


class Job:
    """A job's answers by their ETags; it tells one only to whoever does not know it."""

    def __init__(self) -> None:
        self.body, self.etag, self.pause = b"{}", 'W/"1"', "1"
        self.told: list[tuple[int, str | None]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        known = request.headers.get("If-None-Match")
        status = 304 if known and known == self.etag else 200
        self.told.append((status, known))
        headers = {"Retry-After": self.pause, **({"ETag": self.etag} if self.etag else {})}
        told = httpx.Headers(headers, encoding="utf-8")
        return httpx.Response(status, headers=told, content=b"" if status == 304 else self.body)


def asking(job: Job, kept: Kept) -> httpx.Client:
    return connect(SERVICE, None, kept=kept, transport=httpx.MockTransport(job.answer))


def test_an_answer_that_still_holds_is_given_once_more_with_what_is_said_now() -> None:
    job, kept = Job(), Kept()
    with asking(job, kept) as client, asking(job, kept) as of_another_thread:
        assert client.get(URL).content == b"{}"
        job.pause = "7"
        again = of_another_thread.get(URL)
        assert (again.status_code, again.content) == (200, b"{}")
        assert again.headers["Retry-After"] == "7"
        job.body, job.etag = b'{"id": 1}', '"2"'
        assert client.get(URL).json() == client.get(URL).json() == {"id": 1}
        assert client.get(f"{URL}/other").json() == {"id": 1}
        assert client.post(URL).status_code == 200
    known = [(200, None), (304, 'W/"1"'), (200, 'W/"1"'), (304, '"2"'), (200, None), (200, None)]
    assert job.told == known


def test_an_answer_that_is_too_large_or_has_no_tag_that_can_be_sent_is_asked_for_whole() -> None:
    job, kept = Job(), Kept()
    with asking(job, kept) as client:
        client.get(URL)
        job.etag = ""
        client.get(URL)
        job.body, job.etag = b" " * (LARGE + 1), '"3"'
        client.get(URL)
        client.get(URL)
        job.body, job.etag = b"{}", '"\u00fc"'
        client.get(URL)
        client.get(URL)
    assert job.told == [(200, None), (200, 'W/"1"'), *[(200, None)] * 4]


def test_of_many_answers_the_oldest_make_room() -> None:
    job, kept = Job(), Kept()
    job.body = b" " * LARGE
    with asking(job, kept) as client:
        for number in range(65):
            client.get(f"{URL}/{number}")
        job.told.clear()
        client.get(f"{URL}/64")
        client.get(f"{URL}/0")
    assert job.told == [(304, 'W/"1"'), (200, None)]


def test_an_answer_of_another_kind_is_another_answer() -> None:
    job = Job()
    with asking(job, Kept()) as client:
        for kind in ("application/json", "text/plain", "text/plain"):
            client.get(URL, headers={"Accept": kind})
    assert job.told == [(200, None), (200, None), (304, 'W/"1"')]


def test_an_error_is_no_answer_to_keep() -> None:
    asked: list[str | None] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("If-None-Match"))
        return httpx.Response(404, headers={"ETag": '"1"'})

    transport = httpx.MockTransport(refuse)
    with connect(SERVICE, None, kept=Kept(), transport=transport) as client:
        assert [client.get(URL).status_code for _ in range(2)] == [404, 404]
    assert asked == [None, None]
