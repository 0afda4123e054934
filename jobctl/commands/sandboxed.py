"""Access to the services that the sandbox plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobctl import registry, sandbox
from jobctl.auth.cache import TokenCache
from jobctl.commands.access import Access, Account, Choice
from jobctl.config import Profile, sandbox_profile
from jobctl.config.file import SANDBOX
from jobctl.errors import Unsupported
from jobctl.provider import Elsewhere, Manifest, Provider

if TYPE_CHECKING:
    import httpx

    from jobctl.http.recording import Recorder
    from jobctl.registry import Facts
    from jobctl.sandbox.server import Served


class Sandboxed(Access):
    """Services on loopback: those of the sandbox, and those that a provider brings along.

    The latter play on every host, and ask nobody who they are.
    """

    def __init__(self, choice: Choice, served: Served, recorder: Recorder | None) -> None:
        super().__init__(
            choice,
            SANDBOX,
            self._profile,
            TokenCache(None),
            trust_env=False,
            recorder=recorder,
            hinted=lambda name, _: registry.origin(name) == "built-in",
        )
        self._served = served

    def is_set_up(self, name: str, facts: Facts) -> bool:  # noqa: ARG002 - it needs no settings
        return registry.origin(name) != "catalogue"

    def serves(self, name: str, url: str) -> bool:
        account = self.account(name)
        return account.provider.serves(url, account.profile)

    def open(self, provider: type[Provider]) -> Account:
        player = provider.player()
        if player is None:
            return super().open(provider)
        self._served.players[provider.name] = player
        profile = self.profile_of(provider)
        base_url = provider.base_url(profile)
        if self.recorder:
            self.recorder.account(provider.name, base_url, profile.states)
        return Account(provider, profile, base_url, None, provider.headers(profile))

    def elsewhere(
        self,
        account: Account,
        url: str,  # noqa: ARG002 - whatever the host
        auth: httpx.Auth | None,  # noqa: ARG002
    ) -> Elsewhere:
        return Elsewhere(self.client(account), account.base_url)

    def _profile(self, provider: type[Manifest]) -> Profile:
        root = f"{self._served.root}/{provider.name}"
        player = self._served.players.get(provider.name)
        if player is None and provider.name not in sandbox.services():
            raise Unsupported(
                f"the sandbox does not play {provider.name}",
                hint="a provider of a package brings what plays it, as its `player`",
            )
        player = player or sandbox.service(provider.name)
        return sandbox_profile(
            provider.sections(), player.settings(root), overrides=self.choice.shared.overrides
        )
