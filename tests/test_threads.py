"""Threads, where there may be some and where there may be none."""

import threading

import pytest

from jobctl.threads import start, within


def none(work: object) -> None:
    """A machine that gives no thread."""


def test_what_is_done_within_its_time_gives_what_it_gives() -> None:
    assert within(10, threading.current_thread) is not threading.main_thread()
    assert within(None, lambda: 7) == 7


def test_what_fails_on_a_thread_fails_for_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        within(10, lambda: 1 // 0)


def test_what_takes_too_long_is_left_behind() -> None:
    over = threading.Event()
    with pytest.raises(TimeoutError):
        within(0.0, lambda: over.wait(10))
    over.set()


def test_without_a_thread_it_is_done_by_the_caller() -> None:
    assert within(0.0, threading.current_thread, none) is threading.current_thread()


def test_a_thread_that_was_started_is_a_daemon() -> None:
    thread = start(lambda: None)
    assert thread is not None
    assert thread.daemon
