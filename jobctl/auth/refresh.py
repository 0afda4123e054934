"""Refresh tokens: what a person who signed in once has new tokens by, each good for one use.

https://www.rfc-editor.org/rfc/rfc6749#section-6
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import Protocol

from jobctl.auth.cache import Token, TokenCache
from jobctl.errors import AuthError
from jobctl.masking.secrets import hide

SERVICE = "jobctl"


class Vault(Protocol):
    """What keeps secrets by service and user, as `jobctl.config.keyrings.Keyring` does.

    Each method raises `AuthError` where the vault cannot be used.
    """

    def get(self, service: str, user: str) -> str | None:
        """The secret, None where there is none."""

    def put(self, service: str, user: str, secret: str) -> None:
        """Keep a secret."""

    def delete(self, service: str, user: str) -> bool:
        """Forget a secret; whether there was one."""


class Place(StrEnum):
    """Where a refresh token is kept."""

    KEYRING = "keyring"
    FILE = "file"
    NOWHERE = "nowhere"


class RefreshToken:
    """The refresh token of one key: in the vault, or in the cache where somebody said so.

    The cache knows which of them. One that could not be kept leaves none behind: the one before it
    was used, and to use it again might end what all that came of it are good for.
    """

    def __init__(self, key: str, cache: TokenCache, vault: Vault) -> None:
        self._key = f"refresh {key}"
        self._cache = cache
        self._vault = vault
        self._user = cache.label(key)

    def get(self) -> str | None:
        """The refresh token, None where there is none.

        Raises:
            AuthError: it is in the vault, which cannot be used.
        """
        known = self._cache.get(self._key)
        place = known and known.extra.get("place")
        if known and place == Place.FILE:
            hide(known.value)
            return known.value
        if place == Place.KEYRING:
            return self._vault.get(SERVICE, self._user)
        if known is None:  # the cache was emptied, or nobody has signed in
            with suppress(AuthError):
                return self._vault.get(SERVICE, self._user)
        return None

    def begin(self, value: str, now: float, *, insecure: bool) -> None:
        """Keep the first one: in the vault, or else in the cache if that is `insecure` but told.

        Raises:
            AuthError: it is kept nowhere, since the vault cannot be used.
        """
        try:
            self._vault.put(SERVICE, self._user, value)
        except AuthError:
            self._note(Place.FILE if insecure else Place.NOWHERE, value, now)
            if not insecure:
                raise
        else:
            self._note(Place.KEYRING, value, now)

    def replace(self, value: str, now: float) -> None:
        """Keep the next one, where the one before it was.

        Raises:
            AuthError: it is kept nowhere, since the vault cannot be used.
        """
        known = self._cache.get(self._key)
        if known and known.extra.get("place") == Place.FILE:
            self._note(Place.FILE, value, now)
        else:
            self.begin(value, now, insecure=False)

    def drop(self, now: float) -> None:
        """Forget it, also where the vault cannot be used."""
        self._note(Place.NOWHERE, "", now)
        with suppress(AuthError):
            self._vault.delete(SERVICE, self._user)

    def _note(self, place: Place, value: str, now: float) -> None:
        kept = value if place is Place.FILE else "-"
        self._cache.put(self._key, Token(kept, now, now, {"place": place.value}))
