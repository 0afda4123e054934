"""Files that results are written to: nobody else's, one run at a time, whatever their names."""

import fcntl
import os
import resource
import sys
from pathlib import Path
from typing import Any

import pytest

from jobctl.commands.output import Kind, OutputFile, alone, own
from jobctl.errors import UsageError
from jobctl.render.beside import beside

JOB = "kM7j9TSa611ZzBThzSr/YHFWU18zXuNbqxtzegG"
WORDS = ("results", "modelarts", JOB, "--profile", "sandbox", "-n", "3", "-o", "ndjson")
KIND = Kind("ndjson", None, None, "acme/1")


@pytest.mark.parametrize("name", ["a" * 247, "a" * 255, "ä" * 127, "a." + "b" * 250])
@pytest.mark.parametrize("option", ["--output-file", "--html"])
def test_a_name_may_be_as_long_as_the_file_system_allows(
    option: str, name: str, jobctl: Any, tmp_path: Path
) -> None:
    ran = jobctl(*WORDS, option, str(tmp_path / name))
    assert (ran.code, list(tmp_path.iterdir())) == (0, [tmp_path / name])


def test_a_report_may_have_as_long_a_name(jobctl: Any, tmp_path: Path) -> None:
    report = tmp_path / ("a" * 255)
    words = ("wait", "cognite/126", "--profile", "sandbox", "--timeout", "0")
    assert jobctl(*words, "--junit", str(report)).code in (0, 124)
    assert list(tmp_path.iterdir()) == [report]


def test_names_that_are_shortened_stay_apart() -> None:
    first, second = (beside(Path("a" * 254 + last), ".part") for last in "bc")
    assert first != second
    assert len(first.name) == len(second.name) == 255


def test_two_runs_of_one_name_do_not_mix(jobctl: Any, tmp_path: Path) -> None:
    file = tmp_path / "x"
    first = OutputFile(str(file), KIND, cursor=None, force=False)
    with first.opened() as out:
        out.write("1\n")
        out.flush()
        for more in ([], ["--force"], ["--cursor", "1"]):
            second = jobctl(*WORDS, "--output-file", str(file), *more)
            assert (second.code, second.out) == (2, "")
            assert f"another run writes {first.part}" in second.err
        first.complete()
    assert file.read_text() == "1\n"
    assert jobctl(*WORDS, "--output-file", str(file), "--force").code == 0
    assert len(file.read_text().splitlines()) == 3


def test_a_file_that_another_run_has_put_there_since_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "x"
    late = OutputFile(str(file), KIND, cursor=None, force=False)
    file.write_text("1\n")
    with pytest.raises(UsageError, match="exists"), late.opened():
        raise AssertionError
    assert [one.read_text() for one in tmp_path.iterdir()] == ["1\n"]


@pytest.mark.parametrize("room", [20_000, 100_000])
def test_a_page_for_which_there_is_no_room_is_told_to_be_nowhere(
    jobctl: Any, tmp_path: Path, room: int
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        ran = jobctl(*WORDS[:5], "--html", str(tmp_path / "x.html"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (ran.code, list(tmp_path.iterdir())) == (1, [])
    error, hint = ran.err.splitlines()
    assert error == "error: cannot write the output: File too large"
    assert hint.endswith(" came, and none is kept: begin anew")


def test_a_run_that_was_killed_locks_nobody_out(jobctl: Any, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_text("1\n")
    assert jobctl(*WORDS, "--output-file", str(tmp_path / "x"), "--force").code == 0


def test_a_part_that_another_run_has_just_put_in_its_place_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part, whole = tmp_path / "x.part", tmp_path / "x"
    part.write_text("whole\n")

    def late(descriptor: int, operation: int) -> None:
        part.replace(whole)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(UsageError, match="another run writes"), alone(part):
        raise AssertionError
    assert whole.read_text() == "whole\n"


@pytest.mark.parametrize("name", ["x.part", "x.part.end"])
@pytest.mark.parametrize("kind", ["link", "hard link", "pipe", "folder"])
def test_what_lies_there_and_is_not_ours_is_neither_written_nor_waited_for(
    kind: str, name: str, jobctl: Any, tmp_path: Path
) -> None:
    other, there = tmp_path / "other", tmp_path / name
    other.write_text("precious")
    if kind == "link":
        there.symlink_to(other)
    elif kind == "hard link":
        there.hardlink_to(other)
    elif kind == "pipe":
        os.mkfifo(there)
    else:
        there.mkdir()
    ran = jobctl(*WORDS, "--output-file", str(tmp_path / "x"), "--force")
    assert (ran.code, ran.out) == (2, "")
    assert str(there) in ran.err
    assert other.read_text() == "precious"
    assert sorted(tmp_path.iterdir()) == sorted([other, there])


def test_a_note_that_is_not_ours_tells_nothing_about_a_part(jobctl: Any, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_text("1\n")
    os.mkfifo(tmp_path / "x.part.end")
    ran = jobctl(*WORDS, "--output-file", str(tmp_path / "x"), "--cursor", "1")
    assert (ran.code, "--force begins anew" in ran.err) == (2, True)


def test_a_note_nested_beyond_all_bounds_tells_nothing_either(jobctl: Any, tmp_path: Path) -> None:
    (tmp_path / "x.part").write_text("1\n")
    (tmp_path / "x.part.end").write_text("[" * 100_000)
    ran = jobctl(*WORDS, "--output-file", str(tmp_path / "x"), "--cursor", "1")
    assert (ran.code, "--force begins anew" in ran.err) == (2, True)


def test_without_locks_files_are_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(descriptor: int, operation: int) -> None:
        raise OSError(95, "Operation not supported")

    for stub in (None, refusing):
        with monkeypatch.context() as patch:
            if stub is None:
                patch.setitem(sys.modules, "fcntl", None)
            else:
                patch.setattr(fcntl, "flock", stub)
            with alone(tmp_path / "x") as file:
                file.write(b"1")
    with own(tmp_path / "x") as file:
        assert file.readall() == b"1"
