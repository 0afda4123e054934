"""`jobctl config`: `path`, `show`, `check`, `set` and `use-profile`."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import command, nested, output
from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.formats import OF_RECORDS

_SHOW = """Show every setting of what is set up, and where it comes from: an option, a variable,
a file with line and column, or the default.

Secrets are masked, and references shown as they stand. With a configuration that is broken the
rest is shown, and then what is wrong.

Example: jobctl config show cognite --profile plant-2
"""
_INIT = """Write the first configuration file: asks what the services need, and leaves all else as
comments.

Secrets are not asked for, but where they are kept; `jobctl auth login` keeps them in the keyring.

Example: jobctl config init cognite
"""
_CHECK = """Check the configuration file: all that is wrong at once, with line and column.

Example: jobctl config check --resolve
"""
_SET = """Set a setting of a profile in the configuration file; comments and order stay.

NAME is PROVIDER.SETTING, or `profile`. An empty VALUE removes the setting. A secret is asked for,
or read from standard input, unless VALUE says where it is kept: env:NAME, file:PATH,
keyring:SERVICE/USER, command:ARGV.

Example: jobctl config set cognite.project my-project
"""
_SHOWN = ("context", "profile", "set_", "json", "query", "quiet", "no_input", "no_color")
_NAMES = inspect.Parameter(
    "names",
    inspect.Parameter.KEYWORD_ONLY,
    default=None,
    annotation=Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PROVIDER]...",
            help="Whose settings; else of all that are set up.",
            autocompletion=complete.providers,
        ),
    ],
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    config = nested(app, "config")
    showing = [_NAMES, output(OF_RECORDS), *(one for one in SHOWING if one.name in _SHOWN)]
    config.command("show", help=_SHOW, cls=Leaf)(command(_show, showing))

    @config.command("init", help=_INIT, cls=Leaf)
    def _init(
        names: Annotated[
            list[str] | None,
            typer.Argument(
                metavar="[PROVIDER]...", help="What to set up.", autocompletion=complete.providers
            ),
        ] = None,
        profile: Annotated[
            str, typer.Option("--profile", "-p", metavar="NAME", help="The name of the profile.")
        ] = "default",
        no_input: Annotated[
            bool, typer.Option("--no-input", help="Ask nothing: all is left as comments.")
        ] = False,
    ) -> None:
        from jobctl.commands.asking import Asker
        from jobctl.commands.beginning import init

        init(names or (), profile, terminal(), Asker(terminal(), asks=not no_input))

    @config.command("path", help="Show where the configuration file is, or would be.", cls=Leaf)
    def _path() -> None:
        from jobctl.commands.config import path

        path(terminal())

    @config.command("check", help=_CHECK, cls=Leaf)
    def _check(
        resolve: Annotated[
            bool,
            typer.Option("--resolve", help="Follow references, too: files, keyrings, commands."),
        ] = False,
    ) -> None:
        from jobctl.commands.config import check

        check(terminal(), following=resolve)

    @config.command("set", help=_SET, cls=Leaf)
    def _set(
        name: Annotated[
            str,
            typer.Argument(
                metavar="NAME", help="What to set.", autocompletion=complete.settings_by_section
            ),
        ],
        value: Annotated[str | None, typer.Argument(metavar="[VALUE]", help="To what.")] = None,
        profile: Annotated[
            str | None,
            typer.Option(
                "--profile",
                "-p",
                metavar="NAME",
                help="In which profile, which is made if it is not there; else that in use.",
                autocompletion=complete.profiles,
            ),
        ] = None,
        no_input: Annotated[bool, typer.Option("--no-input", help="Never prompt.")] = False,
    ) -> None:
        from jobctl.commands.asking import Asker
        from jobctl.commands.config import set_value

        asker = Asker(terminal(), asks=not no_input)
        set_value(name, value, profile, terminal(), asker)

    @config.command(
        "schema",
        help="Show the JSON Schema of the configuration file, for editors.\n\n"
        "Example: jobctl config schema > config.schema.json",
        cls=Leaf,
    )
    def _schema() -> None:
        from jobctl.commands.schema import schema

        schema(terminal())

    @config.command(
        "use-profile",
        help="Write down which profile is used where none is asked for.",
        cls=Leaf,
    )
    def _use_profile(
        name: Annotated[
            str, typer.Argument(metavar="NAME", help="Which.", autocompletion=complete.profiles)
        ],
    ) -> None:
        from jobctl.commands.config import use_profile

        use_profile(name, terminal())


def _show(**given: Any) -> None:
    from jobctl.commands.origins import show

    left = dict.fromkeys(one.name for one in SHOWING)
    show(given["names"] or (), shared({**left, **given, "verbose": 0}), terminal())
