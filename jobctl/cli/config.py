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

    @config.command("path")
    def _path() -> None:
        """Show where the configuration file is, or would be."""
        from jobctl.commands.config import path

        path(terminal())

    @config.command("check")
    def _check() -> None:
        """Check the configuration file: keys, types, places of secrets."""
        from jobctl.commands.config import check

        check(terminal())
