"""What a service refuses: how much is asked of it afterwards, and how soon as much as before."""

import random
import threading
from collections.abc import Callable

import pytest
from crowd import DONE, RUNNING, Crowd
from simulated import DistantClock

from jobctl.errors import JobctlError, ThrottledError
from jobctl.models import Job
from jobctl.stream.watch import Seen

AWAY = 0.05
PAUSES = pytest.mark.parametrize("pause", [None, 1.0], ids=["429", "Retry-After: 1"])


class Service:
    """Refuses as it likes; its jobs end evenly over so many seconds."""

    def __init__(
        self,
        refuses: Callable[[int, int, float], bool],
        pause: float | None,
        *,
        jobs: int = 1000,
        ends: float = 0.0,
    ) -> None:
        self.refuses = refuses
        self.pause = pause
        self.jobs = jobs
        self.ends = ends
        self.lock = threading.Lock()
        self.looks = [0] * jobs
        self.refused: list[float] = []

    def say(self, which: int, now: float) -> Job | JobctlError:
        with self.lock:
            self.looks[which] += 1
            if self.refuses(which, self.looks[which], now):
                self.refused.append(now)
                return ThrottledError("429", transient=True, retry_after=self.pause)
        return DONE if now >= self.ends * which / self.jobs else RUNNING

    def wait(self) -> Crowd:
        crowd = Crowd(self.jobs, self.say, DistantClock(AWAY))
        events = crowd.wait()
        done = {event.which for event in events if isinstance(event, Seen) and event.job is DONE}
        assert len(done) == self.jobs
        return crowd


def by_chance(share: float, seed: int = 0) -> Callable[[int, int, float], bool]:
    """So many, whatever is asked when."""
    return lambda which, look, now: random.Random(f"{seed} {which} {look}").random() < share


class Bucket:
    """As many as there are tokens, of which some come back each second."""

    def __init__(self, per_second: float, most: float) -> None:
        self.per_second = per_second
        self.most = self.left = most
        self.since = 0.0

    def __call__(self, which: int, look: int, now: float) -> bool:
        self.left = min(self.left + (now - self.since) * self.per_second, self.most)
        self.since = now
        empty = self.left < 1.0
        self.left -= not empty
        return empty


@PAUSES
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(one, marks=pytest.mark.slow) for one in (1, 2))]
)
@pytest.mark.parametrize("ends", [0.0, pytest.param(60.0, marks=pytest.mark.slow)])
def test_a_wait_with_three_refusals_in_a_hundred_takes_three_times_as_long_at_most(
    ends: float, seed: int, pause: float | None
) -> None:
    calm = Service(by_chance(0.0), None, ends=ends).wait()
    service = Service(by_chance(0.03, seed), pause, ends=ends)
    assert service.wait().took < 3 * calm.took
    assert len(service.refused) > 5


@PAUSES
@pytest.mark.parametrize(
    "limit",
    [
        (20, 1),
        *(pytest.param(one, marks=pytest.mark.slow) for one in ((5, 5), (20, 20), (100, 100))),
    ],
    ids=str,
)
def test_a_service_with_a_limit_is_found_out_and_refuses_a_tenth_at_most(
    limit: tuple[int, int], pause: float | None
) -> None:
    service = Service(Bucket(*limit), pause, ends=60.0)
    crowd = service.wait()
    assert len(service.refused) < len(crowd.asked) / 10
    assert len(crowd.asked) / crowd.took > 0.2 * min(limit[0], 50)


@pytest.mark.parametrize(("ends", "at_most"), [(0.0, 15.0), (60.0, 70.0)])
def test_when_a_service_that_refused_all_for_a_while_answers_again_it_is_asked_as_before(
    ends: float, at_most: float
) -> None:
    service = Service(lambda which, look, now: 0.5 <= now < 3.5, None, ends=ends)
    assert service.wait().took < at_most
    assert len(service.refused) > 15


def test_refusals_of_looks_that_were_under_way_together_count_once() -> None:
    def paces(refused: int) -> int:
        service = Service(lambda which, look, now: look == 1 and which < refused, 5.0, ends=20.0)
        return service.wait().most_within(0.5, after=5.0, before=5.5)

    assert paces(1) == paces(16)


def test_the_shortest_pause_is_the_refused_job_s_own_where_refusals_are_rare() -> None:
    service = Service(lambda which, look, now: which == 500 and look == 1, 1.0, ends=5.0)
    crowd = service.wait()
    refused, again, *_ = crowd.times(500)
    assert again - refused >= 1.0 + AWAY
    assert any(refused + AWAY < now < again for now, _ in crowd.asked)


@pytest.mark.parametrize(
    ("pause", "which"), [(2.0, range(500, 501)), (1.0, range(3))], ids=["longer", "not rare"]
)
def test_every_other_pause_is_kept_by_all_jobs(pause: float, which: range) -> None:
    service = Service(lambda job, look, now: job in which and look == 1, pause, ends=5.0)
    crowd = service.wait()
    told = max(service.refused) + AWAY
    assert not any(0.001 < now - told < pause - 0.001 for now, _ in crowd.asked)
