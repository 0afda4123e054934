"""`open`: the page of a job, in the browser, or its address where there is none."""

import os
import shlex
import webbrowser
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from jobctl.cli.sources import use_providers
from jobctl.commands import Shared, Terminal
from jobctl.commands.page import open_page

Run = Callable[..., Any]
PAGE = "https://ci.example/runs/7"
FILE = """\
title: Scribe run
settings: {base_url: BASE}
ids: [{name: run}]
get: {path: "/runs/{run}"}
job: {status: s, states: {succeeded: [d]}, web: page}
"""


@pytest.fixture
def words(served: Callable[..., Any], tmp_path: Path) -> Iterator[list[str]]:
    """The words that name the file of a service with pages, which has none for run 8."""

    def answer(asked: Any) -> tuple[int, Any]:
        return 200, {"s": "d", "page": PAGE if asked.path.endswith("7") else "javascript:x"}

    with served(answer) as url:
        (tmp_path / "scribe.yaml").write_text(FILE.replace("BASE", url))
        yield ["--provider-file", str(tmp_path / "scribe.yaml")]


class Screen(StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("is_there", [True, False])
def test_on_a_terminal_it_is_opened_or_else_its_address_is_shown(
    is_there: bool, words: list[str]
) -> None:
    use_providers(words)
    screen, seen = Screen(), list[str]()

    def browse(url: str) -> bool:
        seen.append(url)
        return is_there

    terminal = Terminal(screen, StringIO(), StringIO(), os.environ)
    assert open_page("scribe/7", Shared(), terminal, browse) == 0
    assert seen == [PAGE]
    assert screen.getvalue() == ("" if is_there else f"{PAGE}\n")


def test_a_browser_that_is_no_command_shows_nothing(words: list[str]) -> None:
    use_providers(words)
    screen = Screen()
    terminal = Terminal(screen, StringIO(), StringIO(), os.environ)

    def browse(url: str) -> bool:
        return webbrowser.get("'%s").open(url)  # as BROWSER may name one

    assert open_page("scribe/7", Shared(), terminal, browse) == 0
    assert screen.getvalue() == f"{PAGE}\n"


def test_on_a_pipe_its_address_is_written(jobctl: Run, words: list[str]) -> None:
    ran = jobctl("open", "scribe/7", *words)
    assert (ran.code, ran.out, ran.err) == (0, f"{PAGE}\n", "")
    assert jobctl("open", "scribe/7", "--set", "nothing=1", *words).code == 2


def test_where_there_is_no_page_that_is_said(jobctl: Run, words: list[str]) -> None:
    ran = jobctl("open", "scribe/8", *words)
    assert (ran.code, ran.out) == (2, "")
    assert "Scribe run tells no page of scribe/8" in ran.err
    again = shlex.join(["jobctl", "get", "scribe/8", *words])
    assert f"hint: `{again}` shows what it tells" in ran.err


def test_what_a_person_should_know_of_the_settings_is_told(
    jobctl: Run, words: list[str], configured: Any
) -> None:
    config = configured("profiles: {default: {cognite: {token: planted-token-1}}}", 0o644)
    ran = jobctl("open", "scribe/7", *words)
    assert (ran.code, ran.err.startswith(f"warning: {config}")) == (0, True)
