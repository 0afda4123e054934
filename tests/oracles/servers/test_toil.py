"""Runs of a GA4GH WES server, as Toil is one.

https://toil.readthedocs.io/en/latest/running/server/wes.html
"""

import json
from collections.abc import Iterator

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from servers import free_port, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

CODE = {"good": "echo it runs", "bad": "echo the belt tore >&2; exit 3"}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("toil[cwl,server]==9.6.0", "boto3==1.44.8").parent
    folder, port = tmp_path_factory.mktemp("toil"), free_port()
    url = f"http://127.0.0.1:{port}/ga4gh/wes/v1"
    with running(
        programs / "toil", "server", "--bypass_celery", f"--port={port}", "--workers=1",
        f"--work_dir={folder / 'runs'}",
        ready=lambda: bool(said(f"{url}/service-info")),
        environ={"PATH": f"{programs}:/usr/bin:/bin", "HOME": str(folder)},
        cwd=folder,
    ):  # fmt: skip
        made = {}
        for name, code in CODE.items():
            tool = {
                "cwlVersion": "v1.2",
                "class": "CommandLineTool",
                "baseCommand": ["sh", "-c", code],
                "inputs": [],
                "outputs": {"said": "stdout"},
                "stdout": "said.txt",
            }
            answer = httpx.post(
                f"{url}/runs",
                data={
                    "workflow_type": "cwl",
                    "workflow_type_version": "v1.2",
                    "workflow_url": f"{name}.cwl",
                    "workflow_params": "{}",
                },
                files={"workflow_attachment": (f"{name}.cwl", json.dumps(tool))},
                trust_env=False,
                timeout=60,
            )
            made[name] = answer.raise_for_status().json()["run_id"]
        yield Jobs(**made, environ={"JOBCTL_GA4GH_WES_BASE_URL": url})


class TestToil(ServerContract):
    provider = "ga4gh-wes"
    complaint = "None"  # why a run has failed stands in its log
    missing = "run-0123456789abcdef0123456789abcdef"

    def test_its_outputs_are_the_results(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "-o", "ndjson")
        assert (done.document["_key"], done.document["basename"]) == ("said", "said.txt")

    def test_its_log_says_why_it_has_failed(self, jobs: Jobs, jobctl: Run) -> None:
        assert "the belt tore" in jobctl("logs", self.provider, jobs.bad, "--wait").out
