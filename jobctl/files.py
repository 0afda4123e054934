"""Files that lie where others may put something else, or that cannot be there at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

# what the caller has opened, as by `<(...)`, has somebody at its other end
_OPEN_ALREADY = ("/dev/fd/", "/proc/self/fd/", "/dev/stdin")


def exists(path: Path) -> bool:
    """Whether something is there, as far as the system lets us see: no name is too long."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def may_be_file(path: Path) -> bool:
    """Whether a file lies there, or nothing that a file could not take the place of.

    Raises:
        OSError: nothing can lie there: the name is too long, say, or leads through a file.
        ValueError: it is no name at all.
    """
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        return True


def opened(path: Path) -> BinaryIO:
    """A file, open for reading; of devices, there is nothing in the empty one alone.

    Raises:
        OSError: it cannot be read; or it is no file but a pipe or a device, which would keep us
            waiting or have no end.
    """
    waits = str(path).startswith(_OPEN_ALREADY)
    careful = 0 if waits else getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, os.O_RDONLY | careful | getattr(os, "O_BINARY", 0))
    about = os.fstat(handle)
    if waits or stat.S_ISREG(about.st_mode) or os.path.samestat(about, Path(os.devnull).stat()):
        return os.fdopen(handle, "rb")
    os.close(handle)
    if stat.S_ISDIR(about.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.EINVAL, "it is no file")


def read(path: Path, largest: int) -> bytes:
    """What is in a file.

    Raises:
        OSError: it cannot be read, is no file, or has more than `largest` bytes.
    """
    with opened(path) as file:
        data = file.read(largest + 1)
    if len(data) > largest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data
