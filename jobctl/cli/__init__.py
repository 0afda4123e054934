"""The command line: words in, exit code out; the one place where an error becomes a message."""

from __future__ import annotations

import atexit
import gc
import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import typer

from jobctl import __version__
from jobctl.cli.options import command, option, show_help_alone, switch
from jobctl.cli.parsing import COMPLETE, Offering, hidden, words_before
from jobctl.cli.showing import SHOWING, format_in
from jobctl.cli.sources import OPTION, use_providers
from jobctl.cli.terminal import steady_streams, terminal
from jobctl.errors import ExitCode, Interrupted, JobctlError, ReaderGone, UsageError, did_you_mean
from jobctl.render.streams import OutputError
from jobctl.signals import listen

# typer exports the class below which all its complaints about a command line stand only as a base.
_Complaint: Any = typer.BadParameter.__mro__[2]


# The commands in the order of their use, and what begins their help. Each has the module of its
# name, which is loaded when the command is asked for: a start costs what it uses.
COMMANDS = {
    "get": "Look at jobs once; --wait for their end, or --watch them live.",
    "wait": "Wait for any mix of providers until every job has ended.",
    "watch": "Watch any mix of providers live until every job has ended.",
    "list": "List jobs; without a provider, those of all that are set up.",
    "results": "Bring the records that a job produced.",
    "logs": "Show what a job wrote, where the service gives it.",
    "open": "Open the page of a job in a browser.",
    "providers": "Show the providers: those set up, yours, and the catalogue.",
    "config": "Show where the configuration is; show, check and change it.",
    "auth": "Sign in, see who is signed in, sign out.",
    "doctor": "Say what is wrong with this set-up, and what mends it.",
    "history": "Show the jobs seen lately, newest first.",
    "api": "Ask a service by one GET, signed in; show the body as it came.",
    "sandbox": "Serve the built-in services on loopback until stopped.",
    "exit-codes": "Show what each exit code means.",
    "completion": "Show a shell's completion script.",
    "help": "Show the help of a command.",
    "version": "Show the version.",
}


# What other tools call them, and what would be ones that jobctl has not.
_CALLED = {
    **dict.fromkeys(("describe", "inspect", "show", "status"), "get"),
    **dict.fromkeys(("jobs", "ls", "ps"), "list"),
    **dict.fromkeys(("download", "fetch", "output"), "results"),
    **{one: f"auth {one}" for one in ("login", "logout", "token")},
    "check": "doctor",
    "init": "config init",
    "tail": "logs --tail",
}
_CHANGES = frozenset(
    {"cancel", "create", "delete", "rerun", "restart", "retry", "run", "start", "stop", "submit"}
)


class Commands(Offering):
    """The commands, each made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in COMMANDS:
            return _made(cmd_name)
        if ctx.resilient_parsing:
            return None
        raise UsageError(f"there is no command {cmd_name!r}", hint=_meant(cmd_name))

    def offered(self, ctx: Any, incomplete: str) -> Iterator[tuple[str, str]]:  # noqa: ARG002
        yield from COMMANDS.items()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as above
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@cache
def _made(name: str) -> Any:
    """A command as the parser knows it."""
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    import_module(f"jobctl.cli.commands.{name.replace('-', '_')}").add_to(alone)
    made = typer.main.get_group(alone).commands[name]
    made.help = f"{COMMANDS[name]}\n\n{made.help or ''}"
    return made


def _meant(word: str) -> str:
    """What somebody may have meant who left out the verb, or mistyped it."""
    from jobctl import registry

    if registry.known(word):
        lists = "list" in registry.facts()[word].verbs
        more = f", jobctl list {word} lists them" if lists else ""
        return f"jobctl get {word} ID looks at a job{more}"
    if "/" in word or word.startswith("@"):
        import shlex

        return f"{shlex.join(['jobctl', 'get', word])} looks at a job"
    if word in _CHANGES:
        return "jobctl only reads: it starts, cancels and changes no job"
    called = _CALLED.get(word)
    return f"did you mean {called}?" if called else did_you_mean(word, COMMANDS)


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
        from jobctl.cli.commands.version import show

        show()
        raise typer.Exit


def _options(context: typer.Context, **_: Any) -> None:
    show_help_alone(context)


# taken before typer sees it, wherever it stands
_PROVIDER_FILE = option(
    f"{OPTION} FILE",
    type_=list[Path] | None,
    help="A provider's YAML file; may be repeated, here or after the command.",
)
_VERSION = switch("--version", callback=_version, is_eager=True, help="Show the version.")
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


@cache
def program() -> Any:
    """The program as the parser knows it."""
    return typer.main.get_command(app)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line; the exit code of the process."""
    words = list(sys.argv[1:] if argv is None else argv)
    # Looking for garbage at the end, when all of it goes anyway, is a seventh of a short command.
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
        if COMPLETE in os.environ:
            from jobctl.cli.commands.completion import answer

            sys.stdout.writelines(f"{line}\n" for line in answer(program(), os.environ))
            return ExitCode.OK
        own = use_providers(words)
        return int(program().main(own, "jobctl", standalone_mode=False, obj=words) or 0)
    except JobctlError as error:
        return _tell(error, words)
    except _Complaint as complaint:
        return _tell(_usage_error(complaint), words)
    except OutputError:
        raise
    except MemoryError:
        hint = "let jobctl have some more (ulimit -v, or the container's limit)"
        return _tell(JobctlError("there is not enough memory for that", hint=hint), words)
    except Exception as error:  # noqa: BLE001 - the last resort: a defect is reported, not dumped
        return _tell(_defect(error, words), words)


def _usage_error(complaint: Any) -> UsageError:
    context = getattr(complaint, "ctx", None)
    path = context.command_path if context else "jobctl"
    # a choice is told on lines of its own
    text = " ".join(complaint.format_message().split()).rstrip(".")
    text = text.replace("is not a valid int range", "is not a whole number")
    before = words_before(context) if context and text.startswith("No such option") else []
    if any(word.startswith(complaint.option_name) for word in before):
        text = f"{complaint.option_name} does not go with {path.removeprefix('jobctl ')}"
    return UsageError(text, hint=f"see `{path} --help`")


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
