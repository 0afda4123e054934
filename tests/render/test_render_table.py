"""Piped tables: no colour, no wrapping, no truncation, RFC 3339, columns two spaces apart."""

import io
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.models import Failure, Job, Progress
from jobctl.render import open_renderer, table_rows
from jobctl.render.clean import HIDDEN
from jobctl.render.table import plain_table

ANYTHING = st.text(st.characters(exclude_categories=()))

Show = Callable[..., str]


@pytest.fixture
def show(now: Callable[[], datetime]) -> Show:
    """What a pipe gets."""

    def text(*jobs: Job, single: bool = False, **more: Any) -> str:
        out = io.StringIO()
        table = open_renderer(
            "table", out, single=single, waiting=False, now=now, environ={}, **more
        )
        table.finish(jobs, None)
        return out.getvalue()

    return text


def test_several_jobs_are_rows(
    show: Show, job: Callable[..., Job], ago: Callable[..., datetime]
) -> None:
    assert show(
        job(
            "cognite/123",
            name="nightly",
            progress=Progress(percent=45.5, total=40, succeeded=17, failed=1),
            created_at=ago(hours=1),
            message="half way",
        ),
        job("vas/a/b", "unknown", status="ABNORMAL"),
    ) == (
        "REF          STATE    PERCENT  ITEMS  FAILED  CREATED                   STARTED  ENDED"
        "  STATUS    NAME     MESSAGE\n"
        "cognite/123  running  45.5     18/40  1       2024-10-29T13:00:00.000Z  -        -    "
        "  Running   nightly  half way\n"
        "vas/a/b      unknown  -        -      -       -                         -        -    "
        "  ABNORMAL  -        -\n"
    )


def test_no_job_leaves_the_header(show: Show) -> None:
    assert show().startswith("REF  STATE  ")


def test_one_job_is_a_report_of_lines_that_are_always_there(
    show: Show, job: Callable[..., Job], ago: Callable[..., datetime]
) -> None:
    text = show(
        job(
            "cognite/1",
            "partial",
            created_at=ago(hours=2),
            duration_seconds=61.0,
            message="line\nline",
            detail={"model": "m\x1b", "tags": ["a"]},
            failures=(Failure("7", "no\nsuch", name="a.png"), Failure(None, None)),
        ),
        single=True,
    )
    assert text == (
        "State:         partial\n"
        "Ref:           cognite/1\n"
        "Name:          -\n"
        "Status:        Partial\n"
        "Progress:      -\n"
        "Created:       2024-10-29T12:00:00.000Z\n"
        "Started:       -\n"
        "Updated:       -\n"
        "Ended:         -\n"
        "Run time:      1m01s\n"
        "Message:       line\\nline\n"
        "Error code:    -\n"
        "URL:           -\n"
        "Web page:      -\n"
        "detail.model:  m\\x1b\n"
        'detail.tags:   ["a"]\n'
        "Failures:      2\n"
        "Failure:       7 (a.png)  no\\nsuch\n"
        "Failure:       -  -\n"
    )


def test_a_piped_report_lists_all_failures_whole(show: Show, job: Callable[..., Job]) -> None:
    failures = tuple(Failure(str(index), "long " * 100) for index in range(300))
    text = show(job("cognite/1", failures=failures), single=True)
    assert text.count("Failure:") == 300
    assert all(len(line) > 500 for line in text.splitlines() if line.startswith("Failure:"))


def test_columns_are_chosen_by_field_path(show: Show, job: Callable[..., Job]) -> None:
    one = job(
        "cognite/1",
        progress=Progress(percent=5),
        failures=(Failure("x", "no"),),
        detail={"on": True, "deep": {"n": 1}},
    )
    paths = ["progress.percent", "ended", "failures.0.message", "failures.9.id", "detail.on",
             "detail.deep", "detail.none.x"]  # fmt: skip
    header, row = (line.split() for line in show(one, single=True, columns=paths).splitlines())
    assert header == paths
    assert row == ["5", "false", "no", "-", "true", '{"n":', "1}", "-"]


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("some", "the fields are schema, ref, provider"),
        ("", "the fields are schema"),
        ("raw", "the fields are schema"),
        ("refs", "did you mean ref?"),
        (".ref", "did you mean ref?"),
        ("progress.percnt", "did you mean progress.percent?"),
        ("progress.percent.x", "did you mean progress.percent?"),
        ("state.x", "did you mean state?"),
        ("failures.x", "did you mean failures?"),
        ("failures.0.nme", "did you mean failures?"),
    ],
)
def test_a_column_that_is_no_field_is_refused_in_words(path: str, hint: str, show: Show) -> None:
    with pytest.raises(UsageError) as refused:
        show(columns=["ref", path])
    assert (refused.value.hint or "").startswith(hint)


@given(st.lists(st.tuples(ANYTHING, ANYTHING)))
def test_any_text_is_inert_and_one_row_stays_one_line(rows: list[tuple[str, str]]) -> None:
    text = "".join(plain_table(["A", "B"], rows))
    assert not HIDDEN.search(text.replace("\n", ""))
    assert text.count("\n") == len(rows) + 1
    assert text.encode().decode() == text


def test_nothing_is_shortened(show: Show, job: Callable[..., Job]) -> None:
    assert "x" * 100_000 in show(job("cognite/1", message="x" * 100_000))


def test_a_pipe_that_speaks_ascii_gets_utf8(
    job: Callable[..., Job], now: Callable[[], datetime]
) -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    table = open_renderer("table", out, single=False, waiting=True, now=now, environ={})
    table.finish([job("cognite/1", name="日本")], None)
    assert "日本".encode() in raw.getvalue()


def test_any_rows_make_a_table() -> None:
    out = io.StringIO()
    table_rows(out, ["CODE", "KIND"], [("0", "ok"), ("124", "")], environ={})
    assert out.getvalue() == "CODE  KIND\n0     ok\n124   -\n"


@pytest.mark.parametrize(
    ("format", "extra", "loaded"),
    [
        ("table", "", set()),
        ("json", "", set()),
        ("ndjson", "", set()),
        ("ids", "", set()),
        ("raw", "", set()),
        ("json", ", query='ref'", {"jmespath"}),
        ("yaml", "", {"yaml"}),
        ("table", ", environ={'FORCE_COLOR': '1'}", {"rich"}),
    ],
)
def test_only_what_the_format_needs_is_imported(format: str, extra: str, loaded: set[str]) -> None:
    environ = "" if "environ" in extra else ", environ={}"
    program = f"""
import io, sys
from datetime import UTC, datetime
from jobctl.models import Job, JobRef, JobState
from jobctl.render import open_renderer, table_rows
job = Job(ref=JobRef("cognite", ("1",)), state=JobState.RUNNING, status=None)
open_renderer({format!r}, io.StringIO(), single=True, waiting=False,
              now=lambda: datetime.now(UTC){environ}{extra}).finish([job], None)
print(*({{"rich", "yaml", "jmespath", "httpx", "ssl", "asyncio"}} & set(sys.modules)))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert set(ended.stdout.decode().split()) == loaded
