"""A terminal that tests can read."""

import io
from typing import Any

import pyte


class Emulated(io.StringIO):
    """A terminal that cuts its lines when it gets narrower; `environ` tells its size."""

    def __init__(self, columns: int = 80, lines: int = 24, **environ: str) -> None:
        super().__init__()
        self.environ = {"TERM": "linux", **environ}
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self.screen)
        self.resize(columns, lines)

    def isatty(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    def write(self, text: str) -> int:
        self._stream.feed(text.replace("\n", "\r\n"))
        return super().write(text)

    def resize(self, columns: int, lines: int) -> None:
        """What its user does with the mouse."""
        self.screen.resize(lines, columns)
        self.environ.update(COLUMNS=str(columns), LINES=str(lines))

    @property
    def lines(self) -> list[str]:
        """What is seen, without empty lines."""
        return [line.rstrip() for line in self.screen.display if line.strip()]

    @property
    def row(self) -> int:
        """The line of the cursor, from 0."""
        return int(self.screen.cursor.y)

    def cursor_hidden(self) -> bool:
        return bool(self.screen.cursor.hidden)

    @property
    def title(self) -> str:
        return str(self.screen.title)

    def since(self, mark: int) -> str:
        """What was sent after so many characters."""
        return self.getvalue()[mark:]


class Wrapping(Emulated):
    """A terminal that wraps its lines anew."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        super().__init__(columns, lines, TERM="xterm-256color")

    def resize(self, columns: int, lines: int) -> None:
        cursor: Any = self.screen.cursor
        above = [line.rstrip() for line in self.screen.display[: cursor.y]]
        here = self.screen.display[cursor.y].rstrip()
        hidden = cursor.hidden
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self.screen)
        self._stream.feed("".join(f"{line}\r\n" for line in above))
        self._stream.feed(f"\x1b7{here}\x1b8" + ("\x1b[?25l" if hidden else ""))
        self.environ.update(COLUMNS=str(columns), LINES=str(lines))
