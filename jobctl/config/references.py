"""Values that tell where the value is: `env:`, `file:`, `command:` and `keyring:`."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobctl import files, payload
from jobctl.config.folders import expanded
from jobctl.errors import AuthError, ConfigError

if TYPE_CHECKING:
    from subprocess import Popen

KINDS = ("env", "file", "command", "keyring")
_LARGEST = 1 << 20
_LONGEST = 1 << 16
PATIENCE = 60.0
_TICK = 0.05


def is_reference(text: str) -> bool:
    """Whether a value of a profile stands for a value kept elsewhere."""
    kind, colon, _ = text.partition(":")
    return bool(colon) and kind in KINDS


def check_shape(text: str, what: str) -> None:
    """See that a reference could be followed, as far as it tells itself.

    Raises:
        ConfigError: it could not. The message never holds it.
    """
    kind, _, rest = text.partition(":")
    rest = rest.strip()
    if not rest:
        raise ConfigError(f"{what}: nothing follows {kind}:")
    if kind == "env" and not re.fullmatch(r"[^\s=$]+", rest):
        raise ConfigError(
            f"{what}: what follows env: is not the name of a variable (not shown)",
            hint="write the name alone: env:NAME",
        )
    if kind == "keyring" and not all(rest.partition("/")):
        raise ConfigError(f"{what}: keyring: wants SERVICE/USER")
    if kind == "command":
        argv(rest, what)


def resolve(
    text: str, what: str, environ: Mapping[str, str], folder: Path, patience: float = PATIENCE
) -> str:
    """The value that a reference stands for.

    `what` names the setting and its place, for messages; relative paths start at `folder`;
    `patience` is the limit for a command in seconds; a keyring has no more than 3.

    Raises:
        AuthError: a keyring cannot give it.
        ConfigError: the value cannot be had. The message never holds it.
    """
    check_shape(text, what)
    kind, _, rest = text.partition(":")
    rest = rest.strip()
    if kind == "env":
        value = _variable(rest, what, environ)
    elif kind == "file":
        value = _file(rest, what, folder)
    elif kind == "command":
        value = _command(rest, what, environ, patience)
    else:
        value = _keyring(rest, what, patience)
    if not value:
        raise ConfigError(f"{what}: {kind}: gives an empty value")
    return value


def _variable(name: str, what: str, environ: Mapping[str, str]) -> str:
    value = environ.get(name)
    if not value:
        raise ConfigError(f"{what}: the variable {name} is not set", hint=f"set {name}")
    return value


def _file(name: str, what: str, folder: Path) -> str:
    try:
        path = folder / expanded(name)
    except ConfigError as error:
        raise ConfigError(f"{what}: {error.message}", hint=error.hint) from None
    try:
        with files.opened(path) as stream:
            data = stream.read(_LARGEST + 1)
        text = payload.unicode(data)
    except UnicodeDecodeError:
        raise ConfigError(f"{what}: {path} is not valid UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{what}: cannot read {path}: {error.strerror}") from None
    if len(data) > _LARGEST:
        raise ConfigError(f"{what}: {path} is larger than 1 MiB")
    return text.removesuffix("\n").removesuffix("\r")


def _command(line: str, what: str, environ: Mapping[str, str], patience: float) -> str:
    written = output(line, what, environ, patience, "the first line of its output is the value")
    first, newline, _ = written.partition(b"\n")
    if not newline and len(first) == _LONGEST:
        raise ConfigError(f"{what}: the first line of its command is longer than 64 KiB")
    try:
        return payload.unicode(first).removesuffix("\r")
    except UnicodeDecodeError:
        raise ConfigError(f"{what}: the output of its command is not valid UTF-8") from None


def output(
    line: str,
    what: str,
    environ: Mapping[str, str],
    patience: float = PATIENCE,
    hint: str = "what it writes is the value",
) -> bytes:
    """What a command writes, run without a shell: the first 64 KiB. See `resolve`.

    Raises:
        ConfigError: it cannot be run, fails, or does not end in time.
    """
    import subprocess

    # Neither its arguments nor what it says is repeated: both may hold secrets.
    hint = f"run it by hand: {hint}"
    words = argv(line, what)
    try:
        return _output(words, environ, patience)
    except OSError as error:
        raise ConfigError(
            f"{what}: its command cannot be started: {error.strerror}", hint=hint
        ) from None
    except subprocess.TimeoutExpired:
        raise ConfigError(
            f"{what}: its command did not end within {patience:g} s", hint=hint
        ) from None
    except subprocess.CalledProcessError as error:
        raise ConfigError(
            f"{what}: its command failed with exit code {error.returncode}", hint=hint
        ) from None


def argv(line: str, what: str) -> list[str]:
    """The words of a command.

    Raises:
        ConfigError: there are none, or a quote is not closed.
    """
    import shlex

    try:
        words = shlex.split(line)
    except ValueError:
        raise ConfigError(f"{what}: its command has a quote that is not closed") from None
    if not words:
        raise ConfigError(f"{what}: its command has no words")
    return words


def _keyring(place: str, what: str, patience: float) -> str:
    import shlex

    from jobctl.config.keyrings import PATIENCE, Keyring

    service, _, user = place.partition("/")
    keyring = Keyring(
        "use env:NAME, file:PATH or command:ARGV in its place",
        min(patience, PATIENCE),
    )
    try:
        value = keyring.get(service, user)
    except AuthError as error:
        raise AuthError(f"{what}: {error.message}", hint=error.hint) from None
    if value is None:
        raise AuthError(
            f"{what}: the keyring has nothing for {service}/{user}",
            hint=f"keyring set {shlex.quote(service)} {shlex.quote(user)} puts it there",
        )
    return value


def _has_terminal(path: str = "/dev/tty") -> bool:
    with suppress(OSError):
        os.close(os.open(path, os.O_RDWR | os.O_NOCTTY))
        return True
    return False


def _output(
    argv: Sequence[str],
    environ: Mapping[str, str],
    patience: float,
    has_terminal: Callable[[], bool] = _has_terminal,
) -> bytes:
    """What a command has written when it ends: the first 64 KiB, with which it is ended.

    Whatever it leaves running may keep its output open: nobody waits for that. One that is ended
    takes along all that it has started, but where there is a terminal, at which only what is of
    our own process group may ask for a password.

    Raises:
        OSError: it cannot be started.
        subprocess.SubprocessError: it failed, or did not end in time.
    """
    import subprocess
    import time

    limit = time.monotonic() + patience
    with subprocess.Popen(  # noqa: S603 - the user's own command, without a shell
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
        process_group=None if has_terminal() else 0,
    ) as process:
        stream: Any = process.stdout  # a pipe, as asked for
        os.set_blocking(stream.fileno(), False)
        output = b""
        try:
            while len(output) < _LONGEST:
                ended = _ended(process, min(_TICK, limit - time.monotonic()))
                # all that it wrote is there once it has ended
                output += stream.read(_LONGEST - len(output)) or b""
                if ended:
                    subprocess.CompletedProcess(argv, process.returncode).check_returncode()
                    break
                if time.monotonic() >= limit:
                    raise subprocess.TimeoutExpired(argv, patience)
        finally:
            _end(process)
    return output


def _end(process: Popen[bytes]) -> None:
    """End a process, if it is there, and its group, if that is its own."""
    if process.poll() is None and os.name == "posix" and os.getpgid(process.pid) == process.pid:
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _ended(process: Popen[bytes], seconds: float) -> bool:
    import subprocess

    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    return process.returncode is not None
