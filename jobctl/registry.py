"""Which providers there are: the one door through which all of them come.

Names cost nothing. What a provider is (its manifest) is read when somebody asks for it, and how it
is asked is imported when it is asked.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobctl import providers
from jobctl.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from jobctl.config import Setting
    from jobctl.provider import Manifest, Provider


def names() -> list[str]:
    """The names of all providers, in alphabetical order."""
    return sorted(
        module.name.replace("_", "-") for module in pkgutil.iter_modules(providers.__path__)
    )


@functools.cache
def manifest(name: str) -> type[Manifest]:
    """What a provider is.

    Raises:
        UsageError: there is none of that name.
    """
    known = names()
    if name not in known:
        raise UsageError(f"there is no provider {name!r}", hint=did_you_mean(name, known))
    found: type[Manifest] = importlib.import_module(_module(name)).About
    found.name = name
    return found


def title(name: str) -> str:
    """What people call the service of a provider."""
    return manifest(name).title


def find(name: str) -> type[Provider]:
    """The class of a provider.

    Raises:
        UsageError: there is none of that name.
    """
    from jobctl.provider import Provider

    manifest(name)
    module = importlib.import_module(f"{_module(name)}.provider")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Provider)
        and value.__module__ == module.__name__
    )


def section(name: str) -> Sequence[Setting] | None:
    """The settings that a section of a profile may hold: a provider's, or all of an account's."""
    known = names()
    if name in known:
        return manifest(name).all_settings()
    shared = [about for one in known if (about := manifest(one)).account.name == name]
    found = {one.name: one for about in shared for one in about.all_settings()}
    return list(found.values()) if found else None


def _module(name: str) -> str:
    return f"{providers.__name__}.{name.replace('-', '_')}"
