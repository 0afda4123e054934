"""One account: its settings, its credentials, the road to its service, and one request."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import httpx

from jobctl import registry
from jobctl.auth.renewal import RenewedToken
from jobctl.clock import Clock
from jobctl.commands.access import Access, Account, trust_of
from jobctl.commands.doctor.finding import (
    Finding,
    Status,
    of_error,
    of_warning,
    ok,
    problem,
    warning,
)
from jobctl.commands.doctor.road import Resolve, Road, clock, speaks_tls, walk
from jobctl.commands.doctor.shapes import shapes
from jobctl.commands.opening import strangers
from jobctl.config.profile import Where
from jobctl.errors import AuthError, ExitCode, JobctlError, NotFoundError, UnavailableError
from jobctl.http import Trust
from jobctl.provider.path import names_in
from jobctl.threads import Start, start

_MADE_OF = ("region", "cluster", "host", "account", "workspace")


class World(NamedTuple):
    """What checks have to do with: time, who knows the addresses of hosts, and threads.

    A connection, and an answer before there are credentials, may take so many `seconds`.
    """

    clock: Clock
    resolve: Resolve = socket.getaddrinfo
    seconds: float = 5.0
    start: Start = start


def examine(access: Access, name: str, world: World) -> list[Finding]:
    """What is to be found of one provider's account, the cause before what comes of it."""
    return [one._replace(provider=name) for one in _Examination(access, name, world).run()]


class _Examination:
    def __init__(self, access: Access, name: str, world: World) -> None:
        self.access = access
        self.name = name
        self.world = world
        self.odd: list[Finding] = []  # what may be the reason of what fails
        self.date: str | None = None

    def run(self) -> list[Finding]:
        try:
            return self.looked()
        except JobctlError as error:
            check = "credentials" if isinstance(error, AuthError) else "settings"
            return self.failed(of_error(check, error))

    def looked(self) -> list[Finding]:
        """What is found, each question after those that it hangs on.

        Raises:
            JobctlError: a setting cannot be used.
        """
        provider = registry.find(self.name)
        profile = self.access.profile_of(provider)
        if self.access.trust_env:
            found = strangers(provider, self.access.choice.environ)
            self.odd += [warning("settings", what, mend) for what, mend in map(_parted, found)]
        self.odd += shapes(provider, profile, self.world.clock.wall())
        account = self.access.account(self.name)
        told = [ok("settings", "all that it needs is there")]
        for url, blame in _addresses(account):
            told += walk(self.road(account, httpx.URL(url), blame))
        if any(one.status is Status.PROBLEM for one in told):
            told += self.odd
        else:
            told += self.asked(account)
        return told + [of_warning("settings", text) for text in account.profile.warnings]

    def failed(self, failure: Finding) -> list[Finding]:
        """A failure, after all that may be the reason of it."""
        return [*(one.as_problem(failure.code) for one in self.odd), failure]

    def road(self, account: Account, url: httpx.URL, blame: str) -> Road:
        return Road(
            url,
            blame,
            trust_of(account.profile),
            " and ".join(_given(account, Trust._fields)),
            self.access.trust_env,
            min(self.world.seconds, account.profile.seconds("connect_timeout")),
            self.world.resolve,
            self.world.clock.wall(),
        )

    def asked(self, account: Account) -> list[Finding]:
        """What comes of one request that is signed in."""
        provider = self.access.provider(self.name)
        hooks = provider.client.event_hooks
        provider.client.event_hooks = {"response": [*hooks["response"], self.heed]}
        began = self.world.clock.now()
        failure: JobctlError | None = None
        caller: str | None = None
        try:
            caller = provider.probe()
        except JobctlError as error:
            failure = error
        took = self.world.clock.now() - began
        off = clock(self.date, self.world.clock.wall())
        self.odd += [off] if off else []
        if failure is None:
            agrees = self.date is not None and off is None
            clocks = [ok("clock", "the clock agrees with the service's")] if agrees else []
            whose = f" of {caller}" if caller else ""
            taken = ok("request", f"the service takes the credentials{whose} ({took:.2f} s)")
            return [*self.odd, *clocks, taken]
        url, blame = next(_addresses(account))
        found = of_error("request", failure)
        if isinstance(failure, AuthError | NotFoundError):
            refused = isinstance(failure, AuthError)
            told = _credentials(account) if refused else [blame]
            told += _given(account, names_in(account.provider.paths[0]))
            if failure.http_status is not None:  # else it is not the service that refuses
                found = found._replace(what=f"{found.what}; it was asked with {' and '.join(told)}")
            if not refused:  # what the service says of it is about jobs
                names = (one.partition(" of ")[0] for one in told)
                found = found._replace(mend=f"check {' and '.join(names)}")
            return self.failed(found)
        road = self.road(account, httpx.URL(url), blame)
        found = found._replace(what=f"{found.what} ({blame})")
        if isinstance(failure, UnavailableError) and url.startswith("http:") and speaks_tls(road):
            what = f"{road.place} speaks TLS, but {blame} begins with http://"
            found = problem("tls", what, "write https://", ExitCode.UNAVAILABLE)
        return [found, *self.odd]

    def heed(self, response: httpx.Response) -> None:
        """Keep when the service says that it is."""
        self.date = response.headers.get("Date")


def _addresses(account: Account) -> Iterator[tuple[str, str]]:
    """The URLs that must be reached, each with what it is made of."""
    yield account.base_url, _blame(account)
    if isinstance(account.auth, RenewedToken):
        for url in account.auth.origins:
            yield url, "the address that gives tokens"


def _blame(account: Account) -> str:
    """The settings that tell where the service is, and where they are from."""
    given = _given(account, ("base_url",)) or _given(account, _MADE_OF)
    return " and ".join(given) or "the usual base_url"


def _credentials(account: Account) -> list[str]:
    """What signs in, and where it is from."""
    way = account.provider.account.way(account.profile)
    origins = {name: account.profile.origin(name) for name in (way.marks if way else ())}
    return [f"{name} of {one.place}" for name, one in origins.items() if one is not None]


def _parted(text: str) -> tuple[str, str]:
    """What is wrong and what mends it, of a text that tells both."""
    what, _, mend = text.partition(": ")
    return what, mend


def _given(account: Account, names: Sequence[str]) -> list[str]:
    """Those of the settings that a user gave: `region 'cn-north-4' of HW_REGION_NAME`."""
    known = {one.name for one in account.provider.all_settings() if not one.secret}
    told = []
    for name in names:
        origin = account.profile.origin(name) if name in known else None
        if origin is not None and origin.where is not Where.DEFAULT:
            told.append(f"{name} {account.profile.get(name)!r} of {origin.place}")
    return told
