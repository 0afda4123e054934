"""Settings that are missing or cannot be used: exit 2, in words that tell where each belongs."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

SIGN_IN = {
    "cognite": (
        "a way to sign in ('token'; or 'client_id', 'client_secret' and 'tenant_id'"
        " (or 'token_url'); or 'token_command')"
    ),
    "modzy": "a way to sign in ('api_key'; or 'team_id' and 'team_token')",
    "vas": (
        "a way to sign in ('token'; or 'access_key' and 'secret_key';"
        " or 'username', 'password' and 'domain')"
    ),
    "oracle-content": (
        "a way to sign in ('token'; or 'identity_url', 'client_id', 'client_secret' and 'scope';"
        " or 'token_command')"
    ),
}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.yaml"
    monkeypatch.setenv("JOBCTL_CONFIG", str(path))
    return path


@pytest.mark.parametrize(
    ("job", "besides"),
    [
        ("cognite/1", "the settings 'project' and 'cluster' (or 'base_url'), and "),
        ("modzy/m", ""),
        ("vas/face-detect/t", "the setting 'region' (or 'base_url'), and "),
        ("oracle-content/F/J", "the setting 'base_url', and "),
    ],
)
def test_all_that_is_missing_is_told_at_once(jobctl: Any, job: str, besides: str) -> None:
    provider = job.partition("/")[0]
    ran = jobctl("wait", job)
    error, hint = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    it = "them" if besides else "it"
    assert error == (
        f"error: {provider} needs {besides}{SIGN_IN[provider]}, and nothing gives {it}"
    )
    assert hint.startswith(f"hint: `jobctl auth login {provider}` asks for {it}; or set JOBCTL_")
    assert "config.yaml (profiles: default: " in hint
    assert hint.endswith("; --profile sandbox needs none")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("job", ["cognite/1", "vas/face-detect/t", "ray/r"])
def test_a_value_that_is_needed_for_another_is_told_with_its_own_place(
    job: str, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"JOBCTL_{job.partition('/')[0].upper()}_ALLOW_HTTP"
    monkeypatch.setenv(name, "maybe")
    told = f"error: {name}: allow_http must be one of true, false, not 'maybe'\n"
    assert jobctl("get", job).err == told


def test_what_several_services_lack_is_told_at_once(jobctl: Any) -> None:
    ran = jobctl("wait", "modzy/m", "cognite/1", "modzy/n")
    assert (ran.code, ran.out) == (2, "")
    told = [line.removeprefix("error: ").partition(" ")[0] for line in ran.err.splitlines()]
    assert told == ["modzy", "cognite"]
    for name in ("JOBCTL_MODZY_API_KEY", "JOBCTL_COGNITE_PROJECT"):
        assert f"set {name}" in ran.err


def test_what_is_missing_is_that_of_the_way_that_was_begun(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDP_CLIENT_ID", "my-app")
    ran = jobctl("get", "cognite", "1", "--json")
    assert ran.error["message"] == (
        "cognite needs the settings 'project', 'cluster' (or 'base_url'), 'client_secret' and"
        " 'tenant_id' (or 'token_url'), and nothing gives them"
    )
    for name in ("CDF_PROJECT", "CDF_CLUSTER", "IDP_CLIENT_SECRET", "IDP_TENANT_ID"):
        assert f" or {name}" in ran.error["hint"]
    assert (ran.code, ran.error["provider"]) == (2, "cognite")


@pytest.mark.parametrize(
    ("environ", "section", "told"),
    [
        (
            {"JOBCTL_MODZY_API_KEY": "P.planted\r"},
            "",
            "JOBCTL_MODZY_API_KEY: api_key holds a control character",
        ),
        (
            {"MODZY_BASE_URL": "https://modzy.example\r"},
            "",
            "MODZY_BASE_URL: base_url holds a control character",
        ),
        (
            {"MODZY_BASE_URL": "http://modzy.example"},
            "",
            "MODZY_BASE_URL: base_url must begin with https://",
        ),
        ({"MODZY_API_KEY": "planted"}, "", "MODZY_API_KEY: api_key is not PREFIX.BODY"),
        (
            {"JOBCTL_MODZY_READ_TIMEOUT": "soon"},
            "",
            "JOBCTL_MODZY_READ_TIMEOUT: read_timeout must be a duration",
        ),
        ({"JOBCTL_MODZY_AUTH": "magic"}, "", "JOBCTL_MODZY_AUTH: auth must be one of key, team"),
        ({}, "base_url: http://x.example", "{file}:4:17: base_url must begin with https://"),
        ({"URL": "nothing of the kind"}, "base_url: env:URL", "{file}:4:17: base_url is not a URL"),
        ({}, 'api_key: "P.planted\\r"', "{file}:4:16: api_key holds a control character"),
        ({}, "max_in_flight: 0", "{file}:4:22: max_in_flight must be a whole number"),
    ],
)
def test_a_value_that_cannot_be_used_is_told_with_its_place(
    jobctl: Any,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    section: str,
    told: str,
) -> None:
    for name, value in ({"MODZY_API_KEY": "P.planted-body"} | environ).items():
        monkeypatch.setenv(name, value)
    file.write_text(f"profiles:\n  default:\n    modzy:\n      {section or '{}'}\n")
    file.chmod(0o600)
    ran = jobctl("get", "modzy", "some-job")
    assert ran.code == 2
    assert ran.err.startswith(f"error: {told.format(file=file)}")
    assert "planted" not in ran.err


def test_a_setting_that_walks_up_a_path_is_told_with_its_place(jobctl: Any, account: Any) -> None:
    ran = jobctl("get", "cognite", "1", "--set", "project=..")
    assert (ran.code, ran.err) == (2, "error: cognite/1: --set: project cannot be '..'\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("wait", "--timeout", "soon"), "--timeout: 'soon' is not a duration"),
        (("wait", "--timeout", "9999999h"), "--timeout: '9999999h' is too long"),
        (("wait", "--stall-after", "1w"), "--stall-after: '1w' is not a duration"),
        (("wait", "--interval", "40000d"), "--interval: '40000d' is too long"),
    ],
)
def test_a_bad_duration_names_its_option(jobctl: Any, words: tuple[str, ...], said: str) -> None:
    ran = jobctl(*words, "cognite/123")
    assert ran.code == 2
    assert ran.err.startswith(f"error: {said}\n")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user whom the machine does not know, as in a container; the folder they are in."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name)
    monkeypatch.setattr(os, "getuid", lambda: 2**31 - 7)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_user_without_a_home_is_served_and_nothing_is_kept(
    jobctl: Any, homeless: Path, account: Any, service: Any
) -> None:
    service.answers["1"] = [(200, {"status": "Completed", "items": []})]
    assert jobctl("--version").code == 0
    assert jobctl("get", "cognite", "1", "--json").document["state"] == "succeeded"
    assert jobctl("get", "cognite", "123", "--profile", "sandbox").code == 0
    assert jobctl("history", "-o", "json").document == []
    assert jobctl("config", "check").out == (
        "a file that JOBCTL_CONFIG names: there is no such file; only variables are used\n"
    )
    ran = jobctl("config", "path")
    assert (ran.code, ran.out) == (2, "")
    assert "JOBCTL_CONFIG" in ran.err
    assert list(homeless.iterdir()) == []


@pytest.mark.parametrize("variable", ["JOBCTL_STATE_DIR", "JOBCTL_CACHE_DIR", "JOBCTL_CONFIG"])
def test_a_home_that_is_not_known_makes_no_folder_of_that_name(
    jobctl: Any, homeless: Path, account: Any, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("JOBCTL_COGNITE_TOKEN")
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"JOBCTL_COGNITE_{name}", "planted")
    monkeypatch.setenv("JOBCTL_COGNITE_TOKEN_URL", account["JOBCTL_COGNITE_BASE_URL"])
    monkeypatch.setenv("JOBCTL_COGNITE_SCOPES", "all")
    monkeypatch.setenv(variable, "~/jobctl")
    ran = jobctl("get", "cognite", "1", "--json")
    assert (ran.code, ran.out) == (2, "")
    said = json.loads(ran.err.splitlines()[-1])["error"]["message"]
    assert said.endswith(f"{variable}: there is no home that '~/jobctl' could begin at")
    assert list(homeless.iterdir()) == []


def test_plain_http_to_another_machine_wants_to_be_allowed_and_is_warned_of(
    jobctl: Any, service: Any, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.answers = {"1": [(200, {"status": "Completed"})]}
    url = service.url.replace("127.0.0.1", "0.0.0.0")  # an address that is not loopback
    monkeypatch.setenv("JOBCTL_COGNITE_BASE_URL", url)
    ran = jobctl("get", "cognite", "1")
    assert (ran.code, "unless allow_http is true" in ran.err) == (2, True)
    ran = jobctl("get", "cognite", "1", "--set", "allow_http=true", "-o", "ids")
    assert (ran.code, ran.out) == (0, "cognite/1\n")
    assert ran.err.startswith(f"warning: what signs in travels to {url.removeprefix('http://')}")


def test_files_for_tls_are_settings_of_each_service(
    jobctl: Any, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_COGNITE_BASE_URL", "https://127.0.0.1:1")
    for name in ("ca_file", "client_cert"):
        ran = jobctl("get", "cognite", "1", "--set", f"{name}=/no/such/file.pem")
        assert (ran.code, ran.out) == (2, "")
        assert f"{name} names /no/such/file.pem, which cannot be read" in ran.err
