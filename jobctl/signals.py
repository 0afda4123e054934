"""Signals that end the program: the first ends what it waits for, and all that follows is whole.

What a handler raises comes up wherever the main thread is, also within a document or a lock. So
ours raises once, and not in what is `deferred`; further signals only count, until the third one
does what it did before there was anybody to listen.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import get_ident, main_thread
from typing import TYPE_CHECKING, Any, TypeVar

from jobctl.errors import ExitCode, Interrupted, worst

if TYPE_CHECKING:
    import subprocess
    from types import FrameType

_T = TypeVar("_T")

ENDING = tuple(
    signal.Signals[name]
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if name in signal.Signals.__members__
)
_LAST = 3


class _State:
    """What has come; `hears` tells whether the next one raises, `due` that one is to be raised."""

    def __init__(self) -> None:
        self.before: dict[int, Any] = {}
        self.begin()

    def begin(self) -> None:
        self.came: list[int] = []
        self.hears = True
        self.due = False
        self.interrupted = Interrupted(ExitCode.OK)

    def take(self, number: int, _frame: object) -> None:
        self.came.append(number)
        # systemd sends two at once, and Python takes the lower number first
        self.interrupted.exit_code = worst(ExitCode(128 + one) for one in self.came)
        if self.hears:
            self.hears, self.due = False, True
            raise self.interrupted
        if len(self.came) == 1:
            self.due = True
        elif len(self.came) >= _LAST:
            signal.signal(number, self.before[number])
            signal.raise_signal(number)

    def deliver(self) -> None:
        if self.due and self.hears:
            self.due = self.hears = False
            raise self.interrupted


_state = _State()


def listen() -> None:
    """Obey signals from now on, except those that the caller ignores (nohup, `&`)."""
    _state.begin()
    for number in ENDING:
        before = signal.getsignal(number)
        if before not in (signal.SIG_IGN, _state.take):
            _state.before[number] = signal.signal(number, _state.take)


class _Region:
    """Where a signal raises, or does not; threads other than the main one get none."""

    def __init__(self, *, hears: bool) -> None:
        self._hears = hears
        self._main = get_ident() == main_thread().ident

    def __enter__(self) -> None:
        if self._main:
            self._before, _state.hears = _state.hears, self._hears
            _state.deliver()

    def __exit__(self, kind: object, *_: object) -> None:
        if self._main:
            _state.hears = self._before
            if kind is Interrupted:
                _state.due = False
            elif kind is None:
                _state.deliver()  # also what somebody has swallowed meanwhile


def deferred() -> _Region:
    """What happens here is done whole: a signal raises `Interrupted` behind it, if anywhere."""
    return _Region(hears=False)


def interruptible() -> _Region:
    """Here, within what is deferred, a signal raises `Interrupted` at once; for waiting."""
    return _Region(hears=True)


def interruptibly(items: Iterable[_T]) -> Iterator[_T]:
    """The items, each of which is waited for interruptibly."""
    iterator = iter(items)
    while True:
        with interruptible():
            try:
                item = next(iterator)
            except StopIteration:
                return
        yield item


@contextmanager
def shared_with(start: Callable[[], subprocess.Popen[bytes]]) -> Iterator[subprocess.Popen[bytes]]:
    """Meanwhile the terminal is a child's: Ctrl-C is meant for it, and what ends us ends it."""
    child: subprocess.Popen[bytes] | None = None

    def take(number: int, frame: FrameType | None) -> None:
        tell = untold.pop(number, None)  # at one stroke: another one may come upon us here
        if tell is not None:
            if child is not None and number != signal.SIGINT:
                child.terminate()
            tell(number, frame)

    heard = {int(number): signal.getsignal(number) for number in ENDING}
    before = {number: handler for number, handler in heard.items() if callable(handler)}
    untold = dict(before)
    for number in before:
        signal.signal(number, take)
    try:
        child = start()
        if set(_state.came) - {signal.SIGINT}:
            child.terminate()  # it was not there to be told
        yield child
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
