"""Where files of ours lie."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from jobctl import files
from jobctl.config.settings import unfit
from jobctl.errors import ConfigError


def named(environ: Mapping[str, str], variable: str) -> Path | None:
    """The path that a variable gives, from `~` on if it begins so; None where it gives none.

    Raises:
        ConfigError: it cannot be a path, or begins at a home that is not known.
    """
    given = environ.get(variable)
    if not given:
        return None
    fault = unfit(given)
    if fault:
        raise ConfigError(f"{variable} {fault}")
    try:
        return expanded(given)
    except ConfigError as error:
        raise ConfigError(f"{variable}: {error.message}", hint=error.hint) from None


def expanded(text: str) -> Path:
    """A path, from the home on if it begins with `~`.

    Raises:
        ConfigError: it begins at a home that is not known.
    """
    path = Path(os.path.expanduser(text))  # noqa: PTH111 - without a home it stays as it is
    if text.startswith("~") and not path.is_absolute():
        raise ConfigError(
            f"there is no home that {text!r} could begin at",
            hint="write the whole path; ./~ for a name that begins with ~",
        )
    return path


def folder(kind: Literal["config", "cache", "state"]) -> Path | None:
    """The platform's folder for our files of a kind; None for a user who has no home.

    One in which nothing can be written is none, for what is to be written.
    """
    import platformdirs

    find = {
        "config": platformdirs.user_config_path,
        "cache": platformdirs.user_cache_path,
        "state": platformdirs.user_state_path,
    }[kind]
    try:
        # on Windows the folder of the configuration has an author, and those of caches none
        found = find("jobctl") if kind == "config" else find("jobctl", appauthor=False)
    except RuntimeError:
        return None
    there = next((one for one in (found, *found.parents) if files.exists(one)), found)
    writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    return found if found.is_absolute() and (writable or kind == "config") else None
