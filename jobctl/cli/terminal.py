"""The process's own streams and environment, for the commands."""

import io
import os
import sys
from typing import Any, TextIO, cast

from jobctl.commands import Terminal


class _Unheard:
    """Standard error, whose reader may go away: nobody hears then, and no command fails for it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError:
            return self._let_go()

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError:
            self._let_go()

    @property
    def buffer(self) -> None:
        """None, so that everything passes through `write`."""
        return None

    def _let_go(self) -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        return 0


def terminal() -> Terminal:
    """The streams as they are now; one that the caller closed swallows or gives nothing."""
    return Terminal(
        sys.stdout or io.StringIO(),
        cast("TextIO", _Unheard(sys.stderr or io.StringIO())),
        sys.stdin or io.StringIO(),
        os.environ,
    )
