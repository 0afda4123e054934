"""The command line: words in, exit code out; the one place where an error becomes a message."""

from __future__ import annotations

import atexit
import gc
import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from jobctl import __version__
from jobctl.cli import (
    api,
    auth,
    completion,
    config,
    doctor,
    facts,
    history,
    jobs,
    listing,
    logs,
    page,
    results,
    sandbox,
)
from jobctl.cli.options import command, option, show_help_alone
from jobctl.cli.parsing import Passing, hidden
from jobctl.cli.showing import SHOWING, format_in
from jobctl.cli.sources import OPTION, use_providers
from jobctl.cli.terminal import steady_streams, terminal
from jobctl.errors import ExitCode, Interrupted, JobctlError, ReaderGone, UsageError, did_you_mean
from jobctl.render.streams import OutputError
from jobctl.signals import listen

# typer exports the class below which all its complaints about a command line stand only as a base.
_Complaint: Any = typer.BadParameter.__mro__[2]


class Commands(Passing):
    """The commands in the order of their use."""

    def list_commands(self, ctx: Any) -> list[str]:
        order = [
            "get",
            "wait",
            "watch",
            "list",
            "results",
            "logs",
            "open",
            "providers",
            "config",
            "auth",
            "doctor",
            "history",
            "api",
            "sandbox",
            "exit-codes",
            "completion",
            "help",
            "version",
        ]
        return sorted(super().list_commands(ctx), key=order.index)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        if found is None and not ctx.resilient_parsing:
            raise UsageError(f"there is no command {cmd_name!r}", hint=self._meant(cmd_name))
        return found

    def _meant(self, word: str) -> str:
        """What somebody may have meant who left out the verb, or mistyped it."""
        from jobctl import registry

        if word in registry.names():
            return f"jobctl get {word} ID looks at a job, jobctl list {word} lists them"
        if "/" in word or word.startswith("@"):
            return f"jobctl get {word} looks at a job"
        return did_you_mean(word, self.commands)


app = typer.Typer(
    name="jobctl",
    help="One command line for remote jobs: look at them, wait for them, trust the exit code.\n\n"
    "It only reads. Try it without an account: jobctl get cognite 123 --wait --profile sandbox\n\n"
    "What commands share, such as --profile and --json, may stand before the command, too.",
    cls=Commands,
    add_completion=False,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"jobctl {__version__}")
        raise typer.Exit


def _options(context: typer.Context, **_: Any) -> None:
    show_help_alone(context)


# taken before typer sees it, wherever it stands
_PROVIDER_FILE = option(
    "provider_file",
    list[Path] | None,
    None,
    OPTION,
    metavar="FILE",
    help="A provider's YAML file; may be repeated, here or after the command.",
)
_VERSION = option(
    "version", bool, False, "--version", callback=_version, is_eager=True, help="Show the version."
)
# of all the options that may stand here, those that choose no job and no format are shown
_SHOWN = ("context", "replay", "speed")
app.callback()(
    command(
        _options,
        [
            *(one for one in SHOWING if one.name in _SHOWN),
            *hidden(one for one in SHOWING if one.name not in _SHOWN),
            _PROVIDER_FILE,
            _VERSION,
        ],
    )
)


def _commands(ctx: typer.Context, incomplete: str) -> Iterator[tuple[str, str]]:
    from jobctl.cli.offers import commands

    root = ctx.find_root().command
    yield from commands(root, ctx.params.get("command") or [], incomplete)


@app.command("help", help="Show the help of a command.")
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


@app.command("version", help="Show the version.")
def _show_version() -> None:
    _version(wanted=True)


for noun in (
    jobs,
    listing,
    results,
    logs,
    page,
    facts,
    config,
    auth,
    doctor,
    history,
    api,
    sandbox,
    completion,
):
    noun.add_to(app)


@cache
def program() -> Any:
    """The program as the parser knows it."""
    return typer.main.get_command(app)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code of the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Loading modules makes much and drops little: looking for garbage meanwhile only takes time,
    # and at the end, when all of it goes anyway, a seventh of a short command's.
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    listen()
    code: int = ExitCode.OK
    with steady_streams():
        try:
            code = _run(words)
            sys.stdout.flush()
        except ReaderGone:
            return code
        except Interrupted as interrupted:
            return interrupted.exit_code
        except OutputError as lost:
            # after SIGHUP there is no terminal to write to, and nobody to tell
            return code if code == ExitCode.SIGHUP else _tell(lost.told(), words)
    return code


def _run(words: list[str]) -> int:
    try:
        if completion.COMPLETE in os.environ:
            sys.stdout.writelines(f"{line}\n" for line in completion.answer(program(), os.environ))
            return ExitCode.OK
        own = use_providers(words)
        return int(program().main(own, "jobctl", standalone_mode=False, obj=words) or 0)
    except JobctlError as error:
        return _tell(error, words)
    except _Complaint as complaint:
        context = getattr(complaint, "ctx", None)
        path = context.command_path if context else "jobctl"
        text = complaint.format_message()
        return _tell(UsageError(text.rstrip("."), hint=f"see `{path} --help`"), words)
    except OutputError:
        raise
    except Exception as error:  # noqa: BLE001 - the last resort: a defect is reported, not dumped
        return _tell(_defect(error, words), words)


def _tell(error: JobctlError, words: list[str]) -> int:
    from jobctl.render.messages import error_line

    error_line(terminal().err, error, format_in(words))
    return error.exit_code


def _defect(error: Exception, words: list[str]) -> JobctlError:
    """A defect of jobctl: where it happened, without values; the whole of it with -vv."""
    import traceback

    from jobctl.masking.texts import masked
    from jobctl.render.clean import clean_lines

    if sum(word.count("v") for word in words if re.fullmatch("-v+", word)) > 1:
        for line in clean_lines(masked("".join(traceback.format_exception(error)))):
            terminal().err.write(f"{line}\n")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition(os.sep)[2]}:{frame.lineno}"
    return JobctlError(
        f"a defect of jobctl {__version__}: {type(error).__name__} in {place}",
        hint="please report it, with what -vv adds",
    )
