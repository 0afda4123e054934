"""Tokens that outlive the command, kept so that the next one need not ask for them again."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple, TypeGuard

from jobctl.config.folders import folder, named
from jobctl.config.private import make_folder, read_private, write_private
from jobctl.errors import UnavailableError

_LARGEST = 1 << 20
_PATIENCE = 30.0
_LATEST = 1e11  # seconds since 1970: no token lives until the year 5138


class Token(NamedTuple):
    """A token, when it was had and when it ends (epoch seconds), and facts that came with it."""

    value: str
    obtained_at: float
    expires_at: float
    extra: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        """All but the secret, which no traceback may show."""
        return f"Token({self.obtained_at}, {self.expires_at}, {dict(self.extra)})"

    def fresh(self, now: float) -> bool:
        """Whether it is valid and not due for renewal: min(60 s, 20 % of its life) before its end.

        One from the future is not: the clock was set back, and its end cannot be told.
        """
        margin = min(60.0, 0.2 * (self.expires_at - self.obtained_at))
        return self.obtained_at <= now < self.expires_at - margin


class TokenCache:
    """Tokens by key, in memory and in files below `directory`; None is memory alone.

    A file is the owner's alone (0600 in a folder of 0700) and written whole or not at all. One
    that is not so, or cannot be read, counts as absent; where files cannot be written, memory
    serves. So no method raises. `owner` are names of whose tokens these are, `origin` where they
    may be sent: others see none of them.
    """

    def __init__(
        self,
        directory: Path | Callable[[], Path | None] | None = None,
        *,
        owner: tuple[str, ...] = (),
        origin: str = "",
        patience: float = _PATIENCE,
    ) -> None:
        self._directory = directory
        self._owner = owner
        self._origin = origin
        self._patience = patience
        self._memory: dict[str, Token] = {}

    def of(self, *owner: str, origin: str = "") -> "TokenCache":
        """The tokens of one owner that may be sent to one origin."""
        return TokenCache(self._directory, owner=owner, origin=origin, patience=self._patience)

    @cached_property
    def _folder(self) -> Path | None:
        # finding the platform's folder costs time, and a ready token needs none
        found = self._directory() if callable(self._directory) else self._directory
        if found is None:
            return None
        return found / "tokens" / (_hash(json.dumps(self._owner)) if self._owner else "")

    def get(self, key: str) -> Token | None:
        """The token kept last under the key, by this process or another; it may have expired."""
        known = self._memory.get(key)
        kept = _read(self._folder / self._file(key)) if self._folder else None
        if kept is None or (known is not None and known.obtained_at > kept.obtained_at):
            return known
        return kept

    def put(self, key: str, token: Token) -> None:
        """Keep a token under the key, instead of the one that was there."""
        self._memory[key] = token
        folder = self._made()
        if folder:
            try:
                write_private(
                    folder / self._file(key),
                    json.dumps({**token._asdict(), "extra": dict(token.extra)}),
                )
            except OSError:
                self._folder = None

    def drop(self, key: str) -> None:
        """Forget the key's token."""
        self._memory.pop(key, None)
        if self._folder:
            try:
                (self._folder / self._file(key)).unlink(missing_ok=True)
            except OSError:
                # it would come back with the next `get`
                self._folder = None

    def label(self, key: str) -> str:
        """A name for what is kept of a key elsewhere: that of the same owner and origin alone."""
        return "/".join([*self._owner, self._file(key, "")[:16]])

    def clear(self) -> int:
        """Forget all tokens of the owner, wherever they may be sent; how many there were.

        Raises:
            OSError: one cannot be removed.
        """
        self._memory.clear()
        kept = list(self._folder.glob("*.json")) if self._folder else []
        for path in kept:
            path.unlink(missing_ok=True)
        return len(kept)

    @contextmanager
    def claim(self, key: str, *, alone: bool = False) -> Iterator[None]:
        """Meanwhile no other process is in here for the same key: one asks, others find its token.

        A lock that cannot be had is done without; one that another process holds for longer than
        `patience`, too, unless this one must be `alone`.

        Raises:
            UnavailableError: it cannot be alone.
        """
        folder = self._made()
        with ExitStack() as held:
            if folder:
                from filelock import FileLock, Timeout

                # the soft kind would outlive a process that was killed
                lock = FileLock(
                    folder / self._file(key, "lock"), mode=0o600, fallback_to_soft=False
                )
                try:
                    with suppress(NotImplementedError):
                        held.enter_context(lock.acquire(self._patience))
                except Timeout:
                    if alone:
                        raise UnavailableError(
                            f"another command has been signing in for {self._patience:.0f} s",
                            hint="wait for it, or end it",
                            transient=True,
                        ) from None
                except OSError:
                    pass
            yield

    def _made(self) -> Path | None:
        """The folder, which is there; None where there can be none."""
        if self._folder:
            try:
                make_folder(self._folder)
                self._folder.chmod(0o700)
            except OSError:
                self._folder = None
        return self._folder

    def _file(self, key: str, kind: str = "json") -> str:
        return f"{_hash(json.dumps([self._origin, key]))}.{kind}"


def cache_directory(environ: Mapping[str, str]) -> Path | None:
    """The folder for caches: `JOBCTL_CACHE_DIR`, else the platform's; None without a home.

    Raises:
        ConfigError: JOBCTL_CACHE_DIR holds no path.
    """
    return named(environ, "JOBCTL_CACHE_DIR") or folder("cache")


def identity(*parts: str | None, secret: str) -> str:
    """A key for the cache: what a token was asked with, the secret only as its hash.

    The secret is part of it so that a changed one is tried, not covered up by an old token.
    """
    return json.dumps([*parts, _hash(secret)])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(path: Path) -> Token | None:
    try:
        return _token(json.loads(read_private(path, _LARGEST)))
    except (OSError, ValueError, RecursionError):
        return None


def _token(kept: Any) -> Token | None:
    if not isinstance(kept, dict) or kept.keys() != {"value", "obtained_at", "expires_at", "extra"}:
        return None
    value, extra = kept["value"], kept["extra"]
    times = (kept["obtained_at"], kept["expires_at"])
    if not all(isinstance(time, int | float) and 0 <= time < _LATEST for time in times):
        return None
    if not isinstance(extra, dict) or not all(isinstance(fact, str) for fact in extra.values()):
        return None
    return Token(value, *times, extra) if usable(value) else None


def usable(value: object) -> TypeGuard[str]:
    """Whether a token that somebody gave us is text that a header can carry."""
    return (
        isinstance(value, str)
        and value.isascii()
        and value.isprintable()
        and value.strip() == value != ""
    )
