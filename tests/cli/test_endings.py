"""How a command ends: 0 means done, and a document is whole or its loss is told."""

import csv
import fcntl
import io
import json
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from processes import has_taken, is_blocked, run_in_a_process, wait_until
from slowly import others

# so long that a pipe has no room for all the documents, in any format
RUNNING = (200, {"status": "Running", "errorMessage": "x" * 1000})
DONE = (200, {"status": "Completed"})
FAILED = (200, {"status": "Failed", "errorMessage": "x" * 1000})
MANY = [str(number) for number in range(1, 201)]
PIPE = "-o ndjson --interval 0.02"
CODES = "${PIPESTATUS[*]}"


@pytest.fixture
def many(service: Any, account: Any) -> Any:
    """A service with more jobs than a pipe has room for their documents."""
    service.answers = {one: [RUNNING] for one in MANY}
    return service


def shell(line: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which `jobctl` is ours."""
    ours = f'jobctl() {{ "{sys.executable}" -m jobctl "$@"; }}; set -o pipefail; {line}'
    return subprocess.run(
        ["bash", "-c", ours], capture_output=True, text=True, check=False, timeout=60, **more
    )


def jobs_in(format: str, text: str) -> list[Any]:
    """The jobs of a whole document."""
    if format == "ndjson":
        lines = [json.loads(line) for line in text.splitlines()]
        return list({one["ref"]: one for one in lines if "ref" in one})
    if format == "csv":
        return list(csv.DictReader(io.StringIO(text)))
    return list(yaml.safe_load(text) if format == "yaml" else json.loads(text))


def is_taken(pipe: Any) -> bool:
    """Whether a process has read all that was written."""
    return fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)) == bytes(4)


# The reader of a wait


@pytest.mark.parametrize("reader", ["head -1", "grep -m1 running"])
def test_a_wait_whose_reader_has_gone_stops_at_once_with_141(reader: str, many: Any) -> None:
    done = shell(f"jobctl wait cognite/1 {PIPE} --quiet | {reader} && echo deployed")
    assert (done.returncode, done.stderr) == (141, "")
    assert json.loads(done.stdout)["state"] == "running"


def test_so_it_does_while_nothing_is_written(many: Any) -> None:
    done = shell(f"jobctl wait cognite/1 --json --interval 0.02 --quiet | true; echo {CODES}")
    assert (done.stdout, done.stderr) == ("141 0\n", "")


def test_so_it_does_if_both_streams_had_the_reader(many: Any) -> None:
    done = shell(f"jobctl wait cognite/1 {PIPE} 2>&1 | head -1; echo {CODES}")
    assert done.stdout.splitlines()[-1] == "141 0"


@pytest.mark.measured
@pytest.mark.parametrize(("answer", "code"), [(DONE, 0), (FAILED, 10)])
@pytest.mark.parametrize("format", ["ndjson", *others("json", "table")])
def test_after_the_end_the_code_is_that_of_the_jobs_whoever_reads(
    format: str, answer: Any, code: int, service: Any, account: Any
) -> None:
    gone = threading.Event()

    def last() -> Any:
        assert gone.wait(20)
        return answer

    service.answers = {"1": [last]}
    with run_in_a_process("wait", "cognite/1", "-o", format, "--quiet") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        wait_until(lambda: bool(service.requests))
        process.stdout.close()
        gone.set()
        assert process.stderr.read() == ""
    assert process.returncode == code


def test_the_jobs_that_could_not_be_read_are_told_though_nobody_reads_the_others(
    service: Any, account: Any
) -> None:
    service.answers = {"1": [DONE]}
    # a wait may have missed its reader before its jobs are known to have ended, and then it is 141
    done = shell(f"jobctl get cognite 1 2 -o ids | true; echo {CODES}")
    assert done.stdout == "5 0\n"
    assert done.stderr.count("error: cognite/2: ") == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("api cognite /x", 5),
        ("api cognite /1", 0),
        ("auth status cognite", 5),
        ("doctor --strict", 5),
        ("config show -o json", 2),
        ("config show", 2),
    ],
)
def test_other_commands_end_as_they_would_though_nobody_reads_them(
    words: str,
    code: int,
    service: Any,
    account: Any,
    jobctl: Any,
    configured: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service.answers = {"1": [DONE]}
    if code == 2:
        configured("profiles: {default: {nope: {}}}\n")
    assert jobctl(*words.split()).code == code
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        assert jobctl(*words.split()).code == code


@pytest.mark.measured
def test_a_reader_of_a_wait_that_was_a_socket_is_missed_too(many: Any) -> None:
    ours, theirs = socket.socketpair()
    with theirs, run_in_a_process("wait", "cognite/1", "--json", stdout=theirs) as process:
        theirs.close()
        wait_until(lambda: bool(many.requests))
        ours.close()
        process.communicate(timeout=20)
    assert process.returncode == 141


def test_a_page_is_whole_though_nobody_reads_the_records_beside_it(tmp_path: Path) -> None:
    page = tmp_path / "x.html"
    done = shell(
        "jobctl results modelarts kM7j9TSa611ZzBThzSr/YHFWU18zXuNbqxtzegG --profile sandbox"
        f" -o ndjson --html {page} | true"
    )
    assert (done.returncode, done.stderr) == (0, f"{page}: 250 records\n")
    assert page.read_text().rstrip().endswith("</html>")


def is_served(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.measured
def test_the_sandbox_is_served_though_nobody_reads_what_it_says() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ours, theirs = os.pipe()
    os.close(ours)
    with run_in_a_process("sandbox", "--port", str(port), stdout=theirs) as process:
        os.close(theirs)
        wait_until(lambda: is_served(port))
        process.terminate()
        assert process.wait(20) == 143


# Signals


@pytest.mark.parametrize("format", ["json", *others("yaml", "ndjson", "csv")])
def test_a_document_is_whole_whatever_signals_come(format: str, many: Any) -> None:
    for signals in ([signal.SIGINT] * 2, [signal.SIGTERM, signal.SIGHUP]):
        many.requests.clear()
        with run_in_a_process("wait", *refs(MANY), "-o", format, "--quiet") as process:
            wait_until(lambda: len(many.requests) >= len(MANY) or is_blocked(process.pid))
            for number in signals:
                process.send_signal(number)
            out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (128 + signals[0], "")
        if format == "ndjson":
            *_, last = [json.loads(line) for line in out.splitlines()]
            assert (last["jobs"], last["exit_code"]) == (len(MANY), 128 + signals[0])
        else:
            assert len(jobs_in(format, out)) == len(MANY)


@pytest.mark.parametrize("format", ["json", *others("yaml", "ndjson", "csv", "table")])
@pytest.mark.parametrize("verb", ["get", "wait"])
def test_a_signal_while_a_slow_reader_takes_the_document_does_not_cut_it(
    verb: str, format: str, many: Any
) -> None:
    many.answers = {one: [FAILED] for one in MANY}
    words = {"get": ["get", "cognite", *MANY], "wait": ["wait", *refs(MANY)]}[verb]
    with run_in_a_process(*words, "-o", format, "--quiet") as process:
        assert process.stdout is not None
        begun = process.stdout.read(1)
        wait_until(lambda: is_blocked(process.pid))
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGHUP)
        whole = begun + process.stdout.read()
    assert process.returncode == 143
    if format == "table":
        assert len(whole.splitlines()) == len(MANY) + 1
    elif (verb, format) == ("wait", "ndjson"):
        *_, last = [json.loads(line) for line in whole.splitlines()]
        assert (last["jobs"], last["exit_code"]) == (len(MANY), 143)
    else:
        assert len(jobs_in(format, whole)) == len(MANY)


def refs(ids: list[str]) -> list[str]:
    return [f"cognite/{one}" for one in ids]


@pytest.mark.parametrize("format", ["json", *others("ndjson", "csv")])
def test_records_are_whole_when_a_signal_comes_and_a_slow_reader_takes_them(format: str) -> None:
    words = ("results", "modelarts", "kM7j9TSa611ZzBThzSr/YHFWU18zXuNbqxtzegG", "-o", format)
    with run_in_a_process(*words, "--profile", "sandbox") as process:
        assert process.stdout is not None
        begun = process.stdout.read(1)
        wait_until(lambda: is_blocked(process.pid))
        process.send_signal(signal.SIGINT)
        whole = begun + process.stdout.read()
        assert process.stderr is not None
        err = process.stderr.read()
    found = re.search(r"(\d+) records written; the same command with --cursor", err)
    assert process.returncode == 130
    assert found is not None
    number = len(whole.splitlines()) if format == "ndjson" else len(jobs_in(format, whole))
    assert number == int(found[1])


def test_a_third_signal_ends_what_waits_for_a_reader_for_ever(many: Any) -> None:
    with run_in_a_process("get", "cognite", *MANY, "--json") as process:
        assert process.stdout is not None
        process.stdout.read(1)
        for _ in range(3):
            wait_until(lambda: is_blocked(process.pid))
            process.send_signal(signal.SIGTERM)
            wait_until(lambda: has_taken(process.pid, signal.SIGTERM))
        assert process.wait(20) == -signal.SIGTERM
        process.stdout.close()


def test_a_signal_before_the_first_look_gives_a_document_too(account: Any, tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'jobctl.stream.watch': os.kill(os.getpid(), signal.SIGTERM)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from jobctl.__main__ import main\n"
        "sys.exit(main())\n"
    )
    for words, out in (["wait", "cognite/1", "--json"], "[]\n"), (["get", "cognite", "1"], ""):
        done = subprocess.run(
            [sys.executable, "-c", program, *words], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (143, out)
        assert done.stderr == ("warning: interrupted\n" if out else "")


@pytest.mark.measured
@pytest.mark.parametrize(("more", "code"), [((), 143), (("--timeout", "0.2"), 124)])
def test_a_wait_ends_though_its_jobs_are_not_all_read(more: tuple[str, ...], code: int) -> None:
    with run_in_a_process("wait", "-", "--json", *more, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write("cognite/1\n")
        process.stdin.flush()
        if not more:
            wait_until(lambda: is_taken(process.stdin))
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == code
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read() == "[]\n"
        told = {143: "interrupted", 124: "timed out before the jobs were known"}
        assert process.stderr.read() == f"warning: {told[code]}\n"


# Streams


@pytest.mark.measured
def test_a_wait_that_a_full_disk_ends_says_so_and_reports_it(many: Any, tmp_path: Path) -> None:
    report, told = tmp_path / "x.xml", tmp_path / "told"
    done = shell(
        f"jobctl wait cognite/1 {PIPE} --quiet --junit {report}"
        f" --on-done 'echo $JOBCTL_VERDICT $JOBCTL_EXIT_CODE >{told}' >/dev/full"
    )
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["message"].startswith(
        "cannot write the output: No space"
    )
    assert told.read_text() == "error 1\n"
    assert "cognite/1" in report.read_text()


def test_a_disk_that_has_room_for_a_part_only_is_told(many: Any, tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as file:
        done = subprocess.run(
            [sys.executable, "-m", "jobctl", "get", "cognite", *MANY, "--json"],
            stdout=file, stderr=subprocess.PIPE, text=True, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        )  # fmt: skip
    assert done.returncode == 1
    assert json.loads(done.stderr)["error"]["message"] == "cannot write the output: File too large"
    assert (tmp_path / "x").stat().st_size == 100_000


@contextmanager
def unwilling(*, full: bool) -> Iterator[tuple[int, int]]:
    """The ends of a pipe whose writing end does not block."""
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    with suppress(BlockingIOError):
        while full:
            os.write(theirs, b"." * 4096)
    yield ours, theirs
    os.close(ours)


@pytest.mark.measured
def test_a_standard_output_that_does_not_block_gets_all_of_it(many: Any) -> None:
    with (
        unwilling(full=False) as (ours, theirs),
        run_in_a_process("get", "cognite", *MANY, "--json", stdout=theirs) as process,
        os.fdopen(os.dup(ours)) as reader,
    ):
        os.close(theirs)
        begun = reader.read(1)
        wait_until(lambda: is_blocked(process.pid))
        assert len(json.loads(begun + reader.read())) == len(MANY)
    assert process.returncode == 0


def test_a_standard_error_that_does_not_block_gets_the_error_too(
    service: Any, account: Any
) -> None:
    with (
        unwilling(full=True) as (ours, theirs),
        run_in_a_process("get", "cognite", "1", stderr=theirs) as process,
        os.fdopen(os.dup(ours)) as reader,
    ):
        os.close(theirs)
        wait_until(lambda: is_blocked(process.pid))
        assert "error: cognite/1: " in reader.read()
    assert process.returncode == 5


@pytest.mark.measured
def test_a_standard_input_that_does_not_block_is_read_to_its_end(
    service: Any, account: Any
) -> None:
    service.answers = {"1": [DONE], "2": [DONE]}
    with run_in_a_process(
        "get", "cognite", "-", "-o", "ids", stdin=subprocess.PIPE,
        preexec_fn=lambda: os.set_blocking(0, False),
    ) as process:  # fmt: skip
        assert process.stdin is not None
        process.stdin.write("1\n")
        process.stdin.flush()
        wait_until(lambda: is_taken(process.stdin))
        out, err = process.communicate("2\n", timeout=20)
    assert (process.returncode, out, err) == (0, "cognite/1\ncognite/2\n", "")


@pytest.mark.measured
@pytest.mark.parametrize(
    "words",
    [
        "--help", "exit-codes", "config path", "history", "completion bash", "get cognite 1",
        "wait cognite/1 -o ndjson", "results cognite 127 --profile sandbox -o csv",
        *others(
            "--version", "exit-codes --json", "providers", "get cognite 1 --json", "get --help",
            "watch cognite/1", "list vas face-detect --profile sandbox",
            "results cognite 127 --profile sandbox",
        ),
    ],
)  # fmt: skip
def test_a_standard_output_that_is_closed_is_a_wrong_call(words: str, many: Any) -> None:
    done = shell(f"jobctl {words} >&-")
    assert done.returncode == 2
    assert "standard output is closed" in done.stderr
    assert many.requests == []


def test_who_writes_into_a_file_needs_no_standard_output(tmp_path: Path) -> None:
    file = tmp_path / "x.ndjson"
    done = shell(
        f"jobctl results cognite 127 --profile sandbox -o ndjson --output-file {file} >&- <&-"
    )
    assert done.returncode == 0
    assert file.read_text()


def test_without_standard_error_and_input_a_command_does_what_it_does(
    service: Any, account: Any
) -> None:
    service.answers = {"1": [FAILED]}
    done = shell("jobctl wait cognite/1 -o ids 2>&- <&-")
    assert (done.returncode, done.stdout) == (10, "cognite/1\n")
    done = shell("jobctl get cognite - <&-")
    assert (done.returncode, done.stdout) == (2, "")
    assert shell("jobctl nothing >&- 2>&- <&-").returncode == 2
    assert shell("jobctl exit-codes >&- 2>&- <&-").returncode == 2


@pytest.mark.usefixtures("account")
def test_what_an_encoding_lacks_is_escaped_for_people_and_utf_8_for_programs(
    service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "größer \N{SNOWMAN}"
    service.answers = {"1": [(200, {"status": "Failed", "errorMessage": said})]}
    monkeypatch.setenv("PYTHONIOENCODING", "ascii:strict")
    done = shell("jobctl wait cognite/1")
    assert said in done.stdout
    assert "gr\\xf6\\xdfer \\u2603" in done.stderr
    monkeypatch.delenv("JOBCTL_COGNITE_PROJECT")
    done = shell("XDG_CONFIG_HOME=$'/tmp/\\xff' jobctl config path")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "/tmp/\\udcff/jobctl/config.yaml\n"
    for word in ("$'\\xff'", "get cognite $'\\xff'", "results cognite 1 -c $'\\xff' -o json"):
        done = shell(f"jobctl {word}")
        assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.measured
@pytest.mark.parametrize("text", ["\ufeff1\n", *others("# größer\n1\n", "1\r\n")])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_jobs_are_read_in_every_usual_encoding(
    encoding: str, text: str, service: Any, account: Any
) -> None:
    service.answers = {"1": [DONE]}
    done = subprocess.run(
        [sys.executable, "-m", "jobctl", "get", "cognite", "-", "-o", "ids"],
        input=text.removeprefix("\ufeff" if encoding == "utf-16" else "").encode(encoding),
        capture_output=True, check=False, env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"},
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"cognite/1\n", b"")


@pytest.mark.measured
@pytest.mark.parametrize(
    ("given", "told"),
    [
        (b"1\n\xff\n", b"UTF-8: invalid start byte at byte 2"),
        (b"\xff\xfe1", b"UTF-16-LE: truncated data at byte 2"),
    ],
)
def test_what_is_no_text_is_a_wrong_argument_in_words(
    given: bytes, told: bytes, account: Any
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobctl", "get", "cognite", "-"],
        input=given, capture_output=True, text=False, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"error: standard input is no text in " + told + b"\n"
