"""What each command does: profile, provider, stream and renderer, wired together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from jobctl.http.replay import Recording


class Terminal(NamedTuple):
    """The streams and the environment that a command runs in."""

    out: TextIO
    err: TextIO
    stdin: TextIO
    environ: Mapping[str, str]


class Tape(NamedTuple):
    """Where the exchange is recorded, or what is replayed and how fast.

    `words` are those of the command, `began` is when it began, or when the recorded one did.
    """

    record: str | None = None
    replay: Recording | None = None
    speed: float = 1.0
    words: Sequence[str] = ()
    began: datetime = datetime.now(UTC)


class Shared(NamedTuple):
    """What is asked in the same way of all commands that look at jobs."""

    profile: str | None = None
    overrides: Mapping[str, str] = MappingProxyType({})
    format: str = "table"
    query: str | None = None
    columns: Sequence[str] | None = None
    show_signed_urls: bool = False
    verbose: int = 0
    quiet: bool = False
    no_color: bool = False
    tape: Tape = Tape()
    curl: bool = False
