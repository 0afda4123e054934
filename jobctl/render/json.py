"""`json` and `ndjson`: exact when parsed, inert on terminals and in logs."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, TextIO

from jobctl.models import Job
from jobctl.record import written
from jobctl.render.clean import HIDDEN, SECOND_HASH
from jobctl.render.listener import Listener, Verdict
from jobctl.render.query import Selector
from jobctl.render.streams import write


def encode(value: Any, indent: int | None = None) -> str:
    """A value as JSON, with `\\u` escapes for hidden characters; lone surrogates included."""
    return inert(written(value, indent))


def inert(text: str) -> str:
    """JSON with `\\u` escapes for what terminals and logs would obey or hide; line breaks stay."""
    # Inside strings JSON has escaped all below U+0020: what is left of those is indentation.
    lines = (line if line.isprintable() else HIDDEN.sub(_escape, line) for line in text.split("\n"))
    text = "\n".join(lines)
    return SECOND_HASH.sub(r"\\u0023", text) if "##" in text else text


def pretty(value: Any) -> str:
    """A value as a JSON document for people, with its last newline."""
    return encode(value, 2) + "\n"


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return re.sub("....", r"\\u\g<0>", units)


@dataclass(eq=False, repr=False)
class NdjsonRenderer(Listener):
    """An object a line: while waiting for each change and the verdict, else for each job."""

    out: TextIO
    document: Callable[[Job], dict[str, Any]]
    select: Selector
    _: KW_ONLY
    waiting: bool

    def changed(self, job: Job) -> None:
        if self.waiting:
            self._line(self.select(self.document(job)))

    def heartbeat(self, jobs: int, states: Mapping[str, int], elapsed: float) -> None:
        self._line(
            {
                "schema": "jobctl.heartbeat/v1",
                "jobs": jobs,
                "states": dict(states),
                "elapsed_seconds": round(elapsed, 3),
            }
        )

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        if not self.waiting:
            for job in jobs:
                self._line(self.select(self.document(job)))
        if verdict is not None:
            self._line(verdict.document())

    def _line(self, value: Any) -> None:
        write(self.out, encode(value) + "\n")
