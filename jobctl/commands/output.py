"""Where output goes other than standard output: a file that is whole or not there, a pager."""

from __future__ import annotations

import io
import json
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from jobctl.errors import UsageError

_ARRAY_END = b"\n]\n"


class OutputFile:
    """A file written beside its place, and put there when it is whole.

    What came of an interrupted run stays beside it, with a note of where that ended, so that only
    what really goes on from there can be added. `kind` says how the records are laid out.
    """

    def __init__(self, name: str, kind: str, *, cursor: str | None, force: bool) -> None:
        """See that nothing is lost by writing this file.

        Raises:
            UsageError: there is such a file, or a part of it that does not end at the cursor.
        """
        self.path = Path(name)
        self.part = self.path.with_name(f"{self.path.name}.part")
        self._end = self.path.with_name(f"{self.path.name}.part.end")
        self.resumed = cursor is not None and self.part.exists()
        self._kind = kind
        self._whole = False
        if self.path.exists() and not force:
            raise exists(name)
        if self.part.exists() and not (force and cursor is None):
            self._check_part(cursor)

    def _check_part(self, cursor: str | None) -> None:
        try:
            ended = json.loads(self._end.read_text(encoding="utf-8"))
            known = (ended["size"], ended["kind"]) == (self.part.stat().st_size, self._kind)
        except (OSError, ValueError, KeyError, TypeError):
            ended, known = {}, False
        if cursor is None or not known or ended["cursor"] != cursor:
            go_on = f"--cursor {ended['cursor']} goes on with it, " if known else ""
            raise UsageError(
                f"{self.part} holds what came of another run", hint=f"{go_on}--force begins anew"
            )

    @contextmanager
    def opened(self) -> Iterator[TextIO]:
        """The stream to write to.

        Raises:
            UsageError: the file cannot be written.
        """
        try:
            file = self.part.open("r+b" if self.resumed else "wb")
        except OSError as error:
            raise UsageError(f"{self.part} cannot be written: {error.strerror}") from None
        try:
            with io.TextIOWrapper(file, encoding="utf-8", newline="") as out:
                if self.resumed:
                    self._go_on(file)
                yield out
        finally:
            if self._whole:
                self.part.replace(self.path)
                self._end.unlink(missing_ok=True)
            elif not self.part.stat().st_size:
                self.part.unlink()

    def complete(self) -> None:
        """All is written."""
        self._whole = True

    def stopped(self, cursor: str) -> None:
        """Not all is written: note where it ended."""
        ended = {"cursor": cursor, "size": self.part.stat().st_size, "kind": self._kind}
        self._end.write_text(json.dumps(ended), encoding="utf-8")

    def _go_on(self, file: BinaryIO) -> None:
        end = file.seek(0, io.SEEK_END)
        if self._kind.startswith("json "):
            # the array is open again
            file.truncate(file.seek(max(end - len(_ARRAY_END), 0)))


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
            command, stdin=subprocess.PIPE, env={"LESS": "FRX", **environ}
        )
    except OSError as error:
        raise UsageError(
            f"the pager {command[0]!r} cannot be started: {error.strerror}",
            hint="name another one in PAGER",
        ) from None
    assert process.stdin is not None  # noqa: S101
    out = _Pager(process.stdin, encoding="utf-8")
    try:
        yield out
    finally:
        try:
            out.close()
        finally:
            process.wait()
