"""`config path` and `config check`."""

from jobctl import registry
from jobctl.commands import Terminal
from jobctl.config import Configuration
from jobctl.render.messages import say


def path(terminal: Terminal) -> None:
    """Show where the configuration file is, or would be."""
    terminal.out.write(f"{Configuration.find(terminal.environ)}\n")


def check(terminal: Terminal) -> None:
    """Read the whole file as every command would.

    Raises:
        ConfigError: it cannot be used; with file, line and column.
    """
    configuration = Configuration.read(terminal.environ)
    configuration.check(registry.settings_of)
    for text in configuration.warnings:
        say(terminal.err, "warning", text)
    names = ", ".join(configuration.profiles)
    terminal.out.write(
        f"{configuration.path}: "
        + (f"ok, profiles: {names}\n" if names else "no profiles; only variables are used\n")
    )
