"""From a file and variables to a profile: the places that give values, the nearest first."""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType

from jobctl.config.file import (
    SANDBOX,
    Complain,
    Configuration,
    File,
    complaining,
    load,
    read_text,
    states_of,
    stop,
)
from jobctl.config.folders import expanded
from jobctl.config.ini import Ini
from jobctl.config.node import Node, value_of
from jobctl.config.profile import Found, Layer, Origin, Profile, Sections, Where
from jobctl.config.references import resolve
from jobctl.config.settings import Setting, variable
from jobctl.errors import ConfigError, UsageError
from jobctl.models import JobState

_NONE: Mapping[str, str] = MappingProxyType({})


def open_profile(
    sections: Sections,
    configuration: Configuration,
    name: str,
    *,
    environ: Mapping[str, str],
    overrides: Mapping[str, str] = _NONE,
    address: Callable[[Profile], str | None] = lambda profile: profile.get("base_url"),
    nearest: Sequence[Layer] = (),
) -> Profile:
    """The profile of that name, for one provider; one that is not in the file has no sections.

    `address` is where the provider's requests go: what a tool keeps for it may be used.
    `nearest` go before all other places.

    Raises:
        UsageError: `overrides` sets a secret.
    """
    provider, account, settings, vendor_files = sections
    own = configuration.section(name, provider)
    shared = configuration.section(name, account) if account != provider else {}
    states = states_of(own)
    folder = configuration.path.parent if configuration.path else Path()
    families = max((len(one.env) for one in settings), default=0)
    return Profile(
        name=name,
        sections=sections,
        layers=(
            *nearest,
            _command_line(overrides, settings),
            *(_our_variables(environ, section) for section in dict.fromkeys((provider, account))),
            *(
                _project(configuration.of_project(one))
                for one in dict.fromkeys((provider, account))
            ),
            _section(own, environ, folder),
            _section(shared, environ, folder),
            *(_vendor_variables(environ, index) for index in range(families)),
            _vendor_file(vendor_files, name),
            *_tools(settings, environ, address),
        ),
        file=configuration.place,
        states=states_of(shared) if states is None else states,
        environ=environ,
        folder=folder,
        others=() if name in configuration.profiles else configuration.profiles,
        given=overrides,
    )


def _tools(
    settings: Sequence[Setting],
    environ: Mapping[str, str],
    address: Callable[[Profile], str | None],
) -> Iterator[Layer]:
    if any(one.tool for one in settings):
        from jobctl.config import tools

        yield tools.layer(environ, address)


def sandbox_profile(
    sections: Sections,
    values: Mapping[str, str],
    *,
    overrides: Mapping[str, str] = _NONE,
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
        sections=sections,
        layers=(
            _command_line(overrides, sections.settings),
            Layer(
                name, lambda _, one: _given(values.get(one.name), Where.PROFILE, f"profile {name}")
            ),
        ),
        states=states,
    )


def profile_name(
    asked: str | None,
    environ: Mapping[str, str],
    configuration: Callable[[], Configuration],
    complain: Complain = stop,
) -> str:
    """Which profile to use: the flag's, JOBCTL_PROFILE's, the project's, the file's, or `default`.

    `configuration` is not called where flag or variable name the sandbox. Complained of is one that
    does not exist.
    """
    told = "--profile" if asked is not None else "JOBCTL_PROFILE"
    named = asked if asked is not None else environ.get("JOBCTL_PROFILE") or None
    if named == SANDBOX:
        return SANDBOX
    file = configuration()
    chosen = file.project and file.project.profile
    if named is None and chosen:
        with complaining(complain):
            named, told = chosen.word("profile"), chosen.place
    if named is None:
        named, told = file.profile, ""
    if named is None:
        return "default"
    if named not in (*file.profiles, SANDBOX) and not file.lost:
        complain(file.missing(named, told))
    return named


def _given(text: str | None, where: Where, place: str) -> Found | None:
    return Found(Origin(where, place), lambda: text) if text else None


def _command_line(overrides: Mapping[str, str], settings: Sequence[Setting]) -> Layer:
    for one in settings:
        if one.secret and one.name in overrides:
            raise UsageError(
                f"--set: {one.name} is a secret, and secrets never stand on a command line",
                hint="give it in a variable or in a profile",
            )
    return Layer("ours", lambda _, one: _given(overrides.get(one.name), Where.FLAG, "--set"))


def _our_variables(environ: Mapping[str, str], section: str) -> Layer:
    def find(_: Profile, setting: Setting) -> Found | None:
        name = variable(section, setting.name)
        return _given(environ.get(name), Where.VARIABLE, name)

    return Layer("ours", find)


def _project(section: Mapping[str, Node]) -> Layer:
    def find(_: Profile, setting: Setting) -> Found | None:
        node = section.get(setting.name)
        # what the file may not say was told when it was checked: here it counts for nothing
        value = value_of(setting, node) if node and setting.harmless else None
        if value is None or value.reference:
            return None
        return _given(value.text, Where.PROJECT, value.place)

    return Layer("project", find)


def _section(section: Mapping[str, Node], environ: Mapping[str, str], folder: Path) -> Layer:
    def find(profile: Profile, setting: Setting) -> Found | None:
        node = section.get(setting.name)
        value = node and value_of(setting, node)
        if not value:
            return None
        text, place, reference = value.text, value.place, value.reference
        what = f"{place}: {setting.name}"
        return Found(
            Origin(Where.PROFILE, place, text if reference else None),
            lambda: resolve(text, what, environ, folder, profile.patience) if reference else text,
        )

    return Layer("profile", find)


def _vendor_variables(environ: Mapping[str, str], index: int) -> Layer:
    def find(profile: Profile, setting: Setting) -> Found | None:
        name = profile.vendor_variable(setting, index)
        text = environ.get(name) if name else None
        if not name or not text:
            return None
        # the variable is the vendor's: its other words are not ours to refuse
        if setting.choices and text not in setting.choices:
            profile.warn(f"{name} is ignored: {setting.complaint(text)}")
            return None
        if setting.pattern and not re.fullmatch(setting.pattern, text):
            profile.warn(f"{name} is ignored: {setting.name} looks like {setting.pattern} here")
            return None
        return _given(text, Where.VENDOR_VARIABLE, name)

    return Layer("vendor", find, index)


def _vendor_file(templates: Sequence[str | Ini], profile_name: str) -> Layer:
    @cache
    def first() -> tuple[File, dict[str, Node]] | None:
        for one in templates if os.path.basename(profile_name) == profile_name else ():  # noqa: PTH119
            try:
                template = one.path if isinstance(one, Ini) else one
                path = expanded(template.format(profile=profile_name))
            except ConfigError:
                continue  # who has no home has no file there
            try:
                return _ini_file(one, path) if isinstance(one, Ini) else _yaml_file(path)
            except FileNotFoundError:
                continue
        return None

    def find(profile: Profile, setting: Setting) -> Found | None:
        opened = first()
        node = opened and opened[1].get(setting.name)
        value = node and value_of(setting, node)
        if not opened or not value:
            return None
        if setting.secret and opened[0].open:
            profile.warn(opened[0].warning())
        text = value.text
        return Found(Origin(Where.VENDOR_FILE, value.place), lambda: text)

    return Layer("vendor's file", find)


def _yaml_file(path: Path) -> tuple[File, dict[str, Node]]:
    file = load(path)
    names = file.root.names("the file") if file.root else {}
    return file, {key.replace("-", "_"): node for key, node in names.items()}


def _ini_file(ini: Ini, path: Path) -> tuple[File, dict[str, Node]]:
    text, is_open = read_text(path)
    place = str(path)
    found = ini.read(text, path) or {}
    return File(path, None, is_open), {key: Node(one, place, place) for key, one in found.items()}
