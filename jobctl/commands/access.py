"""From a provider's name to a provider that can be asked: profile, credentials, clients."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import urlsplit

from jobctl import registry
from jobctl.commands import Shared, Terminal
from jobctl.commands.voice import Voice
from jobctl.config import Profile
from jobctl.errors import ConfigError, JobctlError, UsageError, did_you_mean
from jobctl.models import JobRef
from jobctl.provider import Elsewhere, Manifest, Provider

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock
    from jobctl.http import Kept, Trust
    from jobctl.http.recording import Recorder
    from jobctl.registry import Facts

_PATIENCE = 30.0
# A wait goes on asking by itself; retries of a single look only bridge what passes in a moment.
_PATIENCE_IN_A_WAIT = 3.0


class _Request(Protocol):
    """A request of a command line for what a provider has."""

    @property
    def shared(self) -> Shared: ...
    @property
    def options(self) -> Mapping[str, str | bool]: ...


class Choice(NamedTuple):
    """What the command line says about access: which profile, which settings, how to report.

    `outage` is how long a wait survives without answers, in seconds; None outside a wait. By the
    `clock` requests are given up and asked again, and tokens end; by default it is the real one.
    Nothing takes longer than `longest` seconds: no answer, and no command that a setting names.
    """

    shared: Shared
    environ: Mapping[str, str]
    voice: Voice
    outage: float | None = None
    options: Mapping[str, str | bool] = MappingProxyType({})
    clock: Clock | None = None
    longest: float = math.inf

    @classmethod
    def of(
        cls, request: _Request, terminal: Terminal, voice: Voice, outage: float | None = None
    ) -> Choice:
        """What the command line of a request says."""
        options = request.options
        return cls(request.shared, terminal.environ, voice, outage=outage, options=options)


class Account(NamedTuple):
    """One provider with its profile and its credentials, made on the main thread, used on many.

    `own` tells that `base_url` is the service's, for which the profile speaks; `kept` are answers
    that a wait need not have twice.
    """

    provider: type[Provider]
    profile: Profile
    base_url: str
    auth: httpx.Auth | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    own: bool = True
    kept: Kept | None = None


class Access:
    """The providers a command asks, opened once each; a client for each thread and provider.

    A client shared by threads serialises them, so each thread has its own. `paused` is called
    before each pause that a service is given. `remembered` tells
    whether the jobs are worth remembering under the name of the profile.
    """

    remembered = True

    def __init__(
        self,
        choice: Choice,
        profile: str,
        profile_of: Callable[[type[Manifest]], Profile],
        cache: TokenCache,
        *,
        trust_env: bool,
        recorder: Recorder | None = None,
        hinted: Callable[[str, Facts], bool] = lambda *_: True,
    ) -> None:
        self.choice = choice
        self.profile = profile
        self._open_profile = profile_of
        self._profiles: dict[str, Profile] = {}
        self.cache = cache
        if choice.shared.curl:
            from jobctl.commands.standing_in import StandIns

            self.cache = StandIns()
        self.trust_env = trust_env
        self.recorder = recorder
        self.hinted = hinted
        self.accounts: dict[str, Account] = {}
        self.here = threading.local()
        self.clients: list[httpx.Client] = []
        self.closed = False
        self.paused: Callable[[], None] = lambda: None

    def close(self) -> None:
        """Close the connections, also those of looks that nobody waits for any more."""
        self.closed = True
        for client in self.clients:
            client.close()

    def wait_no_more(self) -> None:
        """What is asked from now on shall be answered, or not: nobody waits for a better answer."""
        self.choice = self.choice._replace(outage=None)
        self.here = threading.local()

    def profile_of(self, provider: type[Manifest]) -> Profile:
        """The profile of a provider, one each, so that nothing is read twice.

        Raises:
            ConfigError: the configuration cannot be used.
        """
        if provider.name not in self._profiles:
            profile = self._open_profile(provider)
            profile.declared = registry.given(provider.name)
            if self.choice.shared.curl and profile.stand_in is None:
                from jobctl.commands.standing_in import stand_in

                profile.stand_in = stand_in
            self._profiles[provider.name] = profile
        return self._profiles[provider.name]

    def account(self, name: str) -> Account:
        """The opened account of a provider.

        Raises:
            UsageError: there is no such provider, or its settings cannot be used.
        """
        if name not in self.accounts:
            self.accounts[name] = self.open(registry.find(name))
        return self.accounts[name]

    def is_set_up(self, name: str, facts: Facts) -> bool:
        """Whether all is there that a provider needs, some of it given by the user.

        One whose library is not installed has not been set up, whatever else is.

        Raises:
            ConfigError: the configuration cannot be used, or the provider's file.
        """
        if not self.hinted(name, facts):
            return False
        provider = registry.manifest(name)
        profile = self.profile_of(provider)
        try:
            way = provider.account.check(profile, provider.needed(profile))
        except ConfigError:
            return False
        given = {profile.source(one.name) for one in provider.all_settings()} - {None, "default"}
        return bool(given) and (way is None or way.installed)

    def open(self, provider: type[Provider]) -> Account:
        """The account of a provider, with all that is needed to sign in.

        Raises:
            UsageError: its settings cannot be used.
        """
        profile = self.profile_of(provider)
        provider.account.check(profile, provider.needed(profile))
        base_url = provider.base_url(profile)
        cache = self.cache.of(self.profile, provider.account.name, origin=_origin(base_url))
        auth = provider.auth(profile, cache, self.choice.clock)
        headers = provider.headers(profile)
        listen = getattr(auth, "listen", None)  # those that renew tokens have it
        if listen:
            listen(self.choice.voice.alert)
        if self.recorder:
            self.recorder.account(provider.name, base_url, profile.states)
        if auth or headers:
            _tell_of_open_roads(profile, base_url)
        return Account(provider, profile, base_url, auth, headers, kept=self._kept())

    def _kept(self) -> Kept | None:
        from jobctl.http import Kept

        return None if self.choice.outage is None else Kept()

    def serves(self, name: str, url: str) -> bool:
        """Whether a job's API URL is of the service that the profile names for a provider."""
        provider = registry.find(name)
        try:
            return provider.serves(url, self.profile_of(provider))
        except JobctlError:  # nothing that it needs is set up
            return False

    def provider(self, name: str) -> Provider:
        """The provider, with a client of this thread."""
        opened: dict[str, Provider] = self.here.__dict__.setdefault("providers", {})
        if name not in opened:
            account = self.account(name)
            opened[name] = account.provider(
                account.profile,
                self.client(account),
                options=self.choice.options,
                waiting=self.choice.outage is not None,
                elsewhere=partial(self.elsewhere, account),
            )
        return opened[name]

    def check_overrides(self, asked: Iterable[type[Manifest]] | None = None) -> None:
        """See that every setting of the command line is one of some provider that is asked.

        Those are the opened ones, if nobody says which.

        Raises:
            UsageError: one is not.
        """
        if asked is None:
            asked = [account.provider for account in self.accounts.values()]
        settings = [one for provider in asked for one in provider.all_settings()]
        known = dict.fromkeys(one.name for one in settings if not one.secret)
        for name in self.choice.shared.overrides:
            if name not in known:
                raise UsageError(
                    f"--set: there is no setting {name!r}", hint=did_you_mean(name, known)
                )

    def longest_look(self) -> float:
        """Seconds that one look may take with all its tries, whatever the server does."""
        seconds = [
            account.profile.seconds("connect_timeout") + account.profile.seconds("read_timeout")
            for account in self.accounts.values()
        ]
        return max(seconds) + _PATIENCE

    def warnings(self) -> list[str]:
        """What is worth telling about the settings used."""
        accounts = list(self.accounts.values())  # a thread may be opening a further one
        return [text for one in accounts for text in one.profile.warnings]

    def pace(self, name: str) -> tuple[float, float]:
        """The shortest and the longest interval between looks; the sandbox is never overrun."""
        first, longest = self.account(name).provider.pace
        return (first if self.trust_env else min(first, 1.0), longest)

    def host(self, name: str) -> str:
        """Where a provider's service is: what is there shares its limits."""
        return urlsplit(self.account(name).base_url).netloc

    def in_flight(self, name: str, usual: int) -> int:
        """How many requests a provider's service may have under way at once."""
        return int(self.account(name).profile.get("max_in_flight") or usual)

    def elsewhere(self, account: Account, url: str, auth: httpx.Auth | None) -> Elsewhere:
        """A client for one thread and the host of a URL, which gets no credentials but these."""
        root = _origin(url)
        other = Account(account.provider, account.profile, root, auth, own=False)
        return Elsewhere(self.client(other), root)

    def client(self, account: Account) -> httpx.Client:
        """A client for one thread."""
        if self.choice.shared.curl:
            from jobctl.commands.standing_in import catching

            return catching(account.auth, account.headers)
        from jobctl.http import Trust, connect

        profile = account.profile
        outage = self.choice.outage
        log = self.choice.voice.log if self.choice.shared.verbose else None
        client = connect(
            account.base_url,
            account.auth,
            connect_timeout=min(profile.seconds("connect_timeout"), self.choice.longest),
            read_timeout=min(profile.seconds("read_timeout"), self.choice.longest),
            waiting=outage is not None,
            patience=_PATIENCE if outage is None else min(_PATIENCE_IN_A_WAIT, outage / 2),
            retryable=account.provider.retryable,
            log=self.recorder.listening(log) if self.recorder else log,
            tell=self._tell_of_a_pause,
            trust_env=self.trust_env,
            trust=trust_of(profile) if account.own else Trust(),
            plain=account.own and profile.allows_http,
            kept=account.kept,
            clock=self.choice.clock,
            client=self.recorder.client(account.provider.secrets) if self.recorder else None,
        )
        client.headers.update(account.headers)
        self.clients.append(client)
        if self.closed:  # by the thread that waits for this one no more
            client.close()
        return client

    def _tell_of_a_pause(self, text: str) -> None:
        self.paused()
        self.choice.voice.alert(text)


def _origin(url: str) -> str:
    place = urlsplit(url)
    return f"{place.scheme}://{place.netloc}"


def _tell_of_open_roads(profile: Profile, base_url: str) -> None:
    import httpx

    from jobctl.http import is_private

    if not is_private(httpx.URL(base_url)):
        profile.warn(
            f"what signs in travels to {urlsplit(base_url).netloc} for everybody on the way to read"
            " (allow_http)"
        )


def trust_of(profile: Profile) -> Trust:
    """The service's own files for TLS."""
    from jobctl.http import Trust

    files = (profile.get(name) for name in Trust._fields)
    return Trust(*(str(Path(file).expanduser()) if file else "" for file in files))


@contextmanager
def about(provider: str | None) -> Iterator[None]:
    """An error in here is about this provider, unless it says of which."""
    try:
        yield
    except JobctlError as error:
        error.provider = error.provider or provider
        raise


def name_job(error: JobctlError, ref: JobRef) -> None:
    """Say in an error which job it is about; how the command is used is about none."""
    if not isinstance(error, UsageError) and not error.message.startswith(str(ref)):
        error.message = f"{ref}: {error.message}"
