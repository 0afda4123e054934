"""`json` and `ndjson`: exact when parsed, inert on a terminal."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TextIO

from jobctl.models import Job
from jobctl.render import Renderer, Verdict
from jobctl.render.clean import HIDDEN
from jobctl.render.query import Selector
from jobctl.render.streams import write

_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|Infinity')
_NUMBERS = {"NaN": "null", "Infinity": "1e999"}


def encode(value: Any, indent: int | None = None) -> str:
    """A value as JSON, with `\\u` escapes for hidden characters; lone surrogates included."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    except ValueError:
        # A body may hold 1e999, which Python reads as infinity: its word for that is no JSON.
        text = json.dumps(value, ensure_ascii=False, indent=indent)
        text = _WORD.sub(lambda word: _NUMBERS.get(word[0], word[0]), text)
    # Inside strings `json` has escaped all below U+0020: what is left of those is indentation.
    return "\n".join(
        line if line.isprintable() else HIDDEN.sub(_escape, line) for line in text.split("\n")
    )


def _escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass").hex()
    return re.sub("....", r"\\u\g<0>", units)


class JsonRenderer(Renderer):
    """One object, or an array of them, at the end."""

    def __init__(
        self,
        out: TextIO,
        document: Callable[[Job], dict[str, Any]],
        select: Selector,
        *,
        single: bool,
    ) -> None:
        self._out = out
        self._document = document
        self._select = select
        self._single = single

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:  # noqa: ARG002
        write(self._out, encode(self._select(whole(jobs, self._document, self._single)), 2) + "\n")


class NdjsonRenderer(Renderer):
    """An object a line: while waiting for each change and the verdict, else for each job."""

    def __init__(
        self,
        out: TextIO,
        document: Callable[[Job], dict[str, Any]],
        select: Selector,
        *,
        waiting: bool,
    ) -> None:
        self._out = out
        self._document = document
        self._select = select
        self._waiting = waiting

    def changed(self, job: Job) -> None:
        if self._waiting:
            self._line(self._select(self._document(job)))

    def heartbeat(self, states: Mapping[str, int], elapsed: float) -> None:
        self._line(
            {
                "schema": "jobctl.heartbeat/v1",
                "jobs": sum(states.values()),
                "states": dict(states),
                "elapsed_seconds": round(elapsed, 3),
            }
        )

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        if not self._waiting:
            for job in jobs:
                self._line(self._select(self._document(job)))
        if verdict is not None:
            self._line(verdict.document())

    def _line(self, value: Any) -> None:
        write(self._out, encode(value) + "\n")


def whole(jobs: Sequence[Job], document: Callable[[Job], dict[str, Any]], single: bool) -> Any:
    """The document of a format that has one: an object (null if never seen), or an array."""
    documents = [document(job) for job in jobs]
    if single:
        return documents[0] if documents else None
    return documents
