"""`jobctl history`."""

from typing import Any

import typer

from jobctl.cli.options import command, group, limit, output
from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import SHOWING, format_of
from jobctl.cli.terminal import terminal
from jobctl.formats import OF_HISTORY

_SHOWING = ("profile", "json", "query", "no_color")
_HELP = """\
They are shown as they were last known.

@1 or @last (the newest), @2... stand for them wherever a command takes a job; the profile must be
the one that the job was seen with.

Example: jobctl get cognite @1 --wait
"""


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    limited = limit(20, "How many jobs.")
    showing = [
        *group("Output", output(OF_HISTORY)),
        *(one for one in SHOWING if one.name in _SHOWING),
    ]
    app.command("history", help=_HELP, cls=Leaf)(command(_run, [limited, *showing]))


def _run(**given: Any) -> None:
    from jobctl.commands.history import show

    show(
        terminal(),
        limit=given["limit"],
        profile=given["profile"],
        format=format_of(given),
        query=given["query"],
        no_color=given["no_color"],
    )
