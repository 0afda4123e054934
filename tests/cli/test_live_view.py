"""The live view of the real program in a real terminal, tmux."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("account")]

RUNNING = {"status": "Running"}
FAILED = {"status": "Failed"}
PACE = "--interval 1 --timeout 1h"


class Tmux:
    """A shell in a terminal; what is awaited is looked for until it is there."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        subprocess.run(
            [
                *("tmux", "-S", self._socket, "-f", "/dev/null", "new-session", "-d"),
                *("-x", "80", "-y", "24", "env PS1='$ ' bash --norc --noprofile -i"),
            ],
            env={**os.environ, "PATH": path},
            check=True,
        )

    def run(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-S", self._socket, *words], capture_output=True, text=True, check=True
        )
        return done.stdout

    def type(self, text: str, *keys: str) -> None:
        self.run("send-keys", "-l", text)
        if keys:
            self.run("send-keys", *keys)

    @property
    def lines(self) -> list[str]:
        """What is seen."""
        return [line for line in self.run("capture-pane", "-p").splitlines() if line]

    def tell(self, what: str) -> str:
        return self.run("display-message", "-p", f"#{{{what}}}").strip()

    def until(self, seen: Callable[[], bool]) -> None:
        end = time.monotonic() + 20
        while not seen():
            assert time.monotonic() < end, "\n".join(self.lines)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    made = Tmux(tmp_path)
    try:
        made.until(lambda: made.lines == ["$"])
        yield made
    finally:
        made.run("kill-server")


def test_it_is_drawn_in_place_at_any_size_and_leaves_the_terminal_as_it_was(
    tmux: Tmux, service: Any
) -> None:
    jobs = [f"10000000000{number}" for number in range(6)]
    service.answers = {job: [(200, RUNNING)] for job in jobs[:-1]} | {jobs[-1]: [(200, FAILED)]}
    title = tmux.tell("pane_title")
    tmux.type(f"seq -s, 90 93; jobctl get cognite {' '.join(jobs)} -w {PACE}", "Enter")

    def drawn(instead_of: str) -> bool:
        shown = tmux.lines
        view = [line.split()[-1] for line in shown[-7:-1]]
        return shown[-1] != instead_of and view == [
            f"cognite/{job}" for job in (jobs[-1], *jobs[:-1])
        ]

    tmux.until(lambda: drawn(""))
    for columns, lines in ((30, 24), (24, 12), (70, 12)):
        before = tmux.lines[-1]
        tmux.run("resize-window", "-x", str(columns), "-y", str(lines))
        tmux.until(partial(drawn, before))
        assert sum(line.startswith(("●", "✘")) for line in tmux.lines) == 6
        assert tmux.tell("cursor_flag") == "0"
    assert tmux.tell("pane_title") == "jobctl: 1/6 ended, 1 failed"
    tmux.type("q")
    tmux.until(lambda: tmux.lines[-1] == "$")
    assert tmux.tell("cursor_flag") == "1"
    assert tmux.tell("pane_title") == title
    tmux.type("echo code $?; stty -a | tr ' ' '\\n' | grep -E '^-?(echo|icanon)$'", "Enter")
    tmux.until(lambda: tmux.lines[-4:] == ["code 130", "icanon", "echo", "$"])
    history = tmux.run("capture-pane", "-p", "-S", "-").splitlines()
    assert "90,91,92,93" in history


def test_it_steps_aside_for_the_shell_and_comes_back(tmux: Tmux, service: Any) -> None:
    service.answers = {"1": [(200, RUNNING)]}
    tmux.type(f"jobctl watch cognite/1 {PACE}", "Enter")
    tmux.until(lambda: "● running  cognite/1" in tmux.lines[-1])
    tmux.run("send-keys", "C-z")
    tmux.until(lambda: tmux.lines[-1] == "$")
    assert "Stopped" in tmux.lines[-2]
    assert tmux.tell("cursor_flag") == "1"
    asked = len(service.requests)
    tmux.type("bg", "Enter")
    tmux.until(lambda: len(service.requests) > asked + 2)
    assert tmux.lines[-1] == "$"
    assert tmux.tell("cursor_flag") == "1"
    tmux.type("fg", "Enter")
    tmux.until(lambda: "● running  cognite/1" in tmux.lines[-1])
    assert tmux.tell("cursor_flag") == "0"
    tmux.run("send-keys", "C-c")
    tmux.until(lambda: tmux.lines[-1] == "$")
    assert tmux.tell("cursor_flag") == "1"


def test_q_leaves_a_watch_of_jobs_from_standard_input(tmux: Tmux, service: Any) -> None:
    service.answers = {"1": [(200, RUNNING)], "2": [(200, RUNNING)]}
    tmux.type(f"printf 'cognite/1\\ncognite/2\\n' | jobctl watch - {PACE}", "Enter")
    tmux.until(lambda: any("● running  cognite/2" in line for line in tmux.lines))
    tmux.type("q")
    tmux.until(lambda: tmux.lines[-1] == "$")
    tmux.type("echo code $?; stty -a | tr ' ' '\\n' | grep -E '^-?(echo|icanon)$'", "Enter")
    tmux.until(lambda: tmux.lines[-4:] == ["code 130", "icanon", "echo", "$"])


def test_what_reads_the_lines_of_a_wait_is_not_drawn_over(tmux: Tmux, service: Any) -> None:
    service.answers = {
        str(job): [(200, RUNNING)] * (job + 1) + [(200, FAILED)] for job in range(1, 4)
    }
    jobs = [f"cognite/{job}" for job in range(1, 4)]
    cut = 'sed -u -E \'s/.*(cognite.[0-9]).*"state": "(\\w+)".*/\\1 \\2/; s/.*verdict.*/end/\''
    tmux.type(f"clear; jobctl wait {' '.join(jobs)} --interval 1 -o ndjson | {cut}", "Enter")
    tmux.until(lambda: tmux.lines[-2:] == ["end", "$"])
    assert sorted(line for line in tmux.lines if re.fullmatch(r"cognite/\d \w+", line)) == [
        f"{job} {state}" for job in jobs for state in ("failed", "running")
    ]
