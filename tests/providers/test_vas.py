"""Huawei Video Analysis Service, by the vendor's page on its tasks."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from contract import Handler, answering, bodies, make, opened, sandbox
from contract_lists import ListsContract, ResultsContract, rows
from hypothesis import strategies as st
from simulated import Hand

from jobctl import payload, registry
from jobctl.auth.cache import TokenCache
from jobctl.config import Profile
from jobctl.errors import (
    ConfigError,
    JobctlError,
    JobFailedError,
    NotFoundError,
    NotReadyError,
    UsageError,
)
from jobctl.masking.bodies import redact
from jobctl.masking.secrets import hide
from jobctl.models import Job, JobRef, JobState, Page, Query, Record
from jobctl.provider import Provider
from jobctl.sandbox import Lives

ABNORMAL = {
    "id": "f18320e61e4c4dc685aa2dfc22a28dc5",
    "name": "task",
    "description": "sss",
    "input": {"type": "obs", "data": [{"bucket": "obs-iva", "path": "input/demo.mp4"}]},
    "output": {"obs": {"bucket": "obs-iva", "path": "output/"}},
    "service_version": "1.0",
    "state": "ABNORMAL",
    "created_at": "2018-06-12T13:00:01Z",
    "updated_at": "2018-06-13T13:00:01Z",
}
RUNNING = {
    "id": "53e4xxxxxxxxxxxxxxxxxxxxxxb55b3e",
    "name": "task-test",
    "creator": "user_test",
    "project_id": "b722xxxxxxxxxxxxxxxxxxxxxxeb4674",
    "description": "hello world",
    "service_name": "face-detect",
    "service_title": {"en": "Face Detect", "zh": "人脸识别"},
    "service_version": "1.0",
    "edge_pool_id": "549cxxxxxxxxxxxxxxxxxxxxxx77a2a5",
    "created_at": "2021-01-01T00:00:00Z",
    "updated_at": "2021-01-01T00:00:10Z",
    "state": "RUNNING",
    "input": {"type": "edgecamera", "data": [{"id": "dd8xxxxx-xxxx-xxxx-xxxx-xxxxxx2f5bcb"}]},
    "output": {"dis": {"stream_name": "dis-test"}},
    "service_config": {"common": {"image_compression_ratio": 90}},
}
EXPIRED = {
    "id": "1cb462fa11904c73a8a87b4bf730baf9",
    "name": "test_audio",
    "service_name": "audio-moderation",
    "service_title": {"zh": "音频审核"},
    "service_version": "1.0",
    "created_at": "2022-02-10T12:57:57Z",
    "updated_at": "2022-02-10T12:58:11Z",
    "state": "SUCCEEDED",
    "input": {"type": "obs", "data": [{"bucket": "obs-audio", "path": "input/audio.aac"}]},
    "output": {"hosting": {"obs": [{"bucket": "obs-audio-moderation", "path": "output/"}]}},
    "hosting_result": {"status": "OVERDUE", "overdue_date": "2022-02-12T12:58:10Z"},
}
HOSTED = {
    "id": "0000000000000000000000000000fa01",
    "name": "hosted-1",
    "service_name": "video-analyze",
    "service_version": "1.0",
    "state": "SUCCEEDED",
    "created_at": "2024-01-01T00:00:00Z",
    "updated_at": "2024-01-01T00:05:00Z",
    "output": {"hosting": {}},
    "hosting_result": {"status": "NOT_GENERATED"},
}
AVAILABLE = HOSTED | {
    "output": {
        "hosting": {
            "obs": [{"bucket": "video-analyze", "path": "hosting/fake/result.json"}],
            "result_json_overdue_at": 1704240300000,
        }
    },
    "hosting_result": {
        "status": "AVAILABLE",
        "overdue_date": "2024-01-03T00:05:00Z",
        "file_size": "14 bytes",
        "data": '{"objects":[]}',
    },
}
FAILED = {
    "id": "0000000000000000000000000000fa03",
    "name": "bad-1",
    "service_name": "face-detect",
    "state": "FAILED",
    "error": {"code": "ALG.002", "message": "Input file cannot be decoded."},
    "created_at": "2024-01-01T00:00:00Z",
    "updated_at": "2024-01-01T00:01:00Z",
}
SECRETIVE = {
    "id": "0000000000000000000000000000fa05",
    "name": "stop-1",
    "service_name": "face-detect",
    "state": "STOPPED",
    "input": {
        "type": "url",
        "data": [
            {
                "url": "rtsp://fakeuser:fakepass@10.0.0.1/live?token=FAKE-QUERY&plain=FAKE-PLAIN",
                "headers": {"X-Camera": "FAKE-HEADER"},
            }
        ],
        "vcn": {"username": "FAKE-VCN-USER", "password": "FAKE-VCN-PASSWORD", "port": "9900"},
    },
    "output": {
        "webhook": {
            "url": "https://hookuser:hookpass@hook.example/v1?key=FAKE-KEY&other=FAKE-OTHER",
            "headers": {"appId": "FAKE-APP-ID", "appKey": ["FAKE-APP-KEY"]},
        }
    },
    "hosting_result": {"data": "FAKE-PERSONAL-DATA" * 100_000},
}
# exit code -> HTTP status and code of each documented error
EXITS = {
    2: "400_0002",
    4: "401_0001 403_0007 403_0008 403_0009 403_0014 403_0015 403_0102 401_VAS_0013"
    " 401_APIGW_0301 401_APIG_0301 401_APIGW_0303",
    5: "404_0005 400_0005",
    6: "400_0003 400_0004 500_0006 503_0010 400_0011 400_0012 400_0013 400_VAS_0005"
    " 404_APIGW_0101 404_APIG_0101",
    7: "429_APIGW_0308",
}


def ref(id: str = "video-analyze/f18320e61e4c4dc685aa2dfc22a28dc5") -> JobRef:
    return registry.find("vas").check(JobRef.parse(id, "vas"))


def ref_of(body: Any) -> JobRef:
    """The reference of a task by its body."""
    service, task = body.get("service_name", "video-analyze"), body.get("id", ABNORMAL["id"])
    return ref(f"{service}/{task}")


def job(body: Any) -> Job:
    """The job of a task with that body."""
    return make("vas", answering("vas", (200, body))[0]).get(ref_of(body))


def refused(status: int, body: Any, headers: Mapping[str, str] | None = None) -> JobctlError:
    """The error that an answer becomes."""
    handler, _ = answering("vas", (status, body, headers or {}))
    with pytest.raises(JobctlError) as caught:
        make("vas", handler).get(ref())
    return caught.value


def coded(code: str, words: str = "words") -> dict[str, str]:
    return {"error_code": code, "error_msg": words}


def of_profile(found: Profile, handler: Handler) -> Provider:
    """The provider with a profile of its own."""
    cls = registry.find("vas")
    client = httpx.Client(
        transport=httpx.MockTransport(handler), auth=cls.auth(found, TokenCache(None))
    )
    return cls(found, client)


class TestVasContract(ListsContract, ResultsContract):
    name = "vas"
    lists: ClassVar = {("video-analyze",): 4, ("face-detect",): 250}
    ended = "video-analyze/a2b64f00aa9f4d6fa7f17c1de9b6e1d0"
    number = 1
    ours = frozenset({"output", "host"})
    bad_ids = (
        "",
        "f18320e61e4c4dc685aa2dfc22a28dc5",
        "video-analyze/",
        "/f18320e61e4c4dc685aa2dfc22a28dc5",
        "Video/1",
        "v/1",
        "-video/1",
        "video-/1",
        "video1/1",
        f"{'v' * 101}/1",
        f"video/{'1' * 65}",
        "video/a-b",
        "video/ä",
        "video/a%2Fb",
        "video/a b",
    )
    likely: ClassVar = {
        "state": st.sampled_from(
            ["SUCCEEDED", "succeeded", " Succeeded ", "FAILED", "RUNNING", "FROZEN", "PENDING"]
        ),
        "status": st.text(),
        "error": st.fixed_dictionaries({"code": st.text(), "message": st.text()}),
        "created_at": st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
        "updated_at": st.datetimes().map(lambda moment: moment.isoformat() + "+08:00"),
        "input": st.just(SECRETIVE["input"]),
        "output": st.sampled_from(
            [
                {"hosting": {}},
                {"hosting": None},
                {"obs": {"bucket": "b", "path": "p"}},
                {"webhook": {"url": "https://[broken"}},
                {"hosting": {"obs": [{"bucket": "b"}]}, "localpath": {"mount_source_path": "/x"}},
            ]
        ),
        "hosting_result": st.sampled_from(
            [{"status": word} for word in ("NOT_GENERATED", "not_generated", "AVAILABLE", "ODD")]
        ),
        "service_title": st.just({"en": "Title"}),
    }
    likely_lists: ClassVar = {
        "count": st.integers(0, 5),
        "tasks": st.lists(bodies({"id": st.text("abc/%?. ", max_size=4)} | likely)),
    }
    likely_results: ClassVar = likely | {
        "hosting_result": st.fixed_dictionaries(
            {},
            optional={
                "status": st.sampled_from(["AVAILABLE", "EXCEED_IN_SIZE", "OVERDUE", "ODD"]),
                "data": st.sampled_from(['{"a": [1]}', "{", "", "[1, NaN]"]) | st.text(max_size=4),
                "overdue_date": st.text(max_size=4),
                "result_json_overdue_at": st.integers(),
            },
        ),
    }
    error_codes: ClassVar = {
        f"video-analyze/error{name}": code
        for code, names in EXITS.items()
        for name in names.split()
    }

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        hosted = body.get("hosting_result")
        written = str(hosted.get("status") if isinstance(hosted, dict) else None)
        return (
            str(body.get("state")).strip().upper() == "SUCCEEDED"
            and written.strip().upper() != "NOT_GENERATED"
        )


# Path, base URL, pace


def test_a_job_is_asked_for_by_service_and_task() -> None:
    handler, seen = answering("vas", (200, RUNNING))
    one = make("vas", handler)
    one.get(ref("face-detect/53e4xxxxxxxxxxxxxxxxxxxxxxb55b3e"))
    assert seen[0].url.raw_path.decode() == (
        f"/vas/v2/{one.profile.get('project_id')}"
        "/services/face-detect/tasks/53e4xxxxxxxxxxxxxxxxxxxxxxb55b3e"
    )
    assert seen[0].headers["X-Project-Id"] == one.profile.get("project_id")


def test_ids_of_both_of_the_vendors_forms_are_taken() -> None:
    for task in ("f18320e61e4c4dc685aa2dfc22a28dc5", "task1234abcd", "A_1", "1" * 64):
        assert ref(f"face-detect/{task}").parts == ("face-detect", task)


def test_credentials_are_tried_by_the_tasks_of_one_service_which_need_not_be_there() -> None:
    handler, asked = answering("vas", (404, {"error_code": "VAS.0001", "error_msg": "none"}))
    make("vas", handler, service_name="mine").probe()
    assert asked[0].url.path.endswith("/services/mine/tasks")
    make("vas", handler).probe()
    assert asked[1].url.path.endswith("/services/video-analyze/tasks")
    assert asked[1].url.params["limit"] == "1"


def test_a_wait_looks_every_ten_seconds_or_more() -> None:
    assert registry.find("vas").pace[0] >= 10


# States


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("PENDING SCHEDULING PENDING_CREATE pending", JobState.QUEUED),
        (
            "RECOVERING STARTING UPGRADING RUNNING STOPPING DELETING FREEZING PENDING_DELETE",
            JobState.RUNNING,
        ),
        ("SUCCEEDED Succeeded", JobState.SUCCEEDED),
        (
            "FAILED CREATE_FAILED START_FAILED FROZEN ABNORMAL CREATE_FAIL DELETE_FAIL",
            JobState.FAILED,
        ),
        ("STOPPED", JobState.CANCELLED),
        ("WAITING COMPLETED HIBERNATING", JobState.UNKNOWN),
    ],
)
def test_a_word_has_its_state_in_any_letter_case_and_is_shown_as_it_came(
    words: str, state: JobState
) -> None:
    for word in words.split():
        found = job({"id": "1", "state": word})
        assert (found.state, found.status) == (state, word)


@pytest.mark.parametrize("body", [{}, {"state": None}, {"state": ""}, {"state": ["SUCCEEDED"]}])
def test_without_a_word_the_state_is_unknown(body: dict[str, Any]) -> None:
    assert (job(body).state, job(body).status) == (JobState.UNKNOWN, None)


def test_the_profile_may_let_a_wait_go_on_over_abnormal(tmp_path: Path) -> None:
    settings = "{region: cn-north-4, project_id: p, token: made-up, states: {ABNORMAL: running}}"
    found = opened("vas", tmp_path, f"profiles: {{default: {{huawei: {settings}}}}}")
    handler, _ = answering("vas", (200, ABNORMAL), (200, ABNORMAL | {"state": "RUNNING"}))
    one = of_profile(found, handler)
    looks = [one.get(ref()) for _ in range(2)]
    assert [(one.state, one.status) for one in looks] == [
        (JobState.RUNNING, "ABNORMAL"),
        (JobState.RUNNING, "RUNNING"),
    ]
    assert looks[0].ended_at is None


# The result that the service keeps


def test_a_task_whose_result_is_not_yet_written_is_still_running() -> None:
    found = job(HOSTED)
    assert (found.state, found.status) == (JobState.RUNNING, "SUCCEEDED")
    assert (found.ended_at, found.message) == (None, "result not yet written")
    assert found.warnings == ()


def test_a_task_whose_result_is_available_has_succeeded() -> None:
    found = job(AVAILABLE)
    assert (found.state, found.message, found.warnings) == (JobState.SUCCEEDED, None, ())
    assert found.detail["output_hosting"] == ["obs://video-analyze/hosting/fake/result.json"]
    assert found.detail["result_status"] == "AVAILABLE"
    assert found.detail["result_overdue"] == "2024-01-03T00:05:00Z"
    assert found.detail["result_size"] == "14 bytes"


def test_the_hosted_result_itself_is_never_in_a_job_document() -> None:
    assert "objects" not in json.dumps(job(AVAILABLE).document())


@pytest.mark.parametrize(
    ("word", "words"),
    [("OVERDUE", "expired"), ("EXCEED_IN_SIZE", "too big"), ("DELETED_MISTAKENLY", "deleted")],
)
def test_a_result_that_is_not_available_is_warned_about(word: str, words: str) -> None:
    found = job(EXPIRED | {"hosting_result": {"status": word}})
    assert found.state is JobState.SUCCEEDED
    assert found.message == f"the result is not available: {words}"
    assert found.warnings == (found.message,)


@pytest.mark.parametrize("result", [None, {}, {"status": "PONDERING"}, {"status": None}, "text"])
def test_a_result_of_which_nothing_is_told_leaves_the_task_succeeded_with_a_note(
    result: Any,
) -> None:
    found = job(HOSTED | {"hosting_result": result})
    assert found.state is JobState.SUCCEEDED
    assert found.warnings == ("the service does not say whether the result is available",)


def test_a_hosting_result_alone_shows_that_the_service_keeps_the_result() -> None:
    assert job(HOSTED | {"output": None}).state is JobState.RUNNING


@pytest.mark.parametrize("word", ["FAILED", "STOPPED", "FROZEN"])
def test_a_task_that_did_not_succeed_never_gets_a_result(word: str) -> None:
    found = job(HOSTED | {"state": word})
    assert found.state.ended
    assert found.message != "result not yet written"


# Fields


def test_a_task_shows_what_its_body_says() -> None:
    document = job(RUNNING).document()
    assert document["name"] == "task-test"
    assert document["created_at"] == "2021-01-01T00:00:00.000Z"
    assert document["updated_at"] == "2021-01-01T00:00:10.000Z"
    assert document["ended_at"] is None
    assert document["started_at"] is None
    assert document["duration_seconds"] is None
    assert set(document["progress"].values()) == {None}
    assert document["detail"] == {
        "type": "face-detect 1.0",
        "title": "Face Detect",
        "creator": "user_test",
        "description": "hello world",
        "edge_pool_id": "549cxxxxxxxxxxxxxxxxxxxxxx77a2a5",
        "input_type": "edgecamera",
        "output_dis": "dis-test",
    }


def test_the_older_body_is_of_the_service_that_was_asked() -> None:
    document = job(ABNORMAL).document()
    assert document["state"] == "failed"
    assert document["ended_at"] == document["updated_at"] == "2018-06-13T13:00:01.000Z"
    assert document["detail"] == {
        "type": "video-analyze 1.0",
        "description": "sss",
        "input_type": "obs",
        "input_obs": ["obs://obs-iva/input/demo.mp4"],
        "output_obs": ["obs://obs-iva/output/"],
    }


def test_the_least_body_has_id_and_state() -> None:
    assert job({"id": "1", "state": "RUNNING"}).detail == {"type": "video-analyze"}


def test_the_title_is_the_english_one_else_the_chinese() -> None:
    assert job(EXPIRED).detail["title"] == "音频审核"


def test_all_places_of_output_are_shown() -> None:
    output = {
        "obs": {"bucket": "b", "path": "p/"},
        "dis": {"stream_name": "s"},
        "webhook": {"url": "https://hook.example:8443/v1"},
        "hosting": {"obs": [{"bucket": "h", "path": "x"}, {"path": "no bucket"}]},
        "localpath": {"mount_source_path": "/mnt/out"},
    }
    detail = job({"state": "FAILED", "output": output}).detail
    assert {name: value for name, value in detail.items() if name.startswith("output")} == {
        "output_obs": ["obs://b/p/"],
        "output_hosting": ["obs://h/x"],
        "output_dis": "s",
        "output_webhook": "hook.example",
        "output_localpath": "/mnt/out",
    }


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2024-01-01T08:00:00+08:00", "2024-01-01T00:00:00.000Z"),
        ("2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00.500Z"),
        ("2024-01-01T00:00:00.123456Z", "2024-01-01T00:00:00.123Z"),
        ("yesterday", None),
        (5, None),
    ],
)
def test_times_may_have_fractions_and_offsets(text: Any, time: str | None) -> None:
    assert job({"state": "STOPPED", "updated_at": text}).document()["ended_at"] == time


# Messages and failures


def test_a_failed_task_tells_the_algorithms_error() -> None:
    found = job(FAILED)
    assert found.message == "Input file cannot be decoded."
    assert found.error_code == "ALG.002"
    assert [(one.id, one.message) for one in found.failures] == [(None, found.message)]


def test_a_failed_task_without_error_has_no_failures() -> None:
    found = job({"state": "START_FAILED", "status": "Resource start failed.", "error": {}})
    assert (found.message, found.failures) == ("Resource start failed.", ())


def test_an_error_without_a_message_is_told_by_its_code() -> None:
    found = job({"state": "FAILED", "error": {"code": "ALG.002"}})
    assert [one.message for one in found.failures] == ["ALG.002"]


def test_the_error_of_a_running_task_is_a_message_but_no_failure() -> None:
    found = job(FAILED | {"state": "RUNNING"})
    assert (found.message, found.failures) == ("Input file cannot be decoded.", ())


def test_the_words_on_the_state_are_the_message_not_the_status() -> None:
    found = job({"state": "PENDING", "status": "Waiting for available computing resource."})
    assert found.status == "PENDING"
    assert found.message == "Waiting for available computing resource."


def test_a_frozen_task_tells_of_the_arrears() -> None:
    assert job({"state": "FROZEN"}).message == "frozen: account in arrears"
    assert job({"state": "FROZEN", "status": "Pay."}).message == "Pay."


def test_text_of_the_service_is_kept_exactly_in_the_document() -> None:
    odd = "\x1b[31mred\u202e [bold]"
    assert job({"state": "RUNNING", "status": odd}).document()["message"] == odd


# Secrets


def test_no_secret_of_a_body_is_in_the_document_or_in_the_redacted_body() -> None:
    found = job(SECRETIVE)
    shown = redact(payload.json_or_none(found.raw), secrets=registry.find("vas").secrets)
    for text in (json.dumps(found.document()), json.dumps(shown)):
        for secret in ("FAKE", "fakeuser", "fakepass", "hookuser", "hookpass"):
            assert secret not in text
    assert shown["output"]["webhook"]["headers"].keys() == {"appId", "appKey"}
    assert shown["input"]["vcn"]["port"] == "9900"
    assert "10.0.0.1/live" in shown["input"]["data"][0]["url"]
    assert found.detail["output_webhook"] == "hook.example"


def test_a_webhook_that_is_no_url_is_not_shown() -> None:
    for url in ("https://[broken", None, 5, "plain words"):
        found = job({"state": "RUNNING", "output": {"webhook": {"url": url}}})
        assert "output_webhook" not in found.detail


# Errors


@pytest.mark.parametrize("status", [400, 404])
def test_a_missing_task_is_not_found_whatever_the_status(status: int) -> None:
    words = "The requested resource is NOT found. Task x is not found under service y."
    error = refused(status, coded("IVA.0005", words))
    assert error.exit_code == 5
    assert words in error.message


def test_a_code_of_the_old_list_has_other_meanings() -> None:
    assert refused(400, coded("VAS.0005")).exit_code == 6
    assert refused(401, coded("VAS.0013")).exit_code == 4
    assert refused(404, coded("VAS.0001")).exit_code == 5


def test_of_a_secret_that_is_echoed_across_the_cut_no_piece_is_shown() -> None:
    secret = "kO7-pQ2_xV9~zB4.nM1"
    hide(secret)
    pieces = [secret[at : at + 4] for at in range(len(secret) - 3)]
    for before in (*range(170, 205), *range(1970, 2005)):
        for blank in (".", " "):
            body = (blank * before + secret + "." * 50).encode()
            message = str(refused(401, body).message)
            assert not any(piece in message for piece in pieces)


def test_a_service_without_subscription_says_so() -> None:
    for code in ("IVA.0007", "IVA.0008"):
        assert refused(403, coded(code)).hint == "subscribe to the service first"


def test_a_project_that_is_invalid_is_a_matter_of_configuration() -> None:
    assert refused(400, coded("IVA.0002")).exit_code == 2


def test_the_other_spelling_of_a_message_is_read() -> None:
    body = {"error_code": "IVA.0003", "error_message": "Request body is not a valid json object."}
    assert "not a valid json object" in refused(400, body).message


def test_a_wait_survives_an_internal_error_and_a_missing_backend() -> None:
    assert refused(500, coded("IVA.0006")).transient
    assert refused(503, coded("IVA.0010")).transient


def test_a_throttled_request_tells_how_long_to_pause_if_the_service_does() -> None:
    with_pause = refused(429, coded("APIGW.0308"), {"Retry-After": "7"})
    assert (with_pause.exit_code, with_pause.retry_after) == (7, 7)
    assert refused(429, coded("APIGW.0308")).retry_after is None


def test_a_task_deleted_while_it_is_waited_for_is_an_error() -> None:
    handler, _ = answering("vas", (200, RUNNING | {"state": "DELETING"}), (404, coded("IVA.0005")))
    one = make("vas", handler)
    assert one.get(ref_of(RUNNING)).state is JobState.RUNNING
    with pytest.raises(JobctlError) as caught:
        one.get(ref_of(RUNNING))
    assert (caught.value.exit_code, caught.value.transient) == (5, False)


# The sandbox's tasks


def looks(task: str, *ages: float) -> list[tuple[JobState, str | None]]:
    """How a task of the sandbox stands at those ages in seconds."""
    now = [1000.0]
    one = make("vas", sandbox("vas", Lives(Hand(lambda: now[0]))))
    found = []
    for age in (0.0, *ages):
        now[0] = 1000 + age
        seen = one.get(ref(f"video-analyze/{task}"))
        found.append((seen.state, seen.status))
    return found[1:]


def test_a_task_of_the_sandbox_is_pending_then_starts_runs_and_succeeds() -> None:
    assert looks("a2b64f00aa9f4d6fa7f17c1de9b6e1d0", 1, 2, 4, 6) == [
        (JobState.QUEUED, "PENDING"),
        (JobState.RUNNING, "STARTING"),
        (JobState.RUNNING, "RUNNING"),
        (JobState.SUCCEEDED, "SUCCEEDED"),
    ]


def test_the_hosted_task_of_the_sandbox_succeeds_once_its_result_is_written() -> None:
    assert looks("0000000000000000000000000000fa01", 4, 6, 7) == [
        (JobState.RUNNING, "RUNNING"),
        (JobState.RUNNING, "SUCCEEDED"),
        (JobState.SUCCEEDED, "SUCCEEDED"),
    ]


# Results


def results(body: Any) -> Page[Record]:
    return make("vas", answering("vas", (200, body))[0]).results(ref_of(body))


def values(body: Any) -> list[Any]:
    """What the records of a task with that body stand for."""
    return [json.loads(one) for one in results(body).items]


def test_a_result_that_the_service_keeps_is_one_record_the_text_of_its_file() -> None:
    page = results(AVAILABLE)
    assert (page.items, page.notes, list(page.next)) == ([b'{"objects":[]}'], (), [])


@pytest.mark.parametrize(
    ("data", "record"),
    [
        (' {"a": 1.0e2}\n', b'{"a": 1.0e2}'),
        ("[1, 2]", b"[1, 2]"),
        ("no JSON", b'"no JSON"'),
        ('{"a": NaN}', b'"{\\"a\\": NaN}"'),
        ("[" * 100_000, b'"' + b"[" * 100_000 + b'"'),
        ({"a": 1}, b'{"a": 1}'),
    ],
    ids=["JSON", "array", "text", "almost JSON", "deep", "no text at all"],
)
def test_a_result_that_is_no_json_is_a_record_of_its_text(data: Any, record: bytes) -> None:
    body = AVAILABLE | {"hosting_result": {"status": "AVAILABLE", "data": data}}
    assert results(body).items == [record]


def test_a_result_that_lies_elsewhere_is_told_by_its_places() -> None:
    output = {
        "obs": {"bucket": "obs-iva", "path": "output/"},
        "dis": {"stream_name": "dis-test"},
        "localpath": {"mount_source_path": "/data"},
        "webhook": SECRETIVE["output"]["webhook"],  # type: ignore[index]
        "hosting": {"obs": [{"bucket": "b"}, {"path": "no bucket"}]},
    }
    body = FAILED | {"state": "STOPPED", "output": output}
    assert values(body) == [
        {"output": "obs", "bucket": "obs-iva", "path": "output/"},
        {"output": "hosting", "bucket": "b"},
        {"output": "dis", "stream_name": "dis-test"},
        {"output": "localpath", "mount_source_path": "/data"},
        {"output": "webhook", "host": "hook.example"},
    ]


@pytest.mark.parametrize(
    ("word", "words"), [("OVERDUE", "expired"), ("DELETED_MISTAKENLY", "deleted")]
)
@pytest.mark.parametrize(
    ("kept", "until"),
    [
        ({"overdue_date": "2022-02-12T12:58:10Z"}, "2022-02-12T12:58:10Z"),
        ({"result_json_overdue_at": "1644670690000"}, "2022-02-12T12:58:10.000Z"),
        ({}, None),
    ],
    ids=["date", "milliseconds", "untold"],
)
def test_a_result_that_is_gone_is_not_found_and_it_is_told_how_long_it_was_kept(
    word: str, words: str, kept: dict[str, str], until: str | None
) -> None:
    with pytest.raises(NotFoundError, match=words) as caught:
        results(EXPIRED | {"hosting_result": {"status": word, **kept}})
    assert (until is None) == ("kept until" not in caught.value.message)
    assert str(until or "") in caught.value.message


def test_until_when_a_result_was_kept_may_stand_beside_its_place() -> None:
    output = {"hosting": {"obs": [], "result_json_overdue_at": 1704240300000}}
    with pytest.raises(NotFoundError, match="2024-01-03T00:05:00"):
        results(EXPIRED | {"output": output, "hosting_result": {"status": "OVERDUE"}})


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ({"status": "EXCEED_IN_SIZE"}, "too big"),
        ({"status": "AVAILABLE"}, "the place where it lies"),
        ({"status": "AVAILABLE", "data": ""}, "the place where it lies"),
        ({"status": "PONDERING"}, "does not say"),
        (None, "does not say"),
    ],
)
def test_a_result_that_is_not_given_is_told_by_its_place_with_a_note(
    result: Any, words: str
) -> None:
    page = results(EXPIRED | {"hosting_result": result})
    assert [json.loads(one) for one in page.items] == [
        {"output": "hosting", "bucket": "obs-audio-moderation", "path": "output/"}
    ]
    assert words in " ".join(page.notes)


@pytest.mark.parametrize(
    "body",
    [
        {"state": "SUCCEEDED"},
        {"state": "STOPPED", "output": {"obs": None}},
        EXPIRED | {"output": {"hosting": {}}, "hosting_result": {"status": "EXCEED_IN_SIZE"}},
        AVAILABLE | {"output": None, "hosting_result": {"status": "AVAILABLE"}},
    ],
)
def test_a_task_that_tells_neither_result_nor_place_has_none_that_could_be_found(body: Any) -> None:
    with pytest.raises(NotFoundError, match="neither"):
        results(body)


@pytest.mark.parametrize("body", [RUNNING, HOSTED, {}, {"state": "HIBERNATING"}])
def test_a_task_that_has_not_ended_has_no_results_yet(body: Any) -> None:
    with pytest.raises(NotReadyError):
        results(body)


def test_a_failed_task_has_no_result_unless_it_tells_a_place() -> None:
    with pytest.raises(JobFailedError, match="cannot be decoded"):
        results(FAILED)
    page = results(FAILED | {"output": {"obs": {"bucket": "b", "path": "p"}}})
    assert len(page.items) == 1
    assert "cannot be decoded" in page.notes[0]


def test_abnormal_is_waited_for_where_the_profile_says_so(tmp_path: Path) -> None:
    settings = "{region: cn-north-4, project_id: p, token: made-up, states: {ABNORMAL: running}}"
    found = opened("vas", tmp_path, f"profiles: {{default: {{huawei: {settings}}}}}")
    with pytest.raises(NotReadyError):
        of_profile(found, answering("vas", (200, ABNORMAL))[0]).results(ref())
    assert len(results(ABNORMAL).items) == 1


def test_the_sandbox_gives_a_result_that_it_keeps() -> None:
    now = [0.0]
    one = make("vas", sandbox("vas", Lives(Hand(lambda: now[0]))))
    hosted = ref("video-analyze/0000000000000000000000000000fa01")
    for now[0] in (0.0, 6.0):
        with pytest.raises(NotReadyError):
            one.results(hosted)
    now[0] = 7.0
    assert one.results(hosted).items == [b'{"objects":[]}']


# The list


def asked_of(query: Query, cursor: str | None = None, **chosen: str) -> dict[str, str]:
    """The query of the request for a page of a list."""
    handler, seen = answering("vas", (200, {"count": 0, "tasks": []}))
    make("vas", handler, options=chosen).list(query, cursor)
    assert seen[0].url.path.endswith(f"/services/{query.within[0]}/tasks")
    return dict(seen[0].url.params)


def test_tasks_are_asked_for_newest_first_and_the_first_page_names_no_offset() -> None:
    assert asked_of(Query(("face-detect",))) == {"limit": "100", "order": "created_at:DESC"}


def test_order_time_name_and_size_are_the_services_to_choose_by() -> None:
    since = datetime(2024, 1, 1, tzinfo=UTC)
    query = Query(("face-detect",), since=since, sort="name", descending=False, size=2000)
    assert asked_of(query, "offset/300/50/6/300//", name="gate 1") == {
        "limit": "50",
        "offset": "300",
        "order": "name:ASC",
        "created_since": "1704067200000",
        "name_like": "gate 1",
    }
    assert asked_of(query)["limit"] == "1000"
    assert "order" not in asked_of(Query(("face-detect",), sort="ended"))


@pytest.mark.parametrize(
    ("states", "word"),
    [
        ({JobState.SUCCEEDED}, "SUCCEEDED"),
        ({JobState.CANCELLED}, "STOPPED"),
        ({JobState.CANCELLED, JobState.PARTIAL}, "STOPPED"),
        ({JobState.SUCCEEDED, JobState.CANCELLED}, None),
        ({JobState.QUEUED}, None),
        ({JobState.FAILED}, None),
        ({JobState.PARTIAL}, None),
        ({JobState.SUCCEEDED, JobState.UNKNOWN}, None),
    ],
)
def test_the_service_chooses_by_state_where_one_word_alone_means_the_states_asked(
    states: set[JobState], word: str | None
) -> None:
    assert asked_of(Query(("face-detect",), states=frozenset(states))).get("state") == word


@pytest.mark.parametrize(
    ("told", "asked", "word"),
    [
        ("ABNORMAL: cancelled", JobState.CANCELLED, None),
        ("abnormal: partial", JobState.PARTIAL, "ABNORMAL"),
        ("HIBERNATING: partial", JobState.PARTIAL, None),
        ("SUCCEEDED: running", JobState.SUCCEEDED, None),
    ],
)
def test_the_states_of_the_profile_count_when_the_service_chooses(
    told: str, asked: JobState, word: str | None, tmp_path: Path
) -> None:
    section = f"{{region: cn-north-4, project_id: p, token: made-up, states: {{{told}}}}}"
    found = opened("vas", tmp_path, f"profiles: {{default: {{huawei: {section}}}}}")
    handler, seen = answering("vas", (200, {}))
    of_profile(found, handler).list(Query(("face-detect",), states=frozenset({asked})))
    assert seen[0].url.params.get("state") == word


def test_the_service_may_be_named_by_the_profile() -> None:
    handler, seen = answering("vas", (200, {"tasks": [RUNNING]}))
    with pytest.raises(ConfigError, match=r"^profile sandbox: service_name 'x/y' is no service"):
        make("vas", handler, service_name="x/y").list(Query())
    with pytest.raises(ConfigError, match=r"^service_name 'X' is no service"):
        make("vas", handler, service_name="face-detect").list(Query(("X",)))
    page = make("vas", handler, service_name="face-detect").list(Query())
    assert seen[0].url.path.endswith("/services/face-detect/tasks")
    assert str(page.items[0].ref) == "vas/face-detect/53e4xxxxxxxxxxxxxxxxxxxxxxb55b3e"


def test_without_a_service_or_the_setting_that_names_one_there_is_no_list() -> None:
    handler, seen = answering("vas", (200, {}))
    with pytest.raises(UsageError, match="of one service") as caught:
        make("vas", handler).list(Query())
    assert "jobctl list vas SERVICE" in str(caught.value.hint)
    assert seen == []


def test_a_row_is_the_task_as_it_is_looked_at_but_for_the_result() -> None:
    kept = HOSTED | {"service_name": "face-detect"}
    untold = {name: value for name, value in kept.items() if name != "hosting_result"}
    body = {"count": 3, "tasks": [RUNNING, untold, kept | {"id": "told"}]}
    page = make("vas", answering("vas", (200, body))[0]).list(Query(("face-detect",)))
    running, hosted, told = page.items
    assert running == make("vas", answering("vas", (200, RUNNING))[0]).get(running.ref)
    assert (hosted.state, hosted.warnings) == (JobState.SUCCEEDED, ())
    assert told.state is JobState.RUNNING


def test_rows_without_an_id_are_left_out_and_told_of() -> None:
    body = {"tasks": [{"name": "x"}, RUNNING, {"id": "a/b"}, 5]}
    page = make("vas", answering("vas", (200, body))[0]).list(Query(("face-detect",)))
    assert len(page.items) == 1
    assert page.notes == ("3 rows without a proper id are left out",)


def tasks(number: int, **says: Any) -> Callable[[httpx.Request], httpx.Response]:
    """A service with so many tasks; `says` replaces what it says, `most` bounds its pages."""
    most = says.pop("most", 1000)

    def handle(request: httpx.Request) -> httpx.Response:
        limit, offset = (int(request.url.params.get(name, 0)) for name in ("limit", "offset"))
        page = [{"id": f"t{at}"} for at in range(number)][offset : offset + min(limit, most)]
        return httpx.Response(200, json={"count": number, "tasks": page} | says)

    return handle


@pytest.mark.parametrize("says", [{}, {"count": None}, {"count": 10**9}, {"count": 3}, {"most": 7}])
@pytest.mark.parametrize("number", [0, 1, 10, 11, 30, 95])
def test_every_task_comes_once_whatever_the_count_says(says: dict[str, Any], number: int) -> None:
    found = rows(make("vas", tasks(number, **says)), Query(("face-detect",), size=10))
    assert [job.ref.parts[1] for job in found] == [f"t{at}" for at in range(number)]


def test_a_service_that_ignores_the_offset_does_not_keep_a_list_from_ending() -> None:
    body = {"count": 500, "tasks": [RUNNING, ABNORMAL]}
    one = make("vas", answering("vas", (200, body))[0])
    assert len(rows(one, Query(("face-detect",), size=2))) == 2


def test_an_empty_page_in_the_middle_is_passed_over() -> None:
    handler, _ = answering("vas", (200, {"count": 500, "tasks": []}))
    page = make("vas", handler).list(Query(("face-detect",)), "offset/200/100/2/200//")
    assert list(page.next) == ["offset/300/100/3/200/500/"]


def test_a_list_ends_where_the_service_lists_no_further_and_says_so() -> None:
    body = {"count": 200_000, "tasks": [{"id": f"t{at}"} for at in range(100)]}
    one = make("vas", answering("vas", (200, body))[0])
    assert list(one.list(Query(("face-detect",)), "offset/99900/100/999/99900//").next) == [
        "offset/100000/100/1000/100000/200000/"
    ]
    last = one.list(Query(("face-detect",)), "offset/100000/100/1000/100000//")
    assert list(last.next) == []
    assert "100000 tasks at most" in last.notes[0]


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "1",
        "offset/x/100/0/0//",
        "offset/0/0/0/0//",
        "offset/-1/100/0/0//",
        "page/1/100/1/100//",
    ],
)
def test_a_cursor_of_something_else_is_refused_before_any_request(cursor: str) -> None:
    handler, seen = answering("vas", (200, {}))
    with pytest.raises(UsageError, match="cursor"):
        make("vas", handler).list(Query(("face-detect",)), cursor)
    assert seen == []


def test_more_pages_than_the_profile_allows_are_an_error() -> None:
    one = make("vas", tasks(95), max_pages="3")
    with pytest.raises(JobctlError, match="more than 3 pages"):
        rows(one, Query(("face-detect",), size=10))
