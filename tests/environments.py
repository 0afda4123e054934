"""Programs from the package index that tests run, each in an environment of its own.

They are kept in `.cache/` at the root of the repository.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
# As it is before each test: the package index may need the user's own configuration.
ENVIRON = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def environment(requirement: str) -> Path:
    """The Python of an environment that holds a package, made when it is not there yet."""
    ready = ROOT / ".cache" / "sdk" / requirement.replace("==", "-")
    if not ready.exists():
        fresh = ready.with_name(f"{ready.name}.{os.getpid()}")
        shutil.rmtree(fresh, ignore_errors=True)
        run(Path(sys.executable), "-m", "venv", str(fresh))
        run(fresh / "bin" / "python", "-m", "pip", "install", "--quiet", requirement)
        try:
            fresh.rename(ready)
        except OSError:  # another process was first
            shutil.rmtree(fresh)
    return ready / "bin" / "python"


def run(python: Path, *words: str) -> str:
    """What a program writes; the test fails where the program does."""
    done = subprocess.run(
        [python, *words], env=ENVIRON, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
