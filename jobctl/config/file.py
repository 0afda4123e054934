"""The configuration file."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jobctl.config.folders import folder, named
from jobctl.config.node import Node, unknown, value_of
from jobctl.config.settings import COMMON, Setting
from jobctl.errors import ConfigError, did_you_mean
from jobctl.models import JobState

if TYPE_CHECKING:
    from jobctl.config.syntax import Tell

_LARGEST = 1 << 20
_OTHERS = 0o077
_TOP = ("profile", "profiles")

SANDBOX = "sandbox"
STATES = "states"


class File(NamedTuple):
    """A YAML file that was read; `open` tells that others than its owner can read or change it."""

    path: Path
    root: Node | None
    open: bool

    def warning(self) -> str:
        """What to tell about a file that is open and holds a secret."""
        import shlex

        return (
            f"{self.path} holds secrets and others can read it;"
            f" mend it with: chmod 600 {shlex.quote(str(self.path))}"
        )


def load(path: Path, deepest: int | None = None, tell: Tell | None = None) -> File:
    """Read a YAML file; `deepest` is how many levels it may have, if not as few as settings.

    What it holds and should not is told, else the first of it is the end.

    Raises:
        FileNotFoundError: there is none.
        ConfigError: it cannot be read or is not the YAML it should be.
    """
    text, is_open = read_text(path)
    from jobctl.config.syntax import DEEPEST, parse, refuse

    return File(path, parse(text, path, deepest or DEEPEST, tell or refuse), is_open)


def read_text(path: Path) -> tuple[str, bool]:
    """The text of a file, and whether others than its owner can read or change it.

    Raises:
        FileNotFoundError: there is none.
        ConfigError: it cannot be read, is too large or no UTF-8.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST + 1)
            mode = os.fstat(stream.fileno()).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ConfigError(f"{path}: is larger than 1 MiB")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        good = error.object[: error.start].decode()
        line, column = good.count("\n") + 1, len(good) - good.rfind("\n")
        raise ConfigError(
            f"{path}:{line}:{column}: is not valid UTF-8", hint="save the file as UTF-8"
        ) from None
    # Windows keeps permissions elsewhere: its mode tells nothing
    return text, os.name == "posix" and bool(mode & _OTHERS)


class Configuration:
    """The parsed file; `profiles` are the names it holds, `profile` the one it asks for.

    `warnings` are filled by `check`.
    """

    def __init__(self, file: File | None) -> None:
        self.path = file and file.path
        self.place = str(self.path or "a file that JOBCTL_CONFIG names")
        self.warnings: list[str] = []
        self._file = file
        top = file.root.names("the file") if file and file.root else {}
        for key, node in top.items():
            if key not in _TOP:
                raise unknown(key, node, "there is no setting", _TOP)
        self._profile = top.get("profile")
        self.profile = None if self._profile is None else self._profile.word("profile")
        self._profiles = {
            name: dict(_sections(name, node))
            for name, node in (
                top["profiles"].names("profiles") if "profiles" in top else {}
            ).items()
        }
        self.profiles = tuple(self._profiles)

    @classmethod
    def find(cls, environ: Mapping[str, str]) -> Path | None:
        """Where the file is, or would be; None where no variable tells and the user has no home.

        Raises:
            ConfigError: JOBCTL_CONFIG holds no path.
        """
        found = named(environ, "JOBCTL_CONFIG")
        if found is None:
            below = folder("config")
            found = below and below / "config.yaml"
        return found

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Configuration:
        """Read the file; the default one may be absent.

        Raises:
            ConfigError: the file that JOBCTL_CONFIG names is not there, or the file cannot be used.
        """
        path = cls.find(environ)
        if path is None:
            return cls(None)
        try:
            return cls(load(path))
        except FileNotFoundError:
            if environ.get("JOBCTL_CONFIG"):
                raise ConfigError(
                    f"JOBCTL_CONFIG names a file that is not there: {path}",
                    hint="write the file, or unset JOBCTL_CONFIG",
                ) from None
            return cls(File(path, None, open=False))

    def check(self, known: Callable[[str], Iterable[Setting] | None]) -> None:
        """Check the names and literal values of the whole file.

        `known` gives the settings that a section may hold, None where there is no such section.
        No more of them are looked at than it takes.

        Raises:
            ConfigError: an unknown name, a wrong type or word; with file, line and column.
        """
        for sections in self._profiles.values():
            for section, node in sections.items():
                settings = known(section)
                if settings is None:
                    name = section.partition(":")[0]
                    raise ConfigError(
                        f"{node.key}: there is no provider or account {name!r}",
                        hint="`jobctl providers` lists the providers",
                    )
                self._check(section, node, settings)

    def section(self, profile: str, name: str) -> Mapping[str, Node]:
        """A section of a profile, empty where there is none."""
        node = self._profiles.get(profile, {}).get(name)
        return {} if node is None else node.names(name)

    def missing(self, name: str, told: str | None = None) -> ConfigError:
        """The error for a profile that somebody named and that is not there."""
        where = told or (self._profile.place if self._profile else self.place)
        return ConfigError(
            f"{where}: there is no profile {name!r} in {self.place}",
            hint=did_you_mean(name, (*self.profiles, SANDBOX)),
        )

    def _check(self, section: str, node: Node, settings: Iterable[Setting]) -> None:
        names = {one.name: one for one in COMMON}
        left = iter(settings)
        for key, inner in node.names(section).items():
            if key == STATES:
                continue
            while key not in names and (one := next(left, None)):
                names.setdefault(one.name, one)
            if key not in names:
                raise unknown(key, inner, f"{section} has no setting", (*names, STATES))
            value = value_of(names[key], inner)
            if (
                value
                and names[key].secret
                and not value.reference
                and self._file
                and self._file.open
            ):
                self.warnings = [self._file.warning()]


def states_of(section: Mapping[str, Node]) -> dict[str, JobState] | None:
    """A section's own map from the service's words to states; None where it has none.

    Raises:
        ConfigError: it maps to something that is no state.
    """
    if STATES not in section or section[STATES].content is None:
        return None
    states = {}
    for status, node in section[STATES].names(STATES).items():
        word = node.word(f"the state of {status}") or ""
        if word not in list(JobState):
            raise ConfigError(
                f"{node.place}: {word!r} is no state", hint=f"there are {', '.join(JobState)}"
            )
        states[status] = JobState(word)
    return states


def profile_names_quickly(environ: Mapping[str, str]) -> list[str]:
    """The names of profiles as far as a look at the lines can tell, without yaml, for completion.

    Empty on any trouble.
    """
    try:
        path = Configuration.find(environ)
        if path is None:
            return []
        with path.open(encoding="utf-8-sig") as stream:
            lines = stream.read(_LARGEST).splitlines()
    except (ConfigError, OSError, ValueError):
        return []
    names: list[str] = []
    inside, indent = False, ""
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not line.startswith(" "):
            inside = bool(re.match(r"profiles\s*:\s*(#|$)", line))
            continue
        found = re.match(r"""( +)(["']?)([^\s"'][^"':]*)\2\s*:(\s|$)""", line)
        if inside and found:
            indent = indent or found[1]
            if found[1] == indent:
                names.append(found[3].strip())
    return names


def _sections(profile: str, node: Node) -> Iterator[tuple[str, Node]]:
    if profile == SANDBOX:
        raise ConfigError(
            f"{node.key}: the profile {SANDBOX!r} is built in", hint="choose another name"
        )
    for name, section in node.names(f"the profile {profile!r}").items():
        states_of(section.names(name))
        yield name, section
