"""The file of a project, `.jobctl.yaml`, found upwards from the current folder.

It comes with a repository, and so from others: it chooses a profile and gives settings that are
harmless. What could send credentials or requests elsewhere, name a file or run a command is the
user's alone to say, and refused here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jobctl.config.node import Node, Value, value_of
from jobctl.config.private import is_ours
from jobctl.config.settings import Setting
from jobctl.errors import ConfigError

NAME = ".jobctl.yaml"
_YOURS = "it comes with the project, and so from others: say it in your own config.yaml"


class Project(NamedTuple):
    """What a project's file says: `profile`, and its sections by provider or account."""

    path: Path
    profile: Node | None
    sections: Mapping[str, Node]


def find(folder: Path) -> Path | None:
    """The nearest file of a project, in a folder or above it.

    Looking ends at the user's home and where another file system begins.
    """
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - without a home it stays as it is
    for one in (folder, *folder.parents):
        path = one / NAME
        if os.path.lexists(path):
            return path
        if one == home or os.path.ismount(one):
            break
    return None


def is_foreign(path: Path) -> bool:
    """Whether a file, or the link to it, is another user's, or no file at all."""
    link, about = path.lstat(), path.stat()
    return not is_ours(about) or (stat.S_ISLNK(link.st_mode) and link.st_uid != about.st_uid)


def theirs(section: str, name: str, node: Node) -> ConfigError:
    """The error for what only the user may say."""
    return ConfigError(
        f"{node.key}: {section}.{name} is not for a project's file to say", hint=_YOURS
    )


def harmless(section: str, setting: Setting, node: Node) -> Value | None:
    """The value of a setting as the project's file gives it; None where it is null or empty.

    Raises:
        ConfigError: the file may not say this, or the value cannot be one; with its place.
    """
    if not setting.harmless:
        raise theirs(section, setting.name, node)
    value = value_of(setting, node)
    if value and value.reference:
        kind = value.text.partition(":")[0]
        raise ConfigError(
            f"{node.place}: a project's file holds no references ({kind}:)", hint=_YOURS
        )
    return value
