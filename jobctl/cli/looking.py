"""What `jobctl get`, `jobctl wait` and `jobctl watch` share: a look at jobs of any providers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer

from jobctl.cli.options import command, jobs, named
from jobctl.cli.parsing import Leaf, hidden
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.waiting import ONCE, WAITING, check_waits, limits, wish
from jobctl.signals import deferred


def look(
    provider: str | None,
    options: Mapping[str, str | bool],
    *,
    wait: bool = False,
    watch: bool = False,
    alone: bool = False,
    **given: Any,
) -> None:
    """Look at jobs as the options say; ends with the exit code."""
    with deferred():  # a signal that comes while modules are loaded ends the look, not the document
        from jobctl.commands.look import look
        from jobctl.commands.look.condition import Condition
        from jobctl.commands.look.request import LookRequest
        from jobctl.commands.reports import Reporting

        if not (wait or watch):
            check_waits(given)
        request = LookRequest(
            jobs=given["jobs"],
            provider=provider,
            options=options,
            alone=alone,
            raw=given["raw"],
            wait=wait or watch,
            watch=watch,
            limits=limits(given),
            wish=wish(given),
            condition=None if given["for_"] is None else Condition(given["for_"]),
            exit_status=given.get("exit_status", False),
            notify=given["notify"],
            reporting=Reporting(given["junit"], given["ci"], given["on_done"]),
            words=given["context"].obj,
            shared=shared(given),
        )
        code = look(request, terminal())
    raise typer.Exit(code)


def add_wait(app: typer.Typer, verb: str, help: str) -> None:
    """Add the verb, `wait` or `watch`, which looks until every job has ended."""
    words = "Full references, API URLs, or a provider and its ids; `-` for standard input."
    what = jobs("JOB...", words, None)

    # who has written `get --wait` before may say it twice
    again = [*hidden(one for one in ONCE if one.name in ("wait", "watch"))]

    def run(jobs: Sequence[str], watch: bool, **given: Any) -> None:
        provider, jobs = named(jobs)
        look(provider, {}, jobs=jobs, **{**given, "wait": True, "watch": watch or verb == "watch"})

    app.command(verb, help=help, cls=Leaf)(command(run, [what, *again, *WAITING, *SHOWING]))
