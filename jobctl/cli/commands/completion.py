"""`jobctl completion`: the scripts that let a shell complete jobctl's command lines.

The scripts, in `jobctl/completions`, hand over the line and show what comes back; what that means
to which shell is told in `shells`. typer's own protocols load rich at every key, and quote nothing.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from jobctl.cli.options import Shell
from jobctl.cli.parsing import COMPLETE, Leaf

_FOLDER = Path(__file__).parents[2] / "completions"
# named as each shell looks for them
_FILES = {
    Shell.BASH: "jobctl.bash",
    Shell.ZSH: "_jobctl",
    Shell.FISH: "jobctl.fish",
    Shell.POWERSHELL: "jobctl.ps1",
}


def script(shell: Shell) -> str:
    """What lets a shell complete jobctl's command lines."""
    return (_FOLDER / _FILES[shell]).read_text(encoding="utf-8")


def answer(root: Any, environ: Mapping[str, str]) -> Iterator[str]:
    """The lines that a shell which asks is answered with; none to one that is not known.

    `root` is the whole program's command.
    """
    from jobctl.cli.offers import Offers, offers
    from jobctl.cli.shells import DIALECTS

    name = environ[COMPLETE].removeprefix("complete_")
    if name not in DIALECTS:
        return
    dialect = DIALECTS[Shell(name)](environ)
    words, incomplete, _, redirected = dialect.line
    # as the shell will do when it runs the line
    own = [os.path.expanduser(word) for word in words[1:]]  # noqa: PTH111 - most are no paths
    found = Offers(files=True) if redirected else offers(root, own, incomplete)
    yield from dialect.lines(found)


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""

    @app.command("completion", cls=Leaf)
    def _completion(
        shell: Annotated[
            Shell, typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell.")
        ],
    ) -> None:
        typer.echo(script(shell), nl=False)
