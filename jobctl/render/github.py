"""GitHub Actions: a group around the progress, annotations, step outputs and a step summary.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TextIO

from jobctl.models import Job, JobState
from jobctl.render.clean import clean
from jobctl.render.listener import Verdict
from jobctl.render.problem import Cases, Problem, ProblemReport
from jobctl.render.progress import Fold
from jobctl.render.streams import write_line
from jobctl.render.words import span, standing

# An annotation is a note beside the log, which has room for some lines; the document has all.
_ITEMS = 10
# The runner drops a summary of more than 1 MiB, all that a step wrote together.
_ROOM = 1024 * 1024
_LONGEST = 300
_WORST_FIRST = (
    JobState.FAILED,
    JobState.CANCELLED,
    JobState.PARTIAL,
    JobState.UNKNOWN,
    JobState.RUNNING,
    JobState.QUEUED,
    JobState.SUCCEEDED,
)


class Group(Fold):
    """A group in the log, which opens on a click."""

    def begin(self, title: str) -> str:
        return _command("group", title)

    def end(self) -> str:
        return _command("endgroup", "")


class GitHubReport(ProblemReport):
    """An annotation for each job with a problem, and the files that the runner names."""

    def __init__(self, err: TextIO, *, environ: Mapping[str, str], partial_ok: bool) -> None:
        super().__init__(partial_ok=partial_ok)
        self._err = err
        self._environ = environ

    def report(self, cases: Cases, verdict: Verdict) -> None:
        for job, wrong in cases:
            if wrong is not None:
                write_line(self._err, _annotation(job, wrong))
        states = (job.state for job, _ in cases)
        state = min(states, key=_WORST_FIRST.index, default=JobState.UNKNOWN)
        outputs = {"state": state, "verdict": verdict.verdict, "exit_code": verdict.exit_code}
        # All three are words of ours, without a line end that would have to be fenced off.
        lines = "".join(f"{name}={value}\n" for name, value in outputs.items())
        self._append("GITHUB_OUTPUT", lambda _: lines)
        self._append("GITHUB_STEP_SUMMARY", lambda room: _summary(cases, verdict, room))

    def _append(self, variable: str, text: Callable[[int], str]) -> None:
        """Add a text, made for so many bytes, to a file that the runner reads."""
        path = self._environ.get(variable)
        if path:
            with open(path, "a", encoding="utf-8", newline="\n", opener=_opened) as file:
                file.write(text(_ROOM - file.tell()))


def _opened(path: str, flags: int) -> int:
    """A file, or a pipe that somebody reads: no other is waited for."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0), 0o666)


def _command(name: str, message: str, **properties: str) -> str:
    """A line that the runner obeys."""
    told = ",".join(f"{key}={_escaped(value, ':,')}" for key, value in properties.items())
    return f"::{name}{' ' if told else ''}{told}::{_escaped(message)}"


def _escaped(text: str, more: str = "") -> str:
    return re.sub(f"[%\r\n{more}]", lambda found: f"%{ord(found[0]):02X}", text)


def _annotation(job: Job, wrong: Problem) -> str:
    more = len(wrong.items) - _ITEMS
    rest = [f"+{more} more"] if more > 0 else []
    lines = [wrong.message, *wrong.items[:_ITEMS], *rest]
    return _command("error", "\n".join(map(clean, lines)), title=clean(f"{job.ref} {wrong.kind}"))


def _summary(cases: Cases, verdict: Verdict, room: int) -> str:
    """A table of as many jobs as there is room for, in bytes."""
    title = f"### jobctl: {verdict.verdict} (exit code {verdict.exit_code})"
    text = f"\n{title}\n\n" + _line(["Job", "State", "Progress", "Run time", "Message"])
    text += _line(["---"] * 5)
    more = "\n{} more jobs: there is no room for them here.\n"
    left = room - len(text.encode()) - len(more) - len(str(len(cases)))
    if left < 0:
        return ""
    lines: list[str] = []
    for job, wrong in cases:
        line = _line([_cell(cell) for cell in _row(job, wrong)])
        left -= len(line.encode())
        if left < 0:
            break
        lines.append(line)
    text += "".join(lines)
    return text + more.format(len(cases) - len(lines)) if len(lines) < len(cases) else text


def _line(row: Sequence[str]) -> str:
    return f"| {' | '.join(row)} |\n"


def _row(job: Job, wrong: Problem | None) -> Iterator[str]:
    yield str(job.ref)
    yield job.state.value
    yield standing(job.progress)
    yield "" if job.duration_seconds is None else span(job.duration_seconds)
    yield (job.message or "") if wrong is None else wrong.message


def _cell(text: str) -> str:
    """The text on one line of which Markdown takes nothing for itself."""
    text = clean(text)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "\N{HORIZONTAL ELLIPSIS}"
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
