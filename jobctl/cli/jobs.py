"""`jobctl get` and `jobctl wait`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli.options import ONCE, SHOWING, WAITING, asked, command, jobs
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import ProviderGroup, add_verb, own_options, shape, with_options
from jobctl.errors import UsageError
from jobctl.models import duration

if TYPE_CHECKING:
    from jobctl.provider import Provider

_WAIT_HELP = """Wait for any mix of providers until every job has ended.

The exit code is that of the worst: 0 succeeded, 10 failed, 11 cancelled, 12 partial, 124 timeout;
`jobctl exit-codes` lists them all.

Example: jobctl wait cognite/123 modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5 --timeout 30m
"""


def _run(provider: str | None, options: Mapping[str, str | bool], **given: Any) -> None:
    from jobctl.commands.look import Request, look

    times = {
        name: None if given[name] is None else duration(given[name])
        for name in ("timeout", "interval", "outage", "allow_missing")
    }
    if times["interval"] == 0:
        raise UsageError("--interval must be longer than 0")
    waiting = given.pop("wait", True)
    if not waiting and (given["timeout"] or given["interval"]):
        raise UsageError("--timeout and --interval go with --wait")
    request = Request(
        jobs=given["jobs"],
        provider=provider,
        options=options,
        raw=given["raw"],
        wait=waiting,
        timeout=times["timeout"],
        interval=times["interval"],
        outage=times["outage"] or 0.0,
        allow_missing=times["allow_missing"] or 0.0,
        exit_status=given.get("exit_status", False),
        partial_ok=given["partial_ok"],
        **asked(given),
    )
    raise typer.Exit(look(request, terminal()))


class _Get(ProviderGroup):
    """`jobctl get`."""

    def made(self, name: str, provider: type[Provider]) -> tuple[str, Callable[..., None]]:
        text = (
            f"{provider.title}: {(provider.__doc__ or '').splitlines()[0]}\n\n"
            f"A job is {shape(provider)}, a full reference, its API URL, or `-` for standard"
            " input.\n\n"
            f"Service life: {provider.life}.\n\n"
            f"Example: jobctl get {name} {provider.example} --wait"
        )
        own = own_options(provider, "get")
        others = [
            jobs(f"{shape(provider)}...", "The jobs to look at.", name),
            *ONCE,
            *WAITING,
            *SHOWING,
        ]
        return text, with_options(lambda **given: _run(name, **given), own, others)


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    add_verb(app, "get", _Get, "Look at jobs once; with --wait until they have ended.")
    app.command("wait", help=_WAIT_HELP)(
        command(
            lambda **given: _run(None, {}, **given),
            [
                jobs("JOB...", "Full references or API URLs, or `-` for standard input.", None),
                *WAITING,
                *SHOWING,
            ],
        )
    )
