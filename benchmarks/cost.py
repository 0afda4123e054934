"""What a process costs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Cost(NamedTuple):
    """What a process took: seconds on the clock and of the processor, MiB of memory at most."""

    seconds: float
    cpu: float
    memory: float


def spent(argv: Sequence[str], environ: Mapping[str, str], told: str = "") -> Cost:
    """What a process cost that was told that on standard input; its failure ends the program."""
    start = time.perf_counter()
    process = subprocess.Popen(
        argv,
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(told)
    process.stdin.close()
    _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{argv[0]} failed")
    seconds = time.perf_counter() - start
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
