"""Completion in real shells in real terminals: lines are typed, completed by Tab, run by Enter."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest
from hostile import TEXTS
from typed import Typed

from jobctl.history import History
from jobctl.models import Job, JobRef, JobState

pytestmark = pytest.mark.slow
SHELLS = ("bash", "zsh", "fish")
SEEN = "2026-01-31T12:00:00Z"
PLAYED = "vas/video-analyze/a2b64f00aa9f4d6fa7f17c1de9b6e1d0"
# the sandbox's jobs are of another profile
MINE = "--profile default"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("JOBCTL_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def typed(request: pytest.FixtureRequest, tmp_path: Path, state: Path) -> Iterator[Typed]:
    shell = Typed(request.param, tmp_path)
    yield shell
    shell.close()


def remember(state: Path, id: str, name: str | None = None) -> None:
    """Make a history of one job, whose id no service could have given some of these texts."""
    from datetime import datetime

    job = Job(ref=JobRef("modzy", ("x",)), state=JobState.RUNNING, status=None, name=name)
    History(state / "history.db").remember("default", [job], datetime.fromisoformat(SEEN))
    with closing(sqlite3.connect(state / "history.db")) as file, file:
        file.execute("delete from jobs where id != 'x'")
        file.execute("update jobs set id = ?", [id])


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def as_typed(id: str) -> str:
    """The job as jobctl is to be given it: an id, or all of a reference where that is no id."""
    word = "".join(one if one.isprintable() else quote(one) for one in id)
    return f"modzy/{word}" if word.startswith(("-", "@", "~")) else word


@pytest.mark.parametrize("typed", SHELLS, indirect=True)
def test_an_id_is_given_to_jobctl_as_it_is_and_obeyed_by_nobody(typed: Typed, state: Path) -> None:
    (typed.place / "Zab").touch()
    (typed.place / "a").touch()
    for text in TEXTS:
        remember(state, text)
        begun = "Za" if text.startswith("Za") else ""
        for opening in ("", "'", '"'):
            ran = typed.ran(f"jobctl get {MINE} modzy {opening}{begun}\t")
            assert ran == [["get", *MINE.split(), "modzy", as_typed(text)]], (text, opening)
    assert names(typed.place) == ["Zab", "a"]


@pytest.mark.parametrize("typed", SHELLS, indirect=True)
def test_a_file_is_offered_where_one_is_wanted_and_its_name_obeyed_by_nobody(typed: Typed) -> None:
    for number, name in enumerate(TEXTS):
        folder = typed.place / str(number)
        folder.mkdir()
        (folder / name).touch()
        for begun in (f"providers check {number}/", f"results modzy x --html={number}/"):
            # what a shell thinks of a name's beginning is its own affair
            ran = typed.ran(f"jobctl {begun}\t")
            words = begun.split()
            assert ran == [[*words[:-1], words[-1] + name]], name
        assert names(folder) == [name]
    assert len(names(typed.place)) == len(TEXTS)


@pytest.mark.parametrize("typed", SHELLS, indirect=True)
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("get modz\tx", ["get", "modzy", "x"]),
        ('get "modz\t', ["get", "modzy"]),
        ("wait vas/'video-analyze'/a2\t", ["wait", PLAYED]),
        ("get cognite --set proj\tx", ["get", "cognite", "--set", "project=x"]),
        ("get cognite --columns='id,nam\t", ["get", "cognite", "--columns=id,name"]),
        ("list modzy --sort=dur\t:desc", ["list", "modzy", "--sort=duration:desc"]),
        ("get cognite 1 -c id,nam\t", ["get", "cognite", "1", "-c", "id,name"]),
        ("get cognite 1 -o nd\t--raw", ["get", "cognite", "1", "-o", "ndjson", "--raw"]),
        ("wait --exit-map timeout=0,part\t3", ["wait", "--exit-map", "timeout=0,partial=3"]),
        ("results modelarts a --property=kep\t", ["results", "modelarts", "a", "--property=kept"]),
        ("get --prof\tx", ["get", "--profile", "x"]),
        ("get cognite @la\t", ["get", "cognite", "@la"]),
        ("get cognite 1 --timeout fil\t", ["get", "cognite", "1", "--timeout", "fil"]),
        ("get cognite 1 > fil\t", ["get", "cognite", "1"]),
    ],
)  # fmt: skip
def test_what_is_begun_is_completed(typed: Typed, line: str, words: list[str]) -> None:
    (typed.place / "file").touch()
    assert typed.ran(f"jobctl {line}") == [words]
    assert names(typed.place) == ["file"]


@pytest.mark.parametrize("typed", ["zsh", "fish"], indirect=True)
def test_a_shell_that_shows_meanings_has_them(typed: Typed, state: Path) -> None:
    remember(state, "a:b", name="evil \x1b[31m$(touch PWN) \\ name")
    typed.type(f"jobctl wait {MINE} @\t\t")
    shown = typed.until(lambda screen: "modzy/a:b, running" in screen)
    assert r"evil \x1b[31m$(touch PWN) \ name" in shown
    assert not names(typed.place)


@pytest.mark.parametrize(
    ("typed", "means"), [("bash", False), ("zsh", True), ("fish", True)], indirect=["typed"]
)
def test_titles_are_meanings_and_no_words(typed: Typed, means: bool) -> None:
    typed.type("jobctl get mod\t\t")
    shown = typed.until(lambda screen: "modelarts" in screen and "modzy" in screen)
    assert ("Huawei ModelArts" in shown) is means
