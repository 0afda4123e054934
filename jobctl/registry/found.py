"""A provider as it was found: its name, where it is from, and how to have it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jobctl.provider import Manifest, Provider


class Found(NamedTuple):
    """One provider. Nothing of it is loaded until `manifest` or `provider` is called.

    `origin` is where it is from, for people; `path` the file of one that a file declares.
    """

    name: str
    origin: str
    manifest: Callable[[], type[Manifest]]
    provider: Callable[[], type[Provider]]
    path: Path | None = None
