"""What the shell may offer for a word: nothing here may import more than the words need."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any


def profiles(incomplete: str) -> list[str]:
    """The profiles of the configuration file, and the built-in one."""
    from jobctl.config import profile_names_quickly

    names = {"sandbox", *profile_names_quickly(os.environ)}
    return sorted(name for name in names if name.startswith(incomplete))


def jobs(provider: str | None) -> Callable[[str], list[str]]:
    """The jobs seen lately, then those of the sandbox: ids for a provider, else references."""

    def offer(incomplete: str) -> list[str]:
        found = (*_seen(provider), *_played(provider))
        return [text for text in dict.fromkeys(found) if text.startswith(incomplete)]

    return offer


def _seen(provider: str | None) -> Iterator[str]:
    from jobctl.errors import ConfigError
    from jobctl.history import history

    with suppress(ConfigError):
        for one in history(os.environ).newest():
            if provider is None:
                yield one.ref
            elif one.provider == provider:
                yield one.id


def _played(provider: str | None) -> Iterator[str]:
    from jobctl import sandbox

    known = sandbox.services()
    for name in [provider] if provider else known:
        player = sandbox.service(name) if name in known else _brought(name)
        for scenario in player.SCENARIOS:
            yield scenario.id if provider else f"{name}/{scenario.id}"


def _brought(name: str) -> Any:
    """The service that a provider itself brings along to be played."""
    from jobctl import registry

    return registry.find(name).player()
