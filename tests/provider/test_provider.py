"""What serves every provider that does not say otherwise."""

import json
from typing import Any

import httpx
import pytest
from films import ROOT, About, Films, Service, films

from jobctl.auth.cache import TokenCache
from jobctl.errors import (
    AuthError,
    JobctlError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
    Unsupported,
    UsageError,
)
from jobctl.models import Card, Job, JobRef, JobState, Page, Query
from jobctl.provider import Listing, Provider

UFA = JobRef("films", ("ufa", "1"))


def test_a_record_of_which_nothing_is_known_is_shown_by_its_fields() -> None:
    assert Films.card({"a": 1}) == Card(facts={"a": 1})
    assert Films.card({}) == Card()


def test_a_look_is_one_get_whose_body_tells_status_and_the_rest() -> None:
    body = {"status": "rolling", "title": "M", "studio": "ufa", "id": 1}
    service = Service(body)
    job = films(service).get(UFA)
    assert (job.ref, job.state, job.status, job.name) == (UFA, JobState.RUNNING, "rolling", "M")
    assert job.url == f"{ROOT}/api/eu/ufa/films/1" == str(service.asked[0].url)
    assert json.loads(job.raw) == body


def test_a_manifest_alone_makes_a_provider_of_references_states_and_urls() -> None:
    class Bare(About, Provider):
        """What nobody has said anything about."""

    made = films(Service({"status": "rolling"}))
    one = Bare(made.profile, made.client)
    job = one.get(UFA)
    assert job == Job(ref=UFA, state=JobState.RUNNING, status="rolling", url=one.url(UFA))
    assert (one.headers(one.profile), one.player(), one.fits(job)) == ({}, None, True)
    assert one.auth(one.profile, TokenCache()) is None
    assert Bare.needed(one.profile) == ()
    assert Bare.server(one.profile) == one.profile.get("base_url")


def test_what_a_service_does_not_have_is_unsupported_and_says_of_whom() -> None:
    one = films(Service())
    for ask in (lambda: one.list(Query()), lambda: one.results(UFA), lambda: one.logs(UFA)):
        with pytest.raises(Unsupported) as caught:
            ask()
        assert caught.value.provider == "films"


@pytest.mark.parametrize("body", [{"id": 2}, {"studio": "ufa", "id": "01"}, {"studio": "mgm"}])
def test_an_answer_of_another_job_is_none(body: dict[str, Any]) -> None:
    with pytest.raises(UnavailableError, match="when asked for") as caught:
        films(Service(body)).get(UFA)
    assert caught.value.transient


@pytest.mark.parametrize("body", [{}, {"id": None}, {"id": 1.0}, {"id": "1"}, {"id": [2]}])
def test_an_answer_that_does_not_tell_of_another_job_is_believed(body: dict[str, Any]) -> None:
    assert films(Service(body)).get(UFA).ref == UFA


def test_rows_are_named_by_their_fields_and_those_without_an_id_are_left_out() -> None:
    one = films(Service())
    rows = [{"studio": "ufa", "id": 7}, {"studio": "mgm"}, {"id": 7}, {"studio": "a b"}, [], 5]
    rows.append({"studio": "half\ud800"})
    page = one.rows(
        Page([json.dumps(row).encode() for row in rows], total=9),
        lambda record: (found := one.row(record)) and one.read(*found),
    )
    assert [str(job.ref) for job in page.items] == ["films/ufa/7", "films/mgm"]
    assert page.keys == [job.ref for job in page.items]
    assert [job.url for job in page.items] == [
        f"{ROOT}/api/eu/ufa/films/7",
        f"{ROOT}/api/eu/mgm",
    ]
    assert (page.total, page.notes) == (9, ("5 rows without a proper id are left out",))
    with_one = one.rows(Page([b"{}"]), lambda _: None)
    assert with_one.notes == ("1 row without a proper id is left out",)


def test_a_row_within_a_place_tells_the_rest_of_the_id_and_is_of_that_place() -> None:
    one = films(Service())
    found = one.row(b'{"id": 7, "studio": "ufa"}', ("ufa",))
    assert found is not None
    assert str(found[0].ref) == "films/ufa/7"
    assert one.row(b'{"studio": "ufa"}', ("ufa",)) is None
    with pytest.raises(UnavailableError, match="studio mgm when asked for ufa"):
        one.row(b'{"id": 7, "studio": "mgm"}', ("ufa",))


# Where things lie


@pytest.mark.parametrize("end", ["", "/", "/api", "/api/", "//api//"])
def test_a_base_url_may_have_the_beginning_of_the_paths(end: str) -> None:
    one = films(Service(), base_url=f"https://films.example{end}")
    assert one.url(UFA) == "https://films.example/api/eu/ufa/films/1"


def test_names_in_a_path_are_settings_or_parts_of_the_id_encoded_once() -> None:
    one = films(Service(), region="a/b %2F")
    assert one.url(JobRef("films", ("ä?",))) == f"{ROOT}/api/a%2Fb%20%252F/%C3%A4%3F"


@pytest.mark.parametrize("region", [".", ".."])
def test_no_name_walks_up_the_path(region: str) -> None:
    with pytest.raises(UsageError, match="region cannot be"):
        films(Service(), region=region).get(UFA)


def test_a_url_names_a_job_of_this_service_and_these_settings_alone() -> None:
    one = films(Service())
    assert one.ref_of_url(f"{ROOT}/api/eu/ufa/films/1/?a=b#c") == UFA
    for other, words in (
        (f"{ROOT}/elsewhere", "not the API URL of a job"),
        ("https://films.example/api/eu/ufa", "is not of"),
        (f"{ROOT}/api/us/ufa", "of region 'us'"),
    ):
        with pytest.raises(UsageError, match=words):
            one.ref_of_url(other)


def test_of_several_providers_with_such_a_path_one_is_there() -> None:
    profile = films(Service()).profile
    assert Films.serves(f"{ROOT}/api/eu/ufa", profile)
    assert not Films.serves("https://films.example/api/eu/ufa", profile)
    assert not Films.serves(f"{ROOT}/elsewhere", profile)


def test_parts_told_by_name_make_a_reference() -> None:
    assert Films.ref_of({"film": "1", "studio": "ufa", "more": "x"}) == UFA
    assert Films.ref_of({"studio": "ufa", "film": None}).parts == ("ufa",)
    with pytest.raises(UsageError, match="a job of films has a studio"):
        Films.ref_of({"film": "1"})


# Questions


def test_a_question_may_be_a_post_that_says_that_it_changes_nothing() -> None:
    service = Service({"a": 1})
    one = films(service)
    one.ask(f"{ROOT}/jobs", [("x", "y z")], {"X-A": "b"}, json={"query": "{}"})
    one.ask(f"{ROOT}/jobs", form={"a": "b"})
    first, second = service.asked
    assert (first.method, first.url.raw_path) == ("POST", b"/jobs?x=y%20z")
    assert (first.headers["x-a"], json.loads(first.content)) == ("b", {"query": "{}"})
    assert (second.method, second.content) == ("POST", b"a=b")
    assert all(one.extensions["reads"] is True for one in service.asked)


@pytest.mark.parametrize(
    ("status", "content", "code", "transient"),
    [
        (404, b'{"message": "none"}', 5, False),
        (404, b"<html>404 Not Found</html>", 6, True),
        (404, b"default backend - 404", 6, True),
        (410, b"", 6, True),
        (404, b'"not found"', 6, True),
        (404, b'{"message":"no Route matched with those values"}', 6, True),
        (404, b'{"error_msg":"404 Route Not Found"}', 6, True),
        (404, b'{"fault": {"faultstring": "Unable to identify proxy"}}', 6, True),
        (404, b'[{"errorCode": "NOT_FOUND"}]', 5, False),
        (530, b"error code: 1033", 6, True),
        (204, b"", 6, True),
        (302, b"", 6, False),
    ],
)
def test_only_what_the_service_itself_does_not_find_is_not_there(
    status: int, content: bytes, code: int, transient: bool
) -> None:
    with pytest.raises(JobctlError) as caught:
        films(Service(httpx.Response(status, content=content))).get(UFA)
    assert (caught.value.exit_code, caught.value.transient) == (code, transient)
    assert caught.value.provider == "films"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": "rolling"},
        httpx.Response(404, json={}),
        httpx.Response(400, json={"message": "no such id"}),
        httpx.Response(422, json={}),
    ],
)
def test_credentials_are_tried_by_a_look_at_a_job_that_need_not_be_there(answer: Any) -> None:
    service = Service(answer)
    films(service).probe()
    assert [one.url.path for one in service.asked] == ["/api/eu/ufa/films/1"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={}), AuthError),
        (httpx.Response(403, json={}), AuthError),
        (httpx.Response(404, text="<html>"), UnavailableError),
        (httpx.Response(200, text="<html>"), UnavailableError),
        (httpx.Response(500, json={}), UnavailableError),
        (httpx.Response(429, json={}), ThrottledError),
    ],
)
def test_credentials_that_are_not_taken_are_told(answer: Any, kind: type[JobctlError]) -> None:
    with pytest.raises(kind) as caught:
        films(Service(answer)).probe()
    assert caught.value.provider == "films"


def test_credentials_are_tried_by_a_list_of_one_where_there_is_a_list() -> None:
    class Listed(Films):
        listing = Listing()

        def jobs(self, query: Query, cursor: str | None) -> Page[Job]:
            assert query == Query(size=1)
            self.ask(f"{self.root}/all")
            return Page([])

    service = Service({})
    made = films(service)
    Listed(made.profile, made.client).probe()
    assert [one.url.path for one in service.asked] == ["/all"]
    # nothing is found there is something else than a job that is not there
    nothing = films(Service(httpx.Response(404, json={})))
    with pytest.raises(NotFoundError):
        Listed(nothing.profile, nothing.client).probe()
