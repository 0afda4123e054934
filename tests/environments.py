"""Programs from the package index that tests run, each in an environment of its own.

They are kept in `.cache/` at the root of the repository.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

# As it is before each test: the package index may need the user's own configuration.
ENVIRON = os.environ | {
    "NO_PROXY": "127.0.0.1",
    "no_proxy": "127.0.0.1",
    "PATH": f"{os.environ['PATH']}:/usr/sbin",
}
_CACHE = Path(__file__).parents[1] / ".cache" / "environments"
_NEWEST = "2026-11-29"  # no package that came later: what is installed tomorrow is what was tried


def environment(*requirements: str) -> Path:
    """The Python of an environment that holds packages, made when it is not there yet."""
    told = " ".join((sys.version, _NEWEST, *requirements))
    ready = _CACHE / hashlib.sha256(told.encode()).hexdigest()[:16]
    if not ready.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        fresh = Path(mkdtemp(dir=_CACHE))
        uv = (sys.executable, "-m", "uv", "--quiet")
        run(*uv, "venv", "--relocatable", "--python", sys.executable, fresh)
        run(*uv, "pip", "install", "--exclude-newer", _NEWEST, "--python", fresh, *requirements)
        try:
            fresh.rename(ready)
        except OSError:
            assert ready.exists(), "only another process may have been first"
            shutil.rmtree(fresh)
    return ready / "bin" / "python"


def run(
    program: str | Path,
    *words: str | Path,
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> str:
    """What a program writes; the test fails where the program does."""
    done = subprocess.run(
        [program, *words],
        env=ENVIRON | dict(environ or {}),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
