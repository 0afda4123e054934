"""The live view, as a terminal shows it."""

import io
from collections.abc import Callable
from typing import Any

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobctl.config import hide
from jobctl.models import Job, JobRef, Progress
from jobctl.render.clean import HIDDEN
from jobctl.render.live import LiveProgress


class Screen:
    """A terminal whose lines can be read, and a clock that stands still unless told."""

    def __init__(self, columns: int = 80, lines: int = 24) -> None:
        self.sent = io.StringIO()
        self.size = columns, lines
        self.time = 0.0

    def view(self, refs: list[str], **more: Any) -> LiveProgress:
        columns, lines = self.size
        return LiveProgress(
            self.sent,
            refs=[JobRef.parse(ref) for ref in refs],
            environ={"COLUMNS": str(columns), "LINES": str(lines), "TERM": "xterm"},
            clock=lambda: self.time,
            **{"no_color": False, "leave": False, **more},
        )

    def shown(self) -> list[str]:
        return list(self._terminal().display)

    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.shown() if line.strip()]

    def cursor_hidden(self) -> bool:
        return bool(self._terminal().cursor.hidden)

    def _terminal(self) -> Any:
        screen = pyte.Screen(*self.size)
        pyte.Stream(screen).feed(self.sent.getvalue().replace("\n", "\r\n"))
        return screen


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_one_job_is_one_line_with_its_clock(screen: Screen, job: Callable[..., Job]) -> None:
    live = screen.view(["cognite/123"])
    live.start()
    assert screen.lines() == ["looking  cognite/123  0s"]
    screen.time = 1.0
    live.changed(job("cognite/123", progress=Progress(total=4, succeeded=1, failed=1)))
    live.tick({"running": 1}, 65.2)
    assert screen.lines() == ["● running  cognite/123  ━━━━━─────  2/4, 1 failed  1m05s"]
    live.stop()


def test_several_jobs_are_a_line_each_and_a_count(screen: Screen, job: Callable[..., Job]) -> None:
    live = screen.view(["cognite/1", "vas/a/b", "modzy/x"])
    live.start()
    live.changed(job("cognite/1", "failed", message="out of memory"))
    live.changed(job("vas/a/b", "queued"))
    live.tick({}, 3.0)
    assert screen.lines() == [
        "✘ failed  cognite/1",
        "    out of memory",
        "○ queued  vas/a/b",
        "looking   modzy/x",
        "3s  1 queued, 1 failed",
    ]
    live.stop()


def test_the_cursor_is_back_and_the_view_gone_at_the_end(
    screen: Screen, job: Callable[..., Job]
) -> None:
    live = screen.view(["cognite/1", "cognite/2"])
    live.start()
    live.changed(job("cognite/1"))
    assert screen.cursor_hidden()
    live.stop()
    assert not screen.cursor_hidden()
    assert screen.lines() == []
    live.stop()


def test_the_last_picture_stays_if_told_so(screen: Screen, job: Callable[..., Job]) -> None:
    live = screen.view(["cognite/1"], leave=True)
    live.start()
    live.changed(job("cognite/1", "succeeded"))
    live.stop()
    assert screen.lines() == ["✔ succeeded  cognite/1  0s"]
    assert not screen.cursor_hidden()


def test_trouble_stands_below_the_job_until_it_is_over(
    screen: Screen, job: Callable[..., Job]
) -> None:
    live = screen.view(["cognite/1"])
    live.start()
    ref = JobRef.parse("cognite/1")
    live.trouble(ref, None)
    live.trouble(ref, "no answer for 42 s: 503\x1b[2J")
    live.tick({}, 1)
    assert screen.lines() == ["looking  cognite/1  1s", r"    no answer for 42 s: 503\x1b[2J"]
    live.trouble(ref, None)
    live.tick({}, 1)
    assert screen.lines() == ["looking  cognite/1  1s"]
    live.stop()


def test_a_note_stands_above_the_view(screen: Screen) -> None:
    hide("staple-battery-horse")
    live = screen.view(["cognite/1"])
    live.start()
    live.note("warning: staple-battery-horse [red]x :smile: " + "long " * 20)
    assert screen.lines()[0].startswith("warning: *** [red]x :smile: long")
    assert screen.lines()[-1] == "looking  cognite/1  0s"
    live.stop()
    assert screen.lines()[0].startswith("warning: ")


def test_jobs_at_work_or_in_trouble_are_shown_where_not_all_fit(
    job: Callable[..., Job],
) -> None:
    screen = Screen(lines=7)
    refs = [f"cognite/{number}" for number in range(20)]
    live = screen.view(refs)
    live.start()
    for ref in refs[:10]:
        live.changed(job(ref, "succeeded"))
    live.changed(job(refs[15]))
    live.changed(job(refs[16], "queued"))
    live.trouble(JobRef.parse(refs[19]), "no answer")
    live.tick({}, 9)
    assert screen.lines() == [
        "looking    cognite/19",
        "    no answer",
        "● running  cognite/15",
        "looking    cognite/10",
        "looking    cognite/11",
        "9s  +16 more  1 running, 1 queued, 10 succeeded",
    ]
    live.stop()


@pytest.mark.parametrize(("columns", "lines"), [(30, 5), (12, 3), (5, 1)])
def test_no_terminal_is_too_small(columns: int, lines: int, job: Callable[..., Job]) -> None:
    screen = Screen(columns, lines)
    live = screen.view(["modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5", "cognite/1"])
    live.start()
    live.changed(job("cognite/1", progress=Progress(percent=3, total=900, succeeded=1)))
    live.tick({}, 1)
    live.stop()
    assert not screen.cursor_hidden()


def test_nothing_is_drawn_when_nothing_changed(screen: Screen) -> None:
    live = screen.view(["cognite/1"])
    live.start()
    live.tick({}, 1.1)
    before = screen.sent.getvalue()
    live.tick({}, 1.9)
    assert screen.sent.getvalue() == before
    live.stop()


def test_a_burst_of_changes_is_drawn_once(screen: Screen, job: Callable[..., Job]) -> None:
    live = screen.view(["cognite/1"])
    live.start()
    before = screen.sent.getvalue()
    for number in range(100):
        live.changed(job("cognite/1", progress=Progress(total=100, succeeded=number)))
    assert screen.sent.getvalue() == before
    live.tick({}, 0.5)
    assert "99/100" in screen.lines()[0]
    live.stop()


def test_without_colour_only_the_cursor_moves(screen: Screen, job: Callable[..., Job]) -> None:
    live = screen.view(["cognite/1"], no_color=True)
    live.start()
    live.changed(job("cognite/1", "failed", message="no"))
    live.stop()
    assert "m" not in {
        part[-1:] for part in screen.sent.getvalue().split("\x1b[") if part[:1].isdigit()
    }
    assert "\x1b[3" not in screen.sent.getvalue()


@given(st.text(st.characters(exclude_categories=())))
@settings(deadline=None)
def test_any_text_is_inert(text: str) -> None:
    def sent(text: str) -> int:
        screen = Screen()
        live = screen.view([])
        live.start()
        live.trouble(JobRef("cognite", (text,)), text)
        live.note(text)
        live.stop()
        return len(HIDDEN.findall(screen.sent.getvalue()))

    assert sent(text) == sent("x")
