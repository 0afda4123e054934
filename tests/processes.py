"""The command line in a process of its own, which no failing test leaves behind."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def run_in_a_process(*words: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """Run jobctl, with both streams piped if nothing else is said; a block that fails ends it."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(
        [sys.executable, "-m", "jobctl", *words], text=True, **{**streams, **more}
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
