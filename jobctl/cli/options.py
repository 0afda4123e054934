"""The options that several commands share, as data: commands are made of them."""

import inspect
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any

import typer

from jobctl.cli import complete
from jobctl.errors import UsageError


class Format(StrEnum):
    """What standard output may look like."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    CSV = "csv"
    TSV = "tsv"
    IDS = "ids"
    RAW = "raw"


class Shell(StrEnum):
    """The shells that completion is made for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def option(name: str, type_: Any, default: Any, *flags: str, **more: Any) -> inspect.Parameter:
    """A parameter of a command that becomes an option."""
    return inspect.Parameter(
        name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[type_, typer.Option(*flags, **more)],
    )


def show_help_alone(context: typer.Context) -> None:
    """A group of commands called by itself shows what there is."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


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


def asked(given: dict[str, Any]) -> dict[str, Any]:
    """The values of `SHOWING` as requests have them."""
    names = ("profile", "query", "show_signed_urls", "verbose", "quiet", "no_color")
    return {
        **{name: given[name] for name in names},
        "overrides": _overrides(given["set_"] or []),
        "format": "json" if given["json"] else given["output"].value,
        "columns": given["columns"].split(",") if given["columns"] else None,
    }


def _overrides(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"--set {pair!r} is not NAME=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


SHOWING = (
    option(
        "profile",
        str | None,
        None,
        "--profile",
        "-p",
        metavar="NAME",
        help="Which profile; `sandbox` is built in.",
        autocompletion=complete.profiles,
    ),
    option(
        "set_",
        list[str] | None,
        None,
        "--set",
        metavar="NAME=VALUE",
        help="A setting for this call; never a secret.",
    ),
    option("output", Format, Format.TABLE, "--output", "-o", help="The format of the output."),
    option("json", bool, False, "--json", help="The same as -o json."),
    option(
        "query",
        str | None,
        None,
        "--query",
        "-q",
        metavar="EXPR",
        help="A JMESPath expression over the output: json, yaml, csv, tsv, each line of ndjson.",
    ),
    option(
        "columns",
        str | None,
        None,
        "--columns",
        "-c",
        metavar="A,B,C",
        help="Columns of table, csv and tsv, by JSON field path such as progress.percent.",
    ),
    option(
        "raw",
        bool,
        False,
        "--raw",
        help="Add the service's own body, without secrets; `-o raw` is the body byte for byte.",
    ),
    option(
        "show_signed_urls", bool, False, "--show-signed-urls", help="Do not mask pre-signed URLs."
    ),
    option(
        "verbose",
        int,
        0,
        "--verbose",
        "-v",
        count=True,
        show_default=False,
        help="A line for each request on standard error; -vv adds headers.",
    ),
    option("quiet", bool, False, "--quiet", help="Nothing on standard error but errors."),
    option("no_input", bool, False, "--no-input", help="Never prompt."),
    option("no_color", bool, False, "--no-color", help="No colour, like the variable NO_COLOR."),
)

WAITING = (
    option(
        "timeout",
        str | None,
        None,
        "--timeout",
        metavar="D",
        help="Limit of the whole wait: 90s, 10m, 1h30m; 0 looks once.",
    ),
    option(
        "interval",
        str | None,
        None,
        "--interval",
        metavar="D",
        help="Fixed time between two looks; else the pace adapts.",
    ),
    option(
        "outage",
        str,
        "5m",
        "--outage",
        metavar="D",
        help="How long a wait survives a service that does not answer properly.",
    ),
    option(
        "allow_missing",
        str,
        "0",
        "--allow-missing",
        metavar="D",
        help="How long `not found` counts as not there yet.",
    ),
    option(
        "any",
        bool,
        False,
        "--any/--all",
        show_default=False,
        help="End with the first job that has ended, or with the last (default).",
    ),
    option(
        "fail_fast", bool, False, "--fail-fast", help="End with the first job that did not succeed."
    ),
    option(
        "for_",
        str | None,
        None,
        "--for",
        metavar="EXPR",
        help="Wait until this JMESPath over each job's document is true; a job that ends without "
        "it ends the wait with its code, 10 if it had succeeded.",
    ),
    option(
        "stall_after",
        str | None,
        None,
        "--stall-after",
        metavar="D",
        help="Give up on a job in which nothing changed for so long (exit code 13).",
    ),
    option("partial_ok", bool, False, "--partial-ok", help="`partial` counts as success."),
    option(
        "exit_map",
        str | None,
        None,
        "--exit-map",
        metavar="KIND=N,...",
        help="Other exit codes for kinds of `jobctl exit-codes`: timeout=0,partial=0.",
    ),
    option(
        "notify", bool, False, "--notify", help="At the end, ring and let the terminal notify you."
    ),
)

ONCE = (
    option("wait", bool, False, "--wait", help="Wait until every job has ended."),
    option(
        "watch", bool, False, "--watch", "-w", help="The same, in a live view on standard output."
    ),
    option("exit_status", bool, False, "--exit-status", help="Let the exit code tell the state."),
)
