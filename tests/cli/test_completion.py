"""Completion: the protocol by itself, and real shells with the scripts as shipped."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobctl.cli.completion import SCRIPTS
from jobctl.cli.options import Shell

BASH = """
source "$SCRIPT"
COMP_WORDS=($LINE); [[ $LINE == *' ' ]] && COMP_WORDS+=('')
COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
_jobctl_completion jobctl
printf '%s\\n' "${COMPREPLY[@]}"
"""
# zsh completes only where somebody types, so it gets a terminal of its own to be typed into
ZSH = r"""
zmodload zsh/zpty zsh/zselect
zpty shell zsh -f -i
zpty -w shell "PS1='READY>'; autoload -U compinit; compinit -u -D; source '$SCRIPT'"
zpty -w shell 'compadd() { builtin compadd -O found "$@"; print -rl -- $found > $OFFERS; done_ }'
zpty -w shell 'done_() { : > $OFFERS.end }'
zpty -w shell 'bindkey "^Y" complete-word; : > $OFFERS.begin'
while [[ ! -e $OFFERS.begin ]]; do zpty -r -t shell output || zselect -t 1; done
zpty -w -n shell "$LINE"$'\x19'
while [[ ! -e $OFFERS.end ]]; do zpty -r -t shell output || zselect -t 1; done
cat $OFFERS
"""
FISH = 'source "$SCRIPT"; complete --do-complete "$LINE"'


CONFIG = "profiles:\n  work-one: {}\n  work-two: {}\n"


def words_offered(line: str, tmp_path: Path) -> set[str]:
    """What jobctl offers a shell that asks in the way of the scripts."""
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    done = subprocess.run(
        [sys.executable, "-m", "jobctl"],
        env=os.environ
        | {
            "_JOBCTL_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(line.count(" ")),
            "JOBCTL_CONFIG": str(config),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


def offers(shell: str, line: str, tmp_path: Path) -> set[str]:
    """What the shell offers at the end of the line."""
    bin_ = tmp_path / "bin"
    bin_.mkdir(exist_ok=True)
    program = bin_ / "jobctl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m jobctl "$@"\n')
    program.chmod(0o755)
    script = tmp_path / "script"
    script.write_text(SCRIPTS[Shell(shell)])
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    done = subprocess.run(
        [shell, "-c", {"bash": BASH, "zsh": ZSH, "fish": FISH}[shell]],
        env=os.environ
        | {
            "PATH": f"{bin_}:{os.environ['PATH']}",
            "SCRIPT": str(script),
            "LINE": line,
            "JOBCTL_CONFIG": str(config),
            "TERM": "xterm",
            "OFFERS": str(tmp_path / f"offers-{abs(hash(line))}"),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return {word.strip() for word in done.stdout.split("\n") if word.strip()}


def check(offered: Callable[[str], set[str]]) -> None:
    assert {"get", "wait", "providers", "config", "sandbox"} <= offered("jobctl ")
    assert offered("jobctl get mod") == {"modelarts", "modzy"}
    assert offered("jobctl get cognite 12") >= {"123", "124", "125"}
    assert offered("jobctl wait vas/video-analyze/a") == {
        "vas/video-analyze/a2b64f00aa9f4d6fa7f17c1de9b6e1d0"
    }
    assert offered("jobctl get cognite --prof") == {"--profile"}
    assert offered("jobctl get cognite --profile w") == {"work-one", "work-two"}
    assert offered("jobctl get oracle-content --no-sk") == {"--no-skipped-details"}
    assert offered("jobctl providers show v") == {"vas"}


def test_jobctl_completes_for_whoever_speaks_the_protocol(tmp_path: Path) -> None:
    check(lambda line: words_offered(line, tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_real_shell_completes(shell: str, tmp_path: Path) -> None:
    check(lambda line: offers(shell, line, tmp_path))


@pytest.mark.parametrize("shell", Shell)
def test_the_command_prints_the_script_of_a_shell(shell: Shell, jobctl: Any) -> None:
    assert jobctl("completion", shell.value).out == SCRIPTS[shell]
