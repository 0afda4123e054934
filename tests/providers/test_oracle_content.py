"""Oracle Content Management, by the vendor's page on extraction jobs."""

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl

import httpx
import pytest
from contract import ROOT, answering, make, profile, sandbox
from contract_lists import ResultsContract, UnlistedContract
from hypothesis import strategies as st
from loopback import FakeClock
from simulated import Hand

from jobctl import registry
from jobctl.auth.cache import TokenCache
from jobctl.auth.device import GRANT, DeviceCode
from jobctl.errors import ConfigError, ExitCode, JobctlError, Unsupported, UsageError
from jobctl.models import Failure, Job, JobRef, JobState, Query
from jobctl.sandbox import Lives, service

NAME = "oracle-content"
FILE = "DC765D5CD846E67B395AE676435D1DBF0C5B3FCDE317"
JOB = "ZX-E83150A29A911D33321FE8A9A6C5814F1643066913096"
REF = JobRef(NAME, (FILE, JOB))
BASE = f"{ROOT}/{NAME}"
PATH = f"/documents/api/1.2/files/{FILE}/_extract/{JOB}"
PAGE = b"\n<!DOCTYPE html><html><title>Sign In</title></html>"
SKIPPED = "Entry skipped - existing file with same name in folder"

RUNNING = {
    "completed": "false",
    "completedPercentage": "25",
    "errorCode": "0",
    "filesCreated": "0",
    "filesIgnored": "1",
    "filesNameAdjusted": "0",
    "filesOverwritten": "0",
    "filesProcessed": "0",
    "filesSkipped": "0",
    "filesVersioned": "0",
    "message": "Processing entry 6image/./exif-xmp.jpg",
    "progress": "PROCESSING",
    "type": "file",
}
COMPLETED = RUNNING | {
    "completed": "true",
    "completedPercentage": "100",
    "filesCreated": "3",
    "filesIgnored": "0",
    "filesProcessed": "3",
    "message": "Zip processing completed",
    "progress": "SUCCEEDED",
}
COMPLETED_WITHOUT_NEW_FILES = COMPLETED | {"filesCreated": "0"}
PARTIAL = COMPLETED | {
    "filesCreated": "0",
    "filesProcessed": "0",
    "filesSkipped": "3",
    "skippedItems": [
        {"id": name, "type": "file", "error": SKIPPED}
        for name in ("exif-xmp.jpg", "Mugs.jpg", "Mugs.png")
    ],
}
PENDING = RUNNING | {
    "completedPercentage": "0",
    "filesIgnored": "0",
    "message": "",
    "progress": "PENDING",
}
FAILED = RUNNING | {
    "completed": "true",
    "completedPercentage": "40",
    "errorCode": "-1",
    "filesCreated": "2",
    "filesIgnored": "0",
    "filesProcessed": "2",
    "message": "Zip processing failed",
    "progress": "FAILED",
}
ABORTED = FAILED | {
    "completedPercentage": "60",
    "errorCode": "0",
    "filesCreated": "3",
    "filesProcessed": "3",
    "message": "Zip processing aborted",
    "progress": "ABORTED",
}
IGNORED = COMPLETED | {
    "filesCreated": "1",
    "filesIgnored": "1",
    "filesNameAdjusted": "1",
    "filesProcessed": "2",
    "ignoredItems": [{"id": "__MACOSX/._a.jpg", "type": "file", "error": "Entry ignored"}],
}
NATIVE = {
    "completed": True,
    "completedPercentage": 100,
    "errorCode": 0,
    "filesCreated": 4,
    "filesProcessed": 4,
    "filesSkipped": 1,
    "message": "Zip processing completed",
    "progress": "Succeeded",
    "skippedItems": {"id": "a.txt", "type": "file", "error": SKIPPED},
    "type": "file",
}
PAUSED = {
    "completed": "false",
    "completedPercentage": "10",
    "errorCode": "0",
    "message": "Paused",
    "progress": "PAUSED",
}
NOT_YOURS = {
    "errorCode": "-96",
    "errorKey": "!csCloudBulkExtractionRequestJobNotValid",
    "errorMessage": "Extraction job ID not valid.",
    "errorType": "file",
    "title": "Extraction job ID not valid.",
    "type": "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html",
}


def error(code: str, message: str = "No.") -> dict[str, str]:
    return NOT_YOURS | {"errorCode": code, "errorKey": "!csFake", "errorMessage": message}


def look(body: Any, ref: JobRef = REF, **options: Any) -> Job:
    """The job that an answer stands for."""
    handle, _ = answering(NAME, (200, body))
    return make(NAME, handle, **options).get(ref)


def refusal(*answer: Any) -> JobctlError:
    """The error that an answer stands for."""
    handle, _ = answering(NAME, answer)
    with pytest.raises(JobctlError) as caught:
        make(NAME, handle).get(REF)
    return caught.value


def ref_of(url: str, **values: Any) -> JobRef:
    handle, seen = answering(NAME, (500, {}))
    try:
        return make(NAME, handle, **values).ref_of_url(url)
    finally:
        assert seen == []


def words(*known: str) -> st.SearchStrategy[str]:
    return st.sampled_from(known)


class TestOracleContentContract(ResultsContract, UnlistedContract):
    name = NAME
    ended = f"{FILE}/{JOB}"
    number = 3
    ours = frozenset({"outcome"})
    likely_results: ClassVar[Mapping[str, st.SearchStrategy[Any]]] = {
        "progress": words("SUCCEEDED", "FAILED", "PROCESSING"),
        "filesSkipped": words("0", "3"),
        "skippedItems": st.sampled_from([[], {}, {"id": "a"}, ["a"], PARTIAL["skippedItems"]]),
        "ignoredItems": st.sampled_from([[], None, {"id": "a"}, [{}], IGNORED["ignoredItems"]]),
    }
    likely: ClassVar[Mapping[str, st.SearchStrategy[Any]]] = {
        "progress": words("PENDING", "PROCESSING", "SUCCEEDED", "Succeeded", "FAILED", "ABORTED"),
        "completed": st.booleans() | words("true", "FALSE"),
        "completedPercentage": words("0", "25", "100") | st.integers(-5, 250),
        "errorCode": words("0", "-1", "-96") | st.just(0),
        "errorKey": st.none() | words("!csFake"),
        "message": words("", "Zip processing completed"),
        "filesProcessed": words("0", "3"),
        "filesSkipped": words("0", "3") | st.integers(0, 3),
        "filesIgnored": words("0", "1"),
        "skippedItems": st.just([]) | st.just(PARTIAL["skippedItems"]),
        "ignoredItems": st.just([]) | st.just(IGNORED["ignoredItems"]),
    }
    error_codes: ClassVar[Mapping[str, int]] = {
        "ERROR/200-error": 6,
        "ERROR/200-html": 6,
        "ERROR/302": 4,
        "ERROR/400-26": 6,
        "ERROR/400-96": 5,
        "ERROR/401": 4,
        "ERROR/403-20": 4,
        "ERROR/403": 4,
        "ERROR/404-16": 5,
        "ERROR/429": 7,
        "ERROR/500": 6,
        "ERROR/502": 6,
        "ERROR/503": 6,
        "ERROR/504": 6,
    }
    bad_ids = (FILE, f"{FILE}/", f"{FILE}/a b", f"{FILE}/a?b", f"{FILE}/a%23b", f"{FILE}/%2E%2E")

    @staticmethod
    def says_succeeded(body: Mapping[str, Any]) -> bool:
        count = body.get("filesSkipped")
        return (
            str(body["progress"]).strip().upper() == "SUCCEEDED"
            and not body.get("skippedItems")
            and not (isinstance(count, int) and not isinstance(count, bool) and count > 0)
            and count not in ("1", "3", "250")
            and not str(body.get("errorKey") or "").strip()
        )


class TestStates:
    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("PENDING", JobState.QUEUED),
            ("PROCESSING", JobState.RUNNING),
            ("SUCCEEDED", JobState.SUCCEEDED),
            ("FAILED", JobState.FAILED),
            ("ABORTED", JobState.CANCELLED),
            ("PAUSED", JobState.UNKNOWN),
            ("BLOCKED", JobState.UNKNOWN),
        ],
    )
    def test_each_word_has_its_state_in_any_letter_case(self, word: str, state: JobState) -> None:
        for spelled in (word, word.lower(), word.title()):
            job = look({"progress": spelled})
            assert (job.state, job.status) == (state, spelled)

    @pytest.mark.parametrize(
        ("body", "state"),
        [
            (PENDING, JobState.QUEUED),
            (RUNNING, JobState.RUNNING),
            (COMPLETED, JobState.SUCCEEDED),
            (COMPLETED_WITHOUT_NEW_FILES, JobState.SUCCEEDED),
            (PARTIAL, JobState.PARTIAL),
            (NATIVE, JobState.PARTIAL),
            (IGNORED, JobState.SUCCEEDED),
            (FAILED, JobState.FAILED),
            (ABORTED, JobState.CANCELLED),
            (PAUSED, JobState.UNKNOWN),
            ({}, JobState.UNKNOWN),
        ],
    )
    def test_each_documented_body_has_its_state(
        self, body: dict[str, Any], state: JobState
    ) -> None:
        assert look(body).state is state

    @pytest.mark.parametrize("completed", ["true", "false", True, False, None, "perhaps"])
    def test_progress_decides_and_not_completed(self, completed: object) -> None:
        for body in (PENDING, RUNNING, COMPLETED, FAILED, ABORTED, PAUSED):
            assert look(body | {"completed": completed}).state is look(body).state

    @pytest.mark.parametrize(
        ("body", "completed", "note"),
        [
            (FAILED, "false", "completed is false"),
            (RUNNING, "TRUE", "completed is true"),
            (PARTIAL, False, "completed is false"),
            (COMPLETED, "true", None),
            (RUNNING, "perhaps", None),
            (PAUSED, "true", None),
        ],
    )
    def test_a_contradicting_completed_is_noted(
        self, body: dict[str, Any], completed: object, note: str | None
    ) -> None:
        job = look(body | {"completed": completed})
        assert job.detail.get("contradiction") == note
        assert job.warnings == ()

    @pytest.mark.parametrize("word", [None, "", " ", [], {}, True])
    def test_a_body_without_a_word_is_unknown(self, word: object) -> None:
        job = look(COMPLETED | {"progress": word})
        assert (job.state, job.status) == (JobState.UNKNOWN, None)

    def test_any_field_may_be_missing(self) -> None:
        for field in NATIVE:
            job = look({name: value for name, value in NATIVE.items() if name != field})
            expected = JobState.UNKNOWN if field == "progress" else JobState.PARTIAL
            assert job.state is expected

    def test_the_profile_may_say_otherwise(self) -> None:
        handle, _ = answering(NAME, (200, PAUSED))
        one = make(NAME, handle)
        one.profile.states = {"Paused": JobState.QUEUED}
        assert one.get(REF).state is JobState.QUEUED


class TestPartial:
    @pytest.mark.parametrize("skipped", ["3", 3, " 1 ", 0.5, 10**30])
    def test_skipped_entries_that_are_only_counted_make_a_job_partial(
        self, skipped: object
    ) -> None:
        job = look(COMPLETED | {"filesSkipped": skipped})
        assert (job.state, job.failures) == (JobState.PARTIAL, ())

    @pytest.mark.parametrize("count", ["0", None, "abc", "-1"])
    def test_skipped_entries_that_are_only_listed_make_a_job_partial(self, count: object) -> None:
        job = look(PARTIAL | {"filesSkipped": count})
        assert job.state is JobState.PARTIAL
        assert len(job.failures) == 3

    @pytest.mark.parametrize("listed", [["a.txt"], "a.txt", [{}], [None]])
    def test_a_list_that_cannot_be_read_is_not_taken_for_an_empty_one(self, listed: object) -> None:
        assert look(COMPLETED | {"skippedItems": listed}).state is JobState.PARTIAL

    @pytest.mark.parametrize("listed", [[], {}, None, ""])
    def test_an_empty_list_skips_nothing(self, listed: object) -> None:
        assert look(COMPLETED | {"skippedItems": listed}).state is JobState.SUCCEEDED

    def test_each_skipped_entry_is_a_failure_however_many_are_counted(self) -> None:
        job = look(PARTIAL | {"filesSkipped": "7"})
        assert job.failures == (
            Failure("exif-xmp.jpg", SKIPPED),
            Failure("Mugs.jpg", SKIPPED),
            Failure("Mugs.png", SKIPPED),
        )
        assert job.progress.skipped == 7

    def test_a_single_object_counts_as_a_list_of_one(self) -> None:
        assert look(NATIVE).failures == (Failure("a.txt", SKIPPED),)

    @pytest.mark.parametrize("name", ["a/b/c.txt", "Übung 図.txt", "x" * 5000, "\x1b[31m[bold]"])
    def test_the_name_of_an_entry_stays_as_it_came(self, name: str) -> None:
        assert look(PARTIAL | {"skippedItems": [{"id": name}]}).failures == (Failure(name, None),)

    def test_a_failed_or_aborted_job_is_never_partial(self) -> None:
        skipped = {key: PARTIAL[key] for key in ("filesSkipped", "skippedItems")}
        for body in (FAILED, ABORTED):
            job = look(body | skipped)
            assert job.state is look(body).state
            assert len(job.failures) == 3

    def test_ignored_entries_alone_make_no_job_partial_but_are_told(self) -> None:
        job = look(IGNORED)
        assert job.state is JobState.SUCCEEDED
        assert job.warnings == ("1 entry was ignored",)
        assert job.detail["ignored"] == 1
        assert job.detail["ignored_items"] == ["__MACOSX/._a.jpg: Entry ignored"]
        assert job.failures == ()

    def test_ignored_entries_are_told_when_only_counted_or_only_listed(self) -> None:
        assert look(COMPLETED | {"filesIgnored": 2}).warnings == ("2 entries were ignored",)
        listed = look(IGNORED | {"filesIgnored": "0"})
        assert listed.warnings == ("1 entry was ignored",)

    def test_a_running_job_does_not_warn_of_ignored_entries(self) -> None:
        job = look(RUNNING)
        assert job.warnings == ()
        assert job.detail["ignored"] == 1


class TestFields:
    def test_all_that_the_service_tells_is_shown(self) -> None:
        document = look(PARTIAL | {"filesVersioned": "2", "filesOverwritten": 1}).document()
        assert document["status"] == "SUCCEEDED"
        assert document["progress"] == {
            "percent": 100,
            "total": None,
            "succeeded": 0,
            "failed": None,
            "skipped": 3,
            "pending": None,
        }
        assert document["message"] == "Zip processing completed"
        assert document["error_code"] is None
        assert document["url"] == BASE + PATH
        assert document["detail"] == {
            "created": 0,
            "versioned": 2,
            "overwritten": 1,
            "name_adjusted": 0,
            "ignored": 0,
            "started_at_source": "derived from the job id",
        }

    @pytest.mark.parametrize(
        ("told", "percent"),
        [("25", 25), (25, 25), ("abc", None), ("-5", 0), ("250", 100), (None, None), (True, None)],
    )
    def test_the_percentage_is_what_the_service_says_brought_into_0_to_100(
        self, told: object, percent: float | None
    ) -> None:
        assert look(RUNNING | {"completedPercentage": told}).progress.percent == percent

    def test_the_percentage_is_never_derived_from_counts(self) -> None:
        body = {name: told for name, told in COMPLETED.items() if name != "completedPercentage"}
        assert look(body).progress.percent is None

    def test_a_count_that_is_not_told_is_not_zero(self) -> None:
        job = look({"progress": "PROCESSING", "filesProcessed": "many"})
        assert (job.progress.succeeded, job.progress.skipped) == (None, None)
        assert job.detail == {"started_at_source": "derived from the job id"}

    def test_the_start_is_derived_from_the_job_id_and_says_so(self) -> None:
        document = look(RUNNING).document()
        assert document["started_at"] == "2022-01-24T23:28:33.096Z"
        assert document["detail"]["started_at_source"] == "derived from the job id"
        for field in ("created_at", "updated_at", "ended_at", "duration_seconds"):
            assert look(COMPLETED).document()[field] is None

    @pytest.mark.parametrize(
        ("job", "started"),
        [
            ("E83150A29A911D33321FE8A9A6C5814F1643066913096", "2022-01-24T23:28:33.096Z"),
            ("ZX-1420070400000", "2015-01-01T00:00:00.000Z"),
            ("ZX-1420070399999", None),
            ("ZX-2082758399999", "2035-12-31T23:59:59.999Z"),
            ("ZX-2082758400000", None),
            ("ZX-9999999999999", None),
            ("ZX-164306691309", None),
            ("ZX-1643066913096x", None),
            ("job", None),
        ],
    )
    def test_an_id_whose_last_digits_are_no_time_gives_no_start(
        self, job: str, started: str | None
    ) -> None:
        document = look(RUNNING, JobRef(NAME, (FILE, job))).document()
        assert document["started_at"] == started
        assert ("started_at_source" in document["detail"]) is (started is not None)

    @pytest.mark.parametrize("message", ["6image/./a.jpg \x1b[31m", "[bold]x[/nope]", "\u202ex"])
    def test_the_message_stays_as_it_came(self, message: str) -> None:
        assert look(RUNNING | {"message": message}).message == message

    def test_a_blank_message_is_none(self) -> None:
        assert look(PENDING).message is None

    def test_a_failed_job_has_its_message_and_error_code(self) -> None:
        job = look(FAILED)
        assert (job.message, job.error_code) == ("Zip processing failed", "-1")
        assert job.detail["created"] == 2
        assert job.warnings == ()

    @pytest.mark.parametrize("code", ["0", 0, "00", None, "", False])
    def test_error_code_0_is_none(self, code: object) -> None:
        assert look(COMPLETED | {"errorCode": code}).error_code is None

    @pytest.mark.parametrize("body", [COMPLETED, PARTIAL])
    def test_a_job_that_succeeded_with_an_error_code_keeps_its_state_and_warns(
        self, body: dict[str, Any]
    ) -> None:
        job = look(body | {"errorCode": -17})
        assert job.state is look(body).state
        assert job.error_code == "-17"
        assert job.warnings == ("the service calls it done, yet with error code -17",)


class TestRequests:
    def queries(self, seen: list[httpx.Request]) -> list[tuple[str, str]]:
        return [
            (
                request.url.params["includeSkippedItemDetails"],
                request.url.params["includeIgnoredItemDetails"],
            )
            for request in seen
        ]

    def test_a_single_look_asks_once_for_both_lists(self) -> None:
        handle, seen = answering(NAME, (200, PARTIAL))
        make(NAME, handle).get(REF)
        assert [request.method for request in seen] == ["GET"]
        assert seen[0].url.path == f"/{NAME}{PATH}"
        assert self.queries(seen) == [("true", "true")]

    def test_each_list_can_be_left_out(self) -> None:
        handle, seen = answering(NAME, (200, COMPLETED))
        make(NAME, handle, options={"no-skipped-details": True}).get(REF)
        make(NAME, handle, options={"no-ignored-details": True}).get(REF)
        make(NAME, handle, options={"no-ignored-details": False}).get(REF)
        assert self.queries(seen) == [("false", "true"), ("true", "false"), ("true", "true")]

    def test_a_job_whose_lists_are_left_out_is_partial_by_its_counts(self) -> None:
        one = make(NAME, sandbox(NAME, Lives()), options={"no-skipped-details": True})
        job = one.get(REF)
        assert (job.state, job.failures) == (JobState.PARTIAL, ())
        assert job.progress.skipped == 3

    def test_a_wait_asks_for_the_lists_only_when_the_job_has_ended(self) -> None:
        handle, seen = answering(NAME, (200, RUNNING), (200, COMPLETED), (200, PARTIAL))
        one = make(NAME, handle, waiting=True)
        assert one.get(REF).state is JobState.RUNNING
        assert self.queries(seen) == [("false", "false")]
        job = one.get(REF)
        assert job.state is JobState.PARTIAL
        assert len(job.failures) == 3
        assert self.queries(seen)[1:] == [("false", "false"), ("true", "true")]

    def test_the_last_look_of_a_wait_keeps_to_what_the_user_left_out(self) -> None:
        handle, seen = answering(NAME, (200, COMPLETED))
        make(NAME, handle, waiting=True, options={"no-skipped-details": True}).get(REF)
        assert self.queries(seen) == [("false", "false"), ("false", "true")]

    def test_a_wait_without_lists_looks_only_once_at_the_end(self) -> None:
        handle, seen = answering(NAME, (200, COMPLETED))
        options = {"no-skipped-details": True, "no-ignored-details": True}
        make(NAME, handle, waiting=True, options=options).get(REF)
        assert self.queries(seen) == [("false", "false")]

    @pytest.mark.parametrize(
        "answer", [(500, error("-1")), (401, b""), (200, PAGE), (400, NOT_YOURS)]
    )
    def test_a_last_look_that_fails_keeps_what_was_known_and_warns(
        self, answer: tuple[int, Any]
    ) -> None:
        handle, _ = answering(NAME, (200, COMPLETED | {"filesSkipped": "3"}), answer)
        job = make(NAME, handle, waiting=True).get(REF)
        assert (job.state, job.progress.skipped) == (JobState.PARTIAL, 3)
        (warning,) = job.warnings
        assert warning.startswith("the skipped and ignored entries could not be read: ")

    def test_a_wait_that_finds_an_error_before_the_end_tells_it(self) -> None:
        handle, _ = answering(NAME, (502, b""))
        with pytest.raises(JobctlError) as caught:
            make(NAME, handle, waiting=True).get(REF)
        assert caught.value.transient

    def test_the_language_is_asked_for_where_it_is_set(self) -> None:
        cls = registry.find(NAME)
        assert cls.headers(profile(NAME, language="de")) == {"Accept-Language": "de"}
        assert cls.headers(profile(NAME)) == {}


def records(body: dict[str, Any] | bytes) -> tuple[list[bytes], tuple[str, ...]]:
    """The records of a job with that body, and what is told beside them."""
    handle, seen = answering(NAME, (200, body))
    page = make(NAME, handle).results(REF)
    assert len(seen) == 1
    assert list(page.next) == []
    return list(page.items), page.notes


def no_records(body: dict[str, Any]) -> JobctlError:
    with pytest.raises(JobctlError) as caught:
        records(body)
    return caught.value


class TestResults:
    def test_each_skipped_and_ignored_entry_is_a_record_as_it_came_with_its_outcome(self) -> None:
        entries = (b'{"id":"a/\\u00e9.txt", "error" : null}', b"{}", b'{"size": 1.50}')
        body = b'{"progress":"SUCCEEDED","ignoredItems":[%s],"skippedItems":[%s,%s]}'
        found, _ = records(body % entries)
        assert found == [
            b'{"outcome": "skipped"}',
            b'{"outcome": "skipped", "size": 1.50}',
            b'{"outcome": "ignored", ' + entries[0][1:],
        ]

    def test_a_single_object_counts_as_a_list_of_one(self) -> None:
        assert [json.loads(one)["id"] for one in records(NATIVE)[0]] == ["a.txt"]

    def test_an_entry_that_is_no_object_is_a_record_all_the_same(self) -> None:
        found, _ = records(COMPLETED | {"skippedItems": ["a.txt"]})
        assert found == [b'{"outcome": "skipped", "value": "a.txt"}']

    @pytest.mark.parametrize("nothing", [[], {}, None, ""])
    def test_an_empty_list_has_no_records(self, nothing: object) -> None:
        assert records(COMPLETED | {"skippedItems": nothing, "ignoredItems": nothing})[0] == []

    def test_the_counts_and_the_place_of_the_files_are_told(self) -> None:
        assert records(PARTIAL | {"filesVersioned": "2"})[1] == (
            "0 processed, 3 skipped, 2 versioned;"
            " the extracted files are in the destination folder",
        )
        assert records({"progress": "SUCCEEDED"})[1] == (
            "no counts; the extracted files are in the destination folder",
        )

    def test_what_a_look_warns_of_is_told_here_too(self) -> None:
        ignored, failing = records(IGNORED)[1], records(COMPLETED | {"errorCode": -17})[1]
        assert ignored[0] == "1 entry was ignored"
        assert failing[0] == "the service calls it done, yet with error code -17"

    def test_a_job_that_has_not_ended_is_not_ready_whatever_it_lists(self) -> None:
        for body in (PENDING, RUNNING, PAUSED, PARTIAL | {"progress": "PROCESSING"}):
            error = no_records(body)
            assert error.exit_code is ExitCode.PENDING
            assert error.hint == f"jobctl results {REF} --wait --profile sandbox"

    def test_a_job_that_failed_without_entries_is_told_as_failed(self) -> None:
        error = no_records(FAILED)
        assert error.exit_code is ExitCode.FAILED
        assert error.message == f"{REF} failed and has no results: Zip processing failed"

    def test_a_job_that_failed_or_was_aborted_gives_its_entries(self) -> None:
        found, notes = records(FAILED | {"skippedItems": PARTIAL["skippedItems"]})
        assert len(found) == 3
        assert notes[0] == "it failed: Zip processing failed"
        assert records(ABORTED)[1][0] == "it was cancelled"

    def test_a_list_that_cannot_be_read_is_unavailable(self) -> None:
        error = no_records(COMPLETED | {"skippedItems": "a.txt"})
        assert error.exit_code is ExitCode.UNAVAILABLE
        assert error.transient

    def test_each_list_can_be_left_out(self) -> None:
        handle, seen = answering(NAME, (200, COMPLETED))
        make(NAME, handle, options={"no-skipped-details": True}).results(REF)
        assert seen[0].url.params["includeSkippedItemDetails"] == "false"
        assert seen[0].url.params["includeIgnoredItemDetails"] == "true"

    def test_what_helps_where_there_is_no_list_is_told(self) -> None:
        with pytest.raises(Unsupported, match="cannot list") as caught:
            make(NAME, answering(NAME, (500, {}))[0]).list(Query())
        assert "Location" in (caught.value.hint or "")


class TestErrors:
    @pytest.mark.parametrize("message", ["Extraction job ID not valid.", "Auftrag ungültig."])
    def test_an_invalid_job_is_not_found_in_every_language(self, message: str) -> None:
        found = refusal(400, NOT_YOURS | {"errorMessage": message})
        assert found.exit_code is ExitCode.NOT_FOUND
        assert message in found.message
        assert "belongs to another user" in (found.hint or "")
        assert "client-credentials" in (found.hint or "")
        assert not found.transient

    @pytest.mark.parametrize(
        ("status", "body", "code", "transient"),
        [
            (400, error("-16"), ExitCode.NOT_FOUND, False),
            (404, error("-16"), ExitCode.NOT_FOUND, False),
            (404, b"", ExitCode.UNAVAILABLE, True),
            (400, error("-26"), ExitCode.UNAVAILABLE, False),
            (400, error("-1"), ExitCode.UNAVAILABLE, False),
            (400, b"", ExitCode.UNAVAILABLE, False),
            (401, b"", ExitCode.AUTH, False),
            (401, PAGE, ExitCode.AUTH, False),
            (403, b"", ExitCode.AUTH, False),
            (403, error("-20"), ExitCode.AUTH, False),
            (409, error("-17"), ExitCode.UNAVAILABLE, False),
            (429, b"", ExitCode.THROTTLED, True),
            (500, error("-1"), ExitCode.UNAVAILABLE, True),
            (500, error("-96"), ExitCode.UNAVAILABLE, True),
            (502, PAGE, ExitCode.UNAVAILABLE, True),
            (503, {"errorCode": "-1", "errorMessage": "Down."}, ExitCode.UNAVAILABLE, True),
            (504, b"", ExitCode.UNAVAILABLE, True),
        ],
    )
    def test_each_error_is_told_by_its_status_and_code(
        self, status: int, body: object, code: ExitCode, transient: bool
    ) -> None:
        found = refusal(status, body)
        assert (found.exit_code, found.transient) == (code, transient)
        assert (found.provider, found.http_status) == (NAME, status)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_an_authentication_error_and_not_followed(self, status: int) -> None:
        handle, seen = answering(NAME, (status, b"", {"Location": "https://id.example/signin"}))
        with pytest.raises(JobctlError) as caught:
            make(NAME, handle).get(REF)
        assert caught.value.exit_code is ExitCode.AUTH
        assert "sign-in page" in (caught.value.hint or "")
        assert len(seen) == 1

    def test_a_page_in_place_of_an_answer_looks_like_a_sign_in_page(self) -> None:
        found = refusal(200, PAGE)
        assert (found.exit_code, found.transient) == (ExitCode.UNAVAILABLE, True)
        assert "sign-in page" in (found.hint or "")
        assert found.http_status == 200

    @pytest.mark.parametrize(
        ("body", "code", "transient"),
        [
            (NOT_YOURS, ExitCode.NOT_FOUND, False),
            (error("-16"), ExitCode.NOT_FOUND, False),
            (error("-20"), ExitCode.AUTH, False),
            (error("-1"), ExitCode.UNAVAILABLE, True),
            ({"errorKey": "!csFake"}, ExitCode.UNAVAILABLE, True),
            ({"errorCode": -1}, ExitCode.UNAVAILABLE, True),
            (COMPLETED | {"errorKey": "!csFake"}, ExitCode.UNAVAILABLE, True),
            (COMPLETED | {"errorCode": "-1", "progress": ""}, ExitCode.UNAVAILABLE, True),
        ],
    )
    def test_an_error_that_comes_with_status_200_is_an_error(
        self, body: object, code: ExitCode, transient: bool
    ) -> None:
        found = refusal(200, body)
        assert (found.exit_code, found.transient) == (code, transient)
        assert "sign-in" not in (found.hint or "")

    def test_the_request_id_of_the_service_is_told(self) -> None:
        found = refusal(400, NOT_YOURS, {"x-oracle-dms-ecid": "ecid-1"})
        assert found.request_id == "ecid-1"


class TestReferences:
    @pytest.mark.parametrize(
        "url",
        [
            BASE + PATH,
            BASE.upper().replace(NAME.upper(), NAME) + PATH,
            f"{BASE}{PATH}/",
            f"{BASE}{PATH}?includeSkippedItemDetails=false#top",
            f"{BASE}{PATH}".replace("ZX-", "%5AX%2D"),
            f"OCMHost{PATH}",
            f"ocmhost{PATH}?a=b",
            f"https://OCMHost{PATH}",
            f"{BASE.removeprefix('http://')}{PATH}",
        ],
    )
    def test_a_url_names_its_job(self, url: str) -> None:
        assert ref_of(url) == REF

    @pytest.mark.parametrize(
        ("base_url", "root"),
        [
            ("https://x.example", "https://x.example:443"),
            ("https://x.example:443", "x.example"),
            ("https://x.example", "https://X.EXAMPLE"),
        ],
    )
    def test_the_usual_port_and_letter_case_make_no_difference(
        self, base_url: str, root: str
    ) -> None:
        assert ref_of(root + PATH, base_url=base_url) == REF

    @pytest.mark.parametrize(
        "url",
        [
            f"https://evil.example{PATH}",
            f"evil.example{PATH}",
            f"{BASE}@evil.example{PATH}",
            f"{BASE.replace(':1/', ':2/')}{PATH}",
            f"{BASE.replace('http:', 'https:')}{PATH}",
            f"{BASE.replace(NAME, 'other')}{PATH}",
            f"{BASE}/documents/api/1.2/folders/F1/_download/7",
            f"{BASE}/documents/api/1.2/files/{FILE}/_extract/",
            f"{BASE}/documents/api/1.2/files/%2E%2E/_extract/{JOB}",
            f"{BASE}/documents/api/1.2/files/{FILE}/_extract/%2E%2E",
            f"{BASE}/documents/api/1.2/files/{FILE}/_extract/a%2Fb",
            f"{BASE}/documents/api/1.2/files/{FILE}/_extract/a%00b",
        ],
    )
    def test_any_other_url_is_refused_before_any_request(self, url: str) -> None:
        with pytest.raises(UsageError):
            ref_of(url)

    def test_an_id_of_another_form_is_left_to_the_service_to_judge(self) -> None:
        handle, seen = answering(NAME, (200, COMPLETED))
        ref = registry.find(NAME).check(JobRef.parse(f"{NAME}/file.1/löß:7"))
        make(NAME, handle).get(ref)
        assert (
            seen[0]
            .url.raw_path.split(b"?")[0]
            .endswith(b"/files/file.1/_extract/l%C3%B6%C3%9F%3A7")
        )


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "used"),
        [
            ("https://x.example", "https://x.example"),
            ("https://x.example:443/", "https://x.example"),
            ("https://x.example/documents/api/1.2", "https://x.example"),
            ("https://x.example/documents/api/1.2/", "https://x.example"),
            ("http://127.0.0.1:8080/oracle-content", "http://127.0.0.1:8080/oracle-content"),
        ],
    )
    def test_the_base_url_is_the_origin(self, given: str, used: str) -> None:
        assert registry.find(NAME).base_url(profile(NAME, base_url=given)) == used

    @pytest.mark.parametrize("given", ["http://x.example", "https://u:p@x.example", "x.example"])
    def test_a_base_url_that_is_not_safe_is_refused(self, given: str) -> None:
        with pytest.raises(ConfigError):
            registry.find(NAME).base_url(profile(NAME, base_url=given))

    @pytest.mark.parametrize(
        ("values", "name"),
        [
            ({}, "token"),
            ({"auth": "token", "client_id": "me"}, "token"),
            ({"client_id": "me"}, "identity_url"),
            ({"auth": "client_credentials", "token": "T"}, "identity_url"),
            ({"client_id": "me", "identity_url": "https://i.example"}, "client_secret"),
            ({"client_secret": "S", "identity_url": "https://i.example"}, "client_id"),
            (
                {"client_id": "me", "client_secret": "S", "identity_url": "https://i.example"},
                "scope",
            ),
            ({"auth": "basic", "token": "T"}, "username"),
            ({"auth": "basic", "username": "me"}, "password"),
            ({"username": "me", "password": "P"}, "token"),
        ],
    )
    def test_a_missing_credential_is_named(self, values: dict[str, str], name: str) -> None:
        with pytest.raises(ConfigError, match=f"'{name}'"):
            registry.find(NAME).auth(profile(NAME, **values), TokenCache(None))

    @staticmethod
    def authorization(**values: Any) -> str:
        handle, seen = answering(NAME, (200, COMPLETED))
        make(NAME, handle, **values).get(REF)
        return str(seen[0].headers["Authorization"])

    def test_a_ready_token_wins_over_client_credentials(self) -> None:
        assert self.authorization(token="ready") == "Bearer ready"
        credentials = self.authorization(token="ready", auth="client_credentials")
        assert credentials == "Bearer sandbox-access-token"

    def test_basic_is_used_only_where_asked_for(self) -> None:
        pair = base64.b64encode(b"me:s3cret").decode()
        user = {"username": "me", "password": "s3cret"}
        assert self.authorization(auth="basic", **user) == f"Basic {pair}"
        assert self.authorization(**user) == "Bearer sandbox-access-token"

    def test_client_credentials_ride_in_the_header_and_the_scope_in_the_form(self) -> None:
        asked = []

        def handle(request: httpx.Request) -> httpx.Response:
            if request.method == "POST":
                asked.append(request)
            return sandbox(NAME, Lives())(request)

        make(NAME, handle).get(REF)
        (request,) = asked
        assert str(request.url) == f"{BASE}/oauth2/v1/token"
        assert parse_qs(request.content.decode()) == {
            "grant_type": ["client_credentials"],
            "scope": ["https://sandbox.cec.ocp.oraclecloud.com:443/urn:opc:cec:all"],
        }
        assert (
            b"scope=https%3A%2F%2Fsandbox.cec.ocp.oraclecloud.com%3A443%2Furn%3A" in request.content
        )
        pair = base64.b64encode(b"sandbox:sandbox-secret").decode()
        assert request.headers["Authorization"] == f"Basic {pair}"

    def test_the_job_passes_through_its_states_in_the_sandbox(self) -> None:
        now = [0.0]
        one = make(NAME, sandbox(NAME, Lives(Hand(lambda: now[0]))), waiting=True)
        ref = JobRef.parse(registry.find(NAME).example, NAME)
        seen = []
        for now[0] in (0.0, 1.0, 3.0):
            job = one.get(ref)
            seen.append((job.state, job.progress.percent))
        assert seen == [(JobState.QUEUED, 0), (JobState.RUNNING, 25), (JobState.SUCCEEDED, 100)]
        assert job.detail["ignored_items"] == ["__MACOSX/._exif-xmp.jpg: Entry ignored"]


IDENTITY = {
    "identity_url": "https://idcs-1.example",
    "client_id": "app",
    "scope": "urn:all offline_access",
}


def asked_by(values: Mapping[str, str]) -> list[httpx.Request]:
    """What is asked of the identity domain, by a person who signs in or by a request."""
    asked: list[httpx.Request] = []
    code = {
        "device_code": "FAKE.DEVICE",
        "user_code": "A-B",
        "verification_uri": "https://x.example",
    }

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        is_code = request.url.path.endswith("/device")
        return httpx.Response(200, json=code if is_code else {"access_token": "FAKE"})

    opened = profile(NAME, **IDENTITY, **values)
    auth = registry.find(NAME).account.sign_in(opened, TokenCache(), FakeClock())
    with httpx.Client(transport=httpx.MockTransport(handle), auth=auth) as client:
        if isinstance(auth, DeviceCode):
            auth.sign_in(client, lambda _: None)
        else:
            client.get(ROOT)
            asked.pop()
    return asked


def forms(asked: list[httpx.Request]) -> list[tuple[str, dict[str, str]]]:
    return [(str(one.url), dict(parse_qsl(one.content.decode()))) for one in asked]


def test_a_person_signs_in_at_the_identity_domain() -> None:
    root = "https://idcs-1.example/oauth2/v1"
    start = {"response_type": "device_code", "scope": "urn:all offline_access", "client_id": "app"}
    poll = {"grant_type": GRANT, "device_code": "FAKE.DEVICE"}
    assert forms(asked_by({"auth": "device_code"})) == [
        (f"{root}/device", start),
        (f"{root}/token", {**poll, "client_id": "app"}),
    ]
    asked = asked_by({"auth": "device_code", "client_secret": "FAKESECRET"})
    assert forms(asked) == [(f"{root}/device", start), (f"{root}/token", poll)]
    assert ["Authorization" in one.headers for one in asked] == [False, True]


def test_a_jobs_id_token_is_exchanged_at_the_identity_domain() -> None:
    told = {"auth": "federated", "id_token": "FAKE.ID"}
    ((url, form),) = forms(asked_by(told))
    assert url == "https://idcs-1.example/oauth2/v1/token"
    assert (form["client_id"], form["client_assertion"]) == ("app", "FAKE.ID")
    (asked,) = asked_by({**told, "client_secret": "FAKESECRET"})
    assert dict(parse_qsl(asked.content.decode()))["assertion"] == "FAKE.ID"
    assert asked.headers["Authorization"].startswith("Basic ")


class TestSandbox:
    @staticmethod
    def ask(method: str, path: str, **options: Any) -> httpx.Response:
        request = httpx.Request(method, BASE + path, **options)
        return service(NAME).answer(request, request.url.path.removeprefix(f"/{NAME}"), Lives())

    signed_in: ClassVar[Mapping[str, str]] = {"Authorization": "Bearer sandbox-access-token"}

    def test_a_request_without_the_token_is_refused(self) -> None:
        assert self.ask("GET", PATH).status_code == 401
        wrong = {"Authorization": "Bearer other"}
        assert self.ask("GET", PATH, headers=wrong).status_code == 401

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
    def test_nothing_but_get_is_served(self, method: str) -> None:
        assert self.ask(method, PATH, headers=self.signed_in).status_code == 405

    @pytest.mark.parametrize(
        ("path", "status", "code"),
        [
            ("/documents/api/1.2/files", 404, "-16"),
            (PATH.replace(FILE, "DOTHER"), 404, "-16"),
            (PATH.replace(JOB, "ZX-OTHER"), 400, "-96"),
            (PATH.replace(FILE, "ERROR"), 404, "-16"),
        ],
    )
    def test_what_is_not_there_is_not_found(self, path: str, status: int, code: str) -> None:
        answer = self.ask("GET", path, headers=self.signed_in)
        assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
        assert answer.headers["x-oracle-dms-ecid"]

    @pytest.mark.parametrize(
        ("form", "password", "status", "error"),
        [
            ({"grant_type": "password"}, "sandbox-secret", 400, "unsupported_grant_type"),
            ({"grant_type": "client_credentials"}, "wrong", 401, "invalid_client"),
            ({"grant_type": "client_credentials"}, "sandbox-secret", 400, "invalid_scope"),
        ],
    )
    def test_a_wrong_token_request_is_refused(
        self, form: dict[str, str], password: str, status: int, error: str
    ) -> None:
        pair = base64.b64encode(f"sandbox:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        answer = self.ask("POST", "/oauth2/v1/token", data=form, headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (status, error)
