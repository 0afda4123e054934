"""No test sees the configuration, the credentials or the caches of whoever runs it."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

import jobctl
from jobctl.masking import secrets
from jobctl.signals import ENDING, listen

# A busy machine is slow, not wrong. The same examples every time: what fails was broken by the
# change that is tested. Others are tried weekly.
PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("jobctl", max_examples=30, derandomize=True, **PATIENT)
settings.register_profile("others", max_examples=1_000, **PATIENT)
settings.load_profile("jobctl")

# What one process has compiled the others take, whoever would have it otherwise: hundreds of
# programs start here.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: a quarter of the time tests wait for programs."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(trylast=True)  # when coverage has begun
def pytest_sessionstart(session: pytest.Session) -> None:
    """For all the tests each worker compiles a share, and reads what the others have compiled."""
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is None or config.args != config.getini("testpaths"):
        return
    tests = Path(__file__).parent
    files = sorted(tests.rglob("test_*.py"))
    for file in files[int(worker["workerid"].removeprefix("gw")) :: worker["workercount"]]:
        with suppress(Exception, pytest.skip.Exception):  # what is wrong is told in its turn
            import_module(".".join(file.relative_to(tests.parent).with_suffix("").parts))


@pytest.hookimpl(trylast=True)  # after hypothesis has marked its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("hypothesis"):
            item.add_marker("no_cover")  # no line is covered by luck, nor half of the time lost
    # what takes longest begins first: nobody waits for it in the end
    items.sort(key=lambda item: item.path.name != "test_workshop.py")


def pytest_collection_finish() -> None:
    # examples hold constants of what is imported: all of jobctl, whatever ran before
    for module in walk_packages(jobctl.__path__, "jobctl."):
        import_module(module.name)
    # what thousands of tests are made of stays: it need not be looked through for garbage
    gc.freeze()


# Under nohup and the like signals are ignored, and so would they be by the programs that tests run.
for number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.SIG_DFL)

VENDORS = ("CDF_", "IDP_", "COGNITE_", "MODZY_", "HUAWEICLOUD_", "HW_", "OS_", "JOBCTL_", "_JOBCTL")
OTHERS = (
    "PYTHONUNBUFFERED",
    "LOGIN_FLOW",
    "PROVIDER",
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM",
    "COLUMNS",
    "CI",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
)


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Names of folders; pytest's own would look through all the others for each."""
    folder = tmp_path_factory.mktemp("homes")
    return (folder / str(number) for number in count())


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, _homes: Iterator[Path]) -> None:
    for name in list(os.environ):
        if name.startswith(VENDORS) or name in OTHERS or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    home = next(_homes)
    home.mkdir(mode=0o700)
    for name in ("HOME", *(f"XDG_{kind}_HOME" for kind in ("CONFIG", "CACHE", "STATE", "DATA"))):
        monkeypatch.setenv(name, str(home))
    # the keyring of whoever runs the tests is none of theirs, and need not answer
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


@pytest.fixture(autouse=True)
def _programs_run_unmeasured(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for those that tests marked `measured` run: coverage costs half of their time.

    Nor does any signal come upon its lock there, which then stays taken for ever.
    """
    if request.node.get_closest_marker("measured") is None:
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture(autouse=True)
def _no_secret_outlives_its_test() -> Iterator[None]:
    yield
    secrets._hidden.clear()
    secrets._probes.clear()


@pytest.fixture
def signals() -> Iterator[None]:
    """Signals as a command obeys them, also where the tests' caller ignores them."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ENDING}
    listen()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def root() -> Path:
    """The root of the repository."""
    return Path(__file__).parent.parent
