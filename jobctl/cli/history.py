"""`jobctl history`."""

from typing import Any

import typer

from jobctl.cli.options import SHOWING, command, limit, output
from jobctl.cli.terminal import terminal
from jobctl.formats import OF_HISTORY

_SHOWING = ("json", "query", "no_color")
_HELP = """Show the jobs seen lately, newest first, as they were last known.

@1 or @last (the newest), @2... stand for them wherever a command takes a job; the profile must be
the one that the job was seen with.

Example: jobctl get cognite @1 --wait
"""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    showing = [output(OF_HISTORY), *(one for one in SHOWING if one.name in _SHOWING)]
    app.command("history", help=_HELP)(command(_run, [limit(20, "How many jobs."), *showing]))


def _run(**given: Any) -> None:
    from jobctl.commands.history import show

    show(
        terminal(),
        limit=given["limit"],
        format="json" if given["json"] else given["output"].value,
        query=given["query"],
        no_color=given["no_color"],
    )
