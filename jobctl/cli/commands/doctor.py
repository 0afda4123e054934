"""`jobctl doctor`."""

from __future__ import annotations

from typing import Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import command, group, option, output, positional, switch
from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.formats import Format

_HELP = """\
It looks at files and their modes, the configuration, provider files and plug-ins, the variables for
proxies and certificates; and of each account that is set up at its settings and credentials, at the
name, the connection, TLS and the clock of its service, and at one request that is signed in.

Example: jobctl doctor modzy --strict
"""
_NOT_OURS = ("output", "columns", "raw", "curl", "no_color", "record", "replay", "speed")
_OPTIONS = (
    positional(
        "provider",
        "PROVIDER",
        "The one to look at; else one for each account that is set up.",
        needed=False,
        autocompletion=complete.providers,
    ),
    *group(
        "What",
        option("--timeout D", default="20s", help="How long an account may take."),
        switch("--strict", help="Let the exit code be that of the first problem."),
    ),
    *group("Output", output((Format.TABLE, Format.JSON, Format.YAML), usual="lines")),
    *(one for one in SHOWING if one.name not in _NOT_OURS),
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("doctor", help=_HELP, cls=Leaf)(command(_run, _OPTIONS))


def _run(**given: Any) -> None:
    from jobctl.commands.doctor import DoctorRequest, doctor
    from jobctl.models import duration

    request = DoctorRequest(
        given["provider"],
        given["strict"],
        duration(given["timeout"], "--timeout"),
        shared({**dict.fromkeys(_NOT_OURS), "output": given["output"], **given}),
    )
    raise typer.Exit(doctor(request, terminal()))
