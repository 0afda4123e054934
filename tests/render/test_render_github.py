"""GitHub Actions: what its runner makes of what a wait tells it."""

import html
import io
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runner import Command, obeyed

from jobctl.errors import NotFoundError
from jobctl.models import Failure, Job, JobRef, JobState, Progress
from jobctl.render.clean import clean
from jobctl.render.github import GitHubReport, Group
from jobctl.render.listener import Verdict

FAILED = Verdict("failed", 10, 1, {}, 61.25)
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\x1b\n\r\t \u202eaé1"
TEXTS = st.text(st.sampled_from(SIGNS), max_size=40) | st.text(max_size=40)


def outputs(text: str) -> dict[str, str]:
    """The step's outputs, as the runner reads the file."""
    return dict(line.split("=", 1) for line in text.splitlines())


def cells(markdown: str) -> list[list[str]]:
    """The rows of the table that GitHub shows, as text; a cell that holds more than text fails."""
    cmarkgfm = pytest.importorskip("cmarkgfm", reason="no wheels for a Python so new")
    page = cmarkgfm.github_flavored_markdown_to_html(markdown)
    found = re.findall(r"<tr>\n(.*?)</tr>", page, re.DOTALL)
    return [
        [html.unescape(cell) for cell in re.findall(r"<t[hd]>([^<>]*)</t[hd]>\n", row)]
        for row in found
    ]


class Step:
    """A step of a workflow: its log, and its files."""

    def __init__(self, folder: Path) -> None:
        self.log = io.StringIO()
        self.files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        self.environ = {name: str(path) for name, path in self.files.items()}

    def report(self, *, partial_ok: bool = False) -> GitHubReport:
        return GitHubReport(self.log, environ=self.environ, partial_ok=partial_ok)

    @property
    def commands(self) -> list[Command]:
        return obeyed(self.log.getvalue())

    @property
    def outputs(self) -> dict[str, str]:
        return outputs(self.files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))

    @property
    def summary(self) -> str:
        return self.files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")


@pytest.fixture
def step(tmp_path: Path) -> Step:
    return Step(tmp_path)


def test_a_group_has_a_title_and_an_end() -> None:
    title = "100%: a\nb"
    group = Group()
    assert obeyed(f"{group.begin(title)}\n{group.end()}\n") == [
        Command("group", {}, title),
        Command("endgroup", {}, ""),
    ]


def test_each_job_with_a_problem_is_one_annotation(step: Step, job: Callable[..., Job]) -> None:
    failures = (Failure("7", "x"), Failure("8", "y"))
    jobs = [
        job("cognite/1", "failed", message="50%,\n::b", failures=failures),
        job("cognite/2", "succeeded"),
        job("cognite/3", "unknown"),
    ]
    report = step.report()
    report.lost(jobs[2].ref, NotFoundError("cognite/3: none"))
    report.finish(jobs, FAILED)
    assert step.commands == [
        Command("error", {"title": "cognite/1 failed"}, "50%,\\n::b\n7: x\n8: y"),
        Command("error", {"title": "cognite/3 not-found"}, "cognite/3: none"),
    ]


def test_where_the_runner_names_no_file_annotations_are_all(job: Callable[..., Job]) -> None:
    log = io.StringIO()
    report = GitHubReport(log, environ={}, partial_ok=False)
    report.finish([job("cognite/1", "failed", message="m")], FAILED)
    assert [(one.name, one.message) for one in obeyed(log.getvalue())] == [("error", "m")]


def test_a_cause_that_the_job_and_an_item_tell_is_told_once(
    step: Step, job: Callable[..., Job]
) -> None:
    failures = (Failure(None, "empty"), Failure("7", "empty"))
    step.report().finish([job("cognite/1", "failed", message="empty", failures=failures)], FAILED)
    assert step.commands[0].message == "empty\n7: empty"


def test_an_annotation_has_room_for_some_items_and_counts_the_rest(
    step: Step, job: Callable[..., Job]
) -> None:
    failures = tuple(Failure(str(number), None) for number in range(12))
    step.report().finish([job("cognite/1", "failed", message="m", failures=failures)], FAILED)
    assert step.commands[0].message.split("\n") == ["m", *map(str, range(10)), "+2 more"]


@given(TEXTS, TEXTS)
def test_an_annotation_says_any_text_and_nothing_else(message: str, item: str) -> None:
    log = io.StringIO()
    failed = Job(
        ref=JobRef("cognite", ("1",)),
        state=JobState.FAILED,
        status="x",
        message=message or None,
        failures=(Failure(item or None, None),),
    )
    GitHubReport(log, environ={}, partial_ok=False).finish([failed], FAILED)
    (told,) = obeyed(log.getvalue())
    assert told.name == "error"
    words, more = message or "x", item or "?"
    assert told.message == "\n".join(map(clean, [words] if more == words else [words, more]))


def test_a_partial_job_that_is_good_enough_is_no_annotation(
    step: Step, job: Callable[..., Job]
) -> None:
    step.report(partial_ok=True).finish([job("cognite/1", "partial")], FAILED)
    assert step.commands == []


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        (["running"], "running"),
        (["succeeded", "running"], "running"),
        (["partial", "unknown", "cancelled"], "cancelled"),
        (["succeeded", "failed", "partial"], "failed"),
        ([], "unknown"),
    ],
)
def test_the_outputs_are_the_state_of_the_job_or_the_worst_and_the_verdict(
    states: list[str], worst: str, step: Step, job: Callable[..., Job]
) -> None:
    jobs = [job(f"cognite/{number}", state) for number, state in enumerate(states)]
    step.report().finish(jobs, Verdict("timeout", 124, 1, {}, 1.0))
    assert step.outputs == {"state": worst, "verdict": "timeout", "exit_code": "124"}


def test_the_summary_is_a_table_of_the_jobs(step: Step, job: Callable[..., Job]) -> None:
    step.files["GITHUB_STEP_SUMMARY"].write_text("from a step before")
    progress = Progress(percent=100, total=4, succeeded=3, failed=1)
    jobs = [
        job("cognite/1", "partial", progress=progress, duration_seconds=125, message="one | two"),
        job("vas/a/b%20c", "succeeded", message="fine"),
    ]
    step.report().finish(jobs, FAILED)
    assert step.summary.startswith("from a step before\n### jobctl: failed (exit code 10)\n")
    assert cells(step.summary) == [
        ["Job", "State", "Progress", "Run time", "Message"],
        ["cognite/1", "partial", "100% 4/4, 1 failed", "2m05s", "one | two"],
        ["vas/a/b%20c", "succeeded", "", "", "fine"],
    ]


@given(TEXTS)
def test_the_summary_shows_any_text_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "summary"
    path.unlink(missing_ok=True)
    ended = Job(ref=JobRef("cognite", ("1",)), state=JobState.SUCCEEDED, status=None, message=text)
    report = GitHubReport(
        io.StringIO(), environ={"GITHUB_STEP_SUMMARY": str(path)}, partial_ok=False
    )
    report.finish([ended], FAILED)
    assert cells(path.read_text(encoding="utf-8"))[1][4] == clean(text).strip(" ")


def test_a_summary_is_no_longer_in_bytes_than_the_runner_takes(
    step: Step, job: Callable[..., Job]
) -> None:
    file = step.files["GITHUB_STEP_SUMMARY"]
    file.write_text("é" * 10_000)
    jobs = [job(f"cognite/{number}", "succeeded", message="😀" * 400) for number in range(1000)]
    step.report().finish(jobs, FAILED)
    left = 1000 - len(cells(step.summary)) + 1
    assert 1_040_000 < file.stat().st_size <= 1024 * 1024
    assert step.summary.endswith(f"|\n\n{left} more jobs: there is no room for them here.\n")


def test_nothing_is_added_to_a_summary_that_is_full(step: Step, job: Callable[..., Job]) -> None:
    file = step.files["GITHUB_STEP_SUMMARY"]
    full = b" " * (1024 * 1024 - 100)
    file.write_bytes(full)
    step.report().finish([job("cognite/1", "succeeded")], FAILED)
    assert file.read_bytes() == full


def test_a_pipe_that_nobody_reads_is_not_waited_for(step: Step, job: Callable[..., Job]) -> None:
    os.mkfifo(step.files["GITHUB_OUTPUT"])
    with pytest.raises(OSError, match="No such device"):
        step.report().finish([job("cognite/1", "succeeded")], FAILED)


def test_a_long_message_is_cut_in_the_summary(step: Step, job: Callable[..., Job]) -> None:
    step.report().finish([job("cognite/1", "failed", message="é" * 1000)], FAILED)
    assert cells(step.summary)[1][4] == "é" * 300 + "…"
