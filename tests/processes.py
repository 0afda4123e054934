"""The command line in a process of its own, which no failing test leaves behind."""

import os
import pty
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Any


@contextmanager
def run_in_a_process(*words: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """Run jobctl, with both streams piped if nothing else is said; a block that fails ends it."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, "-m", "jobctl", *words], text=True, **{**streams, **more}
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise


@contextmanager
def run_on_a_terminal(
    *words: str, environ: dict[str, str] | None = None, **more: Any
) -> Iterator[tuple[subprocess.Popen[str], FileIO]]:
    """Run jobctl on a terminal of 80 columns and 24 rows, and have the other end of that."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    more = dict.fromkeys(("stdin", "stdout", "stderr"), theirs) | more
    more["env"] = {**os.environ, "TERM": "xterm", **(environ or {})}
    with FileIO(ours, "r+") as end, run_in_a_process(*words, **more) as process:
        os.close(theirs)
        yield process, end


def shown_on(end: FileIO) -> Iterator[bytes]:
    """What a program shows on a terminal until it ends, bit by bit."""
    with suppress(OSError):  # how Linux says that the other end is closed
        while more := end.read(65536):
            yield more


def is_blocked(number: int) -> bool:
    """Whether a process waits for somebody to read from a pipe, or for that in a poll."""
    state = Path(f"/proc/{number}/wchan").read_text()
    return "pipe" in state or "poll" in state


def wait_until(true: Callable[[], bool], seconds: int = 30) -> None:
    """Wait for what another process does."""
    for _ in range(seconds * 100):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it does not come")


def has_taken(number: int, signal: int) -> bool:
    """Whether no such signal is on its way to a process any more."""
    status = Path(f"/proc/{number}/status").read_text()
    pending = int(status.partition("ShdPnd:")[2].split()[0], 16)
    return not pending & 1 << (signal - 1)
