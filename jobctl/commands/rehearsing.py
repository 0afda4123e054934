"""What a use of each profile would end with, as far as that can be told without asking anybody.

Each provider of a profile is opened as for a look, and looks at the job of its example with a
client that sends nothing. What is kept elsewhere is stood in for, or, where it is no secret and has
not been resolved, ends the rehearsal of what needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import httpx

from jobctl import registry
from jobctl.commands import Shared
from jobctl.commands.access import Access, Choice, trust_of
from jobctl.commands.accounts import by_fame
from jobctl.commands.standing_in import Caught, StandIns, stand_in
from jobctl.commands.voice import Voice
from jobctl.config import Configuration, Profile, Setting, open_profile
from jobctl.config.profile import Found
from jobctl.errors import ConfigError, ExitCode, JobctlError, LackingError
from jobctl.http.proxies import proxy_of
from jobctl.http.tls import tls_context
from jobctl.models import JobRef
from jobctl.provider import Manifest, Provider

Resolved = Mapping[str, str | None]
"""What references stand for, by their places; None where that could not be had."""

_OURS = (ExitCode.USAGE, ExitCode.AUTH)


def _say_nothing(_: str) -> None:
    """What a look would say besides, it says then."""


class _UnknownError(ConfigError):
    """A value that is kept elsewhere is needed to go on."""


def rehearse(
    configuration: Configuration, environ: Mapping[str, str], resolved: Resolved | None
) -> Iterator[JobctlError]:
    """What is wrong with each profile, each thing once; a `LackingError` for what lacks.

    `resolved` is None where no references are followed.
    """
    told: set[str] = set()
    for name in configuration.profiles:
        for provider in _providers(configuration.sections(name)):
            for error in _Rehearsal(configuration, environ, resolved, name).of(provider):
                if error.message not in told:
                    told.add(error.message)
                    if not re.search(r":\d+:\d+: ", error.message):
                        error.message = f"the profile {name!r}: {error.message}"
                    yield error


def _providers(sections: Mapping[str, object]) -> Iterator[str]:
    """The providers of sections that hold something; of an account's own the first that is known.

    Those whose file is wrong have been told.
    """
    facts = {name: one for name, one in registry.facts().items() if one.broken is None}
    own = [one for one in sections if one in facts]
    yield from own
    used = {facts[one].account for one in own}
    for section in (one for one in sections if one not in used):
        others = (one for one in facts.items() if one[1].account == section)
        first = min(others, key=by_fame, default=None)
        if first is not None and section not in facts:
            yield first[0]


class _Rehearsal:
    def __init__(
        self,
        configuration: Configuration,
        environ: Mapping[str, str],
        resolved: Resolved | None,
        profile: str,
    ) -> None:
        self._configuration = configuration
        self._environ = environ
        self._resolved = resolved
        self._profile = profile
        shared = Shared(profile=profile, quiet=True, curl=True)
        choice = Choice(shared, environ, Voice(shared, _say_nothing))
        self._access = Access(choice, profile, self._opened, StandIns(), trust_env=True)

    def of(self, name: str) -> Iterator[JobctlError]:
        """What is wrong with a provider."""
        provider = registry.find(name)
        try:
            profile = self._opened(provider)
        except ConfigError as error:
            yield error
            return
        lacks = False
        for step in self._steps(provider, profile):
            try:
                step()
            except (Caught, _UnknownError):
                continue
            except JobctlError as error:
                # the first of them has told all that lacks
                if error.exit_code in _OURS and not (lacks and isinstance(error, LackingError)):
                    yield error
                lacks = lacks or isinstance(error, LackingError)

    def _steps(self, provider: type[Provider], profile: Profile) -> Iterator[Callable[[], object]]:
        yield lambda: self._look(provider, profile)
        yield lambda: proxy_of(httpx.URL(provider.base_url(profile)))
        yield lambda: tls_context(trust_env=True, trust=trust_of(profile))

    def _look(self, provider: type[Provider], profile: Profile) -> None:
        way = provider.account.check(profile, provider.needed(profile))
        # the vendors' libraries may ask somebody for credentials
        if way is None or not way.library:
            ref = JobRef.parse(provider.example, provider.name)
            self._access.provider(provider.name).get(ref)

    def _opened(self, provider: type[Manifest]) -> Profile:
        profile = open_profile(
            provider.sections(),
            self._configuration,
            self._profile,
            environ=self._environ,
            address=provider.server,
        )
        profile.stand_in = self._stand_in
        return profile

    def _stand_in(self, profile: Profile, setting: Setting, found: Found) -> str | None:
        place, reference = found.origin.place, found.origin.reference
        if reference is None:
            return None
        if self._resolved is None and setting.secret:
            return stand_in(profile, setting, found)
        text = (self._resolved or {}).get(place)
        if text is None:
            raise _UnknownError(f"{place}: {setting.name} is not known")
        return text
