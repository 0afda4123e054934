"""`jobctl wait`."""

from __future__ import annotations

import typer

from jobctl.cli.looking import add_wait

_HELP = """\
The exit code is that of the worst: 0 succeeded, 10 failed, 11 cancelled, 12 partial, 124 timeout;
`jobctl exit-codes` lists them all.

Example: jobctl wait cognite/123 slurm/4711 --timeout 30m
"""


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_wait(app, "wait", _HELP)
