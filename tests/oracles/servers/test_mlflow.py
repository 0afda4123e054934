"""Runs of an MLflow tracking server that wants a password.

https://mlflow.org/docs/latest/rest-api.html
"""

import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

PASSWORD = "planted-password-1234"


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("mlflow[auth]==3.17.2").parent
    folder, port = tmp_path_factory.mktemp("mlflow"), free_port()
    url = f"http://127.0.0.1:{port}"
    with running(
        programs / "mlflow", "server", "--host=127.0.0.1", f"--port={port}", "--workers=1",
        "--backend-store-uri", f"sqlite:///{folder}/runs.db", "--artifacts-destination", folder,
        "--app-name=basic-auth",
        ready=lambda: bool(said(f"{url}/health")),
        environ={
            "MLFLOW_AUTH_ADMIN_PASSWORD": PASSWORD,
            "MLFLOW_FLASK_SERVER_SECRET_KEY": "planted-key",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "PATH": f"{programs}:/usr/bin:/bin",
        },
        cwd=folder,
    ):  # fmt: skip

        def do(what: str, **body: Any) -> Any:
            answer = httpx.post(
                f"{url}/api/2.0/mlflow/runs/{what}", json=body, auth=("admin", PASSWORD),
                timeout=60, trust_env=False,
            )  # fmt: skip
            return answer.raise_for_status().json()

        def now() -> int:
            return round(time.time() * 1000)

        def start(name: str) -> str:
            run = do("create", experiment_id="0", run_name=name, start_time=now())
            return str(run["run"]["info"]["run_id"])

        good, bad = start("good"), start("bad")
        do("log-metric", run_id=good, key="loss", value=0.25, timestamp=now(), step=3)
        do("update", run_id=bad, status="FAILED", end_time=now())
        end = threading.Timer(
            2, lambda: do("update", run_id=good, status="FINISHED", end_time=now())
        )
        end.start()
        yield Jobs(
            good,
            bad,
            {
                "MLFLOW_TRACKING_URI": url,
                "MLFLOW_TRACKING_USERNAME": "admin",
                "MLFLOW_TRACKING_PASSWORD": PASSWORD,
            },
        )
        end.join()


class TestMlflow(ServerContract):
    provider = "mlflow-run"
    complaint = "None"  # a run has no words for why it failed
    missing = "8d1e4f0c2b7a4e6f9a3d5c1b0e8f7a6d"
    wrong: ClassVar = {"MLFLOW_TRACKING_PASSWORD": "planted-wrong"}

    def test_the_metrics_are_the_results(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "-o", "ndjson")
        assert (done.document["key"], done.document["value"]) == ("loss", 0.25)
        assert jobctl("results", self.provider, self.missing).code == 5
