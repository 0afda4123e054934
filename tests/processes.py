"""The command line in a process of its own, which no failing test leaves behind."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def run_in_a_process(*words: str, **more: Any) -> Iterator[subprocess.Popen[str]]:
    """Run jobctl with both streams piped; a block that fails ends it."""
    with subprocess.Popen(
        [sys.executable, "-m", "jobctl", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **more,
    ) as process:
        try:
            yield process
        except BaseException:
            process.kill()
            raise
