"""Start-up is a feature: what a command loads is a list, and lists can be tested."""

import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from jobctl import registry
from jobctl.__main__ import main as program
from jobctl.errors import ExitCode, Interrupted
from jobctl.registry import built_in
from jobctl.signals import ENDING

HEAVY = {"httpx", "rich", "yaml", "jmespath", "ssl", "asyncio", "pydantic", "keyring", "filelock"}
LOADED = """
import sys
sys.modules["click"] = None  # with click there, as for developers, httpx loads its own command line
from jobctl.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as ended:
    code = ended.code
print("\\n", *sorted(set(sys.argv[0].split(",")) & set(sys.modules)), sep="\\n", file=sys.stderr)
sys.exit(code)
"""


PROVIDERS = {
    f"jobctl.providers.{one.name.replace('-', '_')}.provider": one.name for one in built_in.found()
}


def loaded(*words: str, watched: Iterable[str] = HEAVY, **environ: str) -> set[str]:
    """The heavy modules that a command line loads, or others that are watched."""
    import os

    program = LOADED.replace("sys.argv[0]", repr(",".join(watched)))
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.rpartition("\n\n")[2].split())


@pytest.mark.parametrize(
    "words",
    [
        ["--version"],
        ["--help"],
        ["get", "--help"],
        ["get", "vas", "--help"],
        ["wait", "--help"],
        ["exit-codes"],
        ["providers"],
        ["completion", "bash"],
    ],
    ids=" ".join,
)
def test_help_and_version_load_nothing_heavy(words: list[str]) -> None:
    assert loaded(*words) == set()


@pytest.mark.parametrize(
    "line",
    [
        "jobctl ",
        "jobctl get ",
        "jobctl get nothing ",
        "jobctl get cognite ",
        "jobctl get cognite --profile ",
        "jobctl get cognite --set ",
        "jobctl wait ",
        "jobctl wait @",
        "jobctl list modzy --sort ",
        "jobctl wait --exit-map ",
        "jobctl get cognite 1 -c ",
    ],
)
def test_completion_loads_nothing_heavy(line: str, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("profiles:\n  work: {}\n")
    environ = {
        "_JOBCTL_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(line.count(" ")),
        "JOBCTL_CONFIG": str(file),
    }
    assert loaded(**environ) == set()


@pytest.mark.parametrize("line", ["--version", "--help", "wait --help"])
def test_what_needs_no_provider_reads_neither_settings_nor_providers(line: str) -> None:
    rooms = {"jobctl.config", "jobctl.provider", "jobctl.declared", "jobctl.http"}
    rooms |= {f"jobctl.cli.commands.{other}" for other in ("get", "auth", "config")}
    assert loaded(*line.split(), watched=rooms) == set()


@pytest.mark.measured
def test_completing_many_files_reads_none_of_them_twice(tmp_path: Path) -> None:
    folder = tmp_path / "providers"
    folder.mkdir()
    text = (registry.CATALOGUE / "ray.yaml").read_text()
    for number in range(20):
        (folder / f"ray-{number}.yaml").write_text(text)
    environ = {
        "_JOBCTL_COMPLETE": "complete_zsh",
        "COMP_WORDS": "jobctl\x1fget\x1f",
        "JOBCTL_CONFIG": str(tmp_path / "config.yaml"),
        "JOBCTL_CACHE_DIR": str(tmp_path / "cache"),
    }
    assert loaded(**environ) == {"jmespath", "yaml"}
    assert loaded(**environ) == set()


EVERY_SECTION = """
profiles:
  default:
    cognite: {project: p, base_url: URL, token: made-up}
    modzy: {base_url: URL, api_key: made.up}
    huawei: {region: cn-north-4, project_id: p, token: made-up}
    modelarts: {base_url: URL, offset_mode: page}
    vas: {base_url: URL, service_name: video-analyze}
    oracle-content: {base_url: URL, token: made-up}
"""


@pytest.fixture
def every_section(service: Any, tmp_path: Path) -> dict[str, str]:
    """The variable for a profile with a section for every provider and every account."""
    file = tmp_path / "config.yaml"
    file.write_text(EVERY_SECTION.replace("URL", service.url))
    file.chmod(0o600)
    service.answers = {
        "1": [(200, {"status": "Completed"})],
        "t1": [(200, {"state": "SUCCEEDED"})],
    }
    return {"JOBCTL_CONFIG": str(file)}


@pytest.mark.parametrize(
    ("line", "providers"),
    [
        ("get cognite 1 --json", ["cognite"]),
        ("wait cognite/1 vas/video-analyze/t1 --json", ["cognite", "vas"]),
        ("wait URL/v2/p/services/video-analyze/tasks/t1 --json", ["vas"]),
        ("get vas --help", []),
        ("get --help", []),
        ("list --help", []),
        ("results --help", []),
        ("providers --json", []),
        ("providers show modelarts", []),
        ("history", []),
    ],
)
def test_how_a_service_is_asked_is_imported_for_those_that_are_asked(
    line: str, providers: list[str], service: Any, every_section: dict[str, str]
) -> None:
    words = line.replace("URL", service.url).split()
    found = loaded(*words, watched=PROVIDERS, **every_section)
    assert sorted(PROVIDERS[module] for module in found) == providers


@pytest.mark.usefixtures("account")
def test_looking_over_plain_http_builds_no_ssl_context_and_draws_nothing(service: Any) -> None:
    service.answers = {"1": [(200, {"status": "Completed"})]}
    for format_ in ("json", "ndjson", "table", "ids"):
        watched = {*HEAVY, "importlib.metadata"}  # a plug-in cannot be called cognite
        found = loaded("get", "cognite", "1", "-o", format_, watched=watched)
        assert found <= {"httpx", "ssl"}
    program = (
        "import ssl, sys\n"
        "class Context(ssl.SSLContext):\n"
        "    def __new__(cls, *_): raise AssertionError('an SSL context for plain http')\n"
        "ssl.SSLContext = Context\n"
        "from jobctl.cli import main\n"
        "sys.exit(main(['get', 'cognite', '1', '-o', 'ids']))\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_signal_while_modules_are_loaded_leaves_no_traceback() -> None:
    program = (
        "import os, signal, sys\n"
        "class Interrupting:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'jobctl.cli': os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupting())\n"
        "from jobctl.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


@pytest.mark.parametrize(("late", "code"), [(False, 0), (True, 130)])
def test_a_signal_when_all_is_done_changes_nothing_any_more(
    late: bool, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run() -> int:
        if late:
            raise Interrupted(ExitCode.SIGINT)
        return 0

    kept = {number: signal.getsignal(number) for number in ENDING}
    monkeypatch.setattr("jobctl.cli.main", run)
    try:
        assert program() == code
        for number in ENDING:
            signal.raise_signal(number)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def test_python_without_docstrings_and_asserts_says_the_same() -> None:
    program = (
        "from jobctl.cli import main\n"
        "main(['--help'])\n"
        "for verb in 'get wait watch list results providers history config sandbox'.split():\n"
        "    main([verb, '--help'])\n"
        "for name in ('cognite', 'modzy', 'vas', 'modelarts', 'oracle-content', 'ray'):\n"
        "    main(['get', name, '--help'])\n"
        "    main(['list', name, '--help'])\n"
        "    main(['results', name, '--help'])\n"
        "    main(['providers', 'show', name])\n"
    )
    said = [
        subprocess.run([sys.executable, *options, "-c", program], capture_output=True, check=True)
        for options in ([], ["-OO"])
    ]
    assert said[0].stdout == said[1].stdout
    assert said[0].stderr == said[1].stderr == b""
