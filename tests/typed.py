"""A real shell in a terminal that is typed into, with jobctl's completion; and what it then ran."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shlex
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

from jobctl.cli.commands.completion import script
from jobctl.cli.options import Shell

_COLUMNS, _LINES = 100, 40
_PATIENCE = 60.0
_START = {
    "bash": (["--norc", "--noprofile", "-i"], "source {script}"),
    "zsh": (["-f", "-i"], "autoload -U compinit; compinit -u -D; source {script}"),
    "fish": (["--no-config", "-i"], "source {script}"),
}
# asked by a shell, it is the program itself; else it keeps what it is called with
_PROGRAM = """\
#!{python}
import json, os, sys
if "_JOBCTL_COMPLETE" in os.environ:
    from jobctl.__main__ import main
    sys.exit(main())
with open({ran!r}, "a") as file:
    print(json.dumps(sys.argv[1:]), file=file)
"""


class Typed:
    """A shell; it stands in a folder of its own, `place`."""

    def __init__(self, shell: str, folder: Path) -> None:
        self.place = folder / "place"
        self.place.mkdir()
        self._ran = folder / "ran"
        program = folder / "bin" / "jobctl"
        program.parent.mkdir()
        program.write_text(_PROGRAM.format(python=sys.executable, ran=str(self._ran)))
        program.chmod(0o755)
        source = folder / "script"
        source.write_text(script(Shell(shell)))
        options, first = _START[shell]
        environ = {
            **os.environ,
            "PATH": f"{program.parent}:{os.environ['PATH']}",
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
        }
        self._process, self._terminal = pty.fork()
        if not self._process:
            os.chdir(self.place)
            os.execvpe(shell, [shell, *options], environ)
        size = struct.pack("HHHH", _LINES, _COLUMNS, 0, 0)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, size)
        self._screen = pyte.Screen(_COLUMNS, _LINES)
        self._stream = pyte.ByteStream(self._screen)
        self._ends = 0
        self.run(first.format(script=shlex.quote(str(source))))

    def close(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        os.close(self._terminal)

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def run(self, line: str) -> None:
        """Type a line and Enter, and wait until the shell has done it."""
        self.type(f"{line}\r")
        self._ends += 1
        # as it is typed it is none of what is waited for
        self.type(f"printf 'END%s.' {self._ends}\r")
        self.until(lambda shown: f"END{self._ends}." in shown)

    def ran(self, line: str) -> list[list[str]]:
        """The words of each jobctl that the shell ran when a line was typed."""
        self._ran.unlink(missing_ok=True)
        self.run(line)
        return [json.loads(one) for one in self._ran.read_text().splitlines()]

    def until(self, seen: Callable[[str], bool]) -> str:
        """Wait until something is seen on the screen; the screen."""
        end = time.monotonic() + _PATIENCE
        while not seen(shown := "\n".join(self._screen.display)):
            left = max(end - time.monotonic(), 0)
            ready, _, _ = select.select([self._terminal], [], [], left)
            assert ready, shown
            self._stream.feed(os.read(self._terminal, 65536))
        return shown
