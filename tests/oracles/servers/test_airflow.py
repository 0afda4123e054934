"""Runs of Airflow 3, all of it in one process tree, beside a file of SQLite.

https://airflow.apache.org/docs/apache-airflow/stable/stable-rest-api-ref.html
"""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from processes import wait_until
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

DAG = """
from airflow.sdk import dag, task
@dag(schedule=None, params={"strength": 0})
def belt():
    @task
    def pull(params):
        print("counting")
        if params["strength"] < 2:
            raise ValueError("the belt tore")
    @task(trigger_rule="all_done")
    def go_on(params):
        if params["strength"] < 1:
            raise ValueError("no belt")
    pull() >> go_on()
belt()
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    """A run ends well, one badly, one (`half`) well although a task has failed."""
    programs = environment("apache-airflow==3.3.2").parent
    home, port = tmp_path_factory.mktemp("airflow"), free_port()
    url = f"http://127.0.0.1:{port}"
    (home / "dags").mkdir()
    (home / "dags" / "belt.py").write_text(DAG)
    passwords = home / "simple_auth_manager_passwords.json.generated"
    passwords.write_text(json.dumps({"admin": "planted-password"}))
    told = {
        "CORE__DAGS_FOLDER": str(home / "dags"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
        "CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": url,
        "API__WORKERS": "1",
    }
    environ = {f"AIRFLOW__{name}": value for name, value in told.items()}
    with running(
        programs / "airflow", "standalone",
        ready=lambda: bool(said(f"{url}/api/v2/version")),
        environ=environ | {"AIRFLOW_HOME": str(home), "PATH": f"{programs}:/usr/bin:/bin"},
    ):  # fmt: skip

        def post(path: str, headers: dict[str, str] | None = None, **body: Any) -> Any:
            answer = httpx.post(
                f"{url}{path}", json=body, headers=headers, timeout=60, trust_env=False
            )
            return answer.raise_for_status().json()

        token = post("/auth/token", username="admin", password="planted-password")["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        wait_until(lambda: bool(said(f"{url}/api/v2/dags/belt", headers=headers)), 300)
        for name, strength in (("good:1+x", 2), ("bad", 0), ("half", 1)):
            post(
                "/api/v2/dags/belt/dagRuns", headers,
                dag_run_id=name, logical_date=None, conf={"strength": strength},
            )  # fmt: skip
        yield Jobs(
            "belt/good:1+x",
            "belt/bad",
            {
                "JOBCTL_AIRFLOW_BASE_URL": url,
                "JOBCTL_AIRFLOW_USERNAME": "admin",
                "JOBCTL_AIRFLOW_PASSWORD": "planted-password",
            },
        )


class TestAirflow(ServerContract):
    provider = "airflow"
    within = ("belt",)
    complaint = "None"  # a run has no words for why it failed
    missing = "belt/nobody"
    wrong: ClassVar = {"JOBCTL_AIRFLOW_PASSWORD": "planted-wrong"}

    def test_a_run_with_a_task_that_failed_is_partial(self, jobctl: Run) -> None:
        done = jobctl("get", self.provider, "belt/half", "--wait", "--timeout", "2m", "--json")
        assert (done.code, done.document["state"]) == (12, "partial")
        assert [one["name"] for one in done.document["failures"]] == ["pull"]

    def test_its_tasks_and_what_they_wrote_are_told(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "--json")
        assert {one["task_id"]: one["state"] for one in done.document} == {
            "pull": "success",
            "go_on": "success",
        }
        assert "counting" in jobctl("logs", self.provider, jobs.good).out.splitlines()
