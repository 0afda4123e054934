"""The providers that files declare."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from jobctl.registry.found import Found

if TYPE_CHECKING:
    from jobctl.provider import Provider


def found(paths: Iterable[Path], origin: str | None = None) -> Iterator[Found]:
    """The providers of files; nothing is read. `origin` is theirs, else the path of each."""
    for path in paths:
        load = functools.cache(functools.partial(_load, path))
        yield Found(path.stem, origin or str(path), load, load, path)


def below(folder: Path) -> list[Path]:
    """The provider files of a folder, in alphabetical order; none where there is no such folder."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml")
    except OSError:
        return []


def _load(path: Path) -> type[Provider]:
    from jobctl.declared.load import provider_of, spec_of

    return provider_of(spec_of(path))
