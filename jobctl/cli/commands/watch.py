"""`jobctl watch`."""

from __future__ import annotations

import typer

from jobctl.cli.looking import add_wait

_HELP = """\
q or Ctrl-C leaves, and tells the command that goes on. The last picture stays on the terminal.

Where standard output is no terminal, or another format than the table is asked for, this is
`jobctl wait`.

Example: jobctl watch cognite/123 modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5
"""


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_wait(app, "watch", _HELP)
