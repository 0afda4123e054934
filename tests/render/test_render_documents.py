"""json, ndjson and yaml: exact when parsed, inert on a terminal."""

import io
import json
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jobctl.errors import UsageError
from jobctl.models import Job, JobRef, JobState, Progress
from jobctl.render import json as as_json
from jobctl.render import open_renderer
from jobctl.render import yaml as as_yaml
from jobctl.render.clean import HIDDEN
from jobctl.render.listener import Listener, Verdict

# As from a body: `json` joins what is a pair of surrogates.
TEXTS = st.text(st.characters(exclude_categories=())).map(lambda text: json.loads(json.dumps(text)))
BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
LOOKALIKES = [
    "1e3", "0o17", "0x1F", "017", "1_000", "1:30", "12e5", ".5", "+1", "-", "y", "N", "no", "on",
    "true", "null", "~", "", " ", "=", "<<", "2024-10-29", "2024-10-29T12:32:26.000Z", ".inf",
    "a: b", "- a", "# x", "a #b", "'", '"', "\\", "*a", "&a", "!a", "%a", "@a", "`a",
    "line\nline\n", " lead", "trail ", "tab\t", "\r", "\x85", "\u2028", "\ufeff", "\x7f", "---",
    "...",
    "?", "{", "[",
]  # fmt: skip

Open = Callable[..., Listener]


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def renderer(out: io.StringIO, now: Callable[[], datetime]) -> Open:
    def make(format: str, *, single: bool = False, waiting: bool = False, **more: Any) -> Listener:
        return open_renderer(
            format, out, single=single, waiting=waiting, now=now, environ={}, **more
        )

    return make


def lines(out: io.StringIO) -> Iterator[Any]:
    return map(json.loads, out.getvalue().splitlines())


@given(BODIES)
def test_json_is_exact_and_inert(body: Any) -> None:
    text = as_json.encode(body, 2)
    assert json.loads(text) == body
    assert not HIDDEN.search(text.replace("\n", ""))
    text.encode("utf-8")


@given(BODIES)
def test_an_ndjson_line_is_one_line_for_every_reader(body: Any) -> None:
    text = as_json.encode(body)
    assert text.splitlines() == [text]
    assert json.loads(text) == body


@given(BODIES)
def test_yaml_is_exact_and_inert(body: Any) -> None:
    text = as_yaml.encode(body)
    assert yaml.safe_load(text) == body
    assert not HIDDEN.search(text.replace("\n", ""))
    text.encode("utf-8")


@pytest.mark.parametrize("text", LOOKALIKES)
def test_a_string_stays_a_string_in_yaml(text: str) -> None:
    assert yaml.safe_load(as_yaml.encode({"id": text, text: [text]})) == {"id": text, text: [text]}


@pytest.mark.parametrize("text", ["1e3", "0o17", "y", "N", "123"])
def test_what_other_yaml_readers_take_for_numbers_or_booleans_is_quoted(text: str) -> None:
    assert as_yaml.encode(text) == f"'{text}'\n"


def test_yaml_shows_other_scripts_as_they_are_and_long_lines_unbroken() -> None:
    assert as_yaml.encode({"name": "日本語 " * 50}) == f"name: '{'日本語 ' * 50}'\n"


def test_yaml_has_no_anchors_for_what_occurs_twice() -> None:
    twice = {"a": 1}
    assert "&" not in as_yaml.encode([twice, twice])


def test_what_is_nested_too_deep_for_yaml_is_told() -> None:
    value: Any = 1
    for _ in range(900):
        value = [value]
    assert as_json.encode(value).startswith("[[[")
    with pytest.raises(UsageError, match="nested too deep") as refused:
        as_yaml.encode(value)
    assert refused.value.hint == "use -o json"


def test_a_number_too_large_for_python_is_still_json() -> None:
    body = {"NaN": [math.inf, -math.inf, math.nan], "Infinity": 'say "NaN" \\'}
    assert as_json.encode(body) == (
        '{"NaN": [1e999, -1e999, null], "Infinity": "say \\"NaN\\" \\\\"}'
    )


def test_characters_beyond_the_basic_plane_are_escaped_as_pairs() -> None:
    assert as_json.encode("\U000e0041") == '"\\udb40\\udc41"'


def test_one_job_is_an_object(out: io.StringIO, renderer: Open, job: Callable[..., Job]) -> None:
    one = job("cognite/1", message="\x1b[2J\u202e")
    renderer("json", single=True).finish([one], None)
    assert json.loads(out.getvalue()) == one.document()
    assert out.getvalue().startswith('{\n  "schema": "jobctl.job/v1",\n')
    assert "\\u001b[2J\\u202e" in out.getvalue()


def test_several_jobs_are_an_array_in_the_order_asked(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    renderer("json").finish([job("cognite/2"), job("cognite/1")], None)
    assert [one["ref"] for one in json.loads(out.getvalue())] == ["cognite/2", "cognite/1"]


def test_a_job_that_was_never_seen_is_null_and_several_are_an_empty_array(
    out: io.StringIO, renderer: Open
) -> None:
    renderer("json", single=True).finish([], None)
    renderer("json").finish([], None)
    assert out.getvalue() == "null\n[]\n"


def test_a_document_comes_once_at_the_end_of_a_wait(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    for word in ("json", "yaml", "ids"):
        shown = renderer(word, waiting=True)
        shown.changed(job("cognite/1"))
        shown.heartbeat(1, {"running": 1}, 60.0)
    assert out.getvalue() == ""


def test_yaml_holds_the_same_document(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    one = job("cognite/1", detail={"version": "1.0"})
    renderer("yaml", single=True).finish([one], None)
    assert yaml.safe_load(out.getvalue()) == one.document()
    assert out.getvalue().startswith("schema: jobctl.job/v1\nref: cognite/1\n")


def test_ndjson_without_a_wait_is_a_job_a_line(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    jobs = [job("cognite/1"), job("cognite/2")]
    shown = renderer("ndjson")
    shown.changed(jobs[0])
    shown.finish(jobs, None)
    assert list(lines(out)) == [one.document() for one in jobs]


def test_ndjson_of_a_wait_is_a_line_for_each_change_then_the_verdict(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    shown = renderer("ndjson", waiting=True)
    before, after = job("cognite/1"), job("cognite/1", "failed")
    shown.changed(before)
    shown.heartbeat(1, {JobState.RUNNING: 1}, 60.0004)
    shown.changed(after)
    shown.finish([after], Verdict("failed", 10, 1, {JobState.FAILED: 1}, 61.23456))
    assert list(lines(out)) == [
        before.document(),
        {
            "schema": "jobctl.heartbeat/v1",
            "jobs": 1,
            "states": {"running": 1},
            "elapsed_seconds": 60.0,
        },
        after.document(),
        {
            "schema": "jobctl.verdict/v1",
            "verdict": "failed",
            "exit_code": 10,
            "jobs": 1,
            "states": {"failed": 1},
            "elapsed_seconds": 61.235,
        },
    ]


def test_a_query_is_over_the_whole_document(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    jobs = [job("cognite/1"), job("cognite/2", "failed")]
    renderer("json", query="[?ended].ref").finish(jobs, None)
    renderer("yaml", query="[].state").finish(jobs, None)
    renderer("yaml", single=True, query="state").finish(jobs[:1], None)
    assert out.getvalue() == '[\n  "cognite/2"\n]\n- running\n- failed\nrunning\n'


def test_a_query_is_over_each_job_line_of_ndjson_and_leaves_the_verdict(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    shown = renderer("ndjson", waiting=True, query="state")
    shown.changed(job("cognite/1"))
    shown.finish([job("cognite/1")], Verdict("succeeded", 0, 1, {}, 0.0))
    state, verdict = lines(out)
    assert state == "running"
    assert verdict["verdict"] == "succeeded"


@pytest.mark.parametrize("query", ["", "][", "a[0:1", "(" * 5000, "nope(ref)"])
def test_a_query_that_is_none_is_refused_before_anything_runs(query: str, renderer: Open) -> None:
    with pytest.raises(UsageError, match="--query"):
        renderer("json", query=query)


@pytest.mark.parametrize("query", ["abs('x')", "ref < progress.total", "failures[::0]"])
def test_a_query_that_does_not_fit_the_document_is_a_usage_error(
    query: str, renderer: Open, job: Callable[..., Job]
) -> None:
    shown = renderer("json", single=True, query=query)
    with pytest.raises(UsageError, match="--query"):
        shown.finish([job("cognite/1", progress=Progress(total=3))], None)


def test_raw_adds_the_services_own_body(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    def raw_of(job: Job) -> Any:
        return {"of": str(job.ref), "password": "***"}

    for word in ("json", "ndjson", "yaml"):
        renderer(word, single=True, raw_of=raw_of, query="raw").finish([job("cognite/1")], None)
    assert out.getvalue() == (
        '{\n  "of": "cognite/1",\n  "password": "***"\n}\n'
        '{"of": "cognite/1", "password": "***"}\n'
        "of: cognite/1\npassword: '***'\n"
    )


@pytest.mark.parametrize("format", ["table", "ids", "raw"])
def test_a_query_needs_a_document(format: str, renderer: Open) -> None:
    with pytest.raises(UsageError, match=f"--query does not go with -o {format}"):
        renderer(format, query="ref")


def test_columns_need_a_table_and_raw_needs_a_document(renderer: Open) -> None:
    with pytest.raises(UsageError, match="--columns does not go with -o json"):
        renderer("json", columns=["ref"])
    with pytest.raises(UsageError, match="--raw does not go with -o table"):
        renderer("table", raw_of=lambda job: job)


def test_an_unknown_format_is_refused_with_the_list(renderer: Open) -> None:
    with pytest.raises(UsageError) as refused:
        renderer("xml")
    assert "ndjson" in (refused.value.hint or "")


def test_ids_are_full_references_one_a_line(
    out: io.StringIO, renderer: Open, job: Callable[..., Job]
) -> None:
    odd = Job(ref=JobRef("cognite", ("a b", "\u202e")), state=JobState.UNKNOWN, status=None)
    renderer("ids").finish([job("vas/a/b"), odd], None)
    assert out.getvalue() == "vas/a/b\ncognite/a%20b/\\u202e\n"


def test_raw_is_the_body_byte_for_byte(
    job: Callable[..., Job], now: Callable[[], datetime]
) -> None:
    body = b'{"a":\r\n "\xff\x00\x1b[2J"} '
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    shown = open_renderer("raw", out, single=True, waiting=False, now=now, environ={})
    shown.finish([job("cognite/1", raw=body)], None)
    assert raw.getvalue() == body


def test_raw_is_made_visible_on_a_terminal(
    job: Callable[..., Job], now: Callable[[], datetime], terminal: Callable[..., io.StringIO]
) -> None:
    out = terminal()
    shown = open_renderer("raw", out, single=True, waiting=False, now=now, environ={})
    shown.finish([job("cognite/1", raw=b'{"a":\n "\xff\x1b[2J"}\n')], None)
    assert out.getvalue() == '{"a":\n "\\xff\\x1b[2J"}\n'
