"""`jobctl config init`: the first configuration file."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from jobctl import registry
from jobctl.commands import Terminal
from jobctl.commands.asking import Asker
from jobctl.commands.beginning import init
from jobctl.config import Configuration
from jobctl.config.editing import create
from jobctl.errors import ConfigError, ExitCode, Interrupted, UsageError


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "new" / "config.yaml"
    monkeypatch.setenv("JOBCTL_CONFIG", str(path))
    return path


class Typed(io.StringIO):
    """A terminal on which somebody types."""

    def isatty(self) -> bool:
        return True


def begun(path: Path, typed: str | Typed, *names: str) -> str:
    """What is said while a file is written by these answers, from a pipe or a terminal."""
    stdin = io.StringIO(typed) if isinstance(typed, str) else typed
    terminal = Terminal(io.StringIO(), io.StringIO(), stdin, {"JOBCTL_CONFIG": str(path)})
    init(names, "work", terminal, Asker(terminal, asks=True))
    assert isinstance(terminal.err, io.StringIO)
    return terminal.err.getvalue()


def test_what_the_services_need_is_asked_and_the_rest_stands_there_as_comments(path: Path) -> None:
    said = begun(
        path,
        "cognite vas\n"
        "client_credentials\nmy-project\nwesteurope-1\nmy-app\nenv:CDF_SECRET\nmy-tenant\n"
        "aksk\ncn-north-4\nkeyring:jobctl/ak\n\n",
    )
    assert said.startswith("Services, with blanks between them; none to try the sandbox first: ")
    assert "Cognite Vision: how to sign in (token, client_credentials, external) [token]: " in said
    title = registry.manifest("vas").title
    assert "the Entra tenant, which gives the token URL; or nothing, and token_url" in said
    assert said.endswith(
        f"note: {path} is written\n"
        "note: jobctl auth login cognite signs in to Cognite Vision\n"
        f"note: jobctl auth login vas signs in to {title}\n"
    )
    assert yaml.safe_load(path.read_text()) == {
        "profile": "work",
        "profiles": {
            "work": {
                "cognite": {
                    "project": "my-project",
                    "cluster": "westeurope-1",
                    "client_id": "my-app",
                    "client_secret": "env:CDF_SECRET",
                    "tenant_id": "my-tenant",
                },
                "vas": None,
                "huawei": {"region": "cn-north-4", "access_key": "keyring:jobctl/ak"},
            }
        },
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_where_there_is_one_way_to_sign_in_none_is_asked_for(path: Path) -> None:
    said = begun(path, "env:KEY\n" * 3, "openai-batch")
    assert "how to sign in" not in said
    assert "env:KEY" in path.read_text()


def test_every_setting_that_was_left_out_can_be_taken_in(path: Path, jobctl: Any) -> None:
    names = ("cognite", "modzy", "vas", "oracle-content")
    assert jobctl("config", "init", *names, "--no-input").code == 0
    assert jobctl("config", "check").out == f"{path}: ok, profiles: default\n"
    taken_in = re.sub("(?m)^      # (?=[a-z_]+:)", "      ", path.read_text())
    found = yaml.safe_load(taken_in)["profiles"]["default"]
    for name in names:
        about = registry.manifest(name)
        there = {*(found[name] or {}), *(found[about.account.name] or {})}
        assert {one.name for one in (*about.settings, *about.account.settings)} <= there


def test_whoever_has_no_account_gets_the_sandbox(path: Path, jobctl: Any) -> None:
    ran = jobctl("config", "init", "--no-input")
    assert ran.err.endswith("note: the sandbox needs no account: jobctl get cognite 123 --wait\n")
    assert Configuration.read({"JOBCTL_CONFIG": str(path)}).profile == "sandbox"
    assert jobctl("config", "check").code == 0


def test_a_file_that_is_there_is_left_alone(path: Path, jobctl: Any) -> None:
    path.parent.mkdir()
    path.write_text("# mine\n")
    ran = jobctl("config", "init")
    assert ran.code == 2
    assert "is there already" in ran.err
    with pytest.raises(ConfigError, match="is there already"):
        create(path, "x")  # written while questions were asked
    assert path.read_text() == "# mine\n"


def test_a_person_is_asked_again_for_the_one_answer_that_cannot_be(path: Path) -> None:
    said = begun(
        path,
        Typed("cognit\ncognite\ntokn\nclient_credentials\np\x01\np\nc\na\nplanted\nenv:S\nt\n"),
    )
    assert "there is no provider 'cognit' (did you mean cognite?)\n" in said
    assert "'tokn' is no way to sign in (did you mean token?)\n" in said
    assert "project holds a control character" in said
    assert "client_secret is a secret: only where it is kept is asked here (leave it out" in said
    assert "planted" not in said
    assert yaml.safe_load(path.read_text())["profiles"]["work"]["cognite"] == {
        "project": "p", "cluster": "c", "client_id": "a", "client_secret": "env:S",
        "tenant_id": "t",
    }  # fmt: skip


def test_who_is_interrupted_leaves_the_line_of_the_question_and_no_file(path: Path) -> None:
    class Leaving(Typed):
        def readline(self, _size: int | None = -1, /) -> Any:
            raise Interrupted(ExitCode.SIGINT)

    err = io.StringIO()
    terminal = Terminal(io.StringIO(), err, Leaving(), {"JOBCTL_CONFIG": str(path)})
    with pytest.raises(Interrupted):
        init(("cognite",), "work", terminal, Asker(terminal, asks=True))
    assert err.getvalue().endswith("[token]: \n")
    assert not path.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cognit\n", "there is no provider 'cognit'"),
        ("cognite\nguess\n", "'guess' is no way to sign in"),
        ("modzy\nkey\nplanted-secret\n", "api_key is a secret: only where it is kept"),
        ("cognite\ntoken\np\x01\n", "project holds a control character"),
    ],
)
def test_an_answer_that_cannot_be_leaves_no_file(typed: str, said: str, path: Path) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        begun(path, typed)
    assert "planted" not in f"{caught.value.message}{caught.value.hint}"
    assert not path.exists()


def test_the_name_of_the_sandbox_is_taken(path: Path, jobctl: Any) -> None:
    assert "is built in" in jobctl("config", "init", "--profile", "sandbox").err
