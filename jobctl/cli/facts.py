"""`jobctl exit-codes` and `jobctl providers`."""

from typing import Annotated

import typer

from jobctl.cli.terminal import terminal

_Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def _names(incomplete: str) -> list[str]:
    from jobctl import registry

    return [name for name in registry.names() if name.startswith(incomplete)]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""

    @app.command("exit-codes", help="Show what each exit code means.")
    def _exit_codes(json: _Json = False) -> None:
        from jobctl.commands.facts import exit_codes

        exit_codes(terminal(), json=json)

    providers = typer.Typer(
        help="Show the providers there are; `show NAME` tells all about one.",
        invoke_without_command=True,
    )
    app.add_typer(providers, name="providers")

    @providers.callback()
    def _providers(context: typer.Context, json: _Json = False) -> None:
        if context.invoked_subcommand is None:
            from jobctl.commands.facts import providers as show

            show(terminal(), json=json)

    @providers.command(
        "show",
        help="Show a provider's id parts, settings with their variables, statuses and states.",
    )
    def _show(
        name: Annotated[str, typer.Argument(help="The provider.", autocompletion=_names)],
        json: _Json = False,
    ) -> None:
        from jobctl.commands.facts import provider as show

        show(name, terminal(), json=json)
