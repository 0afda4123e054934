"""What each command does: profile, provider, stream and renderer, wired together."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TextIO


class Terminal(NamedTuple):
    """The streams, the environment and the words of the command line that a command runs with."""

    out: TextIO
    err: TextIO
    stdin: TextIO
    environ: Mapping[str, str]
    words: Sequence[str] = ()
