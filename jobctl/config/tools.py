"""What the vendors' own tools keep in files: the last place that gives a setting a value.

A provider file names a value of the table `TOOLS`, never a file; and what is secret is given for
the address alone that the tool keeps it for, so that no provider file has it sent elsewhere.
"""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from jobctl.config.file import File
from jobctl.config.profile import Found, Layer, Origin, Where
from jobctl.config.references import resolve
from jobctl.config.toolbox import TOOLS, Entry, Ring
from jobctl.errors import ConfigError

if TYPE_CHECKING:
    from jobctl.config.profile import Profile
    from jobctl.config.settings import Setting

_WRAPPED = "go-keyring-base64:"  # how tools written in Go put a secret into the keychain of macOS
_PORTS = {"http": 80, "https": 443}


def layer(environ: Mapping[str, str], address: Callable[[Profile], str | None]) -> Layer:
    """The tools' files as a place of values; `address` is where a profile's requests go."""
    kept = functools.cache(lambda name: _kept(name, environ))

    def find(profile: Profile, setting: Setting) -> Found | None:
        name, _, key = setting.tool.partition(".")
        if not key:
            return None
        path, entries, fault = kept(name)
        if fault:
            profile.warn(f"{path} is not read: {fault}")
        entries = [one for one in entries if one.values.get(key)]
        if entries and key in TOOLS[name].secrets:
            here = origin(address(profile) or "")
            entries = [one for one in entries if here and here == origin(one.address)]
        if path is None or not entries:
            return None
        if setting.secret and _is_open(path):
            profile.warn(File(path, None, open=True).warning())
        return _found(profile, str(path), entries[0].values[key], environ)

    return Layer("tools' files", find)


def exists(names: Iterable[str], environ: Mapping[str, str]) -> bool:
    """Whether any of these tools keeps something on this machine."""
    return any(TOOLS[name].place(environ) for name in names)


def origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address, https where it says none; None where it has no host."""
    try:
        told = urlsplit(address if "://" in address else f"https://{address}")
        port = told.port or _PORTS.get(told.scheme)
    except ValueError:
        return None
    return (told.scheme, told.hostname, port) if told.hostname and port else None


def _kept(name: str, environ: Mapping[str, str]) -> tuple[Path | None, list[Entry], str]:
    """Where a tool keeps what it keeps, what that is, and why it cannot be used."""
    tool = TOOLS[name]
    path = tool.place(environ)
    if path is None:
        return None, [], ""
    try:
        return path, list(tool.read(path, environ)), ""
    except FileNotFoundError:
        return path, [], ""
    except ConfigError as error:
        return path, [], error.message.removeprefix(f"{path}: ")
    except (ValueError, RecursionError):
        # what parsers say may quote a secret
        return path, [], "it is not as the tool writes it"


def _is_open(path: Path) -> bool:
    """Whether others than its owner can read or change a file."""
    mode = path.stat().st_mode
    return os.name == "posix" and stat.S_ISREG(mode) and bool(mode & 0o077)


def _found(
    profile: Profile, place: str, value: str | Ring, environ: Mapping[str, str]
) -> Found | None:
    if isinstance(value, str):
        return Found(Origin(Where.VENDOR_FILE, place), lambda: value)
    from importlib.util import find_spec

    if find_spec("keyring") is None:
        profile.warn(
            f"{place}: the tool keeps its token in the keyring, which is read with:"
            " pip install 'jobctl[keyring]'"
        )
        return None
    text = f"keyring:{value.service}/{value.user}"
    return Found(
        Origin(Where.VENDOR_FILE, place, text),
        lambda: _unwrapped(resolve(text, place, environ, Path()), place),
    )


def _unwrapped(secret: str, place: str) -> str:
    if not secret.startswith(_WRAPPED):
        return secret
    import base64

    try:
        return base64.b64decode(secret.removeprefix(_WRAPPED), validate=True).decode()
    except ValueError:
        raise ConfigError(f"{place}: what the keyring gives is not as the tool puts it") from None
