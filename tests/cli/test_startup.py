"""Start-up is a feature: what a command loads is a list, and lists can be tested."""

import json
import os
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
import json, os, sys
sys.modules["click"] = None  # with click there, as for developers, httpx loads its own command line
from jobctl.cli import main
watched, lines = json.load(sys.stdin)
found = {}
for line in lines:
    os.environ |= {"COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    try:
        code = main(line.split())
    except SystemExit as ended:
        code = ended.code
    assert not code, (line, code)
    found[line] = [name for name in watched if name in sys.modules]
print("\\n", json.dumps(found), sep="\\n", file=sys.stderr)
"""


PROVIDERS = {
    f"jobctl.providers.{one.name.replace('-', '_')}.provider": one.name for one in built_in.found()
}


def loaded(*lines: str, watched: Iterable[str] = HEAVY, **environ: str) -> dict[str, set[str]]:
    """The heavy modules, or others that are watched, that are loaded after each command line.

    They run one after another in one process; where the variables say so, they are completed.
    """
    done = subprocess.run(
        [sys.executable, "-c", LOADED],
        input=json.dumps([list(watched), lines]),
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stderr.rpartition("\n\n")[2])
    return {line: set(names) for line, names in found.items()}


def nothing(*lines: str) -> dict[str, set[str]]:
    return {line: set() for line in lines}


def test_help_and_version_load_nothing_heavy() -> None:
    lines = (
        "--version", "--help", "get --help", "get vas --help", "wait --help", "exit-codes",
        "providers", "completion bash",
    )  # fmt: skip
    assert loaded(*lines) == nothing(*lines)


def test_completion_loads_nothing_heavy(tmp_path: Path) -> None:
    lines = (
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
    )
    file = tmp_path / "config.yaml"
    file.write_text("profiles:\n  work: {}\n")
    environ = {"_JOBCTL_COMPLETE": "complete_bash", "JOBCTL_CONFIG": str(file)}
    assert loaded(*lines, **environ) == nothing(*lines)


def test_what_needs_no_provider_reads_neither_settings_nor_providers() -> None:
    rooms = {"jobctl.config", "jobctl.provider", "jobctl.declared", "jobctl.http"}
    rooms |= {f"jobctl.cli.commands.{other}" for other in ("get", "auth", "config")}
    lines = ("--version", "--help", "wait --help")
    assert loaded(*lines, watched=rooms) == nothing(*lines)


@pytest.mark.measured
def test_completing_many_files_reads_none_of_them_twice(tmp_path: Path) -> None:
    folder = tmp_path / "providers"
    folder.mkdir()
    text = (registry.CATALOGUE / "ray.yaml").read_text()
    for number in range(20):
        (folder / f"ray-{number}.yaml").write_text(text)
    environ = {
        "_JOBCTL_COMPLETE": "complete_zsh",
        "JOBCTL_CONFIG": str(tmp_path / "config.yaml"),
        "JOBCTL_CACHE_DIR": str(tmp_path / "cache"),
    }
    line = "jobctl\x1fget\x1f"
    assert loaded(line, **environ) == {line: {"jmespath", "yaml"}}
    assert loaded(line, **environ) == nothing(line)


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
    ],
)
def test_how_a_service_is_asked_is_imported_for_those_that_are_asked(
    line: str, providers: list[str], service: Any, every_section: dict[str, str]
) -> None:
    line = line.replace("URL", service.url)
    found = loaded(line, watched=PROVIDERS, **every_section)[line]
    assert sorted(PROVIDERS[module] for module in found) == providers


def test_nor_is_it_for_those_that_are_only_told_of(every_section: dict[str, str]) -> None:
    lines = (
        "get vas --help", "get --help", "list --help", "results --help", "providers --json",
        "providers show modelarts", "history",
    )  # fmt: skip
    assert loaded(*lines, watched=PROVIDERS, **every_section) == nothing(*lines)


@pytest.mark.usefixtures("account")
def test_looking_over_plain_http_builds_no_ssl_context_and_draws_nothing(service: Any) -> None:
    service.answers = {"1": [(200, {"status": "Completed"})]}
    lines = [f"get cognite 1 -o {format_}" for format_ in ("json", "ndjson", "table", "ids")]
    watched = {*HEAVY, "importlib.metadata"}  # a plug-in cannot be called cognite
    for line, found in loaded(*lines, watched=watched).items():
        assert found <= {"httpx", "ssl"}, line
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
