"""`jobctl history`, the numbers that stand for jobs, and that remembering harms no command."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobctl.commands.remember import Remembering, usual_seconds
from jobctl.history import History
from jobctl.models import Job, JobRef, JobState

ENDED = {"status": "Completed", "startTime": 1730204347000, "statusTime": 1730204366000}
SANDBOX = ("--profile", "sandbox")


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOBCTL_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def seen(account: Any, service: Any, jobctl: Any, state: Path) -> None:
    """Three jobs, of which cognite/2 was seen last."""
    service.answers = {"1": [(200, ENDED)], "2": [(200, {"status": "Running"})]}
    service.answers["a1"] = [(200, {"state": "FAILED", "name": "film"})]
    assert jobctl("get", "cognite", "1").code == 0
    assert jobctl("wait", "vas/video-analyze/a1", "--quiet").code == 10
    assert jobctl("get", "cognite", "2").code == 0


def test_jobs_that_were_looked_at_are_listed_newest_first_with_their_numbers(
    seen: None, jobctl: Any
) -> None:
    lines = [line.split() for line in jobctl("history").out.splitlines()]
    assert lines[0] == ["JOB", "REF", "STATE", "SEEN", "TOOK", "NAME", "PROFILE"]
    assert [(line[0], line[1], line[2], line[4:]) for line in lines[1:]] == [
        ("@1", "cognite/2", "running", ["-", "-", "default"]),
        ("@2", "vas/video-analyze/a1", "failed", ["-", "film", "default"]),
        ("@3", "cognite/1", "succeeded", ["19", "-", "default"]),
    ]
    assert len(jobctl("history", "-n", "2").out.splitlines()) == 3


def test_a_terminal_shows_how_long_ago_and_how_long(
    seen: None, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    shown = jobctl("history", "--no-color").out
    assert " s ago" in shown
    assert " 19s " in shown


def test_programs_get_the_same_in_every_format(seen: None, jobctl: Any) -> None:
    document = jobctl("history", "--json").document
    assert [one["number"] for one in document] == ["@1", "@2", "@3"]
    assert yaml.safe_load(jobctl("history", "-o", "yaml").out) == document
    lines = jobctl("history", "-o", "ndjson").out.splitlines()
    assert [json.loads(line) for line in lines] == document
    assert jobctl("history", "-o", "ids").out.split() == [one["ref"] for one in document]
    assert jobctl("history", "--json", "-q", "[].state").document == [
        "running",
        "failed",
        "succeeded",
    ]


def test_a_query_goes_with_documents_alone(jobctl: Any, state: Path) -> None:
    assert jobctl("history", "-o", "table", "-q", "[]").code == 2
    assert jobctl("history", "-o", "ids", "-q", "[]").code == 2
    assert jobctl("history", "--json", "-q", "[").code == 2


def test_the_history_of_a_profile_keeps_the_numbers(seen: None, jobctl: Any) -> None:
    jobctl("get", "cognite", "127", *SANDBOX)
    lines = jobctl("history", "-p", "default", "-n", "2").out.splitlines()
    assert [line.split()[0] for line in lines] == ["JOB", "@2", "@3"]
    assert jobctl(*SANDBOX, "history", "--json", "-q", "[].number").document == ["@1"]
    assert "with profile 'x'" in jobctl("history", "-p", "x").err


def test_where_nothing_has_been_seen_the_history_says_so(jobctl: Any, state: Path) -> None:
    ran = jobctl("history")
    assert (ran.code, ran.err) == (0, "note: no job has been seen so far\n")
    assert jobctl("history", "--json").document == []
    assert "no job has been seen so far" in jobctl("get", "cognite", "@1", *SANDBOX).err


@pytest.mark.parametrize(
    ("words", "ref"),
    [
        (["get", "cognite", "@1"], "cognite/2"),
        (["get", "cognite", "@last"], "cognite/2"),
        (["get", "cognite", "@3"], "cognite/1"),
        (["wait", "@2"], "vas/video-analyze/a1"),
    ],
)
def test_a_number_stands_for_a_job(words: list[str], ref: str, seen: None, jobctl: Any) -> None:
    assert jobctl(*words, "-o", "ids").out == f"{ref}\n"


def test_the_numbers_are_those_of_before_the_command(seen: None, jobctl: Any) -> None:
    refs = ["cognite/1", "cognite/2"]
    assert jobctl("get", "cognite", "@3", "@1", "-o", "ids").out.split() == refs
    assert jobctl("history", "-n", "2", "-o", "ids").out.split() == refs


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["get", "vas", "@1"], "@1 is cognite/2, no job of vas"),
        (["wait", "@4"], "there is no @4: the history goes to @3"),
        (["wait", "@0"], "'@0' is not a job reference"),
        (["get", "cognite", "@1", *SANDBOX], "@1 is cognite/2, seen with profile 'default'"),
    ],
)
def test_a_number_that_stands_for_nothing_here_is_refused(
    words: list[str], told: str, seen: None, jobctl: Any
) -> None:
    ran = jobctl(*words)
    assert ran.code == 2
    assert told in ran.err


def test_ids_are_completed_from_the_history(seen: None, offered: Any) -> None:
    assert list(offered("jobctl get cognite ").words)[:2] == ["2", "1"]
    assert list(offered("jobctl get vas video-analyze/a1").words) == ["video-analyze/a1"]
    assert list(offered("jobctl wait vas/video-analyze/a1").words) == ["vas/video-analyze/a1"]


def test_completion_does_without_a_history_that_cannot_be_read(state: Path, offered: Any) -> None:
    state.mkdir()
    (state / "history.db").mkdir()
    assert "123" in offered("jobctl get cognite 12").words


def test_a_history_that_cannot_be_kept_is_one_warning_and_no_failure(
    service: Any, account: Any, jobctl: Any, state: Path
) -> None:
    state.write_text("no folder")
    service.answers = {"1": [(200, {"status": "Running"}), (200, ENDED)]}
    ran = jobctl("get", "cognite", "1", "--wait", "--interval", "0.01", "--json")
    assert (ran.code, ran.document["state"]) == (0, "succeeded")
    assert ran.err.count("the history") == 1
    assert jobctl("get", "cognite", "1", "--quiet").err == ""
    state.unlink()
    (state / "history.db").mkdir(parents=True)
    assert jobctl("history").code == 2


class Clock:
    """Time that stands still until it is told."""

    def __init__(self) -> None:
        self.time = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def passes(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


def test_a_long_wait_remembers_its_jobs_before_it_ends(tmp_path: Path) -> None:
    clock, kept = Clock(), History(tmp_path / "history.db")
    remembering = Remembering(kept, "default", clock.now)

    def changed(id: str, state: JobState) -> list[str]:
        remembering.changed(Job(ref=JobRef("cognite", (id,)), state=state, status=None))
        return [f"{one.id} {one.state}" for one in kept.newest()]

    assert changed("1", JobState.QUEUED) == []
    clock.passes(1)
    assert changed("2", JobState.QUEUED) == ["1 queued", "2 queued"]
    assert changed("1", JobState.RUNNING) == ["1 queued", "2 queued"]
    remembering.heartbeat(2, {}, 60)
    assert [one.state for one in kept.newest()] == ["running", "queued"]
    kept.path.unlink()
    remembering.heartbeat(2, {}, 120)
    assert kept.newest() == []


def test_a_job_that_was_never_seen_is_not_remembered(
    service: Any, account: Any, jobctl: Any, state: Path
) -> None:
    assert jobctl("wait", "cognite/404").code == 5
    assert jobctl("history", "-o", "ids").out == ""


def test_a_wait_knows_how_long_jobs_of_the_kind_usually_take(tmp_path: Path) -> None:
    kept = History(tmp_path / "history.db")
    done = [
        Job(ref=JobRef("modzy", (one,)), state=JobState.SUCCEEDED, status=None, duration_seconds=60)
        for one in "ab"
    ]
    kept.remember("default", done, datetime(2026, 1, 1, tzinfo=UTC))
    expected = usual_seconds(kept, "default")
    assert expected(done[0]) == 60
    kept.path.unlink()
    assert expected(done[1]) == 60
    assert usual_seconds(kept, "other")(done[0]) is None
    kept.path.mkdir()
    assert usual_seconds(kept, "default")(done[0]) is None
