"""`raw`: the service's own body, byte for byte."""

from collections.abc import Sequence
from typing import TextIO

from jobctl.models import Job
from jobctl.render.clean import clean
from jobctl.render.listener import Listener, Verdict
from jobctl.render.streams import write, write_bytes


class RawRenderer(Listener):
    """The body of one job, at the end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        for job in jobs:
            write_body(self._out, job.raw)


def write_body(out: TextIO, body: bytes) -> None:
    """Write a body as it is; on a terminal with its control characters made visible."""
    if out.isatty() or getattr(out, "buffer", None) is None:
        lines = body.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n")
        write(out, "".join(clean(line) + "\n" for line in lines))
    else:
        write_bytes(out, body)
