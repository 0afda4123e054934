"""Notebooks that a Jupyter server runs as jobs.

https://jupyter-scheduler.readthedocs.io/en/latest/
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

TOKEN = "planted-token-1234"
HEADERS = {"Authorization": f"token {TOKEN}"}
CODE = {"good": "import time; time.sleep(2)", "bad": "raise ValueError('the belt tore')"}


def notebook(code: str) -> dict[str, Any]:
    """A notebook of one cell."""
    cell: dict[str, Any] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
    }
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    about = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
    return about | {"cells": [cell | {"source": code}]}


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("jupyter-scheduler==2.12.1", "ipykernel==7.4.0").parent
    folder, port = tmp_path_factory.mktemp("jupyter"), free_port()
    url = f"http://127.0.0.1:{port}"
    for name, code in CODE.items():
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook(code)))
    with running(
        programs / "jupyter-server", "--allow-root", "--no-browser", "--ip=127.0.0.1",
        f"--port={port}", f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={TOKEN}",
        f"--SchedulerApp.db_url=sqlite:///{folder}/jobs.db",
        "--ServerApp.jpserver_extensions=jupyter_scheduler=True",
        ready=lambda: bool(said(f"{url}/scheduler/jobs", headers=HEADERS)),
        environ={"HOME": str(folder), "PATH": f"{programs}:/usr/bin:/bin"},
        cwd=folder,
    ):  # fmt: skip
        made = {}
        for name in CODE:
            told = {"name": name, "input_uri": f"{name}.ipynb", "output_formats": ["ipynb"]}
            environ = {"runtime_environment_name": "python", "runtime_environment_parameters": {}}
            answer = httpx.post(
                f"{url}/scheduler/jobs", json=told | environ, headers=HEADERS, trust_env=False
            )
            made[name] = answer.raise_for_status().json()["job_id"]
        yield Jobs(
            **made, environ={"JOBCTL_JUPYTER_SCHEDULER_BASE_URL": url, "JUPYTER_TOKEN": TOKEN}
        )


class TestJupyter(ServerContract):
    provider = "jupyter-scheduler"
    missing = "9d3efc1c-5683-42ad-9c0a-aa67d43dedd0"
    wrong: ClassVar = {"JUPYTER_TOKEN": "planted-wrong"}

    def test_its_files_are_the_results(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "--json")
        assert {one["file_format"] for one in done.document} == {"ipynb", "input"}

    def test_the_list_comes_in_pages(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("list", self.provider, "--limit", "1", "-o", "ids")
        assert len(done.out.split()) == 1
