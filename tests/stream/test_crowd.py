"""Many jobs at once: what a service is spared, and what time that jumps does not bring about."""

import threading
from collections import Counter
from collections.abc import Iterator
from queue import Queue
from typing import Any

import pytest
from crowd import DONE, RUNNING, Crowd, Together
from simulated import DistantClock, SimulatedClock

from jobctl.errors import JobctlError, ThrottledError, UnavailableError
from jobctl.models import Job
from jobctl.stream.host import IN_FLIGHT
from jobctl.stream.watch import Lost, Seen, Silent


class TwoServices(Crowd):
    """Even jobs are at one, odd jobs at another."""

    @staticmethod
    def host(which: int) -> str:
        return ("one", "other")[which % 2]


def test_a_service_has_so_many_requests_at_once_and_no_more() -> None:
    together = Together(IN_FLIGHT)

    def busy(which: int, now: float) -> Job:
        together.meet()
        return DONE

    crowd = Crowd(2 * IN_FLIGHT, busy)
    assert sum(isinstance(event, Seen) for event in crowd.wait()) == 2 * IN_FLIGHT
    assert together.most == IN_FLIGHT


def test_a_service_that_is_slow_does_not_hold_up_another() -> None:
    answered = threading.Event()

    def say(which: int, now: float) -> Job:
        if which % 2:
            answered.set()
        else:
            answered.wait(10)
        return DONE

    crowd = TwoServices(4 * IN_FLIGHT, say)
    assert len(crowd.wait()) == 4 * IN_FLIGHT
    assert answered.is_set()


def test_after_the_first_round_a_crowd_is_asked_fifty_times_a_second_at_most() -> None:
    crowd = Crowd(600)
    crowd.wait(timeout=40.0)
    assert crowd.most_within(1.0, after=1.0) <= 51
    assert len(crowd.asked) > 600 + 20 * 60


def test_the_last_looks_before_a_deadline_are_no_burst() -> None:
    crowd = Crowd(600)
    crowd.wait(timeout=120.0)
    assert crowd.most_within(1.0, after=110.0) <= 51


def test_as_jobs_end_the_others_are_asked_more_often() -> None:
    crowd = Crowd(300, lambda which, now: DONE if which else RUNNING)
    crowd.wait(timeout=10.0)
    first, second, *_ = crowd.times(0)
    assert second - first < 4.0
    assert len(crowd.times(0)) > 5


def test_a_pause_that_one_job_is_told_holds_for_all_jobs_of_the_service() -> None:
    def say(which: int, now: float) -> Job | JobctlError:
        if which == 0 and now == 0.0:
            return ThrottledError("429", transient=True, retry_after=50.0)
        return RUNNING

    crowd = TwoServices(40, say)
    crowd.wait(timeout=100.0)
    for which in range(0, 40, 2):
        assert not any(0.0 < now < 50.0 for now in crowd.times(which))
    assert all(crowd.times(which)[1] < 5.0 for which in range(1, 40, 2))


def test_after_a_pause_the_jobs_are_asked_in_turn() -> None:
    def say(which: int, now: float) -> Job | JobctlError:
        busy = UnavailableError("503", transient=True, retry_after=20.0)
        return busy if which == 0 and now == 0.0 else RUNNING

    crowd = Crowd(200, say, DistantClock(0.05))
    crowd.wait(timeout=60.0)
    before = crowd.most_within(0.1, after=0.0, before=1.0)
    assert 0 < crowd.most_within(0.1, after=20.0, before=20.5) < before / 2


def test_too_many_requests_without_a_pause_slow_the_service_down_until_it_is_content() -> None:
    taken: Counter[int] = Counter()

    def strict(which: int, now: float) -> Job | JobctlError:
        taken[int(now)] += 1
        return ThrottledError("429", transient=True) if taken[int(now)] > 20 else RUNNING

    crowd = Crowd(200, strict)
    events = crowd.wait(timeout=600.0)
    assert not any(isinstance(event, Lost) for event in events)
    late = [count for second, count in taken.items() if second > 300]
    assert sum(count > 20 for count in late) < len(late) / 4


class Stopped(SimulatedClock):
    """A process that is stopped for two minutes after half a minute."""

    stopped = False

    def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:
        answer = super().wait(inbox, seconds, busy=busy)
        if self.time > 1030.0 and not self.stopped:
            self.stopped = True
            self.time += 120.0
        return answer


@pytest.mark.parametrize(("interval", "usual"), [(10.0, 10), (20.0, 5), (None, 50)])
def test_a_process_that_was_stopped_makes_no_burst(interval: float | None, usual: int) -> None:
    crowd = Crowd(100, clock=Stopped())
    crowd.wait(timeout=200.0, **{} if interval is None else {"interval": interval})
    assert not any(32.0 < now < 150.0 for now, _ in crowd.asked)
    assert 0 < crowd.most_within(1.0, after=150.0, before=190.0) <= usual + 1
    assert {which for now, which in crowd.asked if now > 150.0} == set(range(100))


def test_the_time_that_the_process_was_stopped_is_no_outage() -> None:
    def say(_: int, now: float) -> Job | JobctlError:
        return UnavailableError("503", transient=True) if 20.0 < now < 155.0 else RUNNING

    events = Crowd(1, say, Stopped()).wait(timeout=200.0, outage=30.0)
    assert not any(isinstance(event, Lost) for event in events)


def test_one_job_is_asked_at_once_when_the_process_goes_on() -> None:
    crowd = Crowd(1, clock=Stopped())
    crowd.wait(timeout=200.0)
    assert any(150.0 <= now <= 153.0 for now, _ in crowd.asked)


def test_no_server_is_to_blame_for_the_time_that_the_process_was_stopped() -> None:
    class Asleep(SimulatedClock):
        """Stopped while a look is under way."""

        slept = False

        def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:
            if not self.slept:
                self.slept = True
                self.time += 600.0
                return None
            return super().wait(inbox, seconds, busy=busy)

    crowd = Crowd(1, lambda which, now: DONE, clock=Asleep())
    events = crowd.wait(look=70.0)
    assert not any(isinstance(event, Silent) for event in events)
    assert Seen(0, DONE) in events


def test_a_jump_of_the_clock_on_the_wall_changes_nothing() -> None:
    class Jumping(SimulatedClock):
        """An hour passes on the wall every minute."""

        def wall(self) -> float:
            return super().wall() + int(self.time / 60) * 3600

    calm, jumping = Crowd(3), Crowd(3, clock=Jumping())
    for crowd in (calm, jumping):
        crowd.wait(timeout=600.0)
    # which of several looks at once is over first is the threads' to say
    assert [now for now, _ in calm.asked] == [now for now, _ in jumping.asked]
    assert len(calm.asked) > 100


def outage(now: float) -> Iterator[bool]:
    """What is wrong just then: answers of 503, then resets, then nobody is there."""
    yield 10.0 <= now < 40.0
    yield 40.0 <= now < 90.0
    yield 90.0 <= now < 150.0


def test_a_wait_outlives_a_service_that_fails_in_every_way_and_says_since_when() -> None:
    words = ("503", "the connection was reset", "connection refused")

    def say(which: int, now: float) -> Job | JobctlError:
        for wrong, told in zip(outage(now), words, strict=True):
            if wrong:
                return UnavailableError(told, transient=True)
        return DONE if now > 200.0 else RUNNING

    crowd = Crowd(2, say)
    events = crowd.wait(outage=180.0)
    assert sorted(event.which for event in events if isinstance(event, Seen)) == [0, 0, 1, 1]
    silent = [event for event in events if isinstance(event, Silent) and event.which == 0]
    assert [event.error is None for event in silent] == [False] * (len(silent) - 1) + [True]
    assert {event.error.message for event in silent if event.error} == set(words)
    since = [event.seconds for event in silent]
    assert since == sorted(since)
    assert 140.0 < since[-1] < 200.0


def test_an_outage_longer_than_allowed_loses_every_job_with_what_was_known() -> None:
    def say(which: int, now: float) -> Job | JobctlError:
        return UnavailableError("503", transient=True) if now >= 10.0 else RUNNING

    events = Crowd(3, say).wait(outage=60.0)
    lost = [event for event in events if isinstance(event, Lost)]
    assert sorted(event.which for event in lost) == [0, 1, 2]
    assert {event.error.exit_code for event in lost} == {6}
