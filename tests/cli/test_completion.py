"""Completion: what is offered for a word."""

import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from jobctl import registry
from jobctl.cli import program
from jobctl.cli.options import Shell
from jobctl.cli.parsing import COMPLETE
from jobctl.errors import EXIT_CODES
from jobctl.history import History
from jobctl.models import SORTS, Job, JobRef, JobState

Offering = Callable[[str], Any]
CONFIG = "profiles:\n  work-one: {}\n  work-two: {}\n"
ACME = """
title: Acme
settings:
  base_url: https://acme.example
  flavour: {help: what it tastes of, default: sweet, choices: [sweet, salty]}
  token: {help: a token, secret: true}
auth: {bearer: token}
ids: [{name: render}]
get: {path: "/renders/{render}"}
job: {status: status, states: {running: [running], succeeded: [done]}}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG)
    monkeypatch.setenv("JOBCTL_CONFIG", str(file))
    return file


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JOBCTL_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def seen(state: Path) -> History:
    """A history of three jobs of two profiles."""
    history = History(state / "history.db")
    ago = datetime.now(UTC) - timedelta(minutes=5, seconds=1)
    running = Job(ref=JobRef("cognite", ("7",)), state=JobState.RUNNING, status=None, name="pumps")
    other = Job(ref=JobRef("modzy", ("m-1",)), state=JobState.FAILED, status=None)
    history.remember("default", [running, other], ago)
    history.remember(
        "work", [Job(ref=JobRef("cognite", ("8",)), state=JobState.QUEUED, status=None)], ago
    )
    return history


def words_offered(line: str) -> set[str]:
    """What jobctl offers a shell that asks in the way of bash."""
    done = subprocess.run(
        [sys.executable, "-m", "jobctl"],
        env=os.environ | {COMPLETE: "complete_bash", "COMP_WORDS": line},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return set(done.stdout.split())


@pytest.mark.usefixtures("config")
def test_jobctl_completes_for_whoever_speaks_the_protocol() -> None:
    assert {"get", "wait", "providers", "config", "sandbox"} <= words_offered("jobctl ")
    assert words_offered("jobctl get mod") == {"modelarts", "modelarts-training", "modzy"}
    assert words_offered("jobctl get cognite 12") >= {"123", "124", "125"}
    assert words_offered("jobctl wait vas/video-analyze/a") == {
        "vas/video-analyze/a2b64f00aa9f4d6fa7f17c1de9b6e1d0"
    }
    assert words_offered("jobctl get cognite --prof") == {"--profile"}
    assert words_offered("jobctl get cognite --profile w") == {"work-one", "work-two"}
    assert words_offered("jobctl get oracle-content --no-sk") == {"--no-skipped-details"}
    assert words_offered("jobctl providers show va") == {"vas"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("jobctl list modzy --sort cre", ["created", "created:asc", "created:desc"]),
        ("jobctl list modzy --sort ", [f"{w}{d}" for w in SORTS for d in ("", ":asc", ":desc")]),
        ("jobctl list modzy --state failed,c", ["failed,cancelled"]),
        ("jobctl list modzy --status cancele", []),
        ("jobctl list modzy --status CANCELE", ["CANCELED"]),
        ("jobctl wait --for ", ["ended", *JobState]),
        ("jobctl wait --exit-map ", [f"{one.kind}=" for one in EXIT_CODES[:-3]]),
        ("jobctl wait --exit-map timeout=0,time", []),
        ("jobctl wait --exit-map timeout=0,par", ["timeout=0,partial="]),
        ("jobctl get cognite 1 -c progress.p", ["progress.percent", "progress.pending"]),
        ("jobctl get cognite 1 -c id,progress.pe", ["id,progress.percent", "id,progress.pending"]),
        ("jobctl get cognite 1 --columns=nam", ["--columns=name"]),
        ("jobctl results modelarts a --property ", ["kept", "modified", "deleted", "added"]),
        ("jobctl get cognite 1 -o nd", ["ndjson"]),
        ("jobctl get cognite 1 -ond", ["-ondjson"]),
        ("jobctl get cognite 1 -o", ["-o"]),
        ("jobctl get cognite 1 --ci git", ["github", "gitlab"]),
        ("jobctl get cognite --set pro", ["project="]),
        ("jobctl get cognite --set auth=cl", ["auth=client_credentials"]),
        ("jobctl get cognite --set token", ["token_command=", "token_url="]),
        ("jobctl wait cognite/1 --set pro", ["project="]),
        ("jobctl wait --set pro", []),
        ("jobctl wait --set max_p", ["max_pages="]),
        ("jobctl get cognite/1 --set pro", ["project="]),
        ("jobctl results cognite/127 --set pro", ["project="]),
        ("jobctl --profile w", ["work-one", "work-two"]),
        ("jobctl -p work-one get cognite 12", []),
        ("jobctl -p sandbox get cognite 12", ["123", "124", "125", "126", "127"]),
        ("jobctl get cognite 123 12", ["124", "125", "126", "127"]),
        ("jobctl get cognite cognite/127", ["cognite/127"]),
        ("jobctl get cognite/127", ["cognite/127"]),
        ("jobctl get cognite/123 cognite/127", ["cognite/127"]),
        ("jobctl list cognite/1", []),
        ("jobctl list cognite/1 ", []),
        ("jobctl list vas ", ["video-analyze"]),
        ("jobctl list airbyte ", []),
        ("jobctl get nobody ", []),
        ("jobctl nothing ", []),
        ("jobctl get --bogus mod", []),
        ("jobctl get cognite --timeout ", []),
        ("jobctl get cognite -- --prof", []),
        ("jobctl help con", ["config"]),
        ("jobctl help config s", ["show", "set", "schema"]),
        ("jobctl help get modz", ["modzy"]),
        ("jobctl help get cognite ", []),
        ("jobctl completion ", list(Shell)),
        ("jobctl get --prof", ["--profile"]),
        ("jobctl get cognite 1 --json --js", []),
        ("jobctl get cognite 1 --set a=b --se", ["--set"]),
        ("jobctl get cognite --an", ["--any"]),
        ("jobctl get cognite --provider-f", ["--provider-file"]),
        ("jobctl --version ge", ["get"]),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("config", "state")
def test_what_is_offered_for_a_word(line: str, words: list[str], offered: Offering) -> None:
    assert list(offered(line).words) == words


@pytest.mark.parametrize(
    "line",
    [
        "jobctl get cognite 1 --record ",
        "jobctl --replay ",
        "jobctl wait --junit=re",
        "jobctl results modzy a --html ",
        "jobctl results modzy a --images ",
        "jobctl results modzy a --output-file ",
        "jobctl providers check ",
        "jobctl providers check a.yaml --body ",
        "jobctl --provider-file ",
        "jobctl get cognite --provider-file ",
        "jobctl get cognite --provider-file=a",
    ],
)
def test_files_are_offered_where_one_is_wanted(line: str, offered: Offering) -> None:
    assert offered(line) == ("files", {})


def commands(command: Any, *words: str) -> Iterator[tuple[Any, tuple[str, ...]]]:
    context = typer.Context(command, resilient_parsing=True, info_name=words[-1] if words else None)
    yield command, words
    if isinstance(command, TyperGroup):
        # all files are asked as one of them is
        files = {name for name in registry.names() if registry.origin(name) == "catalogue"}
        for name in set(command.list_commands(context)) - (files - {"ray"}):
            yield from commands(command.get_command(context, name), *words, name)


# a number, a duration, a time, an expression, a command of the shell, a cursor, a speed; texts that
# only the service knows; the fields of records of a provider that is not told
FREE = re.compile(
    r"N|D|TIME|EXPR|CMD|C|Nx|TEXT|NAME|TYPE|RULE|VERSION|A,B,C|ID|PATH|URL|JMESPATH|WAY|WORD,..."
)


def test_every_value_has_words_or_files_or_is_free(
    offered: Offering, config: Path, state: Path
) -> None:
    told = set()
    for command, words in commands(program()):
        for param in command.params:
            is_option = param.param_type_name == "option"
            # an option of a verb is the same for all providers
            known = is_option and (words[:1], param.name) in told
            if is_option and (param.is_flag or param.count or known):
                continue
            told.add((words[:1], param.name))
            line = " ".join(["jobctl", *words, *([param.opts[-1]] if is_option else []), ""])
            found = offered(line)
            # where to look, and what a service calls its parameters, only those know who know it
            untold = param.name in ("within", "field")
            is_free = FREE.fullmatch(param.metavar or "N") or untold
            assert found.words or found.kind == "files" or is_free, line


def test_words_are_offered_with_what_they_mean(
    offered: Offering, seen: History, config: Path
) -> None:
    assert offered("jobctl get vas").words == {"vas": "Huawei VAS"}
    assert offered("jobctl providers show vas").words == {"vas": "Huawei VAS"}
    assert offered("jobctl exit").words == {"exit-codes": "Show what each exit code means."}
    assert offered("jobctl wait --exit-map time").words == {"timeout=": "--timeout ran out"}
    assert offered("jobctl get cognite 1 --js").words == {"--json": "The same as -o json."}
    assert offered("jobctl get cognite --set projec").words == {"project=": "the CDF project"}
    assert offered("jobctl get cognite 125").words == {"125": "fails"}
    assert offered("jobctl get cognite 7").words == {"7": "running 5 min ago: pumps"}
    assert offered("jobctl wait modzy/m").words == {"modzy/m-1": "failed 5 min ago"}
    # FILE is a part of these ids, and no file
    assert offered("jobctl get oracle-content --profile sandbox D").words
    assert "sample_id" in offered("jobctl results modelarts T/V -c sample").words
    assert "built in" in offered("jobctl -p sand").words["sandbox"]
    for line in ("get -o", "list --state", "list --sort", "wait --for", "wait --ci", "get -c"):
        assert all(offered(f"jobctl {line} ").words.values())
    assert offered("jobctl list --state failed,queu").words == {
        "failed,queued": "accepted, not started"
    }


def test_behind_a_provider_its_ids_are_offered(offered: Offering, seen: History) -> None:
    assert offered("jobctl wait cognite 7").words == {"7": "running 5 min ago: pumps"}
    assert list(offered("jobctl open modzy m").words) == ["m-1"]
    assert "cognite/7" in offered("jobctl wait modzy/m-1 cognite/").words


def test_numbers_are_offered_with_the_jobs_that_they_stand_for(
    offered: Offering, seen: History
) -> None:
    first, second = "cognite/8, queued 5 min ago", "cognite/7, running 5 min ago: pumps"
    third = "modzy/m-1, failed 5 min ago"
    assert offered("jobctl wait @").words == {
        "@last": first, "@1": first, "@2": second, "@3": third,
    }  # fmt: skip
    assert offered("jobctl get @3").words == {"@3": third}
    assert offered("jobctl get modzy @").words == {"@3": third}
    assert offered("jobctl wait -p default @").words == {"@2": second, "@3": third}
    assert offered("jobctl wait -p default modzy/m").words == {"modzy/m-1": "failed 5 min ago"}
    assert offered("jobctl wait @3 --set base").words == {
        "base_url=": "where the API lies, with or without /api"
    }


def test_a_variable_chooses_the_profile_whose_jobs_are_offered(
    offered: Offering, seen: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_PROFILE", "work")
    assert list(offered("jobctl wait cognite/").words) == ["cognite/8"]


def test_words_that_cannot_be_typed_are_not_offered_and_meanings_show_what_they_hide(
    offered: Offering, seen: History
) -> None:
    with closing(sqlite3.connect(seen.path)) as file, file:
        file.execute("update jobs set id = 'a\x1b[31mb\n', name = 'c\x1b]0;d\n' where id = '7'")
        file.execute("update jobs set provider = '--on-done=x', id = '9' where id = '8'")
        file.execute("update jobs set id = '-x' where id = 'm-1'")
    assert offered("jobctl get cognite a").words == {
        "a%1B[31mb%0A": r"running 5 min ago: c\x1b]0;d"
    }
    assert not [word for word in offered("jobctl wait ").words if word.startswith("-")]
    assert list(offered("jobctl get modzy -p default ").words) == ["modzy/-x"]


def test_completion_does_with_a_broken_configuration(offered: Offering, config: Path) -> None:
    config.write_text("profiles:\n  one: {}\n two: [}\n")
    assert "cognite" in offered("jobctl get ").words
    assert list(offered("jobctl -p o").words) == ["one"]


def test_a_broken_history_is_left_as_it_is(offered: Offering, state: Path) -> None:
    state.mkdir()
    file = state / "history.db"
    file.write_text("no database at all, and long enough to be looked at for one" * 20)
    before = file.read_bytes()
    assert "123" in offered("jobctl get cognite 12").words
    assert file.read_bytes() == before
    assert list(state.iterdir()) == [file]


@pytest.mark.parametrize("name", ["history.db", "history.db-journal"])
def test_a_pipe_in_the_place_of_the_history_is_not_opened(
    name: str, offered: Offering, seen: History
) -> None:
    seen.path.with_name(name).unlink(missing_ok=True)
    os.mkfifo(seen.path.with_name(name))
    assert list(offered("jobctl get cognite 7").words) == []


def test_without_sqlite_there_is_no_history(
    offered: Offering, seen: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    assert list(offered("jobctl get cognite 7").words) == []


def test_without_a_folder_for_it_there_is_no_history(
    offered: Offering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_STATE_DIR", "~nobody-of-that-name/state")
    assert list(offered("jobctl wait cognite/125").words) == ["cognite/125"]
    monkeypatch.delenv("JOBCTL_STATE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", "/dev/null/none")
    assert list(offered("jobctl wait cognite/125").words) == ["cognite/125"]


def test_provider_files_before_the_cursor_count(
    offered: Offering, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = config.parent / "acme.yaml"
    file.write_text(ACME)
    monkeypatch.setenv("HOME", str(config.parent))
    for line in (f"jobctl --provider-file {file}", "jobctl get --provider-file ~/acme.yaml"):
        get = line if " get" in line else f"{line} get"
        assert offered(f"{get} acm").words == {"acme": "Acme"}
        assert offered(f"{get} acme x --set fla").words == {"flavour=": "what it tastes of"}
        assert list(offered(f"{get} acme x --set flavour=").words) == [
            "flavour=sweet",
            "flavour=salty",
        ]
        assert "token=" not in offered(f"{get} acme x --set ").words
    assert offered("jobctl get acm").words == {}


def test_one_wrong_place_for_providers_takes_nothing_from_those_that_come_along(
    offered: Offering, config: Path
) -> None:
    folder = config.parent / "providers"
    folder.mkdir()
    (folder / "acme.yaml").write_text("title: [")
    assert "cognite" in offered("jobctl get ").words
    assert offered("jobctl get acme ").words == {}
    (folder / "cognite.yaml").write_text(ACME)
    assert "cognite" in offered("jobctl get ").words
    assert "modzy" in offered("jobctl get ").words
