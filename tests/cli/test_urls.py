"""A pasted URL belongs to the provider whose service lies there."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jobctl.cli.sources import use_providers

RAY = Path(__file__).parent.parent / "declared" / "files" / "ray.yaml"


@pytest.fixture(autouse=True)
def _files_are_forgotten() -> Iterator[None]:
    yield
    use_providers([])


def answer(asked: Any) -> tuple[int, Any]:
    return 200, {"status": "SUCCEEDED", "submission_id": asked.path.rpartition("/")[2]}


@pytest.mark.parametrize("place", ["one", "two"])
def test_of_two_with_the_same_paths_it_is_the_one_that_is_there(
    place: str,
    served: Callable[..., Any],
    jobctl: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(RAY.read_text())
    (tmp_path / "broken.yaml").write_text("title: [")
    files = [word for path in sorted(tmp_path.iterdir()) for word in ("--provider-file", str(path))]
    with served(answer) as url:
        for name in ("one", "two"):
            monkeypatch.setenv(f"JOBCTL_{name.upper()}_BASE_URL", f"{url}/{name}")
        ran = jobctl(*files, "get", f"{url}/{place}/api/jobs/a", "-q", "ref")
        assert ran.document == f"{place}/a"
        elsewhere = jobctl(*files, "get", f"{url}/three/api/jobs/a")
    assert (elsewhere.code, "that URL is not of" in elsewhere.err) == (2, True)


def test_one_that_is_not_set_up_is_not_there(
    jobctl: Any, service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = RAY.read_text().replace('default: "http://127.0.0.1:8265", ', "help: where it lies, ")
    files = []
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(text)
        files += ["--provider-file", str(tmp_path / f"{name}.yaml")]
    monkeypatch.setenv("JOBCTL_TWO_BASE_URL", service.url)
    ran = jobctl(*files, "get", f"{service.url}/api/jobs/a", "--json")
    assert (ran.code, ran.error["provider"]) == (5, "two")


PAGED = """\
title: CI run
settings: {base_url: {env: [CI_URL], default: "BASE/api"}}
ids: [{name: repo, rest: true}, {name: run}]
pages: ["https://ci.example/{+repo}/{_}/runs/{run}", "/{+repo}/-/ci-runs/{run}"]
get: {path: "/repos/{repo}/runs/{run}"}
job: {status: s, states: {succeeded: [d]}}
"""


@pytest.fixture
def paged(served: Callable[..., Any], tmp_path: Path) -> Iterator[tuple[str, list[str]]]:
    """A service that has pages on a host of its own and beside its API, and its file."""
    with served(lambda _: (200, {"s": "d"})) as url:
        (tmp_path / "ci.yaml").write_text(PAGED.replace("BASE", url))
        yield url, ["--provider-file", str(tmp_path / "ci.yaml"), "-o", "ids"]


def test_the_page_of_a_job_is_the_job(jobctl: Any, paged: Any) -> None:
    url, words = paged
    for page in (
        f"{url}/octo/sub/-/ci-runs/7",
        f"{url}/octo%2Fsub/-/ci-runs/7/?tab=log#line-1",
        "https://ci.example/octo/sub/main/runs/7/jobs/8",
    ):
        for asked in (("get", page), ("get", "ci", page), ("wait", page)):
            ran = jobctl(*asked, *words)
            assert (ran.code, ran.out) == (0, "ci/octo/sub/7\n"), ran.err


def test_a_page_is_of_the_service_that_it_shows(
    jobctl: Any, paged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, words = paged
    monkeypatch.setenv("CI_URL", f"{url}/another")
    ran = jobctl("get", "https://ci.example/octo/sub/main/runs/7", *words)
    assert (ran.code, f"that URL is not of {url}/another" in ran.err) == (2, True)
    assert jobctl("get", f"{url}/octo/sub/-/ci-runs/7", *words).code == 0
    elsewhere = jobctl("get", "https://other.example/octo/sub/-/ci-runs/7", *words)
    assert (elsewhere.code, "is not the API URL of a job" in elsewhere.err) == (2, True)
    assert jobctl("get", "https://ci.example/octo/sub/pulls/7", *words).code == 2
