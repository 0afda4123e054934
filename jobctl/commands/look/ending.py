"""What is told at the end of a look at jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from jobctl.errors import ExitCode, JobctlError
from jobctl.formats import DOCUMENTS
from jobctl.models import Job, JobRef, JobState
from jobctl.render.listener import Verdict
from jobctl.stream.outcome import Outcome

_NAMED = 10


def verdict(outcome: Outcome) -> Verdict:
    """How a wait ended."""
    return Verdict(
        outcome.word(),
        outcome.exit_code(by_state=True),
        len(outcome.jobs),
        outcome.states(),
        outcome.elapsed,
        _cut_short(outcome),
    )


def _cut_short(outcome: Outcome) -> str | None:
    if outcome.signal is not None:
        return "interrupted"
    return "timeout" if outcome.timed_out else None


def jobs_shown(outcome: Outcome, refs: Sequence[JobRef], *, all_of_them: bool) -> list[Job]:
    """The jobs as last seen, with `all_of_them` also those that were never seen."""
    # fewer references than jobs: the wait ended while they were read
    return [
        job or Job(ref=ref, state=JobState.UNKNOWN, status=None)
        for ref, job in zip(refs, outcome.jobs, strict=False)
        if job or all_of_them
    ]


def last_words(outcome: Outcome, refs: Sequence[JobRef], silence: Iterable[str]) -> Iterator[str]:
    """Why a wait ended before its jobs; `silence` is what was heard of those that are silent."""
    left = some([ref for which, ref in enumerate(refs) if not outcome.over(which)])
    if outcome.timed_out:
        yield f"timed out; not ended: {left}" if left else "timed out before the jobs were known"
        yield from (f"what was heard last: {why}" for why in silence)
    elif outcome.signal not in (None, ExitCode.SIGPIPE):
        yield f"interrupted; the jobs go on: {left}" if left else "interrupted"


def ended_without(outcome: Outcome) -> list[JobRef]:
    """The jobs that ended without being as `--for` says."""
    return [
        job.ref
        for which, job in enumerate(outcome.jobs)
        if job is not None and job.state.ended and which not in outcome.met
    ]


def some(refs: Sequence[JobRef]) -> str:
    """The references, but not too many of them."""
    more = f" and {len(refs) - _NAMED} more" if len(refs) > _NAMED else ""
    return ", ".join(map(str, refs[:_NAMED])) + more


def errors(outcome: Outcome, format: str) -> Iterator[JobctlError]:
    """The errors that ended the looks; who reads them as text needs a hint once."""
    hints = set()
    for error in outcome.given_up():
        if format not in DOCUMENTS:
            error.hint = None if error.hint in hints else error.hint
            hints.add(error.hint)
        yield error
