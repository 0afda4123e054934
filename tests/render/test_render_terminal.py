"""Tables for people: what fits, in colour and in words."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from jobctl.errors import ReaderGone
from jobctl.models import Failure, Job, JobRef, JobState, Progress
from jobctl.render import open_renderer, table_rows
from jobctl.render.clean import HIDDEN
from jobctl.render.listener import Verdict
from jobctl.render.screen import Screen
from jobctl.render.table import Fit

ANYTHING = st.text(st.characters(exclude_categories=()))
UUID = "modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5"
LONG = (
    "oracle-content/DC765D5CD846E67B395AE676435D1DBF0C5B3FCDE317"
    "/ZX-930F35D291CEA348255D1974A84CB3571643127919210"
)

Show = Callable[..., str]


@pytest.fixture
def show(now: Callable[[], datetime], terminal: Callable[..., io.StringIO]) -> Show:
    """What a terminal gets."""

    def text(
        *jobs: Job, width: int = 80, single: bool = False, encoding: str = "utf-8", **more: Any
    ) -> str:
        out = terminal(encoding)
        environ = {"COLUMNS": str(width), "TERM": "xterm", **more.pop("environ", {})}
        table = open_renderer(
            "table", out, single=single, waiting=False, now=now, environ=environ, **more
        )
        table.finish(jobs, None)
        return out.getvalue()

    return text


@pytest.fixture
def jobs(job: Callable[..., Job], ago: Callable[..., datetime]) -> list[Job]:
    return [
        job(
            "cognite/123",
            name="nightly",
            created_at=ago(minutes=30),
            duration_seconds=125.0,
            progress=Progress(percent=45, total=40, succeeded=17, failed=1),
        ),
        job(UUID, "failed", ended_at=ago(hours=3), message="out of memory\n" + "and so on " * 20),
        job("vas/video-analyze/1", "unknown", status="ABNORMAL"),
        job("cognite/9", "succeeded"),
    ]


def bare(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_wide_terminal_shows_all_columns(show: Show, jobs: list[Job]) -> None:
    header, *rows = bare(show(*jobs, width=200)).splitlines()
    assert header.split() == ["STATE", "REF", "PROGRESS", "DONE", "TOOK", "AGE", "NAME", "MESSAGE"]
    assert len(rows) == 4
    assert re.fullmatch(
        r"● running    cognite/123 +━{9}─{11}  45% 18/40, 1 failed  2m05s  30 min  nightly", rows[0]
    )
    assert r"out of memory\nand so on" in rows[1]
    assert rows[1].endswith("…")
    assert "the service says ABNORMAL" in rows[2]
    assert all(cell_len(row) <= 200 for row in rows)


def test_a_narrow_terminal_shows_less_with_messages_below_and_ids_shortened(
    show: Show, jobs: list[Job]
) -> None:
    assert bare(show(*jobs, width=80)) == (
        "STATE        REF                            DONE                 AGE     NAME\n"
        "● running    cognite/123                    45% 18/40, 1 failed  30 min  nightly\n"
        "✘ failed     modzy/14856eb1-0a…87acb80fea5                       3 h\n"
        "    out of memory\\nand so on and so on and so on and so on and so on and so on…\n"
        "? unknown    vas/video-analyze/1\n"
        "    the service says ABNORMAL\n"
        "✔ succeeded  cognite/9\n"
    )


def test_ids_are_shortened_in_the_middle_before_a_column_is_dropped(
    show: Show, job: Callable[..., Job], ago: Callable[..., datetime]
) -> None:
    one = job(LONG, created_at=ago(hours=2), name="Sentiment Analysis")
    for width, ref in (
        (200, LONG),
        (80, "oracle-content/DC765D5…FCDE317/ZX-930F…7919210"),
        (69, "oracle-content/DC76…E317/ZX-9…9210"),
    ):
        header, row = bare(show(one, job("cognite/1"), width=width)).splitlines()[:2]
        assert header.split() == ["STATE", "REF", "AGE", "NAME"]
        assert row.split()[2] == ref


def test_shortened_ids_can_be_told_apart(show: Show, job: Callable[..., Job]) -> None:
    ids = [f"modzy/1485-{number:05}-0ad8-49e7-887acb80fea5" for number in range(50)]
    lines = bare(show(*[job(ref, name="n" * 30) for ref in ids], width=60)).splitlines()
    assert len(set(lines)) == 51
    assert all(len(line) <= 60 for line in lines)


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int, show: Show, jobs: list[Job]) -> None:
    for columns in (None, ["ref", "state", "message"]):
        lines = bare(show(*jobs, width=width, columns=columns)).splitlines()
        assert max(map(cell_len, lines)) <= width


def test_wide_characters_line_up(show: Show, job: Callable[..., Job]) -> None:
    names = ["日本語の名前です", "naïve", "🚀 launch", "日本語の名前です日本語の名前です"]
    for width in (70, 40):
        rows = [job("modzy/日本語日本語日本語日本語", name=name, message="m") for name in names]
        lines = bare(show(*rows, columns=["name", "ref", "state"], width=width)).splitlines()
        starts = {cell_len(line.partition("● ")[0]) for line in lines[1:]}
        assert len(starts) == 1
        assert max(map(cell_len, lines)) <= width


def test_a_wait_ends_with_a_summary_of_its_table(
    terminal: Callable[..., io.StringIO], now: Callable[[], datetime], job: Callable[..., Job]
) -> None:
    jobs = [job("cognite/1", "succeeded"), job("cognite/2", "failed")]
    verdict = Verdict("failed", 10, 2, {"succeeded": 1, "failed": 1}, 62.4)
    for single, last in ((False, "1m02s  1 succeeded, 1 failed"), (True, "State   ✘ failed")):
        out = terminal()
        open_renderer(
            "table", out, single=single, waiting=True, now=now, environ={"NO_COLOR": "1"}
        ).finish(jobs, verdict)
        assert out.getvalue().splitlines()[-1] == last


def test_on_a_terminal_of_ten_columns_nothing_breaks(show: Show, jobs: list[Job]) -> None:
    assert "cog…23" in bare(show(*jobs, width=10))
    assert show(*jobs, single=True, width=10)


def test_columns_of_which_nothing_is_known_are_left_out(
    show: Show, job: Callable[..., Job]
) -> None:
    assert bare(show(job("cognite/1"), job("cognite/2"))).splitlines()[0].split() == [
        "STATE",
        "REF",
    ]


def test_no_job_leaves_the_header(show: Show) -> None:
    assert bare(show()).split()[:2] == ["STATE", "REF"]


def test_each_state_has_a_colour_a_glyph_and_its_word(show: Show, job: Callable[..., Job]) -> None:
    for state in JobState:
        row = show(job("cognite/1", state), columns=["state"]).splitlines()[1]
        assert re.fullmatch(rf"\x1b\[3\dm. {state}\x1b\[0m", row)


@pytest.mark.parametrize(
    "more", [{"environ": {"NO_COLOR": "1"}}, {"environ": {"TERM": "dumb"}}, {"no_color": True}]
)
def test_without_colour_there_is_no_escape_sequence(
    more: dict[str, Any], show: Show, jobs: list[Job]
) -> None:
    assert "\x1b" not in show(*jobs, **more)
    assert "\x1b" not in show(*jobs, single=True, **more)


def test_force_color_makes_a_pipe_a_terminal(jobs: list[Job], now: Callable[[], datetime]) -> None:
    out = io.StringIO()
    environ = {"FORCE_COLOR": "1"}
    table = open_renderer("table", out, single=False, waiting=False, now=now, environ=environ)
    table.finish(jobs, None)
    assert "\x1b[" in out.getvalue()
    assert "and so on " * 19 in out.getvalue(), "a pipe is as wide as it takes"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_utf8_gets_plain_signs(
    encoding: str, show: Show, jobs: list[Job], job: Callable[..., Job]
) -> None:
    text = bare(show(*jobs, job("cognite/5", name="日本"), width=200, encoding=encoding))
    assert "> running" in text
    assert "#########..........." in text
    assert text.isascii()
    assert r"\u65e5\u672c" in text
    assert "..." in text.splitlines()[2]


def test_only_labels_are_bold(show: Show, job: Callable[..., Job]) -> None:
    text = show(job("cognite/1", failures=(Failure("7", "no such"),)), single=True)
    assert "\x1b[1mRef\x1b[0m       cognite/1\n" in text
    assert "  \x1b[31m7\x1b[0m  no such\n" in text


def test_chosen_times_are_in_the_readers_zone(
    show: Show, job: Callable[..., Job], ago: Callable[..., datetime], kathmandu: None
) -> None:
    text = bare(show(job("cognite/1", created_at=ago()), columns=["created_at", "ended_at"]))
    assert text.splitlines()[1] == "2024-10-29 19:45:00 +0545"
    times = {
        "at": "2024-10-29T14:00:00.000Z",
        "no": "2024-02-30T14:00:00.000Z",
        "day": "2024-10-29",
    }
    text = bare(show(job("cognite/1", detail=times), columns=[f"detail.{one}" for one in times]))
    assert text.splitlines()[1].split("  ")[0] == "2024-10-29 19:45:00 +0545"
    text = bare(show(job("cognite/1", detail=times), single=True))
    assert "detail.at   2024-10-29 19:45:00 +0545 (0 s ago)\n" in text
    assert "detail.no   2024-02-30T14:00:00.000Z\n" in text
    assert "detail.day  2024-10-29\n" in text


def test_one_job_is_a_report_of_what_is_known(
    show: Show, job: Callable[..., Job], ago: Callable[..., datetime], kathmandu: None
) -> None:
    text = bare(
        show(
            job(
                "cognite/1",
                "partial",
                created_at=ago(hours=2),
                duration_seconds=61.0,
                progress=Progress(total=4, succeeded=1, failed=1),
                message="first line\n\n" + "word " * 30,
                url="https://api.example.com/" + "x" * 100,
                web_url="https://example.com/" + "y" * 100,
                detail={"State": "theirs"},
                failures=(
                    Failure("7", "no\nsuch", name="a.png"),
                    Failure(None, None),
                    Failure(None, "x"),
                ),
            ),
            single=True,
        )
    )
    assert text == (
        "Ref           cognite/1\n"
        "Status        Partial\n"
        "Progress      ━━━━━━━━━━──────────  2/4, 1 failed\n"
        "Created       2024-10-29 17:45:00 +0545 (2 h ago)\n"
        "Run time      1m01s\n"
        "Message       first line\n"
        "\n"
        f"              {'word ' * 12}word\n"
        f"              {'word ' * 12}word\n"
        "              word word word word\n"
        f"URL           https://api.example.com/{'x' * 100}\n"
        f"Web page      https://example.com/{'y' * 100}\n"
        "detail.State  theirs\n"
        "Failures      3\n"
        "  7 (a.png)  no\\nsuch\n"
        "  ?\n"
        "  x\n"
        "State         ◐ partial\n"
    )


def test_a_report_of_losses_without_a_total_has_no_bar(show: Show, job: Callable[..., Job]) -> None:
    text = bare(show(job("cognite/1", progress=Progress(failed=2)), single=True))
    assert "Progress  2 failed\n" in text


def test_a_report_lists_twenty_failures_and_counts_the_others(
    show: Show, job: Callable[..., Job]
) -> None:
    failures = tuple(Failure(f"input-{index}", "long " * 100) for index in range(25))
    lines = bare(show(job("cognite/1", failures=failures), single=True)).splitlines()
    assert lines[-2] == "  +5 more"
    assert lines[-3].startswith("  input-19  long")
    assert all(len(line) <= 80 for line in lines)


def test_chosen_columns_are_headed_by_their_paths(show: Show, jobs: list[Job]) -> None:
    columns = ["ref", "state", "progress.percent", "message"]
    lines = bare(show(*jobs, columns=columns, width=100)).splitlines()
    assert lines[0].split() == columns
    assert UUID in lines[2]
    assert all(len(line) <= 100 for line in lines)


@given(ANYTHING)
def test_any_text_is_inert_on_a_terminal(text: str) -> None:
    one = Job(
        ref=JobRef("cognite", (text,)),
        state=JobState.UNKNOWN,
        status=text,
        name=text,
        message=text,
        failures=(Failure(text, text),),
        detail={text: text},
    )
    for single in (True, False):
        out = io.StringIO()
        environ = {"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "60"}
        open_renderer(
            "table", out, single=single, waiting=False, now=datetime.now, environ=environ
        ).finish([one], None)
        assert not HIDDEN.search(out.getvalue().replace("\n", ""))


def test_markup_and_emoji_codes_are_just_text(show: Show, job: Callable[..., Job]) -> None:
    text = "[bold]x[/nope] :smile: [link=https://e.example]y"
    one = job("cognite/1", name=text, message=text)
    assert bare(show(one, single=True)).count(text) == 2
    assert bare(show(one, one, width=200)).count(text) == 4


def test_any_rows_make_a_table_that_fits(terminal: Callable[..., io.StringIO]) -> None:
    out = terminal()
    rows = [("0", "ok", "shown " * 20), ("124", "timeout", "")]
    fit = Fit(prose=("WHEN",))
    table_rows(
        out, ["CODE", "KIND", "WHEN"], rows, fit=fit, environ={"COLUMNS": "40"}, no_color=True
    )
    assert out.getvalue() == (
        "CODE  KIND     WHEN\n"
        + "0     ok       shown shown shown shown\n"
        + "               shown shown shown shown\n" * 4
        + "124   timeout\n"
    )


@pytest.mark.parametrize("told", ["", "wide", "-1", "9" * 5000])
def test_a_size_that_is_none_is_the_one_of_the_terminal(
    told: str, terminal: Callable[..., io.StringIO]
) -> None:
    environ = {"COLUMNS": told, "LINES": told, "TERM": "xterm"}
    screen = Screen(terminal(), environ=environ, no_color=False)
    assert (screen.width, screen.height) == screen.console.size


def test_that_a_reader_has_gone_is_the_callers_business(job: Callable[..., Job]) -> None:
    class Closed(io.StringIO):
        def write(self, text: str) -> int:
            raise ReaderGone

    screen = Screen(Closed(), environ={"FORCE_COLOR": "1"}, no_color=False)
    with pytest.raises(ReaderGone):
        screen.show(screen.text("x"))


def test_a_table_shortens_references_knows_states_and_spares_what_it_may(
    terminal: Callable[..., io.StringIO],
) -> None:
    rows = [(UUID, "failed", "yesterday", "nightly"), ("cognite/1", "odd", "now", "")]
    fit = Fit(references=("REF",), spare=("SEEN", "NAME"))
    for width, shown in (
        (80, f"{UUID}  ✘ failed  yesterday  nightly"),
        (40, "modzy/14856eb…b80fea5  ✘ failed  nightly"),
        (30, "modzy/14856eb…80fea5  ✘ failed"),
    ):
        out = terminal()
        header = ["REF", "STATE", "SEEN", "NAME"]
        environ = {"COLUMNS": str(width)}
        table_rows(out, header, rows, fit=fit, environ=environ, no_color=True)
        _, first, second = out.getvalue().splitlines()
        assert (first, second.split()[:2]) == (shown, ["cognite/1", "odd"])
