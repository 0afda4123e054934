"""The process's own streams and environment, for the commands."""

import io
import os
import sys

from jobctl.commands import Terminal


def terminal() -> Terminal:
    """The streams as they are now; one that the caller closed swallows or gives nothing."""
    return Terminal(
        sys.stdout or io.StringIO(),
        sys.stderr or io.StringIO(),
        sys.stdin or io.StringIO(),
        os.environ,
    )
