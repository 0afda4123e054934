"""Which providers there are: the one door through which all of them come.

The first of a name counts: files that the command line names, files beside the configuration,
plug-ins, what comes along. The names cost nothing; titles, accounts and abilities come from the
index; what a provider is is read when somebody asks for it, and how it is asked when it is asked.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jobctl.errors import ConfigError, UsageError, did_you_mean
from jobctl.registry import built_in, files
from jobctl.registry.found import Found
from jobctl.registry.index import VERBS, Facts, Index, fresh

if TYPE_CHECKING:
    from jobctl.config import Setting
    from jobctl.provider import Manifest, Provider

__all__ = [
    "INDEX",
    "VERBS",
    "Facts",
    "Found",
    "Places",
    "catalogue",
    "claiming",
    "facts",
    "file",
    "find",
    "known",
    "manifest",
    "names",
    "origin",
    "section",
    "sections",
    "shadowed",
    "title",
    "use",
]

CATALOGUE = Path(__file__).parent.parent / "catalogue"
INDEX = CATALOGUE / "index.json"


class Places(NamedTuple):
    """Where providers come from: files, a folder of files, plug-ins; `cache` keeps the index."""

    files: tuple[Path, ...] = ()
    folder: Path | None = None
    plug_ins: bool = False
    cache: Path | None = None


_places: Callable[[], Places] = Places


def use(places: Callable[[], Places]) -> None:
    """Look for providers in these places from now on; they are asked for when they are needed."""
    global _places  # noqa: PLW0603 - the program has one set of them, told once, before any is asked
    _places = places
    _all.cache_clear()
    _chosen.cache_clear()
    _index.cache_clear()


def names() -> list[str]:
    """The names of all providers, in alphabetical order."""
    return sorted(_all()[0])


def known(name: str) -> bool:
    """Whether there is a provider of that name."""
    return name in _own() or name in _all()[0]


def origin(name: str) -> str:
    """Where a provider is from, for people.

    Raises:
        UsageError: there is none of that name.
    """
    return _found(name).origin


def file(name: str) -> Path | None:
    """The file that declares a provider; None for one that is written in Python.

    Raises:
        UsageError: there is none of that name.
    """
    return _found(name).path


def given(name: str) -> Path | None:
    """The file that the command line names for a provider."""
    return next((one for one in _places().files if one.stem == name), None)


def shadowed() -> list[Found]:
    """Those that do not count, for another one of the same name comes first."""
    return _all()[1]


def manifest(name: str) -> type[Manifest]:
    """What a provider is.

    Raises:
        UsageError: there is none of that name, or its file or plug-in is wrong.
    """
    return _found(name).manifest()


def find(name: str) -> type[Provider]:
    """The class of a provider.

    Raises:
        UsageError: there is none of that name, or its file or plug-in is wrong.
    """
    return _found(name).provider()


def facts() -> dict[str, Facts]:
    """What there is to tell of all providers, by their names."""
    return _index().facts(_all()[0].values())


def title(name: str) -> str:
    """What people call the service of a provider."""
    return _index().facts([_found(name)])[name].title


def claiming(url: str) -> dict[str, int]:
    """The providers that have jobs, or pages of jobs, at such a URL, none of which is loaded.

    With each how much of its path stands for itself: the most first, 0 where any URL would do.
    """
    from jobctl.provider.path import literal, match, match_page

    told = facts()
    claims = {name: literal(one.paths[0]) for name, one in told.items() if match(one.paths, url)}
    for name, one in told.items():
        page = match_page(one.pages, url)
        if page is not None:
            claims.setdefault(name, 0 if page[0].startswith("/") else literal(page[0]))
    return dict(sorted(claims.items(), key=lambda one: -one[1]))


def catalogue() -> dict[str, Facts]:
    """What there is to tell of the files that come along, read anew."""
    return {one.name: fresh(one) for one in files.found(files.below(CATALOGUE), "catalogue")}


def section(name: str) -> Iterator[Setting] | None:
    """The settings that a section of a profile may hold: a provider's, and all of an account's.

    Providers are loaded as they are come to; the one that the section is called after is the first.
    Of settings of one name the first counts.
    """
    is_one = known(name) or any(one.account == name for one in facts().values())
    return _settings(name) if is_one else None


def sections() -> Iterator[str]:
    """The names that a section of a profile may have: of providers, then of accounts."""
    own = _own()
    yield from own
    # only now, for it takes a look at what is installed
    found = _all()[0]
    yield from (one for one in found if one not in own)
    yield from dict.fromkeys(one.account for one in facts().values() if one.account not in found)


def _settings(section: str) -> Iterator[Setting]:
    yielded: set[str] = set()
    for name in _sharing(section):
        left = [one for one in manifest(name).all_settings() if one.name not in yielded]
        yielded.update(one.name for one in left)
        yield from left


def _sharing(section: str) -> Iterator[str]:
    """Those whose settings a section holds: who it is called after, then all of the account."""
    if known(section):
        yield section
    # only now, for it takes the facts of all
    yield from (name for name, told in facts().items() if told.account == section != name)


@functools.cache
def _index() -> Index:
    return Index(_places().cache, INDEX)


@functools.cache
def _all() -> tuple[Mapping[str, Found], list[Found]]:
    """The providers that count by their names, and those that do not."""
    own = _own()
    along = (*own.values(), *files.found(files.below(CATALOGUE), "catalogue"))
    every = [*_chosen(), *_plugged_in(), *along]
    counting = {one.name: one for one in reversed(every)}
    others = [one for one in every if counting[one.name] is not one]
    return counting, others


@functools.cache
def _own() -> Mapping[str, Found]:
    return {one.name: one for one in built_in.found()}


@functools.cache
def _chosen() -> list[Found]:
    """The providers of the files that somebody named, or laid beside the configuration.

    Raises:
        ConfigError: one is called as a built-in one.
    """
    places, own = _places(), _own()
    folder = files.below(places.folder) if places.folder else []
    found = list(files.found((*places.files, *folder)))
    for one in found:
        if one.name in own:
            raise ConfigError(
                f"{one.origin}: the provider {one.name!r} is built in and cannot be replaced",
                hint="give the file another name",
            )
    return found


def _plugged_in() -> Iterator[Found]:
    if _places().plug_ins:
        from jobctl.registry import plug_ins

        yield from (one for one in plug_ins.found() if one.name not in _own())


def _found(name: str) -> Found:
    own = _own()
    if name in own:
        # no plug-in can be it, and a look at what is installed takes time
        _chosen()
        return own[name]
    counting = _all()[0]
    if name not in counting:
        others = "`jobctl providers --all` shows all there are"
        hint = did_you_mean(name, counting, others)
        raise UsageError(f"there is no provider {name!r}", hint=hint)
    return counting[name]
