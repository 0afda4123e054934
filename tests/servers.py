"""Servers that others wrote, for as long as tests need them."""

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import httpx
from environments import ENVIRON
from processes import wait_until

_PATIENCE = 300  # seconds that a server may take to start on a busy machine


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def said(url: str, **more: Any) -> str:
    """What is answered there, nothing unless it is there and good."""
    with suppress(httpx.TransportError):
        answer = httpx.get(url, timeout=5, trust_env=False, **more)
        return answer.text if answer.is_success else ""
    return ""


def is_open(port: int) -> bool:
    """Whether somebody listens on a port."""
    with suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), 5):
        return True
    return False


@contextmanager
def running(
    *command: str | Path,
    ready: Callable[[], bool],
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[None]:
    """A server from when it is ready; with the block it ends, and all that it has started."""
    with (
        TemporaryFile() as log,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=ENVIRON | dict(environ or {}),
            cwd=cwd,
            start_new_session=True,
        ) as process,
    ):
        try:
            wait_until(lambda: process.poll() is not None or ready(), _PATIENCE)
            log.seek(0)
            assert process.poll() is None, log.read().decode()
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(10)
