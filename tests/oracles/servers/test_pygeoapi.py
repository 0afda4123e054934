"""Jobs of OGC API - Processes, as pygeoapi runs them.

https://docs.ogc.org/is/18-062r2/18-062r2.html
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asked_servers import Jobs, ServerContract
from commanding import Run
from environments import environment, run
from servers import free_port, is_open, running

pytestmark = [pytest.mark.slow, pytest.mark.servers]

PROCESS = """
import time
from pygeoapi.process.base import BaseProcessor, ProcessorExecuteError
TEXT = {"en": "measures a belt"}
ABOUT = {
    "version": "1", "id": "belt", "title": TEXT, "description": TEXT, "keywords": [], "links": [],
    "jobControlOptions": ["async-execute"],
    "inputs": {"strength": {"title": "s", "schema": {"type": "number"}}},
    "outputs": {"length": {"schema": {"type": "object"}}},
}
class Belt(BaseProcessor):
    def __init__(self, told):
        super().__init__(told, ABOUT)
    def execute(self, data, outputs=None):
        time.sleep(data["strength"])
        if not data["strength"]:
            raise ProcessorExecuteError("the belt tore")
        return "application/json", {"length": 42}
"""


def settings(folder: Path, url: str, port: int) -> dict[str, Any]:
    """A server with that process and no data, two jobs to a page of its list."""
    names = ("name", "position", "address", "city", "stateorprovince", "postalcode", "country",
        "phone", "fax", "email", "url", "hours", "instructions", "role")  # fmt: skip
    text, somebody = {"en": "a test"}, {"name": "x", "url": "http://service.example"}
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": url,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "language": "en-US",
            "limits": {"default_items": 2, "max_items": 2},
            "map": {"url": "http://service.example/{z}/{x}/{y}.png", "attribution": "x"},
            "manager": {
                "name": "TinyDB",
                "connection": str(folder / "jobs.db"),
                "output_dir": str(folder),
            },
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": text,
                "description": text,
                "keywords": {"en": ["test"]},
                "keywords_type": "theme",
                "terms_of_service": "none",
                "url": url,
            },
            "license": somebody,
            "provider": somebody,
            "contact": dict.fromkeys(names, "x"),
        },
        "resources": {"belt": {"type": "process", "processor": {"name": "belts.Belt"}}},
    }


def start(url: str, strength: int) -> str:
    """The id of a job that takes so many seconds."""
    answer = httpx.post(
        f"{url}/processes/belt/execution",
        headers={"Prefer": "respond-async"},
        json={"inputs": {"strength": strength}},
        trust_env=False,
        timeout=60,
    )
    return answer.headers["location"].rpartition("/")[2]


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    programs = environment("pygeoapi==0.21.0").parent
    folder, port = tmp_path_factory.mktemp("pygeoapi"), free_port()
    url = f"http://127.0.0.1:{port}"
    config, openapi = folder / "config.yml", folder / "openapi.yml"
    (folder / "belts.py").write_text(PROCESS)
    config.write_text(json.dumps(settings(folder, url, port)))
    environ = {
        "PYGEOAPI_CONFIG": str(config),
        "PYGEOAPI_OPENAPI": str(openapi),
        "PYTHONPATH": str(folder),
    }
    program = programs / "pygeoapi"
    run(program, "openapi", "generate", config, "--output-file", openapi, environ=environ)
    with running(program, "serve", ready=lambda: is_open(port), environ=environ):
        bad, _, _, good = (start(url, strength) for strength in (0, 0, 0, 2))
        yield Jobs(good, bad, {"JOBCTL_OGC_PROCESS_BASE_URL": url})


class TestPygeoapi(ServerContract):
    provider = "ogc-process"
    missing = "nobody"

    def test_there_are_results_after_a_good_end_alone(self, jobs: Jobs, jobctl: Run) -> None:
        done = jobctl("results", self.provider, jobs.good, "--wait", "-o", "ndjson")
        assert (done.code, done.document) == (0, {"_key": "length", "value": 42})
        assert jobctl("results", self.provider, jobs.bad).code == 5

    def test_the_list_has_all_its_pages(self, jobctl: Run) -> None:
        assert len(jobctl("list", self.provider, "--json").document) == 4
