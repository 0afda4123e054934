"""What others wrote to read reports of CI: the schema of Jenkins, and GitHub's own toolkit."""

import io
import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from npm import installed, node

from jobctl.errors import NotFoundError
from jobctl.models import Failure, Job, JobRef, JobState
from jobctl.render.clean import clean
from jobctl.render.github import GitHubReport, Group
from jobctl.render.junit import JunitReport
from jobctl.render.listener import Verdict

pytestmark = pytest.mark.slow

CI = Path(__file__).parent / "ci"
TEXTS = ["50%", "a,b:c;d]", "::error::x", "%0A%25", "one\ntwo\r\n", "<&\"'>", "é\u202e\x1b[2J", " "]
OVER = Verdict("failed", 10, 9, {}, 61.25)


def run(script: str, *words: str) -> str:
    done = subprocess.run(
        [node(), str(CI / script), *words],
        cwd=installed(CI),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def job(state: str, text: str) -> Job:
    failures = (Failure("7", text), Failure(None, None))
    return Job(
        ref=JobRef("vas", (state, text)),
        state=JobState(state),
        status=None,
        message=text,
        failures=failures,
    )


def test_a_report_is_valid_by_the_schema_of_jenkins(tmp_path: Path) -> None:
    paths = []
    for code in (0, 124):
        jobs = [job(state, text) for state in JobState for text in TEXTS]
        paths.append(tmp_path / f"{code}.xml")
        report = JunitReport(paths[-1], started=datetime.now(UTC), partial_ok=False)
        report.lost(jobs[0].ref, NotFoundError("none"))
        report.finish(jobs, OVER._replace(exit_code=code))
    assert run("schema.mjs", *map(str, paths)) == ""


def test_the_schema_would_refuse_what_is_no_report(tmp_path: Path) -> None:
    path = tmp_path / "odd.xml"
    path.write_text("<testsuites><testcase/></testsuites>")
    assert "not expected" in run("schema.mjs", str(path))


def test_commands_are_those_of_githubs_toolkit() -> None:
    log = io.StringIO()
    group = Group()
    log.write(f"{group.begin(TEXTS[0])}\n{group.end()}\n")
    jobs = [replace(job("failed", text), failures=()) for text in TEXTS]
    GitHubReport(log, environ={}, partial_ok=False).finish(jobs, OVER)
    errors = [
        {"title": clean(f"{one.ref} failed"), "message": clean(one.message or "")} for one in jobs
    ]
    told = {"group": TEXTS[0], "errors": errors}
    assert log.getvalue() == run("toolkit.mjs", json.dumps(told))
