"""Time that passes by waiting."""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from jobctl.clock import Clock
from jobctl.stream.look import Inbox


@pytest.fixture
def alarm() -> Iterator[float]:
    """A signal whose handling takes until that time; another one, should nothing happen, fails."""
    end = time.monotonic() + 0.05

    def obey(number: int, frame: object) -> None:
        assert time.monotonic() < end, "it waits for ever"
        while time.monotonic() < end:
            pass

    before = signal.signal(signal.SIGALRM, obey)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 20)
    yield end
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_signal_that_outlasts_a_pause_does_not_make_it_endless(alarm: float) -> None:
    assert Clock().wait(Inbox(), 0.01, busy=1) is None
    assert time.monotonic() >= alarm


def test_what_is_played_begins_when_it_was_recorded_however_long_the_machine_is_up() -> None:
    for began in (datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)):
        assert Clock(1e6, began).wall() >= began.timestamp()
