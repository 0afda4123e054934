"""Asking whoever sits at the terminal: on standard error, one line for each question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from getpass import getpass
from typing import TextIO

from jobctl.commands import Terminal
from jobctl.errors import UsageError
from jobctl.render.messages import note
from jobctl.render.streams import read_line
from jobctl.signals import interruptible

Check = Callable[[str], object]
"""Raises a UsageError for what cannot be an answer."""


class Asker:
    """Asks questions, or where it must not, tells what it would have asked.

    A person who types what cannot be an answer is told why, and asked again; what comes from the
    command line or a pipe and cannot be one is the end. `unseen` reads a line from the terminal
    that nobody shall see there.
    """

    def __init__(
        self, terminal: Terminal, *, asks: bool, unseen: Callable[[str, TextIO], str] = getpass
    ) -> None:
        self._terminal = terminal
        self._asks = asks
        self._unseen = unseen

    def ask(
        self,
        given: str | None,
        option: str,
        question: str,
        default: str | None = None,
        check: Check = str,
    ) -> str:
        """What is given, or the answer; `default` is that of an empty line, and of no question.

        Raises:
            UsageError: there is none of them, or it is refused and nobody can be asked again.
        """
        shown = f" [{default}]" if default else ""
        typing = given is None and self._asks

        def line() -> str:
            return self._line(f"{question}{shown}: ") if typing else ""

        told = default if given is None else given
        return self._answer(
            line, lambda text: _needed(text.strip() or told, option, question), check
        )

    def secret(self, option: str, question: str, check: Check = str) -> str:
        """The answer, which the terminal does not show; from a pipe it is the first line.

        A pipe is read even where nothing shall be asked: somebody has put the secret into it.

        Raises:
            UsageError: there is none, or it is refused and nobody can be asked again.
        """

        def line() -> str:
            if not self._is_person:
                return read_line(self._terminal.stdin)
            return self._unseen_line(f"{question}: ") if self._asks else ""

        return self._answer(
            line, lambda text: _needed(text.rstrip("\r\n") or None, option, question), check
        )

    def agrees(self, question: str) -> bool:
        """Whether the user says yes."""
        return self._asks and self.ask(None, "", f"{question} (y/N)", "").lower() in ("y", "yes")

    @property
    def _is_person(self) -> bool:
        return self._terminal.stdin.isatty()

    def _answer(self, line: Callable[[], str], of: Callable[[str], str], check: Check) -> str:
        while True:
            typed = line()
            answer = of(typed)
            try:
                check(answer)
            except UsageError as error:
                if not typed or not self._is_person:
                    raise
                told = f"{error.message} ({error.hint})" if error.hint else error.message
                note(self._terminal.err, told)
            else:
                return answer

    def _line(self, prompt: str) -> str:
        self._terminal.err.write(prompt)
        self._terminal.err.flush()
        with self._waiting():
            line = read_line(self._terminal.stdin)
        if not line:
            self._terminal.err.write("\n")
        return line

    def _unseen_line(self, prompt: str) -> str:
        try:
            with self._waiting():
                return self._unseen(prompt, self._terminal.err) + "\n"
        except EOFError:
            return ""

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        """Somebody is waited for; who ends it leaves the line of the question."""
        try:
            with interruptible():
                yield
        except BaseException:
            self._terminal.err.write("\n")
            raise


def _needed(answer: str | None, option: str, question: str) -> str:
    if answer is None:
        raise UsageError(f"{option} is lacking", hint=question)
    return answer
