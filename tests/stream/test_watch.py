"""How a wait asks, how often, and what it survives: with a clock that the test moves."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from simulated import HangingClock, SimulatedClock

from jobctl.clock import Clock
from jobctl.errors import (
    AuthError,
    JobctlError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
    asks_for,
)
from jobctl.models import Job, JobRef, JobState, Progress
from jobctl.stream.host import IN_FLIGHT
from jobctl.stream.look import Inbox, Look
from jobctl.stream.watch import (
    Event,
    Limits,
    Lost,
    Seen,
    Silent,
    Target,
    Tick,
    TimedOut,
    look_once,
    watch,
)

REF = JobRef("cognite", ("123",))


def job(state: JobState, done: int = 0) -> Job:
    return Job(ref=REF, state=state, status=state.value, progress=Progress(succeeded=done))


RUNNING, SUCCEEDED = job(JobState.RUNNING), job(JobState.SUCCEEDED)


class Service:
    """Gives each answer once, the last for ever, and notes when it was asked."""

    def __init__(self, clock: SimulatedClock, *answers: Job | Exception) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.asked: list[float] = []

    def look(self) -> Job:
        self.asked.append(self.clock.time - 1000)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def follow(
    *answers: Job | Exception,
    limits: Limits | None = None,
    look: Callable[..., Iterator[Event]] = watch,
    pace: tuple[float, float] = (1.0, 60.0),
) -> tuple[list[Event], Service]:
    clock = SimulatedClock()
    service = Service(clock, *answers)
    targets = [Target(REF, service.look, pace, host="there")]
    more = (random.Random(7),) if look is watch else ()
    events: list[Event] = [
        event
        for event in look(targets, limits or Limits(), clock, *more)
        if not isinstance(event, Tick)
    ]
    return events, service


def test_a_good_answer_may_ask_for_a_longer_pause_of_five_minutes_at_most() -> None:
    running = [replace(RUNNING, pause=pause) for pause in (40.0, 0.5, 1e9)]
    for limits in (Limits(), Limits(interval=2.0)):
        _, service = follow(*running, SUCCEEDED, limits=limits)
        pauses = [after - before for before, after in pairwise(service.asked)]
        assert pauses[0] == 40
        assert pauses[1] < 10
        assert pauses[2] == 300


def down(retry_after: float | None = None) -> UnavailableError:
    return UnavailableError("503", transient=True, retry_after=retry_after)


def error_of(event: Event) -> JobctlError:
    assert isinstance(event, Lost)
    return event.error


def test_a_job_is_shown_when_first_seen_and_when_it_changes() -> None:
    first, second = job(JobState.RUNNING, 1), job(JobState.RUNNING, 2)
    events, _ = follow(first, first, second, SUCCEEDED)
    assert events == [Seen(0, first), Seen(0, second), Seen(0, SUCCEEDED)]


def test_a_job_that_has_ended_is_not_asked_again() -> None:
    _, service = follow(SUCCEEDED)
    assert service.asked == [0.0]


def test_the_first_look_is_at_once_and_the_pauses_grow_from_one_second_to_a_minute() -> None:
    _, service = follow(*[RUNNING] * 130, SUCCEEDED)
    pauses = [after - before for before, after in pairwise(service.asked)]
    assert service.asked[0] == 0.0
    assert 1.0 <= pauses[0] <= 1.2
    assert all(60.0 <= pause <= 72.0 for pause in pauses[-10:])
    assert len(set(pauses[-10:])) == 10


def test_a_fixed_interval_is_kept_to_the_letter() -> None:
    _, service = follow(*[RUNNING] * 4, SUCCEEDED, limits=Limits(interval=7.0))
    assert service.asked == [0.0, 7.0, 14.0, 21.0, 28.0]


def test_a_slow_service_sets_its_own_pace() -> None:
    _, service = follow(RUNNING, SUCCEEDED, pace=(10.0, 15.0))
    assert 10.0 <= service.asked[1] <= 12.0


def test_the_wait_ends_at_the_deadline_with_a_last_look_shortly_before() -> None:
    events, service = follow(RUNNING, limits=Limits(timeout=20.0))
    assert events[-1] == TimedOut()
    assert service.clock.time == pytest.approx(1020.0)
    assert 19.4 <= service.asked[-1] <= 19.5


def test_a_timeout_of_zero_looks_once() -> None:
    events, service = follow(RUNNING, limits=Limits(timeout=0.0))
    assert events == [Seen(0, RUNNING), TimedOut()]
    assert service.asked == [0.0]
    assert follow(SUCCEEDED, limits=Limits(timeout=0.0))[0] == [Seen(0, SUCCEEDED)]


def test_a_wait_survives_a_service_that_does_not_answer_and_says_since_when() -> None:
    events, _ = follow(RUNNING, down(), down(), SUCCEEDED)
    kinds = [type(event) for event in events]
    assert kinds == [Seen, Silent, Silent, Silent, Seen]
    silent = [event for event in events if isinstance(event, Silent)]
    assert silent[1].seconds > silent[0].seconds > 0
    assert silent[2].error is None


def test_where_nobody_has_ever_answered_the_address_may_be_wrong() -> None:
    nobody = UnavailableError("cannot reach", transient=True, unreached=True)

    def unheard(*answers: Job | Exception) -> list[str | None]:
        events, _ = follow(*answers, SUCCEEDED)
        return [event.unheard for event in events if isinstance(event, Silent) and event.error]

    assert unheard(nobody, nobody) == ["there", "there"]
    assert unheard(nobody, down(), nobody) == ["there", None, None]
    assert unheard(RUNNING, nobody) == [None]


def test_an_outage_longer_than_allowed_gives_the_job_up() -> None:
    events, service = follow(RUNNING, down(), limits=Limits(outage=60.0))
    assert error_of(events[-1]).exit_code == 6
    assert 60.0 <= service.clock.time - 1000 <= 80.0


def test_an_answer_in_between_starts_the_outage_anew() -> None:
    answers: list[Job | Exception] = [down(), down(), down(), RUNNING] * 10
    events, _ = follow(*answers, SUCCEEDED, limits=Limits(outage=90.0))
    assert events[-1] == Seen(0, SUCCEEDED)


@pytest.mark.parametrize(
    "error", [AuthError("401"), NotFoundError("404"), UnavailableError("400")], ids=str
)
def test_an_error_that_cannot_pass_ends_the_wait_at_once(error: JobctlError) -> None:
    events, service = follow(error)
    assert events == [Lost(0, error)]
    assert service.asked == [0.0]


def test_not_found_counts_as_not_there_yet_for_as_long_as_allowed() -> None:
    events, _ = follow(
        NotFoundError("404"), NotFoundError("404"), SUCCEEDED, limits=Limits(allow_missing=30.0)
    )
    assert events[-1] == Seen(0, SUCCEEDED)
    events, service = follow(NotFoundError("404"), limits=Limits(allow_missing=30.0))
    assert error_of(events[-1]).exit_code == 5
    assert service.clock.time - 1000 >= 30.0


def test_a_job_that_was_there_and_is_gone_is_not_found_whatever_is_allowed() -> None:
    events, _ = follow(RUNNING, NotFoundError("404"), limits=Limits(allow_missing=300.0))
    assert error_of(events[-1]).exit_code == 5
    assert "no longer exists" in (error_of(events[-1]).hint or "")


@pytest.mark.parametrize("before", [[], [RUNNING]], ids=["never seen", "seen before"])
def test_a_404_that_is_not_the_service_s_own_is_an_outage(before: list[Job | Exception]) -> None:
    foreign = UnavailableError("404 of a gateway", transient=True, http_status=404)
    events, _ = follow(*before, foreign, foreign, SUCCEEDED)
    assert events[-1] == Seen(0, SUCCEEDED)
    events, service = follow(*before, foreign, limits=Limits(outage=60.0))
    assert error_of(events[-1]).exit_code == 6
    assert service.clock.time - 1000 >= 60.0


def test_who_is_sent_on_asks_again_if_the_job_was_there_before() -> None:
    away = UnavailableError("302", http_status=302)
    events, _ = follow(RUNNING, away, away, SUCCEEDED)
    assert events[-1] == Seen(0, SUCCEEDED)
    events, service = follow(RUNNING, away, limits=Limits(outage=60.0))
    assert error_of(events[-1]).exit_code == 6
    assert service.clock.time - 1000 >= 60.0
    events, service = follow(away, SUCCEEDED)
    assert error_of(events[-1]).exit_code == 6
    assert len(service.asked) == 1


def test_a_pause_the_service_asks_for_is_obeyed() -> None:
    throttled = ThrottledError("429", transient=True, retry_after=100.0)
    _, service = follow(throttled, SUCCEEDED)
    assert service.asked[1] == pytest.approx(100.0)


@pytest.mark.parametrize("kind", [UnavailableError, ThrottledError])
@pytest.mark.parametrize("told", ["refused", f"refused{asks_for(301.0)}"])
@pytest.mark.parametrize(
    "limits",
    [Limits(), Limits(timeout=200.0), Limits(outage=250.0)],
    ids=["5m", "deadline", "outage"],
)
def test_a_pause_longer_than_the_patience_ends_the_try_at_once_as_throttled(
    limits: Limits, told: str, kind: type[JobctlError]
) -> None:
    pause = kind(told, transient=True, retry_after=301.0)
    events, service = follow(RUNNING, pause, limits=limits)
    error = error_of(events[-1])
    assert error.exit_code == 7
    assert error.message.endswith("refused; the service asks for a pause of 301 s")
    assert len(service.asked) == 2


def test_a_server_that_hangs_is_given_up_and_asked_again() -> None:
    clock = SimulatedClock()
    clock.hang = True
    service = Service(clock, RUNNING)
    events = watch([Target(REF, service.look)], Limits(look=5.0, outage=20.0), clock)
    found = [event for event in events if not isinstance(event, Tick)]
    assert isinstance(found[0], Silent)
    assert "within 5 s" in str(found[0].error)
    assert error_of(found[-1]).exit_code == 6


def test_an_answer_that_comes_after_its_look_was_given_up_changes_nothing() -> None:
    clock = SimulatedClock()
    service = Service(clock, RUNNING, SUCCEEDED)
    clock.hang = True
    events = watch([Target(REF, service.look)], Limits(look=5.0, outage=300.0), clock)
    for event in events:
        if isinstance(event, Silent):
            clock.hang = False
            break
    assert [event for event in events if isinstance(event, Seen)][-1] == Seen(0, SUCCEEDED)


def test_a_defect_in_a_look_comes_out_where_it_is_reported() -> None:
    with pytest.raises(ZeroDivisionError):
        follow(ZeroDivisionError())


def test_a_quiet_wait_ticks_every_second() -> None:
    clock = SimulatedClock()
    service = Service(clock, RUNNING, SUCCEEDED)
    events = list(watch([Target(REF, service.look, (5.0, 5.0))], Limits(), clock))
    assert [event.elapsed for event in events if isinstance(event, Tick)][:3] == [1.0, 2.0, 3.0]


def test_looking_once_gives_each_job_one_event_whatever_it_is() -> None:
    assert follow(RUNNING, look=look_once)[0] == [Seen(0, RUNNING)]
    error = down()
    assert follow(error, look=look_once)[0] == [Lost(0, error)]


def test_many_jobs_each_have_their_own_clock_and_end() -> None:
    clock = SimulatedClock()
    services = [Service(clock, *[RUNNING] * n, SUCCEEDED) for n in range(40)]
    targets = [Target(REF, service.look) for service in services]
    seen = [event for event in watch(targets, Limits(), clock) if isinstance(event, Seen)]
    assert sum(event.job == SUCCEEDED for event in seen) == 40
    assert [len(service.asked) for service in services] == list(range(1, 41))


def test_the_real_clock_waits_for_an_answer_or_not() -> None:
    clock, inbox = Clock(), Inbox()
    assert clock.wait(inbox, 0.0, busy=0) is None
    look = Look(0, 0.0)
    inbox.put(look)
    assert clock.wait(inbox, 0.0, busy=1) is look
    assert clock.now() <= clock.now()


def test_a_job_of_a_known_kind_is_asked_most_around_its_usual_end() -> None:
    clock = SimulatedClock()
    service = Service(clock, *[RUNNING] * 200, SUCCEEDED)
    target = Target(REF, service.look, (1.0, 60.0), expected=lambda job: 600.0)
    list(watch([target], Limits(timeout=900.0), clock, random.Random(3)))

    def looks(after: float, before: float) -> int:
        return sum(after <= now < before for now in service.asked)

    assert looks(560.0, 640.0) > 2 * looks(360.0, 440.0)
    assert looks(560.0, 640.0) > 2 * looks(760.0, 840.0)


def test_only_a_look_that_has_begun_can_be_given_up() -> None:
    clock = HangingClock()

    def look() -> Job:
        clock.over.wait(10)
        return SUCCEEDED

    targets = [Target(REF, look) for _ in range(IN_FLIGHT + 4)]
    events = list(watch(targets, Limits(look=2.0), clock))
    given_up = [event.which for event in events if isinstance(event, Silent) and event.error]
    assert len(given_up) == len(set(given_up)) <= IN_FLIGHT
    assert {event.which for event in events if isinstance(event, Seen)} == set(range(IN_FLIGHT + 4))


def test_the_outage_counts_from_the_first_failure_not_from_the_last_look() -> None:
    events, _ = follow(RUNNING, down(), SUCCEEDED, limits=Limits(interval=600.0))
    assert events[-1] == Seen(0, SUCCEEDED)


def test_an_error_after_the_deadline_is_a_timeout() -> None:
    clock = SimulatedClock()

    def look() -> Job:
        clock.time += 60.0
        raise down()

    events = list(watch([Target(REF, look)], Limits(timeout=30.0), clock))
    assert events[-1] == TimedOut()


def test_the_time_runs_from_where_the_caller_began() -> None:
    clock = SimulatedClock()
    events = list(
        watch(
            [Target(REF, lambda: RUNNING)],
            Limits(timeout=30.0),
            clock,
            started=clock.now() - 40.0,
        )
    )
    assert events == [TimedOut()]
