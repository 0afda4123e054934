"""`jobctl exit-codes` and `jobctl providers`."""

from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli import complete
from jobctl.cli.terminal import terminal
from jobctl.errors import UsageError

_Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""

    @app.command("exit-codes", help="Show what each exit code means.")
    def _exit_codes(json: _Json = False) -> None:
        from jobctl.commands.facts import exit_codes

        exit_codes(terminal(), json=json)

    providers = typer.Typer(
        help="Show the providers that are set up, and those that you and jobctl bring along;"
        " `show NAME` tells all about one.",
        invoke_without_command=True,
    )
    app.add_typer(providers, name="providers")

    @providers.callback()
    def _providers(
        context: typer.Context,
        everything: Annotated[
            bool, typer.Option("--all", help="The whole catalogue, too, as --json has it always.")
        ] = False,
        json: _Json = False,
    ) -> None:
        if context.invoked_subcommand is None:
            from jobctl.commands.facts import providers as show

            show(terminal(), json=json, everything=everything)

    @providers.command(
        "show",
        help="Show a provider's id parts, settings with their variables, statuses and states.",
    )
    def _show(
        name: Annotated[
            str, typer.Argument(help="The provider.", autocompletion=complete.providers)
        ],
        json: _Json = False,
    ) -> None:
        from jobctl.commands.facts import provider as show

        show(name, terminal(), json=json)

    @providers.command(
        "check",
        help="Check provider files: every mistake, and what becomes of their examples.\n\n"
        "Example: jobctl providers check acme.yaml",
    )
    def _check(
        files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The files.")],
        body: Annotated[
            Path | None,
            typer.Option("--body", metavar="FILE", help="Show the job that this body makes."),
        ] = None,
        status: Annotated[
            int, typer.Option("--status", metavar="N", help="The HTTP status of the body.")
        ] = 200,
        json: _Json = False,
    ) -> None:
        from jobctl.commands.checking import check, of_body

        if body is None:
            check(files, terminal(), json=json)
        elif len(files) > 1:
            raise UsageError("--body is held against one file")
        else:
            of_body(files[0], body, status, terminal(), json=json)

    @providers.command("schema", help="Show the JSON Schema of provider files, for editors.")
    def _schema() -> None:
        from jobctl.commands.checking import schema

        schema(terminal())
