"""Where files of ours lie, and whose they are."""

import os
import time
from pathlib import Path

import pytest

from jobctl.config import Configuration, Sections, Setting, open_profile, profile_names_quickly
from jobctl.config.folders import folder, named
from jobctl.config.private import claim, read_private, write_private
from jobctl.config.references import resolve
from jobctl.errors import ConfigError

VARIABLES = ("JOBCTL_CONFIG", "JOBCTL_CACHE_DIR", "JOBCTL_STATE_DIR")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user whom the machine does not know, as in a container: `~` stays what it is."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_path_may_begin_at_home(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert named({variable: "~/place"}, variable) == tmp_path / "place"
    assert named({variable: "/other/place"}, variable) == Path("/other/place")
    assert named({variable: "./~/place"}, variable) == Path("~/place")
    assert named({variable: ""}, variable) is None
    assert named({}, variable) is None


@pytest.mark.usefixtures("homeless")
@pytest.mark.parametrize("given", ["~/place", "~nobody-of-that-name/place"])
def test_a_home_that_is_not_known_is_refused_and_not_made_a_folder(given: str) -> None:
    with pytest.raises(ConfigError, match=f"^JOBCTL_STATE_DIR: there is no home that '{given}'"):
        named({"JOBCTL_STATE_DIR": given}, "JOBCTL_STATE_DIR")


def test_without_a_home_the_current_folder_stands_in_for_none(
    homeless: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("~").mkdir()
    Path("~", "vendor.yaml").write_text("token: planted-by-others")
    Path("~", "token").write_text("planted-by-others")
    profile = open_profile(
        Sections("acme", "acme", (Setting("token", "a token"),), ("~/vendor.yaml",)),
        Configuration.read({}),
        "default",
        environ={},
    )
    assert profile.get("token") is None
    with pytest.raises(
        ConfigError, match=r"^token: there is no home that '~/token' could begin at"
    ):
        resolve("file:~/token", "token", {}, tmp_path)


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_line_end_of_a_windows_file_is_no_part_of_a_path(variable: str) -> None:
    with pytest.raises(ConfigError, match=f"^{variable} holds a control character"):
        named({variable: "/etc/jobctl\r"}, variable)


def test_the_platforms_folders_are_those_of_jobctl() -> None:
    for kind in ("config", "cache", "state"):
        found = folder(kind)
        assert found is not None
        assert found.name == "jobctl"


@pytest.mark.usefixtures("homeless")
def test_a_user_without_a_home_has_no_folders() -> None:
    assert [folder(kind) for kind in ("config", "cache", "state")] == [None] * 3
    assert Configuration.find({}) is None
    configuration = Configuration.read({})
    assert (configuration.path, configuration.profiles) == (None, ())
    assert profile_names_quickly({}) == []
    assert configuration.place == "a file that JOBCTL_CONFIG names"


def test_what_cannot_be_written_is_no_folder_for_what_is_to_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kind in ("config", "cache", "state"):
        monkeypatch.setenv(f"XDG_{kind.upper()}_HOME", "/dev/null")
    assert folder("config") == Path("/dev/null/jobctl")
    assert folder("cache") is folder("state") is None


def test_a_new_file_is_the_users_alone_and_an_old_one_becomes_so(tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = os.umask(0)
    claim(path)
    os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("kept")
    path.chmod(0o644)
    claim(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "kept"


def test_what_is_no_file_of_the_user_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("elsewhere")
    (tmp_path / "file").touch()
    for name in ("folder", "fifo", "link"):
        with pytest.raises(PermissionError, match=f"{name} is no file of this user"):
            claim(tmp_path / name)
        with pytest.raises(OSError, match=r".+"):
            read_private(tmp_path / name, 1)
    assert not (tmp_path / "elsewhere").exists()
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)
    with pytest.raises(PermissionError, match="file is no file of this user"):
        claim(tmp_path / "file")


def test_what_a_killed_command_left_unfinished_is_cleared_when_it_is_old(tmp_path: Path) -> None:
    ours = ".jobctl-unfinished-"
    ages = {f"{ours}old": 3700, f"{ours}young": 3500, "unfinished-novel": 9000, "other": 9000}
    for name, age in ages.items():
        (tmp_path / name).write_text("half a file")
        then = time.time() - age
        os.utime(tmp_path / name, (then, then))
    (tmp_path / f"{ours}link").symlink_to("other")
    write_private(tmp_path / "file", "whole")
    assert {path.name for path in tmp_path.iterdir()} == {
        f"{ours}young",
        f"{ours}link",
        "unfinished-novel",
        "other",
        "file",
    }
    assert read_private(tmp_path / "file", 3) == b"who"


def test_no_folder_is_made_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="Not a directory"):
        write_private(tmp_path / "file" / "below", "text")


def test_a_folder_that_somebody_named_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write_private(tmp_path / "new" / "file", "text")
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_write_that_is_broken_off_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "name", "half a pair: \ud800")
    assert list(tmp_path.iterdir()) == []
