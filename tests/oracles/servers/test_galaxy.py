"""Jobs of a Galaxy server, of two tools that a test gives it.

https://docs.galaxyproject.org/en/latest/api/quickstart.html
"""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

ADMIN = "planted-admin-key"
CODE = {"good": "sleep 2; echo it runs; touch '$made'", "bad": "echo the belt tore >&2; exit 3"}
TOOL = """
<tool id="{name}" name="{name}" version="1" profile="22.05">
  <command><![CDATA[{code}]]></command>
  <inputs/>
  <outputs><data name="made" format="txt"/></outputs>
</tool>
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    python = environment("galaxy-web-apps==26.1.2", "galaxy-job-execution==26.1.2")
    folder, port = tmp_path_factory.mktemp("galaxy"), free_port()
    url = f"http://127.0.0.1:{port}"
    for name, code in CODE.items():
        (folder / f"{name}.xml").write_text(TOOL.format(name=name, code=code))
    tools = "".join(f'<tool file="{name}.xml"/>' for name in CODE)
    (folder / "tools.xml").write_text(f"<toolbox>{tools}</toolbox>")
    here = {"local": {"runner": "local"}}
    runners = {"local": {"load": "galaxy.jobs.runners.local:LocalJobRunner", "workers": 1}}
    told = {
        "config_dir": str(folder),
        "data_dir": str(folder / "data"),
        "database_connection": f"sqlite:///{folder}/jobs.db?isolation_level=IMMEDIATE",
        "tool_config_file": str(folder / "tools.xml"),
        "tool_path": str(folder),
        "bootstrap_admin_api_key": ADMIN,
        "conda_auto_init": False,
        "job_config": {
            "runners": runners,
            "execution": {"default": "local", "environments": here},
        },
    }
    (folder / "galaxy.yml").write_text(json.dumps({"galaxy": told}))

    def ask(path: str, key: str, **body: Any) -> Any:
        answer = httpx.post(
            f"{url}/api/{path}",
            json=body,
            headers={"x-api-key": key},
            timeout=120,
            trust_env=False,
        )
        return answer.raise_for_status().json()

    with running(
        python, "-m", "uvicorn", "--factory", "galaxy.webapps.galaxy.fast_factory:factory",
        f"--port={port}",
        ready=lambda: bool(said(f"{url}/api/version")),
        environ={
            "GALAXY_CONFIG_FILE": str(folder / "galaxy.yml"),
            "PATH": f"{python.parent}:/usr/bin:/bin",
        },
        cwd=folder,
    ):  # fmt: skip
        user = ask("users", ADMIN, username="ada", email="ada@t.example", password="planted-123")
        key = ask(f"users/{user['id']}/api_key", ADMIN)
        history = ask("histories", key, name="belts")["id"]
        made = {
            name: ask("tools", key, history_id=history, tool_id=name, inputs={})["jobs"][0]["id"]
            for name in ("bad", "good")
        }
        yield Jobs(**made, environ={"GALAXY_URL": url, "GALAXY_API_KEY": key})


class TestGalaxy(ServerContract):
    provider = "galaxy-job"
    complaint = "Exit code 3"
    missing = "0123456789abcdef"
    begins = "created_at"  # of the start the administrators are told
    wrong: ClassVar = {"GALAXY_API_KEY": "planted-wrong"}

    def test_its_data_sets_are_the_results(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "--timeout", "3m", "--json")
        assert [one["_key"] for one in done.document] == ["made"]

    def test_what_it_wrote_is_its_log(self, jobs: Jobs, jobctl: Run) -> None:
        assert "the belt tore" in jobctl("logs", self.provider, jobs.bad, "--wait").out
