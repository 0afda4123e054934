"""Threads that nobody waits for: daemons, which end with the program. All are started here."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, Queue
from threading import TIMEOUT_MAX, Thread
from typing import TypeVar

from jobctl.signals import interruptible

_T = TypeVar("_T")

Start = Callable[[Callable[[], None]], Thread | None]


def start(work: Callable[[], None]) -> Thread | None:
    """The thread on which the work is done from now on; None where there may be no more."""
    thread = Thread(target=work, daemon=True)
    try:
        thread.start()
    except (RuntimeError, MemoryError):
        return None
    return thread


def within(seconds: float | None, work: Callable[[], _T], start: Start = start) -> _T:
    """What the work gives, done on a thread that is left behind when its time is over.

    Where there is no thread to be had it is done here, and takes as long as it takes.

    Raises:
        TimeoutError: it took longer.
    """
    done: Queue[tuple[_T] | BaseException] = Queue()

    def run() -> None:
        try:
            done.put((work(),))
        except BaseException as error:  # noqa: BLE001 - raised again on the caller's thread
            done.put(error)

    with interruptible():
        if start(run) is None:
            return work()
        try:
            # some platforms cannot wait for longer at once than some weeks
            result = done.get(timeout=None if seconds is None else min(seconds, TIMEOUT_MAX))
        except Empty:
            raise TimeoutError from None
    if isinstance(result, BaseException):
        raise result
    return result[0]
