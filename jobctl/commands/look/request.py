"""What the command line asks of a look at jobs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from jobctl.commands import Shared, Terminal
from jobctl.commands.reports import Reporting
from jobctl.errors import UsageError
from jobctl.expression import Expression
from jobctl.models import Job
from jobctl.stream.outcome import Wish
from jobctl.stream.watch import Limits


class Request(NamedTuple):
    """What the command line asks, times in seconds; `jobs` are full references or a provider's.

    `watch` is a wait with a live view on standard output, where that is a terminal; `words` are
    those of the command line.
    """

    jobs: Sequence[str]
    provider: str | None = None
    options: Mapping[str, str | bool] = MappingProxyType({})
    raw: bool = False
    wait: bool = False
    watch: bool = False
    timeout: float | None = None
    interval: float | None = None
    outage: float = 300.0
    allow_missing: float = 0.0
    stall_after: float = math.inf
    any: bool = False
    fail_fast: bool = False
    condition: str | None = None
    exit_status: bool = False
    partial_ok: bool = False
    exit_map: Mapping[str, int] = MappingProxyType({})
    notify: bool = False
    reporting: Reporting = Reporting()
    words: Sequence[str] = ()
    shared: Shared = Shared()

    def wish(self) -> Wish:
        """What ends a wait before its time, and with which code."""
        return Wish(
            any=self.any,
            fail_fast=self.fail_fast,
            condition=self.condition is not None,
            partial_ok=self.partial_ok,
            exit_map=self.exit_map,
        )

    def wanted(self, warn: Callable[[str], None]) -> Callable[[Job], bool]:
        """Whether a job is as `--for` wants it: one that the expression does not fit is not yet."""
        if self.condition is None:
            return lambda _: False
        condition = Expression(self.condition, "--for")

        def wanted(job: Job) -> bool:
            try:
                return condition.holds(job.document())
            except UsageError as error:
                warn(f"{job.ref}: {error.message}")
                return False

        return wanted

    def limits(self, longest_look: float) -> Limits:
        """How long a wait may go on, if one look takes at most so many seconds."""
        return Limits(
            timeout=self.timeout,
            interval=self.interval,
            outage=self.outage,
            allow_missing=self.allow_missing,
            stall_after=self.stall_after,
            look=longest_look,
        )


def words_of(jobs: Sequence[str], terminal: Terminal) -> Iterator[str]:
    """The jobs asked for; `-` stands for the lines of standard input."""
    found = False
    for word in jobs:
        lines = terminal.stdin.read().splitlines() if word == "-" else [word]
        for line in lines:
            text = line.strip() if word == "-" else line
            if word != "-" or (text and not text.startswith("#")):
                found = True
                yield text
    if not found:
        raise UsageError("there are no jobs on standard input")
