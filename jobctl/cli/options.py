"""The options that several commands share, as data: commands are made of them."""

import copy
import inspect
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Annotated, Any, get_args

import typer

from jobctl.cli import complete
from jobctl.cli.parsing import Passing
from jobctl.errors import UsageError
from jobctl.formats import Format


class Shell(StrEnum):
    """The shells that completion is made for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def option(
    *flags: str, name: str = "", type_: Any = None, default: Any = None, **more: Any
) -> inspect.Parameter:
    """A parameter of a command that becomes an option, a text if no other type is told.

    Behind the first flag stands what is shown for its value; of it comes the name, if none is told.
    """
    flag, _, metavar = flags[0].partition(" ")
    return inspect.Parameter(
        name or flag.partition("/")[0].removeprefix("--").replace("-", "_"),
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[
            type_ or (str if default else str | None),
            typer.Option(flag, *flags[1:], metavar=metavar or None, **more),
        ],
    )


def switch(*flags: str, **more: Any) -> inspect.Parameter:
    """An option without a value."""
    return option(*flags, type_=bool, default=False, **more)


def limit(default: int | None, help: str, *, least: int = 1, **more: Any) -> inspect.Parameter:
    """The option for how many there shall be at most."""
    type_ = int | None if default is None else int
    return option(
        "--limit N",
        "-n",
        type_=type_,
        default=default,
        min=least,
        callback=countable,
        help=help,
        rich_help_panel="What",
        **more,
    )


def countable(param: typer.CallbackParam, number: int | None) -> int | None:
    """The number.

    Raises:
        UsageError: there cannot be so many.
    """
    if number is not None and number >= 2**63:
        raise UsageError(f"--{param.name}: {number} is more than can be counted")
    return number


def output(among: Iterable[Format], more: str = "", *, usual: str = "a table") -> inspect.Parameter:
    """The option for the format, of those that a command has.

    `more` tells what else decides, `usual` what the output is without it.
    """
    # typer reads choices from an enumeration
    enumeration: Any = StrEnum
    choices = enumeration("Format", {one.name: one.value for one in among})
    return option(
        "--output",
        "-o",
        type_=choices | None,
        help=f"The format of the output: {usual} if you do not say, json with -q{more}.",
    )


def group(title: str, *options: inspect.Parameter) -> tuple[inspect.Parameter, ...]:
    """Options that stand together in the help."""
    for one in options:
        get_args(one.annotation)[1].rich_help_panel = title
    return options


def completed(one: inspect.Parameter, offered: Callable[..., complete.Words]) -> inspect.Parameter:
    """The same option, but that other words may stand for it."""
    type_, info = get_args(one.annotation)
    info = copy.copy(info)
    info.autocompletion = offered
    return one.replace(annotation=Annotated[type_, info])


def show_help_alone(context: typer.Context) -> None:
    """A group of commands called by itself shows what there is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def nested(app: typer.Typer, name: str) -> typer.Typer:
    """A command of several, which are shown where none is called; they are to be added."""
    made = typer.Typer(cls=Passing, callback=show_help_alone, invoke_without_command=True, help="")
    app.add_typer(made, name=name)
    return made


def jobs(metavar: str, help: str, provider: str | None) -> inspect.Parameter:
    """The jobs a command takes."""
    return inspect.Parameter(
        "jobs",
        inspect.Parameter.KEYWORD_ONLY,
        annotation=Annotated[
            list[str],
            typer.Argument(metavar=metavar, help=help, autocompletion=complete.jobs(provider)),
        ],
    )


def job(metavar: str, provider: str | None) -> inspect.Parameter:
    """The one job that a command takes."""
    offered = complete.jobs(provider)
    return positional("job", metavar, "The job.", needed=True, autocompletion=offered)


def named(words: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The provider that stands before its jobs, if one does, and the jobs."""
    from jobctl import registry

    return (words[0], words[1:]) if len(words) > 1 and registry.known(words[0]) else (None, words)


def positional(
    name: str, metavar: str, help: str, *, needed: bool, **more: Any
) -> inspect.Parameter:
    """A parameter of a command that is told by its place."""
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if needed else None,
        annotation=Annotated[
            str if needed else str | None, typer.Argument(metavar=metavar, help=help, **more)
        ],
    )


def command(
    run: Callable[..., None], parameters: Iterable[inspect.Parameter]
) -> Callable[..., None]:
    """A function that typer reads like one written with these parameters by hand."""

    def call(**given: Any) -> None:
        run(**given)

    parameters = list(parameters)
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {one.name: one.annotation for one in parameters}
    return call
