"""`--curl`: the line asks what the command itself would ask, and holds no secret."""

import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import pytest

from jobctl.commands import Shared, Terminal
from jobctl.commands.curl import show_lines
from jobctl.errors import Unsupported

Run = Callable[..., Any]
FILE = """\
title: T
settings:
  base_url: BASE
  key: {secret: true, optional: true}
  pair: {secret: true, optional: true}
auth: AUTH
ids: [{name: job}]
get: {method: POST, path: "/jobs", body: {id: "{job}"}}
job: {status: s, states: {succeeded: [d]}}
"""
# what a shell, or curl, may take for something else
HOSTILE = "/a'b\"c$HOME`id`$(id)\\ {x,y}[1-3]!!~*;&|<>"


class Account(NamedTuple):
    """A way of signing in, by variables, and what is asked so."""

    words: tuple[str, ...]
    variables: Mapping[str, str]


HUAWEI = {"JOBCTL_VAS_PROJECT_ID": "0" * 32}
ACCOUNTS = {
    "cognite token": Account(
        ("get", "cognite", "123"),
        {"JOBCTL_COGNITE_PROJECT": "p", "JOBCTL_COGNITE_TOKEN": "planted'\"$x"},
    ),
    "modzy key": Account(
        ("api", "modzy", HOSTILE, "-f", f"a={HOSTILE}"), {"MODZY_API_KEY": "PREFIX.planted"}
    ),
    "modzy team": Account(
        ("list", "modzy", "--since", "2024-10-29"),
        {"JOBCTL_MODZY_TEAM_TOKEN": "planted", "JOBCTL_MODZY_TEAM_ID": "te am"},
    ),
    "huawei token": Account(
        ("results", "vas", "video-analyze/1"), HUAWEI | {"JOBCTL_HUAWEI_TOKEN": "planted"}
    ),
    "oracle basic": Account(
        ("get", "oracle-content", f"{'A' * 44}/ZX-1"),
        {
            "JOBCTL_ORACLE_CONTENT_AUTH": "basic",
            "JOBCTL_ORACLE_CONTENT_USERNAME": "us er",
            "JOBCTL_ORACLE_CONTENT_PASSWORD": "planted:$'\"",
        },
    ),
}  # fmt: skip


@pytest.fixture
def served_at(served: Callable[..., Any]) -> Iterator[tuple[str, list[Any]]]:
    """A service that knows nothing, and what it was asked."""
    got: list[Any] = []

    def answer(asked: Any) -> tuple[int, Any]:
        got.append(asked)
        return 404, {"message": "none"}

    with served(answer) as url:
        yield url, got


def line_of(jobctl: Run, *words: str) -> str:
    ran = jobctl(*words, "--curl", "--quiet")
    assert (ran.code, ran.err) == (0, "")
    assert "planted" not in ran.out
    return str(ran.out)


def essence(asked: Any) -> tuple[Any, ...]:
    """What a service sees of a request, but for what belongs to the connection."""
    ours = {"accept-encoding", "connection", "content-length", "host", "user-agent"}
    headers = {name.lower(): text for name, text in asked.headers.items()}
    told = {name: text for name, text in headers.items() if name not in ours}
    return asked.method, asked.path, told, asked.body


def run(line: str) -> None:
    """Run a line in a shell."""
    subprocess.run(["sh", "-c", line], capture_output=True, check=True)


@pytest.mark.slow  # a shell and curl for each
@pytest.mark.parametrize("name", ACCOUNTS)
def test_a_shell_asks_by_the_line_what_the_command_asks(
    name: str,
    jobctl: Run,
    served_at: tuple[str, list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, got = served_at
    account = ACCOUNTS[name]
    for variable, value in account.variables.items():
        monkeypatch.setenv(variable, value)
    provider = account.words[1].upper().replace("-", "_")
    monkeypatch.setenv(f"JOBCTL_{provider}_BASE_URL", url)
    jobctl(*account.words)
    run(line_of(jobctl, *account.words))
    assert essence(got[0]) == essence(got[-1])
    assert len(got) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "auth",
    [
        "{query: {k: '{key}', l: x}}",
        "{headers: {X-Key: 'Token {key}'}}",
        "{basic: pair}",
        "{bearer: key}",
    ],
)
def test_so_it_does_for_the_ways_of_a_provider_file(
    auth: str,
    jobctl: Run,
    served_at: tuple[str, list[Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, got = served_at
    path = tmp_path / "scribe.yaml"
    path.write_text(FILE.replace("BASE", url).replace("AUTH", auth))
    monkeypatch.setenv("JOBCTL_SCRIBE_KEY", "planted&=+ %")
    monkeypatch.setenv("JOBCTL_SCRIBE_PAIR", "user:planted")
    verbs = [("api", "scribe", "/x?a=b")]
    # curl makes a GET of what it has parameters for
    verbs += [] if "query" in auth else [("get", "scribe", "1'2")]
    for words in verbs:
        got.clear()
        jobctl(*words, "--provider-file", str(path))
        run(line_of(jobctl, *words, "--provider-file", str(path)))
        assert essence(got[0])[2:] == essence(got[-1])[2:]
        first, last = (urlsplit(one.path) for one in (got[0], got[-1]))
        assert first.path == last.path
        assert sorted(parse_qsl(first.query)) == sorted(parse_qsl(last.query))
        assert len(got) == 2


def test_no_secret_is_read_and_what_the_shell_has_to_know_is_told(
    jobctl: Run, configured: Any
) -> None:
    file = configured(
        "profiles: {default: {modzy: {api_key: 'command:false', ca_file: '~/our ca.pem'}}}"
    )
    ran = jobctl("get", "modzy", "1", "2", "--curl")
    assert ran.code == 0
    assert len(ran.out.splitlines()) == 2
    words = shlex.split(ran.out.splitlines()[0])
    assert words[:3] == ["curl", "-g", "https://app.modzy.com/api/jobs/1"]
    assert words[3:5] == ["--cacert", str(Path("~/our ca.pem").expanduser())]
    assert words[-1] == "Authorization: ApiKey ${JOBCTL_MODZY_API_KEY}"
    assert ran.err == "note: export JOBCTL_MODZY_API_KEY for it\n"
    file.write_text("profiles: {default: {modzy: {api_key: 'env:OURS'}}}")
    assert "${OURS}" in jobctl("get", "modzy", "1", "--curl").out


def test_of_a_token_that_has_to_be_asked_for_it_is_told_how_it_is_had(
    jobctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CDF_CLUSTER": "westeurope-1", "CDF_PROJECT": "p", "IDP_CLIENT_ID": "c",
        "IDP_TENANT_ID": "t", "IDP_CLIENT_SECRET": "planted",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    ran = jobctl("wait", "cognite/1", "--curl")
    assert '-H "Authorization: Bearer ${JOBCTL_COGNITE_TOKEN}"\n' in ran.out
    assert ran.err == 'note: export JOBCTL_COGNITE_TOKEN="$(jobctl auth token cognite)" for it\n'


def test_no_command_is_run_and_no_token_looked_for_that_would_sign_in(
    jobctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "config.yaml"
    base = "cluster: w-1, project: p"
    for way in (
        "auth: device_code, client_id: c, tenant_id: t",
        f"token_command: touch {tmp_path / 'ran'}",
    ):
        file.write_text(f"profiles: {{default: {{cognite: {{{base}, {way}}}}}}}")
        monkeypatch.setenv("JOBCTL_CONFIG", str(file))
        line = line_of(jobctl, "get", "cognite", "1")
        assert '-H "Authorization: Bearer ${JOBCTL_COGNITE_TOKEN}"' in line
    assert not (tmp_path / "ran").exists()


def test_a_secret_parameter_is_left_to_curl_and_what_is_sent_is_in_the_line(
    jobctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "scribe.yaml"
    text = FILE.replace("BASE", "https://s.example")
    path.write_text(text.replace("AUTH", "{query: {k: '{key}'}}"))
    monkeypatch.setenv("JOBCTL_SCRIBE_KEY", "planted")
    line = line_of(jobctl, "get", "scribe", "1'2", "--provider-file", str(path))
    assert """-G --data-urlencode "k=${JOBCTL_SCRIBE_KEY}" """ in line
    assert shlex.split(line)[-2:] == ["--data-raw", """{"id": "1'2"}"""]
    path.write_text(text.replace("AUTH", "{headers: {X-Key: '{key}\"$'}}"))
    line = line_of(jobctl, "open", "scribe/1", "--provider-file", str(path))
    assert """-H 'X-Key: '"${JOBCTL_SCRIBE_KEY}"'"$'""" in line
    path.write_text(text.replace("AUTH", "{basic: pair}").replace("key:", "other:"))
    monkeypatch.setenv("JOBCTL_SCRIBE_PAIR", "user:planted")
    line = line_of(jobctl, "get", "scribe", "1", "--provider-file", str(path))
    assert '-u "${JOBCTL_SCRIBE_PAIR}"' in line


def test_a_password_for_huawei_stands_for_a_token_and_its_project(
    jobctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("username", "password", "domain"):
        monkeypatch.setenv(f"JOBCTL_HUAWEI_{name.upper()}", "planted")
    monkeypatch.setenv("HW_REGION_NAME", "cn-north-4")
    ran = jobctl("list", "modelarts", "--curl")
    assert "/v2/${JOBCTL_HUAWEI_PROJECT_ID}/processor-tasks" in ran.out
    assert '-H "X-Auth-Token: ${JOBCTL_HUAWEI_TOKEN}"' in ran.out
    assert "planted" not in ran.out + ran.err
    assert "export JOBCTL_HUAWEI_PROJECT_ID for it" in ran.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ("get", "vas", "video-analyze/1", "--profile", "sandbox"),
            "api vas PATH --profile sandbox` can;",
        ),
        (("list", "vas", "video-analyze"), "would have to ask iam.cn-north-4.myhuaweicloud.com"),
        (("list",), "goes with one provider"),
        (("get", "vas", "a/1", "--record", "x"), "nothing that could be recorded"),
        (("api", "modzy", "x", "--set", "a=b", "--profile", "sandbox"), "there is no setting 'a'"),
    ],
)
def test_where_there_is_no_line_it_is_said_why(
    words: tuple[str, ...], why: str, jobctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HW_REGION_NAME", "cn-north-4")
    monkeypatch.setenv("JOBCTL_HUAWEI_TOKEN", "planted")
    ran = jobctl(*words, "--curl")
    assert ran.code == 2
    assert why in ran.err


def test_there_is_no_line_for_what_asks_nothing() -> None:
    shared = Shared(profile="sandbox", curl=True)
    terminal = Terminal(StringIO(), StringIO(), StringIO(), {})
    with pytest.raises(Unsupported):
        show_lines(shared, terminal, {}, lambda _: [("modzy", lambda: None)])


def test_warnings_about_settings_are_told_with_the_line(
    jobctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_MODZY_BASE_URL", "http://h.example")
    monkeypatch.setenv("JOBCTL_MODZY_ALLOW_HTTP", "true")
    monkeypatch.setenv("JOBCTL_MODZY_API_KEY", "PREFIX.planted")
    ran = jobctl("get", "modzy", "1", "--curl")
    assert ran.out.startswith("curl -g http://h.example/api/jobs/1 ")
    assert ran.err.startswith("warning: what signs in travels to h.example")


def test_logs_and_results_have_their_line_and_so_has_each_vendor_that_curl_can_sign_for(
    jobctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "/api/jobs/x/logs" in line_of(
        jobctl, "logs", "ray/x", "--set", "base_url=https://r.example"
    )
    words = ("results", "modzy/x", "--set", "base_url=https://m.example")
    monkeypatch.setenv("MODZY_API_KEY", "PREFIX.planted")
    assert "https://m.example/api/jobs/x" in line_of(jobctl, *words)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    line = line_of(jobctl, "get", "aws-batch", "1", "--set", "region=eu-west-1")
    assert (
        '--aws-sigv4 aws:amz:eu-west-1:batch -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"' in line
    )
