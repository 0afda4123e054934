"""Where output goes other than standard output: a file that is whole or not there, a pager."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, cast

from jobctl import files
from jobctl.errors import ReaderGone, UsageError
from jobctl.render.beside import beside
from jobctl.render.streams import Steady
from jobctl.signals import shared_with

_ARRAY_END = b"\n]\n"
_ROOM = b" " * 4096
_LONGEST_NOTE = 1 << 20


class Kind(NamedTuple):
    """How records are laid out in a file, and of which job they are."""

    format: str
    columns: Sequence[str] | None
    query: str | None
    job: str


class OutputFile:
    """A file written beside its place, and put there when it is whole.

    What came of an interrupted run stays beside it, with a note of where that ended, so that only
    what really goes on from there is added: by this run alone. `header` has the columns of what
    came, if it has some.
    """

    def __init__(self, name: str, kind: Kind, *, cursor: str | None, force: bool) -> None:
        """See that nothing is lost by writing this file.

        Raises:
            UsageError: it is no file, or there is one.
        """
        self.path = target(name)
        self.part = beside(self.path, ".part")
        self.resumed = False
        self.header: Sequence[str] | None = None
        self._end = beside(self.path, ".part.end")
        self._kind = kind
        self._cursor = cursor
        self._force = force
        self._noted = self._whole = False
        if self.path.exists() and not force:
            raise exists(name)

    @contextmanager
    def opened(self) -> Iterator[TextIO]:
        """The stream to write to.

        Raises:
            UsageError: the file cannot be written, another run writes it, or there is a part of it
                that does not end at the cursor.
        """
        # unbuffered, so that a signal finds a write done or not begun
        with alone(self.part) as file:
            self._file = file
            try:
                with io.TextIOWrapper(cast("BinaryIO", file), encoding="utf-8", newline="") as out:
                    self._begin()
                    yield out
            finally:
                if self._whole:
                    self.part.replace(self.path)
                    self._end.unlink(missing_ok=True)
                elif not self.part.stat().st_size:
                    self.part.unlink()
                    if self._noted:
                        self._end.unlink()

    def _begin(self) -> None:
        """Be where the next record goes.

        Raises:
            UsageError: nothing may go there.
        """
        if self.path.exists() and not self._force:
            raise exists(str(self.path))  # another run has put it there since
        end = self._file.seek(0, io.SEEK_END)
        if end and (self._cursor is not None or not self._force):
            self._check_part(end)
        self.resumed = bool(end) and self._cursor is not None
        if self.path.exists():
            # from the first byte on nobody else may read what only the owner could
            shutil.copymode(self.path, self.part)
        if not self.resumed:
            self._file.truncate(0)
            self._file.seek(0)
            # room for the note, which a full disk would not have when it is wanted
            with own(self._end, os.O_CREAT) as note:
                note.truncate(0)
                note.write(_ROOM)
            self._noted = True
        elif self._kind.format == "json":
            # what comes is written over the end of the array
            self._file.seek(max(end - len(_ARRAY_END), 0))

    def _check_part(self, size: int) -> None:
        try:
            with own(self._end) as note:
                ended = json.loads(note.read(_LONGEST_NOTE))
            self.header = ended["header"]
            known = ended == self._ended(ended["cursor"], size)
        except (UsageError, ValueError, KeyError, TypeError, RecursionError):
            ended, known = {}, False
        if not known or ended["cursor"] != self._cursor:
            go_on = f"--cursor {ended['cursor']} goes on with it, " if known else ""
            raise UsageError(
                f"{self.part} holds what came of another run", hint=f"{go_on}--force begins anew"
            )

    def _ended(self, cursor: str, size: int) -> dict[str, object]:
        columns, header = (names and list(names) for names in (self._kind.columns, self.header))
        told = {"columns": columns, "header": header, "cursor": cursor, "size": size}
        return {**self._kind._asdict(), **told}

    def tell(self) -> int:
        """How far it is written."""
        return self._file.tell()

    def cut_back(self, place: int) -> None:
        """Drop what was written since then."""
        self._file.seek(place)
        self._file.truncate()

    def complete(self) -> None:
        """All is written."""
        self._whole = True

    def stopped(self, cursor: str, header: Sequence[str] | None) -> None:
        """Not all is written: note where it ended, and its columns."""
        self.header = header
        ended = self._ended(cursor, self.part.stat().st_size)
        with own(self._end) as note:
            note.write(json.dumps(ended).encode())
            note.truncate()


def target(name: str) -> Path:
    """The file that a name stands for, which may be that of a link.

    Raises:
        UsageError: no file can be put there without destroying something else.
    """
    path = Path(name)
    try:
        if path.is_symlink():
            path = path.resolve()
        if not path.name or not files.may_be_file(path):
            raise UsageError(f"{name!r} is no name of a file")
    except (OSError, ValueError) as error:  # too long, in a circle of links, with a zero byte
        raise UsageError(f"{name!r} is no name of a file: {error}") from None
    return path


def own(path: Path, flags: int = 0) -> io.FileIO:
    """A file that is ours alone, open for reading and writing; with O_CREAT, a new one if need be.

    Raises:
        UsageError: it cannot be opened; or what lies there is somebody else's, or bears other
            names, or is no file: what is written there could go anywhere, or wait for ever.
    """
    careful = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        file = io.FileIO(os.open(path, os.O_RDWR | flags | careful, 0o666), "r+")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    found = os.fstat(file.fileno())
    ours = found.st_uid == getattr(os, "geteuid", lambda: found.st_uid)()
    if not (stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and ours):
        file.close()
        raise UsageError(f"{path} is no file of ours", hint="remove it, or choose another name")
    return file


@contextmanager
def alone(path: Path) -> Iterator[io.FileIO]:
    """The same, for no other run of ours at the same time.

    Raises:
        UsageError: another one has it, or it cannot be opened.
    """
    with own(path, os.O_CREAT) as file:
        # one more number for the file, so that it stays locked until it has its place
        held = os.dup(file.fileno())
        try:
            if not (_lock(held) and _is_at(held, path)):
                raise UsageError(f"another run writes {path}", hint="wait for it")
            yield file
        finally:
            os.close(held)


def _lock(descriptor: int) -> bool:
    """Whether nobody else has the file locked; from now on nobody will."""
    try:
        import fcntl
    except ImportError:  # Windows has no such locks
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # nor have some file systems
        pass
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether a file is still there: another run may have put it where it belongs meanwhile."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False


def exists(name: str) -> UsageError:
    """The error for a file that would be replaced."""
    return UsageError(f"{name} exists", hint="--force replaces it")


class _Pager(io.TextIOWrapper):
    """A pipe to a program that shows it on the terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def paged(environ: Mapping[str, str]) -> Iterator[TextIO]:
    """A stream into the pager that PAGER names, else `less`; it ends when its user leaves it.

    Raises:
        UsageError: there is no such program.
    """
    named = environ.get("PAGER", "")
    try:
        command = shlex.split(named) or ["less"]
    except ValueError as error:
        raise UsageError(f"PAGER is no command: {error}: {named!r}") from None

    def start() -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - the user's own choice
                command, stdin=subprocess.PIPE, bufsize=0, env={"LESS": "FRX", **environ}
            )
        except OSError as error:
            raise UsageError(
                f"the pager {command[0]!r} cannot be started: {error.strerror}",
                hint="name another one in PAGER",
            ) from None

    with shared_with(start) as process:
        pipe = cast("io.FileIO", process.stdin)
        out = _Pager(cast("BinaryIO", Steady(pipe)), encoding="utf-8")
        try:
            yield out
        finally:
            with suppress(ReaderGone), pipe:
                out.close()
            process.wait()
