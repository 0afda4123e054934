"""The command that goes on with a wait that was left."""

import shlex

import pytest

from jobctl.commands.resume import resume


@pytest.mark.parametrize(
    ("words", "left", "command"),
    [
        ("watch cognite/1 vas/a/b", None, "watch cognite/1 vas/a/b"),
        ("wait cognite/1 --timeout 10m --json", 431.2, "wait cognite/1 --timeout 432s --json"),
        ("wait --timeout=10m cognite/1", 431.0, "wait --timeout 431s cognite/1"),
        ("wait cognite/1 --timeout 10m", -3.0, "wait cognite/1 --timeout 1s"),
        ("wait - --timeout 10m", None, "wait cognite/1 'vas/a b' --timeout 10m"),
        ("wait cognite/1 -", None, "wait cognite/1 'vas/a b'"),
        ("get vas 'a b' -w -p 'my profile'", None, "get vas 'a b' -w -p 'my profile'"),
    ],
)
def test_it_is_the_same_command_with_the_time_that_is_left(
    words: str, left: float | None, command: str
) -> None:
    told = resume(shlex.split(words), ["cognite/1", "vas/a b"], left)
    assert told == f"jobctl {command}"
