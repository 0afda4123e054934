"""`raw`: the service's own body, byte for byte."""

from collections.abc import Sequence
from typing import TextIO

from jobctl.models import Job
from jobctl.render.clean import clean
from jobctl.render.listener import Listener, Verdict
from jobctl.render.streams import write


class RawRenderer(Listener):
    """The body of one job, at the end; on a terminal with its control characters made visible."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        for job in jobs:
            buffer = getattr(self._out, "buffer", None)
            if self._out.isatty() or buffer is None:
                text = job.raw.decode("utf-8", "backslashreplace")
                lines = text.removesuffix("\n").split("\n")
                write(self._out, "".join(clean(line) + "\n" for line in lines))
            else:
                self._out.flush()
                buffer.write(job.raw)
                buffer.flush()
