"""What the shell may offer for a word: nothing here may import more than the words need."""

import os
from collections.abc import Callable


def profiles(incomplete: str) -> list[str]:
    """The profiles of the configuration file, and the built-in one."""
    from jobctl.config import profile_names_quickly

    names = {"sandbox", *profile_names_quickly(os.environ)}
    return sorted(name for name in names if name.startswith(incomplete))


def jobs(provider: str | None) -> Callable[[str], list[str]]:
    """The jobs of the sandbox: ids for a provider, references without one."""

    def offer(incomplete: str) -> list[str]:
        from jobctl import sandbox

        names = [provider] if provider else list(sandbox.services())
        return [
            text
            for name in names
            for scenario in sandbox.service(name).SCENARIOS
            if (text := scenario.id if provider else f"{name}/{scenario.id}").startswith(incomplete)
        ]

    return offer
