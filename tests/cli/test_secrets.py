"""Planted secrets appear in no output of any failure, whatever the service echoes."""

import html
import io
import json
import os
import re
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from simulated import FastClock
from slowly import others

from jobctl.commands import Shared, Tape, Terminal
from jobctl.commands.api import ApiRequest, api
from jobctl.commands.auth.login import LoginRequest, login
from jobctl.commands.auth.token import token
from jobctl.config import variable
from jobctl.errors import JobctlError
from jobctl.masking.readings import readings
from jobctl.render.messages import error_line

HEX = "0123456789abcdef0123456789abcdef"
ACCOUNTS = {
    "cognite token": (
        ["cognite", "1"],
        {"COGNITE_PROJECT": "p", "COGNITE_BASE_URL": "{url}", "COGNITE_TOKEN": "planted01-Token.x"},
    ),
    "cognite client": (
        ["cognite", "1"],
        {
            "COGNITE_PROJECT": "p",
            "COGNITE_BASE_URL": "{url}",
            "COGNITE_TOKEN_URL": "{url}/token",
            "COGNITE_IDENTITY": "other",
            "COGNITE_CLIENT_ID": "app",
            "COGNITE_CLIENT_SECRET": "planted02+/%:s3cr3t",
        },
    ),
    "modzy key": (
        ["modzy", "job-1"],
        {"MODZY_BASE_URL": "{url}", "MODZY_API_KEY": "PREFIX123.planted03Body"},
    ),
    "modzy team": (
        ["modzy", "job-1"],
        {
            "MODZY_BASE_URL": "{url}",
            "MODZY_TEAM_ID": "team",
            "MODZY_TEAM_TOKEN": "planted04.team.token",
        },
    ),
    "huawei keys": (
        ["vas", "video-analyze/a1"],
        {
            "VAS_BASE_URL": "{url}",
            "HUAWEI_IAM_ENDPOINT": "{url}",
            "HUAWEI_PROJECT_ID": HEX,
            "HUAWEI_ACCESS_KEY": "planted05AccessKey",
            "HUAWEI_SECRET_KEY": "planted06SecretKey",
            "HUAWEI_SECURITY_TOKEN": "planted07SecurityToken",
        },
    ),
    "huawei token": (
        ["modelarts", "t1/v1"],
        {
            "MODELARTS_BASE_URL": "{url}",
            "HUAWEI_IAM_ENDPOINT": "{url}",
            "HUAWEI_PROJECT_ID": HEX,
            "HUAWEI_TOKEN": "planted08IamToken",
        },
    ),
    "huawei password": (
        ["modelarts", "t1"],
        {
            "MODELARTS_BASE_URL": "{url}",
            "HUAWEI_IAM_ENDPOINT": "{url}",
            "HUAWEI_PROJECT_ID": HEX,
            "HUAWEI_USERNAME": "user",
            "HUAWEI_PASSWORD": 'planted09"\\Pass',
            "HUAWEI_DOMAIN": "domain",
        },
    ),
    "oracle token": (
        ["oracle-content", "D1/ZX-1"],
        {"ORACLE_CONTENT_BASE_URL": "{url}", "ORACLE_CONTENT_TOKEN": "planted10Token"},
    ),
    "oracle client": (
        ["oracle-content", "D1/ZX-1"],
        {
            "ORACLE_CONTENT_BASE_URL": "{url}",
            "ORACLE_CONTENT_IDENTITY_URL": "{url}",
            "ORACLE_CONTENT_CLIENT_ID": "app",
            "ORACLE_CONTENT_CLIENT_SECRET": "planted11+/%:Secret",
            "ORACLE_CONTENT_SCOPE": "scope",
        },
    ),
    "oracle basic": (
        ["oracle-content", "D1/ZX-1"],
        {
            "ORACLE_CONTENT_BASE_URL": "{url}",
            "ORACLE_CONTENT_AUTH": "basic",
            "ORACLE_CONTENT_USERNAME": "user",
            "ORACLE_CONTENT_PASSWORD": "planted12Password",
        },
    ),
    "oracle command": (
        ["oracle-content", "D1/ZX-1"],
        {
            "ORACLE_CONTENT_BASE_URL": "{url}",
            "ORACLE_CONTENT_TOKEN_COMMAND": 'echo \'{"token": "planted20+Printed"}\'',
        },
    ),
    "oracle job": (
        ["oracle-content", "D1/ZX-1"],
        {
            "ORACLE_CONTENT_BASE_URL": "{url}",
            "ORACLE_CONTENT_AUTH": "federated",
            "ORACLE_CONTENT_IDENTITY_URL": "{url}",
            "ORACLE_CONTENT_CLIENT_ID": "app",
            "ORACLE_CONTENT_CLIENT_SECRET": "planted22+/%:Secret",
            "ORACLE_CONTENT_SCOPE": "scope",
            "ORACLE_CONTENT_ID_TOKEN_REQUEST_URL": "{url}/id-token?api-version=2",
            "ORACLE_CONTENT_ID_TOKEN_REQUEST_TOKEN": "planted23.Request",
        },
    ),
}
FAILURES = {
    "401": 4,
    "403": 4,
    "400": 6,
    "404": 5,
    "302": 6,
    "503": 6,
    "html": 6,
    "broken": 6,
    "refused": 6,
    "token refused": 4,
}


SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda text: b64encode(text.encode()).decode(),
    lambda text: quote(text, safe=""),
    quote_plus,
    json.dumps,
    html.escape,
    lambda text: text.encode().hex(),
)


def read_back(text: str) -> str:
    """A text, and what can be read out of it: base64 wherever it begins, and hexadecimal."""
    found = [text]
    for run in re.findall(r"[\w+/-]{8,}", text, re.ASCII):
        for at in range(4):
            whole = run[at : at + (len(run) - at) // 4 * 4].translate({45: 43, 95: 47})
            found.append(b64decode(whole).decode("latin-1"))
    found += [bytes.fromhex(run).decode("latin-1") for run in re.findall("(?:[0-9a-f]{2})+", text)]
    return "\n".join(found)


@dataclass
class Echo:
    """A server that answers with all it was sent; `how` tells the failure."""

    url: str = ""
    how: str = ""
    offset: int = 0
    location: str = ""
    hanging: Event = field(default_factory=Event)

    def answer(self, asked: Any) -> Any:
        heard = " ".join(f"{name}={value}" for name, value in asked.headers.items())
        told = f"{asked.path} {heard} {asked.body.decode()}"
        line = told.replace("\n", " ")[:4000]
        headers = {
            "X-Subject-Token": "planted13Obtained",
            "X-Request-Id": line,
            "Location": self.location or f"/login?{line}",
        }
        if self.how == "hang":
            self.hanging.wait(30)
        if self.how == "broken":
            return None
        if asked.path.startswith("/id-token"):
            return 200, {"value": "planted24.Id.Token"}, headers
        if asked.method == "POST" and self.how != "token refused":
            answer = {"access_token": "planted13Obtained", "expires_in": 3600}
            token = {"expires_at": "2099-01-01T00:00:00Z", "project": {"id": HEX}}
            return 201 if "/v3" in asked.path else 200, answer | {"token": token}, headers
        if self.how == "html":
            return 200, f"<html>{told}</html>".encode(), headers
        if self.how.startswith("at "):
            secret = asked.headers["Authorization"].partition(" ")[2].rpartition("PREFIX123.")[2]
            text = "x" * self.offset + secret
            said = {"message": text, "error": {"message": text}}
            return 400, text.encode() if self.how == "at text" else said
        if self.how == "spelled":
            sent = " ".join([*asked.headers.values(), asked.body.decode()])
            told = f"{told} {' '.join(spell(sent) for spell in SPELLINGS)}"
            return 500, {"error_code": told, "message": told, "error": told}, headers
        status = 401 if self.how in ("token refused", "refused") else int(self.how)
        return status, {"error_code": told, "message": told, "error": told}, headers


@pytest.fixture
def echo(served: Any) -> Iterator[Echo]:
    made = Echo()
    with ExitStack() as stack:
        made.url = stack.enter_context(served(made.answer))
        stack.callback(made.hanging.set)
        yield made


def sign_in(account: str, url: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Set the variables of an account; the words that name its job."""
    words, variables = ACCOUNTS[account]
    for name, value in variables.items():
        monkeypatch.setenv(f"JOBCTL_{name}", value.replace("{url}", url))
    return words


@pytest.mark.parametrize("format", ["table", pytest.param("json", marks=pytest.mark.slow)])
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(
    "account",
    [
        pytest.param(one, marks=pytest.mark.slow if at % 2 or at > 10 else ())
        for at, one in enumerate(ACCOUNTS)
    ],
)
def test_no_failure_shows_a_secret(
    account: str,
    failure: str,
    format: str,
    echo: Echo,
    jobctl: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    echo.how = failure
    url = "http://127.0.0.1:1" if failure == "refused" else echo.url
    words = sign_in(account, url, monkeypatch)
    limits = ("--wait", "--timeout", "20", "--outage", "0.05", "--interval", "0.05")
    ran = jobctl("get", *words, *limits, "-vv", "-o", format)
    to_a_sign_in_page = failure == "302" and account.startswith("oracle")
    assert ran.code == (4 if to_a_sign_in_page else FAILURES[failure])
    assert "planted" not in ran.err
    assert "planted" not in ran.out


@pytest.mark.parametrize("how", ["at text", pytest.param("at message", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("account", "secret"),
    [("modzy key", "planted03Body"), *others(("cognite token", "planted01-Token.x"))],
)
def test_no_piece_of_a_secret_is_left_where_a_long_text_is_cut(
    account: str,
    secret: str,
    how: str,
    echo: Echo,
    jobctl: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    echo.how = how
    words = sign_in(account, echo.url, monkeypatch)
    pieces = [secret[at : at + 6] for at in range(len(secret) - 5)]
    for echo.offset in (*range(180, 211), *range(280, 311)):
        ran = jobctl("get", *words, "-vv")
        assert "xxx" in ran.err
        assert [piece for piece in pieces if piece in ran.err + ran.out] == [], echo.offset


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JOBCTL_MODZY_API_KEY", "PREFIX123.planted14\nBody"),
        ("JOBCTL_MODZY_API_KEY", "planted15-without-a-dot"),
        ("HTTP_PROXY", "http://user:planted16Password@127.0.0.1:1"),
    ],
)
def test_no_unusable_setting_is_shown(
    name: str, value: str, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_MODZY_BASE_URL", "http://127.0.0.1:2")
    monkeypatch.setenv("JOBCTL_MODZY_API_KEY", "PREFIX123.planted17Body")
    monkeypatch.setenv(name, value)
    ran = jobctl("get", "modzy", "job-1", "--wait", "--outage", "0.05", "-vv")
    assert ran.code == (2 if name.endswith("KEY") else 6)
    assert "planted" not in ran.err + ran.out


def test_a_defect_is_told_without_values(jobctl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def isatty(self) -> bool:
            from jobctl.masking.secrets import hide

            hide("planted18-secret")
            raise ZeroDivisionError("planted18-secret")

    monkeypatch.setattr(sys, "stdout", Broken())
    ran = jobctl("exit-codes")
    assert (ran.code, "planted18" in ran.err) == (1, False)
    assert "error: a defect of jobctl" in ran.err
    assert "Traceback" not in ran.err
    whole = jobctl("get", "cognite", "123", "-vv", "--profile", "sandbox")
    assert (whole.code, "planted18" in whole.err) == (1, False)
    assert "Traceback" in whole.err


def test_a_defect_of_a_command_that_has_signed_in_is_told_without_values(
    echo: Echo, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise ZeroDivisionError(f"{text} planted01-Token.x")

    sign_in("cognite token", echo.url, monkeypatch)
    echo.how = "200"
    for words in (
        ("auth", "status", "cognite"),
        ("auth", "token", "cognite"),
        ("doctor", "cognite"),
        ("api", "cognite", "x", "-i"),
    ):
        monkeypatch.setattr(sys, "stdout", Broken())
        ran = jobctl(*words, "-vv")
        assert (ran.code, "ZeroDivisionError" in ran.err) == (1, True), words
        assert "planted" not in read_back(ran.err), words


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-32-be": lambda text: text.encode("utf-32-be"),
    "broken json": lambda text: json.dumps({"error": text}).encode()[:-1],
    "broken json of php": lambda text: json.dumps({"e": text}).replace("/", r"\/").encode()[:-1],
    "json": lambda text: json.dumps({"message": text}).encode(),
    "json in json": lambda text: json.dumps({"message": json.dumps({"m": text})}).encode(),
    "json in utf-16": lambda text: json.dumps({"message": text}).encode("utf-16"),
    "form": lambda text: f"error={quote_plus(text)}".encode(),
    "url": lambda text: f"see /login?was={quote(text, safe='')}".encode(),
    "html": lambda text: f"bad: {html.escape(text)}".encode(),
    "html by number": lambda text: "".join(f"&#{ord(char)};" for char in f"b {text}").encode(),
    "escaped": lambda text: "".join(f"\\u{ord(char):04x}" for char in f"b {text}").encode(),
    "base64": lambda text: b"bad: " + b64encode(text.encode()),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_that_an_error_spells_otherwise_is_shown_in_no_spelling(
    encoding: str,
    served: Any,
    jobctl: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    secret = "planted19+/=%:sec<r>t"
    for wrapped in (secret, f"x{secret}y", f"the token {secret} is of nobody"):
        told = ENCODINGS[encoding](wrapped)
        with served(lambda _, told=told: (400, told)) as url:
            sign_in("cognite token", url, monkeypatch)
            monkeypatch.setenv("JOBCTL_COGNITE_TOKEN", secret)
            record = tmp_path / f"{len(wrapped)}.jsonl"
            ran = jobctl("get", "cognite", "1", "-vv", "--record", str(record))
        assert ran.code == 6
        recorded = record.read_text()
        for shown in (ran.err, recorded):
            reading = "".join(one.text.decode() for one in readings(shown.encode()))
            assert "planted19" not in reading + shown
            assert "sec<r>t" not in reading
        assert "***" in ran.err or "base64" in encoding


# those that ask nobody, and those that ask the service
SILENT: tuple[tuple[str, ...], ...] = (
    ("config", "show", "{provider}"),
    ("config", "show", "{provider}", "-o", "json"),
    ("api", "{provider}", "x", "--curl", "-vv"),
    ("get", "{provider}", "{job}", "--curl", "-vv"),
    ("results", "{provider}", "{job}", "--curl", "-vv"),
    ("logs", "{provider}", "{job}", "--curl", "-vv"),
    ("open", "{provider}/{job}", "--curl", "-vv"),
    ("wait", "{provider}/{job}", "--curl", "-vv"),
    ("list", "{provider}", "--curl", "-vv"),
    ("auth", "logout", "{provider}", "-vv"),
)
ASKING: tuple[tuple[str, ...], ...] = (
    ("doctor", "{provider}", "-vv"),
    ("auth", "status", "{provider}", "-vv", "-o", "json"),
)
FAILED = {
    "echoing": ["401", "500", "spelled"],
    "redirecting": [
        "301 http://localhost:{port}/x",
        "302 http://127.0.0.1:{other}/x",
        "303 https://127.0.0.1:{port}/x",
        "307 http://127.0.0.1:{other}/x",
        "308 http://127.0.0.1:{other}/x",
    ],
    "silent": ["hang", "refused", "html", "broken"],
}


def with_time(provider: str, folder: Path) -> Iterator[tuple[str, str]]:
    """What `api` and `auth` say whose retries would take their time, and what they record."""
    record = folder / "recorded"
    shared = Shared(verbose=2)
    for ask in (
        lambda terminal: login(LoginRequest(provider, shared), terminal, clock=FastClock()),
        # who asks for a token is shown it
        lambda terminal: token(provider, shared, terminal._replace(out=io.StringIO()), FastClock()),
        lambda terminal: api(
            ApiRequest(provider, "x", include=True, paginate=True, shared=shared),
            terminal,
            FastClock(),
        ),
        lambda terminal: api(
            ApiRequest(
                provider, "x", shared=shared._replace(format="json", tape=Tape(record=str(record)))
            ),
            terminal,
            FastClock(),
        ),
    ):
        terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), os.environ)
        try:
            ask(terminal)
        except JobctlError as error:
            error_line(terminal.err, error, "json")
        yield terminal.out.getvalue(), terminal.err.getvalue()  # type: ignore[attr-defined]
    yield record.read_text(), ""


@pytest.mark.parametrize(
    ("account", "failed"),
    [
        pytest.param(one, failed, marks=() if fast else pytest.mark.slow)
        for one, failed in product(ACCOUNTS, FAILED)
        for fast in [one == "oracle job" and failed != "silent"]
    ],
)
def test_no_command_shows_a_secret_in_any_spelling_and_no_redirect_takes_one_elsewhere(
    account: str,
    failed: str,
    echo: Echo,
    served: Any,
    jobctl: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    provider, job = sign_in(account, echo.url, monkeypatch)
    monkeypatch.setenv("JOBCTL_CACHE_DIR", str(tmp_path / "cache"))
    strangers: list[Any] = []

    def stranger(asked: Any) -> Any:
        strangers.append(asked)
        return 200, {}

    with served(stranger) as other:
        for how in FAILED[failed]:
            echo.how, _, place = how.partition(" ")
            ports = {"port": urlsplit(echo.url).port, "other": urlsplit(other).port}
            echo.location = place.format(**ports)
            if how == "hang":
                monkeypatch.setenv(variable(provider, "read_timeout"), "20ms")
            if how == "refused":
                sign_in(account, "http://127.0.0.1:1", monkeypatch)
            told = list(with_time(provider, tmp_path))
            for words in (*ASKING, *SILENT) if how == "401" else ASKING:
                ran = jobctl(*(word.format(provider=provider, job=job) for word in words))
                assert ran.code != 1, (words, ran.err)
                told.append((ran.out, ran.err))
            for shown in told:
                assert "planted" not in read_back("\n".join(shown)), how
    assert strangers == []
