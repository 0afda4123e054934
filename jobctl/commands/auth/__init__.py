"""`auth`: signing in, seeing who is signed in, tokens for other tools, and signing out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from jobctl.clock import Clock
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access, Choice
from jobctl.commands.opening import opened
from jobctl.commands.voice import Voice
from jobctl.config.keyrings import Keyring
from jobctl.render.messages import note

SERVICE = "jobctl"  # under which the keyring keeps what `auth login` puts there
KEYRING = Keyring(
    "enter a reference in the place of the secret, such as env:NAME or file:PATH; or"
    " --insecure-storage keeps secrets in the configuration file, readable for you"
)


def choice(shared: Shared, terminal: Terminal, clock: Clock | None = None) -> Choice:
    """What the command line says, with warnings on standard error."""
    voice = Voice(shared, lambda text: note(terminal.err, text))
    return Choice(shared, terminal.environ, voice, clock=clock)


@contextmanager
def access_to(
    shared: Shared,
    terminal: Terminal,
    *,
    outage: float | None = None,
    clock: Clock | None = None,
) -> Iterator[Access]:
    """Access by the profile that is asked for; see `Choice` for the outage.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    with opened(choice(shared, terminal, clock)._replace(outage=outage)) as access:
        yield access


def user(profile: str, section: str, setting: str) -> str:
    """The user under which the keyring keeps a setting of a profile's section."""
    return f"{profile}-{section}-{setting}"
