"""A pager on request: what a terminal would show, and no complaint when its user has enough."""

import os
import pty
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select

import pytest
from processes import has_taken, run_on_a_terminal, shown_on, wait_until
from slowly import others

pytestmark = pytest.mark.measured

JOB = "kM7j9TSa611ZzBThzSr/YHFWU18zXuNbqxtzegG"


def on_a_terminal(*words: str, **environ: str) -> tuple[int, str]:
    """Exit code of a command, and what a terminal of 80 columns got of it."""
    with run_on_a_terminal(*words, "--profile", "sandbox", environ=environ) as (process, end):
        shown = b"".join(shown_on(end))
        process.wait(20)
    return process.returncode, shown.decode()


@contextmanager
def in_a_session(pager: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """The command in front of a terminal of its own; the keyboard of that."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    with subprocess.Popen(
        ["setsid", "--ctty", sys.executable, "-m", "jobctl", "results", "modelarts", JOB,
         "--pager", "--profile", "sandbox"],
        stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "PAGER": pager},
    ) as process:  # fmt: skip
        os.close(theirs)
        try:
            yield ours, process
        finally:
            process.kill()
            os.close(ours)


def seen(terminal: int, text: bytes, key: bytes = b"") -> None:
    """Until the terminal shows the text; what comes upon a shell too early is typed again."""
    shown = b""
    for _ in range(60):
        os.write(terminal, key)
        while select([terminal], [], [], 0.5)[0]:
            shown += os.read(terminal, 10_000)
            if text in shown:
                return
    raise AssertionError(shown)


@pytest.fixture
def pager(tmp_path: Path) -> Path:
    """A pager that keeps what it got."""
    program = tmp_path / "pager"
    program.write_text(f'#!/bin/sh\ncat > {tmp_path}/got\necho "LESS=$LESS $1"\n')
    program.chmod(0o755)
    return program


def test_the_pager_gets_the_table_as_the_terminal_would(pager: Path) -> None:
    code, shown = on_a_terminal("results", "modelarts", JOB, "--pager", PAGER=f"{pager} -x")
    got = (pager.parent / "got").read_text()
    assert (code, shown.split()) == (0, ["LESS=FRX", "-x"])
    assert len(got.splitlines()) == 251
    assert "\x1b[1m" in got
    assert "…" in got


def test_a_user_of_the_pager_may_have_enough(pager: Path) -> None:
    pager.write_text("#!/bin/sh\nexec 0<&-\n")
    code, shown = on_a_terminal("results", "modelarts", JOB, "--pager", PAGER=str(pager))
    assert (code, shown) == (0, "")


@pytest.mark.parametrize("reads", ["cat >/dev/null", *others("head -n1 >/dev/null", ":")])
def test_ctrl_c_is_for_the_pager_and_leaves_none_behind(reads: str, pager: Path) -> None:
    pager.write_text(
        f"#!/bin/sh\ntrap 'echo heard' INT\n{reads}\necho up\n"
        "until read line; do :; done </dev/tty\necho left\n"
    )
    with in_a_session(str(pager)) as (terminal, process):
        seen(terminal, b"up")
        for _ in range(3):
            seen(terminal, b"heard", b"\x03")
        assert process.poll() is None
        seen(terminal, b"left", b"q\n")
        assert process.wait(20) == 130


def test_what_ends_the_command_ends_its_pager(pager: Path) -> None:
    pager.write_text("#!/bin/sh\ntrap 'echo heard; exit' TERM\necho up\nread line </dev/tty\n")
    with in_a_session(str(pager)) as (terminal, process):
        seen(terminal, b"up")
        process.send_signal(signal.SIGTERM)
        seen(terminal, b"heard")
        assert process.wait(20) == 143


def test_a_pager_that_is_not_there_is_told() -> None:
    code, shown = on_a_terminal("results", "modelarts", JOB, "--pager", PAGER="/no/such/pager")
    assert code == 2
    assert "the pager '/no/such/pager' cannot be started" in shown


def test_a_pager_whose_name_has_an_open_quote_is_told() -> None:
    code, shown = on_a_terminal("results", "modelarts", JOB, "--pager", PAGER="less '")
    assert code == 2
    assert "PAGER is no command: No closing quotation" in shown


def test_a_blank_pager_is_none(pager: Path) -> None:
    (pager.parent / "less").symlink_to(pager)
    path = f"{pager.parent}:{os.environ['PATH']}"
    code, shown = on_a_terminal("results", "modelarts", JOB, "--pager", PAGER="  ", PATH=path)
    assert (code, shown.split()) == (0, ["LESS=FRX"])


def test_on_a_pipe_there_is_no_pager(pager: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jobctl", "results", "modelarts", JOB, "--pager", "-n", "2",
         "--profile", "sandbox"],
        env={**os.environ, "PAGER": str(pager)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.slow
def test_less_shows_a_short_table_and_ends() -> None:
    code, shown = on_a_terminal("results", "modelarts", JOB, "--pager", "-n", "2", PAGER="less")
    assert code == 0
    assert "sample" in shown


@pytest.mark.slow
def test_less_outlives_ctrl_c_as_everywhere_and_its_user_ends_it() -> None:
    with in_a_session("less") as (terminal, process):
        seen(terminal, b":\x1b[K")
        for _ in range(3):
            os.write(terminal, b"\x03")
            wait_until(lambda: has_taken(process.pid, signal.SIGINT))
        assert process.poll() is None
        while process.returncode is None:
            os.write(terminal, b"q")  # what is typed too early, less forgets
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        assert process.returncode == 130
