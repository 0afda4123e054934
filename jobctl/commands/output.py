"""Where output goes other than standard output: a file that is whole or not there, a pager."""

from __future__ import annotations

import csv
import io
import json
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, cast

from jobctl.errors import ReaderGone, UsageError
from jobctl.formats import SHEETS
from jobctl.render.streams import Steady
from jobctl.signals import shared_with

_ARRAY_END = b"\n]\n"
_ROOM = b" " * 4096


class Kind(NamedTuple):
    """How records are laid out in a file, and of which job they are."""

    format: str
    columns: Sequence[str] | None
    query: str | None
    job: str


class OutputFile:
    """A file written beside its place, and put there when it is whole.

    What came of an interrupted run stays beside it, with a note of where that ended, so that only
    what really goes on from there is added.
    """

    def __init__(self, name: str, kind: Kind, *, cursor: str | None, force: bool) -> None:
        """See that nothing is lost by writing this file.

        Raises:
            UsageError: it is no file, there is one, or a part of it that does not end at the
                cursor.
        """
        self.path = target(name)
        self.part = self.path.with_name(f"{self.path.name}.part")
        self.resumed = cursor is not None and self.part.exists()
        self._end = self.path.with_name(f"{self.path.name}.part.end")
        self._kind = kind
        self._whole = False
        if self.path.exists() and not force:
            raise exists(name)
        if self.part.exists() and (cursor is not None or not force):
            self._check_part(cursor)

    def _check_part(self, cursor: str | None) -> None:
        try:
            ended = json.loads(self._end.read_text(encoding="utf-8"))
            known = ended == self._ended(ended["cursor"], self.part.stat().st_size)
        except (OSError, ValueError, KeyError, TypeError):
            ended, known = {}, False
        if not known or ended["cursor"] != cursor:
            go_on = f"--cursor {ended['cursor']} goes on with it, " if known else ""
            raise UsageError(
                f"{self.part} holds what came of another run", hint=f"{go_on}--force begins anew"
            )

    def _ended(self, cursor: str, size: int) -> dict[str, object]:
        columns = self._kind.columns and list(self._kind.columns)
        return {**self._kind._asdict(), "columns": columns, "cursor": cursor, "size": size}

    def header(self) -> Sequence[str] | None:
        """The columns of a csv or tsv that goes on."""
        if not self.resumed or self._kind.format not in SHEETS:
            return None
        with self.part.open(encoding="utf-8", newline="") as file:
            return next(csv.reader(file, delimiter="," if self._kind.format == "csv" else "\t"))

    @contextmanager
    def opened(self) -> Iterator[TextIO]:
        """The stream to write to.

        Raises:
            UsageError: the file cannot be written.
        """
        try:
            # unbuffered, so that a signal finds a write done or not begun
            file = self.part.open("r+b" if self.resumed else "wb", buffering=0)
        except OSError as error:
            raise UsageError(f"{self.part} cannot be written: {error.strerror}") from None
        self._file = file
        try:
            if self.path.exists():
                # from the first byte on nobody else may read what only the owner could
                shutil.copymode(self.path, self.part)
            if not self.resumed:
                # room for the note, which a full disk would not have when it is wanted
                self._end.write_bytes(_ROOM)
            with io.TextIOWrapper(cast("BinaryIO", file), encoding="utf-8", newline="") as out:
                end = file.seek(0, io.SEEK_END)
                if self.resumed and self._kind.format == "json":
                    # what comes is written over the end of the array
                    file.seek(max(end - len(_ARRAY_END), 0))
                yield out
        finally:
            if self._whole:
                self.part.replace(self.path)
                self._end.unlink(missing_ok=True)
            elif not self.part.stat().st_size:
                self.part.unlink()
                self._end.unlink(missing_ok=True)

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

    def stopped(self, cursor: str) -> None:
        """Not all is written: note where it ended."""
        ended = self._ended(cursor, self.part.stat().st_size)
        with self._end.open("r+b") as file:
            file.write(json.dumps(ended).encode())
            file.truncate()


def target(name: str) -> Path:
    """The file that a name stands for, which may be that of a link.

    Raises:
        UsageError: no file can be put there without destroying something else.
    """
    path = Path(name)
    if path.is_symlink():
        path = path.resolve()
    if not path.name or (path.exists() and not path.is_file()):
        raise UsageError(f"{name!r} is no name of a file")
    return path


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
    command = shlex.split(environ.get("PAGER") or "less")
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own choice
            command, stdin=subprocess.PIPE, bufsize=0, env={"LESS": "FRX", **environ}
        )
    except OSError as error:
        raise UsageError(
            f"the pager {command[0]!r} cannot be started: {error.strerror}",
            hint="name another one in PAGER",
        ) from None
    pipe = cast("io.FileIO", process.stdin)
    out = _Pager(cast("BinaryIO", Steady(pipe)), encoding="utf-8")
    with shared_with(process):
        try:
            yield out
        finally:
            with suppress(ReaderGone), pipe:
                out.close()
            process.wait()
