"""`jobctl auth`."""

from __future__ import annotations

from typing import Any

import typer

from jobctl.cli import complete
from jobctl.cli.options import command, group, nested, option, output, positional, switch
from jobctl.cli.parsing import Leaf
from jobctl.cli.showing import SHOWING, format_of, overrides
from jobctl.cli.terminal import terminal
from jobctl.commands import Shared
from jobctl.formats import OF_HISTORY, Format

_STATUS = """Show who is signed in where: by what, whose it is, and whether the service accepts it.

Each account that is set up is tried by one cheap request: of all profiles, if no --profile is
named. The exit code is 0 where all are accepted, 4 where one is refused.

Example: jobctl auth status cognite
"""
_LOGIN = """Sign in: asks for what is missing, tries it, and keeps what the service accepts.

Secrets go into the keyring of the system (pip install 'jobctl[keyring]'), all else into the
profile, which is made if it is not there. In the place of a secret a reference such as env:NAME
may be entered. What --set gives is kept, too.

Example: jobctl auth login modzy
"""
_LOGOUT = """Sign out: forget tokens, and the secrets that `auth login` has kept.

Those are what it put into the keyring, and what stands in the profile in plain text. Secrets in
variables and in other files stay, and are told.

Example: jobctl auth logout modzy
"""
_TOKEN = """Show a valid bearer token, for other tools.

Example: curl -H "Authorization: Bearer $(jobctl auth token cognite)" https://...
"""
_ALL = "else all that are set up"
_ASKED = "else it is asked for"
_FORMATS = tuple(one for one in OF_HISTORY if one is not Format.IDS)
_NAMED = tuple(one for one in SHOWING if one.name in ("profile", "verbose", "quiet"))
_SIGNING = (
    option(
        "--auth WAY",
        name="way",
        help="The way of signing in, where there are several.",
        autocompletion=complete.ways,
    ),
    switch("--with-token", help="Read a token from standard input."),
    switch(
        "--insecure-storage",
        name="insecure",
        help="Keep secrets in the configuration file, which is readable for you alone.",
    ),
)
_SET = tuple(one for one in SHOWING if one.name in ("set_", "no_input"))
_QUERIED = tuple(one for one in SHOWING if one.name in ("json", "query"))


def _provider(otherwise: str | None = None) -> Any:
    """Whose account it is about; `otherwise` tells what is done where nobody says."""
    return positional(
        "provider",
        "[PROVIDER]" if otherwise else "PROVIDER",
        f"Whose account; {otherwise}." if otherwise else "Whose account.",
        needed=otherwise is None,
        autocompletion=complete.providers,
    )


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    auth = nested(app, "auth")
    auth.command("status", help=_STATUS, cls=Leaf)(
        command(_status, [_provider(_ALL), *_NAMED, output(_FORMATS), *_QUERIED])
    )
    auth.command("login", help=_LOGIN, cls=Leaf)(
        command(
            _login, [_provider("else it is asked for"), *group("What", *_SIGNING), *_NAMED, *_SET]
        )
    )
    auth.command("logout", help=_LOGOUT, cls=Leaf)(command(_logout, [_provider(_ALL), *_NAMED]))
    auth.command("token", help=_TOKEN, cls=Leaf)(command(_token, [_provider(), *_NAMED]))


def _shared(given: dict[str, Any], **more: Any) -> Shared:
    return Shared(
        profile=given["profile"],
        verbose=0 if given["quiet"] else given["verbose"],
        quiet=given["quiet"],
        **more,
    )


def _status(**given: Any) -> None:
    from jobctl.commands.auth.status import status

    told = _shared(given, format=format_of(given), query=given["query"])
    raise typer.Exit(status(given["provider"], told, terminal()))


def _login(**given: Any) -> None:
    from jobctl.commands.auth.login import LoginRequest, login

    told = _shared(given, overrides=overrides(given["set_"] or []))
    names = ("provider", "way", "with_token", "insecure", "no_input")
    login(LoginRequest(**{name: given[name] for name in names}, shared=told), terminal())


def _logout(**given: Any) -> None:
    from jobctl.commands.auth.logout import logout

    logout(given["provider"], _shared(given), terminal())


def _token(**given: Any) -> None:
    from jobctl.commands.auth.token import token

    token(given["provider"], _shared(given), terminal())
