"""Huawei ModelArts, by the vendor's page on data-processing tasks."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from contract import answering, bodies, make, opened, profile, sandbox
from contract_lists import ListsContract, ResultsContract, records, rows
from hypothesis import given
from hypothesis import strategies as st
from simulated import Hand

from jobctl import registry
from jobctl.auth.cache import TokenCache
from jobctl.errors import ConfigError, JobctlError, JobFailedError, NotReadyError, UsageError
from jobctl.models import Job, JobRef, JobState, Page, Query
from jobctl.sandbox import Lives
from jobctl.stream.pages import Place, Walk

# As documented, but for the ids of the jobs themselves.
VERSION = {
    "task_version_id": "V",
    "task_id": "T",
    "version_name": "V002",
    "description": "",
    "status": 0,
    "create_time": 1606377874450,
    "duration_seconds": 312,
    "inputs": [
        {
            "type": "DATASET",
            "source": "PYc9H2HGv5BJNwBGXyK",
            "version_id": "Osc8SZ7TZStiRV4vYkZ",
            "name": "dataset-test",
            "version_name": "V0010",
        }
    ],
    "work_path": {
        "type": "DATASET",
        "path": "PYc9H2HGv5BJNwBGXyK",
        "name": "dataset-test",
        "version_name": "V0011",
        "output_path": "/test-obs/classify/output/qSaudx2sbPvthHygckA/",
    },
    "template": {
        "id": "sys_data_validation",
        "name": "name to translate",
        "operator_params": [{"name": "MetaValidation", "params": {"total_status": "[0,1,2]"}}],
    },
}
COMPLETED = VERSION | {
    "status": 2,
    "duration_seconds": 812,
    "origin_sample_count": 18,
    "add_sample_count": 0,
    "modified_sample_count": 0,
    "unmodified_sample_count": 18,
    "deleted_sample_count": 0,
}
TASK = {
    "task_id": "T",
    "name": "V002",
    "data_source": {"type": "DATASET", "source": "X6c3N3eztX7cr3Arvqu"},
    "inputs": [{"type": "DATASET", "source": "X6c3N3eztX7cr3Arvqu"}],
    "template": {"id": "sys_data_analyse", "name": "data analyse template name"},
    "status": 2,
    "duration_seconds": 22,
    "create_time": 1606373999627,
    "result": "xxx",
    "version_id": "XwTuRqI9En7xuZskW70",
    "is_current": True,
}
FAILED_TASK = {
    "task_id": "T",
    "name": "V004",
    "status": 3,
    "error_msg": "The dataset version is empty.",
    "create_time": 1606377874450,
    "duration_seconds": 5,
    "template": {"id": "sys_data_cleaning"},
}
FAILED_VERSION = {
    "task_version_id": "V",
    "task_id": "T",
    "version_name": "V001",
    "status": 3,
    "create_time": 1606377874450,
    "duration_seconds": 5,
}
# exit code -> HTTP status and number of each documented error
EXITS = {
    2: "400_0204 400_0210 403_0210",
    4: (
        "401_0201 401_0202 401_0203 401_0204 401_0207 401_0212 401_0205 401_0206 401_0208 "
        "401_0209 401_0210 401_APIGW_0301 401_APIG_0301 401_APIGW_0303 403_0203 403_0206 "
        "403_0108 403_4310"
    ),
    5: "400_4700 400_4612 400_4851 400_4338 400_4352 400_4353 404_4700",
    6: (
        "404_APIGW_0101 404_APIG_0103 400_0101 400_0104 400_4396 400_4205 403_4613 403_4850 "
        "408_4205 408_6100 500_0010 500_4302 500_4503 503_4302 503_4700 504_4503"
    ),
    7: "429_2799 429_4206 429_4395 429_6101 429_APIGW_0308",
}


def task(body: Any, *more: tuple[int, Any]) -> Job:
    """The job of a task with that body."""
    return make("modelarts", answering("modelarts", (200, body), *more)[0]).get(ref("T"))


def version(body: Any, *more: tuple[int, Any]) -> Job:
    """The job of a version with that body; `more` answers what is asked next."""
    return make("modelarts", answering("modelarts", (200, body), *more)[0]).get(ref("T/V"))


def ref(id: str) -> JobRef:
    return registry.find("modelarts").check(JobRef.parse(id, "modelarts"))


def refused(status: int, body: Any, id: str = "T/V") -> JobctlError:
    """The error that an answer becomes."""
    handler, seen = answering("modelarts", (status, body))
    with pytest.raises(JobctlError) as caught:
        make("modelarts", handler).get(ref(id))
    assert len(seen) == 1
    return caught.value


def coded(code: str, words: str = "words") -> dict[str, str]:
    return {"error_code": code, "error_msg": words}


class TestModelArtsContract(ListsContract, ResultsContract):
    name = "modelarts"
    lists: ClassVar = {(): 2, ("kM7j9TSa611ZzBThzSr",): 2}
    ended = "kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA"
    number = 250
    bad_ids = ("", "a//b", "a b", "a/b c", "a%2Fb", "a%25", "a%3Fb", "a%23b", "a/b/c", "a/%2F")
    likely: ClassVar = {
        "status": st.sampled_from([0, 1, 2, 3, 4, 5, 7, -1, "2", "3", " 2 ", True, 2.0]),
        "create_time": st.integers(0, 2 * 10**12),
        "update_time": st.integers(0, 2 * 10**12),
        "duration_seconds": st.integers(0, 10**6),
        "error_msg": st.text(),
        "name": st.text(),
        "version_name": st.text(),
        "template": st.just({"id": "sys_data_validation"}),
        "inputs": st.just([{"type": "DATASET", "source": "s", "name": None}]),
        "work_path": st.just({"output_path": "/test-obs/out/"}),
        "deleted_sample_count": st.integers(),
        "result": st.just("xxx") | st.just({"a": [1]}),
    }
    likely_lists: ClassVar = {
        "count": st.integers(0, 5),
        "tasks": st.lists(bodies({"task_id": st.text("abc/%?. ", max_size=4)} | likely)),
        "versions": st.lists(bodies({"task_version_id": st.text("abc/%?. ", max_size=4)} | likely)),
    }
    likely_results: ClassVar = {
        "count": st.integers(0, 5),
        "has_more": st.booleans(),
        "results": st.lists(
            bodies(
                {
                    "sample_id": st.text(max_size=3),
                    "result_property": st.integers(-1, 5),
                    "result_description": st.just([["words"]]),
                }
            )
        ),
        "status": st.integers(0, 4),
        "error_msg": st.text(),
    }
    error_codes: ClassVar = {
        f"error{name}": code for code, names in EXITS.items() for name in names.split()
    }

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        status = body.get("status")
        return not isinstance(status, bool) and str(status).strip() == "2"

    @given(data=st.data())
    def test_no_body_of_a_task_is_called_succeeded_that_does_not_say_so(
        self, data: st.DataObject
    ) -> None:
        body = data.draw(bodies(self.likely))
        job = self.look(ref("T"), body)
        assert job is None or self.says_succeeded(body) == (job.state is JobState.SUCCEEDED)
        assert job is None or job.state is not JobState.PARTIAL


# Paths and sign-in


def test_one_part_asks_for_the_task_and_two_for_its_version() -> None:
    handler, seen = answering("modelarts", (200, TASK), (200, VERSION))
    one = make("modelarts", handler)
    one.get(ref("T"))
    one.get(ref("T/V"))
    below = f"/modelarts/v2/{one.profile.get('project_id')}/processor-tasks"
    assert [request.url.raw_path.decode() for request in seen] == [
        f"{below}/T",
        f"{below}/T/versions/V",
    ]
    assert {request.method for request in seen} == {"GET"}


def test_letter_case_of_an_id_is_kept_and_other_letters_are_encoded_once() -> None:
    handler, seen = answering("modelarts", (200, TASK | {"task_id": "aBc-ä"}))
    make("modelarts", handler).get(ref("aBc-ä"))
    assert seen[0].url.raw_path.endswith(b"/aBc-%C3%A4")


def test_a_signed_request_names_its_project() -> None:
    handler, seen = answering("modelarts", (200, TASK))
    one = make("modelarts", handler)
    one.get(ref("T"))
    assert seen[0].headers["X-Project-Id"] == one.profile.get("project_id")
    assert seen[0].headers["Authorization"].startswith("SDK-HMAC-SHA256 Access=")


@pytest.mark.parametrize("way", ["aksk", "password"])
@pytest.mark.parametrize("project", ["named by the profile", "found through IAM"])
def test_each_way_to_sign_in_works_with_the_project_given_or_found(way: str, project: str) -> None:
    values: dict[str, Any] = {
        "auth": way,
        "username": "sandbox-user",
        "password": "sandbox-password",
        "domain": "sandbox",
    }
    if project == "found through IAM":
        values["project_id"] = ""
    one = make("modelarts", sandbox("modelarts", Lives()), **values)
    assert one.get(ref("AcYfsdfhGyrWL5TtahH")).state is JobState.FAILED


def test_a_ready_token_is_sent_as_it_is() -> None:
    handler, seen = answering("modelarts", (200, TASK))
    make("modelarts", handler, auth="token", token="T" * 5000).get(ref("T"))
    assert seen[0].headers["X-Auth-Token"] == "T" * 5000


def test_a_url_of_another_project_is_refused() -> None:
    one = make("modelarts", answering("modelarts", (500, {}))[0])
    url = one.url(ref("T")).replace(str(one.profile.get("project_id")), "0" * 32)
    with pytest.raises(UsageError, match="project"):
        one.ref_of_url(url)


def test_without_credentials_signing_in_is_a_matter_of_configuration() -> None:
    with pytest.raises(ConfigError, match="access_key"):
        registry.find("modelarts").auth(profile("modelarts", region="cn-north-4"), TokenCache(None))


# States


@pytest.mark.parametrize(
    ("code", "state", "status"),
    [
        (0, JobState.QUEUED, "0"),
        (1, JobState.RUNNING, "1"),
        (2, JobState.SUCCEEDED, "2"),
        (3, JobState.FAILED, "3"),
        (4, JobState.CANCELLED, "4"),
        ("2", JobState.SUCCEEDED, "2"),
        (5, JobState.UNKNOWN, "5"),
        (7, JobState.UNKNOWN, "7"),
        (-1, JobState.UNKNOWN, "-1"),
        ("completed", JobState.UNKNOWN, "completed"),
        (True, JobState.UNKNOWN, None),
        (False, JobState.UNKNOWN, None),
        (None, JobState.UNKNOWN, None),
        ([2], JobState.UNKNOWN, None),
    ],
)
def test_a_status_code_has_its_state_and_is_shown_as_it_came(
    code: Any, state: JobState, status: str | None
) -> None:
    for job in (task(TASK | {"status": code}), version(VERSION | {"status": code})):
        assert (job.state, job.status) == (state, status)


def test_a_body_without_status_is_of_an_unknown_state() -> None:
    assert version({}).state is JobState.UNKNOWN
    assert version({}).status is None


def test_the_profile_may_call_a_status_something_else(tmp_path: Path) -> None:
    section = '{region: cn-north-4, project_id: p, token: made-up, states: {"5": running}}'
    found = opened("modelarts", tmp_path, f"profiles: {{default: {{huawei: {section}}}}}")
    handler, _ = answering("modelarts", (200, VERSION | {"status": 5}))
    cls = registry.find("modelarts")
    client = httpx.Client(
        transport=httpx.MockTransport(handler), auth=cls.auth(found, TokenCache(None))
    )
    assert cls(found, client).get(ref("T/V")).state is JobState.RUNNING


def test_a_duration_does_not_make_a_queued_version_run() -> None:
    job = version(VERSION)
    assert job.state is JobState.QUEUED
    assert job.duration_seconds == 312


def test_deleted_samples_are_intended_work_and_never_make_a_job_partial() -> None:
    job = version(COMPLETED | {"deleted_sample_count": 18})
    assert job.state is JobState.SUCCEEDED
    assert job.failures == ()


# Fields


def test_a_version_shows_what_its_body_says() -> None:
    document = version(COMPLETED).document()
    assert document["name"] == "V002"
    assert document["created_at"] == "2020-11-26T08:04:34.450Z"
    assert document["duration_seconds"] == 812
    assert document["message"] is None
    assert set(document["progress"].values()) == {None}
    assert document["detail"] == {
        "kind": "version",
        "type": "sys_data_validation",
        "inputs": ["dataset-test"],
        "output": "/test-obs/classify/output/qSaudx2sbPvthHygckA/",
        "origin_sample_count": 18,
        "add_sample_count": 0,
        "modified_sample_count": 0,
        "unmodified_sample_count": 18,
        "deleted_sample_count": 0,
    }


def test_a_task_shows_what_its_body_says_and_its_version_is_the_data_sets() -> None:
    document = task(TASK | {"workspace_id": "0", "version_count": 3}).document()
    assert document["name"] == "V002"
    assert document["duration_seconds"] == 22
    assert document["detail"] == {
        "kind": "task",
        "type": "sys_data_analyse",
        "inputs": ["X6c3N3eztX7cr3Arvqu"],
        "dataset_version": "XwTuRqI9En7xuZskW70",
        "version_count": 3,
        "is_current": True,
        "workspace_id": "0",
        "result": "xxx",
    }


def test_a_task_without_inputs_names_its_data_source() -> None:
    body = {key: value for key, value in TASK.items() if key != "inputs"}
    assert task(body).detail["inputs"] == ["X6c3N3eztX7cr3Arvqu"]


def test_a_result_of_any_type_is_no_error() -> None:
    for result in ({"a": 1}, [1], None, True):
        assert task(TASK | {"result": result}).state is JobState.SUCCEEDED


def test_start_and_end_are_not_told() -> None:
    job = version(COMPLETED)
    assert job.started_at is None
    assert job.ended_at is None


def test_the_time_of_update_counts_only_if_it_is_not_before_creation() -> None:
    created = VERSION["create_time"]
    assert isinstance(created, int)
    later, earlier = (
        version(VERSION | {"update_time": created + shift}).document()["updated_at"]
        for shift in (1000, -1000)
    )
    assert later == "2020-11-26T08:04:35.450Z"
    assert earlier is None


def test_numbers_written_as_text_are_read() -> None:
    job = version(COMPLETED | {"duration_seconds": "812", "origin_sample_count": "18"})
    assert job.duration_seconds == 812
    assert job.detail["origin_sample_count"] == 18


def test_null_is_as_good_as_absent() -> None:
    nothing = dict.fromkeys({**COMPLETED, **TASK})
    assert version(nothing).detail == {"kind": "version"}
    assert task(nothing).detail == {"kind": "task"}


# Causes of failure


def test_a_failed_task_tells_why() -> None:
    job = task(FAILED_TASK)
    assert job.message == "The dataset version is empty."
    assert [(one.id, one.message) for one in job.failures] == [(None, job.message)]


def test_the_error_of_a_task_that_has_not_failed_is_not_shown() -> None:
    job = task(FAILED_TASK | {"status": 1})
    assert (job.message, job.failures) == (None, ())


def test_a_failed_version_tells_what_its_task_says_for_one_more_request() -> None:
    handler, seen = answering("modelarts", (200, FAILED_VERSION), (200, FAILED_TASK))
    job = make("modelarts", handler).get(ref("T/V"))
    assert job.message == "task says: The dataset version is empty."
    assert [one.message for one in job.failures] == [job.message]
    assert [request.url.path.rpartition("/")[2] for request in seen] == ["V", "T"]
    assert json.loads(job.raw) == FAILED_VERSION


@pytest.mark.parametrize("status", [0, 1, 2, 4, 7])
def test_only_a_failed_version_costs_a_second_request(status: int) -> None:
    handler, seen = answering("modelarts", (200, VERSION | {"status": status}))
    make("modelarts", handler).get(ref("T/V"))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "second",
    [
        (200, FAILED_TASK | {"status": 2}),
        (200, FAILED_TASK | {"error_msg": None}),
        (200, []),
        (400, coded("ModelArts.4700")),
        (401, coded("APIGW.0301")),
        (503, b"<html>busy</html>"),
    ],
)
def test_without_a_cause_a_failed_version_is_still_failed(second: tuple[int, Any]) -> None:
    job = version(FAILED_VERSION, second)
    assert job.state is JobState.FAILED
    assert (job.message, job.failures) == (None, ())


def test_a_signed_url_in_a_message_is_masked() -> None:
    said = "cannot read https://b.obs.example/x.jpg?AccessKeyId=AKFAKE&Expires=1&Signature=SIGFAKE"
    document = json.dumps(task(FAILED_TASK | {"error_msg": said}).document())
    assert "b.obs.example/x.jpg" in document
    assert "AKFAKE" not in document
    assert "SIGFAKE" not in document


# Errors


def test_the_same_code_means_no_task_with_400_and_a_busy_gateway_with_503() -> None:
    missing, busy = refused(400, coded("ModelArts.4700")), refused(503, coded("ModelArts.4700"))
    assert (missing.exit_code, missing.transient) == (5, False)
    assert (busy.exit_code, busy.transient) == (6, True)


def test_invalid_credentials_are_named_as_such_though_they_come_with_403() -> None:
    for code in ("ModelArts.0203", "ModelArts.0206"):
        error = refused(403, coded(code))
        assert error.exit_code == 4
        assert "credentials" in str(error.hint)


def test_a_project_that_does_not_fit_is_a_matter_of_configuration() -> None:
    for status, number in ((400, "0204"), (400, "0210"), (403, "0210")):
        error = refused(status, coded(f"ModelArts.{number}"))
        assert error.exit_code == 2
        assert "project_id" in str(error.hint)


def test_a_task_that_failed_with_500_is_not_asked_for_again() -> None:
    cls = registry.find("modelarts")
    failed, broken = (
        json.dumps(coded(code)).encode() for code in ("ModelArts.4614", "ModelArts.0010")
    )
    assert not cls.retryable(500, {}, failed)
    assert cls.retryable(500, {}, broken)
    assert cls.retryable(500, {}, b"")
    assert cls.retryable(503, {}, failed)


def test_a_task_that_is_not_ready_yet_is_worth_waiting_for() -> None:
    for code in ("ModelArts.4613", "ModelArts.4850"):
        assert refused(403, coded(code)).transient
    assert not refused(403, coded("ModelArts.4310")).transient
    assert not refused(400, coded("ModelArts.4613")).transient


def test_nothing_found_without_a_code_is_a_missing_job() -> None:
    for body in (coded("ModelArts.0042"), {}):
        assert refused(404, body).exit_code == 5


def test_old_bodies_tell_their_message_too() -> None:
    error = refused(400, {"error_message": "Old words", "is_success": False})
    assert "Old words" in error.message


def test_the_id_of_the_request_is_told_from_header_or_body() -> None:
    handler, _ = answering("modelarts", (500, {}, {"X-Request-Id": "from-header"}))
    with pytest.raises(JobctlError) as caught:
        make("modelarts", handler).get(ref("T"))
    assert caught.value.request_id == "from-header"
    inside = coded("APIGW.0308") | {"request_id": "from-body"}
    assert refused(429, inside).request_id == "from-body"


def test_a_gateway_page_and_a_redirect_are_unavailable() -> None:
    for status, body in ((502, b"<html>bad gateway</html>"), (502, b""), (302, b"")):
        error = refused(status, body)
        assert error.exit_code == 6
        assert "<" not in error.message


def test_a_throttled_request_tells_how_long_to_pause() -> None:
    handler, _ = answering("modelarts", (429, coded("APIGW.0308"), {"Retry-After": "7"}))
    with pytest.raises(JobctlError) as caught:
        make("modelarts", handler).get(ref("T"))
    assert (caught.value.exit_code, caught.value.retry_after) == (7, 7)


# The sandbox's version


def test_the_version_of_the_sandbox_is_initialized_then_runs_then_completes_with_counts() -> None:
    now = [1000.0]
    one = make("modelarts", sandbox("modelarts", Lives(Hand(lambda: now[0]))))
    watched = ref("kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA")
    seen = []
    for now[0] in (1000.0, 1002.0, 1004.0):
        job = one.get(watched)
        seen.append((job.state, job.detail.get("origin_sample_count")))
        assert one.get(ref("kM7j9TSa611ZzBThzSr")).state is job.state
    assert seen == [(JobState.QUEUED, None), (JobState.RUNNING, None), (JobState.SUCCEEDED, 188)]


def test_the_failed_version_of_the_sandbox_tells_the_cause() -> None:
    one = make("modelarts", sandbox("modelarts", Lives()))
    job = one.get(ref("AcYfsdfhGyrWL5TtahH/FakeVersionBad00001"))
    assert job.message == "task says: The dataset version is empty."


def test_an_error_that_says_the_task_failed_is_a_failed_job() -> None:
    handle, seen = answering("modelarts", (500, coded("ModelArts.4614")))
    job = make("modelarts", handle).get(ref("T/V"))
    assert (job.state, job.status, len(seen)) == (JobState.FAILED, None, 1)
    assert "ModelArts.4614" in (job.message or "")


# Results


class Versions:
    """A service with one version of so many samples, which counts offsets as told.

    `says` makes of each page what the service says instead; `blind` ignores the filter. The
    queries asked are kept.
    """

    def __init__(
        self,
        number: int,
        *,
        by_record: bool = False,
        most: int = 100,
        blind: bool = False,
        says: Callable[[dict[str, Any]], Any] = lambda page: page,
    ) -> None:
        self.samples = [{"sample_id": f"s{at}", "result_property": at % 4} for at in range(number)]
        self.by_record, self.most, self.blind, self.says = by_record, most, blind, says
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = dict(request.url.params)
        if not request.url.path.endswith("/results"):
            return httpx.Response(200, json=COMPLETED)
        self.asked.append(query)
        limit, offset = int(query["limit"]), int(query["offset"])
        wanted = -1 if self.blind else int(query.get("result_property", -1))
        found = [one for one in self.samples if wanted in (-1, one["result_property"])]
        start = offset if self.by_record else offset * min(limit, self.most)
        page = found[start : start + min(limit, self.most)]
        return httpx.Response(
            200, json=self.says({"count": len(found), "results": page, "has_more": True})
        )

    def walked(self, size: int = 100, options: Mapping[str, str] | None = None) -> list[str]:
        """The ids of the samples, in the order in which they come."""
        one = make("modelarts", self, options=options)
        return [json.loads(record)["sample_id"] for record in records(one, ref("T/V"), size)]

    def offsets(self) -> list[int]:
        return [int(query["offset"]) for query in self.asked]


def all_of(number: int) -> list[str]:
    return [f"s{at}" for at in range(number)]


@pytest.mark.parametrize("by_record", [False, True], ids=["by page", "by record"])
@pytest.mark.parametrize("number", [0, 1, 2, 9, 10, 11, 19, 20, 21, 30, 95])
@pytest.mark.parametrize("size", [1, 2, 3, 10])
def test_every_sample_comes_once_and_in_order_whatever_offsets_count(
    number: int, size: int, by_record: bool
) -> None:
    assert Versions(number, by_record=by_record).walked(size) == all_of(number)


@pytest.mark.parametrize("by_record", [False, True], ids=["by page", "by record"])
@pytest.mark.parametrize(
    "says",
    [
        lambda page: page | {"count": None},
        lambda page: page | {"count": str(page["count"])},
        lambda page: page | {"count": page["count"] + 1000},
        lambda page: page | {"count": 10**30},
        lambda page: page | {"count": 3},
        lambda page: page | {"has_more": False},
    ],
    ids=["no count", "count as text", "too high", "absurd", "too low", "has_more false"],
)
def test_neither_count_nor_has_more_loses_a_sample_or_keeps_a_walk_from_ending(
    says: Any, by_record: bool
) -> None:
    assert Versions(95, by_record=by_record, says=says).walked(10) == all_of(95)


@pytest.mark.parametrize("by_record", [False, True], ids=["by page", "by record"])
def test_a_service_that_gives_fewer_on_a_page_than_asked_gives_all_in_the_end(
    by_record: bool,
) -> None:
    assert Versions(95, by_record=by_record, most=7).walked(10) == all_of(95)


def test_the_rest_of_the_pages_is_known_after_the_second() -> None:
    one = make("modelarts", Versions(1000))
    first = one.results(ref("T/V"))
    assert (list(first.next), first.total) == (["auto/1/100/1/100/1000/"], 1000)
    second = one.results(ref("T/V"), "auto/1/100/1/100//")
    assert list(second.next) == [f"page/{at}/100/{at}/{at}00/1000/" for at in range(2, 10)]


def test_what_offsets_count_is_told_by_the_first_page_even_if_only_the_second_is_asked_for() -> (
    None
):
    pages, by_record = Versions(30), Versions(30, by_record=True)
    for server in (pages, by_record):
        page = make("modelarts", server).results(ref("T/V"), "auto/1/10/1/10//")
        assert [json.loads(one)["sample_id"] for one in page.items] == all_of(30)[10:20]
    assert pages.offsets() == [0, 1]
    assert by_record.offsets() == [0, 1, 10]


@pytest.mark.parametrize(("mode", "by_record"), [("page", False), ("record", True)])
def test_a_profile_that_says_what_offsets_count_saves_finding_out(
    mode: str, by_record: bool
) -> None:
    server = Versions(30, by_record=by_record)
    one = make("modelarts", server, offset_mode=mode)
    assert len(records(one, ref("T/V"), 10)) == 30
    assert server.offsets() == ([0, 10, 20] if by_record else [0, 1, 2])


def test_a_cursor_says_how_to_go_on_and_goes_on_there() -> None:
    one = make("modelarts", Versions(95, by_record=True))
    page = one.results(ref("T/V"), "offset/40/10/4/40//", 100)
    assert [json.loads(record)["sample_id"] for record in page.items] == all_of(95)[40:50]
    assert list(page.next) == [f"offset/{at}/10/{at // 10}/{at}/95/" for at in range(50, 95, 10)]


@pytest.mark.parametrize("by_record", [False, True], ids=["by page", "by record"])
@pytest.mark.parametrize("answered", range(1, 12))
@pytest.mark.parametrize("word", [None, "added"], ids=["all", "chosen here"])
def test_a_walk_that_a_failure_ends_goes_on_with_exactly_the_rest(
    answered: int, by_record: bool, word: str | None
) -> None:
    server = Versions(95, by_record=by_record, blind=True)

    def failing(request: httpx.Request) -> httpx.Response:
        return server(request) if len(server.asked) < answered else httpx.Response(500)

    options = {"property": word} if word else {}
    found: list[str] = []
    place = Place()
    for handler in (failing, server):
        one = make("modelarts", handler, options=options)
        pages = Walk(partial(one.results, ref("T/V"), size=10), place)
        with suppress(JobctlError):
            for page in pages:
                found += [json.loads(record)["sample_id"] for record in page.items]
        place = Place.parse(str(pages.place))
    assert found == (all_of(95)[3::4] if word else all_of(95))


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "7",
        "page/7",
        "page/-1/10/1/10//",
        "page/1/0/1/0//",
        "page/1/101/1/101//",
        "auto/2/10/2/20//",
    ],
)
def test_a_cursor_of_something_else_is_refused_before_any_request(cursor: str) -> None:
    server = Versions(95)
    with pytest.raises(UsageError, match="cursor"):
        make("modelarts", server).results(ref("T/V"), cursor)
    assert server.asked == []


def test_an_empty_page_in_the_middle_is_passed_over() -> None:
    def says(page: dict[str, Any]) -> Any:
        empty = page["results"][:1] == [{"sample_id": "s20", "result_property": 0}]
        return page | ({"results": []} if empty else {})

    for by_record in (False, True):
        one = make("modelarts", Versions(95, by_record=by_record, says=says))
        mode = "offset/20/10/2/20//" if by_record else "page/2/10/2/20//"
        page = one.results(ref("T/V"), mode)
        assert page.items == []
        assert next(iter(page.next)) == (
            "offset/30/10/3/20/95/" if by_record else "page/3/10/3/20/95/"
        )


def test_more_pages_than_the_profile_allows_are_an_error() -> None:
    one = make("modelarts", Versions(95), max_pages="3")
    assert len(one.results(ref("T/V"), "page/2/10/2/20//").items) == 10
    for cursor in ("page/3/10/3/30//", "offset/30/10/3/30//"):
        with pytest.raises(JobctlError, match="more than 3 pages") as caught:
            one.results(ref("T/V"), cursor)
        assert caught.value.exit_code == 6
    for wrong in ("0", "many"):
        with pytest.raises(ConfigError, match="max_pages"):
            make("modelarts", Versions(95), max_pages=wrong).results(ref("T/V"))


# Results: what became of a sample


@pytest.mark.parametrize(
    ("word", "number"), [("kept", 0), ("modified", 1), ("deleted", 2), ("added", 3)]
)
@pytest.mark.parametrize("by_record", [False, True], ids=["by page", "by record"])
@pytest.mark.parametrize("blind", [False, True], ids=["chosen there", "chosen here"])
def test_samples_are_chosen_by_what_became_of_them_even_if_the_service_does_not(
    word: str, number: int, by_record: bool, blind: bool
) -> None:
    server = Versions(95, by_record=by_record, blind=blind)
    assert server.walked(10, options={"property": word}) == all_of(95)[number::4]
    assert {query["result_property"] for query in server.asked} == {str(number)}


def test_samples_that_fit_are_found_behind_many_pages_on_which_none_does() -> None:
    for by_record in (False, True):
        server = Versions(95, by_record=by_record, blind=True)
        for sample in server.samples:
            sample["result_property"] = 2 if sample["sample_id"] in ("s3", "s71", "s94") else 0
        assert server.walked(10, options={"property": "deleted"}) == ["s3", "s71", "s94"]


def test_a_service_that_ignores_the_filter_is_told_of_and_its_count_is_not_believed() -> None:
    for blind in (False, True):
        one = make("modelarts", Versions(95, blind=blind), options={"property": "added"})
        page = one.results(ref("T/V"))
        assert page.total == (None if blind else 23)
        assert bool(page.notes) == blind


def test_a_service_that_gives_the_same_page_for_ever_is_not_asked_for_ever() -> None:
    same = [{"sample_id": "s0", "result_property": 1}]
    server = Versions(95, says=lambda page: {"count": 95, "results": same})
    page = make("modelarts", server, options={"property": "added"}).results(ref("T/V"))
    assert page.items == []
    assert len(server.asked) < 6


def test_properties_are_compared_as_numbers_and_a_sample_without_one_is_the_services_choice() -> (
    None
):
    told = [{"sample_id": "a", "result_property": "3"}, {"sample_id": "b"}]
    server = Versions(0, says=lambda page: {"count": 2, "results": told})
    assert server.walked(options={"property": "added"}) == ["a", "b"]


def test_a_word_that_nothing_becomes_is_refused_with_those_that_are() -> None:
    server = Versions(95)
    with pytest.raises(UsageError) as caught:
        server.walked(options={"property": "lost"})
    assert "kept, modified, deleted, added" in caught.value.message
    assert server.asked == []


def test_the_rule_for_resizing_is_sent_as_it_is() -> None:
    server = Versions(1)
    server.walked(options={"process-parameter": "image/resize,m_lfit,h_200"})
    assert server.asked[0]["process_parameter"] == "image/resize,m_lfit,h_200"


# Results: of which version, and whether there are any


def test_samples_of_another_version_are_not_believed() -> None:
    for told, right in (("V", True), (None, True), ("other", False)):
        sample = {"sample_id": "a", "version_id": told}
        handler, _ = answering("modelarts", (200, {"count": 1, "results": [sample]}))
        one = make("modelarts", handler)
        if right:
            assert len(one.results(ref("T/V")).items) == 1
        else:
            with pytest.raises(JobctlError, match="version other when asked for V") as caught:
                one.results(ref("T/V"))
            assert caught.value.transient


def test_versions_of_another_task_are_not_believed() -> None:
    handler, _ = answering("modelarts", (200, {"count": 1, "versions": [VERSION]}))
    with pytest.raises(JobctlError, match="task T when asked for other"):
        make("modelarts", handler).list(Query(within=("other",)))


def test_a_task_alone_gives_the_results_of_its_newest_version_and_says_which() -> None:
    one = TestModelArtsContract().later()
    page = one.results(ref("kM7j9TSa611ZzBThzSr"))
    assert page.notes == ("these are the results of the newest version, qSaudx2sbPvthHygckA",)
    [cursor] = page.next
    assert cursor == "auto/1/100/1/100/250/qSaudx2sbPvthHygckA"
    assert one.results(ref("kM7j9TSa611ZzBThzSr"), cursor).notes == ()
    assert len(records(one, ref("kM7j9TSa611ZzBThzSr"))) == 250


def test_the_newest_version_is_asked_for_as_such() -> None:
    row = VERSION | {"task_version_id": "v$1.x"}
    results = {"count": 30, "results": [{"sample_id": str(at)} for at in range(10)]}
    handler, seen = answering("modelarts", (200, {"versions": [row]}), (200, results))
    page = make("modelarts", handler).results(ref("T"), None, 10)
    assert dict(seen[0].url.params) == {"sort_by": "create_time", "order": "desc", "limit": "1"}
    assert "v$1.x/results" in seen[1].url.path
    assert list(page.next) == ["auto/1/10/1/10/30/v%241.x"]


@pytest.mark.parametrize("body", [{"versions": []}, {}, {"versions": [{"task_version_id": None}]}])
def test_a_task_without_a_version_has_no_results_yet(body: Any) -> None:
    with pytest.raises(NotReadyError, match="no version yet"):
        make("modelarts", answering("modelarts", (200, body))[0]).results(ref("T"))


@pytest.mark.parametrize("code", ["ModelArts.4613", "ModelArts.4850"])
def test_results_before_the_end_are_not_ready_rather_than_forbidden(code: str) -> None:
    handler, _ = answering("modelarts", (403, coded(code)))
    with pytest.raises(NotReadyError) as caught:
        make("modelarts", handler).results(ref("T/V"))
    assert caught.value.hint == "jobctl results modelarts/T/V --wait --profile sandbox"
    assert caught.value.message == "modelarts/T/V has no results yet: the task has not ended"
    assert caught.value.http_status == 403


def test_whose_results_are_not_ready_is_told_where_nobody_named_a_version() -> None:
    versions = (200, {"versions": [VERSION | {"task_version_id": "V9"}]})
    for answer, kind in (
        ((403, coded("ModelArts.4613")), NotReadyError),
        ((500, coded("ModelArts.4614")), JobFailedError),
    ):
        handler, _ = answering("modelarts", versions, answer, (200, VERSION))
        with pytest.raises(kind) as caught:
            make("modelarts", handler).results(ref("T"))
        assert caught.value.message.startswith("modelarts/T/V9 ")
        lists = "`jobctl list modelarts T --profile sandbox` lists all versions"
        assert lists in str(caught.value.hint)


@pytest.mark.parametrize("status", [0, 1, 7, None])
def test_an_empty_page_of_a_version_that_has_not_ended_means_not_ready(status: int | None) -> None:
    handler, seen = answering(
        "modelarts", (200, {"count": 0, "results": []}), (200, VERSION | {"status": status})
    )
    with pytest.raises(NotReadyError):
        make("modelarts", handler).results(ref("T/V"))
    assert len(seen) == 2


def test_an_empty_page_of_a_version_that_has_completed_is_all_there_is() -> None:
    handler, _ = answering("modelarts", (200, {"count": 0, "results": []}), (200, COMPLETED))
    page = make("modelarts", handler).results(ref("T/V"))
    assert (page.items, list(page.next), page.total) == ([], [], 0)


def test_a_failed_version_without_results_tells_why() -> None:
    refusal, nothing = (500, coded("ModelArts.4614")), (200, {"count": 0, "results": []})
    for answers in (
        [refusal, (200, FAILED_TASK)],
        [nothing, (200, FAILED_VERSION), (200, FAILED_TASK)],
    ):
        handler, _ = answering("modelarts", *answers)
        with pytest.raises(JobFailedError, match="The dataset version is empty") as caught:
            make("modelarts", handler).results(ref("T/V"))
        assert caught.value.exit_code == 10


def test_without_a_cause_a_failed_version_has_no_results_all_the_same() -> None:
    for answers in (
        [(500, coded("ModelArts.4614"))],
        [(200, {"results": []}), (200, {"status": 3})],
    ):
        handler, _ = answering("modelarts", *answers)
        with pytest.raises(JobFailedError):
            make("modelarts", handler).results(ref("T/V"))


@pytest.mark.parametrize("body", [{"results": 5}, {"results": {}}, [], b"<html>", b"", b"\xff"])
def test_an_answer_without_results_where_they_should_be_is_unavailable(body: Any) -> None:
    with pytest.raises(JobctlError) as caught:
        make("modelarts", answering("modelarts", (200, body))[0]).results(ref("T/V"))
    assert (caught.value.exit_code, caught.value.transient) == (6, True)


def test_a_record_is_the_services_to_the_byte() -> None:
    sample = b'{"sample_id" : "a",\t"x": 1.0e2, "result_description": [["\\u00e9"]]}'
    handler, _ = answering("modelarts", (200, b'{"count": 1, "results": [' + sample + b"]}"))
    assert make("modelarts", handler).results(ref("T/V")).items == [sample]


# Lists


def listed(server: Any, query: Query, options: Mapping[str, str] | None = None) -> Page[Job]:
    return make("modelarts", server, options=options).list(query)


def test_tasks_are_asked_for_without_their_results_newest_first() -> None:
    handler, seen = answering("modelarts", (200, {"count": 1, "tasks": [TASK]}))
    page = listed(handler, Query())
    assert dict(seen[0].url.params) == {
        "limit": "100",
        "offset": "0",
        "sort_by": "create_time",
        "order": "desc",
        "return_result": "false",
    }
    [job] = page.items
    assert job == make("modelarts", answering("modelarts", (200, TASK))[0]).get(job.ref)
    assert (str(job.ref), page.total) == ("modelarts/T", 1)


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ({JobState.SUCCEEDED}, "2"),
        ({JobState.FAILED}, "3"),
        ({JobState.RUNNING}, "1"),
        (set(), None),
        ({JobState.RUNNING, JobState.QUEUED}, None),
        ({JobState.UNKNOWN}, None),
        ({JobState.UNKNOWN, JobState.RUNNING}, None),
        ({JobState.PARTIAL}, None),
    ],
)
def test_the_service_chooses_by_status_where_one_code_alone_means_the_states_asked(
    states: set[JobState], status: str | None
) -> None:
    handler, seen = answering("modelarts", (200, {}))
    listed(handler, Query(states=frozenset(states)))
    assert seen[0].url.params.get("status") == status


def test_an_order_that_the_service_does_not_know_is_not_asked_for() -> None:
    handler, seen = answering("modelarts", (200, {}))
    listed(handler, Query(sort="duration"))
    assert "sort_by" not in seen[0].url.params


def test_options_and_settings_choose_the_tasks() -> None:
    handler, seen = answering("modelarts", (200, {}))
    options = {"name": "a b", "type": "sys_data_cleaning"}
    one = make("modelarts", handler, options=options, workspace_id="w1")
    one.list(Query(sort="name", descending=False))
    asked = dict(seen[0].url.params)
    assert asked["task_name"] == "a b"
    assert asked["task_type"] == "sys_data_cleaning"
    assert asked["workspace_id"] == "w1"
    assert (asked["sort_by"], asked["order"]) == ("name", "asc")


def test_the_versions_of_a_task_are_its_own() -> None:
    handler, seen = answering("modelarts", (200, {"count": 2, "versions": [VERSION, COMPLETED]}))
    page = listed(handler, Query(within=("T",), sort="name"))
    assert str(page.items[0].ref) == "modelarts/T/V"
    assert [job.state for job in page.items] == [JobState.QUEUED, JobState.SUCCEEDED]
    asked = dict(seen[0].url.params)
    assert (asked["sort_by"], "return_result" in asked) == ("version_name", False)


@pytest.mark.parametrize("option", ["name", "type"])
def test_versions_are_not_chosen_by_what_tasks_are(option: str) -> None:
    handler, seen = answering("modelarts", (200, {}))
    with pytest.raises(UsageError, match="tasks"):
        listed(handler, Query(within=("T",)), {option: "x"})
    assert seen == []


def test_rows_without_an_id_are_left_out_and_told_of() -> None:
    halves = TASK | {"task_id": "a\ud800"}
    body = {"tasks": [TASK, {"name": "x"}, TASK | {"task_id": "a/b"}, halves, None]}
    page = listed(answering("modelarts", (200, body))[0], Query())
    assert [str(job.ref) for job in page.items] == ["modelarts/T"]
    assert page.notes == ("4 rows without a proper id are left out",)


def test_a_list_of_versions_walks_as_safely_as_results_do() -> None:
    def server(request: httpx.Request) -> httpx.Response:
        limit, offset = (int(request.url.params[name]) for name in ("limit", "offset"))
        ids = [f"v{at}" for at in range(25)][offset : offset + limit]
        return httpx.Response(
            200, json={"count": 25, "versions": [{"task_version_id": one} for one in ids]}
        )

    found = rows(make("modelarts", server), Query(within=("T",), size=10))
    assert [job.ref.parts for job in found] == [("T", f"v{at}") for at in range(25)]
