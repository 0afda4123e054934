"""Secrets in the keyring of the system, through the package `keyring`: never in plain text.

https://keyring.readthedocs.io/en/latest/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from jobctl.errors import AuthError
from jobctl.masking.secrets import hide
from jobctl.threads import within

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_T = TypeVar("_T")

PATIENCE = 3.0
# null forgets, fail refuses; those of keyrings.alt keep plain text, or ask on the terminal
_UNSAFE = ("keyring.backends.null", "keyring.backends.fail", "keyrings.alt.")


class Keyring(NamedTuple):
    """The keyring, of which every answer comes within `patience` seconds.

    `otherwise` is what a person may do who has none, for the hint of errors.
    """

    otherwise: str
    patience: float = PATIENCE

    def get(self, service: str, user: str) -> str | None:
        """The secret that is kept under a service and a user; None where there is none.

        Raises:
            AuthError: the keyring is absent, locked, silent, or would keep plain text.
        """

        def read() -> str | None:
            for one in self._safe():
                found = one.get_password(service, user)
                if found is not None:
                    return str(found)
            return None

        return self._done(read)

    def put(self, service: str, user: str, secret: str) -> None:
        """Keep a secret under a service and a user.

        Raises:
            AuthError: as for `get`.
        """
        hide(secret)
        self._done(lambda: self._safe()[0].set_password(service, user, secret))

    def delete(self, service: str, user: str) -> bool:
        """Forget what is kept under a service and a user; whether there was something.

        Raises:
            AuthError: as for `get`.
        """

        def forget() -> bool:
            kept = [one for one in self._safe() if one.get_password(service, user) is not None]
            for one in kept:
                one.delete_password(service, user)
            return bool(kept)

        return self._done(forget)

    def _safe(self) -> list[KeyringBackend]:
        """Those of the keyrings on this machine that keep secrets secret, the best first."""
        try:
            import keyring
        except ModuleNotFoundError:
            raise AuthError(
                "the keyring needs the library keyring, which is not here",
                hint=f"pip install 'jobctl[keyring]'; or {self.otherwise}",
            ) from None

        chosen: Any = keyring.get_keyring()
        # where there are several it is a chain of them, perhaps with one in plain text at its end
        found = [one for one in getattr(chosen, "backends", [chosen]) if _is_safe(one)]
        if not found:
            raise self._error(f"there is none but {_name(chosen)}, which keeps no secret")
        return found

    def _done(self, work: Callable[[], _T]) -> _T:
        try:
            return within(self.patience, work)
        except AuthError:
            raise
        except TimeoutError:
            raise self._error(f"it did not answer within {self.patience:g} s") from None
        except Exception as error:  # noqa: BLE001 - each backend has errors of its own
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise self._error(said) from None

    def _error(self, why: str) -> AuthError:
        return AuthError(
            f"the keyring cannot be used: {why}",
            hint=f"unlock or install a keyring (GNOME Keyring, KWallet, macOS, Windows);"
            f" or {self.otherwise}",
        )


def _is_safe(backend: object) -> bool:
    return not any(
        _name(kind).startswith(_UNSAFE) or "plaintext" in kind.__name__.lower()
        for kind in type(backend).__mro__
    )


def _name(backend: object) -> str:
    kind = backend if isinstance(backend, type) else type(backend)
    return f"{kind.__module__}.{kind.__qualname__}"
