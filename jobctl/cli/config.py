"""`jobctl config path` and `jobctl config check`."""

import typer

from jobctl.cli.options import show_help_alone
from jobctl.cli.terminal import terminal


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    config = typer.Typer(
        callback=show_help_alone,
        invoke_without_command=True,
        help="Show where the configuration is; check it.",
    )
    app.add_typer(config, name="config")

    @config.command("path", help="Show where the configuration file is, or would be.")
    def _path() -> None:
        from jobctl.commands.config import path

        path(terminal())

    @config.command("check", help="Check the configuration file: keys, types, places of secrets.")
    def _check() -> None:
        from jobctl.commands.config import check

        check(terminal())
