"""Which providers there are: names cost nothing, a class is imported when it is asked for."""

import importlib
import pkgutil
from collections.abc import Sequence

from jobctl import providers
from jobctl.config import Setting
from jobctl.errors import UsageError, did_you_mean
from jobctl.provider import Provider


def names() -> list[str]:
    """The names of all providers, in alphabetical order."""
    return sorted(
        module.name.replace("_", "-") for module in pkgutil.iter_modules(providers.__path__)
    )


def find(name: str) -> type[Provider]:
    """The class of a provider.

    Raises:
        UsageError: there is none of that name.
    """
    known = names()
    if name not in known:
        raise UsageError(f"there is no provider {name!r}", hint=did_you_mean(name, known))
    module = importlib.import_module(f"{providers.__name__}.{name.replace('-', '_')}")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Provider)
        and value.__module__ == module.__name__
    )


def settings_of(section: str) -> Sequence[Setting] | None:
    """The settings that a section of a profile may hold: a provider's, or all of an account's."""
    if section in names():
        return find(section).all_settings()
    shared = [provider for name in names() if (provider := find(name)).account == section]
    found = {one.name: one for provider in shared for one in provider.all_settings()}
    return list(found.values()) if found else None
