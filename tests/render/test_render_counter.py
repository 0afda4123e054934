"""How many records have come: nothing, a line a minute, or a bar."""

import io
import os
from collections.abc import Callable
from typing import Any

import pyte
import pytest

from jobctl.masking.secrets import hide
from jobctl.render import open_counter
from jobctl.render.bar import BarCounter
from jobctl.render.counter import Counter
from jobctl.render.lines import LineCounter

XTERM = {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}


@pytest.fixture
def clock() -> Callable[[float], Callable[[], float]]:
    """A clock that stands where it is put."""
    at = [0.0]

    def put(seconds: float) -> Callable[[], float]:
        at[0] = seconds
        return lambda: at[0]

    return put


def screen(text: str) -> list[str]:
    """What stands on a terminal that got the text."""
    shown = pyte.Screen(80, 24)
    pyte.Stream(shown).feed(text.replace("\n", "\r\n"))
    return [line.rstrip() for line in shown.display if line.strip()]


def test_a_plain_line_comes_at_least_every_minute(clock: Any) -> None:
    err = io.StringIO()
    with LineCounter(err, clock(0.0)) as counter:
        for seconds in range(0, 150, 10):
            clock(float(seconds))
            counter.reached(seconds * 100, 100_000)
        clock(200.0)
        counter.reached(20_000, None)
    assert err.getvalue().splitlines() == [
        "6,000 of 100,000 records, 1m00s",
        "12,000 of 100,000 records, 2m00s",
        "20,000 records, 3m20s",
    ]


def test_the_bar_tells_count_rate_and_time_left_and_is_gone_at_the_end(
    clock: Any, terminal: Any
) -> None:
    err = terminal()
    with BarCounter(err, environ=XTERM, no_color=True, clock=clock(0.0)) as counter:
        clock(10.0)
        counter.reached(25_000, 100_000)
        assert screen(err.getvalue()) == [
            "━━━━━───────────────  25,000 of 100,000  2,500 records/s  30s left"
        ]
        clock(10.01)
        counter.reached(50_000, 100_000)
        assert "50,000" not in err.getvalue()
    assert screen(err.getvalue()) == []


def test_who_has_not_answered_yet_is_named_until_the_last_has(terminal: Any) -> None:
    err = terminal()
    with BarCounter(err, environ=XTERM, no_color=True) as counter:
        counter.awaits(["airflow", "slurm"])
        assert screen(err.getvalue()) == ["waiting for airflow, slurm"]
        counter.awaits(["slurm"])
        counter.note("warning: airflow: told")
        assert screen(err.getvalue()) == ["warning: airflow: told", "waiting for slurm"]
        counter.awaits([])
    assert screen(err.getvalue()) == ["warning: airflow: told"]


def test_without_a_total_there_is_a_counter(clock: Any, terminal: Any) -> None:
    err = terminal()
    with BarCounter(err, environ=XTERM, no_color=True, clock=clock(0.0)) as counter:
        clock(2.0)
        counter.reached(1_000, None)
        assert screen(err.getvalue()) == ["1,000 records  500 records/s"]


def test_a_bar_of_nothing_is_no_crash(clock: Any, terminal: Any) -> None:
    err = terminal()
    with BarCounter(err, environ=XTERM, no_color=True, clock=clock(0.0)) as counter:
        counter.reached(0, 0)
        clock(1.0)
        counter.reached(0, 10)
    assert "0 of 10" in err.getvalue()


@pytest.mark.parametrize("kind", [Counter, LineCounter, BarCounter])
def test_notes_stand_on_lines_of_their_own_without_secrets_and_harmless(
    kind: Any, terminal: Any
) -> None:
    hide("planted-secret-7")
    err = terminal()
    made = kind(err, environ=XTERM, no_color=True) if kind is BarCounter else kind(err)
    with made as counter:
        counter.reached(1, 2)
        counter.note("warning: planted-secret-7 \x1b[2J")
    assert screen(err.getvalue()) == ["warning: *** \\x1b[2J"]


def test_the_counter_suits_the_stream(terminal: Any) -> None:
    def kind(err: Any, *, beside: Any = None, quiet: bool = False, **environ: str) -> type:
        return type(
            open_counter(err, environ=XTERM | environ, beside=beside, quiet=quiet, no_color=False)
        )

    assert kind(terminal()) is BarCounter
    assert kind(terminal(), beside=io.StringIO()) is BarCounter
    assert kind(terminal(), beside=terminal()) is Counter
    assert kind(terminal(), quiet=True) is Counter
    assert kind(terminal(), TERM="dumb") is LineCounter
    assert kind(io.StringIO()) is LineCounter
    assert kind(io.StringIO(), quiet=True) is Counter


def test_nothing_is_drawn_where_what_reads_the_records_may_write(terminal: Any) -> None:
    reads, writes = os.pipe()
    with os.fdopen(reads), os.fdopen(writes, "w") as pipe:
        made = open_counter(terminal(), environ=XTERM, beside=pipe, quiet=False, no_color=False)
    assert type(made) is LineCounter
