"""Streams: whole, or lost with a word."""

import io
import os
import signal
from collections.abc import Iterator

import pytest

from jobctl.errors import ReaderGone, UsageError
from jobctl.render.streams import (
    Closed,
    OutputError,
    Steady,
    check_open,
    check_reader,
    read,
    read_line,
    write,
)


class Raw(io.RawIOBase):
    """A descriptor that takes little at a time, or what an error lets through."""

    def __init__(self, *errors: OSError) -> None:
        self.errors = list(errors)
        self.took = b""

    def write(self, data: object) -> int:
        if self.errors:
            raise self.errors.pop(0)
        piece = bytes(memoryview(data))[:3]  # type: ignore[arg-type]
        self.took += piece
        return len(piece)


def test_all_is_written_however_little_is_taken_at_once() -> None:
    raw = Raw()
    assert Steady(raw).write(b"0123456789") == 10
    assert raw.took == b"0123456789"


@pytest.mark.parametrize(
    ("error", "told"),
    [(BrokenPipeError(), ReaderGone), (OSError(28, "No space left on device"), OutputError)],
)
def test_what_cannot_be_written_is_told_once_and_nothing_is_written_behind_the_gap(
    error: OSError, told: type[BaseException]
) -> None:
    raw = Raw(error)
    stream = Steady(raw)
    with pytest.raises(told):
        stream.write(b"lost")
    assert stream.write(b"and more") == 8
    assert raw.took == b""


def test_what_is_spare_is_lost_without_a_word() -> None:
    raw = Raw(BrokenPipeError())
    assert Steady(raw, spare=True).write(b"lost") == 4
    assert raw.took == b""


def test_nothing_is_written_into_the_midst_of_what_is_being_written() -> None:
    class Interrupting(Raw):
        def write(self, data: object) -> int:
            signal.raise_signal(signal.SIGUSR1)
            return super().write(data)

    def obey(*_: object) -> None:
        with pytest.raises(RuntimeError):
            stream.write(b"!")

    before = signal.signal(signal.SIGUSR1, obey)
    raw = Interrupting()
    stream = Steady(raw)
    try:
        stream.write(b"0123456789")
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert raw.took == b"0123456789"


def test_a_closed_output_is_told_to_whoever_wants_to_write() -> None:
    for use in (check_open, lambda out: write(out, "x")):
        with pytest.raises(UsageError) as told:
            use(Closed())  # type: ignore[arg-type]
        assert told.value.message == "standard output is closed"
    check_open(io.StringIO())


@pytest.fixture
def pipe() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    """The reading and the writing end."""
    ours, theirs = os.pipe()
    with os.fdopen(ours) as reader, os.fdopen(theirs, "w") as writer:
        yield reader, writer


def test_a_reader_is_missed_where_there_can_be_one(
    pipe: tuple[io.TextIOWrapper, io.TextIOWrapper],
) -> None:
    reader, writer = pipe
    check_reader(writer)
    reader.close()
    with pytest.raises(ReaderGone):
        check_reader(writer)
    check_reader(io.StringIO())
    with open(os.devnull, "w", encoding="utf-8") as nobody:  # noqa: PTH123
        check_reader(nobody)


def test_text_that_is_text_already_is_read_as_it_is() -> None:
    assert read(io.StringIO("ä\n")) == "ä\n"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_read_in_every_encoding_of_unicode(
    encoding: str, pipe: tuple[io.TextIOWrapper, io.TextIOWrapper]
) -> None:
    reader, writer = pipe
    os.write(writer.fileno(), "# größer\n1\n".encode(encoding))
    writer.close()
    assert read(reader) == "# größer\n1\n"


def test_lines_are_read_one_after_the_other(
    pipe: tuple[io.TextIOWrapper, io.TextIOWrapper],
) -> None:
    reader, writer = pipe
    os.write(writer.fileno(), b"\xef\xbb\xbfone\r\ntwo\n\xfc\nlast")
    assert [read_line(reader), read_line(reader)] == ["one\r\n", "two\n"]
    with pytest.raises(UsageError, match="standard input is no text in UTF-8"):
        read_line(reader)
    writer.close()
    assert [read_line(reader), read_line(reader)] == ["last", ""]
    assert read_line(io.StringIO("one\ntwo")) == "one\n"


def test_what_has_no_end_is_not_read_for_ever() -> None:
    with open("/dev/zero", encoding="utf-8") as endless:  # noqa: PTH123
        with pytest.raises(UsageError, match="a line of standard input is longer than 64 KiB"):
            read_line(endless)
        with pytest.raises(UsageError, match="standard input is longer than 16384 KiB"):
            read(endless)


def test_what_cannot_be_read_is_told() -> None:
    with open(os.devnull, "w", encoding="utf-8") as written:  # noqa: PTH123
        with pytest.raises(UsageError, match="standard input cannot be read: Bad file descriptor"):
            read(written)
        with pytest.raises(UsageError, match="standard input cannot be read: Bad file descriptor"):
            read_line(written)


def test_half_a_surrogate_pair_is_written_as_an_escape() -> None:
    out = io.TextIOWrapper(io.BytesIO())
    write(out, "\ud800")
    assert out.buffer.read() == b""
    out.buffer.seek(0)
    assert out.buffer.read() == b"\\ud800"
