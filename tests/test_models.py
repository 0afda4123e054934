"""The values everything else speaks of: states, references, durations, times, documents."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.models import (
    Failure,
    Job,
    JobRef,
    JobState,
    Progress,
    duration,
    rfc3339,
)

STATES = {
    "queued": False,
    "running": False,
    "succeeded": True,
    "partial": True,
    "failed": True,
    "cancelled": True,
    "unknown": False,
}
MOMENT = datetime(2024, 10, 29, 12, 32, 26, tzinfo=UTC)

printable = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(
    lambda part: part.isprintable() and part not in (".", "..") and "\ufffd" not in part
)
names = st.sampled_from(["cognite", "modzy", "modelarts", "vas", "oracle-content"])


def test_there_are_seven_states_and_four_are_ends() -> None:
    assert {state.value: state.ended for state in JobState} == STATES


class TestReferences:
    @pytest.mark.parametrize(
        ("text", "provider", "parts"),
        [
            ("cognite/123", "cognite", ("123",)),
            ("modelarts/TASK/VERSION", "modelarts", ("TASK", "VERSION")),
            ("vas/video-analyze/a%2Fb", "vas", ("video-analyze", "a/b")),
            ("vas/50%25/a%20b%3F%23", "vas", ("50%", "a b?#")),
            ("modzy/l%C3%B6%C3%9F", "modzy", ("löß",)),
            ("modzy/löß", "modzy", ("löß",)),
            ("modzy/a...b", "modzy", ("a...b",)),
        ],
    )
    def test_a_full_reference_is_provider_and_parts(
        self, text: str, provider: str, parts: tuple[str, ...]
    ) -> None:
        assert JobRef.parse(text) == JobRef(provider, parts)

    def test_after_a_provider_the_id_stands_alone(self) -> None:
        assert JobRef.parse("TASK/VERSION", "modelarts") == JobRef("modelarts", ("TASK", "VERSION"))
        assert JobRef.parse("cognite/123", "cognite").parts == ("cognite", "123")

    @given(names, st.lists(printable, min_size=1, max_size=3))
    def test_what_is_printed_is_read_back(self, provider: str, parts: list[str]) -> None:
        ref = JobRef(provider, tuple(parts))
        assert JobRef.parse(str(ref)) == ref
        assert JobRef.parse(ref.id, provider) == ref
        assert str(ref) == f"{provider}/{ref.id}"
        assert len(str(ref).split()) == 1

    @given(st.text(max_size=20))
    def test_any_text_is_a_reference_or_a_usage_error(self, text: str) -> None:
        try:
            ref = JobRef.parse(text)
        except UsageError:
            return
        assert JobRef.parse(str(ref)) == ref
        assert not {"", ".", ".."} & set(ref.parts)

    @pytest.mark.parametrize("text", ["123", "cognite"])
    def test_a_reference_without_a_provider_says_how_to_write_one(self, text: str) -> None:
        with pytest.raises(UsageError) as caught:
            JobRef.parse(text)
        assert "cognite/123" in (caught.value.hint or "")

    @pytest.mark.parametrize(
        "id",
        [
            "",
            "/",
            "a/",
            "/a",
            "a//b",
            ".",
            "..",
            "a/..",
            "%2E%2E",
            "a/%2e",
            "a b",
            "a\tb",
            "a\n",
            "a?b",
            "a#b",
            "a%",
            "a%2",
            "a%zz",
            "a%00b",
            "a%0A",
            "a%1b%5B31m",
            "\x1b[31m",
            "\u202eabc",
            "%ff",
            "\udcff",
        ],
    )
    def test_a_part_that_would_be_misread_is_refused(self, id: str) -> None:
        for text, provider in ((id, "cognite"), (f"cognite/{id}", None)):
            with pytest.raises(UsageError) as caught:
                JobRef.parse(text, provider)
            assert caught.value.message.isprintable()


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [
            ("0", 0),
            ("45", 45),
            ("1.5", 1.5),
            ("90s", 90),
            ("1.5s", 1.5),
            ("10m", 600),
            ("0.5m", 30),
            ("1h30m", 5400),
            ("1h1s", 3601),
            ("2h3m4.5s", 7384.5),
            ("0s", 0),
            ("2d", 172800),
            ("1d12h", 129600),
            ("36500d", 3153600000),
        ],
    )
    def test_a_duration_is_written_with_units_or_in_seconds(
        self, text: str, seconds: float
    ) -> None:
        assert duration(text) == seconds

    @pytest.mark.parametrize(
        "text",
        [
            "",
            " ",
            "s",
            "-1",
            "-1s",
            "+1",
            "1h1d",
            "1 s",
            " 1s",
            "1s\n",
            "30m1h",
            "1m1m",
            "1e3",
            "1.",
            ".5",
            "1,5",
            "inf",
            "nan",
            "1M",
            "\u0661s",
        ],
    )
    def test_anything_else_is_a_usage_error_that_shows_how(self, text: str) -> None:
        with pytest.raises(UsageError) as caught:
            duration(text)
        assert "1h30m" in (caught.value.hint or "")

    @pytest.mark.parametrize("text", ["36501d", "9999999h", "9" * 400, f"{'9' * 70_000}s"])
    def test_one_beyond_all_bounds_is_a_usage_error_of_a_line(self, text: str) -> None:
        with pytest.raises(UsageError, match="is too long") as caught:
            duration(text)
        assert len(caught.value.message) < 80

    def test_the_error_names_what_it_is_the_value_of(self) -> None:
        with pytest.raises(UsageError, match=r"^--timeout: 'soon' is not a duration$"):
            duration("soon", "--timeout")
        with pytest.raises(UsageError, match=r"^--timeout: '40000d' is too long$"):
            duration("40000d", "--timeout")

    @given(st.integers(0, 999), st.integers(0, 59), st.integers(0, 59))
    def test_the_parts_of_a_duration_add_up(self, hours: int, minutes: int, seconds: int) -> None:
        assert duration(f"{hours}h{minutes}m{seconds}s") == 3600 * hours + 60 * minutes + seconds


class TestTimes:
    def test_a_time_is_in_utc_with_milliseconds(self) -> None:
        assert rfc3339(MOMENT) == "2024-10-29T12:32:26.000Z"
        assert rfc3339(MOMENT + timedelta(microseconds=123999)) == "2024-10-29T12:32:26.123Z"
        east = timezone(timedelta(hours=5, minutes=30))
        assert rfc3339(MOMENT.astimezone(east)) == "2024-10-29T12:32:26.000Z"

    def test_no_time_is_null(self) -> None:
        assert rfc3339(None) is None

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_a_written_time_is_read_back_to_the_millisecond(self, moment: datetime) -> None:
        text = rfc3339(moment)
        assert text is not None
        assert text.endswith("Z")
        assert timedelta() <= moment - datetime.fromisoformat(text) < timedelta(milliseconds=1)


class TestDocuments:
    def test_a_job_that_tells_nothing_has_every_field_all_the_same(self) -> None:
        job = Job(ref=JobRef("vas", ("a/b", "c")), state=JobState.UNKNOWN, status=None)
        assert json.loads(json.dumps(job.document())) == {
            "schema": "jobctl.job/v1",
            "ref": "vas/a%2Fb/c",
            "provider": "vas",
            "id": "a%2Fb/c",
            "name": None,
            "state": "unknown",
            "status": None,
            "ended": False,
            "progress": {
                "percent": None,
                "total": None,
                "succeeded": None,
                "failed": None,
                "skipped": None,
                "pending": None,
            },
            "created_at": None,
            "started_at": None,
            "updated_at": None,
            "ended_at": None,
            "duration_seconds": None,
            "message": None,
            "error_code": None,
            "failures": [],
            "url": None,
            "web_url": None,
            "detail": {},
        }

    def test_a_job_that_tells_everything_shows_it(self) -> None:
        job = Job(
            ref=JobRef("cognite", ("123",)),
            state=JobState.PARTIAL,
            status="Completed",
            name="pumps",
            progress=Progress(50.0, 10, 4, 1, 2, 3),
            created_at=MOMENT,
            started_at=MOMENT,
            updated_at=MOMENT,
            ended_at=MOMENT,
            duration_seconds=1.5,
            message="a message",
            error_code="7",
            failures=(Failure("4", "unreadable", name="pump.jpg"), Failure(None, None)),
            url="https://x.example",
            web_url="https://x.example/jobs/123",
            detail={"n": 1},
        )
        time = "2024-10-29T12:32:26.000Z"
        assert job.document() == {
            "schema": "jobctl.job/v1",
            "ref": "cognite/123",
            "provider": "cognite",
            "id": "123",
            "name": "pumps",
            "state": "partial",
            "status": "Completed",
            "ended": True,
            "progress": {
                "percent": 50.0,
                "total": 10,
                "succeeded": 4,
                "failed": 1,
                "skipped": 2,
                "pending": 3,
            },
            "created_at": time,
            "started_at": time,
            "updated_at": time,
            "ended_at": time,
            "duration_seconds": 1.5,
            "message": "a message",
            "error_code": "7",
            "failures": [
                {"id": "4", "name": "pump.jpg", "message": "unreadable"},
                {"id": None, "name": None, "message": None},
            ],
            "url": "https://x.example",
            "web_url": "https://x.example/jobs/123",
            "detail": {"n": 1},
        }

    @pytest.mark.parametrize(
        ("id", "name", "item"),
        [("4", "pump.jpg", "4 (pump.jpg)"), ("4", None, "4"), (None, "a", "a"), (None, None, None)],
    )
    def test_a_failed_item_is_told_by_its_id_and_by_its_name(
        self, id: str | None, name: str | None, item: str | None
    ) -> None:
        assert Failure(id, "unreadable", name).item == item

    def test_two_jobs_are_equal_when_a_user_could_not_tell_them_apart(self) -> None:
        ref = JobRef("cognite", ("123",))
        job = Job(ref=ref, state=JobState.RUNNING, status="Running", raw=b"1")
        assert job == Job(ref=ref, state=JobState.RUNNING, status="Running", raw=b"2")
        assert job != Job(ref=ref, state=JobState.RUNNING, status="Collecting", raw=b"1")
        assert "raw" not in repr(job)
