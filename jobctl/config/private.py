"""Files that are the user's alone: new, or ours, or not touched."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_UNFINISHED = ".jobctl-unfinished-"  # a name that nobody else gives, in whatever folder
_ABANDONED = 3600.0


def is_ours(about: os.stat_result) -> bool:
    """Whether it is a file of this user."""
    owner = getattr(os, "geteuid", lambda: about.st_uid)()
    return stat.S_ISREG(about.st_mode) and about.st_uid == owner


def is_private(about: os.stat_result) -> bool:
    """Whether it is a file of this user that nobody else may open."""
    return is_ours(about) and not stat.S_IMODE(about.st_mode) & 0o077


def claim(path: Path) -> None:
    """See that a file is the user's alone: new, or ours and closed to others from now on.

    It is not opened if it is there: to close it again would end what locks this process has on it.

    Raises:
        OSError: it is no file, or that of somebody else, or a link.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    check(path)


def check(path: Path) -> None:
    """See that a file, if it is there, is ours, and close it to others.

    Raises:
        OSError: it is no file, or that of somebody else, or a link.
    """
    with suppress(FileNotFoundError):
        about = path.lstat()
        if not is_ours(about):
            raise PermissionError(f"{path.name} is no file of this user")
        if not is_private(about):
            path.chmod(0o600)


def read_private(path: Path, largest: int) -> bytes:
    """What is in a file that is the user's alone, up to so many bytes.

    Raises:
        OSError: there is none, or it is not theirs alone.
    """
    # non-blocking, so that a named pipe in the file's place cannot hold the program up
    handle = os.open(
        path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    )
    with os.fdopen(handle, "rb") as file:
        if not is_private(os.fstat(handle)):
            raise PermissionError(f"{path.name} is no file of this user alone")
        return file.read(largest)


def write_private(path: Path, text: str) -> None:
    """Write a file that is the user's alone, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    import tempfile

    make_folder(path.parent)
    _clear(path.parent)
    handle, beside = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(handle)  # a machine that dies shall not leave an empty file, either
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, for the user alone; one that is there stays as it is.

    Raises:
        OSError: it cannot be made.
    """
    with suppress(FileNotFoundError):
        path.stat()  # on the way to one that cannot be, none is made
    for one in reversed((path, *path.parents)):
        if not one.is_dir():
            try:
                one.mkdir(mode=0o700, exist_ok=True)
            except FileExistsError:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from None


@contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Meanwhile nobody else changes a file who asks here, in this process or another one.

    Raises:
        TimeoutError: somebody has been changing it for longer than `patience`, in seconds.
        OSError: beside it no file can be made that tells.
    """
    from filelock import FileLock

    make_folder(path.parent)
    with FileLock(path.with_name(f".{path.name}.lock"), timeout=patience, mode=0o600):
        yield


def _clear(folder: Path) -> None:
    """Remove what commands that were killed in the middle of a write left behind, an hour later."""
    for path in folder.glob(f"{_UNFINISHED}*"):
        with suppress(OSError):
            about = path.lstat()
            if is_ours(about) and time.time() - about.st_mtime > _ABANDONED:
                path.unlink()
