"""A profile: every setting of one provider, each from the first place that gives it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import NamedTuple, TypeVar

from jobctl.config.file import SANDBOX
from jobctl.config.ini import Ini
from jobctl.config.references import PATIENCE
from jobctl.config.settings import COMMON, Setting, variable
from jobctl.errors import ConfigError, JobctlError, LackingError, UsageError, nearest
from jobctl.masking.secrets import hide
from jobctl.models import JobState, duration

_T = TypeVar("_T")


class Where(StrEnum):
    """The kinds of places that give values, the nearest first."""

    FLAG = "flag"
    VARIABLE = "variable"
    PROJECT = "project"
    PROFILE = "profile"
    VENDOR_VARIABLE = "vendor-variable"
    VENDOR_FILE = "vendor-file"
    DEFAULT = "default"


class Origin(NamedTuple):
    """Where a value is from: in what kind of place, and exactly.

    `place` is `--set`, the name of a variable, `FILE:LINE:COLUMN` (of a tool's file the path
    alone), or else a word for people.
    `reference` is what stands there for a value that is kept elsewhere: `env:NAME`.
    """

    where: Where
    place: str
    reference: str | None = None

    @property
    def file(self) -> str:
        """The path of the file that it is from."""
        return re.sub(r":\d+:\d+\Z", "", self.place)


class Found(NamedTuple):
    """A value: where it is from, and how to have it."""

    origin: Origin
    read: Callable[[], str]


class Layer(NamedTuple):
    """A place that gives values; those of one family in it go together."""

    place: str
    find: Callable[[Profile, Setting], Found | None]
    family: int = 0


class Sections(NamedTuple):
    """Where a profile has what a provider needs: a section of its own, and its account's.

    `vendor_files` are paths with `{profile}` in them, of YAML if nothing else is said; the first
    that exists is read, when needed.
    """

    provider: str
    account: str
    settings: Sequence[Setting] = ()
    vendor_files: Sequence[str | Ini] = ()


class Profile:
    """The settings of one provider. Values are found when asked for, and secrets are hidden then.

    `states` are the user's own states for the service's words, as written; `warnings` what a
    person should be told, growing as settings are used. Where a `stand_in` gives a value, none is
    read. Commands that a setting names are run with the variables of `environ`, for `patience`
    seconds at most, and paths begin at `folder`. `others` are the profiles that the file has where
    it has not this one, `given` the names that the command line sets.
    """

    def __init__(
        self,
        *,
        name: str,
        sections: Sections,
        layers: Sequence[Layer],
        file: str | None = None,
        states: Mapping[str, JobState] | None = None,
        environ: Mapping[str, str] | None = None,
        folder: Path | None = None,
        others: Sequence[str] = (),
        given: Iterable[str] = (),
    ) -> None:
        self.name = name
        self.provider = sections.provider
        self.account = sections.account
        self.states: Mapping[str, JobState] = states or {}
        self.warnings: list[str] = []
        self.environ: Mapping[str, str] = environ or {}
        self.folder = folder or Path()
        self._settings = {one.name: one for one in (*COMMON, *sections.settings)}
        self._layers = layers
        self._file = file
        self._others = others
        self._given = given
        self.patience = PATIENCE
        self.declared: Path | None = None  # the file that the command line names for the provider
        self.stand_in: Callable[[Profile, Setting, Found], str | None] | None = None
        self._got: dict[str, str | None] = {}
        self._read: dict[tuple[str, str], str | JobctlError] = {}

    def get(self, name: str) -> str | None:
        """The value of a setting, None where nothing gives one.

        Raises:
            ConfigError: what gives it cannot be used.
        """
        if name not in self._got:
            setting = self._settings[name]
            found = self._first(setting, self._layers)
            self._got[name] = setting.default if found is None else self._value(setting, found)
        return self._got[name]

    def afresh(self) -> Profile:
        """The same, which reads what is kept elsewhere anew."""
        other = copy(self)
        other._got, other._read = {}, {}
        return other

    def require(self, name: str) -> str:
        """The value of a setting that is needed.

        Raises:
            ConfigError: nothing gives it; or what gives it cannot be used.
        """
        value = self.get(name)
        if value is None:
            raise self.lacking([(name,)])
        return value

    def use(self, name: str, read: Callable[[str], _T]) -> _T:
        """What `read` makes of a setting that is needed; where it refuses it, the place is told.

        Raises:
            ConfigError: nothing gives it; or what gives it cannot be used.
        """
        value = self.require(name)
        found = self._first(self._settings[name], self._layers)
        with placed(found.origin.place if found else "the default", self.provider):
            return read(value)

    def faults(self) -> list[ConfigError]:
        """What is wrong with values of the command line and of our variables, used or not."""
        ours = (Where.FLAG, Where.VARIABLE)
        found = []
        for setting in self._settings.values():
            one = self._first(setting, self._layers)
            complaint = one and one.origin.where in ours and setting.complaint(one.read())
            if one and complaint:
                found.append(ConfigError(f"{one.origin.place}: {complaint}"))
        return found

    def lacking(
        self,
        names: Sequence[tuple[str, ...]],
        ways: Sequence[Sequence[tuple[str, ...]]] = (),
    ) -> ConfigError:
        """The error for settings that nothing gives, which tells where each can be put.

        Of several names in brackets one is enough. `ways` are the ways to sign in, where none has
        been begun: each with what it needs.
        """
        wanted = [_either(one) for one in names]
        what = [f"the setting{'s' if len(wanted) > 1 else ''} {_listed(wanted)}"] if wanted else []
        if ways:
            what.append(
                f"a way to sign in ({'; or '.join(_listed(map(_either, w)) for w in ways)})"
            )
        it = "it" if len(wanted) + bool(ways) == 1 else "them"
        mend = self.mend(dict.fromkeys(one[0] for needs in (names, *ways) for one in needs))
        asks = f"`{self.login}` asks for {it}; or " if self._file else ""
        told = ", ".join(self._others)
        others = [f"there are the profiles {told}: --profile names one"] * bool(told)
        return LackingError(
            f"{self.provider} needs {', and '.join(what)}, and nothing gives {it}",
            # what was passed over may be what was meant
            hint="; ".join([*self._misspelt(), *self.warnings, *others, f"{asks}{mend}"]),
            provider=self.provider,
        )

    def _misspelt(self) -> Iterator[str]:
        for name in self._given:
            near = None if name in self._settings else nearest(name, self._settings)
            if near is not None:
                yield f"--set: there is no setting {name!r}, did you mean {near}?"

    def mend(self, names: Iterable[str]) -> str:
        """The hint that tells where settings can be put."""
        settings = [self._settings[name] for name in names]
        if self._file is None:
            return f"give it with {' '.join(f'--set {one.name}=VALUE' for one in settings)}"
        sections = list(dict.fromkeys((self.account, self.provider)))
        where = " or ".join(f"{section}:" for section in sections)
        # of many settings each is told with the variable that its account's other providers share
        ours = sections if len(settings) == 1 else sections[:1]
        variables = [
            " or ".join([*(variable(one, setting.name) for one in ours), *self._vendors(setting)])
            for setting in settings
        ]
        them = f"{settings[0].name}:" if len(settings) == 1 else "them"
        return (
            f"set {'; '.join(variables)}, or write {them} in {self._file}"
            f" (profiles: {self.name}: {where}); --profile {SANDBOX} needs none"
        )

    def _vendors(self, setting: Setting) -> list[str]:
        found = (self.vendor_variable(setting, index) for index in range(len(setting.env)))
        return [name for name in found if name]

    def nearest(self, names: Iterable[str]) -> frozenset[str]:
        """Those of the settings that the nearest place to have any of them gives; none is read.

        The command line and our variables are one place, the profile's sections one, the vendor's
        variables one, the vendor's file one. Defaults do not count.
        """
        wanted = frozenset(names)
        for _, layers in groupby(self._layers, key=lambda layer: layer.place):
            together = list(layers)
            found = {one for one in wanted if self._first(self._settings[one], together)}
            if found:
                return frozenset(found)
        return frozenset()

    def family(self, *names: str) -> dict[str, str]:
        """Those of the settings that the first place to have any of them gives.

        Places are those of `nearest`, but that each family of the vendor's variables is one.

        Raises:
            ConfigError: what gives one cannot be used.
        """
        for _, layers in groupby(self._layers, key=lambda layer: (layer.place, layer.family)):
            together = list(layers)
            found = {name: self._first(self._settings[name], together) for name in names}
            values = {
                name: self._value(self._settings[name], one) for name, one in found.items() if one
            }
            if values:
                return values
        return {}

    def source(self, name: str) -> str | None:
        """Where a setting comes from, in words: "--set", "JOBCTL_COGNITE_TOKEN", "profile default".

        A vendor's variable, the path of its file, or "default"; None where nothing gives it.
        """
        origin = self.origin(name)
        if origin is None:
            return None
        if origin.where is Where.PROFILE:
            return f"profile {self.name}"
        is_file = origin.where in (Where.VENDOR_FILE, Where.PROJECT)
        return origin.file if is_file else origin.place

    def origin(self, name: str) -> Origin | None:
        """Where a setting comes from; None where nothing gives it. No reference is followed.

        Raises:
            ConfigError: what gives it cannot be used.
        """
        setting = self._settings[name]
        found = self._first(setting, self._layers)
        if found is None:
            return None if setting.default is None else Origin(Where.DEFAULT, "default")
        return found.origin

    def seconds(self, name: str) -> float:
        """A setting that is a duration, in seconds.

        Raises:
            ConfigError: it is missing or no duration.
        """
        text = self.require(name)
        try:
            return duration(text)
        except UsageError as error:
            raise ConfigError(f"the setting {name}: {error.message}", hint=error.hint) from None

    def command(self, *words: str) -> str:
        """A command of jobctl for this profile, as a shell takes it."""
        import shlex

        named = () if self.name == "default" else ("--profile", self.name)
        declared = () if self.declared is None else ("--provider-file", str(self.declared))
        return shlex.join(["jobctl", *words, *named, *declared])

    @property
    def login(self) -> str:
        """The command that signs in, and asks for what is missing."""
        return self.command("auth", "login", self.provider)

    @property
    def allows_http(self) -> bool:
        """Whether the service may be asked over plain http on another machine than this one."""
        return self.get("allow_http") == "true"

    def warn(self, text: str) -> None:
        """Add to the warnings, once."""
        if text not in self.warnings:
            self.warnings.append(text)

    def vendor_variable(self, setting: Setting, index: int) -> str | None:
        """The name of a vendor's variable; None where it needs a region and there is none."""
        name = setting.env[index] if index < len(setting.env) else ""
        if "{REGION}" in name:
            region = self.get("region")
            if region is None:
                return None
            name = name.replace("{REGION}", region.upper().replace("-", "_"))
        return name or None

    def _first(self, setting: Setting, layers: Iterable[Layer]) -> Found | None:
        return next((found for layer in layers if (found := layer.find(self, setting))), None)

    def _value(self, setting: Setting, found: Found) -> str:
        instead = self.stand_in(self, setting, found) if self.stand_in else None
        if instead is not None:
            return instead
        known = (setting.name, found.origin.place)
        if known not in self._read:
            try:
                self._read[known] = self._judged(setting, found)
            except JobctlError as error:
                self._read[known] = error  # nobody waits twice for what a command does not give
        value = self._read[known]
        if isinstance(value, JobctlError):
            raise copy(value)
        return value

    def _judged(self, setting: Setting, found: Found) -> str:
        value = found.read()
        with placed(found.origin.place, self.provider):
            setting.judge(value)
        if setting.secret:
            hide(value)
            doubt = setting.doubt(value)
            if doubt:
                self.warn(f"{found.origin.place}: {doubt}")
        return value


@contextmanager
def placed(place: str, provider: str | None = None) -> Iterator[None]:
    """Whatever is said in here of a value that cannot be used is said with its place."""
    try:
        yield
    except ConfigError as error:
        raise ConfigError(f"{place}: {error.message}", hint=error.hint, provider=provider) from None


def _either(names: Sequence[str]) -> str:
    """`'a' (or 'b')`."""
    first, *others = map(repr, names)
    return f"{first} (or {' or '.join(others)})" if others else first


def _listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
