"""`jobctl get`, `jobctl wait` and `jobctl watch`."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli.options import ONCE, SHOWING, WAITING, command, jobs, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import ProviderGroup, add_verb, own_options, shape, with_options
from jobctl.errors import UsageError, exit_map
from jobctl.models import duration

if TYPE_CHECKING:
    from jobctl.provider import Manifest

_WAIT_HELP = """Wait for any mix of providers until every job has ended.

The exit code is that of the worst: 0 succeeded, 10 failed, 11 cancelled, 12 partial, 124 timeout;
`jobctl exit-codes` lists them all.

Example: jobctl wait cognite/123 modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5 --timeout 30m
"""
_GET_HELP = "Look at jobs once; --wait for their end, or --watch them live."
_WATCH_HELP = """Watch any mix of providers live until every job has ended.

q or Ctrl-C leaves, and tells the command that goes on. The last picture stays on the terminal.

Where standard output is no terminal, or another format than the table is asked for, this is
`jobctl wait`.

Example: jobctl watch cognite/123 modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5
"""
# What only makes sense for a wait.
_WAITING = (
    "timeout", "interval", "any", "fail_fast", "for_", "stall_after", "on_done", "junit", "ci",
    "notify",
)  # fmt: skip


def _run(
    provider: str | None,
    options: Mapping[str, str | bool],
    *,
    wait: bool = False,
    watch: bool = False,
    **given: Any,
) -> None:
    from jobctl.commands.look import look
    from jobctl.commands.look.condition import Condition
    from jobctl.commands.look.request import LookRequest
    from jobctl.commands.reports import Reporting
    from jobctl.stream.outcome import Wish
    from jobctl.stream.watch import Limits

    times = {
        name: None if given[name] is None else duration(given[name], _flag(name))
        for name in ("timeout", "interval", "outage", "allow_missing", "stall_after")
    }
    for name in ("interval", "stall_after"):
        if times[name] == 0:
            raise UsageError(f"{_flag(name)} must be longer than 0")
    for name in _WAITING:
        if given[name] and not (wait or watch):
            raise UsageError(f"{_flag(name)} goes with --wait or --watch")
    request = LookRequest(
        jobs=given["jobs"],
        provider=provider,
        options=options,
        raw=given["raw"],
        wait=wait or watch,
        watch=watch,
        limits=Limits(
            timeout=times["timeout"],
            interval=times["interval"],
            outage=times["outage"] or 0.0,
            allow_missing=times["allow_missing"] or 0.0,
            stall_after=times["stall_after"] or math.inf,
        ),
        wish=Wish(
            any=given["any"],
            fail_fast=given["fail_fast"],
            condition=given["for_"] is not None,
            partial_ok=given["partial_ok"],
            exit_map={} if given["exit_map"] is None else exit_map(given["exit_map"]),
        ),
        condition=Condition(given["for_"]) if given["for_"] is not None else None,
        exit_status=given.get("exit_status", False),
        notify=given["notify"],
        reporting=Reporting(given["junit"], given["ci"], given["on_done"]),
        words=given["context"].obj,
        shared=shared(given),
    )
    raise typer.Exit(look(request, terminal()))


def _flag(name: str) -> str:
    return "--" + name.strip("_").replace("_", "-")


class _Get(ProviderGroup):
    """`jobctl get`."""

    def made(self, name: str, provider: type[Manifest]) -> tuple[str, Callable[..., None]]:
        text = (
            f"{provider.title}: {provider.summary}\n\n"
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
    add_verb(app, "get", _Get, _GET_HELP)
    for verb, told in (("wait", _WAIT_HELP), ("watch", _WATCH_HELP)):
        app.command(verb, help=told)(
            command(
                functools.partial(_run, None, {}, **{verb: True}),
                [
                    jobs("JOB...", "Full references or API URLs, or `-` for standard input.", None),
                    *WAITING,
                    *SHOWING,
                ],
            )
        )
