"""Values kept elsewhere: `env:`, `file:` and `command:`."""

import os
import signal
import sys
from pathlib import Path

import pytest

from jobctl.config.references import _has_terminal, _output, is_reference, resolve
from jobctl.errors import ConfigError

PYTHON = sys.executable


def test_only_the_four_words_make_a_reference() -> None:
    assert all(is_reference(f"{word}:x") for word in ("env", "file", "command", "keyring"))
    assert not any(map(is_reference, ("https://host", "env", "ENV:x", "plain", "")))


def test_a_variable_is_found_by_its_name(tmp_path: Path) -> None:
    assert resolve("env:TOKEN", "token", {"TOKEN": "s3cr3t"}, tmp_path) == "s3cr3t"


@pytest.mark.parametrize("environ", [{}, {"TOKEN": ""}])
def test_a_variable_that_is_absent_or_empty_is_told_by_name(
    tmp_path: Path, environ: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve("env:TOKEN", "token", environ, tmp_path)
    assert caught.value.message == "token: the variable TOKEN is not set"


@pytest.mark.parametrize(
    "content", [b"s3cr3t", b"s3cr3t\n", b"\xef\xbb\xbfs3cr3t\n", "s3cr3t\r\n".encode("utf-16")]
)
def test_a_file_loses_its_last_line_end(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    assert resolve(f"file:{tmp_path}/token", "token", {}, Path("/")) == "s3cr3t"


def test_only_the_last_line_end_of_a_file_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b" a \nb\n\n")
    assert resolve(f"file:{tmp_path}/token", "token", {}, Path("/")) == " a \nb\n"


def test_a_relative_path_starts_at_the_folder_of_the_configuration_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cr3t")
    assert resolve("file:token", "token", {}, tmp_path) == "s3cr3t"


def test_a_path_may_start_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "token").write_text("s3cr3t")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert resolve("file:~/token", "token", {}, Path("/")) == "s3cr3t"


def test_a_file_that_cannot_be_used_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"x" * (1 + (1 << 20)))
    (tmp_path / "empty").write_bytes(b"\n")
    os.mkfifo(tmp_path / "pipe")
    for name, said in {
        "absent": f"cannot read {tmp_path}/absent: No such file or directory",
        "latin": f"{tmp_path}/latin is not valid UTF-8",
        "large": f"{tmp_path}/large is larger than 1 MiB",
        "empty": "file: gives an empty value",
        "pipe": f"cannot read {tmp_path}/pipe: it is no file",
    }.items():
        with pytest.raises(ConfigError) as caught:
            resolve(f"file:{name}", "token", {}, tmp_path)
        assert caught.value.message == f"token: {said}"


def test_a_command_gives_the_first_line_of_its_output(tmp_path: Path) -> None:
    line = f'command:{PYTHON} -c \'print("s3cr3t x\\r"); print("more")\''
    assert resolve(line, "token", {}, tmp_path) == "s3cr3t x"


def test_a_command_runs_without_a_shell_in_the_environment_given(tmp_path: Path) -> None:
    line = f"command:{PYTHON} -c 'import os, sys; print(os.environ[\"A\"], sys.argv[1])' '$A;*'"
    assert resolve(line, "token", {"A": "b"}, tmp_path) == "b $A;*"


def test_a_command_has_no_standard_input(tmp_path: Path) -> None:
    line = f"command:{PYTHON} -c 'import sys; print(len(sys.stdin.read()))'"
    assert resolve(line, "token", {}, tmp_path) == "0"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no-such-program s3cr3t", "its command cannot be started: No such file or directory"),
        (f"{PYTHON} -c 'raise SystemExit(3)' s3cr3t", "its command failed with exit code 3"),
        (f"{PYTHON} -c 'print(\"s3cr3t\"); exit(1)'", "its command failed with exit code 1"),
        (f"{PYTHON} -c 'pass' s3cr3t", "command: gives an empty value"),
        (f"{PYTHON} -c 'print(); print(1)' s3cr3t", "command: gives an empty value"),
        ("op 's3cr3t", "its command has a quote that is not closed"),
        (f"{PYTHON} -c 'import sys; sys.stdout.buffer.write(b\"s3cr3t\\xff\")'",
         "the output of its command is not valid UTF-8"),
    ],
)  # fmt: skip
def test_a_command_that_fails_is_told_without_its_words(
    tmp_path: Path, line: str, said: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        resolve(f"command:{line}", "token", {}, tmp_path)
    assert caught.value.message == f"token: {said}"
    assert "s3cr3t" not in (caught.value.hint or "")


def test_a_command_that_does_not_end_is_stopped(tmp_path: Path) -> None:
    line = f"command:{PYTHON} -c 'import time; time.sleep(60)'"
    with pytest.raises(ConfigError, match=r"token: its command did not end within 0\.05 s"):
        resolve(line, "token", {}, tmp_path, patience=0.05)


def test_what_a_command_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    line = f"command:sh -c 'cat {fifo} & echo s3cr3t'"
    assert resolve(line, "token", os.environ, tmp_path) == "s3cr3t"
    fifo.write_text("")  # what was left running ends


@pytest.mark.parametrize("has_terminal", [False, True])
def test_a_command_that_is_ended_takes_along_what_it_has_started_unless_somebody_is_asked(
    has_terminal: bool, tmp_path: Path
) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    script = f"exec 3>{fifo}; sleep 60 & echo $! >&3; yes | tr -d '\\n'"
    assert len(_output(["sh", "-c", script], os.environ, 60.0, lambda: has_terminal)) == 1 << 16
    left = int(os.read(reader, 100))
    os.set_blocking(reader, not has_terminal)
    if has_terminal:
        with pytest.raises(BlockingIOError):  # it is there, and holds the other end
            os.read(reader, 1)
        os.kill(left, signal.SIGKILL)
    else:
        assert os.read(reader, 1) == b""
    os.close(reader)


def test_a_terminal_is_there_where_it_can_be_opened(tmp_path: Path) -> None:
    (tmp_path / "tty").touch()
    assert _has_terminal(str(tmp_path / "tty"))
    assert not _has_terminal(str(tmp_path / "none"))


def test_of_a_command_that_prints_without_end_the_first_line_counts(tmp_path: Path) -> None:
    line = f"command:{PYTHON} -c 'while True: print(\"s3cr3t\")'"
    assert resolve(line, "token", {}, tmp_path) == "s3cr3t"


def test_a_line_without_end_is_refused_and_its_command_ended(tmp_path: Path) -> None:
    line = f'command:{PYTHON} -c \'while True: print("s3cr3t", end="")\''
    with pytest.raises(ConfigError, match="first line of its command is longer than 64 KiB"):
        resolve(line, "token", {}, tmp_path)


def test_a_command_may_close_its_output_before_it_ends(tmp_path: Path) -> None:
    line = f"command:{PYTHON} -c 'import os; print(1, flush=True); os.close(1); os._exit(3)'"
    with pytest.raises(ConfigError, match="failed with exit code 3"):
        resolve(line, "token", {}, tmp_path)


def test_a_reference_to_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="token: nothing follows env:"):
        resolve("env: ", "token", {}, tmp_path)
