"""Huawei ModelArts, by the vendor's page on data-processing tasks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from contract import ProviderContract, answering, bodies, make, sandbox
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl import registry
from jobctl.auth.cache import TokenCache
from jobctl.config import Configuration, Profile, open_profile, sandbox_profile
from jobctl.errors import ConfigError, JobctlError, UsageError
from jobctl.models import Job, JobRef, JobState
from jobctl.sandbox import Clock

VERSION = {
    "task_version_id": "qSaudx2sbPvthHygckA",
    "task_id": "kM7j9TSa611ZzBThzSr",
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
    "task_id": "AcYfsdfhGyrWL5TtahH",
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
    "task_id": "FakeTask00000000002",
    "name": "V004",
    "status": 3,
    "error_msg": "The dataset version is empty.",
    "create_time": 1606377874450,
    "duration_seconds": 5,
    "template": {"id": "sys_data_cleaning"},
}
FAILED_VERSION = {
    "task_version_id": "FakeVersionBad00001",
    "task_id": "FakeTask00000000002",
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


def profile(**values: str) -> Profile:
    cls = registry.find("modelarts")
    return sandbox_profile(
        provider="modelarts",
        account="huawei",
        settings=cls.all_settings(),
        values=values,
        overrides={},
    )


def from_environment(path: Path, text: str = "", **environ: str) -> Profile:
    """A profile of a file with that text and of those variables."""
    path.joinpath("config.yaml").write_text(text or "profiles: {}\n", encoding="utf-8")
    environ["JOBCTL_CONFIG"] = str(path / "config.yaml")
    cls = registry.find("modelarts")
    return open_profile(
        provider="modelarts",
        account="huawei",
        settings=cls.all_settings(),
        configuration=Configuration.read(environ),
        name="default",
        overrides={},
        environ=environ,
    )


class TestModelArtsContract(ProviderContract):
    name = "modelarts"
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
    error_codes: ClassVar = {
        f"error{name}": code for code, names in EXITS.items() for name in names.split()
    }

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        status = body.get("status")
        return not isinstance(status, bool) and str(status).strip() == "2"

    @settings(deadline=None)
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
    handler, seen = answering("modelarts", (200, TASK))
    one = make("modelarts", handler)
    one.get(ref("AcYfsdfhGyrWL5TtahH"))
    one.get(ref("kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA"))
    below = f"/modelarts/v2/{one.profile.get('project_id')}/processor-tasks"
    assert [request.url.raw_path.decode() for request in seen] == [
        f"{below}/AcYfsdfhGyrWL5TtahH",
        f"{below}/kM7j9TSa611ZzBThzSr/versions/qSaudx2sbPvthHygckA",
    ]
    assert {request.method for request in seen} == {"GET"}


def test_letter_case_of_an_id_is_kept_and_other_letters_are_encoded_once() -> None:
    handler, seen = answering("modelarts", (200, TASK))
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
    one = make("modelarts", sandbox("modelarts", Clock()), **values)
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


@pytest.mark.parametrize(
    ("values", "url"),
    [
        ({"region": "eu-west-101"}, "https://modelarts.eu-west-101.myhuaweicloud.com"),
        ({"region": "ap-southeast-1"}, "https://modelarts.ap-southeast-1.myhuaweicloud.cn"),
        (
            {"region": "ap-southeast-1", "base_url": "https://modelarts.eu-de.otc.t-systems.com/"},
            "https://modelarts.eu-de.otc.t-systems.com",
        ),
        ({"base_url": "https://one.example, https://two.example"}, "https://one.example"),
    ],
)
def test_the_base_url_is_the_setting_else_the_regions(values: dict[str, str], url: str) -> None:
    assert registry.find("modelarts").base_url(profile(**values)) == url


def test_the_vendors_variable_for_the_region_gives_the_base_url(tmp_path: Path) -> None:
    found = from_environment(
        tmp_path,
        HW_REGION_NAME="cn-north-4",
        HUAWEICLOUD_SDK_REGION_MODELARTS_CN_NORTH_4="https://a.example,https://b.example",
    )
    assert registry.find("modelarts").base_url(found) == "https://a.example"


def test_without_region_and_base_url_the_region_is_asked_for() -> None:
    with pytest.raises(ConfigError, match="region"):
        registry.find("modelarts").base_url(profile())


def test_without_credentials_signing_in_is_a_matter_of_configuration() -> None:
    with pytest.raises(ConfigError, match="access_key"):
        registry.find("modelarts").auth(profile(region="cn-north-4"), TokenCache(None))


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
    found = from_environment(tmp_path, f"profiles: {{default: {{huawei: {section}}}}}")
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
    job = make("modelarts", handler).get(ref("FakeTask00000000002/FakeVersionBad00001"))
    assert job.message == "task says: The dataset version is empty."
    assert [one.message for one in job.failures] == [job.message]
    assert [request.url.path.rpartition("/")[2] for request in seen] == [
        "FakeVersionBad00001",
        "FakeTask00000000002",
    ]
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


@pytest.mark.parametrize("prefix", ["APIGW", "APIG"])
def test_an_api_that_is_not_published_is_no_missing_job(prefix: str) -> None:
    for number in ("0101", "0103"):
        error = refused(404, coded(f"{prefix}.{number}", "The API does not exist"))
        assert error.exit_code == 6
        assert not error.transient
        assert error.hint is not None
        assert error.hint.startswith("this API is not published here")


@pytest.mark.parametrize("prefix", ["APIGW", "APIG"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_time_of_signature_asks_to_check_the_clock(prefix: str, status: int) -> None:
    error = refused(status, coded(f"{prefix}.0303", "request time differs too much"))
    assert error.exit_code == 4
    assert "clock" in str(error.hint)


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
    for body in (b"", b"<html>no</html>", coded("ModelArts.0042"), {}):
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
    one = make("modelarts", sandbox("modelarts", Clock(now=lambda: now[0])))
    watched = ref("kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA")
    seen = []
    for now[0] in (1000.0, 1002.0, 1004.0):
        job = one.get(watched)
        seen.append((job.state, job.detail.get("origin_sample_count")))
        assert one.get(ref("kM7j9TSa611ZzBThzSr")).state is job.state
    assert seen == [(JobState.QUEUED, None), (JobState.RUNNING, None), (JobState.SUCCEEDED, 188)]


def test_the_failed_version_of_the_sandbox_tells_the_cause() -> None:
    one = make("modelarts", sandbox("modelarts", Clock()))
    job = one.get(ref("AcYfsdfhGyrWL5TtahH/FakeVersionBad00001"))
    assert job.message == "task says: The dataset version is empty."


def test_the_sandbox_knows_no_other_jobs() -> None:
    one = make("modelarts", sandbox("modelarts", Clock()))
    for unknown in ("nothing", "kM7j9TSa611ZzBThzSr/nothing"):
        with pytest.raises(JobctlError) as caught:
            one.get(ref(unknown))
        assert caught.value.exit_code == 5


def test_an_error_that_says_the_task_failed_is_a_failed_job() -> None:
    handle, seen = answering("modelarts", (500, coded("ModelArts.4614")))
    job = make("modelarts", handle).get(ref("T/V"))
    assert (job.state, job.status, len(seen)) == (JobState.FAILED, None, 1)
    assert "ModelArts.4614" in (job.message or "")
