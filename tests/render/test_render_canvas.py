"""Lines that are rewritten in place."""

import re

import pytest
from emulated import Emulated, Wrapping
from hypothesis import given
from hypothesis import strategies as st

from jobctl.render.live.canvas import Canvas, Line

FRAMES = st.lists(
    st.lists(st.text("ab", max_size=12), min_size=1, max_size=6), min_size=1, max_size=6
)


def lines(*texts: str) -> list[Line]:
    return [Line(text, len(text)) for text in texts]


def drawn_on(terminal: Emulated) -> Canvas:
    return Canvas(terminal, environ=terminal.environ)


@given(FRAMES)
def test_whatever_the_frame_before_this_one_is_shown_and_nothing_else(
    frames: list[list[str]],
) -> None:
    terminal = Emulated(12, 8)
    terminal.write("$ run\r\n")
    canvas = drawn_on(terminal)
    for frame in frames:
        canvas.draw(lines(*frame), 12)
        shown = [line.rstrip() for line in terminal.screen.display]
        assert shown == ["$ run", *frame, *[""] * (7 - len(frame))]
        assert terminal.row == len(frame)
    assert terminal.cursor_hidden()
    canvas.leave()
    assert not terminal.cursor_hidden()
    assert terminal.row == len(frames[-1]) + 1


def test_only_lines_that_changed_are_sent() -> None:
    terminal = Emulated()
    canvas = drawn_on(terminal)
    canvas.draw(lines("one", "two", "three"), 80)
    mark = len(terminal.getvalue())
    canvas.draw(lines("one", "2", "three"), 80)
    assert re.findall("one|2\x1b\\[K|three", terminal.since(mark)) == ["2\x1b[K"]


def test_nothing_is_sent_for_the_same_frame() -> None:
    terminal = Emulated()
    canvas = drawn_on(terminal)
    canvas.draw(lines("one", "two"), 80)
    mark = len(terminal.getvalue())
    canvas.draw(lines("one", "two"), 80)
    assert terminal.since(mark) == ""


def test_a_line_that_the_terminal_takes_to_be_wider_moves_no_other() -> None:
    terminal = Emulated(10, 6)
    canvas = drawn_on(terminal)
    for text in ("x" * 13, "y" * 14):
        canvas.draw([Line(text, 10), *lines("below")], 10)
        assert terminal.lines == [text[:10], "below"]
    terminal.write("z" * 12)
    assert terminal.lines[-1] == "zz"


def test_a_text_above_stays_and_is_wrapped_by_the_terminal() -> None:
    terminal = Emulated(10, 8)
    canvas = drawn_on(terminal)
    canvas.draw(lines("one", "two"), 10)
    canvas.insert("a long note", 10)
    canvas.draw(lines("one", "three"), 10)
    canvas.insert("another", 10)
    assert terminal.lines == ["a long not", "e", "another", "one", "three"]
    canvas.draw(lines("one"), 10)
    assert terminal.lines == ["a long not", "e", "another", "one"]


def test_a_text_above_finds_the_frame_on_a_terminal_that_was_resized() -> None:
    terminal = Wrapping(20, 8)
    canvas = drawn_on(terminal)
    canvas.draw(lines("a" * 20, "two"), 20)
    terminal.resize(10, 8)
    canvas.insert("note", 10)
    canvas.draw(lines("a" * 10, "two"), 10)
    assert terminal.lines == ["note", "a" * 10, "two"]


def test_a_frame_taken_away_leaves_the_cursor_where_it_began() -> None:
    terminal = Emulated()
    terminal.write("$ run\r\n")
    canvas = drawn_on(terminal)
    canvas.draw(lines("one", "two"), 80)
    canvas.clear(80)
    canvas.leave()
    assert terminal.lines == ["$ run"]
    assert (terminal.row, terminal.cursor_hidden()) == (1, False)


def test_what_was_never_drawn_is_not_taken_away() -> None:
    terminal = Emulated()
    canvas = drawn_on(terminal)
    canvas.clear(80)
    canvas.leave()
    assert terminal.getvalue() == ""


def test_a_frame_after_leaving_stands_below() -> None:
    terminal = Emulated()
    canvas = drawn_on(terminal)
    canvas.draw(lines("one", "two"), 80)
    canvas.leave()
    terminal.write("[1]+  Stopped\r\n")
    canvas.draw(lines("one", "two"), 80)
    assert terminal.lines == ["one", "two", "[1]+  Stopped", "one", "two"]
    assert terminal.cursor_hidden()


@pytest.mark.parametrize("terminal", [Emulated(20, 10), Wrapping(20, 10)], ids=["cuts", "wraps"])
def test_a_terminal_that_gets_narrower_keeps_what_stood_above_and_nothing_of_the_old_frame(
    terminal: Emulated,
) -> None:
    terminal.write("$ run\r\n")
    canvas = drawn_on(terminal)
    canvas.draw(lines("a" * 20, "b" * 9, "", "c" * 15, "5s"), 20)
    terminal.resize(8, 10)
    canvas.draw(lines("a" * 8, "b" * 8, "", "c" * 8, "6s"), 8)
    assert terminal.lines == ["$ run", "a" * 8, "b" * 8, "c" * 8, "6s"]
    terminal.resize(30, 10)
    canvas.draw(lines("a" * 20, "7s"), 30)
    assert terminal.lines == ["$ run", "a" * 20, "7s"]


@pytest.mark.parametrize(
    ("environ", "wraps"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({}, True),
        ({"TERM": "screen", "TMUX": "/tmp/tmux"}, True),
        ({"TERM": "screen"}, False),
        ({"TERM": "linux"}, False),
        ({"TERM": "xterm", "XTERM_VERSION": "XTerm(379)"}, False),
    ],
)
def test_terminals_that_cut_their_lines_are_known(environ: dict[str, str], wraps: bool) -> None:
    terminal = Emulated()
    canvas = Canvas(terminal, environ=environ)
    canvas.draw(lines("a" * 20, "b"), 20)
    mark = len(terminal.getvalue())
    canvas.draw(lines("a", "b"), 10)
    assert ("\x1b[2A" in terminal.since(mark)) is wraps
