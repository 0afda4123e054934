"""Changing the configuration file: what is not changed stays as somebody wrote it."""

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from jobctl.auth.cache import TokenCache
from jobctl.config import Configuration
from jobctl.config.editing import change, edited
from jobctl.config.node import Node
from jobctl.config.syntax import parse
from jobctl.errors import ConfigError

TOKEN = ("profiles", "work", "acme", "token")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def content(node: Node | None) -> object:
    """What a node holds, without places."""
    if node is None or not isinstance(node.content, dict):
        return node and node.content
    return {name: content(one) for name, one in node.content.items()}


def at(text: str, name: tuple[str, ...]) -> object:
    """What a text holds under a name."""
    found = content(parse(text, Path()))
    for word in name:
        found = found.get(word) if isinstance(found, dict) else None
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


BEFORE = """\
# mine
profile: 'work'   # the usual

profiles:
    work:           # four blanks, as I like it
        acme:       # the service
            token: env:OLD    # never in here
            # further: things

            project: "p"

    # the other one
    plant: {acme: {project: q}}
    empty:
"""


@pytest.mark.parametrize("blank", ["", "\n", "  \n\n"])
@pytest.mark.parametrize("project", ["", "      project: p\n"])
@pytest.mark.parametrize("name", ["acme", "work"])
def test_what_a_section_leaves_out_stays_below_its_name(
    name: str, project: str, blank: str
) -> None:
    left_out = f"    cognite:\n{project}{blank}      # cluster: here\n{blank}      # auth:\n"
    before = f"profiles:\n  default:\n{left_out}    # the others\n"
    if name == "acme":
        place = ("profiles", "default", "acme", "token")
        added = "    acme:\n      token: t\n"
    else:
        place = ("profiles", "work", "acme", "token")
        added = "  work:\n    acme:\n      token: t\n"
        before = before.replace("    # the others\n", "  # the others\n")
    after = edited(before, Path(), {place: "t"})
    assert after.startswith(f"profiles:\n  default:\n{left_out}{added}")


@pytest.mark.parametrize(
    ("name", "value", "old", "new"),
    [
        (TOKEN, "env:NEW", "env:OLD", "env:NEW"),
        (("profile",), "plant", "'work'", "plant"),
        (
            ("profiles", "work", "acme", "auth"),
            "basic",
            '"p"\n',
            '"p"\n            auth: basic\n',
        ),
        (
            ("profiles", "work", "ray", "base_url"),
            "https://ray.example",
            '"p"\n',
            '"p"\n        ray:\n          base_url: https://ray.example\n',
        ),
        (
            ("profiles", "plant", "acme", "token"),
            "env:T",
            "{project: q}",
            "{project: q, token: env:T}",
        ),
        (
            ("profiles", "plant", "ray", "base_url"),
            "x",
            "{acme: {project: q}}",
            "{acme: {project: q}, ray: {base_url: x}}",
        ),
        (
            ("profiles", "empty", "acme", "project"),
            "p",
            "    empty:\n",
            "    empty:\n      acme:\n        project: p\n",
        ),
        (("profiles", "new", "acme", "project"), "p", "    empty:\n",
         "    empty:\n    new:\n      acme:\n        project: p\n"),
        (TOKEN, None, "            token: env:OLD    # never in here\n", ""),
        (("profiles", "work", "acme"), None,
         BEFORE[BEFORE.index("        acme:") : BEFORE.index("\n    # the other")], ""),
        (("profiles", "plant", "acme", "project"), None, "{project: q}", "{}"),
        (("profiles", "plant", "acme"), None, "{acme: {project: q}}", "{}"),
        (("profiles", "plant", "nobody", "token"), None, "", ""),
        (("profiles", "nobody", "acme", "token"), None, "", ""),
    ],
)  # fmt: skip
def test_a_change_leaves_all_else_as_it_stands(
    name: tuple[str, ...], value: str | None, old: str, new: str, path: Path
) -> None:
    after = edited(BEFORE, path, {name: value})
    assert after == BEFORE.replace(old, new, 1)
    assert at(after, name) == value


NEW = """\
profiles:
  work:
    acme:
      token: env:NEW
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", NEW),
        ("# mine\n", "# mine\n" + NEW),
        ("# mine", "# mine\n" + NEW),
        ("---\n", "---\n" + NEW),
        ("profiles:", NEW),
        ("profiles: ~  # mine\n", NEW.replace(":", ":  # mine", 1)),
        ("profiles:\n  work: {}\n", "profiles:\n  work: {acme: {token: env:NEW}}\n"),
        ("profiles: {work: }\n", "profiles: {work: {acme: {token: env:NEW}} }\n"),
        ("{profiles: {work: {acme: }, },}", "{profiles: {work: {acme: {token: env:NEW} }, },}"),
        ("{profiles: {work: {x: y}}}\n", "{profiles: {work: {x: y, acme: {token: env:NEW}}}}\n"),
        ("profiles:\n  work:\n    acme:\n      token:  \n", NEW.replace("NEW", "NEW  ")),
        ("profiles:\n  work:\n    acme:\n      token:\n        |\n        old\n", NEW),
        ("profiles:\n  work:\n    acme:\n      token: >\n        old\n", NEW),
        (
            "profiles:\n  work:\n    acme:\n      list:\n      - a\n      - b  # last\n# end\n",
            NEW.replace("      token", "      list:\n      - a\n      - b  # last\n      token")
            + "# end\n",
        ),
        (NEW.replace("NEW", "OLD").replace("\n", "\r\n"), NEW.replace("\n", "\r\n")),
        (NEW, NEW),
    ],
)
def test_a_value_has_its_place_in_every_way_to_write_a_file(
    before: str, after: str, path: Path
) -> None:
    assert edited(before, path, {TOKEN: "env:NEW"}) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{profile: work, profiles: {}}", "{profiles: {}}"),
        ("{profiles: {}, profile: work}", "{profiles: {}}"),
        ("{profiles: {} , profile: work }", "{profiles: {}  }"),
        ("profile: work", ""),
        ("# mine\nprofile:\n# end", "# mine\n# end"),
    ],
)
def test_a_name_is_removed_with_its_value_alone(before: str, after: str, path: Path) -> None:
    assert edited(before, path, {("profile",): None}) == after


@pytest.mark.parametrize(
    "value",
    [
        "yes", "012", "1e3", "2026-01-02", "~", "a: b", "a #b", "{a", "[", "*a", "&a", "!a", "%a",
        "@a", "`a", "'", '"', "a'b", "-", "- a", "?", "|", ">", " a ", "a\u2028b", "\ufeff", ",",
        "env:A", "\x07\U0001f600", "\U0010fffd", "\x85",
    ],
)  # fmt: skip
def test_every_value_is_written_so_that_no_reader_takes_it_for_something_else(
    value: str, path: Path
) -> None:
    for before in ("", BEFORE, "{profiles: {work: {acme: }}}"):
        after = edited(before, path, {TOKEN: value})
        assert at(after, TOKEN) == value


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12))
def test_any_text_comes_back(value: str) -> None:
    assert at(edited(BEFORE, Path("file"), {TOKEN: value}), TOKEN) == value


def test_what_yaml_has_no_spelling_for_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match="a character that no setting can hold"):
        edited("", path, {TOKEN: "half a pair: \ud800"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profiles: 'x\n", "1:11: the quote that opens here is not closed"),
        ("profiles: &a {}\n", "1:11: anchors are not allowed"),
        ("profiles: x\n", "1:11: profiles must hold names and values"),
        ("- a\n", "1:1: the file must hold names and values"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_stays_as_it_is(
    text: str, said: str, path: Path
) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError, match=f"{path}:{said}"):
        change(path, {TOKEN: "env:NEW"})
    assert path.read_text() == text


@pytest.mark.parametrize(
    "text",
    [
        "{profiles: {work: {acme: {a: b  # the end\n}}}}\n",  # a comment where a comma would go
        "---\n...\n",  # nothing can follow the end of a document
        "{profiles: {work: {acme}}}\n",  # a name without a colon
    ],
)
def test_a_file_that_we_cannot_change_is_refused_and_stays_as_it_is(text: str, path: Path) -> None:
    path.write_text(text)
    with pytest.raises(ConfigError, match="token cannot be changed in this file") as caught:
        change(path, {TOKEN: "env:NEW"})
    assert caught.value.hint == "change it by hand"
    assert path.read_text() == text


def test_a_file_that_only_one_of_the_parsers_takes_is_refused(path: Path) -> None:
    path.write_text("profile:\ta\n")
    with pytest.raises(ConfigError, match=r"cannot be changed in this file|a tab"):
        change(path, {TOKEN: "env:NEW"})
    assert path.read_text() == "profile:\ta\n"


def test_all_changes_are_made_or_none(path: Path) -> None:
    path.write_text(BEFORE)
    with pytest.raises(ConfigError, match="must hold names and values"):
        change(path, {("profile",): "plant", (*TOKEN, "deeper"): "x"})
    assert path.read_text() == BEFORE
    change(path, {("profile",): "plant", TOKEN: None})
    assert Configuration.read({"JOBCTL_CONFIG": str(path)}).profile == "plant"
    assert at(path.read_text(), TOKEN) is None


def test_the_file_and_its_folders_are_the_users_alone_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "home" / "jobctl" / "config.yaml"
    with umask(0):
        change(path, {TOKEN: "env:NEW"})
    assert path.read_text() == NEW
    assert mode(path) == 0o600
    assert mode(path.parent) == mode(path.parent.parent) == 0o700
    assert {mode(one) for one in path.parent.iterdir()} == {0o600}


def test_a_file_that_others_can_read_is_closed_to_them(path: Path) -> None:
    path.write_text(NEW)
    path.chmod(0o644)
    change(path, {TOKEN: "env:NEW"})
    assert mode(path) == 0o600


def test_the_mark_at_the_beginning_of_a_file_stays(path: Path) -> None:
    path.write_text("\ufeff" + NEW.replace("NEW", "OLD"))
    change(path, {TOKEN: "env:NEW"})
    assert path.read_text() == "\ufeff" + NEW


def test_a_link_keeps_being_one(tmp_path: Path, path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    path.symlink_to("dotfiles/jobctl.yaml")
    change(path, {TOKEN: "env:NEW"})
    assert path.readlink() == Path("dotfiles/jobctl.yaml")
    assert (tmp_path / "dotfiles" / "jobctl.yaml").read_text() == NEW


@pytest.mark.parametrize(
    ("obstacle", "said"),
    [
        (Path.mkdir, "cannot be written: config.yaml is no file of this user"),
        (lambda path: path.symlink_to(path), "config.yaml is no file of this user"),
        (
            lambda path: path.with_name(".config.yaml.lock").symlink_to("elsewhere"),
            "cannot be written: Too many levels of symbolic links",
        ),
    ],
)
def test_what_is_no_file_of_the_user_is_refused(
    obstacle: Callable[[Path], None], said: str, path: Path
) -> None:
    obstacle(path)
    with pytest.raises(ConfigError, match=said):
        change(path, {TOKEN: "env:NEW"})
    assert not path.with_name("elsewhere").exists()


def test_who_writes_for_too_long_is_not_waited_for(path: Path) -> None:
    with (
        FileLock(path.with_name(".config.yaml.lock")),
        pytest.raises(ConfigError, match=r"another command has been writing it for 0 s"),
    ):
        change(path, {TOKEN: "env:NEW"}, patience=0)
    assert not path.exists()


def test_of_several_who_write_at_once_nobody_loses_anything(path: Path) -> None:
    def write(number: int) -> None:
        for step in range(3):
            change(path, {("profiles", f"p{number}", "acme", f"s{step}"): "x"})

    threads = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert content(parse(path.read_text(), path)) == {
        "profiles": {
            f"p{number}": {"acme": {f"s{step}": "x" for step in range(3)}} for number in range(4)
        }
    }


# A child writes both files again and again until it is killed; a fork has all modules already.
_KILLED = """
import os, signal, sys, time
from pathlib import Path
from jobctl.auth.cache import Token, TokenCache
from jobctl.config.editing import change

os.umask(0)
path, cache = Path(sys.argv[1]), TokenCache(Path(sys.argv[2]))
for word in ("play", "work"):
    began = time.monotonic()
    change(path, {("profile",): word})
    cache.put("other", Token(word, 0.0, 1.0))
    span = max(0.004, time.monotonic() - began)  # as slow as this machine is now
for number in range(300):
    child = os.fork()
    while not child:
        for word in ("a", "b"):
            change(path, {("profiles", "work", "acme", "token"): word * 5000})
            cache.put("key", Token(word * 5000, 0.0, 1.0))
    time.sleep(span * (0.5 + number % 60 / 15))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print(number, flush=True)
    sys.stdin.readline()
"""


@pytest.mark.slow
def test_three_hundred_kills_leave_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    path, cache = tmp_path / "new" / "config.yaml", tmp_path / "cache"
    words = [sys.executable, "-c", _KILLED, str(path), str(cache)]
    whole = {"a" * 5000, "b" * 5000}
    seen: set[str] = set()
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        assert process.stdout
        for _ in process.stdout:
            kept = TokenCache(cache).get("key")
            for found in (at(path.read_text(), TOKEN), kept and kept.value):
                assert found is None or found in whole
                seen.add(str(found))
            for folder, _folders, files in os.walk(tmp_path):
                assert {mode(Path(folder, one)) for one in files} <= {0o600}
            process.stdin.write(b"\n")
            process.stdin.flush()
    assert process.returncode == 0
    assert seen >= whole
    # some were killed in the middle of a write: what they left beside the file shows it
    assert list(path.parent.glob(".jobctl-unfinished-*"))
    assert list(cache.glob("*/.jobctl-unfinished-*"))
    change(path, {TOKEN: "env:NEW"})
    assert at(path.read_text(), TOKEN) == "env:NEW"
