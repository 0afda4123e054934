"""Batch jobs of an openEO back-end, as the vendor's own frame for back-ends answers.

Nothing is computed by its dummy back-end: the test says how its jobs end.
https://api.openeo.org/
"""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment
from servers import free_port, is_open, running

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

SERVER = """
import sys, threading
from pathlib import Path
from openeo_driver.dummy.dummy_backend import DummyBackendImplementation
from openeo_driver.users import User
from openeo_driver.util.date_math import now_utc
from openeo_driver.views import build_app
backend, ada = DummyBackendImplementation(), User("Ada")
jobs = backend.batch_jobs
def make(title, status):
    job = jobs.create_job(ada, {"process_graph": {}}, "1.2.0", {"title": title}).id
    jobs._update_status(job, ada.user_id, status)
    return job
good, bad = make("good", "running"), make("bad", "error")
jobs._custom_job_logs[bad] = [
    {"id": "1", "level": "info", "message": "it begins"},
    {"id": "2", "level": "error", "message": "the belt tore"},
]
Path(sys.argv[2]).write_text(f"{good} {bad}")
def end():
    made = jobs.get_job_info(good, ada.user_id)
    jobs._job_registry[ada.user_id, good] = made._replace(status="finished", updated=now_utc())
threading.Timer(8, end).start()
build_app(backend).run("127.0.0.1", int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    python = environment("openeo-driver==0.136.0a4", "setuptools<80")
    (config,) = python.parents[1].glob("lib/python*/*/openeo_driver/dummy/dummy_config.py")
    folder, port = tmp_path_factory.mktemp("openeo"), free_port()
    (folder / "server.py").write_text(SERVER)
    made: Path = folder / "made"
    with running(
        python, folder / "server.py", str(port), made,
        ready=lambda: is_open(port),
        environ={"OPENEO_BACKEND_CONFIG": str(config)},
        cwd=folder,
    ):  # fmt: skip
        good, bad = made.read_text().split()
        told = {"BASE_URL": f"http://127.0.0.1:{port}/openeo/1.2", "USERNAME": "Ada"}
        told |= {"PASSWORD": "ada123"}  # that of the dummy for this name
        yield Jobs(good, bad, {f"JOBCTL_OPENEO_{name}": value for name, value in told.items()})


class TestOpenEO(ServerContract):
    provider = "openeo"
    missing = "j-nobody"
    begins = "created_at"  # when a job was started is not told
    wrong: ClassVar = {"JOBCTL_OPENEO_PASSWORD": "planted-wrong"}

    def test_there_are_results_after_a_good_end_alone(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "--json")
        assert "output.tiff" in {one["_key"] for one in done.document}
        assert jobctl("results", self.provider, jobs.bad).code == 5

    def test_its_log_is_read(self, jobs: Jobs, jobctl: Run) -> None:
        assert jobctl("logs", self.provider, jobs.bad).out == "it begins\nthe belt tore\n"
