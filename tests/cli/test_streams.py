"""Streams that fail, and time that runs before the first look."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from processes import run_in_a_process
from slowly import others

pytestmark = pytest.mark.measured

FAILED = {"status": "Failed"}
RUNNING = {"status": "Running"}


@pytest.mark.usefixtures("account")
def test_a_reader_of_standard_error_that_goes_away_changes_neither_code_nor_document(
    service: Any,
) -> None:
    service.answers = {"1": [(200, RUNNING), (200, FAILED)]}
    ours, theirs = os.pipe()
    os.close(ours)
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jobctl",
            "wait",
            "cognite/1",
            "--json",
            "-vv",
            "--interval",
            "0.01",
        ],
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        assert json.loads(process.stdout.read())[0]["state"] == "failed"
    assert process.returncode == 10


@pytest.mark.parametrize(
    "words", [["exit-codes"], ["config", "path"], ["get", "cognite", "1", "--json"]]
)
@pytest.mark.usefixtures("account")
def test_an_output_that_cannot_be_written_is_told(words: list[str], service: Any) -> None:
    service.answers = {"1": [(200, FAILED)]}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "jobctl", *words],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "cannot write the output: No space left on device" in done.stderr
    assert "defect" not in done.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), *others((signal.SIGTERM, 143))])
def test_a_signal_before_the_first_look_prints_the_document_too(
    number: int, code: int, tmp_path: Path, configured: Any
) -> None:
    started = tmp_path / "started"
    configured(
        "profiles:\n  default:\n    cognite:\n      project: p\n      base_url: https://x.invalid\n"
        f"      token: command:{sys.executable} -c"
        f" \"open('{started}', 'w'); import time; time.sleep(60)\"\n"
    )
    with run_in_a_process("wait", "cognite/1", "--json") as process:
        while not started.exists():
            assert process.poll() is None
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    told = "warning: interrupted; the jobs go on: cognite/1\n"
    assert (process.returncode, err) == (code, told)
    assert [job["state"] for job in json.loads(out)] == ["unknown"]


@pytest.mark.parametrize("words", [["-vojson"], ["-v", "-vo", "json"], ["--output", "json"]])
def test_an_error_is_told_in_the_format_however_that_is_asked_for(
    words: list[str], jobctl: Any
) -> None:
    assert jobctl("get", "nothing", "1", *words).error["exit_code"] == 2


@pytest.mark.parametrize("id", ["", " ", "1 "])
@pytest.mark.usefixtures("account")
def test_a_blank_is_no_job(id: str, jobctl: Any) -> None:
    ran = jobctl("get", "cognite", id)
    assert ran.code == 2
    assert "standard input" not in ran.err


def test_a_missing_setting_is_told_once_before_any_look(jobctl: Any) -> None:
    ran = jobctl("get", "cognite", "1", "2", "3", "--set", "cluster=x")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("error: ") == 1
    assert "JOBCTL_COGNITE_PROJECT" in ran.err


def test_standard_error_that_breaks_only_when_flushed_is_let_go() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    program = (
        "from jobctl.cli.terminal import steady_streams, terminal\n"
        "with steady_streams():\n"
        "    err = terminal().err\n"
        "    err.write('no newline yet')\n"
        "    err.flush()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], stderr=theirs, check=False)
    os.close(theirs)
    assert done.returncode == 0


@pytest.mark.usefixtures("account")
def test_the_time_of_a_wait_includes_what_gives_the_credentials(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch, configured: Any
) -> None:
    monkeypatch.delenv("JOBCTL_COGNITE_TOKEN")
    configured(
        "profiles:\n  default:\n    cognite:\n"
        f'      token: command:{sys.executable} -c "import time; time.sleep(60)"\n'
    )
    ran = jobctl("wait", "cognite/1", "--timeout", "0.2", "--json")
    assert (ran.code, [job["state"] for job in ran.document]) == (124, ["unknown"])


@pytest.mark.usefixtures("account")
def test_a_secret_of_ours_that_the_service_repeats_is_masked_in_documents_too(
    service: Any, jobctl: Any
) -> None:
    said = "you sent planted-token-1, and Signature=0123456789abcdef0123456789abcdef"
    service.answers = {"1": [(200, {"status": "Failed", "errorMessage": said, "echo": said})]}
    ran = jobctl("get", "cognite", "1", "--json", "--raw")
    assert ran.document["message"] == "you sent ***, and Signature=***"
    assert ran.document["raw"]["echo"] == "you sent ***, and Signature=***"


@pytest.mark.usefixtures("account")
def test_a_setting_cannot_walk_up_the_path(service: Any, jobctl: Any) -> None:
    for project in (".", ".."):
        assert jobctl("get", "cognite", "1", "--set", f"project={project}").code == 2
    assert service.requests == []


@pytest.mark.usefixtures("account")
def test_a_wait_says_what_short_trouble_it_survived(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(503, b""), (200, FAILED)]}
    ran = jobctl("wait", "cognite/1", "-o", "ids")
    assert (ran.code, ran.out) == (10, "cognite/1\n")
    assert "answered 503; trying again in" in ran.err
