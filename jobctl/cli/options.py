"""The options that several commands share, as data: commands are made of them."""

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from jobctl.cli import complete
from jobctl.commands import Shared, Tape
from jobctl.errors import UsageError
from jobctl.formats import OF_JOBS, Format


class Ci(StrEnum):
    """The CI services whose logs are written for; `none` is for the rest."""

    GITHUB = "github"
    GITLAB = "gitlab"
    NONE = "none"


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


def limit(default: int | None, help: str, **more: Any) -> inspect.Parameter:
    """The option for how many there shall be at most."""
    type_ = int | None if default is None else int
    return option(
        "limit", type_, default, "--limit", "-n", min=1, callback=_countable, help=help, **more
    )


def _countable(number: int | None) -> int | None:
    if number is not None and number >= 2**63:
        raise UsageError(f"--limit: {number} is more than can be counted")
    return number


def output(among: Iterable[Format]) -> inspect.Parameter:
    """The option for the format, of those that a command has."""
    # typer reads choices from an enumeration
    enumeration: Any = StrEnum
    choices = enumeration("Format", {one.name: one.value for one in among})
    return option(
        "output", choices, choices.TABLE, "--output", "-o", help="The format of the output."
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


def shared(given: dict[str, Any]) -> Shared:
    """The values of `SHOWING`."""
    names = ("profile", "query", "show_signed_urls", "quiet", "no_color")
    return Shared(
        **{name: given[name] for name in names},
        verbose=0 if given["quiet"] else given["verbose"],
        overrides=_overrides(given["set_"] or []),
        format="json" if given["json"] else given["output"].value,
        columns=None if given["columns"] is None else _columns(given["columns"]),
        tape=_tape(given),
    )


def _columns(text: str) -> list[str]:
    columns = [column.strip() for column in text.split(",")]
    if not all(columns):
        raise UsageError("--columns wants names between its commas")
    return columns


def _tape(given: dict[str, Any]) -> Tape:
    """What records or replays; `--replay` and `--speed` may stand before the command, too."""
    context = given["context"]
    before = context.find_root().params
    replay, fast = (
        before[name] if given[name] is None else given[name] for name in ("replay", "speed")
    )
    if fast is not None and replay is None:
        raise UsageError("--speed goes with --replay")
    if replay is not None and given["record"] is not None:
        raise UsageError("--record does not go with --replay")
    words = tuple(_without_commands(context.obj))
    if replay is None:
        return Tape(given["record"], words=words)
    from jobctl.http.replay import read

    recording = read(Path(replay))
    return Tape(None, recording, speed("1x" if fast is None else fast), words, recording.began)


def _without_commands(words: Sequence[str]) -> Iterator[str]:
    """The words of a command line but for the command of `--on-done`, which may hold a secret."""
    for before, word in zip(["", *words], words, strict=False):
        option, equals, _ = word.partition("=")
        if before == "--on-done":
            yield "..."
        else:
            yield f"{option}=..." if equals and option == "--on-done" else word


def speed(text: str) -> float:
    """How many times as fast `10x` means.

    Raises:
        UsageError: it is no speed.
    """
    try:
        times = float(text.removesuffix("x"))
    except ValueError:
        times = 0.0
    if not 0 < times < float("inf"):
        raise UsageError(f"{text!r} is not a speed", hint="write it like 10x or 0.5x")
    return times


def _overrides(pairs: list[str]) -> dict[str, str]:
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"--set {pair!r} is not NAME=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


_REPLAY = "Answer from this recording: no network, no credentials, no configuration."
_SPEED = "How fast the recording's time passes, such as 60x."
# Of the whole program: they may stand before the command.
Replay = Annotated[str | None, typer.Option("--replay", metavar="FILE", help=_REPLAY)]
Speed = Annotated[str | None, typer.Option("--speed", metavar="Nx", help=_SPEED)]

SHOWING = (
    inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
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
    output(OF_JOBS),
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
    option(
        "record",
        str | None,
        None,
        "--record",
        metavar="FILE",
        help="Keep the exchange with the service in a new file, without secrets.",
    ),
    inspect.Parameter("replay", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Replay),
    inspect.Parameter("speed", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Speed),
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
        metavar="STATE|EXPR",
        help="Wait until each job has this state, or this JMESPath over its document is true; a "
        "job that ends without it ends the wait with its code, 10 if it had succeeded.",
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
        "on_done",
        str | None,
        None,
        "--on-done",
        metavar="CMD",
        help="A command for the shell to run at the end, with the jobs as ndjson on its input.",
    ),
    option(
        "junit",
        str | None,
        None,
        "--junit",
        metavar="FILE",
        help="Write a JUnit report, each job a test case.",
    ),
    option(
        "ci",
        Ci | None,
        None,
        "--ci",
        help="Write for this CI's log; GitHub Actions and GitLab are recognised.",
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
