"""`jobctl get`, `jobctl wait` and `jobctl watch`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli.options import command, jobs
from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.cli.verbs import Made, ProviderGroup, add_verb, own_options, shape, with_options
from jobctl.cli.waiting import ONCE, WAITING, check_waits, limits, wish
from jobctl.signals import deferred

if TYPE_CHECKING:
    from jobctl.provider import Manifest

_WAIT_HELP = """Wait for any mix of providers until every job has ended.

The exit code is that of the worst: 0 succeeded, 10 failed, 11 cancelled, 12 partial, 124 timeout;
`jobctl exit-codes` lists them all.

Example: jobctl wait cognite/123 modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5 --timeout 30m
"""
_GET_HELP = """Look at jobs once; --wait for their end, or --watch them live.

A job is a full reference such as cognite/123, @1 (the newest of `jobctl history`), its API URL, or
`-` for standard input; after its provider's name the id is enough.

Example: jobctl get cognite/123 slurm/4711 --wait
"""
_WATCH_HELP = """Watch any mix of providers live until every job has ended.

q or Ctrl-C leaves, and tells the command that goes on. The last picture stays on the terminal.

Where standard output is no terminal, or another format than the table is asked for, this is
`jobctl wait`.

Example: jobctl watch cognite/123 modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5
"""


def _run(
    provider: str | None,
    options: Mapping[str, str | bool],
    *,
    wait: bool = False,
    watch: bool = False,
    alone: bool = False,
    **given: Any,
) -> None:
    with deferred():  # a signal that comes while modules are loaded ends the look, not the document
        from jobctl.commands.look import look
        from jobctl.commands.look.condition import Condition
        from jobctl.commands.look.request import LookRequest
        from jobctl.commands.reports import Reporting

        if not (wait or watch):
            check_waits(given)
        request = LookRequest(
            jobs=given["jobs"],
            provider=provider,
            options=options,
            alone=alone,
            raw=given["raw"],
            wait=wait or watch,
            watch=watch,
            limits=limits(given),
            wish=wish(given),
            condition=None if given["for_"] is None else Condition(given["for_"]),
            exit_status=given.get("exit_status", False),
            notify=given["notify"],
            reporting=Reporting(given["junit"], given["ci"], given["on_done"]),
            words=given["context"].obj,
            shared=shared(given),
        )
        code = look(request, terminal())
    raise typer.Exit(code)


class _Get(ProviderGroup):
    """`jobctl get`."""

    words = "[PROVIDER] JOB..."
    passed = (*ONCE, *WAITING, *SHOWING)

    def made(self, name: str, provider: type[Manifest]) -> Made:
        text = (
            f"{provider.title}: {provider.summary}\n\n"
            f"A job is {shape(provider)}, a full reference, its API URL, or `-` for standard"
            " input.\n\n"
            + (f"Service life: {provider.life}.\n\n" if provider.life else "")
            + f"Example: jobctl get {name} {provider.example} --wait"
        )
        return self._made(text, f"{shape(provider)}...", name, own_options(provider, "get"))

    def made_for_job(self, own: Sequence[inspect.Parameter]) -> Made:
        text = "Look at jobs of any mix of providers.\n\nExample: jobctl get cognite/123 @1 --wait"
        return self._made(text, "JOB...", None, own)

    def _made(
        self, text: str, metavar: str, name: str | None, own: Sequence[inspect.Parameter]
    ) -> Made:
        what = jobs(metavar, "The jobs to look at.", name)

        def run(**given: Any) -> None:
            _run(name, alone=True, **given)

        return text, with_options(run, own, [what, *self.passed])


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    add_verb(app, "get", _Get, _GET_HELP)
    for verb, told in (("wait", _WAIT_HELP), ("watch", _WATCH_HELP)):
        app.command(verb, help=told, cls=Leaf)(
            command(
                functools.partial(_run, None, {}, **{verb: True}),
                [
                    jobs("JOB...", "Full references or API URLs, or `-` for standard input.", None),
                    *WAITING,
                    *SHOWING,
                ],
            )
        )
