"""Planted secrets appear in no output of any failure, whatever the service echoes."""

import io
import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

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
}
FAILURES = ["401", "403", "400", "404", "302", "503", "html", "broken", "refused", "token refused"]


@pytest.fixture
def echo() -> Iterator[Any]:
    """A server that answers with all it was sent, in headers and body; `how` tells the failure."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            how = server.how
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            heard = " ".join(f"{name}={value}" for name, value in self.headers.items())
            told = f"{self.path} {heard} {sent}"
            if how == "broken":
                self.connection.close()
                return
            if self.command == "POST" and how != "token refused":
                answer = {"access_token": "planted13Obtained", "expires_in": 3600}
                token = {"expires_at": "2099-01-01T00:00:00Z", "project": {"id": HEX}}
                self.reply(201 if "/v3" in self.path else 200, answer | {"token": token}, "ok")
            elif how == "html":
                self.reply(200, f"<html>{told}</html>", told)
            else:
                status = 401 if how in ("token refused", "refused") else int(how)
                self.reply(status, {"error_code": told, "message": told, "error": told}, told)

        do_POST = do_GET  # noqa: N815 - the name http.server calls

        def reply(self, status: int, body: Any, told: str) -> None:
            raw = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(raw)))
            self.send_header("X-Subject-Token", "planted13Obtained")
            self.send_header("X-Request-Id", told.replace("\n", " ")[:4000])
            self.send_header("Location", f"/login?{told}".replace("\n", " ")[:4000])
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        how = ""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("format", ["table", "json"])
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_no_failure_shows_a_secret(
    account: str,
    failure: str,
    format: str,
    echo: Any,
    jobctl: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words, variables = ACCOUNTS[account]
    echo.how = failure
    port = 1 if failure == "refused" else echo.server_port
    for name, value in variables.items():
        filled = value.replace("{url}", f"http://127.0.0.1:{port}")
        monkeypatch.setenv(f"JOBCTL_{name}", filled)
    brief = ("--wait", "--timeout", "0.2", "--outage", "0.05", "--interval", "0.05")
    ran = jobctl("get", *words, *brief, "-vv", "-o", format)
    assert 2 < ran.code < 8 or ran.code == 124
    assert "planted" not in ran.err
    assert "planted" not in ran.out


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
    ran = jobctl("get", "modzy", "job-1", "--wait", "--timeout", "0.3", "-vv")
    assert ran.code in (2, 6, 124)
    assert "planted" not in ran.err + ran.out


def test_a_defect_is_told_without_values(jobctl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def isatty(self) -> bool:
            from jobctl.config import hide

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
