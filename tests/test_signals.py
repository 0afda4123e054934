"""Signals: where they raise, where they only count, and whom they reach."""

import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from jobctl.errors import ExitCode, Interrupted
from jobctl.signals import ENDING, deferred, interruptible, interruptibly, listen, shared_with

pytestmark = pytest.mark.usefixtures("signals")
INT, TERM, HUP = signal.SIGINT, signal.SIGTERM, signal.SIGHUP


def test_the_first_signal_raises_where_it_comes_and_the_second_only_counts() -> None:
    with pytest.raises(Interrupted) as interrupted:
        signal.raise_signal(TERM)
    signal.raise_signal(TERM)
    assert interrupted.value.exit_code is ExitCode.SIGTERM


def test_of_two_signals_at_once_the_one_that_counts_more_gives_the_code() -> None:
    with pytest.raises(Interrupted) as interrupted:
        signal.raise_signal(HUP)
    signal.raise_signal(TERM)
    assert interrupted.value.exit_code is ExitCode.SIGTERM


def test_what_is_deferred_is_done_before_a_signal_raises() -> None:
    done = []

    def work() -> None:
        with deferred():
            with deferred():
                signal.raise_signal(INT)
                signal.raise_signal(INT)
                done.append("inner")
            done.append("outer")

    with pytest.raises(Interrupted):
        work()
    assert done == ["inner", "outer"]


def test_within_what_is_deferred_a_wait_is_interrupted_once() -> None:
    with deferred():
        with pytest.raises(Interrupted), interruptible():
            signal.raise_signal(INT)
        signal.raise_signal(INT)
        with interruptible():
            pass


def test_a_signal_that_came_before_a_wait_ends_it_at_once() -> None:
    waited = []
    with deferred():
        signal.raise_signal(INT)
        with pytest.raises(Interrupted), interruptible():
            waited.append("no")
    assert waited == []


def test_a_further_signal_interrupts_a_further_wait() -> None:
    with deferred():
        for _ in range(2):
            with pytest.raises(Interrupted), interruptible():
                signal.raise_signal(INT)


def test_what_somebody_swallows_comes_again_at_the_next_wait() -> None:
    with deferred():
        with interruptible(), suppress(BaseException):
            signal.raise_signal(INT)
        with pytest.raises(Interrupted), interruptible():
            pass
        with interruptible():
            pass


def test_an_error_is_told_before_the_signal_that_came_with_it() -> None:
    def work() -> None:
        with deferred():
            signal.raise_signal(INT)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    with pytest.raises(Interrupted), deferred():
        pass


def test_items_are_waited_for_interruptibly_and_taken_deferred() -> None:
    def items() -> Iterator[int]:
        yield 1
        signal.raise_signal(INT)
        yield 2

    def take() -> None:
        with deferred():
            for item in interruptibly(items()):
                taken.append(item)
                signal.raise_signal(INT)
                taken.append(item)

    taken: list[int] = []
    with pytest.raises(Interrupted):
        take()
    assert taken == [1, 1]
    assert list(interruptibly([1, 2])) == [1, 2]


def test_other_threads_change_nothing() -> None:
    def run() -> None:
        with interruptible():
            entered.set()
            left.wait(10)

    entered, left = threading.Event(), threading.Event()
    thread = threading.Thread(target=run)
    with deferred():
        thread.start()
        entered.wait(10)
        signal.raise_signal(INT)
        left.set()
        thread.join()
        with pytest.raises(Interrupted), interruptible():
            pass


def test_a_signal_that_the_caller_ignores_stays_ignored() -> None:
    signal.signal(HUP, signal.SIG_IGN)
    listen()
    signal.raise_signal(HUP)


def test_the_third_signal_does_what_it_did_before() -> None:
    did = []
    signal.signal(HUP, lambda *_: did.append("hung up"))
    listen()
    with deferred():
        signal.raise_signal(TERM)
        signal.raise_signal(INT)
        assert did == []
        signal.raise_signal(HUP)
        assert did == ["hung up"]
        with pytest.raises(Interrupted), interruptible():
            pass


def sleeping() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["sleep", "600"])


def test_so_is_ctrl_c_while_the_child_is_being_started() -> None:
    def start() -> "subprocess.Popen[bytes]":
        for _ in range(4):
            signal.raise_signal(INT)
        return sleeping()

    with deferred(), shared_with(start) as child:
        assert child.poll() is None
        child.send_signal(INT)
        assert child.wait(10) == -INT
        with pytest.raises(Interrupted), interruptible():
            pass


@pytest.mark.parametrize("number", [INT, TERM])
def test_what_ends_us_ends_the_child_that_has_the_terminal_and_ctrl_c_is_for_the_child(
    number: int,
) -> None:
    with deferred(), shared_with(sleeping) as child:
        for _ in range(4):
            signal.raise_signal(number)
        if number == INT:
            assert child.poll() is None
            child.kill()
        assert child.wait(10) == (-signal.SIGKILL if number == INT else -TERM)
        with pytest.raises(Interrupted), interruptible():
            pass
    assert all(callable(signal.getsignal(one)) for one in ENDING)


def test_so_does_what_came_before_there_was_a_child() -> None:
    with deferred():
        signal.raise_signal(TERM)
        with shared_with(sleeping) as child:
            assert child.wait(10) == -TERM
        with pytest.raises(Interrupted), interruptible():
            pass
