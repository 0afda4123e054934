"""`jobctl providers`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import command, option, positional, switch
from jobctl.cli.parsing import Leaf, Passing
from jobctl.cli.terminal import terminal
from jobctl.errors import UsageError

_Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


_NEW = """Propose a provider file from a sample of what the service answers, write it, and show
the job that the sample makes. What no option tells is asked for.

Example: jobctl providers new acme --body https://api.acme.example/jobs/7 --id 7
"""
_TOLD = (
    positional("name", "NAME", "The provider's name.", needed=False),
    option(
        "--body FILE|URL",
        help="A sample of the answer about a job. A URL is asked once, and without credentials.",
    ),
    option("--id ID", help="The id of the job in the sample."),
    option("--base-url URL", help="Where the API lies."),
    option(
        "--path PATH", help="The path of the job, with its id in it, or such as /v1/jobs/{job}."
    ),
    option("--words WORD,...", help="The words that the job's status can be."),
    option("--status JMESPATH", help="Where the status stands, if nothing looks like one."),
    option(
        "--auth WAY",
        name="sign_in",
        help="How to sign in: none, bearer, basic, header:NAME or query:NAME.",
    ),
    option("--list FILE|URL", name="page", help="A sample of a page of the service's list."),
    option("--list-path PATH", name="page_path", help="The path of the list."),
    option("--to FILE", type_=Path | None, help="The file; else one beside the configuration."),
    switch("--overwrite", help="Write a file anew that is there already."),
    switch("--no-input", help="Ask nothing."),
)


def _new(no_input: bool, **given: Any) -> None:
    from jobctl.commands.drafting import Told, new

    new(Told(**given, asks=not no_input), terminal())


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""

    providers = typer.Typer(
        cls=Passing, help="`show NAME` tells all about one.", invoke_without_command=True
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
        cls=Leaf,
    )
    def _show(
        name: Annotated[
            str,
            typer.Argument(metavar="NAME", help="The provider.", autocompletion=complete.providers),
        ],
        json: _Json = False,
    ) -> None:
        from jobctl.commands.facts import provider as show

        show(name, terminal(), json=json)

    @providers.command(
        "check",
        help="Check provider files: every mistake, and what becomes of their examples.\n\n"
        "Example: jobctl providers check acme.yaml",
        cls=Leaf,
    )
    def _check(
        files: Annotated[
            list[Path],
            typer.Argument(metavar="FILE...", help="Files; a provider's name stands for its own."),
        ],
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

    providers.command("new", help=_NEW, cls=Leaf)(command(_new, _TOLD))

    @providers.command(
        "schema", help="Show the JSON Schema of provider files, for editors.", cls=Leaf
    )
    def _schema() -> None:
        from jobctl.commands.checking import schema

        schema(terminal())
