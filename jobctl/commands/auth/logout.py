"""`auth logout`: what signing in has left on this machine goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from jobctl import registry
from jobctl.auth.cache import TokenCache, cache_directory
from jobctl.commands import Shared, Terminal
from jobctl.commands.access import Access
from jobctl.commands.accounts import chosen
from jobctl.commands.auth import SERVICE, access_to, user
from jobctl.config import Configuration, Where
from jobctl.config.editing import Name, change
from jobctl.config.file import SANDBOX
from jobctl.config.keyrings import Keyring
from jobctl.config.references import is_reference
from jobctl.errors import ConfigError, JobctlError, UsageError
from jobctl.render.messages import note

_KEYRING = Keyring("remove the references from the file by hand")


def logout(provider: str | None, shared: Shared, terminal: Terminal) -> None:
    """Forget the tokens of an account, or of all, and the secrets that `login` has kept.

    Those are what it put into a keyring, and what stands in the profile in plain text.

    Raises:
        ConfigError: the configuration cannot be used, or a token cannot be removed.
        AuthError: the keyring cannot be used; the tokens are gone all the same.
    """
    with access_to(shared, terminal) as access:
        if access.profile == SANDBOX:
            raise UsageError(f"the profile {SANDBOX} signs in by itself, and keeps nothing")
        configuration = Configuration.read(terminal.environ)
        names = [provider] if provider else [*chosen(access)]
        if not names:
            note(terminal.err, "note: no account is set up")
        for name in names:
            account = registry.manifest(name).account.name
            _forget_tokens(access, name, account, terminal)
            stored = {
                one: keyring_user
                for section in _sections(account)
                for one, keyring_user in _stored(configuration, access.profile, section)
            }
            plain = [
                one
                for section in _sections(account)
                for one in _plain(configuration, access.profile, section, name)
            ]
            left = list(_left(access, name, {one[-1] for one in (*stored, *plain)}))
            for keyring_user in stored.values():
                _KEYRING.delete(SERVICE, keyring_user)
            if configuration.path and (stored or plain):
                change(configuration.path, dict.fromkeys([*stored, *plain]))
            told = ["its tokens", *(f"{one[-1]} in the keyring" for one in stored)]
            told += [f"{one[-1]} in {configuration.path}" for one in plain]
            gone = ", ".join(dict.fromkeys(told))
            note(terminal.err, f"{account} (profile {access.profile}): gone are {gone}")
            if left:
                note(terminal.err, f"what stays, for others put it there: {', '.join(left)}")


def _forget_tokens(access: Access, name: str, account: str, terminal: Terminal) -> None:
    with suppress(JobctlError):  # who cannot sign in has nothing more to forget than what is cached
        forget = getattr(access.account(name).auth, "forget", None)
        if forget:
            forget()
    try:
        TokenCache(lambda: cache_directory(terminal.environ)).of(access.profile, account).clear()
    except OSError as error:
        raise ConfigError(f"a token of {account} cannot be removed: {error}") from None


def _sections(account: str) -> list[str]:
    """The sections of a profile that hold an account's settings."""
    told = registry.facts()
    return [account, *(name for name in told if told[name].account == account != name)]


def _stored(configuration: Configuration, profile: str, section: str) -> Iterator[tuple[Name, str]]:
    """The settings of a section that `login` put into the keyring, each with its user there."""
    for name, node in configuration.section(profile, section).items():
        kept = user(profile, section, name)
        if node.content == f"keyring:{SERVICE}/{kept}":
            yield ("profiles", profile, section, name), kept


def _plain(
    configuration: Configuration, profile: str, section: str, provider: str
) -> Iterator[Name]:
    """The secrets of a section that stand there in plain text."""
    secrets = {one.name for one in registry.manifest(provider).all_settings() if one.secret}
    for name, node in configuration.section(profile, section).items():
        if name in secrets and isinstance(node.content, str) and not is_reference(node.content):
            yield "profiles", profile, section, name


def _left(access: Access, name: str, gone: set[str]) -> Iterator[str]:
    """The secrets that others than `login` gave, with their places."""
    provider = registry.manifest(name)
    profile = access.profile_of(provider)
    for one in provider.all_settings():
        origin = profile.origin(one.name)
        in_profile = origin is not None and origin.where is Where.PROFILE
        if one.secret and origin is not None and not (in_profile and one.name in gone):
            yield f"{one.name} ({origin.place})"
