"""The configuration file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from jobctl import files, payload
from jobctl.config import project
from jobctl.config.folders import folder, named
from jobctl.config.node import Node, Value, unknown, value_of
from jobctl.config.project import Project, harmless, theirs
from jobctl.config.settings import COMMON, Setting
from jobctl.config.vocabulary import SECTIONS, Vocabulary, strangers
from jobctl.errors import ConfigError, did_you_mean, nearest
from jobctl.models import JobState

if TYPE_CHECKING:
    from jobctl.config.syntax import Tell

_LARGEST = 1 << 20
_OTHERS = 0o077
_TOP = ("profile", "profiles")
_LINK = "%s is ignored: it is a link to nothing"

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
        ConfigError: it cannot be read, is too large or in no encoding of Unicode.
    """
    try:
        with files.opened(path) as stream:
            data = stream.read(_LARGEST + 1)
            mode = os.fstat(stream.fileno()).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise FileNotFoundError(path) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ConfigError(f"{path}: is larger than 1 MiB")
    try:
        text = payload.unicode(data)
    except UnicodeDecodeError as error:
        encoding = error.encoding.upper()
        good = error.object[: error.start].decode(encoding).lstrip("\ufeff")
        line, column = good.count("\n") + 1, len(good) - good.rfind("\n")
        raise ConfigError(
            f"{path}:{line}:{column}: is not valid {encoding}", hint="save the file as UTF-8"
        ) from None
    # Windows keeps permissions elsewhere: its mode tells nothing
    return text, os.name == "posix" and bool(mode & _OTHERS)


Complain = Callable[[ConfigError], None]


def stop(mistake: ConfigError) -> None:
    """Let the first mistake be the end."""
    raise mistake


class Configuration:
    """The parsed file; `profiles` are the names it holds, `profile` the one it asks for.

    `lost` tells that the file cannot be read at all. `warnings`, and `references` to values that
    are kept elsewhere, are filled by `check`. What is wrong is complained of, and left out.
    """

    def __init__(
        self, file: File | None, complain: Complain = stop, of_project: Project | None = None
    ) -> None:
        self.path = file and file.path
        self.place = str(self.path or "a file that JOBCTL_CONFIG names")
        self.warnings: list[str] = []
        self.references: list[tuple[Setting, Value]] = []
        self.lost = False
        self.project = of_project
        self._environ: Mapping[str, str] = {}
        self._file = file
        top = _names(file.root, "the file", complain) if file and file.root else {}
        for key, node in top.items():
            if key not in _TOP:
                complain(unknown(key, node, "there is no setting", _TOP))
        self._profile = top.get("profile")
        self.profile: str | None = None
        if self._profile:
            with complaining(complain):
                self.profile = self._profile.word("profile")
        inside = _names(top["profiles"], "profiles", complain) if "profiles" in top else {}
        self._profiles = {name: _sections(name, node, complain) for name, node in inside.items()}
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
    def read(
        cls, environ: Mapping[str, str], complain: Complain = stop, folder: Path | None = None
    ) -> Configuration:
        """Read the file, and that of the project which `folder`, or the current one, is in.

        The default file may be absent, that of JOBCTL_CONFIG may not.

        Raises:
            ConfigError: JOBCTL_CONFIG holds no path.
        """
        found = cls._read(environ, complain)
        found._environ = environ
        with complaining(complain), suppress(OSError):  # there may be no current folder any more
            path = project.find(folder or Path.cwd())
            if path and not path.exists():
                found.warnings.append(_LINK % path)
            elif path and project.is_foreign(path):
                found.warnings.append(f"{path} is ignored: it is no file of this user")
            elif path:
                found.project = _project(load(path, tell=_telling(complain)), complain)
        return found

    @classmethod
    def _read(cls, environ: Mapping[str, str], complain: Complain) -> Configuration:
        path = cls.find(environ)
        if path is None:
            return cls(None)
        nothing = cls(File(path, None, open=False))
        try:
            return cls(load(path, tell=_telling(complain)), complain)
        except FileNotFoundError:
            if environ.get("JOBCTL_CONFIG"):
                complain(
                    ConfigError(
                        f"JOBCTL_CONFIG names a file that is not there: {path}",
                        hint="write the file, or unset JOBCTL_CONFIG",
                    )
                )
            elif path.is_symlink():
                nothing.warnings.append(_LINK % path)
        except ConfigError as mistake:
            nothing.lost = True
            complain(mistake)
        return nothing

    def check(self, known: Vocabulary, complain: Complain = stop) -> None:
        """Check the names and literal values of the whole file.

        No more of what is `known` is looked at than it takes. Complained of is an unknown name, a
        wrong type or word, with file, line and column; warned of, a variable that means nothing.
        """
        with complaining(complain):  # of what providers there are
            self.warnings += strangers(self._environ, known)
        for sections in self._profiles.values():
            for section, node in sections.items():
                with complaining(complain):  # also what is wrong with the provider's file
                    for setting, inner in _known(section, node, known, complain):
                        with complaining(complain):
                            self._look(setting, value_of(setting, inner))
        for section, node in self.project.sections.items() if self.project else ():
            with complaining(complain):
                for setting, inner in _known(section, node, known, complain, "profile"):
                    with complaining(complain):
                        harmless(section, setting, inner)
                if STATES in node.names(section):
                    raise theirs(section, STATES, node.names(section)[STATES])

    def sections(self, profile: str) -> Mapping[str, Node]:
        """The sections of a profile that hold something, by their names."""
        sections = self._profiles.get(profile, {})
        return {name: node for name, node in sections.items() if node.content}

    def section(self, profile: str, name: str) -> Mapping[str, Node]:
        """A section of a profile, empty where there is none."""
        node = self._profiles.get(profile, {}).get(name)
        return {} if node is None else node.names(name)

    def of_project(self, name: str) -> Mapping[str, Node]:
        """A section of the project's file, empty where there is none."""
        node = self.project and self.project.sections.get(name)
        return node.names(name) if node else {}

    def missing(self, name: str, told: str | None = None) -> ConfigError:
        """The error for a profile that somebody named and that is not there."""
        where = told or (self._profile.place if self._profile else self.place)
        return ConfigError(
            f"{where}: there is no profile {name!r} in {self.place}",
            hint=did_you_mean(name, (*self.profiles, SANDBOX)),
        )

    def _look(self, setting: Setting, value: Value | None) -> None:
        """Remember a reference; warn of a secret that others can read, or that is not meant so."""
        if value and value.reference:
            self.references.append((setting, value))
        if value is None or value.reference or not setting.secret:
            return
        if self._file and self._file.open and self._file.warning() not in self.warnings:
            self.warnings.append(self._file.warning())
        doubt = setting.doubt(value.text)
        if doubt:
            self.warnings.append(f"{value.place}: {doubt}")


def _known(
    section: str, node: Node, known: Vocabulary, complain: Complain, *beside: str
) -> Iterator[tuple[Setting, Node]]:
    """The names of a section that are settings; `beside` it stand other names than sections."""
    settings = known.section(section)
    if settings is None:
        names = (*known.sections(), *beside)
        raise unknown(section, node, "there is no provider or account", names, SECTIONS)
    there = {one.name: one for one in COMMON}
    left = iter(settings)
    for key, inner in node.names(section).items():
        if key == STATES:
            continue
        while key not in there and (one := next(left, None)):
            there.setdefault(one.name, one)
        if key in there:
            yield there[key], inner
        else:
            complain(unknown(key, inner, f"{section} has no setting", (*there, STATES)))


def states_of(section: Mapping[str, Node], complain: Complain = stop) -> dict[str, JobState] | None:
    """A section's own map from the service's words to states; None where it has none.

    Complained of is what is no state.
    """
    if STATES not in section or section[STATES].content is None:
        return None
    states = {}
    for status, node in _names(section[STATES], STATES, complain).items():
        with complaining(complain):
            word = node.word(f"the state of {status}") or ""
            if word not in list(JobState):
                raise ConfigError(
                    f"{node.place}: {word!r} is no state", hint=did_you_mean(word, JobState)
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
        lines = payload.unicode(files.read(path, _LARGEST)).splitlines()
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


def _sections(profile: str, node: Node, complain: Complain) -> dict[str, Node]:
    found = {}
    if profile == SANDBOX:
        complain(
            ConfigError(
                f"{node.key}: the profile {SANDBOX!r} is built in", hint="choose another name"
            )
        )
    for name, section in _names(node, f"the profile {profile!r}", complain).items():
        with complaining(complain):
            states_of(section.names(name), complain)
            found[name] = section
    return found


def _project(file: File, complain: Complain) -> Project:
    top = _names(file.root, "the file", complain) if file.root else {}
    sections = {}
    for name, node in top.items():
        if name != "profile":
            with complaining(complain):
                if not isinstance(node.content, dict) and nearest(name, ("profile",), 0.8):
                    raise unknown(name, node, "there is no setting", ("profile",))
                node.names(name)
                sections[name] = node
    return Project(file.path, top.get("profile"), sections)


def _telling(complain: Complain) -> Callable[[str, str, str | None], None]:
    def tell(place: str, what: str, hint: str | None) -> None:
        complain(ConfigError(f"{place}: {what}", hint=hint))

    return tell


@contextmanager
def complaining(complain: Complain) -> Iterator[None]:
    """A mistake in here is complained of."""
    try:
        yield
    except ConfigError as mistake:
        complain(mistake)


def _names(node: Node, what: str, complain: Complain) -> dict[str, Node]:
    """The names and values of a mapping; none for what is none."""
    try:
        return node.names(what)
    except ConfigError as mistake:
        complain(mistake)
        return {}
