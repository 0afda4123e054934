"""Few threads and few descriptors: a command goes on with those that there are."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable

import pytest
from slowly import others

pytestmark = pytest.mark.measured

_GIB = 2**30
FAILED = "vas/video-analyze/f18320e61e4c4dc685aa2dfc22a28dc5"


def threads(number: int) -> Callable[[], None]:
    """So many at most: there is no more room for stacks. It is kept for root, too."""

    def limit() -> None:
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        resource.setrlimit(resource.RLIMIT_STACK, (_GIB, hard))
        resource.setrlimit(resource.RLIMIT_AS, ((number + 1) * _GIB,) * 2)

    return limit


def files(number: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


def run(limit: Callable[[], None], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jobctl", *words],
        preexec_fn=limit,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("limit", [threads(2), files(16), *others(threads(8), files(24))])
def test_a_wait_for_thirty_jobs_goes_on_with_what_there_is(limit: Callable[[], None]) -> None:
    done = run(limit, "wait", *[FAILED] * 30, "--profile", "sandbox", "-o", "json", "--quiet")
    assert (done.returncode, done.stderr) == (10, "")
    assert [job["state"] for job in json.loads(done.stdout)] == ["failed"] * 30


def test_a_sandbox_without_a_thread_says_so() -> None:
    done = run(threads(0), "wait", FAILED, "--profile", "sandbox")
    assert done.returncode == 6
    assert "gives none" in done.stderr
    assert "ulimit -u" in done.stderr
