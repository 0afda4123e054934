"""Writing to streams of which nothing is known: pipe or terminal, UTF-8 or not."""

from collections.abc import Mapping
from typing import TextIO


def for_people(out: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether a person looks at the stream: a terminal, or FORCE_COLOR says to act like one."""
    return out.isatty() or bool(environ.get("FORCE_COLOR"))


def dumb(environ: Mapping[str, str]) -> bool:
    """Whether the terminal can do nothing but print."""
    return environ.get("TERM") in ("dumb", "unknown")


def write(out: TextIO, text: str) -> None:
    """Write for programs: in UTF-8 whatever the stream's encoding, with bare newlines, at once."""
    write_bytes(out, text.encode("utf-8"))


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
