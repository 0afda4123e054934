"""`jobctl open`."""

from __future__ import annotations

from typing import Any

import typer

from jobctl.cli.options import command, jobs, named
from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import SHOWING, shared
from jobctl.cli.terminal import terminal
from jobctl.errors import UsageError

_FORMS = ("output", "json", "query", "columns", "raw", "show_signed_urls")
_HELP = """\
On a pipe, or where there is no browser, its address is printed.

Example: jobctl open github-actions/octo/repo/99"""


def _run(**given: Any) -> None:
    import webbrowser

    from jobctl.commands.page import open_page

    provider, words = named(given["jobs"])
    if len(words) > 1:
        raise UsageError("open takes one job", hint="see `jobctl open --help`")
    told = shared({**dict.fromkeys(_FORMS), **given})
    raise typer.Exit(open_page(words[0], told, terminal(), webbrowser.open, provider))


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    parameters = [
        jobs("JOB", "The job.", None),
        *(one for one in SHOWING if one.name not in _FORMS),
    ]
    app.command("open", help=_HELP, cls=Leaf)(command(_run, parameters))
