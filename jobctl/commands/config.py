"""`config`: where the configuration is, what is wrong with it, and changes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from jobctl import files, registry
from jobctl.commands import Terminal
from jobctl.commands.asking import Asker
from jobctl.commands.opening import strangers
from jobctl.config import Configuration, Setting, profile_name, variable
from jobctl.config.file import SANDBOX, complaining
from jobctl.config.node import Value, judge
from jobctl.config.profile import placed
from jobctl.config.references import is_reference, resolve
from jobctl.config.vocabulary import SECTIONS
from jobctl.errors import (
    ConfigError,
    JobctlError,
    LackingError,
    UsageError,
    did_you_mean,
    together,
)
from jobctl.masking.secrets import hide
from jobctl.render.clean import clean
from jobctl.render.messages import say
from jobctl.render.streams import write_line


def path(terminal: Terminal) -> None:
    """Show where the configuration file is, or would be.

    Raises:
        ConfigError: nowhere, for the user has no home.
    """
    terminal.out.write(f"{place_of(terminal)}\n")


def place_of(terminal: Terminal) -> Path:
    """Where the configuration file is, or would be.

    Raises:
        ConfigError: nowhere, for the user has no home.
    """
    found = Configuration.find(terminal.environ)
    if found is None:
        raise ConfigError(
            "there is no folder for the configuration: this user has no home",
            hint="name a file with JOBCTL_CONFIG; variables and --profile sandbox need none",
        )
    return found


def check(terminal: Terminal, *, following: bool = False) -> None:
    """Read the whole file as every command would, and if so `following` its references.

    Raises:
        ConfigError: it cannot be used; all that is wrong, with file, line and column.
        AuthError: nothing but what a keyring should give is wrong.
    """
    from jobctl.commands.rehearsing import rehearse

    mistakes: list[JobctlError] = []
    configuration = Configuration.read(terminal.environ, mistakes.append)
    configuration.check(registry, mistakes.append)
    name = profile_name(None, terminal.environ, lambda: configuration, mistakes.append)
    resolved: dict[str, str | None] = {}
    for setting, value in configuration.references if following else ():
        resolved[value.place] = None
        try:
            resolved[value.place] = _followed(setting, value, configuration, terminal)
        except JobctlError as mistake:
            mistakes.append(mistake)
    found: list[JobctlError] = []
    with complaining(mistakes.append):  # of what providers there are
        found += rehearse(configuration, terminal.environ, resolved if following else None)
        configuration.warnings += _misspelt(terminal.environ)
    mistakes += [one for one in found if not isinstance(one, LackingError)]
    if not mistakes:  # else they may be why
        configuration.warnings += [one.message for one in found if isinstance(one, LackingError)]
    for text in dict.fromkeys(configuration.warnings):
        say(terminal.err, "warning", text)
    if mistakes:
        raise together(mistakes)
    names = ", ".join(configuration.profiles)
    if names and name not in (*configuration.profiles, SANDBOX):
        told = (
            f"{configuration.place}: there is no profile {name!r}, which is used if none is named"
        )
        say(terminal.err, "warning", f"{told}; `jobctl config use-profile NAME` names one")
    how = f"ok, profiles: {names}" if names else "no profiles; only variables are used"
    if configuration.path is None or not files.exists(configuration.path):
        how = "there is no such file; only variables are used"
    write_line(terminal.out, clean(f"{configuration.place}: {how}"))
    if configuration.project:
        write_line(terminal.out, clean(f"{configuration.project.path}: ok"))


def _misspelt(environ: Mapping[str, str]) -> Iterator[str]:
    """What to say of variables that are those of a provider, and none of its settings."""
    for name in registry.names():
        if any(one.startswith(variable(name, "")) for one in environ):
            yield from strangers(registry.manifest(name), environ)


def set_value(
    name: str, value: str | None, profile: str | None, terminal: Terminal, asker: Asker
) -> None:
    """Set a setting of a profile in the file, or `profile`; an empty value removes it.

    `name` is `SECTION.SETTING`. What `value` does not tell is asked for.

    Raises:
        UsageError: there is no such setting, or this is no value of it.
        ConfigError: the file cannot be changed.
    """
    from jobctl.config.editing import change

    path = place_of(terminal)
    if name == "profile":
        use_profile(asker.ask(value, "VALUE", "The name of a profile"), terminal)
        return
    section, _, word = name.partition(".")
    setting = _setting(section, word)
    configuration = Configuration.read(terminal.environ, _pass)
    written = profile
    if written is None:
        written = profile_name(None, terminal.environ, lambda: configuration, _pass)
    check_writable(written)

    def check(text: str) -> None:
        try:
            if text:
                judge(setting, text)
        except ConfigError as error:
            raise UsageError(f"{section}: {error.message}", hint=error.hint) from None

    if setting.secret and value and not is_reference(value):
        raise UsageError(
            f"{name} is a secret, and secrets never stand on a command line",
            hint="give it on standard input, or say where it is: env:NAME, keyring:SERVICE/USER",
        )
    question = f"The value of {name}, {setting.help}"
    if value is None and setting.secret:
        value = asker.secret("VALUE", question, check)
    else:
        value = asker.ask(value, "VALUE", question, check=check)
    change(path, {("profiles", written, section, word): value or None})
    done = "set" if value else "removed"
    say(terminal.err, "note", f"{path}: {name} is {done} in the profile {written!r}")
    if setting.secret and value and not is_reference(value):
        hide(value)
        say(
            terminal.err,
            "warning",
            "it stands there in plain text, for you alone to read; keyring:SERVICE/USER would not",
        )
    ours = variable(section, word)
    if terminal.environ.get(ours):
        say(terminal.err, "warning", f"{ours} is set, too, and goes before the file")
    elif found := configuration.of_project(section).get(word):
        say(terminal.err, "warning", f"{found.place} goes before the file in this project")


def check_writable(profile: str) -> None:
    """See that a profile of this name can stand in the file.

    Raises:
        UsageError: it cannot.
    """
    if profile == SANDBOX:
        raise UsageError(
            f"the profile {SANDBOX!r} is built in and has its own settings",
            hint="name another one with --profile",
        )
    if not profile.strip():
        raise UsageError("--profile holds no name")


def use_profile(name: str, terminal: Terminal) -> None:
    """Write down which profile is used where none is asked for.

    Raises:
        ConfigError: there is none of that name, or the file cannot be changed.
    """
    from jobctl.config.editing import change

    path = place_of(terminal)
    configuration = Configuration.read(terminal.environ, _pass)
    if name not in (*configuration.profiles, SANDBOX):
        raise configuration.missing(name, "use-profile")
    change(path, {("profile",): name})
    say(terminal.err, "note", f"{path}: the profile is {name!r}")
    if terminal.environ.get("JOBCTL_PROFILE"):
        say(terminal.err, "warning", "JOBCTL_PROFILE is set, too, and goes before the file")
    elif configuration.project and (chosen := configuration.project.profile):
        say(terminal.err, "warning", f"{chosen.place} goes before the file in this project")


def _setting(section: str, name: str) -> Setting:
    """The setting of a section.

    Raises:
        UsageError: there is no such section or setting.
    """
    if not name:
        hint = did_you_mean(section, ("profile",), "write it as PROVIDER.SETTING")
        raise UsageError(f"{section!r} is no setting", hint=hint)
    found = registry.section(section)
    if found is None:
        raise UsageError(
            f"there is no provider or account {section!r}",
            hint=did_you_mean(section, registry.sections(), SECTIONS),
        )
    settings = {one.name: one for one in found}
    if name not in settings:
        raise UsageError(f"{section} has no setting {name!r}", hint=did_you_mean(name, settings))
    return settings[name]


def _followed(
    setting: Setting, value: Value, configuration: Configuration, terminal: Terminal
) -> str:
    folder = configuration.path.parent if configuration.path else Path()
    text = resolve(value.text, f"{value.place}: {setting.name}", terminal.environ, folder)
    if setting.secret:
        hide(text)
        if doubt := setting.doubt(text):
            configuration.warnings.append(f"{value.place}: {doubt}")
    with placed(value.place):
        setting.judge(text)
    return text


def _pass(_: ConfigError) -> None:
    """What is wrong elsewhere in the file is no reason not to change it here."""
