"""What the command line asks of a look at jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from jobctl.commands import Shared
from jobctl.commands.look.condition import Condition
from jobctl.commands.reports import Reporting
from jobctl.stream.outcome import Wish
from jobctl.stream.watch import Limits


class LookRequest(NamedTuple):
    """What the command line asks; `jobs` are full references or a provider's.

    `alone` shows one job as an object, not as an array of one; `watch` is a wait with a live view
    on standard output, where that is a terminal; `words` are those of the command line.
    """

    jobs: Sequence[str]
    provider: str | None = None
    options: Mapping[str, str | bool] = MappingProxyType({})
    alone: bool = False
    raw: bool = False
    wait: bool = False
    watch: bool = False
    limits: Limits = Limits()
    wish: Wish = Wish()
    condition: Condition | None = None
    exit_status: bool = False
    notify: bool = False
    reporting: Reporting = Reporting()
    words: Sequence[str] = ()
    shared: Shared = Shared()
