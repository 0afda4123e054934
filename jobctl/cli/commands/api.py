"""`jobctl api`."""

from __future__ import annotations

from typing import Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import command, group, option, output, positional, switch
from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.formats import OF_ANSWERS, Format

_HELP = """\
PATH is what the service's documentation says, below base_url; {name} in it is the setting of that
name. The whole URL will do as well, of the profile's service alone: credentials go nowhere else.

An answer that is an error is shown, too; the exit code tells it.

Example: jobctl api vas '/v2/{project_id}/services' -f limit=5
"""
_OPTIONS = (
    positional(
        "provider", "PROVIDER", "Whom to ask.", needed=True, autocompletion=complete.providers
    ),
    positional("path", "PATH", "The path, or the whole URL, of what to ask for.", needed=True),
    *group(
        "What",
        option(
            "--field NAME=VALUE",
            "-f",
            type_=list[str] | None,
            help="A parameter for the query of the URL; may be repeated.",
        ),
        switch(
            "--paginate",
            help="All pages: by the header Link, or as the file of a provider tells of this path."
            " Arrays are made one; other documents follow one another, each shown by itself.",
        ),
    ),
    *group(
        "Output",
        switch("--include", "-i", help="Show status and headers, too, without secrets."),
        output(OF_ANSWERS, usual="the body as it came"),
    ),
    *(one for one in SHOWING if one.name not in ("output", "columns", "raw", "no_color")),
)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("api", help=_HELP, cls=Leaf)(command(_run, _OPTIONS))


def _run(**given: Any) -> None:
    from jobctl.commands.api import ApiRequest, api

    told = shared({**given, "columns": None, "no_color": False})
    if told.format == Format.TABLE:
        told = told._replace(format=Format.RAW)
    names = ("provider", "path", "paginate", "include")
    request = ApiRequest(
        **{name: given[name] for name in names}, fields=given["field"] or [], shared=told
    )
    raise typer.Exit(api(request, terminal()))
