"""Which jobs matter most."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from enum import IntEnum

from jobctl.models import Job, JobRef, JobState


class Rank(IntEnum):
    """How much a job matters to who looks on, the lowest most."""

    TROUBLED = 0
    LOST = 1
    RUNNING = 2
    WAITING = 3
    DONE = 4


_RANK = {
    JobState.FAILED: Rank.LOST,
    JobState.PARTIAL: Rank.LOST,
    JobState.CANCELLED: Rank.LOST,
    JobState.RUNNING: Rank.RUNNING,
    JobState.UNKNOWN: Rank.RUNNING,
    JobState.QUEUED: Rank.WAITING,
    JobState.SUCCEEDED: Rank.DONE,
}


def rank(job: Job | None) -> Rank:
    """How much a job matters of which all is well known."""
    return Rank.WAITING if job is None else _RANK[job.state]


class Ranking:
    """Jobs by rank, those of one rank in the order asked; to move one is cheap."""

    def __init__(self, refs: Sequence[JobRef]) -> None:
        self._refs = list(dict.fromkeys(refs))
        self._places = {ref: place for place, ref in enumerate(self._refs)}
        self._rank = dict.fromkeys(self._refs, Rank.WAITING)
        self._places_of: dict[Rank, list[int]] = {one: [] for one in Rank}
        self._places_of[Rank.WAITING] = list(range(len(self._refs)))

    def __len__(self) -> int:
        return len(self._refs)

    def of(self, *ranks: Rank) -> Iterator[JobRef]:
        """The jobs of these ranks."""
        for one in ranks:
            for place in self._places_of[one]:
                yield self._refs[place]

    def move(self, ref: JobRef, to: Rank) -> None:
        """Give a job another rank."""
        before, place = self._rank[ref], self._places[ref]
        if to != before:
            del self._places_of[before][bisect_left(self._places_of[before], place)]
            insort(self._places_of[to], place)
            self._rank[ref] = to
