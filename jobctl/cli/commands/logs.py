"""`jobctl logs`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli.options import group, job, option
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import Made, ProviderGroup, add_verb, own_options, shape, with_options
from jobctl.cli.waiting import WAIT_FIRST, check_waits, limits

if TYPE_CHECKING:
    from jobctl.provider import Manifest

_NOT_OURS = ("output", "json", "query", "columns", "raw")
_OPTIONS = (
    *group(
        "What",
        option("tail", int | None, None, "--tail", metavar="N", min=0, help="The last N lines."),
    ),
    *WAIT_FIRST,
    *group(
        "When it ends",
        option(
            "follow",
            bool,
            False,
            "--follow",
            "-f",
            help="Show what comes until the job has ended.",
        ),
    ),
    *(one for one in SHOWING if one.name not in _NOT_OURS),
)


class _Logs(ProviderGroup):
    """`jobctl logs`."""

    passed = _OPTIONS

    def list_commands(self, ctx: Any) -> list[str]:
        from jobctl import registry

        facts = registry.facts()
        return [name for name in super().list_commands(ctx) if "logs" in facts[name].verbs]

    def made(self, name: str, provider: type[Manifest]) -> Made:
        text = (
            f"{provider.title}: what a job wrote.\n\n"
            f"A job is {shape(provider)}, a full reference, or its API URL.\n\n"
            f"Example: jobctl logs {name} {provider.example} --tail 20"
        )
        own = own_options(provider, "logs")
        others = [job(shape(provider), name), *_OPTIONS]
        return text, with_options(lambda **given: _run(name, **given), own, others)

    def made_for_job(self, own: Sequence[inspect.Parameter]) -> Made:
        text = "Show what a job wrote.\n\nExample: jobctl logs ray/raysubmit_1 --follow"
        others = [job("JOB", None), *self.passed]
        return text, with_options(lambda **given: _run(None, **given), own, others)


def _run(provider: str | None, options: dict[str, str | bool], **given: Any) -> None:
    from jobctl.commands.logs import LogsRequest, logs

    waits = given["wait"] or given["follow"]
    if not waits:
        check_waits(given)
    told = {"output": None, "json": False, "query": None, "columns": None, "raw": False}
    request = LogsRequest(
        given["job"],
        provider,
        options,
        given["tail"],
        follow=given["follow"],
        wait=limits(given) if waits else None,
        shared=shared({**told, **given}),
    )
    raise typer.Exit(logs(request, terminal()))


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_verb(app, "logs", _Logs)
