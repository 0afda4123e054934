"""Where files of ours lie, and whether one is the user's alone."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

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
    path = os.path.expanduser(given)  # noqa: PTH111 - without a home it stays as it is
    if path.startswith("~"):
        raise ConfigError(
            f"{variable}: there is no home that {given!r} could begin at",
            hint="write the whole path; ./~ for a name that begins with ~",
        )
    return Path(path)


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
    there = next((one for one in (found, *found.parents) if one.exists()), found)
    writable = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    return found if found.is_absolute() and (writable or kind == "config") else None


def is_ours(about: os.stat_result) -> bool:
    """Whether it is a file of this user."""
    owner = getattr(os, "geteuid", lambda: about.st_uid)()
    return stat.S_ISREG(about.st_mode) and about.st_uid == owner


def is_private(about: os.stat_result) -> bool:
    """Whether it is a file of this user that nobody else may open."""
    return is_ours(about) and not stat.S_IMODE(about.st_mode) & 0o077


def claim(path: Path) -> None:
    """See that a file is the user's alone: new, or ours and closed to others from now on.

    It is not opened if it is there: to close it again would end what locks this process has on it.

    Raises:
        OSError: it is no file, or that of somebody else, or a link.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        about = path.lstat()
        if not is_ours(about):
            raise PermissionError(f"{path.name} is no file of this user") from None
        if not is_private(about):
            path.chmod(0o600)
