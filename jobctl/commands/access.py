"""From a provider's name to a provider that can be asked: profile, credentials, clients."""

from __future__ import annotations

import functools
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from jobctl import registry
from jobctl.commands import Shared
from jobctl.config import Configuration, Profile, open_profile, profile_name, sandbox_profile
from jobctl.errors import JobctlError, UsageError, did_you_mean
from jobctl.models import JobRef
from jobctl.provider import Manifest, Provider

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.http.recording import Recorder

SANDBOX = "sandbox"

_PATIENCE = 30.0
# A wait goes on asking by itself; retries of a single look only bridge what passes in a moment.
_PATIENCE_IN_A_WAIT = 3.0


class Choice(NamedTuple):
    """What the command line says about access: which profile, which settings, how to report.

    `outage` is how long a wait survives without answers, in seconds; None outside a wait.
    """

    shared: Shared
    environ: Mapping[str, str]
    outage: float | None = None
    options: Mapping[str, str | bool] = MappingProxyType({})
    log: Callable[[int, str], None] | None = None
    tell: Callable[[str], None] | None = None


class Account(NamedTuple):
    """One provider with its profile and its credentials, made on the main thread, used on many."""

    provider: type[Provider]
    profile: Profile
    base_url: str
    auth: httpx.Auth | None = None
    headers: Mapping[str, str] = MappingProxyType({})


class Access:
    """The providers a command asks, opened once each; a client for each thread and provider.

    A client shared by threads serialises them, so each thread has its own. `remembered` tells
    whether the jobs are worth remembering under the name of the profile.
    """

    remembered = True

    def __init__(
        self,
        choice: Choice,
        profile: str,
        profile_of: Callable[[type[Provider]], Profile],
        cache: TokenCache,
        *,
        trust_env: bool,
        recorder: Recorder | None = None,
    ) -> None:
        self.choice = choice
        self.profile = profile
        self.profile_of = profile_of
        self.cache = cache
        self.trust_env = trust_env
        self.recorder = recorder
        self.accounts: dict[str, Account] = {}
        self.here = threading.local()
        self.clients: list[httpx.Client] = []

    def close(self) -> None:
        """Close the connections, for commands that leave no look under way."""
        for client in self.clients:
            client.close()

    def account(self, name: str) -> Account:
        """The opened account of a provider.

        Raises:
            UsageError: there is no such provider, or its settings cannot be used.
        """
        if name not in self.accounts:
            self.accounts[name] = self.open(registry.find(name))
        return self.accounts[name]

    def open(self, provider: type[Provider]) -> Account:
        """The account of a provider, with all that is needed to sign in.

        Raises:
            UsageError: its settings cannot be used.
        """
        profile = self.profile_of(provider)
        for setting in provider.settings:
            if setting.required:
                profile.require(setting.name)
        base_url = provider.base_url(profile)
        auth, headers = provider.auth(profile, self.cache), provider.headers(profile)
        listen = getattr(auth, "listen", None)  # those that renew tokens have it
        if listen and self.choice.tell:
            listen(self.choice.tell)
        if self.recorder:
            self.recorder.account(provider.name, base_url, profile.states)
        return Account(provider, profile, base_url, auth, headers)

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
            )
        return opened[name]

    def check_overrides(self) -> None:
        """See that every setting of the command line is one of some provider that is asked.

        Raises:
            UsageError: one is not.
        """
        settings = [
            one for account in self.accounts.values() for one in account.provider.all_settings()
        ]
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
        return [text for one in self.accounts.values() for text in one.profile.warnings]

    def pace(self, name: str) -> tuple[float, float]:
        """The shortest and the longest interval between looks; the sandbox is never overrun."""
        first, longest = self.account(name).provider.pace
        return (first if self.trust_env else min(first, 1.0), longest)

    def host(self, name: str) -> str:
        """Where a provider's service is: what is there shares its limits."""
        return urlsplit(self.account(name).base_url).netloc

    def in_flight(self, name: str) -> int:
        """How many requests of a wait a provider's service may have under way."""
        return int(self.account(name).profile.require("max_in_flight"))

    def client(self, account: Account) -> httpx.Client:
        """A client for one thread."""
        from jobctl.http import connect

        outage, log = self.choice.outage, self.choice.log
        client = connect(
            account.base_url,
            account.auth,
            connect_timeout=account.profile.seconds("connect_timeout"),
            read_timeout=account.profile.seconds("read_timeout"),
            waiting=outage is not None,
            patience=_PATIENCE if outage is None else min(_PATIENCE_IN_A_WAIT, outage / 2),
            retryable=account.provider.retryable,
            log=self.recorder.listening(log) if self.recorder else log,
            tell=self.choice.tell,
            trust_env=self.trust_env,
            client=self.recorder.client(account.provider.secrets) if self.recorder else None,
        )
        client.headers.update(account.headers)
        self.clients.append(client)
        return client


@contextmanager
def about(provider: str) -> Iterator[None]:
    """An error in here is about this provider, unless it says of which."""
    try:
        yield
    except JobctlError as error:
        error.provider = error.provider or provider
        raise


@contextmanager
def opened(choice: Choice) -> Iterator[Access]:
    """Access by the profile asked for; the sandbox, if that is it, is served meanwhile.

    Raises:
        ConfigError: the configuration cannot be used.
        UsageError: no recording can be written.
    """
    tape = choice.shared.tape
    if tape.replay is not None:
        from jobctl.commands.replay import replayed

        yield replayed(choice, tape.replay)
    elif tape.record is None:
        with _asking(choice, None) as access:
            yield access
    else:
        from jobctl.http.recording import Recorder

        with (
            Recorder(Path(tape.record), tape.words, tape.began, choice.tell) as recorder,
            _asking(choice, recorder) as access,
        ):
            yield access


@contextmanager
def _asking(choice: Choice, recorder: Recorder | None) -> Iterator[Access]:
    from jobctl.auth.cache import TokenCache, cache_directory

    @functools.cache
    def configuration() -> Configuration:
        file = Configuration.read(choice.environ)
        file.check(registry.section)
        return file

    name = profile_name(choice.shared.profile, choice.environ, configuration)
    if name == SANDBOX:
        from jobctl.sandbox.server import serving

        with serving() as root:
            yield Access(
                choice,
                name,
                lambda provider: _sandbox_profile(provider, root, choice),
                TokenCache(None),
                trust_env=False,
                recorder=recorder,
            )
        return
    cache = TokenCache(lambda: cache_directory(choice.environ))
    yield Access(
        choice,
        name,
        lambda provider: _profile(provider, configuration(), name, choice),
        cache,
        trust_env=True,
        recorder=recorder,
    )


def _profile(
    provider: type[Provider], configuration: Configuration, name: str, choice: Choice
) -> Profile:
    profile = open_profile(
        provider=provider.name,
        account=provider.account,
        settings=provider.all_settings(),
        configuration=configuration,
        name=name,
        overrides=choice.shared.overrides,
        environ=choice.environ,
        vendor_files=provider.vendor_files,
    )
    for text in configuration.warnings:
        profile.warn(text)
    return profile


def _sandbox_profile(provider: type[Provider], root: str, choice: Choice) -> Profile:
    from jobctl import sandbox

    return sandbox_profile(
        provider=provider.name,
        account=provider.account,
        settings=provider.all_settings(),
        values=sandbox.service(provider.name).settings(f"{root}/{provider.name}"),
        overrides=choice.shared.overrides,
    )


def reference(access: Access, text: str, provider: str | None) -> JobRef:
    """The job that a word of the command line names: an id, a reference, an API URL, or `@1`.

    Raises:
        UsageError: it names no job of the provider, or of any.
    """
    if re.fullmatch(r"@([1-9][0-9]{0,3}|last)", text, re.ASCII):
        return _remembered(access, text, provider)
    if provider is None and "://" in text:
        claims = [name for name in registry.names() if registry.manifest(name).match(text)]
        if not claims:
            raise UsageError(f"{text!r} is not the API URL of a job")
        return access.provider(claims[0]).ref_of_url(text)
    cls = registry.manifest(provider or JobRef.parse(text).provider)
    if "://" in text or (provider and cls.match(text)):
        return access.provider(cls.name).ref_of_url(text)
    if provider is None or (text.startswith(f"{provider}/") and _whole(cls, text)):
        return cls.check(JobRef.parse(text))
    return cls.check(JobRef.parse(text, provider))


def _remembered(access: Access, text: str, provider: str | None) -> JobRef:
    """The job that a number of `jobctl history` stands for: of the profile in use, or refused."""
    from jobctl.history import history

    number = 1 if text == "@last" else int(text[1:])
    entries = history(access.choice.environ).newest(number)
    if number > len(entries):
        there = f"the history goes to @{len(entries)}" if entries else "no job has been seen so far"
        raise UsageError(f"there is no {text}: {there}", hint="`jobctl history` shows the numbers")
    entry = entries[number - 1]
    if provider not in (None, entry.provider):
        raise UsageError(f"{text} is {entry.ref}, no job of {provider}")
    if access.remembered and entry.profile != access.profile:
        raise UsageError(
            f"{text} is {entry.ref}, seen with profile {entry.profile!r}, not {access.profile!r}",
            hint=f"add --profile {entry.profile}, or write the reference",
        )
    return registry.manifest(entry.provider).check(JobRef.parse(entry.ref))


def _whole(cls: type[Manifest], text: str) -> bool:
    """Whether the text is a full reference, not an id that begins with the provider's name."""
    return cls.least() <= text.count("/") <= len(cls.ids)
