"""The live view, as a terminal shows it."""

import io
import re
import signal
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TextIO

import pytest
from emulated import Emulated, Wrapping
from hypothesis import given
from hypothesis import strategies as st

from jobctl.masking.secrets import hide
from jobctl.models import Job, JobRef, JobState, Progress
from jobctl.render.clean import HIDDEN
from jobctl.render.live import LiveProgress
from jobctl.render.live.keyboard import Shell

Make = Callable[..., Job]


class View:
    """A live view on a terminal, and a clock that stands still unless told."""

    def __init__(
        self, refs: Sequence[str | JobRef], *, terminal: Emulated | None = None, **more: Any
    ) -> None:
        self.terminal = terminal or Emulated()
        self.time = 100.0
        self.live = LiveProgress(
            self.terminal,
            refs=[JobRef.parse(ref) if isinstance(ref, str) else ref for ref in refs],
            environ=self.terminal.environ,
            clock=lambda: self.time,
            **{
                "now": datetime.now,
                "no_color": False,
                "leave": True,
                **more,
            },
        )
        self.live.start()

    @property
    def lines(self) -> list[str]:
        return self.terminal.lines

    def show(self, *jobs: Job, elapsed: float = 1.0) -> list[str]:
        """Tell of jobs, and draw."""
        for job in jobs:
            self.live.changed(job)
        self.live.tick({}, elapsed)
        return self.lines

    def sent(self, act: Callable[[], None]) -> str:
        """What reaches the terminal meanwhile."""
        mark = len(self.terminal.getvalue())
        act()
        return self.terminal.since(mark)


def many(count: int) -> list[str]:
    return [f"cognite/{number}" for number in range(count)]


def test_one_job_is_one_line_with_its_clock(job: Make) -> None:
    view = View(["cognite/123"])
    assert view.lines == ["looking  cognite/123  0s"]
    progress = Progress(total=4, succeeded=1, failed=1)
    shown = view.show(job("cognite/123", progress=progress), elapsed=65.2)
    assert shown == ["● running  cognite/123  ━━━━━─────  2/4, 1 failed  1m05s"]
    view.live.stop()


def test_several_jobs_are_a_line_each_those_that_matter_first_and_a_count(job: Make) -> None:
    view = View(["cognite/1", "cognite/2", "cognite/3", "vas/a/b", "modzy/x", "cognite/4"])
    shown = view.show(
        job("cognite/1", "succeeded"),
        job("cognite/2", "partial"),
        job("vas/a/b", "queued"),
        job("cognite/3"),
        job("cognite/4", "failed", message="out of memory"),
        elapsed=3.0,
    )
    assert shown == [
        "◐ partial    cognite/2",
        "✘ failed     cognite/4",
        "    out of memory",
        "● running    cognite/3",
        "○ queued     vas/a/b",
        "looking      modzy/x",
        "✔ succeeded  cognite/1",
        "3s  1 running, 1 queued, 1 succeeded, 1 partial, 1 failed",
    ]
    view.live.stop()


def test_a_job_asked_for_twice_is_shown_once(job: Make) -> None:
    view = View(["cognite/1", "cognite/1"])
    assert view.show(job("cognite/1")) == ["● running  cognite/1  1s"]
    view.live.stop()


def test_a_view_that_makes_room_is_gone_at_the_end(job: Make) -> None:
    view = View(["cognite/1", "cognite/2"], leave=False)
    view.show(job("cognite/1"))
    assert view.terminal.cursor_hidden()
    view.live.stop()
    assert not view.terminal.cursor_hidden()
    assert view.lines == []
    view.live.stop()


def test_the_last_picture_stays_if_told_so(job: Make) -> None:
    view = View(["cognite/1"])
    view.live.changed(job("cognite/1", "succeeded"))
    view.live.stop()
    assert view.lines == ["✔ succeeded  cognite/1  0s"]
    assert not view.terminal.cursor_hidden()
    view.terminal.write("$ ")
    assert view.lines == ["✔ succeeded  cognite/1  0s", "$"]


def test_what_is_typed_meanwhile_is_gone_at_the_end(job: Make) -> None:
    view = View(["cognite/1", "cognite/2"])
    view.show(job("cognite/1"))
    view.terminal.write("^C")
    view.live.stop()
    assert view.lines == ["● running  cognite/1", "looking    cognite/2", "1s  1 running"]


def test_trouble_stands_below_the_job_until_it_is_over() -> None:
    view = View(["cognite/1"])
    ref = JobRef.parse("cognite/1")
    view.live.trouble(ref, None)
    view.live.trouble(ref, "given up: 503\x1b[2J")
    assert view.show() == ["looking  cognite/1  1s", r"    given up: 503\x1b[2J"]
    view.live.trouble(ref, None)
    assert view.show() == ["looking  cognite/1  1s"]
    view.live.stop()


def test_a_stale_job_tells_for_how_long_nothing_was_heard_and_comes_first(job: Make) -> None:
    view = View(many(3))
    view.show(job("cognite/0"), job("cognite/1"), job("cognite/2", "failed"))
    view.live.trouble(JobRef.parse("cognite/1"), "answered 503", 40.0)
    for elapsed, told in ((1, "40s"), (26, "1m05s")):
        view.time = 99.0 + elapsed
        assert view.show(elapsed=elapsed)[:3] == [
            "● running  cognite/1",
            f"    no answer for {told}: answered 503",
            "✘ failed   cognite/2",
        ]
    view.live.stop()


def test_failures_leave_half_of_the_rows_to_what_goes_on(job: Make) -> None:
    view = View(many(60))
    for ref in many(4):
        view.live.lost(JobRef.parse(ref), "gone")
    view.live.trouble(JobRef.parse("cognite/59"), "answered 503", 40.0)
    shown = view.show(
        *[job(ref, "failed", message="out of memory") for ref in many(30)[4:]],
        *[job(ref) for ref in many(45)[30:]],
        *[job(ref, "succeeded") for ref in many(55)[45:]],
    )
    assert len(shown) == 23
    assert shown[:4] == [
        "looking    cognite/59",
        "    no answer for 40s: answered 503",
        "looking    cognite/0",
        "    given up: gone",
    ]
    assert shown[12] == "✘ failed   cognite/5"
    assert [line.split()[0] for line in shown[13:22]] == ["●"] * 9
    assert shown[22].startswith("1s  +44 more  15 running, 10 succeeded, 26 failed")
    view.live.stop()


def test_failures_have_the_rows_that_nothing_else_wants(job: Make) -> None:
    view = View(many(60))
    shown = view.show(
        *[job(ref, "failed") for ref in many(30)],
        job("cognite/30"),
        *[job(ref, "succeeded") for ref in many(60)[31:]],
    )
    assert [line.split()[0] for line in shown[:-1]] == ["✘"] * 21 + ["●"]
    view.live.stop()


def test_names_are_shown_from_a_hundred_columns_on(job: Make) -> None:
    for columns, name in ((99, ""), (100, "  Sentiment Analysis")):
        view = View(["modzy/a", "modzy/b"], terminal=Emulated(columns))
        shown = view.show(job("modzy/a", name="Sentiment Analysis"))
        assert shown[0] == f"● running  modzy/a{name}"
        view.live.stop()


def test_references_are_shortened_in_the_middle_of_their_ids(job: Make) -> None:
    view = View(
        ["modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5", "cognite/123"], terminal=Emulated(40)
    )
    shown = view.show(job("modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5"), job("cognite/123"))
    assert shown[:2] == ["● running  modzy/14856eb1-0a…87acb80fea5", "● running  cognite/123"]
    view.live.stop()


def test_a_note_stands_above_the_view() -> None:
    hide("staple-battery-horse")
    view = View(["cognite/1"], leave=False)
    view.live.note("warning: staple-battery-horse [red]x :smile: " + "long " * 20)
    assert view.lines[0].startswith("warning: *** [red]x :smile: long")
    assert view.lines[-1] == "looking  cognite/1  0s"
    view.live.stop()
    assert view.lines[0].startswith("warning: ")
    assert len(view.lines) == 2


def test_jobs_that_do_not_fit_are_counted(job: Make) -> None:
    refs = many(500)
    view = View(refs, terminal=Emulated(lines=7))
    view.live.trouble(JobRef.parse(refs[19]), "no answer")
    shown = view.show(
        *[job(ref, "succeeded") for ref in refs[:10]],
        job(refs[15]),
        job(refs[16], "queued"),
        elapsed=9,
    )
    assert shown == [
        "looking    cognite/19",
        "    no answer",
        "● running  cognite/15",
        "looking    cognite/10",
        "looking    cognite/11",
        "9s  +496 more  1 running, 1 queued, 10 succeeded",
    ]
    view.live.stop()


def test_the_time_left_is_told_as_far_as_it_is_known(
    job: Make, now: Callable[[], datetime], ago: Callable[..., datetime]
) -> None:
    view = View(["cognite/1", "cognite/2", "modzy/x"], now=now)
    view.live.expect(JobRef.parse("cognite/1"), 300.0)
    view.live.expect(JobRef.parse("cognite/2"), None)
    shown = view.show(
        job("cognite/1", started_at=ago(seconds=120), progress=Progress(percent=90)),
        job("cognite/2", started_at=ago(seconds=120), progress=Progress(percent=20)),
        job("modzy/x"),
    )
    assert [line.partition("%")[2].strip() for line in shown[:3]] == [
        "about 3 min left",
        "about 8 min left",
        "",
    ]
    view.live.stop()


def test_a_job_seen_to_begin_needs_no_time_from_the_service(
    job: Make, now: Callable[[], datetime]
) -> None:
    view = View(["cognite/1"], now=now)
    view.live.expect(JobRef.parse("cognite/1"), 120.0)
    assert view.show(job("cognite/1", "queued"))[0].endswith("cognite/1  1s")
    assert view.show(job("cognite/1"))[0].endswith("cognite/1  about 2 min left  1s")
    view.live.stop()


@pytest.mark.parametrize(
    ("columns", "lines", "kind"),
    [(20, 5, Emulated), (12, 3, Emulated), (5, 2, Emulated), (5, 1, Wrapping)],
)
def test_no_terminal_is_too_small(
    columns: int, lines: int, kind: type[Emulated], job: Make
) -> None:
    view = View(
        ["modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5", *many(9)], terminal=kind(columns, lines)
    )
    view.show(
        job("cognite/1", progress=Progress(percent=3, total=900, succeeded=1)),
        job("cognite/2", "failed", message="out of memory"),
    )
    assert len(view.lines) == max(lines - 1, 1)
    assert view.lines[-1].startswith("1s"[:columns])
    view.live.stop()
    assert not view.terminal.cursor_hidden()


def test_twenty_columns_and_five_lines_show_what_matters(job: Make) -> None:
    view = View(many(9), terminal=Emulated(20, 5))
    shown = view.show(
        job("cognite/1", progress=Progress(percent=3)),
        job("cognite/8", "failed", message="out of memory"),
    )
    assert shown == [
        "✘  cognite/8",
        "    out of memory",
        "●  cognite/1  3%",
        "1s  +7 more  1 runn…",
    ]
    view.live.stop()


def test_one_job_on_a_small_terminal_keeps_its_state(job: Make) -> None:
    view = View(["modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5"], terminal=Emulated(20, 5))
    shown = view.show(job("modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5", "failed", message="no"))
    assert shown[0] == "✘ failed  mod…a5  1s"
    assert shown[1] == "    no"
    view.live.stop()


def test_a_terminal_that_is_resized_shows_the_view_once(job: Make) -> None:
    terminal = Wrapping(100, 20)
    terminal.write("$ jobctl wait\n")
    view = View(many(5), terminal=terminal)
    view.show(*[job(ref, progress=Progress(percent=7, total=14, succeeded=1)) for ref in many(5)])
    for elapsed, (columns, lines) in enumerate([(60, 20), (25, 20), (90, 20), (25, 5)], start=2):
        terminal.resize(columns, lines)
        view.show(elapsed=elapsed)
        assert view.lines[-1].startswith(f"{elapsed}s  ")
        assert sum(line.startswith("● ") for line in view.lines) == (5 if lines == 20 else 3)
        assert view.lines[0] == "$ jobctl wait" or lines == 5
    view.live.stop()


def test_nothing_is_drawn_when_nothing_changed() -> None:
    view = View(["cognite/1"])
    view.live.tick({}, 1.1)
    assert view.sent(lambda: view.live.tick({}, 1.9)) == ""
    view.live.stop()


def test_a_frame_in_which_only_the_clock_moves_is_tiny(job: Make) -> None:
    view = View(many(1000))
    view.show(*[job(ref, progress=Progress(percent=7)) for ref in many(1000)])
    sent = view.sent(lambda: view.live.tick({}, 2.0))
    assert len(sent.encode()) < 200
    assert "cognite" not in sent
    view.live.stop()


def test_a_burst_of_changes_is_drawn_once(job: Make) -> None:
    view = View(["cognite/1"])

    def burst() -> None:
        for number in range(100):
            view.live.changed(job("cognite/1", progress=Progress(total=100, succeeded=number)))

    assert view.sent(burst) == ""
    assert "99/100" in view.show(elapsed=0.5)[0]
    view.live.stop()


def test_a_change_after_a_while_is_drawn_at_once(job: Make) -> None:
    view = View(["cognite/1"])
    view.time += 1
    view.live.changed(job("cognite/1"))
    assert view.lines == ["● running  cognite/1  0s"]
    view.live.stop()


def test_the_screen_and_what_scrolled_off_it_are_never_cleared(job: Make) -> None:
    view = View(many(50), leave=False)
    for elapsed in range(5):
        view.show(*[job(ref, "failed", message="no") for ref in many(10 * elapsed)])
        view.terminal.resize(80 - 10 * elapsed, 24)
        view.live.note("note")
    view.live.stop()
    for forbidden in ("\x1b[2J", "\x1b[3J", "\x1bc", "\x1b[?1049h", "\x1b[?47h", "\x1b[H"):
        assert forbidden not in view.terminal.getvalue()


def test_without_colour_only_the_cursor_moves(job: Make) -> None:
    view = View(["cognite/1"], no_color=True)
    view.show(job("cognite/1", "failed", message="no"))
    view.live.stop()
    assert not re.search(r"\x1b\[[0-9;]*m", view.terminal.getvalue())


def test_a_terminal_without_utf8_gets_plain_signs(
    job: Make, terminal: Callable[..., io.StringIO]
) -> None:
    out = terminal("ascii")
    live = LiveProgress(
        out,
        refs=[JobRef.parse("cognite/1")],
        now=datetime.now,
        environ={"COLUMNS": "20", "LINES": "5"},
        no_color=True,
        leave=True,
    )
    live.start()
    live.changed(job("cognite/1", "failed", message="Gedächtnis erschöpft, nichts geht mehr"))
    live.stop()
    assert "x failed  co...1  0s" in out.getvalue()
    assert r"    Ged\xe4chtnis..." in out.getvalue()


def test_the_title_and_the_taskbar_tell_how_far_one_job_is(job: Make) -> None:
    view = View(["cognite/1"])
    assert view.terminal.title == "jobctl: looking"
    assert "\x1b]9;4;3;0\x1b\\" in view.terminal.getvalue()
    view.show(job("cognite/1", progress=Progress(percent=45, total=40)))
    assert view.terminal.title == "jobctl: cognite/1 running 45% ?/40"
    assert view.terminal.getvalue().rpartition("\x1b]9;4;")[2].startswith("1;45\x1b\\")
    view.live.stop()


def test_the_title_and_the_taskbar_tell_how_far_many_jobs_are(job: Make) -> None:
    view = View(many(4))
    jobs = [
        (job("cognite/0", "succeeded"), "1/4 ended", "1;25"),
        (job("cognite/1", progress=Progress(total=4, succeeded=2)), "1/4 ended", "1;38"),
        (job("cognite/2", "partial"), "2/4 ended", "4;62"),
        (job("cognite/3", "failed"), "3/4 ended, 1 failed", "2;88"),
        (job("cognite/1", "succeeded"), "4/4 ended, 1 failed", "2;100"),
    ]
    for elapsed, (one, title, taskbar) in enumerate(jobs):
        view.show(one, elapsed=elapsed)
        assert view.terminal.title == f"jobctl: {title}"
        assert view.terminal.getvalue().rpartition("\x1b]9;4;")[2].startswith(f"{taskbar}\x1b\\")
    view.live.stop()


def test_title_and_taskbar_are_cleared_at_the_end() -> None:
    view = View(["cognite/1"])
    sent = view.sent(view.live.stop)
    assert "\x1b]9;4;0;0\x1b\\" in sent
    assert sent.index("\x1b]2;\x1b\\") < sent.index("\x1b[23;2t")
    assert view.terminal.getvalue().count("\x1b[22;2t") == 1


class Other(Shell):
    """A shell that puts us in the background, and stops us for as long as a test looks around."""

    def __init__(self) -> None:
        self.front = True
        self.meanwhile: Callable[[], None] = lambda: None

    def in_front(self, out: TextIO) -> bool:
        return self.front

    def stop(self, number: int) -> None:
        assert signal.getsignal(number) is signal.SIG_DFL
        self.meanwhile()


def test_while_it_is_stopped_the_terminal_is_as_before() -> None:
    before = signal.getsignal(signal.SIGTSTP)
    shell = Other()
    view = View(["cognite/1"], shell=shell)

    def look_around() -> None:
        assert not view.terminal.cursor_hidden()
        assert "\x1b[23;2t" in view.terminal.getvalue()
        view.terminal.write("[1]+  Stopped\n$ fg\n")

    shell.meanwhile = look_around
    for _ in range(2):
        signal.raise_signal(signal.SIGTSTP)
        assert view.terminal.cursor_hidden()
        assert view.terminal.title == "jobctl: looking"
    assert view.lines == ["looking  cognite/1  0s", "[1]+  Stopped", "$ fg"] * 2 + [
        "looking  cognite/1  0s"
    ]
    view.live.stop()
    assert signal.getsignal(signal.SIGTSTP) is before


def test_a_stop_in_the_middle_of_writing_is_made_good_by_the_next_frame(job: Make) -> None:
    class Slow(Emulated):
        """A terminal that takes its time: Python lets no signal handler write meanwhile."""

        busy = False

        def write(self, text: str) -> int:
            if self.busy:
                raise RuntimeError("reentrant call")
            return super().write(text)

    shell = Other()
    terminal = Slow()
    view = View(["cognite/1"], terminal=terminal, shell=shell)
    terminal.busy = True
    signal.raise_signal(signal.SIGTSTP)
    terminal.busy = False
    assert view.show(job("cognite/1"))[-1] == "● running  cognite/1  1s"
    view.live.stop()
    assert not terminal.cursor_hidden()


def test_in_the_background_nothing_is_drawn_but_notes_and_the_end(job: Make) -> None:
    shell = Other()
    shell.front = False
    view = View(["cognite/1"], shell=shell)
    view.show(job("cognite/1"))
    assert view.terminal.getvalue() == ""
    view.live.note("warning: x")
    assert view.terminal.getvalue() == "warning: x\n"
    view.live.stop()
    assert view.lines == ["warning: x", "● running  cognite/1  1s"]
    assert not view.terminal.cursor_hidden()


def test_back_in_front_it_goes_on_below(job: Make) -> None:
    shell = Other()
    view = View(["cognite/1"], shell=shell)
    shell.meanwhile = lambda: setattr(shell, "front", False)
    signal.raise_signal(signal.SIGTSTP)
    view.terminal.write("$ fg\n")
    view.show(job("cognite/1"))
    assert not view.terminal.cursor_hidden()
    shell.front = True
    assert view.show(elapsed=2.0) == [
        "looking  cognite/1  0s",
        "$ fg",
        "● running  cognite/1  2s",
    ]
    view.live.stop()


def test_a_terminal_that_goes_away_stops_everything_all_the_same() -> None:
    class Gone(Emulated):
        gone = False

        def write(self, text: str) -> int:
            if self.gone:
                raise OSError(5, "Input/output error")
            return super().write(text)

    before = signal.getsignal(signal.SIGTSTP)
    terminal = Gone()
    view = View(["cognite/1"], terminal=terminal)
    terminal.gone = True
    with pytest.raises(OSError, match="Input/output error"):
        view.live.stop()
    assert signal.getsignal(signal.SIGTSTP) is before


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_inert(text: str) -> None:
    ref = JobRef("cognite", (text,))
    view = View([ref])
    view.live.trouble(ref, text)
    view.live.note(text)
    view.show(Job(ref=ref, state=JobState.UNKNOWN, status=text, name=text, message=text))
    view.live.stop()
    sent = re.sub(r"\x1b\](.*?)\x1b\\", r"\1", view.terminal.getvalue())
    assert not HIDDEN.search(re.sub(r"\x1b\[\??[0-9;]*[A-Za-z]|\r|\n", "", sent))
