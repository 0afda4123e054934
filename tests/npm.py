"""Programs from npm that tests run, installed once from their lock file."""

import hashlib
import shutil
import subprocess
from pathlib import Path
from tempfile import mkdtemp

CACHE = Path(__file__).parents[1] / ".cache"


def node() -> str:
    """The interpreter."""
    found = shutil.which("node")
    assert found, "this test needs node and npm"
    return found


def installed(source: Path) -> Path:
    """The folder with the packages that `source` locks, installed unless that was done before."""
    lock = (source / "package-lock.json").read_bytes()
    folder = CACHE / f"{source.name}-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not folder.exists():
        npm = shutil.which("npm")
        assert npm, "this test needs node and npm"
        CACHE.mkdir(exist_ok=True)
        beside = Path(mkdtemp(dir=CACHE))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, beside)
        # what the packages only expect to meet is not what these tests use
        command = [npm, "ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"]
        done = subprocess.run(
            command, cwd=beside, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        try:
            beside.rename(folder)
        except OSError:
            assert folder.exists(), "only another worker may have been faster"
            shutil.rmtree(beside)
    return folder
