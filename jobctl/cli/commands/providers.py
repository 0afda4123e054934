"""`jobctl providers`."""

from pathlib import Path
from typing import Annotated

import typer

from jobctl.cli import complete
from jobctl.cli.terminal import terminal
from jobctl.errors import UsageError

_Json = Annotated[bool, typer.Option("--json", help="As JSON.")]


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""

    providers = typer.Typer(help="`show NAME` tells all about one.", invoke_without_command=True)
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

    @providers.command(
        "new",
        help="Propose a provider file from a sample of what the service answers, write it, and show"
        " the job that the sample makes. What no option tells is asked for.\n\n"
        "Example: jobctl providers new acme --body https://api.acme.example/jobs/7 --id 7",
    )
    def _new(
        name: Annotated[str | None, typer.Argument(help="The provider's name.")] = None,
        body: Annotated[
            str | None,
            typer.Option(
                "--body",
                metavar="FILE|URL",
                help="A sample of the answer about a job. A URL is asked once, and without"
                " credentials.",
            ),
        ] = None,
        id: Annotated[
            str | None, typer.Option("--id", metavar="ID", help="The id of the job in the sample.")
        ] = None,
        base_url: Annotated[
            str | None, typer.Option("--base-url", metavar="URL", help="Where the API lies.")
        ] = None,
        path: Annotated[
            str | None,
            typer.Option(
                "--path",
                metavar="PATH",
                help="The path of the job, with its id in it, or such as /v1/jobs/{job}.",
            ),
        ] = None,
        words: Annotated[
            str | None,
            typer.Option(
                "--words", metavar="WORD,...", help="The words that the job's status can be."
            ),
        ] = None,
        status: Annotated[
            str | None,
            typer.Option(
                "--status",
                metavar="JMESPATH",
                help="Where the status stands, if nothing looks like one.",
            ),
        ] = None,
        auth: Annotated[
            str | None,
            typer.Option(
                "--auth",
                metavar="WAY",
                help="How to sign in: none, bearer, basic, header:NAME or query:NAME.",
            ),
        ] = None,
        page: Annotated[
            str | None,
            typer.Option(
                "--list", metavar="FILE|URL", help="A sample of a page of the service's list."
            ),
        ] = None,
        page_path: Annotated[
            str | None,
            typer.Option("--list-path", metavar="PATH", help="The path of the list."),
        ] = None,
        to: Annotated[
            Path | None,
            typer.Option(
                "--to", metavar="FILE", help="The file; else one beside the configuration."
            ),
        ] = None,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Write a file anew that is there already.")
        ] = False,
        no_input: Annotated[bool, typer.Option("--no-input", help="Ask nothing.")] = False,
    ) -> None:
        from jobctl.commands.drafting import Told, new

        told = Told(
            name, body, id, base_url, path, words, status, auth, page, page_path, to, overwrite,
            asks=not no_input,
        )  # fmt: skip
        new(told, terminal())

    @providers.command("schema", help="Show the JSON Schema of provider files, for editors.")
    def _schema() -> None:
        from jobctl.commands.checking import schema

        schema(terminal())
