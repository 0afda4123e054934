"""Which jobs matter most."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence

from jobctl.models import Job, JobRef, JobState

_RANKS = 4
_RANK = {
    JobState.FAILED: 0,
    JobState.PARTIAL: 0,
    JobState.CANCELLED: 0,
    JobState.RUNNING: 1,
    JobState.UNKNOWN: 1,
    JobState.QUEUED: 2,
    JobState.SUCCEEDED: 3,
}


def rank(job: Job | None, *, troubled: bool) -> int:
    """0 for what needs somebody, then what runs, what does not yet, and what is over."""
    if troubled:
        return 0
    return _RANK[JobState.QUEUED if job is None else job.state]


class Ranking:
    """Jobs by rank, those of one rank in the order asked; to move one is cheap."""

    def __init__(self, refs: Sequence[JobRef]) -> None:
        self._refs = list(dict.fromkeys(refs))
        self._places = {ref: place for place, ref in enumerate(self._refs)}
        waiting = rank(None, troubled=False)
        self._rank = dict.fromkeys(self._refs, waiting)
        self._places_of: list[list[int]] = [[] for _ in range(_RANKS)]
        self._places_of[waiting] = list(range(len(self._refs)))

    def __len__(self) -> int:
        return len(self._refs)

    def __iter__(self) -> Iterator[JobRef]:
        """The jobs, those that matter most first."""
        for places in self._places_of:
            for place in places:
                yield self._refs[place]

    def move(self, ref: JobRef, to: int) -> None:
        """Give a job another rank."""
        before, place = self._rank[ref], self._places[ref]
        if to != before:
            del self._places_of[before][bisect_left(self._places_of[before], place)]
            insort(self._places_of[to], place)
            self._rank[ref] = to
