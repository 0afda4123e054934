"""Cognite Vision extract, by the vendor's page on the operation."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl

import httpx
import pytest
from contract import ROOT, answering, make, opened, sandbox, story
from contract_lists import ResultsContract, UnlistedContract
from hypothesis import strategies as st

from jobctl import registry
from jobctl.auth.cache import TokenCache
from jobctl.auth.device import DeviceCode
from jobctl.config import Profile
from jobctl.errors import (
    AuthError,
    ConfigError,
    JobctlError,
    NotFoundError,
    Unsupported,
    UsageError,
)
from jobctl.models import Failure, Job, JobRef, JobState, Progress, Query, rfc3339
from jobctl.sandbox import Lives

Body = dict[str, Any]

EXAMPLES: dict[str, Body] = json.loads("""{
"documented": {"status": "Queued", "createdTime": 1730204346000, "startTime": 1730204346000,
  "statusTime": 1730204346000, "jobId": 123, "items": [{"fileId": 1234, "predictions": {
  "textPredictions": [{"confidence": 0.9, "text": "string", "textRegion": {"xMin": 0.5,
  "xMax": 0.9, "yMin": 0.5, "yMax": 0.9}}]}, "fileExternalId": "1234"}], "errorMessage": null,
  "failedItems": [{"errorMessage": "<string>", "items": [{"fileId": 1234,
  "fileExternalId": "1234", "fileInstanceId": {"space": "space", "externalId": "x"}}]}],
  "parameters": {"textDetectionParameters": {"threshold": 0.8},
  "assetTagDetectionParameters": {"threshold": 0.8, "partialMatch": true}}},
"queued": {"status": "Queued", "createdTime": 1730204346000, "startTime": null,
  "statusTime": 1730204346000, "jobId": 123, "errorMessage": null},
"running": {"status": "Running", "createdTime": 1730204346000, "startTime": 1730204347874,
  "statusTime": 1730204347874, "jobId": 123, "items": [{"fileId": 4411983027540281,
  "fileExternalId": "pump-1.jpg", "predictions": {}}], "errorMessage": null,
  "failedItems": [{"errorMessage": "Image could not be read", "items": [
  {"fileId": 4411983027540283, "fileExternalId": "broken.png"}]}]},
"succeeded": {"status": "Completed", "createdTime": 1730204346000, "startTime": 1730204347874,
  "statusTime": 1730204367533, "jobId": 123, "items": [{"fileId": 4411983027540281,
  "fileExternalId": "pump-1.jpg", "predictions": {"textPredictions": []}},
  {"fileId": 4411983027540282, "predictions": {}}], "errorMessage": null},
"partial": {"status": "Completed", "createdTime": 1730204346000, "startTime": 1730204347874,
  "statusTime": 1730204369001, "jobId": 123, "items": [{"fileId": 4411983027540281}],
  "errorMessage": null, "failedItems": [{"errorMessage": "Image could not be read", "items": [
  {"fileId": 4411983027540283, "fileExternalId": "broken.png"}, {"fileId": 4411983027540284}]}]},
"failed": {"status": "Failed", "createdTime": 1730204346000, "startTime": 1730204347874,
  "statusTime": 1730204361002, "jobId": 123, "errorMessage": null, "failedItems": [
  {"errorMessage": "Image could not be read", "items": [{"fileId": 4411983027540283}]}]},
"failed_with_message": {"status": "Failed", "createdTime": 1730204346000,
  "startTime": 1730204347874, "statusTime": 1730204361002, "jobId": 123, "items": [],
  "errorMessage": "Internal processing error"}
}""")
DOCUMENTED, QUEUED, RUNNING, SUCCEEDED, PARTIAL, FAILED, FAILED_WITH_MESSAGE = EXAMPLES.values()
WORDS = {
    "Queued": "queued",
    "RUNNING": "running",
    "running": "running",
    "Collecting": "running",
    "Distributing": "running",
    "Distributed": "running",
    "Completed": "succeeded",
    "completed": "succeeded",
    "Failed": "failed",
    "Timeout": "failed",
    "Rebalancing": "unknown",
}
NO_WORDS: tuple[Any, ...] = (None, "", " ", [], {}, True, 3)
NO_LISTS: tuple[Any, ...] = (None, [], "", {})
ENTRA = "tenant_id: my-tenant, client_id: app, client_secret: FAKESECRET"


def ref(id: str = "123") -> JobRef:
    return registry.find("cognite").check(JobRef.parse(id, "cognite"))


def job(body: Body) -> Job:
    return make("cognite", answering("cognite", (200, body))[0]).get(ref())


def state(body: Body) -> JobState:
    return job(body).state


def refused(status: int, body: Any, headers: Mapping[str, str] | None = None) -> JobctlError:
    """The error that an answer becomes."""
    handler, _ = answering("cognite", (status, body, headers or {}))
    with pytest.raises(JobctlError) as caught:
        make("cognite", handler).get(ref())
    return caught.value


def profile(folder: Path, section: str = "", environ: Mapping[str, str] | None = None) -> Profile:
    """A profile of a file with that section `cognite`, and of the variables."""
    text = f"profiles: {{default: {{cognite: {{{section}}}}}}}"
    return opened("cognite", folder, text, environ)


def base_url(profile: Profile) -> str:
    return registry.find("cognite").base_url(profile)


def signed(profile: Profile) -> tuple[str | None, dict[str, str], str]:
    """Where a token was asked for, the form of the request for it, and what was shown then."""
    asked: list[httpx.Request] = []
    shown: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.append(request)
            return httpx.Response(200, json={"access_token": "FAKE.ACCESS", "expires_in": "3599"})
        shown.append(request.headers["authorization"])
        return httpx.Response(200)

    auth = registry.find("cognite").auth(profile, TokenCache(None))
    with httpx.Client(transport=httpx.MockTransport(handle), auth=auth) as client:
        client.get(ROOT)
    if not asked:
        return None, {}, shown[0]
    (request,) = asked
    assert getattr(auth, "origins", None) == (str(request.url),)
    form = {name: " ".join(texts) for name, texts in parse_qs(request.content.decode()).items()}
    return str(request.url), form, shown[0]


def grant(**facts: str) -> dict[str, str]:
    """The form of a request for a token."""
    usual = {"client_id": "app", "client_secret": "FAKESECRET"}
    return {"grant_type": "client_credentials"} | usual | facts


class TestCogniteContract(ResultsContract, UnlistedContract):
    name = "cognite"
    ended = "127"
    number = 4
    likely_results: ClassVar = {
        "jobId": st.just(123),
        "status": st.sampled_from([*WORDS]),
        "items": st.sampled_from([SUCCEEDED["items"], [None, 7], []]) | st.none(),
        "failedItems": st.sampled_from([PARTIAL["failedItems"], [{"errorMessage": "Lost"}], []]),
        "errorMessage": st.just("Internal processing error"),
    }
    likely: ClassVar = {
        "jobId": st.just(123),
        "status": st.sampled_from([*WORDS]),
        "createdTime": st.integers(0, 2 * 10**12),
        "startTime": st.integers(0, 2 * 10**12),
        "statusTime": st.integers(0, 2 * 10**12),
        "items": st.sampled_from([SUCCEEDED["items"], [{"fileId": 1, "errorMessage": "bad"}], []]),
        "failedItems": st.sampled_from([PARTIAL["failedItems"], [{"errorMessage": "Lost"}], []]),
        "errorMessage": st.just("Internal processing error"),
        "parameters": st.just({"textDetectionParameters": {}}),
    }
    error_codes: ClassVar = {
        "400": 6, "401": 4, "403": 4, "404": 5, "410": 5, "422": 6, "429": 7, "500": 6, "503": 6,
        "4001": 5,
    }  # fmt: skip
    bad_ids = (
        "0",
        "-1",
        "+1",
        "abc",
        "012",
        "1.5",
        "٣",
        "1" * 20,
        "9223372036854775808",
        "1/2",
        "",
    )

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        items = body.get("items")
        good = [
            not (isinstance(item, dict) and item.get("errorMessage"))
            for item in (items if isinstance(items, list) else [items])
        ]
        said = body.get("status")
        completed = isinstance(said, str) and said.strip().lower() == "completed"
        return completed and not body.get("failedItems") and all(good)


# The id


def test_an_id_may_be_as_large_as_the_service_counts() -> None:
    assert ref("9223372036854775807").id == "9223372036854775807"


def test_an_answer_for_another_job_is_refused() -> None:
    error = refused(200, QUEUED | {"jobId": 124})
    assert error.exit_code == 6
    assert error.transient
    assert state(QUEUED | {"jobId": "123"}) is JobState.QUEUED
    assert state(QUEUED | {"jobId": None}) is JobState.QUEUED
    assert refused(200, QUEUED | {"jobId": 10**30}).transient


def test_a_url_of_another_project_is_refused() -> None:
    one = make("cognite", answering("cognite", (500, {}))[0])
    url = one.url(ref())
    with pytest.raises(UsageError, match="elsewhere"):
        one.ref_of_url(url.replace("projects/sandbox", "projects/elsewhere"))


def test_a_project_is_encoded_once_in_the_path() -> None:
    handler, seen = answering("cognite", (200, QUEUED))
    one = make("cognite", handler, project="my proj/ü")
    found = one.get(ref())
    path = b"/cognite/api/v1/projects/my%20proj%2F%C3%BC/context/vision/extract/123"
    assert seen[0].url.raw_path == path
    assert found.url is not None
    assert one.ref_of_url(found.url) == ref()


# The states


@pytest.mark.parametrize(("said", "ours"), WORDS.items())
def test_each_word_has_its_state_in_any_letter_case(said: str, ours: str) -> None:
    found = job(QUEUED | {"status": said})
    assert (found.state, found.status) == (ours, said)


def test_a_status_that_is_no_word_is_unknown_and_no_end() -> None:
    for said in NO_WORDS:
        assert state(QUEUED | {"status": said}) is JobState.UNKNOWN
    assert state({"jobId": 123}) is JobState.UNKNOWN


def test_a_profile_may_give_a_word_another_state() -> None:
    provider = make("cognite", answering("cognite", (200, QUEUED | {"status": "Rebalancing"}))[0])
    provider.profile.states = {"rebalancing": JobState.RUNNING}
    assert provider.get(ref()).state is JobState.RUNNING


def test_completed_with_nothing_failed_is_succeeded() -> None:
    for nothing in NO_LISTS:
        assert state(SUCCEEDED | {"failedItems": nothing}) is JobState.SUCCEEDED
    assert job(SUCCEEDED).failures == ()


def test_completed_with_something_failed_is_partial() -> None:
    assert state(PARTIAL) is JobState.PARTIAL
    assert state(SUCCEEDED | {"failedItems": [{"errorMessage": "Batch lost"}]}) is JobState.PARTIAL
    assert state(SUCCEEDED | {"failedItems": ["what"]}) is JobState.PARTIAL
    assert state(SUCCEEDED | {"items": [{"fileId": 1, "errorMessage": "bad"}]}) is JobState.PARTIAL


def test_failed_stays_failed_whatever_was_found() -> None:
    assert state(FAILED | {"items": SUCCEEDED["items"]}) is JobState.FAILED


def test_failures_end_no_job_that_runs() -> None:
    assert state(RUNNING) is JobState.RUNNING
    assert state(DOCUMENTED) is JobState.QUEUED


# Progress, times, message, failures


def test_progress_counts_files_and_knows_the_total_only_at_the_end() -> None:
    assert job(RUNNING).progress == Progress(succeeded=1, failed=1)
    assert job(SUCCEEDED).progress == Progress(100, total=2, succeeded=2, failed=0)
    assert job(PARTIAL).progress == Progress(100, total=3, succeeded=1, failed=2)
    assert job(FAILED).progress == Progress(100, total=1, succeeded=0, failed=1)


def test_what_the_service_does_not_say_is_not_counted() -> None:
    assert job(QUEUED).progress == Progress(failed=0)
    assert job(SUCCEEDED | {"items": None}).progress == Progress(failed=0)
    assert job(SUCCEEDED | {"items": []}).progress == Progress(total=0, succeeded=0, failed=0)


def test_a_failed_batch_without_files_leaves_the_total_open() -> None:
    lost = SUCCEEDED | {"failedItems": [{"errorMessage": "Batch lost", "items": []}]}
    assert job(lost).progress == Progress(succeeded=2)
    assert job(lost).failures == (Failure(None, "Batch lost"),)
    assert job(FAILED_WITH_MESSAGE).progress == Progress(succeeded=0)


def test_a_file_counts_once_and_as_failed() -> None:
    found = job(SUCCEEDED | {"items": [*SUCCEEDED["items"], {"fileId": 4411983027540283}]}
                | {"failedItems": PARTIAL["failedItems"]})  # fmt: skip
    assert found.progress == Progress(100, total=4, succeeded=2, failed=2)
    assert job(DOCUMENTED).progress == Progress(succeeded=0, failed=1)


def test_files_without_a_name_are_counted_each() -> None:
    items = [{"predictions": {}}, {"errorMessage": "bad"}, {"errorMessage": "worse"}]
    found = job(SUCCEEDED | {"items": items})
    assert found.progress == Progress(100, total=3, succeeded=1, failed=2)
    assert found.failures == (Failure(None, "bad"), Failure(None, "worse"))


def test_each_failed_file_tells_its_name_and_its_batchs_message() -> None:
    assert job(PARTIAL).failures == (
        Failure("4411983027540283", "Image could not be read", name="broken.png"),
        Failure("4411983027540284", "Image could not be read"),
    )
    assert job(DOCUMENTED).failures == (Failure("1234", "<string>"),)
    silent = [{"items": [{"fileId": 2**60}, {"fileExternalId": "only a name"}]}]
    assert job(SUCCEEDED | {"failedItems": silent}).failures == (
        Failure("1152921504606846976", None),
        Failure("only a name", None),
    )


def test_the_message_is_the_jobs_own_else_that_of_its_first_failed_batch() -> None:
    batches = [{"items": []}, {"errorMessage": "first"}, {"errorMessage": "second"}]
    assert job(SUCCEEDED).message is None
    assert job(FAILED).message == "Image could not be read"
    assert job(FAILED | {"failedItems": batches}).message == "first (+2 more)"
    assert job(FAILED | {"failedItems": batches, "errorMessage": "all"}).message == "all"


def test_a_signed_url_in_a_message_is_masked() -> None:
    text = "cannot read https://bucket.example/a?X-Amz-Signature=CANARY"
    failed = [{"errorMessage": text, "items": [{"fileId": 1}]}]
    found = job(FAILED | {"errorMessage": text, "failedItems": failed})
    assert "CANARY" not in f"{found.message} {found.failures}"


def test_times_are_milliseconds_and_the_run_is_from_start_to_end() -> None:
    found = job(SUCCEEDED)
    assert rfc3339(found.created_at) == "2024-10-29T12:19:06.000Z"
    assert rfc3339(found.started_at) == "2024-10-29T12:19:07.874Z"
    assert rfc3339(found.ended_at) == rfc3339(found.updated_at) == "2024-10-29T12:19:27.533Z"
    assert found.duration_seconds == pytest.approx(19.659)


def test_a_queued_job_has_no_start_and_a_running_one_no_end() -> None:
    assert job(DOCUMENTED).started_at is None
    assert job(RUNNING).started_at is not None
    assert (job(RUNNING).ended_at, job(RUNNING).duration_seconds) == (None, None)


def test_detail_names_the_parameters() -> None:
    names = ["assetTagDetectionParameters", "textDetectionParameters"]
    assert job(DOCUMENTED).detail == {"parameters": names}
    assert job(QUEUED | {"parameters": None}).detail == {}


# The list and the results


def test_what_helps_where_there_is_no_list_is_told() -> None:
    with pytest.raises(Unsupported, match="cannot list") as caught:
        make("cognite", answering("cognite", (500, {}))[0]).list(Query())
    assert "jobId" in (caught.value.hint or "")
    assert "jobctl history" in (caught.value.hint or "")


def results(body: Body | bytes) -> tuple[list[bytes], tuple[str, ...]]:
    """The records of a job with that body, and what is told beside them."""
    handler, seen = answering("cognite", (200, body))
    page = make("cognite", handler).results(ref())
    assert len(seen) == 1
    assert list(page.next) == []
    return list(page.items), page.notes


def no_results(body: Body | bytes) -> JobctlError:
    with pytest.raises(JobctlError) as caught:
        results(body)
    return caught.value


def test_each_file_is_a_record_as_the_service_wrote_it() -> None:
    files = [
        b'{"fileId":4411983027540281, "predictions": {"x": [0.10, 1E2]}}',
        b'{"new":"\\u00e9"}',
    ]
    found, notes = results(b'{"status":"Completed","items":[%s ,\n%s]}' % (files[0], files[1]))
    assert found == files
    assert notes == ()


def test_a_file_that_is_listed_twice_is_two_records() -> None:
    assert len(results(SUCCEEDED | {"items": [{"fileId": 1}, {"fileId": 1}]})[0]) == 2


def test_a_job_that_runs_gives_what_is_there_so_far_and_says_so() -> None:
    found, notes = results(RUNNING)
    assert [json.loads(one)["fileExternalId"] for one in found] == ["pump-1.jpg"]
    assert notes == (
        "it is running: these are its results so far",
        "file 4411983027540283 (broken.png) failed: Image could not be read",
    )


def test_failed_files_and_batches_are_told() -> None:
    lost = [{"errorMessage": "Batch lost"}, {"items": [{"fileId": 5}]}]
    assert results(SUCCEEDED | {"failedItems": lost})[1] == (
        "file 5 failed",
        "a batch failed: Batch lost",
    )
    many = [{"errorMessage": "bad", "items": [{"fileId": number} for number in range(120)]}]
    notes = results(SUCCEEDED | {"failedItems": many})[1]
    assert notes == (
        *(f"file {number} failed: bad" for number in range(100)),
        "20 more failed, 120 in all",
    )


def test_a_file_that_the_service_lists_twice_is_one() -> None:
    handler, _ = answering("cognite", (200, SUCCEEDED | {"items": [{"fileId": 1}] * 2}))
    page = make("cognite", handler).results(ref())
    assert len(set(page.keys or ())) == 1


def test_a_status_that_nobody_knows_is_told_as_it_came() -> None:
    assert results(RUNNING | {"status": "Rebalancing"})[1][0] == (
        "its status is Rebalancing: these are its results so far"
    )
    error = no_results({"status": "Rebalancing"})
    assert error.message == "cognite/123 is unknown (Rebalancing) and has no results yet"


def test_a_job_that_failed_gives_what_it_found_and_says_so() -> None:
    found, notes = results(FAILED_WITH_MESSAGE | {"items": [{"fileId": 1}]})
    assert found == [b'{"fileId": 1}']
    assert notes == ("it failed: Internal processing error",)


def test_a_job_that_completed_may_have_found_nothing() -> None:
    nothings: list[Any] = [[], None]
    for nothing in nothings:
        assert results(SUCCEEDED | {"items": nothing}) == ([], ())
    assert results({"status": "Completed"}) == ([], ())


def test_results_of_a_job_that_has_found_nothing_so_far_are_not_ready() -> None:
    for status in ("Queued", "Running", "Rebalancing"):
        error = no_results(QUEUED | {"status": status})
        assert (error.exit_code, error.provider) == (8, "cognite")
        assert error.hint == "jobctl results cognite/123 --wait --profile sandbox"


def test_a_job_that_failed_without_results_is_told_as_failed_with_its_cause() -> None:
    error = no_results(FAILED)
    assert error.exit_code == 10
    assert error.message == (
        "cognite/123 failed and has no results: Image could not be read;"
        " file 4411983027540283 failed: Image could not be read"
    )
    assert no_results(FAILED_WITH_MESSAGE).exit_code == 10
    assert no_results({"status": "Timeout"}).message == "cognite/123 failed and has no results"


def test_items_that_are_no_array_are_unavailable() -> None:
    for items in ({"fileId": 1}, "", 5):
        error = no_results(SUCCEEDED | {"items": items})
        assert (error.exit_code, error.transient) == (6, True)


# Headers


def test_the_version_of_the_api_is_asked_for_only_when_told() -> None:
    handler, seen = answering("cognite", (200, SUCCEEDED))
    make("cognite", handler).get(ref())
    make("cognite", handler, api_version="beta").get(ref())
    make("cognite", handler, api_version="beta", options={"cdf-version": "20230101"}).get(ref())
    make("cognite", handler, options={"cdf-version": "beta"}).results(ref())
    asked = [request.headers.get("cdf-version") for request in seen]
    assert asked == [None, "beta", "20230101", "beta"]
    with pytest.raises(ConfigError, match="cdf-version"):
        make("cognite", handler, options={"cdf-version": "bêta"}).get(ref())


def test_tracing_headers_name_the_program_and_the_client(tmp_path: Path) -> None:
    headers = registry.find("cognite").headers
    assert headers(profile(tmp_path))["x-cdp-sdk"].startswith("jobctl:")
    assert headers(profile(tmp_path))["x-cdp-app"] == "jobctl"
    assert headers(profile(tmp_path, "client_name: nightly"))["x-cdp-app"] == "nightly"
    with pytest.raises(ConfigError, match="client_name"):
        headers(profile(tmp_path, "client_name: nächtlich"))


# The base URL


@pytest.mark.parametrize(
    ("section", "made"),
    [
        ("cluster: westeurope-1", "https://westeurope-1.cognitedata.com"),
        ("base_url: 'https://cdf.example/'", "https://cdf.example"),
        ("base_url: 'https://cdf.example', cluster: westeurope-1", "https://cdf.example"),
        ("base_url: 'http://127.0.0.1:8000/cdf'", "http://127.0.0.1:8000/cdf"),
    ],
)
def test_the_base_url_is_given_or_made_of_the_cluster(
    tmp_path: Path, section: str, made: str
) -> None:
    assert base_url(profile(tmp_path, section)) == made


def test_a_stray_vendor_url_does_not_move_a_profile(tmp_path: Path) -> None:
    opened = profile(tmp_path, "cluster: mine", {"CDF_URL": "https://other.example"})
    assert base_url(opened) == "https://mine.cognitedata.com"


def test_without_base_url_and_cluster_there_is_no_service(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cluster") as caught:
        base_url(profile(tmp_path))
    assert "CDF_CLUSTER" in (caught.value.hint or "")
    with pytest.raises(ConfigError, match="no cluster"):
        base_url(profile(tmp_path, "cluster: evil.example/x"))


# Signing in


def test_a_ready_token_is_sent_as_it_is(tmp_path: Path) -> None:
    for environ in ({"CDF_TOKEN": "FAKETOKEN"}, {"COGNITE_TOKEN": "FAKETOKEN"}):
        assert signed(profile(tmp_path, "", environ)) == (None, {}, "Bearer FAKETOKEN")


def test_a_ready_token_wins_over_the_application_of_the_same_place(tmp_path: Path) -> None:
    both = f"cluster: c, {ENTRA}, token: FAKETOKEN"
    assert signed(profile(tmp_path, both))[2] == "Bearer FAKETOKEN"
    assert signed(profile(tmp_path, f"{both}, auth: client_credentials"))[2] == "Bearer FAKE.ACCESS"


def test_a_stray_vendor_token_does_not_bend_a_profile(tmp_path: Path) -> None:
    opened = profile(tmp_path, f"cluster: c, {ENTRA}", {"CDF_TOKEN": "STRAY"})
    assert signed(opened)[2] == "Bearer FAKE.ACCESS"


@pytest.mark.parametrize(
    ("section", "missing"),
    [
        ("", "token"),
        ("auth: token", "token"),
        ("client_id: app, tenant_id: t", "client_secret"),
        ("client_secret: FAKESECRET, tenant_id: t", "client_id"),
        ("client_id: app, client_secret: FAKESECRET", "tenant_id"),
        ("client_id: app, client_secret: FAKESECRET, identity: auth0, project: p", "token_url"),
        ("client_id: app, client_secret: FAKESECRET, identity: other", "token_url"),
    ],
)
def test_what_is_missing_to_sign_in_is_named(tmp_path: Path, section: str, missing: str) -> None:
    with pytest.raises(ConfigError, match=f"'{missing}'"):
        signed(profile(tmp_path, ", ".join(part for part in ("cluster: c", section) if part)))


def test_an_explicit_token_url_is_asked_with_the_scopes_given(tmp_path: Path) -> None:
    section = "token_url: 'https://idp.example/token', client_id: app, client_secret: FAKESECRET"
    for scopes in ("'a b'", "'a,b'", "[a, b]"):
        opened = profile(tmp_path, f"base_url: 'https://x.example', {section}, scopes: {scopes}")
        assert signed(opened)[:2] == ("https://idp.example/token", grant(scope="a b"))
    opened = profile(tmp_path, f"cluster: c, tenant_id: t, {section}, audience: aud")
    scope = "https://c.cognitedata.com/.default"
    assert signed(opened)[:2] == ("https://idp.example/token", grant(scope=scope, audience="aud"))
    opened = profile(tmp_path, f"base_url: 'https://x.example', {section}")
    assert signed(opened)[1] == grant()


def test_entra_is_derived_from_tenant_and_cluster(tmp_path: Path) -> None:
    url = "https://login.microsoftonline.com/my-tenant/oauth2/v2.0/token"
    for place, cluster in {
        "cluster: westeurope-1": "westeurope-1",
        "base_url: 'https://api.cognitedata.com'": "api",
        "base_url: 'https://corp.plink.az-1.cognitedata.com/'": "az-1",
        "base_url: 'https://x.example', cluster: own": "own",
        "base_url: 'https://a.cognitedata.com', cluster: b": "a",
    }.items():
        asked, form, shown = signed(profile(tmp_path, f"{place}, {ENTRA}"))
        assert asked == url
        assert form == grant(scope=f"https://{cluster}.cognitedata.com/.default")
        assert shown == "Bearer FAKE.ACCESS"


def test_an_entra_scope_that_cannot_be_derived_must_be_given(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="scope cannot be derived"):
        signed(profile(tmp_path, f"base_url: 'https://x.example', {ENTRA}"))
    opened = profile(tmp_path, f"base_url: 'https://x.example', {ENTRA}, scopes: mine")
    assert signed(opened)[1] == grant(scope="mine")


def test_a_stray_vendor_token_url_does_not_bend_a_tenant(tmp_path: Path) -> None:
    stray = {"IDP_TOKEN_URL": "https://stray.example/token"}
    asked, *_ = signed(profile(tmp_path, f"cluster: c, {ENTRA}", stray))
    assert asked == "https://login.microsoftonline.com/my-tenant/oauth2/v2.0/token"


def test_the_vendors_own_identity_provider_gets_neither_scope_nor_audience(tmp_path: Path) -> None:
    section = "cluster: c, identity: cdf, client_id: app, client_secret: FAKESECRET, scopes: a"
    opened = profile(
        tmp_path, f"{section}, audience: b", {"IDP_TOKEN_URL": "https://stray.example"}
    )
    assert signed(opened)[:2] == ("https://auth.cognite.com/oauth2/token", grant())
    opened = profile(tmp_path, f"{section}, token_url: 'https://idp.example/token'")
    assert signed(opened)[:2] == ("https://idp.example/token", grant())


def test_auth0_and_others_have_audiences_of_their_own(tmp_path: Path) -> None:
    idp = "client_id: app, client_secret: FAKESECRET, token_url: 'https://idp.example/token'"
    auth0 = profile(tmp_path, f"cluster: c, project: p, identity: auth0, {idp}")
    assert signed(auth0)[1] == grant(
        scope="IDENTITY user_impersonation", audience="https://p.fusion.cognite.com/p"
    )
    other = profile(tmp_path, f"cluster: c, identity: other, {idp}")
    assert signed(other)[1] == grant(audience="https://c.cognitedata.com")
    other = profile(tmp_path, f"base_url: 'https://x.example', identity: other, {idp}")
    assert signed(other)[1] == grant()
    for identity in ("auth0", "other"):
        section = f"cluster: c, project: p, identity: {identity}, {idp}, scopes: s, audience: a"
        assert signed(profile(tmp_path, section))[1] == grant(scope="s", audience="a")


def test_generic_variables_with_foreign_words_are_ignored(tmp_path: Path) -> None:
    stray = {"PROVIDER": "aws", "LOGIN_FLOW": "interactive"}
    opened = profile(tmp_path, f"cluster: c, {ENTRA}", stray)
    assert signed(opened)[2] == "Bearer FAKE.ACCESS"
    assert sorted(warning.split()[0] for warning in opened.warnings) == ["LOGIN_FLOW", "PROVIDER"]


def test_id_and_secret_of_two_families_are_warned_about(tmp_path: Path) -> None:
    environ = {"IDP_CLIENT_ID": "app", "COGNITE_CLIENT_SECRET": "FAKESECRET", "IDP_TENANT_ID": "t"}
    mixed = profile(tmp_path, "cluster: c", environ)
    assert signed(mixed)[2] == "Bearer FAKE.ACCESS"
    (warning,) = mixed.warnings
    assert "IDP_CLIENT_ID and COGNITE_CLIENT_SECRET" in warning
    pure = profile(tmp_path, "cluster: c", environ | {"IDP_CLIENT_SECRET": "FAKESECRET"})
    signed(pure)
    assert pure.warnings == []


def person(profile: Profile) -> tuple[list[str], dict[str, str]]:
    """The URLs that are asked until a person has a code, and the form of the last one."""
    asked: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.method == "POST":
            return httpx.Response(400, json={"error": "invalid_client"})
        root = str(request.url).partition("/.well-known")[0]
        names = ("token_endpoint", "device_authorization_endpoint")
        return httpx.Response(200, json={name: f"{root}/{name}" for name in names})

    auth = registry.find("cognite").auth(profile, TokenCache(None))
    assert isinstance(auth, DeviceCode)
    client = httpx.Client(transport=httpx.MockTransport(handle))
    with client, pytest.raises(AuthError, match="invalid_client"):
        auth.sign_in(client, lambda _: None)
    return [str(one.url) for one in asked], dict(parse_qsl(asked[-1].content.decode()))


DEVICE = "auth: device_code, client_id: app"
PEOPLE = "profile openid offline_access"
OF_C = "https://c.cognitedata.com"


@pytest.mark.parametrize(
    "where", ["tenant_id: t", "authority_url: 'https://login.microsoftonline.com/t'"]
)
def test_a_person_signs_in_at_the_tenant(tmp_path: Path, where: str) -> None:
    urls, form = person(profile(tmp_path, f"cluster: c, {where}, {DEVICE}"))
    assert urls == ["https://login.microsoftonline.com/t/oauth2/v2.0/devicecode"]
    scope = f"{OF_C}/IDENTITY {OF_C}/user_impersonation {PEOPLE}"
    assert form == {"client_id": "app", "scope": scope}


def test_a_person_signs_in_at_another_issuer_whose_endpoints_it_tells(tmp_path: Path) -> None:
    known = "https://idp.example/realm/.well-known/openid-configuration"
    for pasted in (known, "https://idp.example/realm/"):
        section = f"cluster: c, discovery_url: '{pasted}', identity: other, {DEVICE}"
        urls, form = person(profile(tmp_path, section))
        assert urls == [known, "https://idp.example/realm/device_authorization_endpoint"]
        assert form == {"client_id": "app", "scope": PEOPLE, "audience": OF_C}


def test_the_scopes_and_the_token_url_that_are_given_win_for_people_too(tmp_path: Path) -> None:
    section = f"base_url: 'https://x.example', tenant_id: t, scopes: mine, {DEVICE}"
    assert person(profile(tmp_path, section))[1] == {"client_id": "app", "scope": "mine"}
    opened = profile(tmp_path, f"{section}, token_url: 'https://idp.example/token'")
    auth = registry.find("cognite").auth(opened, TokenCache(None))
    assert isinstance(auth, DeviceCode)
    assert "https://idp.example/token" in auth.origins
    project = "cluster: c, project: p, identity: auth0, discovery_url: 'https://a.example'"
    assert person(profile(tmp_path, f"{project}, {DEVICE}"))[1] == {
        "client_id": "app",
        "scope": f"IDENTITY user_impersonation {PEOPLE}",
        "audience": "https://p.fusion.cognite.com/p",
    }


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("cluster: c, tenant_id: t, auth: device_code", "'client_id'"),
        (f"cluster: c, {DEVICE}", r"'tenant_id' \(or 'authority_url' or 'discovery_url'\)"),
        (f"base_url: 'https://x.example', tenant_id: t, {DEVICE}", "scope cannot be derived"),
        (f"cluster: c, authority_url: 'http://x.example', {DEVICE}", "must begin with https"),
        (f"cluster: c, discovery_url: 'https://x.example/?a', {DEVICE}", "holds a query"),
    ],
)
def test_what_a_person_needs_to_sign_in_is_named(tmp_path: Path, section: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        registry.find("cognite").auth(profile(tmp_path, section), TokenCache(None))


def test_who_has_not_signed_in_is_told_how(tmp_path: Path) -> None:
    opened = profile(tmp_path, f"cluster: c, tenant_id: t, {DEVICE}")
    with pytest.raises(AuthError) as caught:
        signed(opened)
    assert caught.value.hint == "jobctl auth login cognite"
    opened.name = "plant 2"
    with pytest.raises(AuthError) as caught:
        signed(opened)
    assert caught.value.hint == "jobctl auth login cognite --profile 'plant 2'"


def job_identity(**facts: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "FAKE.ID.TOKEN",
        "client_id": "app",
        **facts,
    }


def test_a_jobs_id_token_is_exchanged_at_the_tenant(tmp_path: Path) -> None:
    (tmp_path / "id").write_text("FAKE.ID.TOKEN\n")
    section = "cluster: c, tenant_id: t, client_id: app, auth: federated"
    for told, environ in [
        ("id_token: env:GITLAB_ID", {"GITLAB_ID": "FAKE.ID.TOKEN"}),
        ("id_token_file: id", {}),
        ("", {"AZURE_FEDERATED_TOKEN_FILE": str(tmp_path / "id")}),
    ]:
        opened = profile(tmp_path, ", ".join(filter(None, (section, told))), environ)
        assert signed(opened)[:2] == (
            "https://login.microsoftonline.com/t/oauth2/v2.0/token",
            job_identity(scope=f"{OF_C}/.default"),
        )


GITHUB = {
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://issuer.example/?api-version=2",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "FAKE.REQUEST",
}


@pytest.mark.parametrize(
    ("more", "audience"),
    [
        ("", "api://AzureADTokenExchange"),
        ("id_token_audience: mine", "mine"),
        ("identity: other, token_url: 'https://idp.example/token'", None),
    ],
)
def test_a_job_at_github_asks_for_the_audience_that_the_tenant_expects(
    tmp_path: Path, more: str, audience: str | None
) -> None:
    section = ["cluster: c, tenant_id: t, client_id: app, auth: federated", *filter(None, [more])]
    auth = registry.find("cognite").auth(
        profile(tmp_path, ", ".join(section), GITHUB), TokenCache()
    )
    assert auth is not None
    request = next(auth.auth_flow(httpx.Request("GET", ROOT)))
    assert request.url.host == "issuer.example"
    assert request.url.params.get("audience") == audience
    assert request.headers["Authorization"] == "Bearer FAKE.REQUEST"


@pytest.mark.parametrize(
    ("section", "environ", "said"),
    [
        ("", {}, r"'id_token' \(or 'id_token_file' or 'id_token_request_url'\)"),
        ("", {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://x.example"}, "'id_token_request_token'"),
        (
            "",
            {**GITHUB, "ACTIONS_ID_TOKEN_REQUEST_URL": "http://x.example/?a=1"},
            "ACTIONS_ID_TOKEN_REQUEST_URL: id_token_request_url must begin with https",
        ),
        ("id_token_file: nowhere", {}, r"config.yaml:1:\d+: id_token_file: cannot read .*nowhere"),
    ],
)
def test_what_a_job_needs_to_sign_in_is_named(
    tmp_path: Path, section: str, environ: Mapping[str, str], said: str
) -> None:
    base = "cluster: c, tenant_id: t, client_id: app, auth: federated"
    with pytest.raises(ConfigError, match=said):
        signed(profile(tmp_path, ", ".join(filter(None, (base, section))), environ))


def test_a_jobs_identity_is_used_only_where_it_is_asked_for(tmp_path: Path) -> None:
    opened = profile(tmp_path, f"cluster: c, {ENTRA}", GITHUB)
    assert signed(opened)[1]["client_secret"] == "FAKESECRET"
    with pytest.raises(ConfigError, match="a way to sign in"):
        signed(profile(tmp_path, "cluster: c", GITHUB))


def test_a_command_prints_the_token(tmp_path: Path) -> None:
    line = f"{sys.executable} -c 'import os; print(os.environ[\"PRINTED\"])'"
    environ = {"PRINTED": '{"token": "FAKE.PRINTED"}', "JOBCTL_COGNITE_TOKEN_COMMAND": line}
    assert signed(profile(tmp_path, "cluster: c", environ))[2] == "Bearer FAKE.PRINTED"
    opened = profile(tmp_path, "cluster: c, token_command: not-there planted")
    with pytest.raises(
        AuthError, match=r"config.yaml:1:\d+: token_command: its command cannot"
    ) as no:
        signed(opened)
    assert "planted" not in str(no.value.document())


def test_a_refused_ready_token_is_final() -> None:
    handler, seen = answering("cognite", (401, {"error": {"code": 401, "message": "Unauthorized"}}))
    with pytest.raises(AuthError) as caught:
        make("cognite", handler, auth="token", token="FAKETOKEN").get(ref())
    assert len(seen) == 1
    assert not caught.value.transient
    assert "wrong scopes" in (caught.value.hint or "")


# Errors


def test_an_error_shows_the_services_words_and_the_request_id() -> None:
    error = refused(400, {"error": {"code": 400, "message": "No nulls"}}, {"x-request-id": "r-1"})
    assert error.message == "Cognite Vision answered 400: No nulls"
    assert (error.exit_code, error.request_id, error.transient) == (6, "r-1", False)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": "Internal error"}, "Internal error"),
        ({"code": 9, "message": "bare"}, "bare"),
        ({"error": {"code": 403, "message": "Wrong", "forbidden": [1]}}, "Wrong"),
        ({"detail": [{"msg": "field required"}]}, "field required"),
        ([1, 2], "1, 2"),
        (b"<html>gateway</html>", "HTML"),
        (b'{"error": {"mess', "mess"),
        (b"", "answered 500"),
    ],
)
def test_any_body_of_an_error_will_do(body: Any, said: str) -> None:
    assert said in refused(500, body).message


def test_missing_ids_mean_that_there_is_no_such_job() -> None:
    for status in (400, 422):
        error = refused(status, {"error": {"message": "Ids not found", "missing": [{"id": 123}]}})
        assert isinstance(error, NotFoundError)
        assert (error.http_status, error.provider) == (status, "cognite")
    assert refused(400, {"error": {"message": "Bad", "missing": []}}).exit_code == 6
    assert refused(409, {"error": {"message": "Bad", "missing": [1]}}).exit_code == 6


def test_the_http_status_counts_not_the_code_in_the_body() -> None:
    assert refused(404, {"error": {"code": 401, "message": "x"}}).exit_code == 5


def test_403_says_that_the_job_or_the_right_may_be_missing() -> None:
    hint = refused(403, {"error": {"code": 403, "message": "Resource not found."}}).hint or ""
    assert "no such job" in hint
    assert "filesAcl:READ" in hint


def test_a_job_that_is_gone_may_be_gone_with_its_api() -> None:
    for status in (404, 410):
        assert "2027-02-17" in (refused(status, {}).hint or "")


def test_what_may_pass_is_told_by_status_header_or_body() -> None:
    marked = {"error": {"message": "x", "isAutoRetryable": True}}
    for status in (408, 429, 500, 502, 503, 504):
        assert refused(status, {}).transient
    assert refused(409, {}, {"cdf-is-auto-retryable": "true"}).transient
    assert refused(409, marked).transient
    for status, body in ((409, {}), (302, marked), (409, {"error": {"message": str(marked)}})):
        assert not refused(status, body, {"cdf-is-auto-retryable": "false"}).transient
    retryable = registry.find("cognite").retryable
    assert not retryable(200, {"cdf-is-auto-retryable": "true"}, json.dumps(marked).encode())


def test_throttling_tells_how_long() -> None:
    error = refused(429, {"error": {"code": 429, "message": "Slow"}}, {"Retry-After": "2"})
    assert (error.exit_code, error.retry_after) == (7, 2)


# The sandbox


def serve(
    path: str,
    *,
    method: str = "GET",
    token: str = "sandbox-access-token",
    form: Mapping[str, str] | None = None,
) -> httpx.Response:
    """An answer of the sandbox."""
    headers = {"authorization": f"Bearer {token}"}
    request = httpx.Request(method, f"{ROOT}/cognite{path}", headers=headers, data=form)
    return sandbox("cognite", Lives())(request)


def test_the_sandbox_plays_a_job_from_queue_to_completion() -> None:
    jobs = story(ref("123"), 0, 1, 1.7, 2.9, 3)
    assert [one.state.value for one in jobs] == ["queued", *["running"] * 3, "succeeded"]
    assert [one.progress.succeeded for one in jobs] == [0, 1, 2, 4, 4]
    assert jobs[1].updated_at == jobs[2].updated_at == jobs[1].started_at
    assert jobs[-1].duration_seconds == pytest.approx(2.4)


def test_the_sandbox_plays_a_failed_batch_and_a_failed_job() -> None:
    jobs = story(ref("124"), 0, 1, 2, 3)
    assert [one.state.value for one in jobs] == ["queued", "running", "running", "partial"]
    assert [one.progress.failed for one in jobs] == [0, 0, 1, 1]
    jobs = story(ref("125"), 1, 2)
    assert [one.state.value for one in jobs] == ["running", "failed"]
    assert jobs[-1].message == "Image could not be read"


def test_the_sandbox_plays_predictions_of_all_nine_kinds() -> None:
    provider = make("cognite", sandbox("cognite", Lives()))
    files = [json.loads(one) for one in provider.results(ref("127")).items]
    assert sorted(kind for file in files for kind in file["predictions"]) == [
        "assetTagPredictions",
        "dialGaugePredictions",
        "digitalGaugePredictions",
        "industrialObjectPredictions",
        "levelGaugePredictions",
        "peoplePredictions",
        "personalProtectiveEquipmentPredictions",
        "textPredictions",
        "valvePredictions",
    ]


def test_the_sandbox_tells_a_queued_job_in_both_ways() -> None:
    folder = "/api/v1/projects/sandbox/context/vision/extract"
    schema, pages = (serve(f"{folder}/{number}").json() for number in (123, 126))
    assert (schema["startTime"], schema["items"]) == (schema["createdTime"], [])
    assert pages["startTime"] is None
    assert "items" not in pages
    assert [one.state.value for one in story(ref("126"), 0, 3)] == ["queued", "succeeded"]


def test_the_sandbox_wants_its_token_its_project_and_a_get() -> None:
    path = "/api/v1/projects/sandbox/context/vision/extract/123"
    assert serve(path).status_code == 200
    assert serve(path).headers["x-request-id"]
    assert serve(path, token="other").status_code == 401
    assert serve(path, method="DELETE").status_code == 405
    assert serve(path.replace("sandbox", "elsewhere")).status_code == 404
    assert serve(path.replace("123", "99")).status_code == 404
    assert serve("/api/v1/token/inspect").json()["projects"][0]["projectUrlName"] == "sandbox"


def test_the_sandbox_gives_tokens_to_its_own_application_only() -> None:
    form = {"grant_type": "client_credentials", "client_id": "sandbox"}
    good = form | {"client_secret": "sandbox-secret"}
    given = serve("/oauth2/token", method="POST", form=good)
    assert given.json()["access_token"] == "sandbox-access-token"
    refused = serve("/oauth2/token", method="POST", form=form | {"client_secret": "other"})
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert serve("/oauth2/token", method="POST", form={}).status_code == 400
    assert serve("/oauth2/token", form=None).status_code == 400


def test_the_service_tells_whom_it_takes_a_token_for_and_of_which_projects_it_is() -> None:
    told = {"subject": "me", "projects": [{"projectUrlName": "sandbox"}]}
    handler, asked = answering("cognite", (200, told))
    assert make("cognite", handler).probe() == "me"
    assert asked[0].url.path == "/cognite/api/v1/token/inspect"
    handler, _ = answering("cognite", (200, {}))
    assert make("cognite", handler).probe() is None
    handler, _ = answering("cognite", (200, {"projects": [{"projectUrlName": "a"}, {}]}))
    with pytest.raises(AuthError, match="not of project 'sandbox', but of a") as caught:
        make("cognite", handler).probe()
    assert caught.value.hint == "check the setting project"


def test_where_a_token_may_not_be_inspected_a_job_is_looked_at() -> None:
    handler, asked = answering("cognite", (403, {}), (404, {"error": {"message": "none"}}))
    assert make("cognite", handler).probe() is None
    assert [one.url.path.rpartition("/")[2] for one in asked] == ["inspect", "123"]
