"""Waits with fewer threads than they would have, or none."""

import threading
from collections.abc import Iterator

import pytest
from crowd import DONE, Crowd
from simulated import HangingClock
from threads import few

from jobctl.models import Job
from jobctl.stream.watch import Limits, Lost, Seen, Silent, watch
from jobctl.stream.workers import room


class Threads:
    """Notes on which threads jobs are looked at."""

    def __init__(self) -> None:
        self.used: set[threading.Thread] = set()

    def look(self, which: int, now: float) -> Job:
        self.used.add(threading.current_thread())
        return DONE


@pytest.mark.parametrize("number", [0, 1, 3])
def test_jobs_are_looked_at_on_the_threads_there_are(number: int) -> None:
    threads = Threads()
    crowd = Crowd(40, threads.look)
    events = list(watch(crowd.targets, Limits(), crowd.clock, start=few(number)))
    assert sum(isinstance(event, Seen) for event in events) == 40
    assert len(threads.used) <= max(number, 1)
    assert (threading.main_thread() in threads.used) is (number == 0)


def test_whoever_looked_goes_home_when_all_is_over() -> None:
    threads = Threads()
    crowd = Crowd(10, threads.look)
    for _ in watch(crowd.targets, Limits(), crowd.clock):
        pass
    for one in threads.used:
        one.join(10)
        assert not one.is_alive()


def test_a_thread_that_hangs_is_done_without_even_if_there_is_no_other() -> None:
    release = threading.Event()

    def look(which: int, now: float) -> Job:
        if threading.current_thread() is not threading.main_thread():
            release.wait(10)
        return DONE

    crowd = Crowd(3, look, HangingClock())
    events = list(watch(crowd.targets, Limits(look=2.0), crowd.clock, start=few(1)))
    release.set()
    assert sum(isinstance(event, Seen) for event in events) == 3
    assert sum(isinstance(event, Silent) and event.error is not None for event in events) == 1


def test_services_share_the_threads_there_are() -> None:
    class TwoServices(Crowd):
        """The first jobs are at one, the others at another."""

        @staticmethod
        def host(which: int) -> str:
            return "one" if which < 20 else "other"

    crowd = TwoServices(40, Threads().look)
    list(watch(crowd.targets, Limits(), crowd.clock, start=few(2)))
    assert {which < 20 for _, which in crowd.asked[:4]} == {True, False}


@pytest.mark.parametrize(
    ("refusal", "told"),
    [(OSError(24, "Too many open files"), "Too many open files"), (MemoryError(), "no memory")],
)
def test_what_the_machine_refuses_may_pass(refusal: Exception, told: str) -> None:
    tries: Iterator[Exception | None] = iter([refusal, None])

    def look(which: int, now: float) -> Job:
        if error := next(tries, None):
            raise error
        return DONE

    events = Crowd(1, look).wait()
    silent = [event.error for event in events if isinstance(event, Silent) and event.error]
    assert told in silent[0].message
    assert Seen(0, DONE) in events
    assert not any(isinstance(event, Lost) for event in events)


def test_where_there_are_descriptors_enough_there_is_room_for_all() -> None:
    assert room(5, 2) == 5
