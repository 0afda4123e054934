"""Builds of a Buildbot master with a worker in its own process.

https://docs.buildbot.net/latest/developer/rest.html
"""

import json
from collections.abc import Iterator

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment, run
from processes import wait_until
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

CONFIG = """
from buildbot.plugins import schedulers, steps, util, worker
def builder(name, script):
    step = steps.ShellCommand(name="pull", command=["sh", "-c", script])
    return util.BuilderConfig(
        name=name, workernames=["here"], factory=util.BuildFactory([step])
    )
BuildmasterConfig = {
    "workers": [worker.LocalWorker("here")],
    "protocols": {"null": {}},
    "builders": [
        builder("good", "sleep 2; echo counting"), builder("bad", "echo the belt tore; exit 3")
    ],
    "schedulers": [schedulers.ForceScheduler(name="force", builderNames=["good", "bad"])],
    "www": {"port": "tcp:PORT:interface=127.0.0.1", "plugins": {}},
    "buildbotNetUsageData": None,
    "title": "t", "titleURL": "ROOT", "buildbotURL": "ROOT/",
}
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment(
        "buildbot==4.3.0", "buildbot-worker==4.3.0", "buildbot-www==4.3.0"
    ).parent
    folder, port = tmp_path_factory.mktemp("buildbot"), free_port()
    url = f"http://127.0.0.1:{port}"
    run(programs / "buildbot", "create-master", folder)
    (folder / "master.cfg").write_text(CONFIG.replace("PORT", str(port)).replace("ROOT", url))

    def builds(name: str) -> list[str]:
        told = json.loads(said(f"{url}/api/v2/builders/{name}/builds") or '{"builds": []}')
        return [str(one["buildid"]) for one in told["builds"]]

    def build(name: str) -> str:
        asked = {"jsonrpc": "2.0", "method": "force", "id": 1, "params": {"builderNames": [name]}}
        place = f"{url}/api/v2/forceschedulers/force"
        httpx.post(place, json=asked, timeout=60, trust_env=False).raise_for_status()
        # a build is there only once it runs
        wait_until(lambda: bool(builds(name)), 120)
        return builds(name)[0]

    with running(
        programs / "buildbot", "start", "--nodaemon", folder,
        ready=lambda: bool(said(f"{url}/api/v2/builders")),
    ):  # fmt: skip
        yield Jobs(build("good"), build("bad"), {"JOBCTL_BUILDBOT_BASE_URL": url})


class TestBuildbot(ServerContract):
    provider = "buildbot"
    complaint = "failed 'sh -c ...'"
    missing = "99"

    def test_its_steps_and_what_they_wrote_are_told(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "--json")
        assert ("pull", 0) in {(one["name"], one["results"]) for one in done.document}
        assert "counting" in jobctl("logs", self.provider, jobs.good).out
