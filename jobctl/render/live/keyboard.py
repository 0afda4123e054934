"""The terminal as a keyboard: keys that are heard at once, and Ctrl-Z."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from selectors import EVENT_READ, SelectSelector
from threading import main_thread
from typing import TextIO

from jobctl.threads import Start, start

_LEAVE = frozenset(b"qQ")


def interrupt() -> None:
    """Do what Ctrl-C does, at once, though the main thread may be waiting."""
    signal.pthread_kill(main_thread().ident or 0, signal.SIGINT)


class Shell:
    """What started us: it may put us in the background, and stop us."""

    def in_front(self, out: TextIO) -> bool:
        """Whether the terminal is ours."""
        try:
            return os.tcgetpgrp(out.fileno()) == os.getpgrp()
        except (AttributeError, OSError):
            return True  # nothing that has a background

    def stop(self, number: int) -> None:
        """Stand still until the shell lets us go on."""
        signal.raise_signal(number)


@contextmanager
def listening(
    stdin: TextIO | None,
    leave: Callable[[], None],
    start: Start = start,
    *,
    terminal: str = "/dev/tty",
) -> Iterator[None]:
    """Meanwhile keys are not echoed, and `q` calls `leave` on a thread, if there is one.

    Where standard input is something else, such as a list of jobs, they are those of the terminal
    that we run on.
    """
    keys = None if stdin is None else _keys(stdin, terminal)
    if keys is None:
        yield
        return
    import termios

    before, mode = termios.tcgetattr(keys), termios.tcgetattr(keys)
    mode[3] &= ~(termios.ECHO | termios.ICANON)
    # A key that somebody else has read first is not waited for.
    mode[6][termios.VMIN] = 0

    def restore() -> None:
        with suppress(termios.error):  # the terminal may be gone
            termios.tcsetattr(keys, termios.TCSANOW, before)

    with ExitStack() as back:
        back.callback(os.close, keys)
        back.callback(restore)
        termios.tcsetattr(keys, termios.TCSANOW, mode)
        over, end = os.pipe()
        back.callback(os.close, over)
        thread = start(partial(_listen, keys, over, leave))
        if thread is not None:
            back.callback(thread.join)
        back.callback(os.close, end)
        yield


def _keys(stdin: TextIO, terminal: str) -> int | None:
    """A descriptor that keys come from, to be closed; None if there is none."""
    with suppress(ImportError, OSError):
        import termios

        keys = os.dup(stdin.fileno()) if stdin.isatty() else os.open(terminal, os.O_RDONLY)
        try:
            termios.tcgetattr(keys)
        except termios.error:
            os.close(keys)
        else:
            return keys
    return None


def _listen(keys: int, over: int, leave: Callable[[], None]) -> None:
    # what else there is of its kind cannot wait for /dev/tty everywhere
    with suppress(OSError, ValueError), SelectSelector() as ready:
        ready.register(keys, EVENT_READ)
        ready.register(over, EVENT_READ)
        while all(one.fd == keys for one, _ in ready.select()):
            pressed = os.read(keys, 64)
            if _LEAVE.intersection(pressed):
                leave()
            if not pressed:
                return


@contextmanager
def giving_way(
    shell: Shell, give_back: Callable[[], None], take: Callable[[], None]
) -> Iterator[None]:
    """Meanwhile Ctrl-Z gives the terminal back before it stops us; it is taken when we go on."""
    number = getattr(signal, "SIGTSTP", None)
    if number is None or signal.getsignal(number) is signal.SIG_IGN:
        yield
        return

    def obey(_number: int, _frame: object) -> None:
        # A stream refuses to write where the signal came while something was being written.
        with suppress(RuntimeError):
            give_back()
        signal.signal(number, signal.SIG_DFL)
        shell.stop(number)
        signal.signal(number, obey)
        with suppress(RuntimeError):
            take()

    before = signal.signal(number, obey)
    try:
        yield
    finally:
        signal.signal(number, before)
