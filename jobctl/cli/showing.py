"""The options that all commands have which look at jobs, and their values."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from jobctl import formats
from jobctl.cli import complete
from jobctl.cli.options import group, option, output, switch
from jobctl.commands import Shared, Tape
from jobctl.errors import UsageError
from jobctl.formats import OF_JOBS, Format

SHOWING = (
    inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
    *group(
        "What",
        option(
            "--profile NAME",
            "-p",
            help="Which profile; `sandbox` is built in.",
            autocompletion=complete.profiles,
        ),
        option(
            "--set NAME=VALUE",
            name="set_",
            type_=list[str] | None,
            help="A setting for this call; never a secret.",
            autocompletion=complete.settings,
        ),
    ),
    *group(
        "Output",
        output(OF_JOBS),
        switch("--json", help="The same as -o json."),
        option(
            "--query EXPR",
            "-q",
            help="A JMESPath expression over the output (each line of ndjson); -o text is plain.",
        ),
        option(
            "--columns A,B,C",
            "-c",
            help="Columns of table, csv and tsv, by JSON field path such as progress.percent.",
            autocompletion=complete.columns,
        ),
        switch(
            "--raw",
            help="Add the service's own body, without secrets; `-o raw` is the body byte for byte.",
        ),
        switch("--show-signed-urls", help="Do not mask pre-signed URLs."),
        option(
            "--verbose",
            "-v",
            type_=int,
            default=0,
            count=True,
            show_default=False,
            help="A line for each request on standard error; -vv adds headers.",
        ),
        switch(
            "--curl",
            help="Ask nothing: show the first request as a line for curl, secrets as variables.",
        ),
        switch("--quiet", help="Nothing on standard error but errors."),
        switch("--no-input", help="Never prompt."),
        switch("--no-color", help="No colour, like the variable NO_COLOR."),
    ),
    *group(
        "Recordings",
        option(
            "--record FILE",
            help="Keep the exchange with the service in a new file, without secrets.",
        ),
        option(
            "--replay FILE",
            help="Answer from this recording: no network, no credentials, no configuration.",
        ),
        option("--speed Nx", help="How fast the recording's time passes, such as 60x."),
    ),
)


def shared(given: dict[str, Any]) -> Shared:
    """The values of `SHOWING`, and of `--output-file`, whose ending may tell the format."""
    names = ("profile", "query", "show_signed_urls", "quiet", "no_color", "curl")
    return Shared(
        **{name: given[name] for name in names},
        verbose=0 if given["quiet"] else given["verbose"],
        overrides=overrides(given["set_"] or []),
        format=format_of(given),
        columns=None if given["columns"] is None else _columns(given["columns"]),
        tape=_tape(given),
    )


def format_of(given: Mapping[str, Any]) -> str:
    """The format that is asked for, by its name or by what else is asked.

    Raises:
        UsageError: two are asked for.
    """
    output, json = given["output"], given["json"]
    if json and output not in (None, Format.JSON):
        raise UsageError(f"--json does not go with -o {output}")
    if output is not None:
        return str(output.value)
    return _untold(json=json, query=given["query"], file=given.get("output_file"))


def _untold(*, json: bool, query: str | None, file: str | None) -> Format:
    """The format where `-o` does not tell it."""
    if json:
        return Format.JSON
    by_ending = None if file is None else formats.by_ending(file)
    return by_ending or (Format.TABLE if query is None else Format.JSON)


def format_in(words: Sequence[str]) -> str:
    """The same of the words of a command line, also of one that cannot be parsed."""
    output: str | None = None
    query: str | None = None
    file: str | None = None
    for word, following in zip(words, [*words[1:], ""], strict=False):
        name, equals, value = word.partition("=")
        told = value if equals else following
        if name == "--output":
            output = output or told
        elif name == "--query":
            query = told
        elif name == "--output-file":
            file = told
        elif found := re.fullmatch(r"-v*([oq])(.*)", word, re.DOTALL):
            if found[1] == "o":
                output = output or found[2] or following
            else:
                query = found[2] or following
    json = "--json" in words
    return output if output and not json else _untold(json=json, query=query, file=file)


def _columns(text: str) -> list[str]:
    columns = [column.strip() for column in text.split(",")]
    if not all(columns):
        raise UsageError("--columns wants names between its commas")
    return columns


def _tape(given: dict[str, Any]) -> Tape:
    """What records or replays."""
    replay, fast = given["replay"], given["speed"]
    if given["curl"] and (replay or given["record"]) is not None:
        raise UsageError("--curl asks nothing that could be recorded or replayed")
    if fast is not None and replay is None:
        raise UsageError("--speed goes with --replay")
    if replay is not None and given["record"] is not None:
        raise UsageError("--record does not go with --replay")
    words = tuple(_without_commands(given["context"].obj))
    if replay is None:
        return Tape(given["record"], words=words, began=datetime.now(UTC))
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


_SLOWEST, _FASTEST = 1e-3, 1e6


def speed(text: str) -> float:
    """How many times as fast `10x` means.

    Raises:
        UsageError: it is no speed.
    """
    try:
        times = float(text.removesuffix("x"))
    except ValueError:
        times = 0.0
    if not _SLOWEST <= times <= _FASTEST:
        raise UsageError(
            f"--speed: {text!r} is not a speed",
            hint="write it like 10x or 0.5x, from 0.001x to 1000000x",
        )
    return times


def overrides(pairs: list[str]) -> dict[str, str]:
    """The settings that `--set` gives."""
    for pair in pairs:
        if "=" not in pair:
            raise UsageError(f"--set {pair!r} is not NAME=VALUE")
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}
