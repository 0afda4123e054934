"""--junit: every job a test case, in a file that is whole or not there."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.errors import ExitCode, JobctlError, NotFoundError, StalledError, UsageError
from jobctl.masking.secrets import hide
from jobctl.models import Failure, Job, JobRef, JobState, Progress
from jobctl.render.junit import JunitReport
from jobctl.render.listener import Verdict

ANYTHING = st.text(st.characters(exclude_categories=()))


def over(word: str, code: int, cut_short: str | None = None) -> Verdict:
    return Verdict(word, code, 1, {}, 61.25, cut_short)


FAILED = over("failed", 10)

Case = Callable[..., ET.Element]


@pytest.fixture
def report(tmp_path: Path, now: Callable[[], datetime]) -> Callable[..., ET.Element]:
    """The report on a wait, read back."""

    def make(
        *jobs: Job,
        verdict: Verdict = FAILED,
        partial_ok: bool = False,
        lost: JobctlError | None = None,
    ) -> ET.Element:
        path = tmp_path / "report.xml"
        written = JunitReport(path, started=now(), partial_ok=partial_ok)
        if lost is not None:
            written.lost(jobs[0].ref, lost)
        written.finish(jobs, verdict)
        assert [one.name for one in tmp_path.iterdir()] == ["report.xml"]
        return ET.fromstring(path.read_text(encoding="utf-8"))

    return make


@pytest.fixture
def case(report: Callable[..., ET.Element]) -> Case:
    """The test case of one job."""
    return lambda *jobs, **more: next(report(*jobs, **more).iter("testcase"))


def test_a_job_is_a_test_case_of_its_provider(case: Case, job: Callable[..., Job]) -> None:
    one = case(job("vas/video/x%20y", "succeeded", duration_seconds=42.0))
    assert one.attrib == {"classname": "vas", "name": "vas/video/x%20y", "time": "42.000"}
    assert len(one) == 0


def test_a_job_that_tells_no_run_time_took_as_long_as_the_wait(
    case: Case, job: Callable[..., Job]
) -> None:
    assert case(job("cognite/1", "succeeded")).get("time") == "61.250"


@pytest.mark.parametrize("state", ["failed", "partial", "cancelled"])
def test_what_did_not_succeed_is_a_failure_with_its_message_and_items(
    state: str, case: Case, job: Callable[..., Job]
) -> None:
    failures = (Failure("7", "no\nimage", name="a"), Failure(None, "?!"), Failure("8", None))
    failure = case(job("cognite/1", state, message="2 < 3", failures=failures))[0]
    assert (failure.tag, failure.get("type"), failure.get("message")) == ("failure", state, "2 < 3")
    assert failure.text == "2 < 3\n7 (a): no\nimage\n?!\n8"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"progress": Progress(total=3, succeeded=2, failed=1)}, "3/3, 1 failed"),
        ({"status": "ODD"}, "ODD"),
        ({"status": None}, "failed"),
    ],
)
def test_a_failure_that_the_service_does_not_explain_has_the_next_best_message(
    fields: dict[str, object], message: str, case: Case, job: Callable[..., Job]
) -> None:
    assert case(job("cognite/1", "failed", **fields))[0].get("message") == message


def test_an_item_of_which_nothing_is_known_is_counted_all_the_same(
    case: Case, job: Callable[..., Job]
) -> None:
    failure = case(job("cognite/1", "failed", message="m", failures=(Failure(None, None),)))[0]
    assert failure.text == "m\n?"


def test_a_job_that_could_not_be_read_is_an_error_without_secrets(
    case: Case, job: Callable[..., Job]
) -> None:
    hide("planted-secret")
    lost = NotFoundError("cognite/1: planted-secret is none")
    error = case(job("cognite/1", "unknown"), lost=lost)[0]
    assert (error.tag, error.get("type")) == ("error", "not-found")
    assert error.get("message") == "cognite/1: *** is none"


def test_a_job_that_stalled_is_a_failure(case: Case, job: Callable[..., Job]) -> None:
    stalled = StalledError("cognite/1: nothing changed for 60 s")
    failure = case(job("cognite/1"), verdict=over("stalled", 13), lost=stalled)[0]
    assert (failure.tag, failure.get("type")) == ("failure", "stalled")
    assert failure.text == "cognite/1: nothing changed for 60 s"


@pytest.mark.parametrize(
    ("verdict", "type_"),
    [
        (over("timeout", 124, "timeout"), "timeout"),
        (over("failed", 10, "timeout"), "timeout"),
        (over("interrupted", 130, "interrupted"), "interrupted"),
        (over("failed", 10), "pending"),
    ],
)
@pytest.mark.parametrize("state", ["queued", "running", "unknown"])
def test_a_job_that_goes_on_is_a_failure_that_tells_how_the_wait_ended(
    verdict: Verdict, type_: str, state: str, case: Case, job: Callable[..., Job]
) -> None:
    failure = case(job("cognite/1", state, progress=Progress(percent=40)), verdict=verdict)[0]
    assert (failure.tag, failure.get("type")) == ("failure", type_)
    assert failure.get("message") == f"not ended: {state} 40%"


def test_a_job_that_the_wait_could_do_without_is_skipped(
    case: Case, job: Callable[..., Job]
) -> None:
    skipped = case(job("cognite/1"), verdict=over("succeeded", 0))[0]
    assert (skipped.tag, skipped.text) == ("skipped", "not ended: running")


def test_a_job_that_became_as_it_should_has_passed_before_its_end(
    case: Case, job: Callable[..., Job]
) -> None:
    assert len(case(job("cognite/1"), verdict=over("condition", 0))) == 0


def test_a_partial_job_that_is_good_enough_has_passed(case: Case, job: Callable[..., Job]) -> None:
    assert len(case(job("cognite/1", "partial"), partial_ok=True)) == 0


def test_the_suite_counts_and_tells_when_the_wait_began(
    report: Callable[..., ET.Element], job: Callable[..., Job]
) -> None:
    jobs = [job("cognite/1"), job("cognite/2", "failed"), job("vas/a/b", "succeeded")]
    root = report(*jobs, lost=NotFoundError("none"))
    (suite,) = root
    counts = {"tests": "3", "failures": "1", "errors": "1", "time": "61.250", "name": "jobctl"}
    assert root.attrib == counts
    assert suite.attrib == counts | {"timestamp": "2024-10-29T14:00:00.000Z"}
    assert [one.get("name") for one in suite] == ["cognite/1", "cognite/2", "vas/a/b"]


@given(ANYTHING, ANYTHING)
def test_any_text_is_xml_and_what_xml_can_hold_is_exact(
    tmp_path_factory: pytest.TempPathFactory, message: str, item: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.xml"
    one = Job(
        ref=JobRef("cognite", (message or "1",)),
        state=JobState.FAILED,
        status=None,
        message=message or None,
        failures=(Failure(item, None),),
    )
    started = datetime.fromisoformat("2024-10-29T14:00:00Z")
    JunitReport(path, started=started, partial_ok=False).finish([one], over("failed", 10))
    failure = next(ET.parse(path).iter("failure"))
    if message and all(char.isprintable() for char in message):
        assert failure.get("message") == message


def test_what_xml_cannot_hold_is_written_as_its_escape(case: Case, job: Callable[..., Job]) -> None:
    message = "a\x00b\x1b[2J\ud800\uffff\tc\n"
    told = case(job("cognite/1", "failed", message=message))[0].get("message")
    assert told == "a\\x00b\\x1b[2J\\ud800\\uffff\tc\n"


def test_an_older_report_is_replaced_and_no_folder_made(
    tmp_path: Path, now: Callable[[], datetime], job: Callable[..., Job]
) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        JunitReport(tmp_path / "new" / "report.xml", started=now(), partial_ok=False)
    path = tmp_path / "report.xml"
    for state in ("failed", "succeeded"):
        report = JunitReport(path, started=now(), partial_ok=False)
        report.finish([job("cognite/1", state)], over("x", 0))
    assert "failure" not in path.read_text(encoding="utf-8").partition("testcase")[2]


def test_others_may_read_it_as_far_as_the_user_lets_them(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    path = tmp_path / "report.xml"
    (tmp_path / "other").touch()
    JunitReport(path, started=now(), partial_ok=False).finish([], over("x", 0))
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_place_that_cannot_be_written_is_told_before_the_wait(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    (tmp_path / "file").touch()
    for place in ("file/report.xml", "x" * 300):
        with pytest.raises(UsageError, match="--junit: cannot write") as refused:
            JunitReport(tmp_path / place, started=now(), partial_ok=False)
        assert refused.value.exit_code == ExitCode.USAGE
    for folder in (tmp_path, Path()):
        with pytest.raises(UsageError, match="is not a file"):
            JunitReport(folder, started=now(), partial_ok=False)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_report_that_fails_half_way_leaves_nothing(
    tmp_path: Path, now: Callable[[], datetime]
) -> None:
    report = JunitReport(tmp_path / "report.xml", started=now(), partial_ok=False)
    (tmp_path / "report.xml").mkdir()
    with pytest.raises(OSError, match=r"report\.xml"):
        report.finish([], over("succeeded", 0))
    assert [one.name for one in tmp_path.iterdir()] == ["report.xml"]


def test_a_look_that_is_no_wait_is_not_reported(
    tmp_path: Path, now: Callable[[], datetime], job: Callable[..., Job]
) -> None:
    JunitReport(tmp_path / "r.xml", started=now(), partial_ok=False).finish([job("vas/1")], None)
    assert list(tmp_path.iterdir()) == []
