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
        ("watch @2 @1 -q @", None, "watch cognite/1 'vas/a b' -q @"),
    ],
)
def test_it_is_the_same_command_with_the_time_that_is_left(
    words: str, left: float | None, command: str
) -> None:
    jobs = ["-"] if "-" in words.split() else ["@2", "@1"]
    told = resume(shlex.split(words), jobs, ["cognite/1", "vas/a b"], left)
    assert told == f"jobctl {command}"


def test_many_jobs_of_standard_input_are_not_told_one_by_one() -> None:
    told = resume(["watch", "-", "-p", "x"], ["-"], [f"cognite/{one}" for one in range(11)], None)
    assert told == "jobctl watch - -p x, and the same jobs on standard input"
