"""The command that goes on with a wait that was left."""

import math
import shlex
from collections.abc import Iterator, Sequence


def resume(words: Sequence[str], refs: Sequence[str], left: float | None) -> str:
    """The command, as a shell reads it, from the words of the one that was left.

    The jobs stay the same, those that have ended among them: they count for the exit code. `refs`
    stand for those from standard input, and the timeout is what is `left` of it, in seconds.
    """
    return shlex.join(["jobctl", *_told(words, refs, left)])


def _told(words: Sequence[str], refs: Sequence[str], left: float | None) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word == "-":
            yield from (ref for ref in refs if ref not in words)
        elif left is not None and word.partition("=")[0] == "--timeout":
            if word == "--timeout":
                next(rest, None)
            yield from ("--timeout", f"{max(math.ceil(left), 1)}s")
        else:
            yield word
