"""The options of a wait, and their values."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from jobctl.cli import complete
from jobctl.cli.options import group, option, switch
from jobctl.errors import UsageError, exit_map
from jobctl.models import duration

if TYPE_CHECKING:
    from jobctl.stream.outcome import Wish
    from jobctl.stream.watch import Limits


class Ci(StrEnum):
    """The CI services whose logs are written for; `none` is for the rest."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


WAITING = (
    *group(
        "When it ends",
        option("--timeout D", help="Limit of the whole wait: 90s, 10m, 1h30m; 0 looks once."),
        option("--interval D", help="Fixed time between two looks; else the pace adapts."),
        option(
            "--outage D",
            default="5m",
            help="How long a wait survives a service that does not answer properly.",
        ),
        option(
            "--allow-missing D", default="0", help="How long `not found` counts as not there yet."
        ),
        switch(
            "--any/--all",
            show_default=False,
            help="End with the first job that has ended, or with the last (default).",
        ),
        switch("--fail-fast", help="End with the first job that did not succeed."),
        option(
            "--for STATE|EXPR",
            name="for_",
            help="Wait until each job has this state, or this JMESPath over its document is true; "
            "a job that ends without it ends the wait with its code, 10 if it had succeeded.",
            autocompletion=complete.awaited,
        ),
        option(
            "--stall-after D",
            help="Give up on a job in which nothing changed for so long (exit code 13).",
        ),
        switch("--partial-ok", help="`partial` counts as success."),
        option(
            "--exit-map KIND=N,...",
            help="Other exit codes for kinds of `jobctl exit-codes`: timeout=0,partial=0.",
            autocompletion=complete.exit_map,
        ),
    ),
    *group(
        "Reports",
        option(
            "--on-done CMD",
            help="A command for the shell to run at the end, with the jobs as ndjson on its input.",
        ),
        option("--junit FILE", help="Write a JUnit report, each job a test case."),
        option(
            "--ci",
            type_=Ci | None,
            help="Write for this CI's log; GitHub Actions and GitLab are recognised.",
        ),
        switch("--notify", help="At the end, ring and let the terminal notify you."),
    ),
)
# Of those that make sense where the end of one job is waited for, before something else is done.
WAIT_FIRST = (
    *group(
        "When it ends",
        switch("--wait", help="Wait for the end of the job first."),
    ),
    *(
        one
        for one in WAITING
        if one.name in ("timeout", "interval", "outage", "allow_missing", "stall_after")
    ),
)

ONCE = group(
    "When it ends",
    switch("--wait", help="Wait until every job has ended."),
    switch("--watch", "-w", help="The same, in a live view on standard output."),
    switch("--exit-status", help="Let the exit code tell the state."),
)

# What only makes sense for a wait.
_OF_A_WAIT = (
    "timeout", "interval", "any", "fail_fast", "for_", "stall_after", "on_done", "junit", "ci",
    "notify",
)  # fmt: skip


def check_waits(given: Mapping[str, Any]) -> None:
    """See that nothing is asked that only a wait could do.

    Raises:
        UsageError: something is.
    """
    for name in _OF_A_WAIT:
        if given.get(name):
            raise UsageError(f"{_flag(name)} goes with --wait")


def limits(given: Mapping[str, Any]) -> Limits:
    """How long a wait may go on.

    Raises:
        UsageError: a duration is none.
    """
    from jobctl.stream.watch import Limits

    told = {
        name: duration(given[name], _flag(name))
        for name in Limits._fields
        if given.get(name) is not None
    }
    for name in ("interval", "stall_after"):
        if told.get(name) == 0:
            raise UsageError(f"{_flag(name)} must be longer than 0")
    return Limits(**told)


def wish(given: Mapping[str, Any]) -> Wish:
    """What is asked of the jobs.

    Raises:
        UsageError: an exit code is none.
    """
    from jobctl.stream.outcome import Wish

    return Wish(
        any=given["any"],
        fail_fast=given["fail_fast"],
        condition=given["for_"] is not None,
        partial_ok=given["partial_ok"],
        exit_map={} if given["exit_map"] is None else exit_map(given["exit_map"]),
    )


def _flag(name: str) -> str:
    return "--" + name.strip("_").replace("_", "-")
