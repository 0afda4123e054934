"""The checks that every change passes: style, types, floors."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    "check",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["lint-imports", "--no-cache"],
    ],
    ids=" ".join,
)
def test_the_tree_passes(check: list[str]) -> None:
    run(*check)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("python", "place"),
    [
        ("3.11", ["linux", "--group", "dev"]),
        ("3.15", ["linux", "--group", "dev"]),
        ("3.15", ["aarch64-unknown-linux-musl"]),
        ("3.15", ["windows"]),
    ],
    ids=str,
)
def test_no_compiler_is_needed_with_the_oldest_nor_the_newest_python(
    python: str, place: list[str]
) -> None:
    wheels = ("--only-binary", ":all:", "--python-version", python, "--python-platform", *place)
    run("uv", "pip", "compile", "--quiet", "--no-python-downloads", *wheels, "pyproject.toml")


def run(program: str, *words: str) -> None:
    done = subprocess.run(
        [Path(sys.executable).parent / program, *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
