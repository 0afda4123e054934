"""Jobs of a Ray cluster that wants a token.

https://docs.ray.io/en/latest/cluster/running-applications/job-submission/api.html
"""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from processes import wait_until
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

TOKEN = "planted-token-of-thirty-two-letters"


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("ray[default]==2.60.0").parent
    port = free_port()
    url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {TOKEN}"}
    with running(
        programs / "ray", "start", "--head", "--block", "--disable-usage-stats", "--num-cpus=1",
        "--dashboard-host=127.0.0.1", f"--dashboard-port={port}", f"--port={free_port()}",
        ready=lambda: bool(said(f"{url}/api/version", headers=headers)),
        environ={"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN, "RAY_TMPDIR": "/tmp"},
    ):  # fmt: skip

        def start(script: str, name: str) -> str:
            told = {"entrypoint": script, "submission_id": name, "metadata": {"job_name": name}}
            ask = partial(httpx.post, f"{url}/api/jobs/", json=told, headers=headers)
            # the agent that starts jobs comes a little later than the server
            wait_until(lambda: ask(timeout=60, trust_env=False).is_success, 120)
            return name

        good = start("echo counting; sleep 2; echo done", "a:b+c")
        bad = start("echo the belt tore; exit 3", "torn")
        yield Jobs(good, bad, {"RAY_API_SERVER_ADDRESS": url, "RAY_AUTH_TOKEN": TOKEN})


class TestRay(ServerContract):
    provider = "ray"
    missing = "nobody"
    wrong: ClassVar = {"RAY_AUTH_TOKEN": "planted-wrong"}

    def test_the_log_is_what_the_job_wrote(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("logs", self.provider, jobs.good, "--wait")
        assert {"counting", "done"} <= set(done.out.splitlines())
        assert jobctl("logs", self.provider, self.missing).code == 5

    def test_a_job_that_failed_tells_its_exit_code(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("get", self.provider, jobs.bad, "--wait", "--json")
        assert done.document["error_code"] == "JOB_ENTRYPOINT_COMMAND_ERROR"
        assert done.document["detail"]["exit_code"] == 3
