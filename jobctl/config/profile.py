"""A profile: every setting of one provider, each from the first place that gives it."""

from __future__ import annotations

import os.path
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from jobctl.config.file import SANDBOX, Configuration, File, load, states_of
from jobctl.config.node import Node, value_of
from jobctl.config.references import resolve
from jobctl.config.settings import LIMITS, Setting, variable
from jobctl.errors import ConfigError, UsageError
from jobctl.masking.secrets import hide
from jobctl.models import JobState, duration


class _Found(NamedTuple):
    """A value: where it is from, in words and exactly, and how to have it."""

    source: str
    place: str
    read: Callable[[], str]


class _Layer(NamedTuple):
    """A place that gives values; those of one family go together."""

    family: str
    find: Callable[[Profile, Setting], _Found | None]


class Profile:
    """The settings of one provider. Values are found when asked for, and secrets are hidden then.

    `states` are the user's own states for the service's words, as written; `warnings` what a
    person should be told, growing as settings are used.
    """

    def __init__(
        self,
        *,
        name: str,
        provider: str,
        account: str,
        settings: Sequence[Setting],
        layers: Sequence[_Layer],
        file: Path | None = None,
        states: Mapping[str, JobState] | None = None,
    ) -> None:
        self.name = name
        self.provider = provider
        self.account = account
        self.states: Mapping[str, JobState] = states or {}
        self.warnings: list[str] = []
        self._settings = {one.name: one for one in (*LIMITS, *settings)}
        self._layers = layers
        self._file = file
        self._got: dict[str, str | None] = {}
        self._read: dict[tuple[str, str], str] = {}

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

    def require(self, name: str) -> str:
        """The value of a setting that is needed.

        Raises:
            ConfigError: nothing gives it; or what gives it cannot be used.
        """
        value = self.get(name)
        if value is None:
            raise ConfigError(
                f"{self.provider} needs the setting {name!r}, and nothing gives it",
                hint=self._mend(self._settings[name]),
                provider=self.provider,
            )
        return value

    def family(self, *names: str) -> dict[str, str]:
        """Those of the settings that the first place to have any of them gives.

        The command line and our variables are one place, the profile's sections one, each of the
        vendor's families of variables one, the vendor's file one. Defaults do not count.

        Raises:
            ConfigError: what gives one cannot be used.
        """
        for _, layers in groupby(self._layers, key=lambda layer: layer.family):
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
        setting = self._settings[name]
        found = self._first(setting, self._layers)
        if found is None:
            return None if setting.default is None else "default"
        return found.source

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

    def _first(self, setting: Setting, layers: Iterable[_Layer]) -> _Found | None:
        return next((found for layer in layers if (found := layer.find(self, setting))), None)

    def _value(self, setting: Setting, found: _Found) -> str:
        known = (setting.name, found.place)
        if known not in self._read:
            value = found.read()
            complaint = setting.complaint(value)
            if complaint:
                raise ConfigError(f"{found.place}: {complaint}", provider=self.provider)
            if setting.secret:
                hide(value)
            self._read[known] = value
        return self._read[known]

    def _mend(self, setting: Setting) -> str:
        if self._file is None:
            return f"give it with --set {setting.name}=VALUE"
        sections = dict.fromkeys((self.account, self.provider))
        ours = [variable(section, setting.name) for section in sections]
        vendors = [one for one in setting.env if one]
        where = " or ".join(f"{section}:" for section in sections)
        return (
            f"set {' or '.join([*ours, *vendors])}, or write {setting.name}: in {self._file}"
            f" (profiles: {self.name}: {where}); --profile {SANDBOX} needs none"
        )


def open_profile(
    *,
    provider: str,
    account: str,
    settings: Sequence[Setting],
    configuration: Configuration,
    name: str,
    overrides: Mapping[str, str],
    environ: Mapping[str, str],
    vendor_files: Sequence[str] = (),
) -> Profile:
    """The profile of that name, for one provider; one that is not in the file has no sections.

    `vendor_files` are paths with `{profile}` in them; the first that exists is read, when needed.

    Raises:
        UsageError: `overrides` sets a secret.
    """
    own = configuration.section(name, provider)
    shared = configuration.section(name, account) if account != provider else {}
    states = states_of(own)
    families = max((len(one.env) for one in settings), default=0)
    return Profile(
        name=name,
        provider=provider,
        account=account,
        settings=settings,
        layers=(
            _command_line(overrides, settings),
            *(_our_variables(environ, section) for section in dict.fromkeys((provider, account))),
            _section(own, name, environ, configuration.path),
            _section(shared, name, environ, configuration.path),
            *(_vendor_variables(environ, index) for index in range(families)),
            _vendor_file(vendor_files, name),
        ),
        file=configuration.path,
        states=states_of(shared) if states is None else states,
    )


def sandbox_profile(
    *,
    provider: str,
    account: str,
    settings: Sequence[Setting],
    values: Mapping[str, str],
    overrides: Mapping[str, str],
    name: str = SANDBOX,
    states: Mapping[str, JobState] | None = None,
) -> Profile:
    """The built-in profile, or another that nothing outside bends.

    It has only `overrides`, its own `values`, and defaults.

    Raises:
        UsageError: `overrides` sets a secret.
    """
    return Profile(
        name=name,
        provider=provider,
        account=account,
        settings=settings,
        layers=(
            _command_line(overrides, settings),
            _Layer(name, lambda _, one: _given(values.get(one.name), f"profile {name}")),
        ),
        states=states,
    )


def profile_name(
    asked: str | None, environ: Mapping[str, str], configuration: Callable[[], Configuration]
) -> str:
    """Which profile to use: the flag's, JOBCTL_PROFILE's, the file's, else `default`.

    `configuration` is not called where flag or variable name the sandbox.

    Raises:
        ConfigError: somebody named one that does not exist.
    """
    told = "--profile" if asked is not None else "JOBCTL_PROFILE"
    named = asked if asked is not None else environ.get("JOBCTL_PROFILE") or None
    if named == SANDBOX:
        return SANDBOX
    file = configuration()
    if named is None:
        named, told = file.profile, ""
    if named is None:
        return "default"
    if named not in (*file.profiles, SANDBOX):
        raise file.missing(named, told)
    return named


def _given(text: str | None, source: str) -> _Found | None:
    return _Found(source, source, lambda: text) if text else None


def _command_line(overrides: Mapping[str, str], settings: Sequence[Setting]) -> _Layer:
    for one in settings:
        if one.secret and one.name in overrides:
            raise UsageError(
                f"--set: {one.name} is a secret, and secrets never stand on a command line",
                hint="give it in a variable or in a profile",
            )
    return _Layer("ours", lambda _, one: _given(overrides.get(one.name), "--set"))


def _our_variables(environ: Mapping[str, str], section: str) -> _Layer:
    def find(_: Profile, setting: Setting) -> _Found | None:
        name = variable(section, setting.name)
        return _given(environ.get(name), name)

    return _Layer("ours", find)


def _section(
    section: Mapping[str, Node], profile: str, environ: Mapping[str, str], file: Path
) -> _Layer:
    def find(_: Profile, setting: Setting) -> _Found | None:
        node = section.get(setting.name)
        value = node and value_of(setting, node)
        if not value:
            return None
        text, place, reference = value.text, value.place, value.reference
        what = f"{place}: {setting.name}"
        return _Found(
            f"profile {profile}",
            place,
            lambda: resolve(text, what, environ, file.parent) if reference else text,
        )

    return _Layer("profile", find)


def _vendor_variables(environ: Mapping[str, str], index: int) -> _Layer:
    def find(profile: Profile, setting: Setting) -> _Found | None:
        name = profile.vendor_variable(setting, index)
        text = environ.get(name) if name else None
        if not name or not text:
            return None
        if setting.choices and text not in setting.choices:
            # the variable is the vendor's: its other words are not ours to refuse
            profile.warn(f"{name} is ignored: {setting.complaint(text)}")
            return None
        return _given(text, name)

    return _Layer(f"vendor {index}", find)


def _vendor_file(templates: Sequence[str], profile_name: str) -> _Layer:
    @cache
    def first() -> tuple[File, dict[str, Node]] | None:
        for template in templates if os.path.basename(profile_name) == profile_name else ():  # noqa: PTH119
            path = os.path.expanduser(template.format(profile=profile_name))  # noqa: PTH111
            try:
                file = load(Path(path))
            except FileNotFoundError:
                continue
            names = file.root.names("the file") if file.root else {}
            return file, {key.replace("-", "_"): node for key, node in names.items()}
        return None

    def find(profile: Profile, setting: Setting) -> _Found | None:
        opened = first()
        node = opened and opened[1].get(setting.name)
        value = node and value_of(setting, node)
        if not opened or not value:
            return None
        if setting.secret and opened[0].open:
            profile.warn(opened[0].warning())
        text = value.text
        return _Found(str(opened[0].path), value.place, lambda: text)

    return _Layer("vendor file", find)
