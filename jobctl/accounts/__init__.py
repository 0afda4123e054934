"""Accounts as data: the settings that a service wants of whoever asks, and its ways of signing in.

Importing an account loads neither httpx nor a provider.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from jobctl.config import Kind, Profile, Setting
from jobctl.config.ini import Ini
from jobctl.errors import ConfigError, LackingError

if TYPE_CHECKING:
    import httpx

    from jobctl.auth.cache import TokenCache
    from jobctl.clock import Clock

# A setting that must be there, or several of which one is enough: the first is the one to ask for.
Need = str | tuple[str, ...]


class Way(NamedTuple):
    """One way of signing in; `name` is its word in the setting `auth`.

    `make` gives the flow, once all is there that the way `needs`, and `further` as the other
    settings are. `begun_by` are the settings that tell that this way is meant: those that stand
    alone in `needs`, if left out. Settings that go `together` come from one place; half of them is
    an error, not a reason to take another way. One that is `asked` for is taken only where the
    setting `auth` names it. With one that is `interactive` a person signs in first: its flow has
    `sign_in`, which `jobctl auth login` calls, and `forget` (see `jobctl.auth.device.DeviceCode`).
    `library` is the module that it is done with, if that is one of an extra.
    `whose` are the settings that tell who signs in: those of the needs that are no secrets, if
    left out.
    """

    name: str
    help: str
    needs: tuple[Need, ...]
    make: Callable[[Profile, TokenCache, Clock | None], httpx.Auth]
    further: Callable[[Profile], tuple[Need, ...]] = lambda _: ()
    begun_by: tuple[str, ...] = ()
    together: bool = False
    asked: bool = False
    interactive: bool = False
    library: str = ""
    whose: tuple[str, ...] = ()

    @property
    def installed(self) -> bool:
        """Whether its library is here, if it wants one."""
        from importlib.util import find_spec

        try:
            return not self.library or find_spec(self.library) is not None
        except ModuleNotFoundError:  # not even the package that it is in
            return False

    @property
    def alone(self) -> tuple[str, ...]:
        """The needs that nothing else can stand for."""
        return tuple(one for one in self.needs if isinstance(one, str))

    @property
    def marks(self) -> tuple[str, ...]:
        """The settings that tell that this way is meant."""
        return self.begun_by or self.alone

    def missing(self, profile: Profile) -> list[tuple[str, ...]]:
        """What nothing gives: each a setting, or several of which one is enough.

        Of settings that go together none counts as missing once one is there: see `half`.
        """
        begun = self.alone if self.together and profile.nearest(self.marks) else ()
        needs = (*self.needs, *self.further(profile))
        return [one for one in absent(profile, needs) if one[0] not in begun]

    def has_any(self, profile: Profile) -> bool:
        """Whether something is there of what this way is begun by, be it a default."""
        return not self.marks or any(profile.source(name) for name in self.marks)

    def half(self, profile: Profile) -> ConfigError | None:
        """The error for settings that go together, where the place of some lacks another."""
        given = profile.family(*self.marks) if self.together else {}
        lost = [name for name in self.alone if name not in given]
        if not given or not lost:
            return None
        place = profile.source(next(iter(given)))
        return ConfigError(
            " and ".join(f"{name} is missing" for name in lost)
            + f" in the place of the other ({place})",
            hint=f"{profile.mend(lost)}; {', '.join(self.marks)} must come from the same place",
            provider=profile.provider,
        )


Find = Callable[[Profile, "httpx.Auth | None", "httpx.Client"], str]


class Account(NamedTuple):
    """A section of a profile: what there is to set, and the ways of signing in, the best first.

    Providers may share one by its name. `vendor_files` are the vendor's own, with `{profile}` in
    their paths. If the setting `auth` (`choice`) is among its own, it names a way. One without ways
    signs nothing, nor does one whose ways need nothing, where nothing is given. What paths want and
    the vendor can be asked for stands in `finds`, with what gives it.
    """

    name: str
    settings: tuple[Setting, ...] = ()
    ways: tuple[Way, ...] = ()
    vendor_files: tuple[str | Ini, ...] = ()
    finds: Mapping[str, Find] = MappingProxyType({})

    def way(self, profile: Profile) -> Way | None:
        """The way of signing in: the one that `auth` names, else one that somebody has begun.

        The nearest place that has begun any decides (`Profile.nearest`): of those it has begun the
        first that is complete, else the first. Where nobody has begun any, the only way, or one to
        which defaults give all, or none.

        Raises:
            ConfigError: `auth` names none.
        """
        if any(one.name == "auth" for one in self.settings) and (told := profile.get("auth")):
            return next(way for way in self.ways if way.name == told)
        usual = self._usual()
        # what decides for a way goes before what it only needs as well
        for marks in ([way.marks for way in usual], [way.alone for way in usual]):
            given = profile.nearest(name for names in marks for name in names)
            begun = [way for way, names in zip(usual, marks, strict=True) if given & {*names}]
            if begun:
                whole = (way for way in begun if way.together or not way.missing(profile))
                return next(whole, begun[0])
        whole = (way for way in usual if not way.missing(profile) and way.has_any(profile))
        only = usual[0] if len(usual) == 1 and usual[0].needs else None
        return next(whole, only)

    def check(self, profile: Profile, needs: Sequence[Need] = ()) -> Way | None:
        """The way of signing in, once all is there that it wants, and that is needed besides.

        Raises:
            ConfigError: settings are missing, all of which it tells, or cannot be used.
        """
        way = self.way(profile)
        lost = _apart(absent(profile, needs) + (way.missing(profile) if way else []))
        known = [one[0] for one in lost]
        usual = [] if way else self._usual()
        # where what may be left out was left out, requests go unsigned
        begin = usual if all(one.alone for one in usual) else []
        ways = [_apart(one.missing(profile), known) for one in begin]
        told = [profile.lacking(lost, ways)] if lost or ways else []
        half = way and way.half(profile)
        if half:
            told.append(half)
        if told:
            faults = profile.faults()
            told += faults
            kind = ConfigError if half or faults else LackingError
            raise kind(
                "; ".join(one.message for one in told),
                hint="; ".join(one.hint for one in told if one.hint),
                provider=profile.provider,
            )
        return way

    def sign_in(
        self, profile: Profile, cache: TokenCache, clock: Clock | None = None
    ) -> httpx.Auth | None:
        """The flow that signs requests in; None for a service that wants none.

        Raises:
            ConfigError: settings are missing, or cannot be used.
        """
        way = self.check(profile)
        if way is None:
            return None
        auth = way.make(profile, cache, clock)
        made_by = getattr(auth, "made_by", None)  # those that show what is ready have it
        if made_by:
            made_by(lambda: way.make(profile.afresh(), cache, clock))
        return auth

    def _usual(self) -> list[Way]:
        """The ways that need not be asked for."""
        return [way for way in self.ways if not way.asked]


def choice(ways: Sequence[Way], *variables: str) -> Setting:
    """The setting `auth` of an account with several ways; `variables` are the vendor's."""
    usual = " or ".join(way.name for way in ways if not way.asked)
    return Setting(
        "auth",
        f"the way of signing in; else {usual}, the first that is begun",
        variables,
        choices=tuple(way.name for way in ways),
    )


def absent(profile: Profile, needs: Sequence[Need]) -> list[tuple[str, ...]]:
    """The needs that nothing meets, not even a default."""
    wanted = [(one,) if isinstance(one, str) else one for one in needs]
    return [one for one in wanted if not any(profile.source(name) for name in one)]


def _apart(needs: Sequence[tuple[str, ...]], known: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """The needs that neither another one, nor what is `known`, helps: the first of several does."""
    apart = {one[0]: one for one in reversed(needs) if one[0] not in known}
    return [*apart.values()][::-1]


def bearer(setting: str) -> Callable[[Profile, TokenCache, Clock | None], httpx.Auth]:
    """What makes a flow of a ready token in a setting."""

    def make(profile: Profile, _cache: TokenCache, _clock: Clock | None) -> httpx.Auth:
        from jobctl.auth import bearer

        return profile.use(setting, bearer)

    return make


def address(name: str, help: str, env: tuple[str, ...] = (), default: str | None = None) -> Setting:
    """A setting that is the URL of a service."""
    return Setting(name, help, env, default, check=check_address)


def credential(name: str, help: str, env: tuple[str, ...] = ()) -> Setting:
    """A setting that is a secret of one word, such as a token or a key."""
    return Setting(name, help, env, secret=True, kind=Kind.WORD)


def check_address(text: str, name: str) -> None:
    """See that a setting holds the URL of a service; of base_url the profile tells if it is http.

    Raises:
        ConfigError: it does not.
    """
    from jobctl.http import check_url

    check_url(text, name, plain=name == "base_url")


def url(profile: Profile, setting: str) -> str:
    """The URL of a service, from a setting, in its normal form.

    Raises:
        ConfigError: nothing gives it, or it cannot be used.
    """
    from jobctl.http import check_url

    plain = setting == "base_url" and profile.allows_http
    return profile.use(setting, lambda text: check_url(text, setting, plain=plain))
