"""The command that goes on with a wait that was left."""

import math
import shlex
from collections.abc import Iterator, Mapping, Sequence

_MANY = 10


def resume(
    words: Sequence[str], jobs: Sequence[str], refs: Sequence[str], left: float | None
) -> str:
    """The command, as a shell reads it, from the words of the one that was left.

    The jobs stay the same, those that have ended among them: they count for the exit code. `refs`
    are those that the words `jobs` have named: they stand for numbers of the history, and for what
    standard input told unless they are many. The timeout is what is `left` of it, in seconds.
    """
    # the history's numbers are others by now
    numbers = {} if "-" in jobs else {job: [ref] for job, ref in zip(jobs, refs, strict=False)}
    others = [ref for ref in refs if ref not in words]
    many = "-" in jobs and len(others) > _MANY
    named = numbers if many else {**numbers, "-": others}
    told = shlex.join(["jobctl", *_told(words, named, left)])
    return f"{told}, and the same jobs on standard input" if many else told


def _told(
    words: Sequence[str], named: Mapping[str, Sequence[str]], left: float | None
) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word == "-" or word.startswith("@"):
            yield from named.get(word, [word])
        elif left is not None and word.partition("=")[0] == "--timeout":
            if word == "--timeout":
                next(rest, None)
            yield from ("--timeout", f"{max(math.ceil(left), 1)}s")
        else:
            yield word
