"""Start-up is a feature: what a command loads is a list, and lists can be tested."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HEAVY = {"httpx", "rich", "yaml", "jmespath", "ssl", "asyncio", "pydantic", "keyring"}
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


def loaded(*words: str, **environ: str) -> set[str]:
    """The heavy modules that a command line loads."""
    import os

    program = LOADED.replace("sys.argv[0]", repr(",".join(HEAVY)))
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


@pytest.mark.usefixtures("account")
def test_looking_over_plain_http_builds_no_ssl_context_and_draws_nothing(service: Any) -> None:
    service.answers = {"1": [(200, {"status": "Completed"})]}
    for format_ in ("json", "ndjson", "table", "ids"):
        assert loaded("get", "cognite", "1", "-o", format_) <= {"httpx", "ssl"}
    program = (
        "import ssl, sys\n"
        "class Context(ssl.SSLContext):\n"
        "    def __new__(cls, *_): raise AssertionError('an SSL context for plain http')\n"
        "ssl.SSLContext = Context\n"
        "from jobctl.cli import main\n"
        "sys.exit(main(['get', 'cognite', '1', '-o', 'ids']))\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
