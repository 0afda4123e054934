"""The providers of installed packages: entry points in the group `jobctl.providers`.

The value of one is a provider class, or a package whose `*.yaml` files declare some.
"""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from jobctl.errors import ConfigError
from jobctl.registry import files
from jobctl.registry.found import Found

if TYPE_CHECKING:
    from jobctl.provider import Provider

GROUP = "jobctl.providers"
_MUST = ("title", "summary", "docs", "account", "ids", "example", "paths", "settings", "states")


def found() -> Iterator[Found]:
    """The providers of all packages; one whose entry point names a class is imported when used."""
    for point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        about = f" {point.dist.version}" if point.dist else ""
        origin = f"plug-in {point.dist.name if point.dist else point.module}{about}"
        if point.attr:
            load = functools.partial(_class, point, origin)
            yield Found(point.name, origin, load, load)
        else:
            yield from files.found(_files(point), origin)


def _files(point: EntryPoint) -> list[Path]:
    """The files of a package, found without importing it."""
    from importlib.util import find_spec

    try:
        spec = find_spec(point.module)
    except (ImportError, ValueError):
        return []
    folders = spec.submodule_search_locations if spec else None
    return [path for folder in folders or () for path in files.below(Path(folder))]


@functools.cache
def _class(point: EntryPoint, origin: str) -> type[Provider]:
    """The class that an entry point names.

    Raises:
        ConfigError: it cannot be imported, or is no provider.
    """
    from jobctl.provider import Provider

    loaded = contained(point, origin)
    if not isinstance(loaded, type) or not issubclass(loaded, Provider):
        raise ConfigError(f"{origin}: {point.value} is no provider class")
    lost = [name for name in _MUST if not hasattr(loaded, name)]
    if lost:
        raise ConfigError(f"{origin}: {point.value} lacks {', '.join(lost)}")
    loaded.name = point.name
    return loaded


def contained(point: EntryPoint, origin: str) -> Any:
    """What an entry point names; what its code prints, raises or exits with stays in here.

    Raises:
        ConfigError: it cannot be imported.
    """
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            loaded: object | ModuleType = point.load()
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"{origin} cannot be imported: {type(error).__name__}: {error}",
            hint=f"mend the package or take it away: it names {point.value}",
        ) from error
    return loaded
