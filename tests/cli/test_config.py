"""`jobctl config`: what is set and where from, what is wrong, and changes of the file."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

import pytest
import yaml

from jobctl.commands import Terminal
from jobctl.commands.asking import Asker
from jobctl.commands.config import set_value
from jobctl.errors import UsageError

FILE = """\
profile: work
profiles:
  work:
    cognite:  # mine
      project: p
      client_secret: planted-secret-1
      token: command:op read planted-secret-2
    huawei: {project_id: env:PROJECT}
    vas: {service_name: video-analyze}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.yaml"
    monkeypatch.setenv("JOBCTL_CONFIG", str(path))
    return path


@pytest.fixture
def written(path: Path) -> Callable[[str], Path]:
    def write(text: str) -> Path:
        path.write_text(text)
        path.chmod(0o600)
        return path

    return write


class Typed(io.StringIO):
    """A terminal on which somebody types."""

    def isatty(self) -> bool:
        return True


def at(path: Path, *names: str) -> Any:
    found = yaml.safe_load(path.read_text())
    for name in names:
        found = found[name]
    return found


def test_each_setting_is_shown_with_where_it_is_from(
    written: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(FILE)
    monkeypatch.setenv("JOBCTL_COGNITE_CLUSTER", "az-eastus-1")
    monkeypatch.setenv("MODZY_API_KEY", "planted.secret-3")
    path.chmod(0o644)
    ran = jobctl("config", "show", "--set", "read_timeout=9s")
    assert ran.code == 0
    assert ran.err.startswith(f"warning: {path} holds secrets and others can read it")
    rows = {tuple(line.split()[:2]): line.split(maxsplit=2)[2] for line in ran.out.splitlines()}
    shown = {key: " ".join(value.split()) for key, value in rows.items()}
    assert shown["cognite", "project"] == f"p {path}:5:16"
    assert shown["cognite", "client_secret"] == f"*** {path}:6:22"
    assert shown["cognite", "token"] == f"command:op ... {path}:7:14"
    assert shown["cognite", "cluster"] == "az-eastus-1 JOBCTL_COGNITE_CLUSTER"
    assert shown["cognite", "read_timeout"] == "9s --set"
    assert shown["cognite", "connect_timeout"] == "10s default"
    assert shown["modzy", "api_key"] == "*** MODZY_API_KEY"
    assert shown["modelarts", "project_id"] == f"env:PROJECT {path}:8:26"
    assert shown["vas", "service_name"] == f"video-analyze {path}:9:25"
    assert not {("vas", "project_id"), ("oracle-content", "read_timeout")} & set(shown)
    assert "planted" not in ran.out


def test_programs_get_a_document_for_each_setting(written: Any, jobctl: Any) -> None:
    path = written(FILE)
    found = jobctl("config", "show", "cognite", "-o", "json").document
    assert found[0].keys() == {
        "schema", "profile", "provider", "account", "setting", "value", "secret", "reference",
        "origin", "place",
    }  # fmt: skip
    assert {one["setting"]: one for one in found}["token"] == {
        "schema": "jobctl.setting/v1",
        "profile": "work",
        "provider": "cognite",
        "account": "cognite",
        "setting": "token",
        "value": None,
        "secret": True,
        "reference": "command:op ...",
        "origin": "profile",
        "place": f"{path}:7:14",
    }
    query = "[?origin=='profile'].setting"
    assert jobctl("config", "show", "cognite", "-q", query).document == [
        "project", "token", "client_secret",
    ]  # fmt: skip


def test_whoever_has_set_nothing_up_is_told_so(path: Path, jobctl: Any) -> None:
    path.write_text("")
    ran = jobctl("config", "show")
    assert ran.err == "note: nothing is set up; `jobctl config init` begins\n"
    ran = jobctl("config", "show", "modzy", "--quiet")
    assert "https://app.modzy.com" in ran.out


def test_the_sandbox_shows_its_own_settings(jobctl: Any) -> None:
    found = jobctl("--profile", "sandbox", "config", "show", "--json").document
    assert {one["provider"] for one in found} >= {"cognite", "modzy", "vas"}
    assert {one["place"] for one in found} == {"profile sandbox", "default"}


def test_of_a_broken_file_the_rest_is_shown_and_then_what_is_wrong(
    written: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(FILE + "    cognit: {}\n    modzy: {auth: kee, allow_http: perhaps}\n")
    ran = jobctl("config", "show")
    assert ran.code == 2
    assert "*** " in ran.out
    assert ran.err.splitlines() == [
        f"error: {path}:10:5: there is no provider or account 'cognit' (did you mean cognite?)",
        f"{path}:11:19: auth must be one of key, team, not 'kee'",
        f"{path}:11:36: allow_http must be one of true, false, not 'perhaps'",
    ]
    written("profiles: [\n")
    monkeypatch.setenv("MODZY_API_KEY", "planted.secret-3")
    ran = jobctl("config", "show", "--profile", "work")
    assert ran.code == 2
    assert "MODZY_API_KEY" in ran.out
    assert ran.err.startswith(f"error: {path}:2:1: the bracket that opens here")


def test_of_an_unknown_provider_or_setting_nothing_is_shown(path: Path, jobctl: Any) -> None:
    path.write_text("")
    assert jobctl("config", "show", "cognit").code == 2
    ran = jobctl("config", "show", "cognite", "--set", "projct=p")
    assert "did you mean project?" in ran.err


def test_all_that_is_wrong_is_told_at_once(written: Any, jobctl: Any) -> None:
    path = written(
        "profile: wrok\n"
        "profiles:\n"
        "  sandbox: {}\n"
        "  work:\n"
        "    cognite: {projct: p, project: [p], read_timeout: soon, states: {A: busy, B: late}}\n"
        "    modzy: x\n"
        "    nobody: {}\n"
        "also: this\n"
    )
    ran = jobctl("config", "check")
    assert (ran.code, ran.out) == (2, "")
    told = [line.removeprefix("error: ").removeprefix(f"{path}:") for line in ran.err.splitlines()]
    assert [line.partition(" (")[0] for line in told] == [
        "1:10: there is no profile 'wrok' in " + str(path),
        "3:3: the profile 'sandbox' is built in",
        "5:15: cognite has no setting 'projct'",
        "5:35: project must be a single value",
        "5:54: read_timeout must be a duration such as 30s, at most 24h, not 'soon'",
        "5:72: 'busy' is no state",
        "5:81: 'late' is no state",
        "6:12: modzy must hold names and values",
        "7:5: there is no provider or account 'nobody'",
        "8:1: there is no setting 'also'",
    ]


def test_values_that_no_service_could_use_are_told_in_whatever_profile(
    written: Any, jobctl: Any
) -> None:
    path = written("""\
profiles:
  default:
    cognite:
      cluster: a b
      token_url: http://x.example
      client_id: env:NOPE NOPE
      client_secret: keyring:here
      token: "command:op 'planted"
    huawei: {region: x/y, iam_endpoint: "https://planted:planted@h"}
  other:
    modzy: {base_url: "https://x?planted", api_key: planted}
    oracle-content: {identity_url: nowhere, token_command: "  ", token: 'env:', base_url: ' '}
    openai-batch: {base_url: x y}
    vas: {service_name: UPPER, base_url: "https://a.example,https://b.example"}
""")
    for command in (("config", "check"), ("get", "cognite", "1")):
        ran = jobctl(*command)
        assert (ran.code, "planted" in ran.err) == (2, False)
        told = [
            one.removeprefix("error: ").removeprefix(f"{path}:") for one in ran.err.splitlines()
        ]
        assert [line.partition(" (")[0] for line in told] == [
            "4:16: 'a b' is no cluster",
            "5:18: token_url must begin with https://: http:// is for this machine alone",
            "6:18: client_id: what follows env: is not the name of a variable",
            "7:22: client_secret: keyring: wants SERVICE/USER",
            "8:14: token: its command has a quote that is not closed",
            "9:22: 'x/y' is no region",
            "9:41: iam_endpoint holds a user name or password: credentials have settings of their"
            " own",
            "11:23: base_url holds a query or a fragment",
            "11:53: api_key is not PREFIX.BODY, two words with one dot between",
            "12:36: identity_url is not a URL that begins with https:// and a host",
            "12:60: token_command: its command has no words",
            "12:73: token: nothing follows env:",
            "12:91: base_url is not a URL that begins with https:// and a host",
            "13:30: base_url names no possible host and port",
            "14:25: service_name 'UPPER' is no service: 2 to 100 small letters and hyphens, a"
            " letter first and last",
        ]


def test_a_file_of_nothing_that_it_may_hold_is_told_so(written: Any, jobctl: Any) -> None:
    path = written("profil: {}\nprofiles: work\n")
    ran = jobctl("config", "check")
    assert [line.partition(" (")[0] for line in ran.err.splitlines()] == [
        f"error: {path}:1:1: there is no setting 'profil'",
        f"{path}:2:11: profiles must hold names and values",
    ]


def test_a_file_that_is_not_there_is_named_and_no_mistake(
    path: Path, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "JOBCTL_CONFIG names a file that is not there" in jobctl("config", "check").err
    assert jobctl("config", "path").out == f"{path}\n"
    monkeypatch.delenv("JOBCTL_CONFIG")
    ran = jobctl("config", "check")
    assert ran.out.endswith("there is no such file; only variables are used\n")
    monkeypatch.setenv("JOBCTL_CONFIG", "~no-such-user/x")
    assert jobctl("config", "path").code == 2


def test_references_are_followed_if_that_is_wanted(
    written: Any, jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(
        "profiles:\n"
        "  work:\n"
        "    cognite:\n"
        "      token: file:token\n"
        "      project: env:PROJECT\n"
        "      cluster: c\n"
        "    modzy:\n"
        "      team_id: t\n"
        "      auth: env:WAY\n"
        "      team_token: env:KEY\n"
    )
    ran = jobctl("config", "check")
    assert (ran.code, ran.err) == (
        0,
        f"warning: {path}: there is no profile 'default', which is used if none is named;"
        " `jobctl config use-profile NAME` names one\n",
    )
    monkeypatch.setenv("JOBCTL_PROFILE", "work")
    monkeypatch.setenv("WAY", "kee")
    monkeypatch.setenv("KEY", "${MODZY_KEY}")
    ran = jobctl("config", "check", "--resolve")
    assert ran.code == 2
    assert ran.err.splitlines() == [
        f"warning: {path}:10:19: team_token looks like the name of a variable that nothing has"
        " filled in",
        f"error: {path}:4:14: token: cannot read {tmp_path}/token: No such file or directory",
        f"{path}:5:16: project: the variable PROJECT is not set (set PROJECT)",
        f"{path}:9:13: auth must be one of key, team, not 'kee'",
    ]
    (tmp_path / "token").write_text("planted")
    monkeypatch.setenv("PROJECT", "p")
    monkeypatch.setenv("WAY", "team")
    monkeypatch.setenv("KEY", "planted")
    ran = jobctl("config", "check", "--resolve")
    assert (ran.code, ran.err) == (0, "")


def test_what_only_a_keyring_cannot_give_is_an_error_of_credentials(
    written: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    written(
        "profiles: {work: {cognite: {token: keyring:jobctl/a, client_secret: keyring:jobctl/b}}}\n"
    )
    ran = jobctl(
        "config",
        "check",
        "--resolve",
    )
    assert ran.code == 4
    assert ran.err.count("the keyring cannot be used") == 2


@pytest.mark.parametrize("secret", ["$TOKEN", "${TOKEN}", "%TOKEN%", "'made-up'", '"made-up"'])
def test_a_secret_that_may_not_be_what_is_meant_is_told_with_its_place(
    secret: str, written: Any, jobctl: Any, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(f"profiles:\n  work:\n    modzy:\n      team_token: {yaml.dump(secret)}")
    ran = jobctl("config", "check")
    assert ran.code == 0
    assert ran.err.startswith(f"warning: {path}:4:19: team_token ")
    written(f"profiles:\n  work:\n    modzy:\n      api_key: {yaml.dump(secret)}")
    ran = jobctl("config", "check")
    assert ran.code == 2, "no key looks like that"
    assert ran.err.startswith(f"error: {path}:4:16: api_key ")
    assert "\nhint: copy the whole key" in ran.err
    path.write_text("")
    monkeypatch.setenv("JOBCTL_COGNITE_TOKEN", secret)
    assert "warning: JOBCTL_COGNITE_TOKEN: token " in jobctl("get", "cognite", "1").err
    assert "made-up" not in ran.err


def test_a_setting_is_set_and_removed(path: Path, jobctl: Any) -> None:
    ran = jobctl("config", "set", "cognite.project", "p")
    assert ran.err == f"note: {path}: cognite.project is set in the profile 'default'\n"
    assert jobctl("config", "set", "huawei.token", "env:TOKEN", "-p", "new").code == 0
    assert yaml.safe_load(path.read_text()) == {
        "profiles": {
            "default": {"cognite": {"project": "p"}},
            "new": {"huawei": {"token": "env:TOKEN"}},
        }
    }
    assert path.stat().st_mode & 0o777 == 0o600
    assert "is removed" in jobctl("config", "set", "cognite.project", "").err
    assert at(path, "profiles", "default", "cognite") is None


def test_what_is_wrong_elsewhere_in_the_file_is_no_obstacle(written: Any, jobctl: Any) -> None:
    path = written(FILE + "    nobody: {}\n")
    assert jobctl("config", "set", "cognite.project", "q").code == 0
    assert path.read_text() == FILE.replace("project: p", "project: q") + "    nobody: {}\n"
    written("profiles: 'x\n")
    ran = jobctl("config", "set", "cognite.project", "q")
    assert (ran.code, path.read_text()) == (2, "profiles: 'x\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cognite.token", "planted"], "secrets never stand on a command line"),
        (["cognite.projct", "p"], "did you mean project?"),
        (["cognit.project", "p"], "did you mean cognite?"),
        (["no-such-thing.project", "p"], "`jobctl providers` lists the providers"),
        (["region", "p"], "write it as PROVIDER.SETTING"),
        (["profle", "p"], "did you mean profile?"),
        (["modzy.auth", "kee"], "modzy: auth must be one of key, team"),
        (["cognite.token_url", "http://x.example"], "cognite: token_url must begin with https"),
        (["cognite.project", "env:NOPE NOPE"], "what follows env: is not the name of a variable"),
        (["cognite.project", "p", "-p", "sandbox"], "the profile 'sandbox' is built in"),
        (["cognite.project", "p", "-p", ""], "--profile holds no name"),
        (["profile", "nobody"], "there is no profile 'nobody'"),
    ],
)
def test_what_cannot_be_set_is_refused(
    words: list[str], said: str, path: Path, jobctl: Any
) -> None:
    ran = jobctl("config", "set", *words)
    assert ran.code == 2
    assert said in ran.err
    assert "planted" not in ran.err
    assert not path.exists()


def _set(
    name: str, environ: dict[str, str], stdin: TextIO, *, asks: bool = True, typed: str = ""
) -> str:
    """What is said; of what is `typed` unseen each line is an answer."""
    err = io.StringIO()
    terminal = Terminal(io.StringIO(), err, stdin, environ)
    lines = iter(typed.splitlines())

    def unseen(prompt: str, stream: TextIO) -> str:
        stream.write(prompt)
        for line in lines:
            return line
        raise EOFError

    set_value(name, None, None, terminal, Asker(terminal, asks=asks, unseen=unseen))
    return err.getvalue()


def test_a_secret_is_asked_for_unseen_or_read_from_a_pipe(path: Path) -> None:
    environ = {"JOBCTL_CONFIG": str(path)}
    said = _set("cognite.token", environ, Typed(), typed="planted-1")
    assert said.startswith("The value of cognite.token, a ready access token")
    assert at(path, "profiles", "default", "cognite", "token") == "planted-1"
    said = _set("cognite.token", environ, io.StringIO("planted-2\nmore\n"), asks=False)
    assert at(path, "profiles", "default", "cognite", "token") == "planted-2"
    assert said.splitlines()[1].startswith("warning: it stands there in plain text")
    _set("cognite.token", environ, Typed(), typed="keyring:jobctl/token")
    assert at(path, "profiles", "default", "cognite", "token") == "keyring:jobctl/token"
    said = _set("cognite.project", environ, Typed("p\n"))
    assert at(path, "profiles", "default", "cognite", "project") == "p"
    assert "planted" not in said


def test_who_types_what_cannot_be_is_asked_again(path: Path) -> None:
    environ = {"JOBCTL_CONFIG": str(path)}
    said = _set("modzy.auth", environ, Typed("kee\nkey\n"))
    assert said.count("modzy: auth must be one of key, team, not 'kee'\nThe value of") == 1
    assert at(path, "profiles", "default", "modzy", "auth") == "key"
    said = _set("cognite.token", environ, Typed(), typed="planted \nplanted-1")
    assert "token starts or ends with a blank (not shown)\nThe value of" in said
    assert at(path, "profiles", "default", "cognite", "token") == "planted-1"
    before = path.read_text()
    for name, stdin, typed in (
        ("modzy.auth", Typed("kee\n"), ""),
        ("modzy.auth", io.StringIO("kee\nkey\n"), ""),
        ("cognite.token", Typed(), "planted "),
    ):
        with pytest.raises(UsageError):
            _set(name, environ, stdin, typed=typed)
    assert path.read_text() == before


def test_what_may_not_be_asked_is_named(path: Path) -> None:
    for name in ("cognite.token", "cognite.project"):
        with pytest.raises(UsageError, match="VALUE is lacking") as caught:
            _set(name, {"JOBCTL_CONFIG": str(path)}, Typed(), asks=False)
        assert caught.value.hint
        assert caught.value.hint.startswith(f"The value of {name}, ")


def test_a_variable_that_goes_before_the_file_is_told(
    written: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(FILE + "  plant: {}\n")
    monkeypatch.setenv("JOBCTL_COGNITE_PROJECT", "other")
    monkeypatch.setenv("JOBCTL_PROFILE", "work")
    assert (
        "JOBCTL_COGNITE_PROJECT is set, too" in jobctl("config", "set", "cognite.project", "q").err
    )
    assert "JOBCTL_PROFILE is set, too" in jobctl("config", "use-profile", "plant").err
    assert at(path, "profile") == "plant"


def test_the_profile_in_use_is_chosen_among_those_there_are(written: Any, jobctl: Any) -> None:
    path = written(FILE + "  plant: {}\n")
    ran = jobctl("config", "use-profile", "plant")
    assert ran.err == f"note: {path}: the profile is 'plant'\n"
    assert path.read_text() == FILE.replace("profile: work", "profile: plant", 1) + "  plant: {}\n"
    assert jobctl("config", "set", "profile", "sandbox").code == 0
    assert at(path, "profile") == "sandbox"
    assert "did you mean plant?" in jobctl("config", "use-profile", "plnt").err


def test_without_a_home_there_is_no_file_to_change(
    monkeypatch: pytest.MonkeyPatch, jobctl: Any
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    for words in (["path"], ["set", "cognite.project", "p"], ["use-profile", "sandbox"]):
        assert "this user has no home" in jobctl("config", *words).err


def test_a_variable_that_is_nobodys_is_told_with_what_may_be_meant(
    account: Any, service: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_COGNITE_PROJCT", "p")
    monkeypatch.setenv("JOBCTL_COGNITE_WORKFLOW_PROJECT", "another provider's")
    monkeypatch.setenv("JOBCTL_COGNITE_TOKN", "")
    monkeypatch.setenv("JOBCTL_MODZY_BASEURL", "not asked here")
    monkeypatch.setenv("JOBCTL_HUAWEI_OFFSET_MODE", "page")  # of another one of the account
    service.answers = {"1": [(200, {"status": "Completed"})]}
    ran = jobctl("get", "cognite", "1", "--json")
    assert ran.code == 0
    assert ran.err == (
        "warning: JOBCTL_COGNITE_PROJCT is no variable of jobctl's:"
        " did you mean JOBCTL_COGNITE_PROJECT?\n"
    )
    assert "did you mean JOBCTL_MODZY_BASE_URL?" in jobctl("config", "show", "modzy").err
    assert "OFFSET_MODE" not in jobctl("config", "show", "vas").err
    told = jobctl("config", "check").err.splitlines()
    assert [line.split()[1] for line in told] == ["JOBCTL_COGNITE_PROJCT", "JOBCTL_MODZY_BASEURL"]


def test_a_misspelt_setting_of_the_command_line_is_told_where_it_leaves_one_missing(
    jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    ran = jobctl("get", "cognite", "1", "--set", "projct=p", "--set", "cluster=c")
    assert "hint: --set: there is no setting 'projct', did you mean project?" in ran.err


def test_a_variable_of_no_section_is_told_if_it_looks_like_one_of_ours(
    account: Any, service: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = ("VERSION", "VERDICT", "BENCH_BASE_URL", "BENCH_CONNECT_TIMEOUT", "REPO_TOKEN")
    for name in ("CONFG", "COGNTE_TOKEN", "HUWEI_REGION", *others):
        monkeypatch.setenv(f"JOBCTL_{name}", "x")
    service.answers = {"1": [(200, {"status": "Completed"})]}
    ran = jobctl("get", "cognite", "1", "--json")
    assert ran.code == 0
    assert sorted(ran.err.splitlines()) == [
        "warning: JOBCTL_COGNTE_TOKEN is no variable of jobctl's: did you mean"
        " JOBCTL_COGNITE_TOKEN?",
        "warning: JOBCTL_CONFG is no variable of jobctl's: did you mean JOBCTL_CONFIG?",
        "warning: JOBCTL_HUWEI_REGION is no variable of jobctl's: did you mean"
        " JOBCTL_HUAWEI_REGION?",
    ]


def test_a_command_tells_all_that_is_wrong_with_the_file_too(written: Any, jobctl: Any) -> None:
    path = written("profiles: {work: {cognite: {projct: p}, modzy: {auth: kee}}}\n")
    ran = jobctl("get", "cognite/1")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines() == [
        f"error: {path}:1:29: cognite has no setting 'projct' (did you mean project?)",
        f"{path}:1:55: auth must be one of key, team, not 'kee'",
    ]


def test_with_what_is_missing_all_is_told_that_cannot_be(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_COGNITE_READ_TIMEOUT", "soon")
    monkeypatch.setenv("JOBCTL_COGNITE_CLIENT_ID", "planted")
    ran = jobctl("get", "cognite/1", "--set", "allow_http=perhaps")
    assert ran.code == 2
    assert "cognite needs the settings 'project'" in ran.err
    assert "; JOBCTL_COGNITE_READ_TIMEOUT: read_timeout must be a duration" in ran.err
    assert "; --set: allow_http must be one of true, false, not 'perhaps'" in ran.err


def test_a_project_is_told_of_and_a_hostile_one_runs_nothing(
    written: Any, jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(FILE)
    cloned = tmp_path / "cloned"
    cloned.mkdir()
    hostile = tmp_path / "\x1b[31mhostile"
    hostile.mkdir()
    monkeypatch.chdir(hostile)
    (hostile / ".jobctl.yaml").touch()
    assert "\x1b" not in jobctl("config", "check").out
    monkeypatch.chdir(cloned)
    file = cloned / ".jobctl.yaml"
    file.write_text("cognite: {project: theirs}\nray: {read_timeout: 5s}\n")
    found = jobctl("config", "show", "-o", "json").document
    shown = {(one["provider"], one["setting"]): one for one in found}
    project = shown["cognite", "project"]
    assert (project["value"], project["origin"]) == ("theirs", "project")
    assert project["place"] == f"{file}:1:20"
    ran = jobctl("config", "set", "cognite.project", "p")
    assert f"warning: {file}:1:20 goes before the file in this project\n" in ran.err
    assert "goes before" not in jobctl("config", "set", "cognite.cluster", "c").err
    assert jobctl("config", "check").out.endswith(f"\n{file}: ok\n")
    assert shown["ray", "read_timeout"]["value"] == "5s"
    file.write_text("profile: work\n")
    ran = jobctl("config", "use-profile", "sandbox")
    assert f"warning: {file}:1:10 goes before the file in this project\n" in ran.err
    file.write_text(
        "cognite: {project: 'command:touch hostile', base_url: 'https://evil.example'}\n"
    )
    ran = jobctl("get", "cognite/1")
    assert ran.code == 2
    assert ran.err.splitlines()[0].startswith(f"error: {file}:1:20: a project's file holds no ref")
    assert ran.err.splitlines()[1].startswith(f"{file}:1:45: cognite.base_url is not for a project")
    assert not (cloned / "hostile").exists()
    assert jobctl("get", "cognite/124", "--profile", "sandbox").code == 0


def test_the_vendors_own_files_are_the_last_place(
    tmp_path: Path, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for name, text in (
        (".huaweicloud/credentials", "[basic]\nak = planted-ak\nsk = planted-sk\nproject_id = p\n"),
        (".modzy/default.yaml", "api-key: planted.key\n"),
        ("default.yaml", "base-url: https://of-the-current-folder.example\n"),
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o600)
    monkeypatch.setenv("HW_REGION_NAME", "cn-north-4")
    found = jobctl("config", "show", "vas", "modzy", "-o", "json").document
    places = {(one["provider"], one["setting"]): one["place"] for one in found}
    assert places["vas", "secret_key"] == str(tmp_path / ".huaweicloud/credentials")
    assert places["modzy", "api_key"] == f"{tmp_path / '.modzy/default.yaml'}:1:10"
    assert places["modzy", "base_url"] == "default"
    ready = [line.split()[0] for line in jobctl("providers").out.splitlines()]
    assert ready.index("vas") < ready.index("cognite")
    monkeypatch.setenv("HW_ACCESS_KEY", "planted")
    ran = jobctl("get", "vas/video-analyze/1")
    assert "secret_key is missing in the place of the other (HW_ACCESS_KEY)" in ran.err


def test_settings_complete_by_their_section(path: Path, offered: Any) -> None:
    kind, words = offered("jobctl config set cog")
    assert kind == "open"
    assert {"cognite."} <= set(words)
    assert "profile" in offered("jobctl config set pro").words
    assert "cognite.project" in offered("jobctl config set cognite.pro").words
    assert offered("jobctl config set nobody.pro").words == {}
