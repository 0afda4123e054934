"""Questions to whoever sits at the terminal; secrets are typed unseen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from getpass import getpass
from typing import TextIO

from jobctl import registry
from jobctl.accounts import Way
from jobctl.commands import Terminal
from jobctl.commands.auth import KEYRING, SERVICE
from jobctl.config import Setting
from jobctl.config.node import judge
from jobctl.errors import AuthError, ConfigError, UsageError, did_you_mean
from jobctl.render.streams import read_line, write_line


class Person:
    """Who is asked on standard error and answers on the terminal; `unseen` reads a secret."""

    def __init__(self, terminal: Terminal, unseen: Callable[[str, TextIO], str] = getpass) -> None:
        self._terminal = terminal
        self._unseen = unseen

    @property
    def is_there(self) -> bool:
        """Whether somebody sees what is asked, and can answer."""
        return self._terminal.stdin.isatty() and self._terminal.err.isatty()

    def tell_of_no_keyring(self) -> None:
        """Say that a secret could not be kept, before somebody types it for nothing."""
        try:
            KEYRING.get(SERVICE, "")
        except AuthError as error:
            for line in (f"warning: {error.message}", f"hint: {error.hint}"):
                write_line(self._terminal.err, line)

    def value(self, setting: Setting, *, others: Sequence[str] = (), known: bool = False) -> str:
        """A value of a setting: one that can be, or none where another can do or one is known."""
        instead = [f"or nothing, to give {' or '.join(others)}"] if others else []
        instead += ["or nothing, to leave it"] * known
        told = "; ".join([setting.help, *instead])
        while True:
            given = self._line(f"{setting.name} ({told}): ", secret=setting.secret)
            if not given and instead:
                return ""
            try:
                if given:
                    judge(setting, given)
                    return given
                complaint = f"{setting.name} is needed"
            except ConfigError as error:
                complaint = error.message
            write_line(self._terminal.err, complaint)

    def provider(self) -> str:
        """Whose service it is: any by its name, one that is not of the catalogue by its number."""
        names = registry.names()
        near = [one for one in names if registry.origin(one) != "catalogue"]
        far = [one for one in names if one not in near]
        shown = [f"{one}: {registry.title(one)}" for one in near]
        more = f"or one of {len(far)} more, by name: `jobctl providers --all` shows them"
        return [*near, *far][self._index("where do you sign in? ", shown, [*near, *far], more)]

    def way(self, ways: Sequence[Way]) -> Way:
        """One of several ways of signing in."""
        shown = [f"{one.name}: {one.help}" for one in ways]
        return ways[self._index("how do you sign in? ", shown, [one.name for one in ways])]

    def _index(
        self, question: str, shown: Sequence[str], names: Sequence[str], more: str = ""
    ) -> int:
        """Which of the names is meant: it may be entered, or the number with which it is shown."""
        for number, text in enumerate(shown, 1):
            write_line(self._terminal.err, f"{number}) {text}")
        if more:
            write_line(self._terminal.err, more)
        numbers = [str(number) for number in range(1, len(shown) + 1)]
        while True:
            given = self._line(question, secret=False)
            for known in (numbers, names):
                if given in known:
                    return known.index(given)
            write_line(self._terminal.err, did_you_mean(given, names, "enter a number or a name"))

    def _line(self, question: str, *, secret: bool) -> str:
        err = self._terminal.err
        try:
            if secret:
                return self._unseen(question, err)
            err.write(question)
            err.flush()
            line = read_line(self._terminal.stdin)
        except EOFError:
            line = ""
        except BaseException:
            err.write("\n")  # what is said next has a line of its own
            raise
        if not line:
            raise UsageError("nobody answers any more: nothing was stored")
        return line.strip()
