"""What a terminal shows outside its screen."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from emulated import Emulated
from hypothesis import given
from hypothesis import strategies as st

from jobctl.masking.secrets import hide
from jobctl.models import Job, JobRef, JobState
from jobctl.render.attention import Attention, Notification, Summary, Taskbar
from jobctl.render.clean import HIDDEN
from jobctl.render.listener import Verdict

Make = Callable[..., Job]


def notified(jobs: list[Job], verdict: Verdict | None, environ: Mapping[str, str] = {}) -> str:
    terminal = Emulated()
    Notification(terminal, environ=environ).finish(jobs, verdict)
    return terminal.getvalue()


def test_one_job_is_told_by_its_name(job: Make) -> None:
    verdict = Verdict("failed", 10, 1, {"failed": 1}, 65.4)
    assert notified([job("cognite/1", "failed")], verdict) == (
        "\x1b]9;jobctl: failed after 1m05s: cognite/1\x1b\\"
        "\x1b]777;notify;jobctl;failed after 1m05s: cognite/1\x1b\\"
        "\a"
    )


def test_several_jobs_are_told_by_their_states(job: Make) -> None:
    verdict = Verdict("timeout", 124, 2, {"failed": 1, "running": 1}, 60)
    told = notified([job("cognite/1", "failed"), job("cognite/2")], verdict)
    assert "\x1b]9;jobctl: timeout after 1m00s: 1 running, 1 failed\x1b\\" in told


def test_tmux_lets_it_through_to_the_terminal_outside(job: Make) -> None:
    verdict = Verdict("succeeded", 0, 1, {"succeeded": 1}, 60)
    plain, wrapped = (
        notified([job("cognite/1")], verdict, environ)
        for environ in ({"TERM": "xterm"}, {"TERM": "screen", "TMUX": "/tmp/tmux-0/default,1,0"})
    )
    assert wrapped.startswith("\x1bPtmux;")
    assert wrapped.endswith("\x1b\\\a")
    inside = wrapped.removeprefix("\x1bPtmux;").removesuffix("\x1b\\\a")
    assert inside.replace("\x1b\x1b", "\x1b") + "\a" == plain


def test_a_dumb_terminal_has_only_its_bell(job: Make) -> None:
    verdict = Verdict("succeeded", 0, 1, {"succeeded": 1}, 60)
    assert notified([job("cognite/1")], verdict, {"TERM": "dumb"}) == "\a"


def test_a_look_that_was_no_wait_ends_without_a_word(job: Make) -> None:
    assert notified([job("cognite/1")], None) == ""


def test_a_pipe_gets_nothing(job: Make) -> None:
    class Pipe(Emulated):
        def isatty(self) -> bool:
            return False

    pipe = Pipe()
    verdict = Verdict("succeeded", 0, 1, {"succeeded": 1}, 60)
    Notification(pipe, environ={}).finish([job("cognite/1")], verdict)
    assert pipe.getvalue() == ""


def test_a_title_is_sent_once_and_the_progress_each_time() -> None:
    terminal = Emulated()
    attention = Attention(terminal, environ={})
    for share in (0.0, 0.25):
        attention.show(Summary("working", Taskbar.NORMAL, share))
    sent = terminal.getvalue()
    assert sent.count("working") == 1
    assert re.findall(r"\x1b\]9;4;(.*?)\x1b", sent) == ["1;0", "1;25"]


def test_what_was_never_shown_is_not_cleared() -> None:
    terminal = Emulated()
    Attention(terminal, environ={}).clear()
    assert terminal.getvalue() == ""


@pytest.mark.parametrize(
    ("environ", "shown"),
    [
        ({"TERM_PROGRAM": "iTerm.app"}, False),
        ({"TERM_PROGRAM": "iTerm.app", "TERM_FEATURES": "T3LrMSc7UUw9Ts3BFGsSyHNoSxP"}, True),
        ({"TERM_PROGRAM": "WezTerm"}, True),
    ],
)
def test_a_terminal_that_takes_progress_for_a_notification_gets_none(
    environ: dict[str, str], shown: bool
) -> None:
    terminal = Emulated()
    attention = Attention(terminal, environ=environ)
    attention.show(Summary("working", Taskbar.BUSY, 0.0))
    attention.clear()
    assert ("\x1b]9;" in terminal.getvalue()) is shown


@given(st.text(st.characters(exclude_categories=())))
def test_no_text_ends_a_command_or_begins_another(text: str) -> None:
    hide("staple-battery-horse")
    terminal = Emulated()
    attention = Attention(terminal, environ={})
    attention.show(Summary(text + "staple-battery-horse", Taskbar.NORMAL, 0.5))
    attention.clear()
    one = Job(ref=JobRef("cognite", (text,)), state=JobState.FAILED, status=None)
    Notification(terminal, environ={}).finish([one], Verdict("failed", 10, 1, {}, 1.0))
    sent = terminal.getvalue()
    assert "staple" not in sent
    commands: list[Any] = re.findall(r"\x1b\](.*?)\x1b\\", sent)
    assert len(commands) == 6
    assert not HIDDEN.search("".join(commands))
    assert not HIDDEN.search(re.sub(r"\x1b\].*?\x1b\\|\x1b\[2[23];2t|\a", "", sent))
