"""`providers check` and `providers schema`: what helps those who write provider files."""

from __future__ import annotations

import json as json_format
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jobctl import files
from jobctl.commands import Terminal
from jobctl.declared import examples
from jobctl.declared.language import LANGUAGE
from jobctl.declared.load import provider_of, spec_of
from jobctl.declared.spec import Example, Spec
from jobctl.errors import JobctlError, MistakesError, UsageError, kind_of
from jobctl.http import MAX_BODY
from jobctl.models import JobRef
from jobctl.render import open_renderer, table_rows


def check(paths: Sequence[Path], terminal: Terminal, *, json: bool) -> None:
    """Show what becomes of the examples of provider files.

    Raises:
        MistakesError: a file is wrong, or an example comes out otherwise than it says; all of it.
    """
    told: list[dict[str, Any]] = []
    wrong: list[str] = []
    for path in paths:
        try:
            spec = spec_of(path)
        except MistakesError as error:
            wrong.append(error.message)
            continue
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


def of_body(path: Path, body: Path, status: int, terminal: Terminal, *, json: bool) -> None:
    """Show the job that the body in a file makes.

    Raises:
        MistakesError: the provider file is wrong.
        JobctlError: what the body stands for is an error.
    """
    try:
        content = files.read(body, MAX_BODY)
    except OSError as error:
        raise UsageError(f"{body} cannot be read: {error.strerror}") from None
    show_job(spec_of(path), content, status, terminal, json=json)


def show_job(spec: Spec, content: bytes, status: int, terminal: Terminal, *, json: bool) -> None:
    """Show the job that a body makes.

    Raises:
        JobctlError: what the body stands for is an error.
    """
    text = content.decode("utf-8-sig", "replace")
    example = Example("id", _made_up(spec).id, ({"status": status, "body": text},))
    cls = provider_of(spec)
    job = examples.play(cls, spec, example, examples.Script(example, spec.folder))
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
