"""The providers that are written in Python and come along."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from jobctl import providers
from jobctl.registry.found import Found

if TYPE_CHECKING:
    from jobctl.provider import Manifest, Provider


def found() -> Iterator[Found]:
    """All of them, in alphabetical order; their names cost no import."""
    for module in pkgutil.iter_modules(providers.__path__):
        path = f"{providers.__name__}.{module.name}"
        name = module.name.replace("_", "-")
        yield Found(name, "built-in", partial(_manifest, path, name), partial(_class, path, name))


def _manifest(path: str, name: str) -> type[Manifest]:
    about: type[Manifest] = importlib.import_module(path).About
    about.name = name
    return about


def _class(path: str, name: str) -> type[Provider]:
    from jobctl.provider import Provider

    _manifest(path, name)
    module = importlib.import_module(f"{path}.provider")
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Provider)
        and value.__module__ == module.__name__
    )
