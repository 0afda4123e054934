"""Jobs of a Flink session cluster, of a JobManager and a TaskManager.

https://nightlies.apache.org/flink/flink-docs-stable/docs/ops/rest_api/
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from asked_servers import Jobs, ServerContract
from environments import environment, run
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

SUBMIT = """
import sys
from pyflink.common import Configuration
from pyflink.table import EnvironmentSettings, TableEnvironment
told = Configuration()
for pair in sys.argv[2:]:
    told.set_string(*pair.split("=", 1))
made = EnvironmentSettings.new_instance().in_batch_mode().with_configuration(told).build()
tables = TableEnvironment.create(made)
tables.execute_sql("CREATE TABLE belts (a INT) WITH ('connector' = 'datagen',"
    " 'number-of-rows' = '20', 'rows-per-second' = '5')")
tables.execute_sql("CREATE TABLE nowhere (a INT) WITH ('connector' = 'blackhole')")
done = tables.execute_sql(f"INSERT INTO nowhere SELECT {sys.argv[1]} FROM belts")
print(done.get_job_client().get_job_id())
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    python = environment("apache-flink==2.3.0")
    (flink,) = python.parents[1].glob("lib/python*/site-packages/pyflink")
    folder, rpc, rest = tmp_path_factory.mktemp("flink"), free_port(), free_port()
    shutil.copytree(flink / "conf", folder / "conf")
    url = f"http://127.0.0.1:{rest}"
    options = {
        "jobmanager.rpc.address": "127.0.0.1",
        "jobmanager.rpc.port": rpc,
        "rest.address": "127.0.0.1",
        "rest.bind-address": "127.0.0.1",
        "rest.port": rest,
        "taskmanager.memory.process.size": "1300m",
        "taskmanager.numberOfTaskSlots": 2,
    }
    environ = {
        "FLINK_HOME": str(flink),
        "FLINK_CONF_DIR": str(folder / "conf"),
        "FLINK_LOG_DIR": str(folder),
    }

    def program(name: str) -> tuple[str | Path, ...]:
        told = [word for name, value in options.items() for word in ("-D", f"{name}={value}")]
        return flink / "bin" / f"{name}.sh", "start-foreground", *told

    def submit(name: str, what: str) -> str:
        told = {
            "execution.target": "remote",
            "execution.attached": "false",
            "rest.address": "127.0.0.1",
            "rest.port": rest,
            "restart-strategy.type": "none",
            "pipeline.name": name,
        }
        pairs = (f"{key}={value}" for key, value in told.items())
        return run(python, "-c", SUBMIT, what, *pairs, environ=environ).split()[-1]

    def workers() -> int:
        return int(json.loads(said(f"{url}/overview") or '{"taskmanagers": 0}')["taskmanagers"])

    with (
        running(
            *program("jobmanager"), ready=lambda: bool(said(f"{url}/overview")), environ=environ
        ),
        running(*program("taskmanager"), ready=lambda: workers() == 1, environ=environ),
    ):
        bad = submit("bad", "10 / (a - a)")
        yield Jobs(submit("good", "a"), bad, {"JOBCTL_FLINK_BASE_URL": url})


class TestFlink(ServerContract):
    provider = "flink"
    complaint = "java.lang.ArithmeticException: / by zero"
    missing = "0123456789abcdef0123456789abcdef"
