"""A file is proposed from a sample: what names and words tell, and never more success than that."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jobctl.declared.draft import Page, Sample, draft
from jobctl.declared.examples import outcomes
from jobctl.declared.guess import said, sorted_out
from jobctl.declared.load import provider_of, spec_of
from jobctl.declared.place import Place, place, within
from jobctl.declared.spec import Spec
from jobctl.errors import UsageError
from jobctl.models import JobState

WHERE = place("/v1/jobs/7", "7")


def drafted(body: Any, **more: Any) -> str:
    """The text that is proposed for a body."""
    told = {"name": "t", "base_url": "https://t.example", "place": WHERE, "body": body}
    return draft(Sample(**(told | more)))


def read(text: str, folder: Path) -> Spec:
    """What the proposed file means; its example comes out as it says."""
    path = folder / "t.yaml"
    path.write_text(text)
    spec = spec_of(path)
    assert [one.mistakes for one in outcomes(provider_of(spec), spec)] == [()] * len(spec.examples)
    return spec


def states(*words: str, told_apart: bool = False) -> dict[JobState, list[str]]:
    return dict(sorted_out(words, told_apart=told_apart).states)


def test_the_usual_words_are_put_under_their_states() -> None:
    words = "JOB_STATE_PENDING,In Progress,Succeeded,FAILED,canceled,PARTIALLY_SUCCEEDED,melted,,"
    found = sorted_out(words.split(","), told_apart=False)
    assert found.states == {
        JobState.QUEUED: ["JOB_STATE_PENDING"],
        JobState.RUNNING: ["In Progress"],
        JobState.SUCCEEDED: ["Succeeded"],
        JobState.FAILED: ["FAILED"],
        JobState.CANCELLED: ["canceled"],
        JobState.PARTIAL: ["PARTIALLY_SUCCEEDED"],
    }
    assert found.unclear == ["melted"]


def test_a_word_that_says_no_more_than_that_it_is_over_is_success_only_beside_one_of_failure() -> (
    None
):
    assert states("completed", "error") == {"failed": ["error"], "succeeded": ["completed"]}
    assert sorted_out(["completed", "running"], told_apart=False).unclear == ["completed"]
    assert states("completed", "failure", told_apart=True) == {"failed": ["failure"]}


@given(st.lists(st.text(max_size=12)), st.booleans())
def test_words_that_nobody_knows_mean_no_success(words: list[str], told_apart: bool) -> None:
    assert not states(*(f"x{word}" for word in words), told_apart=told_apart).get(
        JobState.SUCCEEDED
    )


def test_letters_that_nobody_sees_are_escaped(tmp_path: Path) -> None:
    text = drafted({"status": "a\x85b", "message": "\x7f\U0001f600\U000e0001"})
    assert '"\\u007f\U0001f600\\U000e0001"' in text
    assert len(read(text, tmp_path).examples) == 1


@pytest.mark.parametrize("letter", ["\0", "\ud800"])
def test_what_no_file_can_hold_is_no_example(letter: str, tmp_path: Path) -> None:
    text = drafted({"status": "running", "message": letter})
    assert read(text, tmp_path).examples == ()


def test_fields_are_known_by_their_names_and_values(tmp_path: Path) -> None:
    body = {
        "data": {
            "jobState": "RUNNING",
            "display-name": "n",
            "error": {"code": "E1", "message": "m"},
            "createTime": 1730204346000,
            "start_time": 1730204346,
            "finished": False,
            "lastModified": "20240529161640",
            "percentComplete": 40,
            "counts": {"total": 3, "failed": "none"},
            "html_url": "ftp://t.example",
        }
    }
    text = drafted(body)
    for line in (
        "status: data.jobState",
        'name: "data.\\"display-name\\""',
        "message: data.error.message",
        "error_code: data.error.code",
        "created_at: data.createTime",
        "started_at: {at: data.start_time, unit: s}",
        "updated_at: {at: data.lastModified, unit: digits}",
        "times: ms",
        "progress: {percent: data.percentComplete, total: data.counts.total}",
    ):
        assert f"  {line}\n" in text
    assert "ended_at" not in text
    assert "web" not in text
    assert read(text, tmp_path).meaning.states == {"running": JobState.RUNNING}


def test_a_share_of_one_is_told_from_a_percentage() -> None:
    assert "progress: {percent: {at: progress, of: 1}}" in drafted({"state": "r", "progress": 0.4})
    assert "progress: {percent: progress}" in drafted({"state": "r", "progress": 40})


def test_a_status_of_two_fields_is_read_from_both(tmp_path: Path) -> None:
    text = drafted(
        {"status": "completed", "conclusion": "success"}, words=["failure", "in_progress"]
    )
    spec = read(text, tmp_path)
    assert 'status: "[status, conclusion]"' in text
    assert spec.meaning.states == {
        "success": JobState.SUCCEEDED, "failure": JobState.FAILED, "in_progress": JobState.RUNNING
    }  # fmt: skip


def test_of_a_flag_nobody_knows_whether_it_means_success(tmp_path: Path) -> None:
    text = drafted({"name": "operations/7", "done": True})
    assert '#   "true"\n' in text
    assert "# no word was told that means succeeded or failed" in text
    assert read(text, tmp_path).meaning.states == {}


def test_a_body_without_a_status_wants_to_be_told_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing in the body looks like a status"):
        drafted({"building": False, "result": None})
    text = drafted({"building": False, "result": "SUCCESS"}, status="result || building")
    assert read(text, tmp_path).meaning.states == {"success": JobState.SUCCEEDED}
    assert "examples" not in text


def test_a_job_among_others_is_picked(tmp_path: Path) -> None:
    body = {"jobs": [{"id": 6, "state": "done"}, "odd", {"id": 7, "state": "running"}]}
    text = drafted(body)
    assert 'get: {path: "/v1/jobs/{job}", at: jobs, pick: {id: "{job}"}}' in text
    assert read(text, tmp_path).meaning.states == {"running": JobState.RUNNING}
    for lost in ({"jobs": [{"id": 6}]}, {"jobs": [{"of": {"id": 7}, "state": "running"}]}):
        with pytest.raises(UsageError, match="looks like a status"):
            drafted(lost)


@pytest.mark.parametrize(
    ("sign_in", "line"),
    [
        ("none", "# auth: {bearer: token}"),
        ("bearer", "auth: {bearer: token}"),
        ("basic", 'auth: {basic: {user: "{user}", password: "{password}"}}'),
        ("header:X-Key", 'auth: {headers: {X-Key: "{api_key}"}}'),
        ("query:key", 'auth: {query: {key: "{api_key}"}}'),
    ],
)
def test_a_way_to_sign_in_is_written_with_its_settings(
    sign_in: str, line: str, tmp_path: Path
) -> None:
    text = drafted({"status": "running"}, sign_in=sign_in)
    assert line in text
    assert [way.kind for way in read(text, tmp_path).ways] == (
        [] if sign_in == "none" else [line.partition("{")[2].partition(":")[0]]
    )


@pytest.mark.parametrize("sign_in", ["header", "bearer:x", "oauth9"])
def test_no_way_to_sign_in_is_made_up(sign_in: str) -> None:
    with pytest.raises(UsageError, match="is no way to sign in"):
        drafted({"status": "running"}, sign_in=sign_in)


LIST = place("/v1/owners/ada/jobs/7", "ada/7")


def listed(body: Any, *, links_on: bool = False, job: Any = None) -> str:
    """The lines of the list that is proposed for one of its pages."""
    page = Page(within("/v1/owners/ada/jobs", LIST.parts), body, links_on)
    text = drafted(job or {"id": 7, "status": "running", "name": "n"}, place=LIST, page=page)
    return text[text.index("list:") : text.index("# results")]


def test_a_list_is_proposed_from_one_of_its_pages(tmp_path: Path) -> None:
    rows = [
        {"id": 7, "state": "running", "title": "n", "created": "2024-05-01T10:00:00Z"},
        {"id": 6, "state": "done", "title": "n", "created": "2024-05-01T09:00:00Z"},
    ]
    page = Page(within("/v1/owners/ada/jobs?limit=2", LIST.parts), {"items": rows, "next": None})
    body = {"id": 7, "status": "running", "name": "n", "created": "2024-05-01T10:00:00Z"}
    text = drafted(body, place=LIST, page=page)
    spec = read(text, tmp_path)
    assert 'path: "/v1/owners/{owner}/jobs"' in text
    assert 'query: {limit: "2"}' in text
    assert "  job: {status: state, name: title}\n  paging: {url: next}\n  order: newest\n" in text
    assert spec.listing is not None
    assert spec.listing.within == ("owner",)
    assert "order: oldest" in listed({"items": rows[::-1]})


def test_how_pages_follow_is_told_by_what_they_hold() -> None:
    row = {"id": 7, "status": "running", "name": "n"}
    assert "paging: {link: next}" in listed([row], links_on=True)
    assert 'records: "@"' in listed([row])
    assert "# paging: nothing in the page tells" in listed([row, row])
    assert 'paging: {url: "links.next"}' not in listed({"links": [], "items": [row]})
    assert "paging: {url: links.next}" in listed({"links": {"next": "/x"}, "items": [row]})
    cursor = listed({"next": {}, "items": [row], "nextPageToken": "x"})
    assert "paging: {cursor: page_token, at: nextPageToken}\n  # page_token was guessed" in cursor
    assert "job: {" not in cursor
    assert "job: {" not in listed([{"id": 7, "name": "other"}])


def test_where_a_record_has_its_id_is_looked_for() -> None:
    assert "ids: {job: uuid}" in listed([{"uuid": "u"}], job={"id": 7, "status": "running"})
    assert "ids: {job: jobId}" in listed([{"jobId": "u"}], job={"status": "running"})
    assert "# ids: {job: ...}" in listed([{"state": "running"}])
    with pytest.raises(UsageError, match="holds no list of jobs"):
        listed({"items": []})


@pytest.mark.parametrize(
    ("times", "order"),
    [
        (["2024-05-01T10:00:00Z", None], ""),
        (["2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"], ""),
        (["2024-05-01T10:00:00Z", "2024-05-01T12:00:00Z", "2024-05-01T11:00:00Z"], ""),
    ],
)
def test_an_order_that_the_times_do_not_tell_is_not_told(times: list[Any], order: str) -> None:
    rows = [{"id": 7, "status": "running", "created": one} for one in times]
    assert "order:" not in listed(rows)


def test_the_parts_of_an_id_are_found_in_the_address() -> None:
    assert place("/repos/ada/queries/a%2Fb", "ada/a%2Fb") == Place(
        "/repos/{repo}/queries/{query}", {}, {"repo": "ada", "query": "a/b"}, []
    )
    assert place("/v1/7/8", "7/8").path == "/v1/{job}/{job2}"
    assert place("/status/7", "7").parts == {"status": "7"}
    assert place("/classes/7", "7").parts == {"class": "7"}
    assert place("/batches/7", "7").parts == {"batch": "7"}
    assert place("7", "7").path == "/{job}"
    assert place("/run?run-id=7&b={c}&key=hunter2hunter2", "7") == Place(
        "/run", {"run-id": "{run_id}", "b": "{{c}}"}, {"run_id": "7"}, ["key"]
    )
    assert place("/v1/{a}/x/{+b}", "7/8") == Place("/v1/{a}/x/{+b}", {}, {"a": "7", "b": "8"}, [])


@pytest.mark.parametrize(
    ("address", "id", "why"),
    [
        ("/v1/jobs", "7", "does not hold '7'"),
        ("/v1/{a}/{b}", "7", "names 2 parts, and the id has 1"),
        ("/v1/{a.b}", "7", "--path"),
        ("/v1/7", "..", "no job|is not a job"),
    ],
)
def test_an_address_that_does_not_fit_the_id_is_refused(address: str, id: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        place(address, id)


KEYS = st.sampled_from(
    ["status", "state", "done", "id", "name", "error", "message", "created", "progress", "total",
     "started_at", "conclusion", "web_url", "a b", '"', "\ud800", "\x00", "é", "{x}"]
) | st.text(max_size=3)  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**14) | st.floats(allow_nan=False,
    allow_infinity=False) | st.text(max_size=6)
    | st.sampled_from(["running", "completed", "2024-05-01T10:00:00Z", "NO", "1e3", "\ud800"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@example({"status": "a\u0085b", "message": "\x00\x7f\U0001f600", "a b": {"name": "NO"}})
@example({"\ud800": {"done": False}})
@given(VALUES)
def test_whatever_the_sample_the_file_can_be_read_and_its_example_comes_out(
    tmp_path: Path, body: Any
) -> None:
    if said(body).status is None:
        return
    body = json.loads(json.dumps(body))
    page = Page(Place("/v1/jobs", {}, WHERE.parts), [body])
    spec = read(drafted(body, words=["error"], page=page), tmp_path)
    words = {word for word, state in spec.meaning.states.items() if state is JobState.SUCCEEDED}
    assert words <= {"completed"}
