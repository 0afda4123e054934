"""`jobctl history`."""

from enum import StrEnum
from typing import Annotated

import typer

from jobctl.cli.terminal import terminal


class _Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    IDS = "ids"


_HELP = """Show the jobs seen lately, newest first, as they were last known.

@1 or @last (the newest), @2... stand for them wherever a command takes a job; the profile must be
the one that the job was seen with.

Example: jobctl get cognite @1 --wait
"""


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""

    @app.command("history", help=_HELP)
    def _history(
        limit: Annotated[
            int, typer.Option("--limit", "-n", metavar="N", min=1, help="How many jobs.")
        ] = 20,
        output: Annotated[
            _Format, typer.Option("--output", "-o", help="The format of the output.")
        ] = _Format.TABLE,
        json: Annotated[bool, typer.Option("--json", help="The same as -o json.")] = False,
        query: Annotated[
            str | None,
            typer.Option(
                "--query",
                "-q",
                metavar="EXPR",
                help="A JMESPath expression over the output: json, yaml, each line of ndjson.",
            ),
        ] = None,
        no_color: Annotated[
            bool, typer.Option("--no-color", help="No colour, like the variable NO_COLOR.")
        ] = False,
    ) -> None:
        from jobctl.commands.history import show

        show(
            terminal(),
            limit=limit,
            format="json" if json else output.value,
            query=query,
            no_color=no_color,
        )
