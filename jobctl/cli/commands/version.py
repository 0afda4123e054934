"""`jobctl version`."""

import typer

from jobctl import __version__
from jobctl.cli.parsing import Leaf


def show() -> None:
    """Say which jobctl this is."""
    typer.echo(f"jobctl {__version__}")


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("version", help="", cls=Leaf)(show)
