"""Keyrings for tests, behind the interface of the package `keyring`."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

import keyring
from keyring.backend import KeyringBackend


class Remembering(KeyringBackend):
    """One that keeps secrets in memory."""

    priority = 1.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call] # the package leaves it untyped
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Failing(Remembering):
    """One in which everything fails like that."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def get_password(self, service: str, username: str) -> str | None:
        raise self.error

    def set_password(self, service: str, username: str, password: str) -> None:
        raise self.error


class Hanging(Remembering):
    """One that does not answer before it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.go.wait(60)
        return None


class Chain(Remembering):
    """Several, as the package chains those that it finds."""

    def __init__(self, *backends: KeyringBackend) -> None:
        super().__init__()
        self.backends = backends


@contextmanager
def used(backend: KeyringBackend) -> Iterator[None]:
    """Meanwhile the package has this one for the user's keyring."""
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    try:
        yield
    finally:
        keyring.set_keyring(before)
