"""Drivers of a standalone Spark cluster: a master and a worker.

https://spark.apache.org/docs/latest/spark-standalone.html#rest-api
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from commanding import Run
from environments import environment
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]


@pytest.fixture(scope="module")
def drivers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Drivers by how they end, and the address of the master."""
    python = environment("pyspark==4.3.0")
    (spark,) = python.parents[1].glob("lib/python*/site-packages/pyspark")
    (jar,) = spark.glob("jars/spark-launcher*.jar")
    rpc, rest, page, page_of_worker = (str(free_port()) for _ in range(4))
    url, master = f"http://127.0.0.1:{rest}", f"spark://127.0.0.1:{rpc}"
    folder = tmp_path_factory.mktemp("spark")
    environ = {
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_MASTER_OPTS": f"-Dspark.master.rest.enabled=true -Dspark.master.rest.port={rest}",
    }

    def deploy(name: str, *words: str | Path) -> tuple[str | Path, ...]:
        kind = f"org.apache.spark.deploy.{name.lower()}.{name}"
        return spark / "bin" / "spark-class", kind, "--host", "127.0.0.1", *words

    def submit(main: str, jar: str) -> str:
        told = {
            "action": "CreateSubmissionRequest",
            "clientSparkVersion": "4.3.0",
            "appResource": jar,
            "mainClass": main,
            "appArgs": [],
            "environmentVariables": {"LANG": "C"},
            "sparkProperties": {
                "spark.app.name": "belt",
                "spark.master": master,
                "spark.submit.deployMode": "cluster",
                "spark.driver.memory": "512m",
            },
        }
        answer = httpx.post(f"{url}/v1/submissions/create", json=told, trust_env=False)
        return str(answer.raise_for_status().json()["submissionId"])

    def state(of: str) -> Any:
        return said(f"http://127.0.0.1:{page}/json/").count(of)

    with (
        running(
            *deploy("Master", "--port", rpc, "--webui-port", page),
            ready=lambda: bool(said(f"{url}/v1/submissions/status/nobody")) and bool(state("url")),
            environ=environ,
        ),
        running(
            *deploy("Worker", "--work-dir", folder, "--cores", "1", "--memory", "1g"),
            "--webui-port",
            page_of_worker,
            master,
            ready=lambda: bool(state('"ALIVE"') == 2),
            environ=environ,
        ),
    ):
        yield {
            "url": url,
            "good": submit("org.apache.hadoop.util.VersionInfo", jar.as_uri()),
            "bad": submit("org.apache.hadoop.util.Nobody", jar.as_uri()),
            "lost": submit("x.Y", "file:/nowhere.jar"),
        }


@pytest.fixture(autouse=True)
def _account(drivers: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBCTL_SPARK_STANDALONE_BASE_URL", drivers["url"])


def test_drivers_are_waited_for(drivers: dict[str, str], jobctl: Run) -> None:
    words = [f"spark-standalone/{drivers[name]}" for name in ("good", "bad", "lost")]
    done = jobctl("wait", *words, "--timeout", "2m", "--json")
    assert done.code == 10, done.err
    assert [job["state"] for job in done.document] == ["succeeded", "failed", "failed"]
    good, _, lost = done.document
    assert good["detail"]["spark_version"] == "4.3.0"
    assert lost["message"].endswith("NoSuchFileException: /nowhere.jar")


def test_a_driver_that_is_not_there_is_not_found(jobctl: Run) -> None:
    done = jobctl("get", "spark-standalone", "driver-20240501100000-0001", "--json")
    assert (done.code, done.error["kind"]) == (5, "not-found")


def test_an_address_that_is_none_of_the_protocol_is_told(
    drivers: dict[str, str], jobctl: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_SPARK_STANDALONE_BASE_URL", f"{drivers['url']}/v2")
    done = jobctl("get", "spark-standalone", drivers["good"])
    assert done.code == 6
