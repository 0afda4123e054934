"""Celery tasks, seen through Flower.

https://flower.readthedocs.io/en/latest/api.html
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment, run
from processes import wait_until
from servers import free_port, is_open, running, said

pytestmark = [pytest.mark.slow, pytest.mark.servers]

TASKS = """
import os, time
from celery import Celery
url = os.environ["BROKER"]
app = Celery("tasks", broker=url, backend=url)
app.conf.update(task_track_started=True, worker_send_task_events=True)
@app.task
def add(a, b):
    time.sleep(1)
    return a + b
@app.task
def tear():
    raise ValueError("the belt tore")
if __name__ == "__main__":
    add.apply_async((2, 2), task_id="%s")
    tear.apply_async(task_id="%s")
"""
IDS = ("a:b+c/d e", "torn")


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("flower==2.2.0", "celery[redis]==5.7.0").parent
    folder = tmp_path_factory.mktemp("celery")
    (folder / "tasks.py").write_text(TASKS % IDS)
    broker, port = free_port(), free_port()
    url = f"http://127.0.0.1:{port}"
    environ = {"BROKER": f"redis://127.0.0.1:{broker}/0"}
    celery: list[str | Path] = [programs / "celery", "-A", "tasks"]
    told = partial(said, auth=("ada", "pw"))
    with (
        running(
            "redis-server", "--port", str(broker), "--save", "", ready=lambda: is_open(broker)
        ),
        running(
            *celery, "flower", "--address=127.0.0.1", f"--port={port}", "--basic-auth=ada:pw",
            ready=lambda: is_open(port), environ=environ, cwd=folder,
        ),
        running(
            *celery, "worker", "-E", "-P", "solo", "-n", "one@here",
            ready=lambda: "true" in told(f"{url}/api/workers?status=true"),
            environ=environ, cwd=folder,
        ),
    ):  # fmt: skip
        run(programs / "python", "tasks.py", environ=environ, cwd=folder)
        good, bad = (quote(one, safe=":+") for one in IDS)
        wait_until(lambda: all(told(f"{url}/api/task/info/{quote(one)}") for one in IDS))
        yield Jobs(
            good,
            bad,
            {
                "JOBCTL_CELERY_FLOWER_BASE_URL": url,
                "JOBCTL_CELERY_FLOWER_BASIC_AUTH": "ada:pw",
            },
        )


class TestFlower(ServerContract):
    provider = "celery-flower"
    missing = "nobody"
    wrong: ClassVar = {"JOBCTL_CELERY_FLOWER_BASIC_AUTH": "ada:wrong"}

    def test_the_backend_gives_the_result(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "-o", "ndjson")
        assert (done.code, done.document["result"]) == (0, 4)
