"""Progress off a terminal: a plain line for each change, and one at least every 60 seconds."""

import io
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.masking.secrets import hide
from jobctl.models import Job, JobRef, Progress
from jobctl.render import open_progress
from jobctl.render.clean import HIDDEN
from jobctl.render.lines import LineProgress
from jobctl.render.live import LiveProgress

REF = JobRef("cognite", ("123",))


@pytest.fixture
def err() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def progress(err: io.StringIO, now: Callable[[], datetime]) -> Any:
    return open_progress(err, refs=[REF], now=now, environ={"TERM": "xterm"})


def test_each_change_is_a_line_with_its_time(
    err: io.StringIO, progress: Any, job: Callable[..., Job]
) -> None:
    progress.start()
    progress.changed(job("cognite/123", "queued"))
    progress.changed(job("cognite/123", progress=Progress(total=4, succeeded=1, failed=1)))
    progress.changed(job("cognite/123", "unknown", status="ODD"))
    progress.changed(job("cognite/123", "failed", message="out\nof memory"))
    progress.changed(job("cognite/123", "succeeded", message="fine"))
    progress.stop()
    assert err.getvalue() == (
        "2024-10-29T14:00:00Z cognite/123 queued\n"
        "2024-10-29T14:00:00Z cognite/123 running 2/4 (1 failed)\n"
        "2024-10-29T14:00:00Z cognite/123 unknown (ODD)\n"
        "2024-10-29T14:00:00Z cognite/123 failed: out\\nof memory\n"
        "2024-10-29T14:00:00Z cognite/123 succeeded\n"
    )


def test_a_line_is_written_when_something_in_it_changed(
    err: io.StringIO, progress: Any, job: Callable[..., Job], ago: Callable[..., datetime]
) -> None:
    for seconds in range(3):
        progress.changed(job("cognite/123", updated_at=ago(seconds=-seconds)))
        progress.changed(job("cognite/124", updated_at=ago(seconds=-seconds)))
    progress.changed(job("cognite/123", progress=Progress(succeeded=1)))
    assert [line.partition(" ")[2] for line in err.getvalue().splitlines()] == [
        "cognite/123 running",
        "cognite/124 running",
        "cognite/123 running 1 done",
    ]


def test_who_reads_the_lines_on_a_terminal_reads_local_time(
    now: Callable[[], datetime], terminal: Any, job: Callable[..., Job], kathmandu: None
) -> None:
    err = terminal()
    progress = open_progress(err, refs=[REF], now=now, environ={"TERM": "dumb"})
    progress.changed(job("cognite/123"))
    assert err.getvalue() == "2024-10-29 19:45:00 +0545 cognite/123 running\n"


def test_a_job_that_is_given_up_is_told_with_the_cause(err: io.StringIO, progress: Any) -> None:
    progress.lost(REF, "answered 403")
    assert err.getvalue() == "2024-10-29T14:00:00Z cognite/123 given up: answered 403\n"


def test_where_the_jobs_are_lines_on_the_same_terminal_nothing_is_drawn_over_them(
    now: Callable[[], datetime], terminal: Any, job: Callable[..., Job], tmp_path: Path
) -> None:
    def opened(beside: TextIO) -> Any:
        environ = {"TERM": "xterm"}
        return open_progress(terminal(), refs=[REF], now=now, environ=environ, beside=beside)

    err = terminal()
    seen = open_progress(err, refs=[REF], now=now, environ={"TERM": "xterm"}, beside=terminal())
    seen.changed(job("cognite/123"))
    seen.note("warning: x")
    assert err.getvalue() == "warning: x\n"
    reads, writes = os.pipe()
    with os.fdopen(reads), os.fdopen(writes, "w") as pipe:
        assert type(opened(pipe)) is LineProgress
    with (tmp_path / "jobs.ndjson").open("w") as file:
        assert type(opened(file)) is LiveProgress


def test_a_minute_does_not_pass_without_a_line(
    err: io.StringIO, progress: Any, job: Callable[..., Job]
) -> None:
    states = {"running": 3, "queued": 1}
    seconds: list[float] = []
    for second in range(301):
        before = len(err.getvalue())
        progress.tick(states, second + 0.5)
        if second == 30:
            progress.changed(job("cognite/123"))
        if len(err.getvalue()) > before:
            seconds.append(second)
    assert all(
        later - earlier <= 60 for earlier, later in zip([0, *seconds], seconds, strict=False)
    )
    assert len(seconds) == 5
    assert "still waiting: 3 running, 1 queued, 2m28s\n" in err.getvalue()


def test_trouble_and_its_end_are_told(err: io.StringIO, progress: Any) -> None:
    progress.trouble(REF, None)
    progress.trouble(REF, "no answer for 42 s: 503\x1b[2J")
    progress.trouble(REF, None)
    progress.trouble(REF, None)
    assert err.getvalue() == (
        "2024-10-29T14:00:00Z cognite/123 no answer for 42 s: 503\\x1b[2J\n"
        "2024-10-29T14:00:00Z cognite/123 answers again\n"
    )


def test_a_note_is_a_line_of_its_own_without_secrets(err: io.StringIO, progress: Any) -> None:
    hide("correct-horse-battery")
    progress.note("warning: correct-horse-battery \u202e")
    assert err.getvalue() == "warning: *** \\u202e\n"


def test_quiet_says_nothing(
    err: io.StringIO, job: Callable[..., Job], now: Callable[[], datetime]
) -> None:
    progress = open_progress(err, refs=[REF], now=now, environ={}, quiet=True)
    progress.start()
    progress.changed(job("cognite/123"))
    progress.trouble(REF, "no answer")
    progress.tick({"running": 1}, 600)
    progress.note("warning: x")
    progress.stop()
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("environ", "kind"),
    [({"TERM": "xterm"}, LiveProgress), ({}, LiveProgress), ({"TERM": "dumb"}, LineProgress)],
)
def test_a_terminal_that_can_gets_the_live_view(
    environ: dict[str, str],
    kind: type,
    now: Callable[[], datetime],
    terminal: Callable[..., io.StringIO],
) -> None:
    assert type(open_progress(terminal(), refs=[], now=now, environ=environ)) is kind


def test_force_color_does_not_make_a_pipe_live(
    err: io.StringIO, now: Callable[[], datetime]
) -> None:
    progress = open_progress(err, refs=[], now=now, environ={"FORCE_COLOR": "1"})
    assert type(progress) is LineProgress


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_inert(text: str) -> None:
    err = io.StringIO()
    progress = LineProgress(err, now=datetime.now)
    progress.trouble(JobRef("cognite", (text,)), text)
    progress.note(text)
    assert not HIDDEN.search(err.getvalue().replace("\n", ""))
    assert err.getvalue().count("\n") == 2
