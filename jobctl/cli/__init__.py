"""The command line: words in, exit code out; the one place where an error becomes a message."""

from __future__ import annotations

import atexit
import gc
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.completion
from typer.core import TyperGroup

from jobctl import __version__
from jobctl.cli import completion, config, facts, history, jobs, listing, results, sandbox
from jobctl.cli.options import Replay, Speed, show_help_alone
from jobctl.cli.sources import use_providers
from jobctl.cli.terminal import steady_streams, terminal
from jobctl.errors import ExitCode, Interrupted, JobctlError, ReaderGone, UsageError
from jobctl.render.streams import OutputError
from jobctl.signals import listen

COMPLETE = "_JOBCTL_COMPLETE"
# typer exports the class below which all its complaints about a command line stand only as a base.
_Complaint: Any = typer.BadParameter.__mro__[2]


class Commands(TyperGroup):
    """The commands in the order of their use."""

    def list_commands(self, ctx: Any) -> list[str]:
        order = [
            "get",
            "wait",
            "watch",
            "list",
            "results",
            "providers",
            "config",
            "history",
            "sandbox",
            "exit-codes",
            "completion",
        ]
        return sorted(super().list_commands(ctx), key=order.index)


app = typer.Typer(
    name="jobctl",
    help="One command line for remote jobs: look at them, wait for them, trust the exit code.\n\n"
    "It only reads. Try it without an account: jobctl get cognite 123 --wait --profile sandbox",
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


@app.callback()
def _options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001 - its callback has it
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
    replay: Replay = None,  # noqa: ARG001 - a command reads it from the context
    speed: Speed = None,  # noqa: ARG001 - the same
    provider_file: Annotated[  # noqa: ARG001 - taken before typer sees it, wherever it stands
        list[Path] | None,
        typer.Option(
            "--provider-file",
            metavar="FILE",
            help="A provider's YAML file; may be repeated, here or after the command.",
        ),
    ] = None,
) -> None:
    show_help_alone(context)


for noun in (jobs, listing, results, facts, config, history, sandbox, completion):
    noun.add_to(app)


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
    if COMPLETE in os.environ:
        with suppress(UsageError):
            use_providers(os.environ.get("COMP_WORDS", "").split())
        # the function that registers the protocols is not exported; this one calls it
        typer.completion.get_completion_inspect_parameters()
    try:
        own = use_providers(words)
        return int(app(own, prog_name="jobctl", standalone_mode=False, obj=words) or 0)
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

    error_line(terminal().err, error, _format(words))
    return error.exit_code


def _format(words: list[str]) -> str:
    """The output format that a command line asks for, also one that cannot be parsed."""
    if "--json" in words:
        return "json"
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--output":
            return following
        if found := re.fullmatch(r"(?:--output=|-v*o)(.*)", word):
            return found[1] or following
    return "table"


def _defect(error: Exception, words: list[str]) -> JobctlError:
    """A defect of jobctl: where it happened, without values; the whole of it with -vv."""
    import traceback

    from jobctl.masking.secrets import scrub
    from jobctl.render.clean import clean_lines

    if sum(word.count("v") for word in words if re.fullmatch("-v+", word)) > 1:
        for line in clean_lines(scrub("".join(traceback.format_exception(error)))):
            terminal().err.write(f"{line}\n")
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{frame.filename.rpartition(os.sep)[2]}:{frame.lineno}"
    return JobctlError(
        f"a defect of jobctl {__version__}: {type(error).__name__} in {place}",
        hint="please report it, with what -vv adds",
    )
