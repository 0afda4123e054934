"""Files: what lies in their place keeps nobody waiting."""

import os
from pathlib import Path

import pytest

from jobctl import files


def test_a_file_is_read_up_to_a_bound(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("12345")
    assert files.read(path, 5) == b"12345"
    with pytest.raises(OSError, match="File too large"):
        files.read(path, 4)


def test_what_has_no_end_or_nobody_at_its_other_end_is_not_read(tmp_path: Path) -> None:
    pipe, zeros = tmp_path / "pipe", tmp_path / "zeros"
    os.mkfifo(pipe)
    zeros.symlink_to("/dev/zero")
    for path in (pipe, zeros, tmp_path):
        with pytest.raises(OSError, match=r"it is no file|Is a directory"):
            files.read(path, 5)


def test_the_empty_device_is_an_empty_file() -> None:
    assert files.read(Path(os.devnull), 5) == b""


def test_what_the_caller_has_opened_is_read() -> None:
    reads, writes = os.pipe()
    os.write(writes, b"given")
    os.close(writes)
    assert files.read(Path(f"/dev/fd/{reads}"), 5) == b"given"
    os.close(reads)


@pytest.mark.parametrize(("name", "there"), [(".", True), ("no", False), ("x" * 300, False)])
def test_no_name_is_too_long_to_ask_for(name: str, there: bool, tmp_path: Path) -> None:
    assert files.exists(tmp_path / name) is there
