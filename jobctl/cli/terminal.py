"""The process's own streams and environment, for the commands."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO, cast

from jobctl.commands import Terminal
from jobctl.errors import ReaderGone
from jobctl.render.streams import Closed, Steady


@contextmanager
def steady_streams() -> Iterator[None]:
    """Meanwhile the process writes to streams that lose nothing without a word.

    Of standard error alone the reader may go away, or it may be closed: nobody hears then, and no
    command fails for it.
    """
    _occupy_closed_descriptors()
    before = sys.stdout, sys.stderr
    sys.stdout = _steady(sys.stdout) if sys.stdout else cast("TextIO", Closed())
    sys.stderr = _steady(sys.stderr, spare=True) if sys.stderr else io.StringIO()
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ReaderGone):
                stream.flush()
        sys.stdout, sys.stderr = before


def terminal() -> Terminal:
    """The streams as they are now; nothing comes from a standard input that the caller closed."""
    return Terminal(sys.stdout, sys.stderr, sys.stdin or io.StringIO(), os.environ)


def _occupy_closed_descriptors() -> None:
    """Nothing that is opened later shall be taken for a stream of ours, here or in a child."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)


def _steady(stream: TextIO, *, spare: bool = False) -> TextIO:
    """The same stream, text that its encoding lacks as escapes."""
    buffer = getattr(stream, "buffer", None)
    raw = getattr(buffer, "raw", buffer)
    if not isinstance(raw, io.RawIOBase):
        return stream
    stream.flush()
    return io.TextIOWrapper(
        cast("io.BufferedWriter", Steady(raw, spare=spare)),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=getattr(stream, "line_buffering", False),
    )
