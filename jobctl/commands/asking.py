"""Asking whoever sits at the terminal: on standard error, one line for each question."""

from __future__ import annotations

from collections.abc import Callable
from getpass import getpass
from typing import TextIO

from jobctl.commands import Terminal
from jobctl.errors import UsageError
from jobctl.signals import interruptible


class Asker:
    """Asks questions, or where it must not, tells what it would have asked.

    `unseen` reads a line from the terminal that nobody shall see there.
    """

    def __init__(
        self, terminal: Terminal, *, asks: bool, unseen: Callable[[str, TextIO], str] = getpass
    ) -> None:
        self._terminal = terminal
        self._asks = asks
        self._unseen = unseen

    def ask(self, given: str | None, option: str, question: str, default: str | None = None) -> str:
        """What is given, or the answer; `default` is that of an empty line, and of no question.

        Raises:
            UsageError: there is none of them.
        """
        if given is None and self._asks:
            shown = f" [{default}]" if default else ""
            given = self._line(f"{question}{shown}: ").strip() or None
        return _needed(default if given is None else given, option, question)

    def secret(self, option: str, question: str) -> str:
        """The answer, which the terminal does not show; from a pipe it is the first line.

        A pipe is read even where nothing shall be asked: somebody has put the secret into it.

        Raises:
            UsageError: there is none.
        """
        answer = None
        if not self._terminal.stdin.isatty():
            answer = self._terminal.stdin.readline()
        elif self._asks:
            with interruptible():
                answer = self._unseen(f"{question}: ", self._terminal.err)
        return _needed((answer and answer.rstrip("\r\n")) or None, option, question)

    def agrees(self, question: str) -> bool:
        """Whether the user says yes."""
        return self._asks and self.ask(None, "", f"{question} (y/N)", "").lower() in ("y", "yes")

    def _line(self, prompt: str) -> str:
        self._terminal.err.write(prompt)
        self._terminal.err.flush()
        with interruptible():
            line = self._terminal.stdin.readline()
        if not line:
            self._terminal.err.write("\n")
        return line


def _needed(answer: str | None, option: str, question: str) -> str:
    if answer is None:
        raise UsageError(f"{option} is lacking", hint=question)
    return answer
