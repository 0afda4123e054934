"""`providers check` and `providers schema`: what helps those who write provider files."""

from __future__ import annotations

import json as json_format
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobctl import files, payload, registry
from jobctl.commands import Terminal
from jobctl.declared import examples
from jobctl.declared.language import LANGUAGE
from jobctl.declared.load import provider_of, spec_of
from jobctl.declared.spec import Example, Spec
from jobctl.errors import JobctlError, MistakesError, UsageError, did_you_mean, kind_of
from jobctl.http import MAX_BODY
from jobctl.models import JobRef, JobState
from jobctl.render import open_renderer, table_rows
from jobctl.render.messages import say


def check(paths: Sequence[Path], terminal: Terminal, *, json: bool) -> None:
    """Show what becomes of the examples of provider files, which their names stand for as well.

    Raises:
        UsageError: a name is that of a provider which no file declares.
        MistakesError: a file is wrong, or an example comes out otherwise than it says; all of it.
    """
    told: list[dict[str, Any]] = []
    wrong: list[str] = []
    for path in map(_file, paths):
        try:
            spec = spec_of(path)
        except MistakesError as error:
            wrong.append(error.message)
            continue
        if any(state.ended for state in spec.meaning.reached):
            for text in unsaid(spec):
                say(terminal.err, "warning", f"{path}: {text}")
        else:
            wrong.append(f"{path}: no word says that a job has ended: no wait for one would end")
        for one in examples.outcomes(provider_of(spec), spec):
            wrong += one.mistakes
            told.append(
                {
                    "provider": spec.name,
                    "example": one.example.kind,
                    "of": one.example.of,
                    "outcome": _outcome(one.found),
                    "ok": not one.mistakes,
                }
            )
    if not told and not wrong and not json:
        terminal.out.write("ok, no examples\n")
        return
    if json:
        terminal.out.write(json_format.dumps(told, indent=2, ensure_ascii=False) + "\n")
    elif told:
        header = ("PROVIDER", "EXAMPLE", "OF", "OUTCOME", "OK")
        rows = [[_cell(value) for value in one.values()] for one in told]
        table_rows(terminal.out, header, rows, environ=terminal.environ)
    if wrong:
        raise MistakesError("\n".join(wrong))


def unsaid(spec: Spec) -> Iterator[str]:
    """What no word of a file says of a job."""
    reached = spec.meaning.reached
    if not reached & {JobState.SUCCEEDED, JobState.PARTIAL}:
        yield "no word says that a job has succeeded"
    if JobState.FAILED not in reached:
        yield "no word says that a job has failed"


def _file(path: Path) -> Path:
    """The file of that name, else that of the provider of that name.

    Raises:
        UsageError: there is none.
    """
    name = str(path)
    if path.suffix or os.path.lexists(path):
        return path
    if not registry.known(name):
        hint = "write a file's path such as acme.yaml, or a provider's name"
        told = did_you_mean(name, registry.names(), hint)
        raise UsageError(f"{name}: there is no such file, and no provider of that name", hint=told)
    file = registry.file(name)
    if file is None:
        raise UsageError(
            f"no file declares {name}: it is {registry.origin(name)}",
            hint=f"`jobctl providers show {name}` tells all about it",
        )
    return file


def of_body(path: Path, body: Path, status: int, terminal: Terminal, *, json: bool) -> None:
    """Show the job that the body in a file makes.

    Raises:
        UsageError: there is no such file or provider.
        MistakesError: the provider file is wrong.
        JobctlError: what the body stands for is an error.
    """
    spec = spec_of(_file(path))
    try:
        content = files.read(body, MAX_BODY)
    except OSError as error:
        raise UsageError(f"{body} cannot be read: {error.strerror}") from None
    show_job(spec, content, status, terminal, json=json)


def show_job(spec: Spec, content: bytes, status: int, terminal: Terminal, *, json: bool) -> None:
    """Show the job that a body makes.

    Raises:
        JobctlError: what the body stands for is an error.
    """
    text = payload.words(content)
    root = next((one.default for one in spec.settings if one.name == "base_url"), None)
    settings = {"base_url": root} if root else {}
    answer = {"status": status, "body": text}
    example = Example("id", _made_up(spec).id, (answer,), settings=settings)
    cls = provider_of(spec)
    job = examples.play(cls, spec, example, examples.Script(example, spec.folder))
    if root is None:
        job = replace(job, url=None)  # nothing tells where it lies
    renderer = open_renderer(
        "json" if json else "table",
        terminal.out,
        single=True,
        waiting=False,
        now=lambda: datetime.now(UTC),
        environ=terminal.environ,
    )
    renderer.finish([job], None)


def schema(terminal: Terminal) -> None:
    """Show the JSON Schema of provider files, for editors."""
    terminal.out.write(json_format.dumps(_public(LANGUAGE), indent=2) + "\n")


def _public(schema: Any) -> Any:
    """The schema without the keywords that only jobctl reads."""
    if isinstance(schema, dict):
        return {key: _public(one) for key, one in schema.items() if not key.startswith("x-")}
    return [_public(one) for one in schema] if isinstance(schema, list) else schema


def _made_up(spec: Spec) -> JobRef:
    """A job of the provider, by the examples of its id's parts."""
    return JobRef(spec.name, tuple(part.example or "1" for part in spec.ids))


def _outcome(found: Any) -> str:
    if isinstance(found, JobctlError):
        return f"error: {kind_of(found.exit_code)}"
    if isinstance(found, OSError):
        return "error: no file"
    if isinstance(found, list):
        return f"{len(found)} of them"
    if isinstance(found, str):
        return f"{len(found.splitlines())} lines"
    return str(found.state.value)


def _cell(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
