"""A recording in the place of the services: no network, no credentials, no configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote

from jobctl.auth.cache import TokenCache
from jobctl.clock import Clock
from jobctl.commands.access import Access, Account, Choice
from jobctl.config import Profile, sandbox_profile
from jobctl.errors import UnavailableError
from jobctl.http.replay import Recording, Replay
from jobctl.provider import Manifest, Provider
from jobctl.provider.path import names_in, pattern

if TYPE_CHECKING:
    import httpx

    from jobctl.registry import Facts

_NAME = "replay"


def replayed(choice: Choice, recording: Recording) -> Access:
    """Access to what was recorded."""
    return _Replayed(choice, recording, Replay(recording, Clock(choice.shared.tape.speed)))


class _Replayed(Access):
    remembered = False

    def __init__(self, choice: Choice, recording: Recording, replay: Replay) -> None:
        super().__init__(choice, _NAME, self._profile, TokenCache(None), trust_env=False)
        self._recording = recording
        self._replay = replay

    def is_set_up(self, name: str, facts: Facts) -> bool:  # noqa: ARG002 - it needs no settings
        return name in self._recording.accounts

    def open(self, provider: type[Provider]) -> Account:
        return Account(provider, self.profile_of(provider), self._base_url(provider))

    def client(self, account: Account) -> httpx.Client:  # noqa: ARG002 - one recording for all
        import httpx

        return httpx.Client(transport=self._replay, trust_env=False)

    def longest_look(self) -> float:
        return float("inf")  # it took as long as the recording says

    def _profile(self, provider: type[Manifest]) -> Profile:
        base_url = self._base_url(provider)
        asked = (question.url for question in self._recording.got)
        return sandbox_profile(
            provider.sections(),
            {"base_url": base_url, **_names(provider, base_url, asked)},
            overrides=self.choice.shared.overrides,
            name=_NAME,
            states=self._recording.accounts[provider.name].states,
        )

    def _base_url(self, provider: type[Manifest]) -> str:
        account = self._recording.accounts.get(provider.name)
        if account is None:
            raise UnavailableError(
                f"the recording has nothing of {provider.name}",
                hint="a replay answers what the recorded command has asked",
            )
        return account.base_url


def _names(provider: type[Manifest], base_url: str, asked: Iterable[str]) -> dict[str, str]:
    """The settings that the service has in its paths, before the id, such as the project."""
    before = provider.paths[0].partition(f"{{{provider.ids[0].name}}}")[0]
    names = before[: before.rfind("}") + 1]
    known = re.compile(re.escape(base_url) + pattern(names))
    found = next((one for url in asked if (one := known.match(url))), None)
    if found is None:
        # the recorded command did not get so far: there is no answer, whatever the names
        return dict.fromkeys(names_in(names), "unknown")
    return {name: unquote(text) for name, text in found.groupdict().items()}
