"""Keys, as a terminal sends them."""

import io
import os
import signal
import sys
import termios
import threading
from collections.abc import Iterator
from threading import Event
from typing import NamedTuple, TextIO

import pytest

from jobctl.errors import ExitCode, Interrupted
from jobctl.render.live.keyboard import Shell, giving_way, interrupt, listening


class Terminal(NamedTuple):
    """Both ends of one: the keyboard, and what a program reads."""

    keyboard: int
    stdin: TextIO

    def mode(self) -> int:
        return int(termios.tcgetattr(self.stdin)[3])


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    keyboard, end = os.openpty()
    with os.fdopen(end) as stdin:
        yield Terminal(keyboard, stdin)
    os.close(keyboard)


def test_q_is_heard_at_once_and_no_other_key(terminal: Terminal) -> None:
    left = Event()
    with listening(terminal.stdin, left.set):
        os.write(terminal.keyboard, b"x\x1b[A ")
        os.write(terminal.keyboard, b"q")
        assert left.wait(10)


def test_without_a_thread_no_key_is_heard_and_all_else_goes_on(terminal: Terminal) -> None:
    with listening(terminal.stdin, pytest.fail, lambda work: None):
        os.write(terminal.keyboard, b"q")


def test_keys_are_not_echoed_until_all_is_as_before(terminal: Terminal) -> None:
    before = termios.tcgetattr(terminal.stdin)

    def left() -> None:
        with listening(terminal.stdin, lambda: None):
            assert not terminal.mode() & (termios.ECHO | termios.ICANON)
            assert terminal.mode() & termios.ISIG
            raise Interrupted(ExitCode.SIGINT)

    with pytest.raises(Interrupted):
        left()
    assert termios.tcgetattr(terminal.stdin) == before


def test_what_is_typed_afterwards_is_for_the_shell(terminal: Terminal) -> None:
    left = Event()
    with listening(terminal.stdin, left.set):
        pass
    os.write(terminal.keyboard, b"quit\n")
    assert terminal.stdin.readline() == "quit\n"
    assert not left.is_set()


def test_nobody_listens_to_a_terminal_that_went_away() -> None:
    keyboard, end = os.openpty()
    others = set(threading.enumerate())
    with os.fdopen(end) as stdin, listening(stdin, pytest.fail):
        (listener,) = set(threading.enumerate()) - others
        os.close(keyboard)
        listener.join(10)
        assert not listener.is_alive()


def test_where_jobs_come_from_standard_input_the_terminal_has_the_keys(terminal: Terminal) -> None:
    left = Event()
    path = os.ttyname(terminal.stdin.fileno())
    with listening(io.StringIO("cognite/1"), left.set, terminal=path):
        os.write(terminal.keyboard, b"q")
        assert left.wait(10)


@pytest.mark.parametrize("stdin", [None, io.StringIO("q")])
@pytest.mark.parametrize("path", [__file__, f"{__file__}.none"])
def test_only_a_terminal_has_keys(stdin: TextIO | None, path: str) -> None:
    with listening(stdin, pytest.fail, terminal=path):
        pass


def test_where_terminals_have_no_modes_there_are_no_keys(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = terminal.mode()
    monkeypatch.setitem(sys.modules, "termios", None)
    with listening(terminal.stdin, pytest.fail):
        monkeypatch.undo()
        assert terminal.mode() == before


def test_q_does_what_a_signal_from_ctrl_c_does() -> None:
    def obey(number: int, frame: object) -> None:
        raise Interrupted(ExitCode(128 + number))

    before = signal.signal(signal.SIGINT, obey)
    try:
        with pytest.raises(Interrupted) as interrupted:
            interrupt()
    finally:
        signal.signal(signal.SIGINT, before)
    assert interrupted.value.exit_code is ExitCode.SIGINT


def test_where_there_is_no_background_we_are_in_front(terminal: Terminal) -> None:
    assert Shell().in_front(terminal.stdin)
    assert Shell().in_front(io.StringIO())


def test_a_stop_that_the_caller_ignores_is_ignored() -> None:
    before = signal.signal(signal.SIGTSTP, signal.SIG_IGN)
    try:
        with giving_way(Shell(), pytest.fail, pytest.fail):
            signal.raise_signal(signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, before)


def test_standing_still_is_the_signal_that_was_asked_for() -> None:
    heard = []
    before = signal.signal(signal.SIGTSTP, lambda number, _: heard.append(number))
    try:
        Shell().stop(signal.SIGTSTP)
    finally:
        signal.signal(signal.SIGTSTP, before)
    assert heard == [signal.SIGTSTP]
