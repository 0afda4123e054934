"""--on-done: a command at the end that cannot hold us up, whatever it does."""

import io
import os
import select
import signal
from collections.abc import Iterator
from typing import Any, TextIO

import pytest

from jobctl.commands.on_done import OnDone
from jobctl.errors import Interrupted
from jobctl.models import Job, JobRef, JobState
from jobctl.render.listener import Verdict

DONE = Verdict("succeeded", 0, 1, {}, 1.0)


class Pipe:
    """Standard error, and what came out of it when all who could write to it are gone."""

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        self.err: TextIO = os.fdopen(writer, "w")

    def rest(self) -> str:
        self.err.close()
        said = b""
        while select.select([self.reader], [], [], 20)[0]:
            piece = os.read(self.reader, 4096)
            if not piece:
                return said.decode()
            said += piece
        raise AssertionError("somebody goes on")


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    os.close(made.reader)


def finish(line: str, err: TextIO, *parts: str, **more: Any) -> None:
    jobs = [Job(ref=JobRef("vas", (part,)), state=JobState.SUCCEEDED, status="x") for part in parts]
    OnDone(line, err, os.environ, **more).finish(jobs, DONE)


def test_the_command_gets_a_line_for_each_job_and_their_references(pipe: Pipe) -> None:
    finish('for ref in $JOBCTL_REFS; do echo "<$ref>"; done; wc -l', pipe.err, "a", "b c")
    assert pipe.rest().split() == ["<vas/a>", "<vas/b%20c>", "2"]


def test_references_beyond_what_a_variable_holds_are_left_out_whole(pipe: Pipe) -> None:
    parts = [f"{number:0>999}" for number in range(200)]
    finish("set -- $JOBCTL_REFS; echo $# ${#2}; wc -l", pipe.err, *parts)
    said = pipe.rest().splitlines()
    assert said[0] == "warning: JOBCTL_REFS has room for 119 of 200 jobs; standard input has all"
    assert said[1:] == ["119 1003", "200"]


def test_a_command_that_does_not_end_is_killed_with_all_it_has_started(pipe: Pipe) -> None:
    finish("trap '' TERM; (trap '' TERM; sleep 600) & sleep 600", pipe.err, "a", patience=0.2)
    assert pipe.rest() == "warning: the command of --on-done did not end within 0.2 s\n"


def test_a_command_that_cannot_be_started_is_told(pipe: Pipe) -> None:
    finish(f"true {'a' * 200_000}", pipe.err, "a")
    assert "the command of --on-done cannot be started: Argument list too long" in pipe.rest()


def test_without_a_standard_error_the_command_runs_all_the_same() -> None:
    err = io.StringIO()
    finish("echo into the void; exit 3", err, "a")
    assert err.getvalue() == "warning: the command of --on-done ended with exit code 3\n"


def test_a_look_that_is_no_wait_runs_nothing(pipe: Pipe) -> None:
    OnDone("echo ran", pipe.err, os.environ).finish([], None)
    assert pipe.rest() == ""


NUMBERS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@NUMBERS
@pytest.mark.usefixtures("signals")
def test_a_signal_ends_the_command_however_early_it_comes(number: int, pipe: Pipe) -> None:
    with pytest.raises(Interrupted):
        finish(f"kill -{int(number)} $PPID; sleep 600", pipe.err, "a")
    assert pipe.rest() == ""


@NUMBERS
@pytest.mark.usefixtures("signals")
def test_a_signal_while_the_command_is_being_started_ends_it(number: int, pipe: Pipe) -> None:
    class Signalled(io.StringIO):
        def fileno(self) -> int:
            signal.raise_signal(number)
            return pipe.err.fileno()

    with pytest.raises(Interrupted):
        finish("sleep 600", Signalled(), "a")
    assert pipe.rest() == ""
