"""`jobctl get`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from jobctl.cli.looking import look
from jobctl.cli.options import jobs
from jobctl.cli.showing import SHOWING
from jobctl.cli.verbs import Made, ProviderGroup, add_verb, own_options, shape, with_options
from jobctl.cli.waiting import ONCE, WAITING

if TYPE_CHECKING:
    from jobctl.provider import Manifest

_HELP = """\
A job is a full reference such as cognite/123, @1 (the newest of `jobctl history`), its API URL, or
`-` for standard input; after its provider's name the id is enough.

Example: jobctl get cognite/123 slurm/4711 --wait
"""


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
            look(name, alone=True, **given)

        return text, with_options(run, own, [what, *self.passed])


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_verb(app, "get", _Get, _HELP)
