"""Flow runs of a Prefect server.

https://docs.prefect.io/v3/api-ref/rest-api/server/flow-runs/read-flow-run
"""

from collections.abc import Iterator
from typing import ClassVar

import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment, run
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

FLOWS = """
from prefect import flow
@flow(log_prints=True)
def good():
    print("counting")
@flow
def bad():
    raise ValueError("the belt tore")
for one in (good, bad):
    print("RUN", one(return_state=True).state_details.flow_run_id)
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("prefect==3.9.1").parent
    home, port = tmp_path_factory.mktemp("prefect"), free_port()
    url = f"http://127.0.0.1:{port}/api"
    environ = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_API_AUTH_STRING": "ada:planted-pw",
        "PREFECT_API_AUTH_STRING": "ada:planted-pw",
        "PREFECT_API_URL": url,
    }
    with running(
        programs / "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port),
        "--no-ui", "--no-services",
        ready=lambda: bool(said(f"{url}/health", auth=("ada", "planted-pw"))), environ=environ,
    ):  # fmt: skip
        told = run(programs / "python", "-c", FLOWS, environ=environ, cwd=home)
        good, bad = (line[4:] for line in told.splitlines() if line.startswith("RUN "))
        yield Jobs(good, bad, {"PREFECT_API_URL": url, "PREFECT_API_AUTH_STRING": "ada:planted-pw"})


class TestPrefect(ServerContract):
    provider = "prefect"
    missing = "3fa85f64-0000-4562-b3fc-2c963f66af01"
    wrong: ClassVar = {"PREFECT_API_AUTH_STRING": "ada:planted-wrong"}

    def test_the_logs_come_in_order(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("logs", self.provider, jobs.good)
        assert done.out.splitlines()[1:] == ["counting", "Finished in state Completed()"]

    @pytest.mark.parametrize("id", [missing, "no-uuid"])
    def test_a_run_that_is_not_there_has_no_logs(self, id: str, jobctl: Run) -> None:
        assert jobctl("logs", self.provider, id).code == 5
