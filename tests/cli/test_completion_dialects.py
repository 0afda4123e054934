"""How each shell tells its line and is told what may stand in it; shells themselves are slow."""

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import tree_sitter_powershell
from hostile import TEXTS

from jobctl.cli import program
from jobctl.cli.commands.completion import answer, script
from jobctl.cli.offers import Offer, Offers
from jobctl.cli.options import Shell
from jobctl.cli.parsing import COMPLETE
from jobctl.cli.shells import DIALECTS, Bash


def test_the_command_prints_the_scripts_which_are_files_named_as_each_shell_wants(
    jobctl: Any, root: Path
) -> None:
    files = {one.name: one.read_text(encoding="utf-8") for one in (root / "completions").iterdir()}
    names = ("jobctl.bash", "_jobctl", "jobctl.fish", "jobctl.ps1")
    shown = (jobctl("completion", shell.value).out for shell in Shell)
    assert files == dict(zip(names, shown, strict=True))


def test_a_shell_that_is_not_known_is_answered_with_nothing() -> None:
    asked = {COMPLETE: "complete_tcsh", "COMP_WORDS": "jobctl "}
    assert list(answer(program(), asked)) == []


@pytest.mark.parametrize(
    ("typed", "words", "incomplete"),
    [
        ("jobctl get", ["jobctl"], "get"),
        ("jobctl  get ", ["jobctl", "get"], ""),
        (r"jobctl a\ b\"c", ["jobctl"], 'a b"c'),
        ("jobctl 'a b'c\"d 'e\" f", ["jobctl", "a bcd 'e"], "f"),
        (r'jobctl "a\"b\$c\d', ["jobctl"], r'a"b$c\d'),
        ("jobctl 'a \"b", ["jobctl"], 'a "b'),
        ("jobctl a\\", ["jobctl"], "a"),
        ("jobctl '' a", ["jobctl", ""], "a"),
        ("jobctl $(a) ${b}", ["jobctl", "$(a)"], "${b}"),
        ("jobctl 2>/dev/null a<b &>c d", ["jobctl", "a"], "d"),
        ("jobctl a2>b c", ["jobctl", "a2"], "c"),
        ("", [], ""),
    ],
)
def test_a_line_of_bash_is_taken_apart_as_bash_does(
    typed: str, words: list[str], incomplete: str
) -> None:
    line = Bash({"COMP_WORDS": typed}).line
    assert (line.words, line.incomplete, line.redirected) == (words, incomplete, False)


@pytest.mark.parametrize("typed", ["jobctl > ", "jobctl >fil", "jobctl 2>> a", "jobctl <'a b"])
def test_where_a_stream_goes_is_a_file(typed: str) -> None:
    asked = {COMPLETE: "complete_bash", "COMP_WORDS": typed}
    assert list(answer(program(), asked)) == ["files"]


@pytest.mark.parametrize("opening", ["", "'", '"'])
def test_what_bash_is_told_means_the_word_and_nothing_else(opening: str, tmp_path: Path) -> None:
    typable = [text for text in TEXTS if text.isprintable()]
    lines = []
    for text in typable:
        shell = Bash({"COMP_WORDS": f"jobctl get {opening}", "COMP_WORD": ""})
        told = shell.offer(Offer(text))
        # as bash puts it into the line
        lines.append(told if told.startswith(opening or " ") else opening + told)
    done = subprocess.run(
        ["bash", "-c", "".join(f"printf '%s\\n' {line}\n" for line in lines)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == typable
    assert not list(tmp_path.iterdir())


def test_bash_is_told_what_stands_behind_the_place_from_which_it_replaces() -> None:
    for typed, replaced, told in (
        ("jobctl list modzy --sort created:a", "a", ["asc"]),
        ("jobctl get cognite --set=proj", "proj", ["project="]),
        ("jobctl get cognite -c 'id,nam", "id,nam", ["id,name'"]),
        ('jobctl get cognite -c id,"nam', "nam", ['name"']),
        ("jobctl get cognite 1 --output=js", "of another line", ["--output=json"]),
    ):
        asked = {COMPLETE: "complete_bash", "COMP_WORDS": typed, "COMP_WORD": replaced}
        assert list(answer(program(), asked))[1:] == told


def test_a_value_follows_without_a_blank() -> None:
    for shell in Shell:
        line = "jobctl get cognite --set proj"
        words = line if shell is Shell.BASH else line.replace(" ", "\x1f")
        kind, _ = answer(program(), {COMPLETE: f"complete_{shell}", "COMP_WORDS": words})
        assert kind == "open"


def test_zsh_and_fish_are_told_words_and_meanings_apart() -> None:
    offers = Offers([Offer("a:b\\c", "d:e\\f"), Offer("~x"), Offer("g")])
    zsh, fish = (DIALECTS[one]({"COMP_WORDS": "jobctl\x1f'a"}) for one in (Shell.ZSH, Shell.FISH))
    assert zsh.line == fish.line == (["jobctl"], "a", "", False)
    assert list(zsh.lines(offers)) == ["", r"a\:b\\c:d:e\\f", "~x", "g"]
    # fish would put somebody's home in the place of the last but one
    assert list(fish.lines(offers)) == ["", "a:b\\c\td:e\\f", "g\t"]


def parsed(text: str) -> Any:
    """What PowerShell's grammar, as others wrote it, makes of a text."""
    tree_sitter = pytest.importorskip("tree_sitter", reason="no wheels for a Python so new")
    language = tree_sitter.Language(tree_sitter_powershell.language())
    root = tree_sitter.Parser(language).parse(text.encode()).root_node
    assert not root.has_error, text
    return root


def test_the_script_of_powershell_is_powershell() -> None:
    parsed(script(Shell.POWERSHELL))


def test_what_powershell_is_told_is_one_literal_word() -> None:
    shell = DIALECTS[Shell.POWERSHELL]({"COMP_WORDS": "jobctl\x1f"})
    for text in (*TEXTS, "cognite/123", "--profile", "a,b", "it\u2018s"):
        told = shell.offer(Offer(text, "what it means\n"))
        assert told.isascii()
        word, name, meaning = map(unquote, told.split("\t"))
        assert (name, meaning) == (text, "what it means\n")
        if word != text:
            assert re.fullmatch(r"'(.*)'", word, re.DOTALL)
            assert re.sub("(['\u2018-\u201b])\\1", r"\1", word[1:-1]) == text
        (command,) = parsed(f"jobctl {word}\n").children[0].children
        assert command.text.decode().strip() == f"jobctl {word}"
