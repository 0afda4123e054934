"""`config path` and `config check`."""

from pathlib import Path

from jobctl import registry
from jobctl.commands import Terminal
from jobctl.config import Configuration, profile_name
from jobctl.errors import ConfigError
from jobctl.render.messages import say


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


def check(terminal: Terminal) -> None:
    """Read the whole file as every command would.

    Raises:
        ConfigError: it cannot be used; with file, line and column.
    """
    configuration = Configuration.read(terminal.environ)
    configuration.check(registry.section)
    profile_name(None, terminal.environ, lambda: configuration)
    for text in configuration.warnings:
        say(terminal.err, "warning", text)
    names = ", ".join(configuration.profiles)
    found = f"ok, profiles: {names}" if names else "no profiles; only variables are used"
    if configuration.path is None or not configuration.path.exists():
        found = "there is no such file; only variables are used"
    terminal.out.write(f"{configuration.place}: {found}\n")
