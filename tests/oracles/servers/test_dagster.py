"""Runs of Dagster, by GraphQL.

https://docs.dagster.io/guides/operate/graphql
"""

from collections.abc import Iterator

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

DEFINITIONS = """
from dagster import Definitions, job, op
@op
def count(context):
    context.log.info("counting")
@op
def tear():
    raise ValueError("the belt tore")
@job
def good():
    count()
@job
def bad():
    tear()
definitions = Definitions(jobs=[good, bad])
"""
# without a daemon nobody takes runs from a queue
SETTINGS = """\
telemetry: {enabled: false}
run_coordinator: {module: dagster._core.run_coordinator, class: DefaultRunCoordinator}
"""
LAUNCH = """
mutation Launch($job: String!) {
  launchRun(executionParams: {runConfigData: {}, selector: {
    jobName: $job, repositoryName: "__repository__", repositoryLocationName: "belts.py"
  }}) { ... on LaunchRunSuccess { run { runId } } }
}
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("dagster==1.13.28", "dagster-webserver==1.13.28").parent
    home, port = tmp_path_factory.mktemp("dagster"), free_port()
    (home / "belts.py").write_text(DEFINITIONS)
    (home / "dagster.yaml").write_text(SETTINGS)
    url = f"http://127.0.0.1:{port}"
    with running(
        programs / "dagster-webserver", "-h", "127.0.0.1", "-p", str(port), "-f", "belts.py",
        ready=lambda: bool(said(f"{url}/server_info")),
        environ={"DAGSTER_HOME": str(home)},
        cwd=home,
    ):  # fmt: skip

        def launch(job: str) -> str:
            asked = {"query": LAUNCH, "variables": {"job": job}}
            answer = httpx.post(f"{url}/graphql", json=asked, timeout=60, trust_env=False)
            return str(answer.json()["data"]["launchRun"]["run"]["runId"])

        yield Jobs(launch("good"), launch("bad"), {"JOBCTL_DAGSTER_BASE_URL": url})


class TestDagster(ServerContract):
    provider = "dagster"
    missing = "5a2c4b7e-0000-4e0a-8c3b-2f6d7e8a9b0c"

    def test_the_log_is_what_dagster_and_the_step_say(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("logs", self.provider, jobs.good, "--wait")
        assert "counting" in done.out.splitlines()
        assert done.out.splitlines()[-2:][0] == 'Finished execution of run for "good".'
        assert jobctl("logs", self.provider, self.missing).code == 5

    def test_the_step_that_failed_is_named(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("get", self.provider, jobs.bad, "--wait", "--json")
        assert [one["name"] for one in done.document["failures"]] == ["tear"]
