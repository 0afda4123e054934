"""A profile as it would be with what somebody enters, before any of it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jobctl.accounts import Need, Way, absent
from jobctl.commands.auth import KEYRING, SERVICE, user
from jobctl.config import Configuration, Origin, Profile, Setting, Where, open_profile
from jobctl.config.editing import Name, change
from jobctl.config.profile import Found, Layer
from jobctl.config.references import is_reference, resolve
from jobctl.errors import ConfigError, UsageError, did_you_mean
from jobctl.provider import Manifest

_ENTERED = "what was entered"


class Draft:
    """The profile of a provider; `entered` are values, or references to them, by setting."""

    def __init__(
        self,
        provider: type[Manifest],
        name: str,
        path: Path,
        configuration: Configuration,
        environ: Mapping[str, str],
    ) -> None:
        self.provider = provider
        self.name = name
        self.settings = {one.name: one for one in provider.all_settings()}
        self.entered: dict[str, str] = {}
        self._path = path
        self._configuration = configuration
        self._environ = environ

    def take(self, name: str, value: str) -> None:
        """Enter what the command line says.

        Raises:
            UsageError: there is no such setting, it is a secret, or the value cannot be one.
        """
        if name not in self.settings:
            raise UsageError(
                f"--set: there is no setting {name!r}", hint=did_you_mean(name, self.settings)
            )
        setting = self.settings[name]
        if setting.secret:
            raise UsageError(
                f"--set: {name} is a secret, and secrets never stand on a command line",
                hint="it is asked for; --with-token reads one from standard input",
            )
        complaint = setting.complaint(value)
        if complaint:
            raise UsageError(f"--set: {complaint}")
        self.entered[name] = value

    def profile(self, configuration: Configuration | None = None) -> Profile:
        """The profile with all that is entered, or without it as another file has it."""
        entered = Layer(_ENTERED, self._find)
        return open_profile(
            self.provider.sections(),
            configuration or self._configuration,
            self.name,
            environ=self._environ,
            address=self.provider.server,
            nearest=() if configuration else (entered,),
        )

    def missing(self, way: Way | None) -> list[tuple[str, ...]]:
        """What nothing gives: each a setting, or several of which one is enough."""
        profile = self.profile()
        lost = absent(profile, self.provider.needed(profile))
        if way is not None:
            half = way.alone if way.half(profile) else ()
            # whoever needs nothing in particular is asked for all that can be told
            needs: tuple[Need, ...] = half if way.needs else way.marks
            lost += way.missing(profile) + (
                [(one,) for one in half] if way.needs else absent(profile, needs)
            )
        return list(dict.fromkeys(lost))

    def kept(self, way: Way | None) -> list[Setting]:
        """The secrets of a way that the profile holds, as they are before anything is entered."""
        profile = self.profile()
        names = way.marks if way else ()
        origins = {name: profile.origin(name) for name in names if self.settings[name].secret}
        return [
            self.settings[name]
            for name, origin in origins.items()
            if origin is not None and origin.where is Where.PROFILE
        ]

    def choose(self, way: Way) -> None:
        """See that this way is the one that is taken.

        Raises:
            UsageError: another one is, and there is no setting that could say so.
        """
        account = self.provider.account
        taken = account.way(self.profile())
        if taken is not way:
            if "auth" not in self.settings:
                other = taken.name if taken else "none"
                raise UsageError(f"what is set begins another way than {way.name}: {other}")
            self.entered["auth"] = way.name

    def store(self, *, insecure: bool) -> list[str]:
        """Keep what is entered: secrets in the keyring, or `insecure` in the file, as all else.

        The value are the places that go before what was stored: variables.

        Raises:
            AuthError: the keyring cannot be used; nothing is stored.
            ConfigError: the file cannot be written; nothing is stored.
        """
        changes: dict[Name, str | None] = {}
        put: list[str] = []
        try:
            for name, value in self.entered.items():
                section = self._section(name)
                text = value
                if self.settings[name].secret and not insecure and not is_reference(value):
                    keeps = user(self.name, section, name)
                    KEYRING.put(SERVICE, keeps, value)
                    put.append(keeps)
                    text = f"keyring:{SERVICE}/{keeps}"
                changes["profiles", self.name, section, name] = text
            change(self._path, changes)
        except ConfigError:
            for keeps in put:
                KEYRING.delete(SERVICE, keeps)
            raise
        after = self.profile(Configuration.read(self._environ))
        origins = [after.origin(name) for name in self.entered]
        return [one.place for one in origins if one and one.where is Where.VARIABLE]

    def _section(self, name: str) -> str:
        """The section that holds a setting: that of the provider where it does, or else must.

        With an address of its own go credentials of its own: what they are for lies there, and the
        account's other providers lie elsewhere.
        """
        account, own = self.provider.account, self.provider.name
        shared = any(one.name == name for one in account.settings)
        is_there = name in self._configuration.section(self.name, own)
        return account.name if shared and not is_there and not self._has_address else own

    @property
    def _has_address(self) -> bool:
        origin = self.profile().origin("base_url")
        return origin is not None and origin.where is not Where.DEFAULT

    def _find(self, _: Profile, setting: Setting) -> Found | None:
        text = self.entered.get(setting.name)
        if not text:
            return None
        origin = Origin(Where.FLAG, _ENTERED)
        if not is_reference(text):
            return Found(origin, lambda: text)
        what, folder = f"{_ENTERED}: {setting.name}", self._path.parent
        return Found(origin, lambda: resolve(text, what, self._environ, folder))
