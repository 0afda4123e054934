"""`jobctl logs`."""

from __future__ import annotations

from typing import Any

import typer

from jobctl.cli.options import countable, group, option, switch
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import JobGroup, add_verb
from jobctl.cli.waiting import WAIT_FIRST, check_waits, limits

_NOT_OURS = ("output", "json", "query", "columns", "raw")
_OPTIONS = (
    *group(
        "What",
        option("--tail N", type_=int | None, min=0, callback=countable, help="The last N lines."),
    ),
    *group(
        "When it ends",
        switch("--follow", "-f", help="Show what comes until the job has ended."),
    ),
    *WAIT_FIRST,
    *(one for one in SHOWING if one.name not in _NOT_OURS),
)


class _Logs(JobGroup):
    """`jobctl logs`."""

    verb = "logs"
    what = "what a job wrote"
    more = "--tail 20"
    text = "Show what a job wrote.\n\nExample: jobctl logs ray/raysubmit_1 --follow"
    passed = _OPTIONS

    def run(self, provider: str | None, options: dict[str, str | bool], **given: Any) -> None:
        from jobctl.commands.logs import LogsRequest, logs

        waits = given["wait"] or given["follow"]
        if not waits:
            check_waits(given)
        wait = limits(given)
        told = {"output": None, "json": False, "query": None, "columns": None, "raw": False}
        request = LogsRequest(
            given["job"],
            provider,
            options,
            given["tail"],
            follow=given["follow"],
            wait=wait if waits else None,
            shared=shared({**told, **given}),
        )
        raise typer.Exit(logs(request, terminal()))


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_verb(app, "logs", _Logs, "Example: jobctl logs ray/raysubmit_1 --follow")
