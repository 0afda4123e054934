"""What providers that are not loaded are called, and which section of a profile is theirs.

A hundred files take a second to read. Those that come along have an index beside them, which
docs/make.py writes; of others, what is asked of all of them is kept in the cache folder, each entry
as long as its file does not change. That is a convenience: where it cannot be kept or read, it is
made anew.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl.errors import ConfigError

if TYPE_CHECKING:
    from jobctl.registry.found import Found

VERBS = ("get", "list", "results", "logs")
_LARGEST = 1 << 24
_KEPT = "providers.json"
_LISTS = ("paths", "env", "tools", "pages")


class Facts(NamedTuple):
    """What is told of a provider without using it; one that cannot be loaded is `broken`.

    `verbs` are those of `VERBS` that it answers, `paths` those of its jobs' URLs, `env` the
    vendor's variables that it reads, `tools` the vendor's tools whose files it reads, `pages` the
    addresses of its jobs' pages for people.
    """

    title: str
    account: str
    verbs: tuple[str, ...]
    paths: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    broken: str | None = None


class Index:
    """The facts of providers, those of files kept below `folder`; None keeps nothing.

    `beside` is the index of the files that come along.
    """

    def __init__(self, folder: Path | None, beside: Path) -> None:
        self._beside = beside
        self._path = None if folder is None else folder / _KEPT
        self._kept: dict[str, Any] | None = None
        self._changed = False

    def facts(self, found: Iterable[Found]) -> dict[str, Facts]:
        """The facts of providers by their names."""
        told = {one.name: self._of(one) for one in found}
        self._keep()
        return told

    def _of(self, found: Found) -> Facts:
        if found.path is None:
            return fresh(found)
        if found.path.parent == self._beside.parent:
            facts = _facts(self._along.get(found.name))
            return facts or fresh(found)
        stamp = _stamp(found.path)
        known = self._read().get(str(found.path))
        is_fresh = isinstance(known, Mapping) and known.get("stamp") == stamp and bool(stamp)
        facts = _facts(known) if is_fresh else None
        if facts is None:
            facts = fresh(found)
            self._read()[str(found.path)] = {"stamp": stamp, **facts._asdict()}
            self._changed = True
        return facts

    @functools.cached_property
    def _along(self) -> Mapping[str, Any]:
        try:
            told: Mapping[str, Any] = json.loads(self._beside.read_bytes())
        except FileNotFoundError:
            return {}
        return told

    def _read(self) -> dict[str, Any]:
        if self._kept is None:
            self._kept = {}
            if self._path is not None:
                from jobctl.config.private import read_private

                try:
                    kept = json.loads(read_private(self._path, _LARGEST))
                    self._kept = kept if isinstance(kept, dict) else {}
                except (OSError, ValueError, RecursionError):
                    self._kept = {}
        return self._kept

    def _keep(self) -> None:
        if not self._changed or self._path is None:
            return
        from jobctl import files
        from jobctl.config.private import write_private

        kept = {path: one for path, one in self._read().items() if files.exists(Path(path))}
        try:
            write_private(self._path, json.dumps(kept))
        except OSError:
            self._path = None
        self._changed = False


def _stamp(path: Path) -> list[int]:
    try:
        about = os.stat(path)  # noqa: PTH116 - a hundred of them, at every help
    except OSError:
        return []
    return [about.st_mtime_ns, about.st_size]


def _facts(kept: Any) -> Facts | None:
    """The facts as they were kept; None where they are none."""
    try:
        title, account, broken = kept["title"], kept["account"], kept["broken"]
        verbs = tuple(verb for verb in VERBS if verb in kept["verbs"])
        paths, env, tools, pages = (tuple(map(str, kept[key])) for key in _LISTS)
    except (KeyError, TypeError):
        return None
    texts = isinstance(title, str) and isinstance(account, str)
    broken = broken and str(broken)
    return Facts(title, account, verbs, paths, env, tools, pages, broken) if texts else None


def fresh(found: Found) -> Facts:
    """The facts of a provider that is loaded for them."""
    try:
        about = found.manifest()
    except ConfigError as error:
        return Facts(found.name, found.name, (), broken=error.message)
    verbs = tuple(verb for verb in VERBS if about.can(verb))
    env = dict.fromkeys(name for one in about.all_settings() for name in one.env if name)
    tools = dict.fromkeys(one.tool.partition(".")[0] for one in about.all_settings() if one.tool)
    return Facts(
        about.title,
        about.account.name,
        verbs,
        about.paths,
        tuple(env),
        tuple(tools),
        about.pages,
    )
