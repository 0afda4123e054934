"""Real shells complete real command lines with the scripts as shipped."""

import os
import subprocess
import sys
from pathlib import Path

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
    config.write_text("profiles:\n  work-one: {}\n  work-two: {}\n")
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


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_real_shell_completes(shell: str, tmp_path: Path) -> None:
    assert {"get", "wait", "providers", "config", "sandbox"} <= offers(shell, "jobctl ", tmp_path)
    assert offers(shell, "jobctl get mod", tmp_path) == {"modelarts", "modzy"}
    assert offers(shell, "jobctl get cognite 12", tmp_path) >= {"123", "124", "125"}
    assert offers(shell, "jobctl wait vas/video-analyze/a", tmp_path) == {
        "vas/video-analyze/a2b64f00aa9f4d6fa7f17c1de9b6e1d0"
    }
    assert offers(shell, "jobctl get cognite --prof", tmp_path) == {"--profile"}
    assert offers(shell, "jobctl get cognite --profile w", tmp_path) == {"work-one", "work-two"}
    assert offers(shell, "jobctl get oracle-content --no-sk", tmp_path) == {"--no-skipped-details"}
    assert offers(shell, "jobctl providers show v", tmp_path) == {"vas"}


def test_the_scripts_shipped_are_those_the_command_prints(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from jobctl.cli import main

    files = {"bash": "jobctl.bash", "zsh": "_jobctl", "fish": "jobctl.fish"}
    for shell, name in (files | {"powershell": "jobctl.ps1"}).items():
        assert main(["completion", shell]) == 0
        assert capsys.readouterr().out == (root / "completions" / name).read_text()
