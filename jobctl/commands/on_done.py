"""`--on-done CMD`: what a user runs when a wait is over."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TextIO

from jobctl.models import Job
from jobctl.render.json import encode
from jobctl.render.listener import Listener, Verdict
from jobctl.render.messages import say
from jobctl.signals import deferred, interruptible

_PATIENCE = 60.0
# What one variable may hold: 128 KiB on Linux, 32,767 characters on Windows.
_LONGEST = 30_000 if os.name == "nt" else 120_000


class OnDone(Listener):
    """Runs the command with the jobs on its standard input and the verdict in its environment.

    A shell runs it, for the variables are there to be used in it. What it prints goes to standard
    error. After `patience` seconds it is killed with all that it has started, and so it is when a
    signal ends us. That it failed is told, and nothing else comes of it.
    """

    def __init__(
        self, line: str, err: TextIO, environ: Mapping[str, str], patience: float = _PATIENCE
    ) -> None:
        self._line = line
        self._err = err
        self._environ = environ
        self._patience = patience

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        if verdict is None:
            return
        told = {
            "JOBCTL_VERDICT": verdict.verdict,
            "JOBCTL_EXIT_CODE": str(int(verdict.exit_code)),
            "JOBCTL_REFS": self._refs(jobs),
        }
        lines = "".join(f"{encode(job.document())}\n" for job in jobs)
        try:
            code = self._run(lines.encode(), {**self._environ, **told})
            trouble = f"ended with exit code {code}" if code else None
        except subprocess.TimeoutExpired:
            trouble = f"did not end within {self._patience:g} s"
        except OSError as error:
            trouble = f"cannot be started: {error.strerror}"
        if trouble is not None:
            say(self._err, "warning", f"the command of --on-done {trouble}")

    def _refs(self, jobs: Sequence[Job]) -> str:
        """The references, of which none holds a blank: as many as a variable may hold."""
        text = " ".join(str(job.ref) for job in jobs)
        if len(text.encode()) <= _LONGEST:
            return text
        cut = text.encode()[:_LONGEST].decode(errors="ignore").rpartition(" ")[0]
        some = f"{cut.count(' ') + 1 if cut else 0} of {len(jobs)} jobs"
        say(self._err, "warning", f"JOBCTL_REFS has room for {some}; standard input has all")
        return cut

    def _run(self, lines: bytes, environ: Mapping[str, str]) -> int:
        process = None
        try:
            with deferred():  # one in between would leave behind what nobody knows of
                err = _descriptor(self._err)
                process = subprocess.Popen(  # noqa: S602 - the user's own command line
                    self._line,
                    shell=True,
                    stdin=subprocess.PIPE,
                    stdout=err,
                    stderr=err,
                    env=environ,
                    process_group=0,
                )
                with interruptible():
                    process.communicate(lines, self._patience)
        except BaseException:
            if process is not None:
                _kill(process)
            raise
        return process.returncode


def _descriptor(stream: TextIO) -> int:
    """What a program can write to instead of the stream; nothing where there is none."""
    try:
        return stream.fileno()
    except OSError:
        return subprocess.DEVNULL


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process with all it has started, on Windows alone, in a way that none can refuse."""
    kill = getattr(os, "killpg", os.kill)
    with process, suppress(ProcessLookupError):
        kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
