"""What each command does: profile, provider, stream and renderer, wired together."""

from collections.abc import Mapping
from typing import NamedTuple, TextIO


class Terminal(NamedTuple):
    """The streams and the environment that a command runs in."""

    out: TextIO
    err: TextIO
    stdin: TextIO
    environ: Mapping[str, str]
