"""Questions to whoever sits at the terminal; secrets are typed unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from getpass import getpass
from typing import TextIO

from jobctl.accounts import Way
from jobctl.commands import Terminal
from jobctl.config import Setting
from jobctl.config.references import is_reference
from jobctl.errors import UsageError
from jobctl.render.streams import write_line


class Person:
    """Who is asked on standard error and answers on the terminal; `unseen` reads a secret."""

    def __init__(self, terminal: Terminal, unseen: Callable[[str, TextIO], str] = getpass) -> None:
        self._terminal = terminal
        self._unseen = unseen

    @property
    def is_there(self) -> bool:
        """Whether somebody sees what is asked, and can answer."""
        return self._terminal.stdin.isatty() and self._terminal.err.isatty()

    def value(self, setting: Setting, *, others: Sequence[str] = (), known: bool = False) -> str:
        """A value of a setting: one that can be, or none where another can do or one is known."""
        instead = [f"or nothing, to give {' or '.join(others)}"] if others else []
        instead += ["or nothing, to leave it"] * known
        told = "; ".join([setting.help, *instead])
        while True:
            given = self._line(f"{setting.name} ({told}): ", secret=setting.secret)
            complaint = None if is_reference(given) else setting.complaint(given)
            if given and not complaint:
                return given
            if not given and instead:
                return ""
            write_line(self._terminal.err, complaint or f"{setting.name} is needed")

    def way(self, ways: Sequence[Way]) -> Way:
        """One of several ways of signing in."""
        for number, one in enumerate(ways, 1):
            write_line(self._terminal.err, f"{number}) {one.name}: {one.help}")
        while True:
            given = self._line("how do you sign in? ", secret=False)
            for number, one in enumerate(ways, 1):
                if given in (str(number), one.name):
                    return one

    def _line(self, question: str, *, secret: bool) -> str:
        err = self._terminal.err
        try:
            if secret:
                return self._unseen(question, err)
            err.write(question)
            err.flush()
            line = self._terminal.stdin.readline()
        except EOFError:
            line = ""
        except BaseException:
            err.write("\n")  # what is said next has a line of its own
            raise
        if not line:
            raise UsageError("nobody answers any more: nothing was stored")
        return line.strip()
