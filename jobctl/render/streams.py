"""Streams of which nothing is known: pipe or terminal, UTF-8 or not, with a reader or without."""

from __future__ import annotations

import io
import os
import select
import stat
from collections.abc import Mapping
from threading import get_ident
from typing import TYPE_CHECKING, TextIO

from jobctl import payload
from jobctl.errors import JobctlError, ReaderGone, UsageError
from jobctl.signals import deferred, interruptible

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


# a thousand jobs and all that somebody may write beside them; a secret
_LARGEST = 1 << 24
_LONGEST = 1 << 16


class OutputError(OSError):
    """What was to be shown could not be written."""

    def told(self) -> JobctlError:
        """What a user is told."""
        return JobctlError(f"cannot write the output: {self.strerror}")


class Steady(io.RawIOBase):
    """What is written here is written whole, whatever signals come, or fails, and then for good.

    It waits for a descriptor that somebody has set not to block, as node and ssh do. What cannot be
    written is lost without a word where it is `spare`.

    Raises:
        ReaderGone: nobody reads from the pipe.
        OutputError: the system does not take it.
        RuntimeError: a signal's handler writes where the signal came with the writing.
    """

    def __init__(self, raw: io.RawIOBase, *, spare: bool = False) -> None:
        self._raw = raw
        self._spare = spare
        self._failed = False
        self._writer: int | None = None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: ReadableBuffer) -> int:
        left = memoryview(data).cast("B")
        size = len(left)
        if self._writer == get_ident():
            raise RuntimeError
        with deferred():
            self._writer = get_ident()
            try:
                while left and not self._failed:
                    left = left[self._written(left) :]
            finally:
                self._writer = None
        return size

    def _written(self, data: memoryview) -> int:
        try:
            written = self._raw.write(data)
        except OSError as error:
            self._failed = True
            if self._spare:
                return 0
            if isinstance(error, BrokenPipeError):
                raise ReaderGone from None
            raise OutputError(error.errno, error.strerror) from None
        if written is None:
            select.select([], [self], [])
        return written or 0


class Closed(io.TextIOBase):
    """Standard output where the caller has closed it (`>&-`): whoever wants to write is told."""

    def writable(self) -> bool:
        return False

    def write(self, text: str) -> int:  # noqa: ARG002
        raise _closed()


def check_open(out: TextIO) -> None:
    """See early that a stream can be written to.

    Raises:
        UsageError: the caller has closed it.
    """
    if not out.writable():
        raise _closed()


def _closed() -> UsageError:
    return UsageError("standard output is closed", hint=">/dev/null is for what nobody reads")


def check_reader(out: TextIO) -> None:
    """See that somebody reads what is written, where the system tells.

    Raises:
        ReaderGone: nobody reads from the pipe.
    """
    if hasattr(select, "poll") and is_pipe(out):
        poll = select.poll()
        poll.register(out.fileno(), 0)
        if poll.poll(0):
            raise ReaderGone


def read(stdin: TextIO) -> str:
    """All that is to be read, in an encoding of Unicode.

    Raises:
        UsageError: it is in none, has no end, or cannot be read.
    """
    with interruptible():
        return _text(_read(stdin, _LARGEST))


def read_line(stdin: TextIO) -> str:
    """The next line that is to be read, with its end; empty where there is none.

    Raises:
        UsageError: it is in no encoding of Unicode, has no end, or cannot be read.
    """
    return _text(_read(stdin, _LONGEST, line=True))


def _text(data: bytes) -> str:
    try:
        return payload.unicode(data)
    except UnicodeDecodeError as error:
        told = f"{error.encoding.upper()}: {error.reason} at byte {error.start}"
        raise UsageError(f"standard input is no text in {told}") from None


def _read(stdin: TextIO, most: int, *, line: bool = False) -> bytes:
    try:
        number = stdin.fileno()
    except OSError:
        return (stdin.readline() if line else stdin.read()).encode()
    data = bytearray()
    while not (line and data.endswith(b"\n")):
        # not through the stream: at its end Python waits for the lock of one that is being read
        try:
            piece = os.read(number, 1 if line else 65536)
        except BlockingIOError:
            select.select([number], [], [])
            continue
        except OSError as error:  # a folder, say, or what is open for writing alone
            raise UsageError(f"standard input cannot be read: {error.strerror}") from None
        if not piece:
            break
        data += piece
        if len(data) > most:
            what = "a line of standard input" if line else "standard input"
            raise UsageError(f"{what} is longer than {most >> 10} KiB")
    return bytes(data)


def for_people(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a person looks at the stream: a terminal, or FORCE_COLOR says to act like one."""
    return out.isatty() or bool(environ.get("FORCE_COLOR"))


def is_pipe(out: TextIO) -> bool:
    """Whether another program reads the stream, as far as the system tells."""
    try:
        mode = os.fstat(out.fileno()).st_mode
    except OSError:
        return False  # no file at all
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def dumb(environ: Mapping[str, str]) -> bool:
    """Whether the terminal can do nothing but print."""
    return environ.get("TERM") in ("dumb", "unknown")


def write(out: TextIO, text: str) -> None:
    """Write for programs: in UTF-8 whatever the stream's encoding, with bare newlines, at once."""
    write_bytes(out, text.encode("utf-8", "backslashreplace"))


def write_bytes(out: TextIO, data: bytes) -> None:
    """The same for what is UTF-8 already."""
    buffer = getattr(out, "buffer", None)
    if buffer is None:
        out.write(data.decode())
    else:
        out.flush()
        left = memoryview(data)
        while left:
            # a file without a buffer may take a part of it, as where the disk is nearly full
            left = left[buffer.write(left) :]
        buffer.flush()
    out.flush()


def write_line(out: TextIO, text: str) -> None:
    """Write a line for people, at once."""
    out.write(encodable(text, out) + "\n")
    out.flush()


def encodable(text: str, out: TextIO) -> str:
    """The text, what the stream's encoding lacks as escapes."""
    if text.isascii():
        return text
    encoding = out.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)
