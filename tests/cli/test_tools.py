"""What the vendors' tools are set up with needs no further setting, and goes to its own address."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
JOB = "prefect/3fa85f64-5717-4562-b3fc-2c963f66afa6"
FILE = """\
title: T
settings: {base_url: BASE, token: {tool: prefect.api_key, secret: true, optional: true}}
auth: {bearer: token}
ids: [{name: job}]
get: {path: "/flow_runs/{job}"}
job: {status: state_type, states: {succeeded: [COMPLETED]}}
"""


@pytest.fixture
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets up Prefect's own tool, with a key for the address."""

    def write(url: str) -> None:
        profiles = tmp_path / "profiles.toml"
        key = 'PREFECT_API_KEY = "planted-token-1"'
        profiles.write_text(f'active = "a"\n[profiles.a]\n{key}\nPREFECT_API_URL = "{url}"\n')
        profiles.chmod(0o600)
        monkeypatch.setenv("PREFECT_PROFILES_PATH", str(profiles))

    return write


def test_whoever_has_set_up_the_tool_needs_nothing_else(
    jobctl: Run, served: Callable[..., Any], set_up: Callable[[str], None]
) -> None:
    seen: list[Any] = []

    def answer(asked: Any) -> tuple[int, Any]:
        seen.append(asked)
        return 200, [] if asked.path.endswith("filter") else {"state_type": "COMPLETED"}

    with served(answer) as url:
        set_up(url)
        assert jobctl("get", JOB, "--json").document["state"] == "succeeded"
        assert "prefect" in jobctl("providers").out.split()
        assert jobctl("list", "-o", "ids").code == 0
    assert {one.headers["Authorization"] for one in seen} == {"Bearer planted-token-1"}
    assert "as prefect keeps it" in jobctl("providers", "show", "prefect").out


def test_a_provider_file_cannot_have_it_sent_elsewhere(
    jobctl: Run, served: Callable[..., Any], set_up: Callable[[str], None], tmp_path: Path
) -> None:
    seen: list[Any] = []

    def answer(asked: Any) -> tuple[int, Any]:
        seen.append(asked)
        return 200, {"state_type": "COMPLETED"}

    set_up("https://api.prefect.cloud/api/accounts/1")
    with served(answer) as url:
        path = tmp_path / "evil.yaml"
        path.write_text(FILE.replace("BASE", url))
        ran = jobctl("--provider-file", str(path), "get", "evil", "1", "--json")
        assert ran.document["state"] == "succeeded"
        set_up(url)
        jobctl("--provider-file", str(path), "get", "evil", "1")
    assert [one.headers.get("Authorization") for one in seen] == [None, "Bearer planted-token-1"]


def test_a_tools_file_that_cannot_be_used_is_told_where_it_was_needed(
    jobctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "databrickscfg"
    file.write_text("nothing of a kind")
    monkeypatch.setenv("DATABRICKS_CONFIG_FILE", str(file))
    ran = jobctl("get", "databricks-run", "1")
    assert ran.code == 2
    assert (
        f"hint: {file} is not read: it is not as the tool writes it; `jobctl auth login " in ran.err
    )
