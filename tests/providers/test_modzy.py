"""Modzy, by the vendor's pages on jobs and results."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from contract import ROOT, answering, make, opened, sandbox, story
from contract_lists import ListsContract, ResultsContract
from hypothesis import strategies as st
from simulated import Hand

from jobctl import registry
from jobctl.auth.cache import TokenCache
from jobctl.config import Profile
from jobctl.errors import (
    AuthError,
    ConfigError,
    JobctlError,
    NotFoundError,
    UnavailableError,
    UsageError,
)
from jobctl.masking.texts import masked
from jobctl.models import Failure, Job, JobRef, JobState, Page, Progress, Query, rfc3339
from jobctl.sandbox import Lives
from jobctl.sandbox.modzy import ERRORS

Body = dict[str, Any]

ID = "14856eb1-0ad8-49e7-9da3-887acb80fea5"
EXAMPLES: dict[str, Body] = json.loads("""{
"queued": {"status": "SUBMITTED", "submittedBy": "PREFIX123", "accountIdentifier": "demo-account",
  "model": {"identifier": "ed542963de", "version": "1.0.1", "name": "Sentiment Analysis"},
  "createdAt": "2021-12-06T21:31:40.101+0000", "updatedAt": "2021-12-06T21:31:40.101+0000",
  "submittedAt": "2021-12-06T21:31:40.101+0000", "total": 4, "pending": 4, "completed": 0,
  "failed": 0, "elapsedTime": 0, "queueTime": 0,
  "user": {"identifier": "demo-user-id", "firstName": "demo", "email": "demo@example.com"},
  "jobInputs": [{"identifier": "first-key"}, {"identifier": "second-key"},
    {"identifier": "another-key"}, {"identifier": "wrong-key"}],
  "explain": false, "team": {"identifier": "demo-team"}, "hoursDeleteInput": 1},
"open": {"status": "OPEN", "createdAt": "2021-12-06T21:31:40.101+0000",
  "updatedAt": "2021-12-06T21:31:40.101+0000", "submittedAt": null, "total": 0, "pending": 0,
  "completed": 0, "failed": 0, "jobInputs": []},
"running": {"status": "IN_PROGRESS", "createdAt": "2021-12-06T21:31:40.101+0000",
  "updatedAt": "2021-12-06T21:31:40.793+00:00", "submittedAt": "2021-12-06T21:31:40.101+0000",
  "total": 4, "pending": 2, "completed": 2, "failed": 0, "elapsedTime": 0, "queueTime": 391},
"receipt": {"status": "IN_PROGRESS", "totalInputs": 2, "accessKey": "PREFIX123",
  "jobType": "batch", "jobInputs": {"identifier": ["a", "b"]},
  "submittedAt": "2021-08-02T21:19:52.529+00:00",
  "model": {"identifier": "ed542963de", "version": "0.0.27"}, "explain": false},
"succeeded": {"status": "COMPLETED", "createdAt": "2021-12-06T21:31:40.101+0000",
  "updatedAt": "2021-12-06T21:31:40.943+0000", "submittedAt": "2021-12-06T21:31:40.101+0000",
  "total": 4, "pending": 0, "completed": 4, "failed": 0, "elapsedTime": 842, "queueTime": 391},
"timed_out": {"status": "TIMEDOUT", "total": 4, "pending": 2, "completed": 2, "failed": 0,
  "timeout": 60000},
"error": {"status": "ERROR", "total": 1, "pending": 0, "completed": 0, "failed": 1},
"canceled": {"status": "CANCELED", "updatedAt": "2021-12-06T21:31:41.000+0000", "total": 4,
  "pending": 3, "completed": 1, "failed": 0}
}""")
QUEUED, OPEN, RUNNING, RECEIPT, SUCCEEDED, TIMED_OUT, ERROR, CANCELED = (
    body | {"jobIdentifier": ID} for body in EXAMPLES.values()
)
COMPLETED_RECEIPT = RECEIPT | {"status": "COMPLETED"}
PARTIAL = SUCCEEDED | {"completed": 3, "failed": 1}
ALL_FAILED = SUCCEEDED | {"total": 1, "completed": 0, "failed": 1}
GOOD = {"status": "SUCCESSFUL", "results.json": {"data": {"result": {"label": "negative"}}}}
BAD = {"status": "FAILED", "error": "Input file input.txt is missing"}
RESULTS: Body = {
    "jobIdentifier": ID,
    "total": 2,
    "completed": 1,
    "failed": 1,
    "finished": True,
    "submittedByKey": "PREFIX123",
    "initialQueueTime": 391,
    "elapsedTime": 842,
    "results": {"first-key": GOOD},
    "failures": {"wrong-key": BAD},
}
NOT_FOUND = {"statusCode": 404, "status": "NOT_FOUND", "message": "Results not found"}


def ref(id: str = ID) -> JobRef:
    return registry.find("modzy").check(JobRef.parse(id, "modzy"))


def look(
    body: Body, results: Any = None, *, status: int = 200, waiting: bool = False
) -> tuple[Job, list[str]]:
    """The job with that body, and the calls it took; without `results` there are none to be had."""
    calls = []

    def handle(request: httpx.Request) -> httpx.Response:
        kind = request.url.path.split("/")[-2]
        calls.append(kind)
        assert request.url.path == f"/modzy/api/{kind}/{ID}"
        if kind == "jobs":
            return httpx.Response(200, json=body)
        return httpx.Response(status, json=results) if results else httpx.Response(404)

    return make("modzy", handle, waiting=waiting).get(ref()), calls


def job(body: Body, results: Any = None) -> Job:
    return look(body, results)[0]


def state(body: Body, results: Any = None) -> JobState:
    return job(body, results).state


def refused(status: int, body: Any, headers: Mapping[str, str] | None = None) -> JobctlError:
    """The error that an answer becomes."""
    handler, seen = answering("modzy", (status, body, headers or {}))
    with pytest.raises(JobctlError) as caught:
        make("modzy", handler).get(ref())
    assert len(seen) == 1
    return caught.value


def profile(
    folder: Path, environ: Mapping[str, str] | None = None, section: str = "", name: str = "default"
) -> Profile:
    """A profile of a file with that section `modzy`, and of the variables."""
    return opened("modzy", folder, f"profiles: {{{name}: {{modzy: {{{section}}}}}}}", environ, name)


def signed(profile: Profile) -> httpx.Headers:
    """The headers of a request that is signed in by the profile."""
    auth = registry.find("modzy").auth(profile, TokenCache(None))
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(401)

    with httpx.Client(transport=httpx.MockTransport(handle), auth=auth) as client:
        client.get(ROOT)
    assert len(seen) == 1
    return seen[0]


def word(text: str) -> str:
    return "_".join(text.upper().replace("-", " ").split())


WORDS = {
    "SUBMITTED": "queued", "PENDING": "queued", "OPEN": "queued",
    "IN_PROGRESS": "running", "In Progress": "running", "in-progress": "running",
    "COMPLETED": "succeeded", "Complete": "succeeded",
    "COMPLETED_WITH_ERROR": "partial", "Completed with error": "partial",
    "CANCELED": "cancelled", "CANCELLED": "cancelled",
    "TIMEDOUT": "failed", "Timed Out": "failed", "TIMEOUT": "failed",
    "ERROR": "failed", "FAILED": "failed",
    "UNKNOWN": "unknown", "HIBERNATING": "unknown",
}  # fmt: skip


class TestModzyContract(ListsContract, ResultsContract):
    name = "modzy"
    lists: ClassVar = {(): 261}
    ordered: ClassVar = {**ListsContract.ordered, "name": "detail.model"}
    likely_lists: ClassVar = {
        "data": st.lists(
            st.fixed_dictionaries(
                {},
                optional={
                    "jobIdentifier": st.sampled_from([ID, "a", "../x"]),
                    "status": st.sampled_from([*WORDS]),
                    "failed": st.integers(0, 2) | st.none(),
                    "completed": st.integers(0, 2),
                },
            )
        )
    }
    ended = "2700725a-9c84-40ae-bbeb-4fce0d35424e"
    number = 4
    ours = frozenset({"inputKey"})
    likely_results: ClassVar = {
        "jobIdentifier": st.just(ID),
        "status": st.sampled_from([*WORDS]),
        "finished": st.booleans(),
        "jobInputs": st.just(["first-key", "", "gone"]),
        "failures": st.just({"wrong-key": BAD}),
        "results": st.sampled_from([{"first-key": GOOD}, {"": {"": GOOD}}, {"a": None}]),
    }
    likely: ClassVar = {
        "jobIdentifier": st.just(ID),
        "status": st.sampled_from([*WORDS, "completed", "Timed Out"]),
        "total": st.integers(0, 9),
        "totalInputs": st.integers(0, 9),
        "pending": st.integers(0, 9),
        "completed": st.integers(0, 9),
        "failed": st.integers(0, 2),
        "submittedAt": st.just("2021-12-06T21:31:40.101+00:00"),
        "updatedAt": st.just("2021-12-06T21:31:40.943+0000"),
        "elapsedTime": st.integers(0, 999),
        "queueTime": st.integers(0, 999),
        "jobInputs": st.just([{"identifier": "a"}]),
        "failures": st.just({"wrong-key": BAD}),
        "results": st.just({"first-key": GOOD}),
    }
    error_codes: ClassVar = {
        **dict.fromkeys((error.id for error in ERRORS), 6),
        "error-401": 4,
        "error-403": 4,
        "error-404": 5,
        "error-disagrees": 5,
        "error-429": 7,
    }
    bad_ids = ("history", "features", "a%2Fb", "a%20b", "a b", "é", "x" * 129, "a?b", "")

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        said, failed = body.get("status"), body.get("failed")
        none_failed = not failed or (isinstance(failed, str) and failed.strip("+0 ") == "")
        return isinstance(said, str) and word(said) in ("COMPLETED", "COMPLETE") and none_failed


# The id


def test_results_and_job_urls_name_the_same_job() -> None:
    one = make("modzy", answering("modzy", (500, {}))[0])
    for kind in ("jobs", "results"):
        assert one.ref_of_url(f"{ROOT}/modzy/api/{kind}/{ID}") == ref()
        assert one.ref_of_url(f"{ROOT}/modzy/api/{kind}/{ID}/?page=1#top") == ref()


def test_path_words_in_a_url_are_no_jobs() -> None:
    one = make("modzy", answering("modzy", (500, {}))[0])
    for path in ("jobs/history", "jobs/features", "jobs/%2E%2E", "jobs/a%2Fb", "models/x", "jobs"):
        with pytest.raises(UsageError):
            one.ref_of_url(f"{ROOT}/modzy/api/{path}")


def test_an_id_need_not_be_a_uuid() -> None:
    for one in ("197f2831-cg83-4ac2-a7d8-0e37886e88wf", "a", "history1", "...", "x" * 128, "A_b.9"):
        assert ref(one).parts == (one,)


def test_an_answer_for_another_job_or_for_none_is_refused() -> None:
    for told in ("another", None, "", ID.upper(), 5):
        error = refused(200, QUEUED | {"jobIdentifier": told})
        assert isinstance(error, UnavailableError)
        assert error.transient


# The base URL


def test_a_base_url_may_hold_api_slashes_a_port_or_a_path(tmp_path: Path) -> None:
    for given, made in {
        "https://modzy.example": "https://modzy.example",
        "https://modzy.example/": "https://modzy.example",
        "https://modzy.example/api": "https://modzy.example",
        "https://modzy.example//api//": "https://modzy.example",
        "https://modzy.example:8443/api/": "https://modzy.example:8443",
        "https://proxy.example/modzy/api": "https://proxy.example/modzy",
        "https://proxy.example/modzy/": "https://proxy.example/modzy",
        "https://modzy.example/api/api": "https://modzy.example/api",
        "https://api": "https://api",
        "https://api/api": "https://api",
        "https://modzy.example/myapi": "https://modzy.example/myapi",
    }.items():
        opened = profile(tmp_path, section=f"base_url: '{given}'")
        assert registry.find("modzy").base_url(opened) == made


def test_the_hosted_service_is_the_default(tmp_path: Path) -> None:
    assert registry.find("modzy").base_url(profile(tmp_path)) == "https://app.modzy.com"


# Signing in


def test_an_api_key_rides_in_the_authorization_header(tmp_path: Path) -> None:
    headers = signed(profile(tmp_path, {"MODZY_API_KEY": "PREFIX123.FAKEBODY"}))
    assert headers["authorization"] == "ApiKey PREFIX123.FAKEBODY"
    assert "modzy-team-id" not in headers


def test_a_team_token_rides_with_its_team(tmp_path: Path) -> None:
    headers = signed(profile(tmp_path, {"MODZY_TEAM_ID": "demo", "MODZY_TEAM_TOKEN": "FAKE.T.1"}))
    assert headers["authorization"] == "Bearer FAKE.T.1"
    assert headers["modzy-team-id"] == "demo"


def test_a_key_wins_over_a_team_token_of_the_same_place(tmp_path: Path) -> None:
    pair = {"MODZY_TEAM_ID": "demo", "MODZY_TEAM_TOKEN": "FAKETOKEN"}
    headers = signed(profile(tmp_path, pair | {"MODZY_API_KEY": "P.FAKEBODY"}))
    assert headers["authorization"] == "ApiKey P.FAKEBODY"


def test_a_stray_vendor_variable_does_not_bend_a_profile(tmp_path: Path) -> None:
    pair = "team_id: demo, team_token: FAKETOKEN"
    opened = profile(tmp_path, {"MODZY_API_KEY": "P.FAKEBODY"}, pair)
    assert signed(opened)["authorization"] == "Bearer FAKETOKEN"


def test_team_and_token_may_come_from_two_places(tmp_path: Path) -> None:
    opened = profile(tmp_path, {"JOBCTL_MODZY_TEAM_TOKEN": "FAKETOKEN"}, "team_id: demo")
    assert signed(opened)["modzy-team-id"] == "demo"


@pytest.mark.parametrize(
    ("environ", "missing"),
    [
        ({}, "api_key"),
        ({"MODZY_TEAM_ID": "demo"}, "team_token"),
        ({"MODZY_TEAM_TOKEN": "FAKETOKEN"}, "team_id"),
    ],
)
def test_what_is_missing_to_sign_in_is_named(
    tmp_path: Path, environ: Mapping[str, str], missing: str
) -> None:
    with pytest.raises(ConfigError, match=missing) as caught:
        signed(profile(tmp_path, environ))
    assert f"MODZY_{missing.upper()}" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "key", ["NODOTCANARY", "P.CANARY.CANARY", "P.CANARY\n", ".CANARY", "CANARY.", "P .CANARY"]
)
def test_a_key_that_cannot_be_one_is_refused_and_not_shown(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        signed(profile(tmp_path, {"MODZY_API_KEY": key}))
    assert "CANARY" not in f"{caught.value.message} {caught.value.hint}"


def test_the_body_of_a_key_is_never_shown(tmp_path: Path) -> None:
    signed(profile(tmp_path, {"MODZY_API_KEY": "PUBLIC.CANARYBODY"}))
    assert masked("the key CANARYBODY of PUBLIC") == "the key *** of PUBLIC"


@pytest.mark.parametrize("name", ["default", "work"])
def test_the_vendors_own_file_is_read_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".modzy"
    folder.mkdir()
    (folder / f"{name}.yaml").write_text("base-url: https://own.example/api\napi-key: P.FAKEBODY\n")
    opened = profile(tmp_path, name=name)
    assert registry.find("modzy").base_url(opened) == "https://own.example"
    assert signed(opened)["authorization"] == "ApiKey P.FAKEBODY"
    opened = profile(tmp_path, {"MODZY_API_KEY": "Q.FAKEBODY"}, name=name)
    assert signed(opened)["authorization"] == "ApiKey Q.FAKEBODY"


# The states


NO_WORDS: tuple[Any, ...] = (None, "", "  ", [], {}, True, 7)
NO_COUNTS: tuple[Any, ...] = (None, "many", -1, True, 1.5, [])


@pytest.mark.parametrize(("said", "ours"), WORDS.items())
def test_each_word_has_its_state_in_any_spelling(said: str, ours: str) -> None:
    found = job(QUEUED | {"status": said})
    assert found.state == ours
    assert found.status == said


def test_a_status_that_is_no_word_is_unknown_and_no_end() -> None:
    for said in NO_WORDS:
        assert state(QUEUED | {"status": said}) is JobState.UNKNOWN
    assert state({"jobIdentifier": ID, "total": 1}) is JobState.UNKNOWN


def test_a_receipt_without_a_status_is_of_a_job_just_submitted() -> None:
    receipt = {key: value for key, value in RECEIPT.items() if key != "status"}
    found = job(receipt)
    assert (found.state, found.status) == (JobState.QUEUED, None)
    assert state(receipt | {"status": []}) is JobState.UNKNOWN


def test_completed_with_no_failed_inputs_is_succeeded_by_one_call() -> None:
    found, calls = look(SUCCEEDED)
    assert found.state is JobState.SUCCEEDED
    assert calls == ["jobs"]
    assert (found.message, found.failures, found.warnings) == (None, (), ())


def test_completed_with_some_failed_inputs_is_partial() -> None:
    found, calls = look(PARTIAL, RESULTS)
    assert found.state is JobState.PARTIAL
    assert calls == ["jobs", "results"]
    assert found.message == "Input file input.txt is missing"
    assert found.failures == (Failure("wrong-key", "Input file input.txt is missing"),)
    assert found.progress == Progress(100, total=4, succeeded=3, failed=1, pending=0)


def test_completed_with_all_inputs_failed_is_failed() -> None:
    results = {"jobIdentifier": ID, "finished": True, "failures": {"wrong-key": BAD}}
    found = job(ALL_FAILED, results)
    assert found.state is JobState.FAILED
    assert found.message == "Input file input.txt is missing"


def test_failed_inputs_without_a_count_of_the_good_ones_are_partial() -> None:
    body = {"jobIdentifier": ID, "status": "COMPLETED", "failed": 1}
    assert state(body) is JobState.PARTIAL
    assert state(body | {"completed": None}) is JobState.PARTIAL
    assert state(body | {"completed": "0"}) is JobState.FAILED


def test_the_newer_word_is_partial_unless_every_input_failed() -> None:
    body = PARTIAL | {"status": "COMPLETED_WITH_ERROR"}
    assert state(body, RESULTS) is JobState.PARTIAL
    assert state(body | {"completed": 0, "failed": 4}, RESULTS) is JobState.FAILED
    bare = {"jobIdentifier": ID, "status": "COMPLETED_WITH_ERROR"}
    assert job(bare, RESULTS).failures == (Failure("wrong-key", BAD["error"]),)
    assert state(bare) is JobState.PARTIAL


def test_counts_decide_nothing_while_a_job_has_not_completed() -> None:
    for said, ours in (("IN_PROGRESS", "running"), ("CANCELED", "cancelled"), ("ODD", "unknown")):
        assert state(SUCCEEDED | {"status": said}) == ours
        assert state(ALL_FAILED | {"status": said}) == ours


def test_a_profile_may_give_a_word_another_state() -> None:
    provider = make("modzy", answering("modzy", (200, QUEUED | {"status": "Gone Home"}))[0])
    provider.profile.states = {"gone-home": JobState.CANCELLED}
    assert provider.get(ref()).state is JobState.CANCELLED


# A job in the shape of a receipt


def test_a_running_receipt_leaves_open_what_it_does_not_say() -> None:
    found, calls = look(RECEIPT)
    assert calls == ["jobs"]
    assert found.state is JobState.RUNNING
    assert found.progress == Progress(total=2)
    assert found.created_at is found.started_at is found.updated_at is None
    assert found.detail == {
        "model": "ed542963de",
        "model_id": "ed542963de",
        "model_version": "0.0.27",
        "type": "batch",
        "submitted_by": "PREFIX123",
        "submitted_at": "2021-08-02T21:19:52.529Z",
        "inputs": 2,
        "explain": False,
    }


def test_a_completed_receipt_takes_counts_failures_and_times_from_one_look_at_the_results() -> None:
    found, calls = look(COMPLETED_RECEIPT, RESULTS)
    assert calls == ["jobs", "results"]
    assert found.state is JobState.PARTIAL
    assert found.progress == Progress(100, total=2, succeeded=1, failed=1)
    assert found.duration_seconds == pytest.approx(0.451)
    assert found.warnings == ()


def test_a_completed_receipt_whose_results_know_no_failure_is_succeeded() -> None:
    good = RESULTS | {"completed": 2, "failed": 0, "failures": None}
    found = job(COMPLETED_RECEIPT, good)
    assert (found.state, found.warnings) == (JobState.SUCCEEDED, ())


def test_a_completed_receipt_whose_results_cannot_be_read_is_succeeded_with_a_warning() -> None:
    body = COMPLETED_RECEIPT
    for status, results in ((404, NOT_FOUND), (500, {}), (200, [1]), (401, {"a": 1})):
        found, calls = look(body, results, status=status)
        assert calls == ["jobs", "results"]
        assert found.state is JobState.SUCCEEDED
        assert "does not say how many inputs failed" in found.warnings[0]
        assert "results could not be read" in found.warnings[1]


def test_a_wait_asks_again_for_results_that_may_disprove_a_success() -> None:
    with pytest.raises(UnavailableError):
        look(COMPLETED_RECEIPT, [1], status=503, waiting=True)
    found, _ = look(COMPLETED_RECEIPT, [1], status=403, waiting=True)
    assert found.state is JobState.SUCCEEDED
    assert look(PARTIAL, [1], status=503, waiting=True)[0].state is JobState.PARTIAL


def test_a_count_of_failures_that_nobody_can_read_is_no_success() -> None:
    for failed in ("many", -1, 1.5, True, [1]):
        found, calls = look(SUCCEEDED | {"failed": failed})
        assert calls == ["jobs", "results"]
        assert found.state is JobState.PARTIAL
        assert found.warnings[0] == "the service does not say how many inputs failed"
        good = RESULTS | {"failed": 0, "failures": None}
        assert state(SUCCEEDED | {"failed": failed}, good) is JobState.SUCCEEDED
    assert state(SUCCEEDED | {"failed": 10**30}, good) is JobState.PARTIAL


def test_results_that_are_not_finished_or_silent_prove_no_success() -> None:
    body = COMPLETED_RECEIPT
    for results in (RESULTS | {"failed": 0, "failures": None, "finished": "false"}, {"total": 2}):
        assert job(body, results).warnings == ("the service does not say how many inputs failed",)


def test_results_of_another_job_are_not_believed() -> None:
    found = job(PARTIAL, RESULTS | {"jobIdentifier": "another"})
    assert found.state is JobState.PARTIAL
    assert found.failures == ()
    assert "answered for job another" in found.warnings[0]


def test_old_servers_use_other_names_and_nest_entries() -> None:
    old = {
        "jobIdentifier": ID,
        "total": 2,
        "completed": 1,
        "finished": True,
        "jobQueueTime": 100,
        "jobElapsedTime": 300,
        "results": {"a": {"a": GOOD}, "": {"": BAD}},
    }
    found = job(COMPLETED_RECEIPT, old)
    assert found.failures == (Failure("", BAD["error"]),)
    assert found.duration_seconds == pytest.approx(0.2)


# Failures


def test_failures_are_those_listed_and_those_marked_among_the_results() -> None:
    results = {
        "results": {
            "a": GOOD,
            "b": BAD | {"error": None},
            "c": {"status": "failed", "error": "late"},
            "d": GOOD | {"d": {"an": "output named like its input"}},
            "e": "FAILED",
        },
        "failures": {"c": BAD, "../x": {"error": {"no": "text"}}, "z": None},
    }
    assert job(PARTIAL, results).failures == (
        Failure("c", BAD["error"]),
        Failure("../x", None),
        Failure("z", None),
        Failure("b", None),
    )


def test_absent_or_null_maps_of_results_are_no_failures() -> None:
    silent: list[Body] = [{"finished": True}, {"results": None, "failures": None}, {"failures": []}]
    for results in silent:
        found = job(PARTIAL, results)
        assert (found.state, found.failures, found.message) == (JobState.PARTIAL, (), None)


def test_more_listed_failures_than_counted_ones_are_believed() -> None:
    found = job(COMPLETED_RECEIPT, RESULTS | {"completed": 1, "failed": 0})
    assert (found.state, found.progress.failed) == (JobState.PARTIAL, 1)


def test_failures_that_cannot_be_read_keep_the_verdict_and_are_warned_about() -> None:
    for body, verdict in ((PARTIAL, "partial"), (ALL_FAILED, "failed"), (ERROR, "failed")):
        found = job(body)
        assert found.state == verdict
        assert found.failures == ()
        (warning,) = found.warnings
        assert "results could not be read: Modzy answered 404" in warning


def test_an_error_looks_for_its_cause_in_the_results() -> None:
    found, calls = look(ERROR | {"failed": 0}, RESULTS)
    assert calls == ["jobs", "results"]
    assert (found.state, found.message) == (JobState.FAILED, "Input file input.txt is missing")


def test_a_job_that_has_not_ended_or_has_no_failures_takes_one_call() -> None:
    for body in (QUEUED, OPEN, RUNNING | {"failed": 1}, RECEIPT, TIMED_OUT, CANCELED):
        assert look(body)[1] == ["jobs"]


def test_a_canceled_or_timed_out_job_lists_its_failed_inputs() -> None:
    for body, message in ((CANCELED, None), (TIMED_OUT, "timed out")):
        found, calls = look(body | {"failed": 1}, RESULTS)
        assert calls == ["jobs", "results"]
        assert len(found.failures) == 1
        assert found.message == message


def test_a_signed_url_in_a_message_is_masked() -> None:
    bad = {"error": "cannot read https://bucket.example/a?X-Amz-Signature=CANARY"}
    found = job(PARTIAL, {"failures": {"a": bad}})
    assert "CANARY" not in f"{found.message} {found.failures}"


# OPEN and TIMEDOUT


def test_an_open_job_is_queued_and_says_what_it_waits_for() -> None:
    found = job(OPEN)
    assert (found.state, found.message) == (JobState.QUEUED, "open: waits for input and close")
    assert found.warnings == ()


def test_a_wait_for_an_open_job_warns_that_somebody_must_close_it() -> None:
    (warning,) = look(OPEN, waiting=True)[0].warnings
    assert "ends only once somebody closes it" in warning
    assert look(QUEUED, waiting=True)[0].warnings == ()


def test_a_timed_out_job_says_so() -> None:
    found = job(TIMED_OUT)
    assert (found.state, found.message) == (JobState.FAILED, "timed out")
    assert found.detail == {"timeout_seconds": 60}


# Progress and times


def test_progress_is_what_the_service_counts() -> None:
    assert job(RUNNING).progress == Progress(50, total=4, succeeded=2, failed=0, pending=2)
    assert job(QUEUED).progress == Progress(0, total=4, succeeded=0, failed=0, pending=4)


def test_a_count_that_is_absent_null_or_no_count_is_unknown_not_zero() -> None:
    for name, ours in {
        "total": "total", "pending": "pending", "completed": "succeeded", "failed": "failed",
    }.items():  # fmt: skip
        for value in NO_COUNTS:
            found = job(RUNNING | {name: value}).progress
            assert getattr(found, ours) is None
            assert (found.percent is None) == (name != "pending")


def test_counts_may_be_written_as_text() -> None:
    found = job(RUNNING | {"total": "4", "pending": "1", "completed": "2", "failed": "1"}).progress
    assert found == Progress(75, total=4, succeeded=2, failed=1, pending=1)


def test_the_percentage_stays_between_0_and_100_and_is_none_of_nothing() -> None:
    assert job(RUNNING | {"completed": 9}).progress.percent == 100
    assert job(RUNNING | {"completed": 2**62}).progress.percent == 100
    assert job(RUNNING | {"total": 0}).progress.percent is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2021-07-20T01:40:11.187+0000", "2021-07-20T01:40:11.187Z"),
        ("2021-07-20T01:40:11.187+00:00", "2021-07-20T01:40:11.187Z"),
        ("2021-07-20T01:40:11.18Z", "2021-07-20T01:40:11.180Z"),
        ("2021-07-20T01:40:11", "2021-07-20T01:40:11.000Z"),
        ("2021-07-19T21:40:11.187-0400", "2021-07-20T01:40:11.187Z"),
        *((nothing, None) for nothing in (None, "yesterday", 5, "")),
    ],
)
def test_a_time_in_either_form_is_given_in_utc(written: Any, read: str | None) -> None:
    assert rfc3339(job(QUEUED | {"createdAt": written}).created_at) == read


def test_times_of_a_job_that_ended() -> None:
    found = job(SUCCEEDED)
    assert rfc3339(found.created_at) == "2021-12-06T21:31:40.101Z"
    assert rfc3339(found.started_at) == "2021-12-06T21:31:40.492Z"
    assert rfc3339(found.updated_at) == "2021-12-06T21:31:40.943Z"
    assert rfc3339(found.ended_at) == "2021-12-06T21:31:40.943Z"
    assert found.duration_seconds == pytest.approx(0.451)


def test_a_job_has_a_start_once_it_is_not_queued_and_an_end_once_it_has_ended() -> None:
    queued, running = job(QUEUED), job(RUNNING)
    assert queued.started_at is None
    assert rfc3339(running.started_at) == "2021-12-06T21:31:40.492Z"
    assert (queued.ended_at, running.ended_at, running.duration_seconds) == (None, None, None)
    assert job(RUNNING | {"queueTime": None}).started_at is None
    assert rfc3339(job(RUNNING | {"queueTime": 0}).started_at) == "2021-12-06T21:31:40.101Z"


def test_an_end_that_is_not_told_is_the_last_change() -> None:
    for value in (0, None, "soon", -5, "0", 10**400):
        found = job(SUCCEEDED | {"elapsedTime": value})
        assert rfc3339(found.ended_at) == "2021-12-06T21:31:40.943Z"
    assert rfc3339(job(SUCCEEDED | {"submittedAt": None}).ended_at) == "2021-12-06T21:31:40.943Z"
    assert rfc3339(job(CANCELED).ended_at) == "2021-12-06T21:31:41.000Z"
    assert job(TIMED_OUT).ended_at is None


# Further facts


def test_detail_tells_model_owner_and_inputs_but_no_personal_data() -> None:
    detail = job(QUEUED | {"project": {"identifier": "p1"}, "inputByteAmount": 176}).detail
    assert detail == {
        "model": "Sentiment Analysis",
        "model_id": "ed542963de",
        "model_version": "1.0.1",
        "submitted_by": "PREFIX123",
        "submitted_at": "2021-12-06T21:31:40.101Z",
        "account": "demo-account",
        "team": "demo-team",
        "project": "p1",
        "inputs": 4,
        "input_bytes": 176,
        "explain": False,
    }


def test_only_the_public_part_of_a_key_is_told() -> None:
    assert job(QUEUED | {"submittedBy": "PREFIX123.CANARY"}).detail["submitted_by"] == "PREFIX123"


def test_inputs_come_in_three_forms() -> None:
    two: list[Any] = [["a", "b"], [{"identifier": "a"}, {"identifier": ""}]]
    for inputs in (*two, {"identifier": ["a", "b"]}):
        assert job(QUEUED | {"jobInputs": inputs}).detail["inputs"] == 2
    none: list[Any] = [[], None, "a", {"identifier": "a"}, {}]
    for inputs in none:
        assert "inputs" not in job(QUEUED | {"jobInputs": inputs}).detail


# The list


JANUARY = datetime(2024, 1, 31, 12, tzinfo=UTC)
SINCE = Query(since=JANUARY)


def history(
    *answers: Any,
    query: Query = SINCE,
    cursor: str | None = None,
    options: Mapping[str, str] | None = None,
    states: Mapping[str, JobState] | None = None,
) -> tuple[Page[Job], dict[str, str]]:
    """A page of jobs, and the parameters it was asked for with."""
    handler, seen = answering("modzy", *(answers or [(200, [])]))
    provider = make("modzy", handler, options=options)
    provider.profile.states = states or {}
    page = provider.list(query, cursor)
    (request,) = seen
    assert request.url.path == "/modzy/api/jobs/history"
    return page, dict(request.url.params)


def test_a_list_is_asked_for_newest_first_from_page_1() -> None:
    assert history()[1] == {
        "startDate": "2024-01-31T12:00:00.000Z",
        "sort-by": "createdAt",
        "direction": "DESC",
        "page": "1",
        "per-page": "100",
    }


def test_a_list_always_begins_at_some_time_a_month_ago_if_not_told() -> None:
    before = datetime.now(UTC)
    start = datetime.fromisoformat(history(query=Query())[1]["startDate"])
    assert before - timedelta(days=30, seconds=1) <= start <= datetime.now(UTC) - timedelta(days=30)


def test_a_list_never_ends_at_a_time_without_beginning_at_one() -> None:
    asked = history(query=Query(), options={"until": "2024-01-31T14:00:00+02:00"})[1]
    assert (asked["startDate"], asked["endDate"]) == (
        "2024-01-01T12:00:00.000Z",
        "2024-01-31T12:00:00.000Z",
    )
    asked = history(options={"until": "2024-02-01"})[1]
    assert (asked["startDate"], asked["endDate"]) == (
        "2024-01-31T12:00:00.000Z",
        "2024-02-01T00:00:00.000Z",
    )
    asked = history(query=Query(), options={"until": "0001-01-01"})[1]
    assert asked["startDate"] == asked["endDate"] == "0001-01-01T00:00:00.000Z"


def test_an_end_that_is_no_time_is_refused_before_any_request() -> None:
    handler, seen = answering("modzy", (500, {}))
    with pytest.raises(UsageError, match="--until 'soon'"):
        make("modzy", handler, options={"until": "soon"}).list(Query())
    assert seen == []


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ("running", "IN_PROGRESS"),
        ("succeeded", "COMPLETED"),
        ("cancelled", "CANCELED"),
        ("queued", None),
        ("partial", None),
        ("failed", None),
        ("unknown", None),
        ("running unknown", None),
        ("running cancelled", None),
        ("", None),
    ],
)
def test_a_state_is_asked_for_only_where_one_status_alone_can_stand_for_it(
    states: str, status: str | None
) -> None:
    asked = history(query=Query(states=frozenset(map(JobState, states.split()))))[1]
    assert asked.get("status") == status


def test_a_profile_that_gives_words_other_states_changes_what_is_asked_for() -> None:
    running = Query(states=frozenset({JobState.RUNNING}))
    for words, status in (
        ({"in progress": JobState.QUEUED}, None),
        ({"Hibernating": JobState.RUNNING}, None),
        ({"in progress": JobState.QUEUED, "Hibernating": JobState.RUNNING}, None),
        ({"in progress": JobState.QUEUED, "error": JobState.RUNNING}, "ERROR"),
    ):
        assert history(query=running, states=words)[1].get("status") == status


def test_a_status_and_a_model_are_asked_for_as_told() -> None:
    options = {"status": "terminated", "model": "Sentiment & more"}
    asked = history(query=Query(states=frozenset({JobState.RUNNING})), options=options)[1]
    assert (asked["status"], asked["model"]) == ("TERMINATED", "Sentiment & more")


def test_an_order_is_asked_for_in_the_services_words() -> None:
    for ours, theirs in {
        "created": "createdAt", "updated": "updatedAt",
        # several of our states share a word, and a job has no name
        "state": "createdAt", "name": "createdAt",
    }.items():  # fmt: skip
        assert history(query=Query(sort=ours))[1]["sort-by"] == theirs
    assert history(query=Query(descending=False))[1]["direction"] == "ASC"


def test_a_history_is_a_bare_array_or_wrapped_as_older_servers_do() -> None:
    for body in ([SUCCEEDED, RUNNING | {"jobIdentifier": "b"}], {"data": [SUCCEEDED, RUNNING]}):
        page, _ = history((200, body))
        assert [one.state.value for one in page.items] == ["succeeded", "running"]
        assert page.keys == [one.ref for one in page.items]


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, b"", b"<html>", b"[{", b"7"])
def test_an_answer_that_is_no_history_is_unavailable(body: Any) -> None:
    with pytest.raises(UnavailableError) as caught:
        history((200, body))
    assert caught.value.transient


def test_a_full_page_has_one_after_it_and_a_shorter_one_has_none() -> None:
    full = [SUCCEEDED | {"jobIdentifier": str(number)} for number in range(3)]
    cursor = "page/2/2/1/2//2024-01-31T12%3A00%3A00Z"
    for number, after in ((3, 1), (2, 1), (1, 0), (0, 0)):
        page, asked = history((200, full[:number]), cursor=cursor)
        assert len(list(page.next)) == after
        assert asked["per-page"] == "2"


def test_a_first_page_that_is_short_may_be_all_that_the_service_gives_at_once() -> None:
    page, asked = history((200, [SUCCEEDED] * 10))
    assert asked["per-page"] == "100"
    assert list(page.next) == ["page/2/10/1/10//2024-01-31T12%3A00%3A00.000Z"]
    assert list(history((200, []))[0].next) == []


def test_a_page_has_a_hundred_jobs_at_most_however_many_are_wanted() -> None:
    for wanted, size in ((5, "5"), (150, "100")):
        assert history(query=Query(since=JANUARY, size=wanted))[1]["per-page"] == size


def test_a_service_that_ignores_what_is_asked_for_is_chosen_from_here() -> None:
    def fitting(**options: str) -> list[str]:
        handler, _ = answering("modzy", (200, [SUCCEEDED, RUNNING, ALL_FAILED]))
        provider = make("modzy", handler, options=options)
        return [str(job.status) for job in provider.list(SINCE).items if provider.fits(job)]

    everything = [str(one["status"]) for one in (SUCCEEDED, RUNNING, ALL_FAILED)]
    assert fitting() == fitting(status="TERMINATED") == everything
    assert fitting(status="in progress") == ["IN_PROGRESS"]
    assert fitting(until="2000-01-01") == []
    assert fitting(until="2100-01-01") == everything


def test_where_a_link_header_tells_whether_there_is_more_it_is_believed_but_never_followed() -> (
    None
):
    link = '<https://evil.example/api/jobs/history?page=7>; rel="{}"'
    one = Query(since=JANUARY, size=1)
    page, _ = history((200, [SUCCEEDED], {"Link": link.format("prev")}), query=one)
    assert list(page.next) == []
    # as a server would that gives fewer jobs on a page than it was asked for
    page, _ = history((200, [SUCCEEDED], {"Link": link.format("next")}))
    assert list(page.next) == ["page/2/100/1/1//2024-01-31T12%3A00%3A00.000Z"]


def test_a_cursor_keeps_the_size_and_the_start_that_its_page_is_counted_by() -> None:
    later = Query(since=datetime(2025, 1, 1, tzinfo=UTC), size=10)
    page, asked = history(
        (200, [SUCCEEDED] * 50), query=later, cursor="page/3/50/2/100//2024-01-31T12%3A00%3A00Z"
    )
    assert (asked["page"], asked["per-page"]) == ("3", "50")
    assert asked["startDate"] == "2024-01-31T12:00:00Z"
    assert list(page.next) == ["page/4/50/3/150//2024-01-31T12%3A00%3A00Z"]


@pytest.mark.parametrize(
    "cursor",
    ["2", "page/2/101/1/101//2024-01-31", "page/2/100/1/100//soon", "page/2/-1/1/0//2024-01-31"],
)
def test_a_cursor_of_something_else_is_refused_before_any_request(cursor: str) -> None:
    handler, seen = answering("modzy", (500, {}))
    with pytest.raises(UsageError, match="not a cursor"):
        make("modzy", handler).list(Query(), cursor)
    assert seen == []


def test_rows_have_the_states_that_their_own_counts_give_and_take_no_further_request() -> None:
    bodies = [QUEUED, RUNNING, SUCCEEDED, PARTIAL, ALL_FAILED, ERROR, CANCELED, TIMED_OUT]
    page, _ = history((200, bodies))
    assert " ".join(one.state for one in page.items) == (
        "queued running succeeded partial failed failed cancelled failed"
    )
    assert page.notes == ()
    assert [one.raw for one in page.items] == [json.dumps(body).encode() for body in bodies]


def test_a_completed_row_that_does_not_count_failed_inputs_is_unknown_and_told_once() -> None:
    page, _ = history((200, [COMPLETED_RECEIPT, COMPLETED_RECEIPT, SUCCEEDED | {"failed": None}]))
    for one in page.items:
        assert (one.state, one.status) == (JobState.UNKNOWN, "COMPLETED")
        assert one.message == "the service does not say how many inputs failed"
        assert one.ended_at is None
    (note,) = page.notes
    assert "`jobctl get`" in note


def test_a_row_that_says_that_inputs_failed_is_no_success_and_warns_of_nothing() -> None:
    page, _ = history((200, [SUCCEEDED | {"failed": "many"}, SUCCEEDED | {"status": "Complete"}]))
    assert [one.state.value for one in page.items] == ["partial", "succeeded"]
    assert [one.warnings for one in page.items] == [(), ()]


def test_rows_without_an_identifier_are_left_out_and_told() -> None:
    deep = b'[{"jobIdentifier": "a"}, {"status": "OPEN"}, null, {"jobIdentifier": ""}]'
    page, _ = history((200, deep))
    assert [one.ref.id for one in page.items] == ["a"]
    assert page.notes == ("3 rows without a proper id are left out",)


# The results


def results(
    body: Body,
    answer: Any,
    status: int = 200,
) -> tuple[list[bytes], tuple[str, ...]]:
    """The records of a job with that body, and what is told beside them."""
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()

    def handle(request: httpx.Request) -> httpx.Response:
        if "/jobs/" in request.url.path:
            return httpx.Response(200, json=body)
        assert request.url.path == f"/modzy/api/results/{ID}"
        return httpx.Response(status, content=content)

    page = make("modzy", handle).results(ref())
    assert list(page.next) == []
    return list(page.items), page.notes


def no_results(body: Body, answer: Any = NOT_FOUND, status: int = 404) -> JobctlError:
    with pytest.raises(JobctlError) as caught:
        results(body, answer, status)
    return caught.value


def test_each_input_is_a_record_as_the_service_wrote_it_with_its_key_before() -> None:
    entry = b'{"status":"SUCCESSFUL", "results.json":[1.50, 12345678901234567890,\t"\\u00e9"]}'
    lost = b'{"status": "FAILED", "error": "bad"}'
    found, notes = results(
        SUCCEEDED | {"total": 2},
        b'{"results": {"a \\"b\\"": %s}, "failures": {"": %s}}' % (entry, lost),
    )
    assert found == [
        b'{"inputKey": "a \\"b\\"", ' + entry[1:],
        b'{"inputKey": "", ' + lost[1:],
    ]
    assert notes == ()


def keys(found: list[bytes]) -> list[str]:
    return [json.loads(record)["inputKey"] for record in found]


def test_records_come_in_the_order_of_the_jobs_inputs_and_then_as_the_service_gives_them() -> None:
    answer = {"results": dict.fromkeys("zcab", GOOD), "failures": dict.fromkeys("yd", BAD)}
    for inputs in (["a", "d", "c"], [{"identifier": name} for name in "adc"]):
        assert keys(results(SUCCEEDED | {"jobInputs": inputs}, answer)[0]) == [*"adczby"]
    receipt = RECEIPT | {"jobInputs": {"identifier": ["d", 5, "a"]}}
    assert keys(results(receipt, answer)[0]) == [*"dazcby"]
    assert keys(results(SUCCEEDED | {"jobInputs": None}, answer)[0]) == [*"zcabyd"]


def test_either_map_may_be_absent_or_null() -> None:
    for nothing in ({}, {"failures": None}):
        assert keys(results(SUCCEEDED, {"results": {"a": GOOD}} | nothing)[0]) == ["a"]
    for nothing in ({}, {"results": None}):
        assert keys(results(PARTIAL, {"failures": {"b": BAD}} | nothing)[0]) == ["b"]
    assert results(SUCCEEDED | {"total": 0}, {"finished": True}) == ([], ())


def test_an_entry_that_older_servers_nest_is_taken_out_once() -> None:
    nested = {"a": {"a": GOOD}, "b": {"b": {"b": GOOD}}, "c": GOOD | {"c": {"no": "nest"}}}
    found = [json.loads(record) for record in results(SUCCEEDED, {"results": nested})[0]]
    assert found == [
        {"inputKey": "a"} | GOOD,
        {"inputKey": "b", "b": GOOD},
        {"inputKey": "c"} | GOOD | {"c": {"no": "nest"}},
    ]


def test_an_entry_that_is_no_object_is_a_record_all_the_same() -> None:
    found, _ = results(PARTIAL, {"results": {"a": "FAILED"}, "failures": {"b": None}})
    assert found == [
        b'{"inputKey": "a", "value": "FAILED"}',
        b'{"inputKey": "b", "value": null}',
    ]


def test_the_url_of_an_output_keeps_the_newline_at_its_end() -> None:
    url = "https://trial.app.modzy.com/api/results/1/user-input/results.wav\n"
    ((record,), _) = results(SUCCEEDED, {"results": {"user-input": {"results.wav": url}}})
    assert json.loads(record)["results.wav"] == url


def test_inputs_that_have_no_result_are_told() -> None:
    answer = {"finished": True, "results": {"a": GOOD}}
    named = CANCELED | {"jobInputs": [*"abcd"]}
    assert results(named, answer)[1][1:] == ("no result for 3 of its inputs: b, c, d",)
    many = CANCELED | {"jobInputs": [*"abcdefghi"], "total": 9}
    assert results(many, answer)[1][1:] == ("no result for 8 of its inputs: b, c, d, e, f, ...",)
    assert results(CANCELED, answer)[1][1:] == ("no result for 3 of its inputs",)
    assert results(CANCELED | {"total": None}, answer)[1] == ("it was cancelled",)


def test_a_job_that_went_through_announces_a_result_for_each_input() -> None:
    for body, total in ((SUCCEEDED, 4), (CANCELED, None), (RUNNING, None)):
        answers = [(200, body | {"total": 4}), (200, {"finished": True, "results": {"a": GOOD}})]
        handler, _ = answering("modzy", *answers)
        assert make("modzy", handler).results(ref()).total == total


def test_a_job_that_runs_gives_what_is_there_so_far_and_says_so() -> None:
    found, notes = results(RUNNING, {"finished": False, "results": {"a": GOOD, "b": GOOD}})
    assert keys(found) == ["a", "b"]
    assert notes == (
        "it is running: these are its results so far",
        "no result for 2 of its inputs",
    )


def test_results_that_are_not_finished_although_the_job_has_ended_are_told() -> None:
    _, notes = results(SUCCEEDED | {"total": 1}, {"finished": "false", "results": {"a": GOOD}})
    assert notes == ("the service has not finished these results",)


def test_a_job_that_failed_gives_its_failures_and_says_so() -> None:
    found, notes = results(ALL_FAILED, {"failures": {"wrong-key": BAD}})
    assert keys(found) == ["wrong-key"]
    assert notes == ("it failed: Input file input.txt is missing",)


def test_results_of_a_job_that_has_not_ended_are_not_ready() -> None:
    for body in (QUEUED, OPEN, RUNNING, RECEIPT, QUEUED | {"status": "HIBERNATING"}):
        for error in (no_results(body), no_results(body, {"finished": False}, 200)):
            assert (error.exit_code, error.provider) == (8, "modzy")
            assert error.hint == f"jobctl results modzy/{ID} --wait --profile sandbox"


def test_results_of_a_job_that_has_ended_may_be_gone() -> None:
    for body in (SUCCEEDED, PARTIAL, CANCELED):
        error = no_results(body)
        assert (error.exit_code, error.http_status) == (5, 404)
        assert "no longer available" in error.message


def test_a_job_that_failed_without_results_is_told_as_failed() -> None:
    for body, cause in ((ERROR, ""), (TIMED_OUT, ": timed out")):
        for error in (no_results(body), no_results(body, {"finished": True}, 200)):
            assert error.exit_code == 10
            assert error.message == f"modzy/{ID} failed and has no results{cause}"


def test_results_of_a_job_that_does_not_exist_are_not_found_by_one_request() -> None:
    handler, seen = answering("modzy", (404, NOT_FOUND))
    with pytest.raises(NotFoundError) as caught:
        make("modzy", handler).results(ref())
    assert "no longer" not in caught.value.message
    assert len(seen) == 1


def test_any_other_refusal_of_the_results_is_told_as_it_is() -> None:
    for status, code in ((401, 4), (403, 4), (429, 7), (500, 6)):
        assert no_results(SUCCEEDED, {}, status).exit_code == code


def test_results_that_cannot_be_read_are_unavailable() -> None:
    unreadable: list[Any] = [
        {"results": []},
        {"failures": 5},
        {"jobIdentifier": "b"},
        b"",
        b"[" * 9**5,
    ]
    for answer in unreadable:
        error = no_results(SUCCEEDED, answer, 200)
        assert error.exit_code == 6
        assert error.transient


# Errors


def test_an_error_shows_words_and_the_report_url() -> None:
    body = {
        "statusCode": 400,
        "status": "BAD_REQUEST",
        "message": "Java heap space",
        "reportErrorUrl": "https://app.modzy.com/report/1?token=CANARY",
    }
    error = refused(400, body, {"X-Correlation-Id": "c-1"})
    said = "Java heap space; report it at https://app.modzy.com/report/1?token=***"
    assert error.message == f"Modzy answered 400: {said}"
    assert error.request_id == "c-1"
    assert "report" not in refused(400, body | {"reportErrorUrl": ""}).message


def test_the_http_status_counts_not_the_one_in_the_body() -> None:
    assert refused(404, {"statusCode": 123}).exit_code == 5
    assert refused(401, {"statusCode": 500}).exit_code == 4


@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", [1], "text", {"message": None}])
def test_any_body_of_an_error_will_do(body: Any) -> None:
    for status, code in ((502, 6), (401, 4), (400, 6), (302, 6), (201, 6)):
        assert refused(status, body).exit_code == code


def test_a_refused_key_is_final_and_the_hints_name_the_likely_causes() -> None:
    unauthorized = refused(401, {"message": "The API key is not valid"})
    assert isinstance(unauthorized, AuthError)
    assert not unauthorized.transient
    assert "inactive" in (unauthorized.hint or "")
    forbidden = refused(403, {}).hint or ""
    assert "role" in forbidden
    assert "another key" in forbidden
    assert "base_url" in (refused(404, {}).hint or "")


def test_what_may_pass_is_told_apart() -> None:
    for status in (408, 429, 500, 502, 503, 504):
        assert refused(status, {}).transient
    for status in (400, 403, 404, 405, 409, 422):
        assert not refused(status, {}).transient
    assert refused(429, {}, {"Retry-After": "3"}).retry_after == 3


# The sandbox


def test_the_sandbox_plays_a_job_from_submission_to_completion() -> None:
    jobs = story(ref(ID), 0, 1.5, 2.5, 3.9, 4)
    assert [one.state.value for one in jobs] == ["queued", *["running"] * 3, "succeeded"]
    assert [one.progress.succeeded for one in jobs] == [0, 0, 2, 3, 4]
    assert [one.progress.percent for one in jobs] == [0, 0, 50, 75, 100]
    assert jobs[-1].detail["queue_seconds"] == 1
    assert jobs[-1].duration_seconds == 3
    assert jobs[-1].ended_at == jobs[-1].updated_at


def test_the_sandbox_plays_each_way_to_end() -> None:
    for one, ours in {
        "2700725a-9c84-40ae-bbeb-4fce0d35424e": "partial",
        "job-cwe-1": "partial",
        "job-receipt-1": "partial",
        "job-allfailed-1": "failed",
        "job-error-1": "failed",
        "job-timedout-1": "failed",
        "job-canceled-1": "cancelled",
    }.items():
        (found,) = story(ref(one), 5)
        assert found.state == ours
        assert found.duration_seconds == 3
        assert bool(found.failures) == (one not in ("job-timedout-1", "job-canceled-1"))


def test_the_sandbox_plays_an_open_job_that_is_closed_and_one_that_is_not() -> None:
    jobs = story(ref("job-closed-1"), 1, 2.5, 4, 6)
    assert [one.status for one in jobs] == ["OPEN", "SUBMITTED", "IN_PROGRESS", "COMPLETED"]
    (still,) = story(ref("job-open-1"), 10_000)
    assert (still.status, still.message) == ("OPEN", "open: waits for input and close")
    assert story(ref("job-odd-1"), 10_000)[0].state is JobState.UNKNOWN


KEY = {"authorization": "ApiKey SANDBOX1.sandbox-key-body"}


def serve(
    path: str, *, method: str = "GET", age: float = 0, headers: Mapping[str, str] = KEY
) -> httpx.Response:
    """An answer of the sandbox to a request, `age` seconds after the first like it."""
    hand = [0.0]
    handle = sandbox("modzy", Lives(Hand(lambda: hand[-1])))
    request = httpx.Request(method, f"{ROOT}/modzy{path}", headers=headers)
    handle(request)
    hand.append(age)
    return handle(request)


def test_the_sandbox_wants_a_key_or_a_team_with_its_token() -> None:
    path = f"/api/jobs/{ID}"
    token = {"authorization": "Bearer sandbox.team.token"}
    assert serve(path).status_code == 200
    assert serve(path, headers=token | {"modzy-team-id": "sandbox-team"}).status_code == 200
    for headers in (token, {"authorization": "ApiKey SANDBOX1.other"}, {}):
        assert serve(path, headers=headers).status_code == 401


def test_the_sandbox_knows_its_jobs_and_lets_nobody_change_them() -> None:
    assert serve(f"/api/jobs/{ID}", method="DELETE").status_code == 405
    assert serve("/api/jobs/nobody").status_code == 404
    assert serve("/api/elsewhere").status_code == 404
    assert serve("/api/models", method="POST").status_code == 404


def test_the_sandbox_answers_what_the_vendors_sdk_asks_before_it_asks_for_a_job() -> None:
    for path, field in (("/api/models", "modelId"), ("/api/models/requirements/account", "status")):
        assert field in serve(path).json()[0]
        assert serve(path, headers={}).status_code == 401


def test_results_of_the_sandbox_are_absent_then_growing_then_finished() -> None:
    path = "/api/results/2700725a-9c84-40ae-bbeb-4fce0d35424e"
    assert serve(path, age=0.5).status_code == 404
    assert serve("/api/results/job-open-1", age=5).status_code == 404
    fresh, half, over = (serve(path, age=age).json() for age in (1.5, 3, 5))
    assert (fresh["completed"], fresh["finished"]) == (0, False)
    assert not {"results", "failures"} & fresh.keys()
    assert (len(half["results"]), half["finished"]) == (2, False)
    assert (len(over["results"]), len(over["failures"]), over["finished"]) == (3, 1, True)


def test_the_sandbox_mixes_both_forms_of_a_time() -> None:
    body = serve(f"/api/jobs/{ID}").json()
    assert body["createdAt"].endswith("+0000")
    assert body["submittedAt"].endswith("+00:00")


def listed(**asked: str) -> tuple[list[str], str]:
    """The jobs that the sandbox lists, and its `Link` header."""
    answer = serve(f"/api/jobs/history?{httpx.QueryParams(asked)}")
    assert answer.status_code == 200
    return [row["jobIdentifier"] for row in answer.json()], answer.headers.get("link", "")


def test_the_sandbox_lists_ten_jobs_oldest_first_unless_told_otherwise() -> None:
    names, _ = listed()
    assert names == [f"job-old-{number:03}" for number in range(250, 240, -1)]
    assert listed(page="0")[0] == names
    assert listed(direction="desc", status="TIMEDOUT")[0][0] == "job-old-015"
    assert len(listed(**{"per-page": "1000"})[0]) == 261


def test_the_sandbox_tells_by_a_link_whether_there_are_pages_around_one() -> None:
    url = f"<{ROOT}/modzy/api/jobs/history?per-page=100&page="
    assert listed(**{"per-page": "100"})[1] == f'{url}2>; rel="next"'
    names, link = listed(**{"per-page": "100", "page": "2"})
    assert (len(names), link) == (100, f'{url}1>; rel="prev", {url}3>; rel="next"')
    names, link = listed(**{"per-page": "100", "page": "3"})
    assert (len(names), link) == (61, f'{url}2>; rel="prev"')
    assert listed(**{"per-page": "261"})[1] == ""


def test_the_sandbox_sorts_and_filters_its_list() -> None:
    by_name = {"sort-by": "identifier", "startDate": "1970-01-01T00:00:00Z"}
    assert listed(**by_name)[0][0] == ID
    assert listed(**{"sort-by": "status,identifier"})[0][0] == "job-old-010"
    assert listed(**{"sort-by": "model", "direction": "DESC"})[0][0] == "job-old-235"
    assert listed(**{"sort-by": "submittedAt"})[0][:2] == ["job-closed-1", "job-open-1"]
    old = listed(startDate="1969-12-31", endDate="1969-12-31T02:00:00.000Z")[0]
    assert old == ["job-old-012", "job-old-011"]
    assert len(listed(model="caption", **{"per-page": "50"})[0]) == 12
    assert listed(status="all", model="nothing like it")[0] == []


@pytest.mark.parametrize(
    "query",
    [
        "endDate=2024-01-31",
        "startDate=2024-01-31",
        "startDate=soon",
        "sort-by=failed",
        "page=first",
        "per-page=",
    ],
)
def test_the_sandbox_refuses_what_the_service_refuses_in_a_list(query: str) -> None:
    assert serve(f"/api/jobs/history?{query}").status_code == 400


def test_a_job_that_the_sandbox_lists_can_be_looked_at_and_has_results() -> None:
    assert serve("/api/jobs/job-old-005").json()["failed"] == 1
    assert len(serve("/api/results/job-old-001").json()["results"]) == 2
    for beyond in ("job-old-000", "job-old-251"):
        assert serve(f"/api/jobs/{beyond}").status_code == 404
    assert serve("/api/jobs/history", method="DELETE").status_code == 405
