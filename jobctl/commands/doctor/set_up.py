"""What lies on this machine: the configuration, provider files, and folders of ours."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

from jobctl import files, registry
from jobctl.commands.doctor.finding import Finding, of_error, of_warning, ok, problem, warning
from jobctl.config import Configuration, profile_name
from jobctl.config.folders import folder, named
from jobctl.config.private import is_private
from jobctl.errors import ConfigError, ExitCode, JobctlError


def configuration(profile: str | None, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The configuration, and the profile that is asked for: its keys, types and places."""
    mistakes: list[JobctlError] = []
    try:
        found = Configuration.read(environ, mistakes.append)
        found.check(registry, mistakes.append)
        name = profile_name(profile, environ, lambda: found, mistakes.append)
    except ConfigError as error:
        yield of_error("configuration", error)
        return
    yield from (of_error("configuration", one) for one in mistakes)
    yield from (of_warning("configuration", text) for text in found.warnings)
    if mistakes:
        return
    there = found.path is not None and files.exists(found.path)
    yield ok(
        "configuration",
        f"{found.place} can be used, profile {name!r}"
        if there
        else f"{found.place} is not there: variables alone count, profile {name!r}",
    )


def provider_files() -> Iterator[Finding]:
    """The files and plug-ins that bring providers."""
    try:
        told = registry.facts()
    except ConfigError as error:
        yield of_error("providers", error)
        return
    broken = {name: one.broken for name, one in told.items() if one.broken is not None}
    for name, text in broken.items():
        first, *others = text.split("\n")
        more = f" (and {len(others)} more)" if others else ""
        mend = f"mend it, or take it away: `jobctl providers show {name}` tells all"
        yield problem("providers", f"{first}{more}", mend, ExitCode.USAGE)._replace(provider=name)
    for one in registry.shadowed():
        first = registry.origin(one.name)
        what = f"{one.name} of {one.origin} does not count, for {first} does"
        yield warning("providers", what, "give one of them another name")
    if not broken:
        yield ok("providers", f"{len(told)} providers can be used")


def folders(environ: Mapping[str, str]) -> Iterator[Finding]:
    """The folders of tokens and of the history: whether they can be written, and by whom read."""
    for what, variable, usual in (
        ("tokens", "JOBCTL_CACHE_DIR", folder("cache")),
        ("the history", "JOBCTL_STATE_DIR", folder("state")),
    ):
        try:
            found = named(environ, variable) or usual
        except ConfigError as error:
            yield of_error("folders", error)
            continue
        mend = f"name a folder of yours with {variable}"
        if found is None:
            yield warning("folders", f"there is no folder in which {what} could be kept", mend)
        elif not _is_writable(found):
            yield warning("folders", f"{found} cannot be written: {what} are not kept", mend)
        else:
            yield from _others_read(found)
            yield ok("folders", f"{found} keeps {what}")


def _is_writable(folder: Path) -> bool:
    there = next(one for one in (folder, *folder.parents) if os.path.lexists(one))
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _others_read(folder: Path) -> Iterator[Finding]:
    """Files of ours that others may read: they are not used, or were not made by us."""
    looked = os.name == "posix" and files.exists(folder)
    places = (folder.glob("providers.json"), (folder / "tokens").rglob("*.json")) if looked else ()
    for path in sorted(chain(*places)):
        if path.is_file() and not is_private(path.lstat()):
            mend = f"chmod 600 {shlex.quote(str(path))}, or remove it"
            yield warning("folders", f"{path} is not yours alone, and is not used", mend)
