"""`jobctl help`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from jobctl.cli.parsing import Leaf


def _commands(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    from jobctl.cli.offers import commands

    root = ctx.find_root().command
    yield from commands(root, ctx.params.get("command") or [], incomplete)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""

    @app.command("help", cls=Leaf)
    def _help(
        context: typer.Context,
        command: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[COMMAND]...", help="Such as `get cognite`.", autocompletion=_commands
            ),
        ] = None,
    ) -> None:
        root = context.find_root().command
        root.main([*(command or []), "--help"], "jobctl", standalone_mode=False)
