"""`jobctl exit-codes`."""

from typing import Annotated

import typer

from jobctl.cli.parsing import Leaf
from jobctl.cli.terminal import terminal


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""

    @app.command("exit-codes", cls=Leaf)
    def _exit_codes(
        json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    ) -> None:
        from jobctl.commands.facts import exit_codes

        exit_codes(terminal(), json=json)
