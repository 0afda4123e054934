"""Secrets in the keyring: never in plain text, never without an end."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from keyring.backend import KeyringBackend
from keyring.core import load_keyring
from keyring.errors import KeyringLocked
from keyring_fakes import Chain, Failing, Hanging, Remembering, used
from keyrings.alt.file import PlaintextKeyring

from jobctl.config.keyrings import PATIENCE, Keyring
from jobctl.config.references import resolve
from jobctl.errors import AuthError, ConfigError, ExitCode

KEYRING = Keyring("do without")
NULL, FAIL = (load_keyring(f"keyring.backends.{name}.Keyring") for name in ("null", "fail"))


class OthersPlaintext(Remembering):
    """One of somebody else's, honest by name."""


@pytest.fixture
def kept() -> Iterator[Remembering]:
    backend = Remembering()
    with used(backend):
        yield backend


def test_what_was_put_is_got_and_what_was_deleted_is_gone(kept: Remembering) -> None:
    KEYRING.put("jobctl", "default-modzy-api_key", "s3cr3t")
    assert kept.kept == {("jobctl", "default-modzy-api_key"): "s3cr3t"}
    assert KEYRING.get("jobctl", "default-modzy-api_key") == "s3cr3t"
    assert KEYRING.delete("jobctl", "default-modzy-api_key")
    assert not KEYRING.delete("jobctl", "default-modzy-api_key")
    assert KEYRING.get("jobctl", "default-modzy-api_key") is None


def test_a_reference_is_a_service_and_a_user(kept: Remembering) -> None:
    kept.kept["jobctl", "a/b"] = "s3cr3t"
    assert resolve("keyring:jobctl/a/b", "token", {}, Path()) == "s3cr3t"


@pytest.mark.parametrize("text", ["keyring:jobctl", "keyring:/user", "keyring:jobctl/"])
def test_half_a_reference_is_a_mistake_of_the_file(text: str) -> None:
    with pytest.raises(ConfigError, match=r"token: keyring: wants SERVICE/USER"):
        resolve(text, "token", {}, Path())


def test_where_the_keyring_has_nothing_the_error_tells_how_to_put_it_there(
    kept: Remembering,
) -> None:
    with pytest.raises(AuthError, match="token: the keyring has nothing for jobctl/a b") as caught:
        resolve("keyring:jobctl/a b", "token", {}, Path())
    assert caught.value.hint == "keyring set jobctl 'a b' puts it there"


@pytest.mark.parametrize(
    ("backend", "why"),
    [
        (NULL, "there is none but keyring.backends.null.Keyring, which keeps no secret"),
        (FAIL, "there is none but keyring.backends.fail.Keyring, which keeps no secret"),
        (PlaintextKeyring(), "keyrings.alt.file.PlaintextKeyring, which keeps no secret"),
        (OthersPlaintext(), "OthersPlaintext, which keeps no secret"),
        (Chain(PlaintextKeyring(), NULL), "Chain, which keeps no secret"),
        (Failing(KeyringLocked("Failed to unlock\nmore")), "cannot be used: Failed to unlock"),
        (Failing(RuntimeError()), "cannot be used: RuntimeError"),
    ],
)
def test_one_that_is_absent_locked_or_in_plain_text_is_never_used(
    backend: KeyringBackend, why: str
) -> None:
    with used(backend):
        for fails in (
            lambda: KEYRING.get("jobctl", "user"),
            lambda: KEYRING.put("jobctl", "user", "s3cr3t"),
            lambda: KEYRING.delete("jobctl", "user"),
            lambda: resolve("keyring:jobctl/user", "token", {}, Path()),
        ):
            with pytest.raises(AuthError, match=r"the keyring cannot be used: ") as caught:
                fails()
            assert why in caught.value.message
            assert caught.value.exit_code == ExitCode.AUTH
            assert "unlock or install a keyring" in str(caught.value.hint)
            assert str(caught.value.hint).endswith(
                ("; or do without", "; or use env:NAME, file:PATH or command:ARGV in its place")
            )


def test_of_a_chain_the_safe_ones_are_used() -> None:
    first, second = Remembering(), Remembering()
    second.kept["jobctl", "user"] = "s3cr3t"
    with used(Chain(first, PlaintextKeyring(), second)):
        assert KEYRING.get("jobctl", "user") == "s3cr3t"
        KEYRING.put("jobctl", "user", "another")
        assert KEYRING.get("jobctl", "user") == "another"
        assert KEYRING.delete("jobctl", "user")
    assert not first.kept
    assert not second.kept


def test_one_that_does_not_answer_is_waited_for_no_longer_than_patience() -> None:
    backend = Hanging()
    with used(backend):
        with pytest.raises(AuthError, match=r"it did not answer within 0\.01 s"):
            KEYRING._replace(patience=0.01).get("jobctl", "user")
        with pytest.raises(AuthError, match=r"token: .* it did not answer within 0\.01 s"):
            resolve("keyring:jobctl/user", "token", {}, Path(), patience=0.01)
        backend.go.set()
    assert KEYRING.patience == PATIENCE == 3.0


def test_without_the_library_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(AuthError, match="needs the library keyring") as caught:
        KEYRING.get("jobctl", "user")
    assert caught.value.hint == "pip install 'jobctl[keyring]'; or do without"


USE = """
from jobctl.config.keyrings import Keyring
from jobctl.errors import AuthError
keyring = Keyring("do without", 30.0)  # a busy machine is slow, not locked
try:
    keyring.put("jobctl", "user", "s3cr3t")
    print(keyring.get("jobctl", "user"), keyring.delete("jobctl", "user"))
    print(keyring.get("jobctl", "user"))
except AuthError as error:
    print(error.message)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("dbus-run-session -- sh -c 'printf pass | gnome-keyring-daemon --unlock", "s3cr3t True\n"),
        ("dbus-run-session -- sh -c 'gnome-keyring-daemon --start", "cannot be used: Failed to "),
        ("sh -c 'true", "cannot be used: there is none but "),
    ],
)
def test_gnome_keyring_keeps_secrets_when_it_is_there_and_unlocked(
    start: str, said: str, tmp_path: Path
) -> None:
    environ = {**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    for name in (
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "DBUS_SESSION_BUS_ADDRESS",
        "PYTHON_KEYRING_BACKEND",
    ):
        environ.pop(name, None)  # nobody can be asked for a password
    (tmp_path / "use.py").write_text(USE)
    line = f"{start} >/dev/null 2>&1; exec {sys.executable} {tmp_path}/use.py'"
    done = subprocess.run(
        line, shell=True, env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert said in done.stdout, done
