"""`ids`: full references, one a line."""

from collections.abc import Sequence
from typing import TextIO

from jobctl.models import Job
from jobctl.render.clean import clean
from jobctl.render.listener import Listener, Verdict
from jobctl.render.streams import write


class IdsRenderer(Listener):
    """The references of all jobs, at the end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        write(self._out, "".join(clean(str(job.ref)) + "\n" for job in jobs))
