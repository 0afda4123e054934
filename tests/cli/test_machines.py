"""Reports for machines: JUnit, CI logs and a command at the end, on every way out of a wait."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from processes import run_in_a_process
from runner import obeyed

RUNNING, DONE, FAILED = ((200, {"status": word}) for word in ("Running", "Completed", "Failed"))
NONE = (404, {"error": {"message": "none"}})

pytestmark = pytest.mark.usefixtures("account")


@pytest.fixture
def step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a step in GitHub Actions."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    return tmp_path


@pytest.fixture
def reported(step: Path) -> Callable[[], tuple[str, list[str], str]]:
    """The words for the end of a wait for one job: in JUnit, as step outputs, to the command."""

    def read() -> tuple[str, list[str], str]:
        case = next(ET.parse(step / "report.xml").iter("testcase"))
        outputs = (step / "output").read_text().splitlines()
        return (
            case[0].get("type", "") if len(case) else "passed",
            [line.partition("=")[2] for line in outputs],
            (step / "done").read_text(),
        )

    return read


def words(step: Path) -> list[str]:
    command = f'echo "$JOBCTL_VERDICT $JOBCTL_EXIT_CODE $JOBCTL_REFS $(cat)" > {step}/done'
    return ["--junit", str(step / "report.xml"), "--on-done", command]


@pytest.mark.parametrize(
    ("answer", "more", "kind", "outputs"),
    [
        (DONE, [], "passed", ["succeeded", "succeeded", "0"]),
        (FAILED, [], "failed", ["failed", "failed", "10"]),
        (RUNNING, ["--timeout", "0"], "timeout", ["running", "timeout", "124"]),
        (NONE, [], "not-found", ["unknown", "error", "5"]),
    ],
    ids=["success", "failure", "timeout", "missing"],
)
def test_every_end_is_reported(
    answer: Any, more: list[str], kind: str, outputs: list[str], service: Any, jobctl: Any,
    step: Path, reported: Callable[[], tuple[str, list[str], str]],
) -> None:  # fmt: skip
    service.answers = {"1": [answer]}
    ran = jobctl("get", "cognite", "1", "--wait", "--json", *more, *words(step))
    state, verdict, code = outputs
    told, given, done = reported()
    assert (str(ran.code), told, given) == (code, kind, outputs)
    assert done.startswith(f"{verdict} {code} cognite/1 {{")
    assert json.loads(done.partition("cognite/1 ")[2]) == ran.document
    assert f"| {state} |" in (step / "summary").read_text()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_reported_too(
    number: int, code: int, service: Any, step: Path,
    reported: Callable[[], tuple[str, list[str], str]],
) -> None:  # fmt: skip
    service.answers = {"1": [RUNNING]}
    with run_in_a_process("wait", "cognite/1", *words(step)) as process:
        assert process.stderr is not None
        while "cognite/1 running" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(number)
        _, err = process.communicate(timeout=20)
    told, given, done = reported()
    assert (process.returncode, told) == (code, "interrupted")
    assert given == ["running", "interrupted", str(code)]
    assert done.startswith(f"interrupted {code} cognite/1 ")
    assert "::endgroup::" in err.splitlines()


@pytest.mark.usefixtures("step")
def test_github_actions_are_recognised_and_read_nothing_but_our_own_commands(
    service: Any, jobctl: Any
) -> None:
    said = "x\n::add-mask::e ##[add-mask]e"
    service.answers = {"1": [(200, {"status": "Failed", "errorMessage": said})], "2": [NONE]}
    for format_ in ("table", "json", "ndjson", "yaml"):
        ran = jobctl("wait", "cognite/1", "cognite/2", "-o", format_, "-vv")
        assert ran.code == 5
        assert [one.name for one in obeyed(ran.err)] == ["group", "endgroup", "error", "error"]
        assert obeyed(ran.out) == []


@pytest.mark.usefixtures("step")
def test_without_a_wait_or_with_another_ci_asked_for_github_is_told_nothing(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [FAILED]}
    assert "::" not in jobctl("get", "cognite", "1").err
    assert "::" not in jobctl("wait", "cognite/1", "--ci", "none").err
    assert "section_start" in jobctl("wait", "cognite/1", "--ci", "gitlab").err


@pytest.mark.usefixtures("step")
def test_quiet_leaves_the_annotations(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [FAILED]}
    ran = jobctl("wait", "cognite/1", "--quiet")
    assert [one.name for one in obeyed(ran.err)] == ["error"]


def test_gitlab_is_recognised(service: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service.answers = {"1": [DONE]}
    monkeypatch.setenv("GITLAB_CI", "true")
    first, *_, last, _ = jobctl("wait", "cognite/1").err.split("\n")
    assert "section_start" in first
    assert "section_end" in last


def test_a_file_of_github_that_cannot_be_written_changes_no_exit_code(
    service: Any, jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.answers = {"1": [DONE]}
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path))
    ran = jobctl("wait", "cognite/1", "--ci", "github")
    assert ran.code == 0
    assert "warning: a report is incomplete" in ran.err


def test_a_report_that_cannot_be_written_is_told_before_anything_is_asked(
    service: Any, jobctl: Any, tmp_path: Path
) -> None:
    ran = jobctl("wait", "cognite/1", "--junit", str(tmp_path))
    assert ran.code == 2
    assert "--junit" in ran.err
    assert service.requests == []


@pytest.mark.parametrize("words", [["--junit", "x"], ["--ci", "none"], ["--on-done", "x"]])
def test_reports_are_for_waits(words: list[str], jobctl: Any) -> None:
    ran = jobctl("get", "cognite", "1", *words)
    assert (ran.code, words[0] in ran.err) == (2, True)


def test_what_the_command_prints_stays_out_of_the_document(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [DONE]}
    ran = jobctl("wait", "cognite/1", "--json", "--on-done", "echo out; echo err >&2")
    assert len(ran.document) == 1
    assert ran.err.splitlines()[-2:] == ["out", "err"]


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        ("cat > /dev/null; exit 3", "ended with exit code 3"),
        ("exit 3", "ended with exit code 3"),
        ("exec /nothing-there", "ended with exit code 127"),
    ],
)
def test_a_command_that_fails_is_told_and_changes_no_exit_code(
    command: str, trouble: str, service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [(200, {"status": "Failed", "errorMessage": "x" * 200_000})]}
    ran = jobctl("wait", "cognite/1", "--on-done", command)
    assert ran.code == 10
    assert ran.err.endswith(f"warning: the command of --on-done {trouble}\n")


def test_a_command_gets_no_secret_that_the_user_has_not_set(
    service: Any, jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.answers = {"1": [DONE]}
    monkeypatch.delenv("JOBCTL_COGNITE_TOKEN")
    (tmp_path / "token").write_text("planted-token-3")
    (tmp_path / "config.yaml").write_text(
        "profiles:\n  default:\n    cognite:\n      token: file:token\n"
    )
    monkeypatch.setenv("JOBCTL_CONFIG", str(tmp_path / "config.yaml"))
    before = set(os.environ)
    ran = jobctl("wait", "cognite/1", "--on-done", "env")
    assert "JOBCTL_VERDICT=succeeded" in ran.err
    assert "planted-token-3" not in ran.err
    ours = {line.partition("=")[0] for line in ran.err.splitlines() if line.startswith("JOBCTL_")}
    assert ours - before == {"JOBCTL_VERDICT", "JOBCTL_EXIT_CODE", "JOBCTL_REFS"}
