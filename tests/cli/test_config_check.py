"""`jobctl config check` tells what a use of each profile would end with, and asks nobody."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    path = tmp_path / "config.yaml"
    monkeypatch.setenv("JOBCTL_CONFIG", str(path))

    def write(text: str) -> Path:
        path.write_text(text)
        path.chmod(0o600)
        return path

    return write


COGNITE = "project: p, client_id: i, client_secret: s, tenant_id: t"


@pytest.mark.parametrize(
    ("job", "section", "said"),
    [
        (
            "modzy/j",
            "modzy: {base_url: http://x.example, api_key: a.b}",
            ":3:23: base_url must begin with https://",
        ),
        (
            "cognite/1",
            f"cognite: {{{COGNITE}, base_url: https://x.example}}",
            "the scope cannot be derived from base_url",
        ),
        (
            "cognite/1",
            "cognite: {project: p, cluster: c, token: t, ca_file: /no/such.pem}",
            "ca_file names /no/such.pem, which cannot be read",
        ),
        (
            "modelarts/t/v",
            "huawei: {region: r, project_id: ., access_key: a, secret_key: s}",
            "project_id cannot be '.'",
        ),
        (
            "vas/face-detect/t",
            "huawei: {region: r, project_id: p, access_key: a}",
            "secret_key is missing in the place of the other (profile default)",
        ),
        (
            "snowflake-statement/h",
            "snowflake: {account: a/b, token: t}",
            "account cannot be 'a/b': it stands in the name of a host",
        ),
        ("vas/face-detect/t", "vas: {states: {A: busy}}", "'busy' is no state"),
        (
            "ray/r",
            "ray: {base_url: https://r.example, token: 'planted '}",
            ":3:47: token starts or ends with a blank (not shown)",
        ),
    ],
)
def test_whatever_a_use_would_end_with_is_told(
    job: str, section: str, said: str, written: Any, jobctl: Any
) -> None:
    path = written(f"profiles:\n  default:\n    {section}\n")
    ran = jobctl("config", "check")
    assert (ran.code, ran.out, ran.err.count(said)) == (2, "", 1)
    place = f"error: {path}:" if ":3:" in ran.err else "error: the profile 'default': "
    assert ran.err.startswith(place)
    used = jobctl("get", job)
    assert (used.code, said in used.err) == (2, True)


def test_what_is_wrong_with_several_profiles_is_told_once_and_variables_count(
    written: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    modzy = "{modzy: {api_key: a.b}}"
    written(f"profiles: {{default: {modzy}, other: {modzy}}}")
    assert jobctl("config", "check").code == 0
    monkeypatch.setenv("HTTPS_PROXY", "ftp://nobody.example")
    monkeypatch.setenv("JOBCTL_MODZY_BASE_URL", "https://x.example")
    ran = jobctl("config", "check")
    assert ran.code == 2
    assert ran.err.startswith(
        "error: the profile 'default': HTTPS_PROXY is not the URL of a proxy\nhint: "
    )
    assert "'other'" not in ran.err


def test_what_nothing_gives_is_no_mistake_of_the_file_and_told_all_the_same(
    written: Any, jobctl: Any
) -> None:
    sections = "{cognite: {project: p}, modzy: {}, vas:, huawei: {token: t}}"
    path = written(f"profile: work\nprofiles: {{work: {sections}}}")
    ran = jobctl("config", "check")
    assert (ran.code, ran.out) == (0, f"{path}: ok, profiles: work\n")
    cognite, huawei = ran.err.splitlines()
    assert cognite.startswith("warning: the profile 'work': cognite needs the setting 'cluster'")
    assert huawei.startswith("warning: the profile 'work': modelarts needs the setting 'region'")


def test_accounts_are_told_of_in_the_order_of_the_file(written: Any, jobctl: Any) -> None:
    accounts = ["salesforce", "databricks", "aws", "snowflake", "openai", "huawei", "azure"]
    sections = "".join(f"    {one}: {{ca_file: /no/{one}}}\n" for one in accounts)
    written(f"profiles:\n  default:\n{sections}")
    ran = jobctl("config", "check")
    assert (ran.code, re.findall(r"names /no/(\w+), which", ran.err)) == (2, accounts)


def test_a_file_that_takes_the_name_of_a_provider_hides_no_other_mistake(
    written: Any, jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "providers").mkdir()
    (tmp_path / "providers" / "modzy.yaml").write_text("title: x")
    monkeypatch.setenv("JOBCTL_COGNTE_TOKEN", "x")
    written("profil: x\nprofiles: {default: {cognite: {projct: p}}}\n")
    ran = jobctl("config", "check")
    assert (ran.code, ran.err.count("'modzy' is built in and cannot be replaced")) == (2, 1)
    assert "there is no setting 'profil'" in ran.err


def test_who_names_no_profile_is_told_of_those_there_are(written: Any, jobctl: Any) -> None:
    written("profiles: {work: {modzy: {api_key: a.b}}, plant: {}}")
    ran = jobctl("get", "modzy", "j")
    assert ran.code == 2
    assert "\nhint: there are the profiles work, plant: --profile names one; " in ran.err
    assert "there are the profiles" not in jobctl("get", "modzy", "j", "-p", "plant").err


def test_what_is_kept_elsewhere_is_not_fetched_unless_that_is_wanted(
    written: Any, jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    for name in ("key", "url"):
        command = tmp_path / name
        value = "a.planted" if name == "key" else "http://x.example"
        command.write_text(f"#!/bin/sh\necho {name} >> {log}\necho {value}\n")
        command.chmod(0o700)
    path = written(
        f"profiles: {{default: {{modzy: {{api_key: 'command:{tmp_path}/key',"
        f" base_url: 'command:{tmp_path}/url'}}}}}}"
    )
    ran = jobctl("config", "check")
    assert (ran.code, ran.err, log.exists()) == (0, "", False)
    ran = jobctl("config", "check", "--resolve")
    assert (ran.code, "planted" in ran.err) == (2, False)
    assert ran.err.startswith(f"error: {path}:1:")
    assert "base_url must begin with https://" in ran.err
    assert sorted(log.read_text().split()) == ["key", "url"], "each once"
    written("profiles: {default: {modzy: {api_key: env:NO, base_url: http://x.example}}}")
    ran = jobctl("config", "check", "--resolve")
    assert "the variable NO is not set" in ran.err
    assert "base_url must begin with https://" in ran.err


def test_no_library_of_a_vendor_is_asked_for_credentials(
    written: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "planted")
    sections = "{aws-batch: {region: eu-west-1}, aws: {read_timeout: 9s}}"
    path = written(f"profile: work\nprofiles: {{work: {sections}}}")
    ran = jobctl("config", "check")
    assert (ran.code, ran.out, ran.err) == (0, f"{path}: ok, profiles: work\n", "")
