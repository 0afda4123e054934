"""Records in every format: the same data for whatever program reads them, harmless for people."""

import csv
import io
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from runner import obeyed

from jobctl import record
from jobctl.errors import UsageError
from jobctl.formats import OF_RECORDS
from jobctl.render.records import open_records
from jobctl.render.records.renderer import Layout

NOW = datetime(2026, 1, 31, tzinfo=UTC)
RECORDS: list[dict[str, Any]] = [
    {"id": "a", "n": 1.5, "big": 12345678901234567890, "text": 'x,"y"\nz', "none": None},
    {"id": "b", "n": -2, "big": 0, "text": "ä😀 \x1b[31m", "list": [1, {"k": "v"}], "yes": True},
    {"id": "c", "results.json": {"label": "pos.itive"}},
]


class Stream(io.TextIOWrapper):
    """A stream of bytes that may be a terminal."""

    def __init__(self, *, terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def shown(self) -> bytes:
        self.flush()
        assert isinstance(self.buffer, io.BytesIO)
        return self.buffer.getvalue()


def shown(
    format: str,
    *batches: Sequence[Any],
    terminal: bool = False,
    query: str | None = None,
    layout: Layout | None = None,
    told: list[str] | None = None,
    **environ: str,
) -> str:
    """What a stream holds after these batches; each item a record or the value of one."""
    out = Stream(terminal=terminal)
    layout = (layout or Layout())._replace(now=lambda: NOW, tell=(told or []).append)
    if told is not None:
        layout = layout._replace(tell=told.append)
    renderer = open_records(
        format, out, layout, query=query, environ={"TERM": "xterm", **environ}, no_color=True
    )
    for batch in batches:
        renderer.records([one if isinstance(one, bytes) else record.encode(one) for one in batch])
    renderer.finish()
    return out.shown().decode()


def rows(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def test_each_format_of_the_same_records_holds_the_same_data() -> None:
    halves = RECORDS[:2], RECORDS[2:]
    assert json.loads(shown("json", *halves)) == RECORDS
    assert [json.loads(line) for line in shown("ndjson", *halves).splitlines()] == RECORDS
    assert yaml.safe_load(shown("yaml", *halves)) == RECORDS
    for kind, delimiter in (("csv", ","), ("tsv", "\t")):
        found = rows(shown(kind, RECORDS), delimiter)
        for row, one in zip(found, RECORDS, strict=True):
            for name, cell in row.items():
                value = one.get(name)
                read = value if isinstance(value, str) else None if not cell else json.loads(cell)
                assert read == value


@pytest.mark.slow
def test_jq_reads_them_as_well() -> None:
    jq = shutil.which("jq")
    assert jq is not None
    for kind, words in (("json", ["-c", ".[]"]), ("ndjson", ["-c", "."])):
        read = subprocess.run(
            [jq, *words], input=shown(kind, RECORDS), capture_output=True, text=True, check=True
        )
        found = [json.loads(line) for line in read.stdout.splitlines()]
        # jq itself rounds numbers that no double holds
        assert [one | {"big": 0} for one in found] == [one | {"big": 0} for one in RECORDS]


@pytest.mark.parametrize("format", OF_RECORDS)
def test_no_records_are_a_whole_document_too(format: str) -> None:
    text = shown(format, [])
    assert text == {"json": "[]\n", "yaml": "[]\n", "csv": "\r\n", "tsv": "\r\n"}.get(format, "")
    layout = Layout(fields=("a", "b"))
    if format in ("csv", "tsv"):
        assert rows(shown(format, layout=layout)) == []
        assert shown(format, layout=layout).split() == ["a,b"] if format == "csv" else ["a\tb"]


def test_numbers_and_spelling_stay_as_the_service_wrote_them() -> None:
    odd = b'{"n": 1.50, "e": 1E5, "big": 1e999, "s": "\\u0041\\/"}'
    assert shown("ndjson", [odd]) == odd.decode() + "\n"
    assert '"n": 1.50,\n    "e": 1E5,\n    "big": 1e999,' in shown("json", [odd])
    assert shown("csv", [odd]).splitlines()[1] == "1.50,1E5,1e999,A/"


@pytest.mark.parametrize("format", OF_RECORDS)
@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_reaches_a_terminal_that_it_would_obey(format: str, terminal: bool) -> None:
    evil = {"\x1b]0;x\x07": "\x1b[2J\x9b1m\u202eabc\x7f", "b": "\u200b\ud83d"}
    text = shown(format, [evil], [evil], terminal=terminal)
    if format in ("csv", "tsv") and not terminal:
        assert "\x1b[2J" in text
    else:
        assert not set(text) & set("\x1b\x07\x9b\x7f\u202e\u200b")


@pytest.mark.parametrize("format", ["json", "ndjson", "yaml", "csv", "tsv"])
@given(
    st.lists(
        st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.none(), max_size=3)
    )
)
def test_what_is_read_back_is_what_was_sent(format: str, found: list[dict[str, Any]]) -> None:
    text = shown(format, found)
    if format == "json":
        assert json.loads(text) == found
    elif format == "ndjson":
        assert [json.loads(line) for line in text.split("\n")[:-1]] == found
    elif format == "yaml":
        assert yaml.safe_load(text) == found
    else:
        delimiter = "," if format == "csv" else "\t"
        header, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        assert len(lines) == len(found)
        for line, one in zip(lines, found, strict=True):
            cells = dict(zip(header, line, strict=True)) if line else {}
            for name, value in one.items():
                sent = "" if value is None else str(value)
                guarded = {name, f"'{name}"} & set(header)
                assert {cells.get(one, "") for one in guarded} & {sent, f"'{sent}"} or not sent


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\uff1d1"])
def test_text_that_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert rows(shown("csv", [{"a": text}])) == [{"a": f"'{text}"}]
    assert next(csv.reader(io.StringIO(shown("csv", [{text: 1}]), newline=""))) == [f"'{text}"]


@pytest.mark.parametrize("value", [-5, -1.5, "-5", "+1.5e3", "a=b", "", "-.5", "-", "@"])
def test_numbers_and_a_sign_alone_are_not(value: Any) -> None:
    assert rows(shown("csv", [{"a": value, "b": 1}]))[0]["a"] == str(value)


def test_lines_of_csv_end_as_the_standard_says() -> None:
    assert shown("csv", [{"a": "x\ny"}, {"a": "z"}]) == 'a\r\n"x\ny"\r\nz\r\n'
    assert shown("tsv", [{"a": "x\ty", "b": 1}]) == 'a\tb\r\n"x\ty"\t1\r\n'


def test_a_field_that_no_column_shows_is_told() -> None:
    told: list[str] = []
    text = shown("csv", [{"a": 1}], [{"a": 2, "b": 3}], [{"b": 4}], told=told)
    assert rows(text) == [{"a": "1"}, {"a": "2"}, {"a": ""}]
    assert told == ["the field 'b' has no column: name it in --columns"]
    told.clear()
    documented = Layout(fields=("a", "b"))
    assert len(rows(shown("csv", [{"a": 1}], [{"b": 3}], layout=documented, told=told))) == 2
    chosen = Layout(columns=("a",))
    assert rows(shown("csv", [{"a": 1, "b": 2}], layout=chosen, told=told)) == [{"a": "1"}]
    assert told == []


@pytest.mark.parametrize(
    ("format", "terminal"), [("csv", False), ("table", False), ("table", True)]
)
def test_a_column_that_no_record_can_have_is_refused_before_anything_is_shown(
    format: str, terminal: bool
) -> None:
    known = Layout(columns=("id", "naem"), fields=("id", "name"))
    out = Stream(terminal=terminal)
    renderer = open_records(format, out, known, query=None, environ={}, no_color=True)
    with pytest.raises(UsageError, match="no record has the field 'naem'") as refused:
        renderer.records([b'{"id": 1, "n": null}'])
    assert (out.shown(), refused.value.hint) == (b"", "did you mean name?")


def test_a_column_that_a_record_may_have_later_is_told_when_none_has_it() -> None:
    told: list[str] = []
    for layout in (
        Layout(columns=("id", "name"), fields=("id", "name")),
        Layout(columns=("id", "name")),
        Layout(columns=("id", "name"), fields=("id",), resumed=True, header=("id", "name")),
        Layout(columns=("id", "name.first"), fields=("id", "name")),
    ):
        shown("csv", [{"id": 1}], [{"id": 2}], layout=layout, told=told)
    assert told == [*["no record has the field 'name'"] * 3, "no record has the field 'name.first'"]
    told.clear()
    late = Layout(columns=("id", "extra"), fields=("id",))
    shown("csv", [{"id": 1, "extra": 2}], [{"id": 2}], layout=late, told=told)
    assert told == []


def test_a_table_that_goes_on_keeps_its_columns() -> None:
    layout = Layout(resumed=True, header=("id", "n"))
    assert shown("table", [{"n": 1, "new": 2, "id": "a"}], layout=layout) == "a   1\n"


def test_columns_are_paths_and_a_name_may_hold_a_dot() -> None:
    layout = Layout(
        columns=("id", "list.1.k", "results.json.label", "list.9", "text.x", "list.x.y")
    )
    assert shown("csv", RECORDS, layout=layout).splitlines()[1:] == [
        "a,,,,,",
        "b,v,,,,",
        "c,,pos.itive,,,",
    ]


def test_what_is_no_object_has_a_column_of_its_own() -> None:
    assert rows(shown("csv", ["x", 1, None])) == [{"value": "x"}, {"value": "1"}, {"value": ""}]
    assert shown("csv", [[1, 2]]).split() == ["0,1", "1,2"]


def test_a_query_goes_over_all_pages_together() -> None:
    halves = RECORDS[:1], RECORDS[1:]
    assert json.loads(shown("json", *halves, query="[].id")) == ["a", "b", "c"]
    assert yaml.safe_load(shown("yaml", *halves, query="length(@)")) == 3
    assert rows(shown("csv", *halves, query="[].{i: id, n: n}"))[1] == {"i": "b", "n": "-2"}
    assert shown("tsv", *halves, query="length(@)") == "value\r\n3\r\n"
    lines = shown("ndjson", *halves, query="id").splitlines()
    assert list(map(json.loads, lines)) == ["a", "b", "c"]


def test_what_does_not_go_together_is_refused() -> None:
    for kind, layout, query in (
        ("ids", Layout(), None),
        ("raw", Layout(), None),
        ("table", Layout(), "a"),
        ("json", Layout(), "[?"),
        ("json", Layout(columns=("a",)), None),
    ):
        with pytest.raises(UsageError):
            shown(kind, layout=layout, query=query)


def test_a_run_that_goes_on_writes_no_header_and_no_bracket_again() -> None:
    layout = Layout(resumed=True)
    assert json.loads('[\n  {"a": 1}' + shown("json", [{"a": 2}], layout=layout)) == [
        {"a": 1},
        {"a": 2},
    ]
    assert shown("json", layout=layout) == "\n]\n"
    assert shown("yaml", layout=layout) == ""
    assert shown("csv", [{"a": 2}], layout=layout) == "2\r\n"
    assert shown("table", [{"a": 2}], layout=layout) == "2\n"


def test_a_table_takes_its_columns_and_widths_from_the_first_page_and_cuts_no_text() -> None:
    long = {"id": "a-long-one", "n": 1, "more": 5}
    lines = shown("table", [{"id": "a", "n": None}], [long]).splitlines()
    assert lines == ["id  n", "a   -", "a-long-one  1"]
    layout = Layout(chosen=("n", "id"))
    assert shown("table", [long], layout=layout).splitlines()[0] == "n  id"


def test_nested_values_are_shortened_in_a_table() -> None:
    long = list(range(100))
    one = {"a": long, "b": [1], "c": "x" * 90, "d": {"text": long, "more": {}}, "e": {"k" * 90: 1}}
    cells = shown("table", [one]).splitlines()[1].split("  ")
    assert cells == ["100 items", "[1]", "x" * 90, "text (100), more", "k" * 59 + "…"]


SIGNED = "https://h/x.jpg?Expires={}&Signature=***\n"


def test_a_table_tells_until_when_a_signed_url_is_valid() -> None:
    past, future = SIGNED.format(1606380154), SIGNED.format(1801440000)
    amz = "https://h/x?X-Amz-Date=20260131T000000Z&X-Amz-Expires=60&X-Amz-Signature=***"
    urls = [
        past,
        future,
        amz,
        "https://h/x?sig=***",
        "https://h/x?se=2026-02-01&sig=***",
        "https://h/",
    ]
    assert shown("table", [[url] for url in urls]).splitlines()[1:] == [
        "expired 2020-11-26T08:42:34.000Z",
        "valid until 2027-02-01T00:00:00.000Z",
        "valid until 2026-01-31T00:01:00.000Z",
        "signed URL",
        "valid until 2026-02-01T00:00:00.000Z",
        "https://h/",
    ]
    whole = shown("table", [[past]], layout=Layout(show_signed_urls=True))
    assert whole.splitlines()[1] == past.strip()


def test_on_a_terminal_rows_fit_the_width_and_empty_columns_are_left_out() -> None:
    page = [{"id": f"sample-{number}", "none": None, "text": "x" * 90} for number in range(3)]
    lines = shown("table", page, page, terminal=True, COLUMNS="40").splitlines()
    assert len(lines) == 7
    assert max(map(len, lines)) <= 40
    assert lines[0].split() == ["id", "text"]
    assert lines[4].startswith("sample-0  x")


def test_a_column_that_the_first_page_leaves_empty_is_told_when_it_is_not() -> None:
    pages = [{"id": "a", "late": None}], [{"id": "b", "late": None}], [{"id": "c", "late": "x"}]
    told: list[str] = []
    text = shown("table", *pages, *pages, terminal=True, told=told)
    assert "late" not in text
    assert told == ["the column 'late' is not shown: name it in --columns"]
    told.clear()
    asked = Layout(columns=("id", "late"))
    lines = shown("table", *pages, terminal=True, told=told, layout=asked).splitlines()
    assert [line.split() for line in lines] == [["id", "late"], ["a"], ["b"], ["c", "x"]]
    assert told == []


def test_columns_for_which_there_is_no_room_are_left_out_and_told_unless_asked_for() -> None:
    page = [{f"field{number:02}": "x" * 20 for number in range(12)}]
    told: list[str] = []
    lines = shown("table", page, page, terminal=True, told=told, COLUMNS="80").splitlines()
    assert lines[0].split() == [f"field{number:02}" for number in range(7)]
    assert max(map(len, lines)) <= 80
    assert told == [
        "the columns 'field07', 'field08', 'field09', 'field10', 'field11' are not shown:"
        " name them in --columns"
    ]
    asked = Layout(columns=tuple(page[0]))
    lines = shown("table", page, terminal=True, layout=asked, COLUMNS="40").splitlines()
    assert len(lines[1].split()) == 12


def test_people_read_headings_and_words_where_records_have_names_and_numbers() -> None:
    page = [{"id": "a", "result_property": 3}, {"id": "b", "result_property": 7}, [1]]
    layout = Layout(
        chosen=("id", "result_property"),
        headings={"result_property": "became"},
        meanings={"result_property": {"0": "kept", "3": "added"}},
    )

    def table(layout: Layout, *, terminal: bool) -> list[list[str]]:
        text = shown("table", page, terminal=terminal, layout=layout, COLUMNS="80")
        return [line.split() for line in text.splitlines()]

    assert table(layout, terminal=True) == [["id", "became"], ["a", "added"], ["b", "7"], []]
    assert table(layout, terminal=False)[:3] == [
        ["id", "result_property"],
        ["a", "added"],
        ["b", "7"],
    ]
    asked = layout._replace(columns=("result_property",))
    assert table(asked, terminal=True)[:2] == [["result_property"], ["added"]]


def test_a_terminal_tells_in_short_for_how_long_a_signed_url_is_valid() -> None:
    page = [[SIGNED.format(1606380154)], [SIGNED.format(int(NOW.timestamp()) + 1000)]]
    assert shown("table", page, terminal=True).splitlines()[1:] == ["expired", "16 min left"]


def test_wide_characters_line_up_in_a_pipe() -> None:
    page = [{"a": "日本", "b": 1}, {"a": "naïve", "b": 2}, {"a": "e\u0301", "b": 3}]
    lines = shown("table", page).splitlines()
    assert lines == ["a      b", "日本   1", "naïve  2", "e\u0301      3"]


def test_of_a_very_long_text_no_more_is_looked_at_than_may_be_seen() -> None:
    line = shown("table", [{"a": "日" * 10**6}], terminal=True, COLUMNS="40").splitlines()[1]
    assert line == "日" * 19 + "…"


def test_of_an_address_a_narrow_terminal_shows_the_end() -> None:
    page = [{"id": "a", "source": "s3://bucket/plant/line 3/日本-8.jpg", "text": "b" * 60}]
    text = shown("table", page, terminal=True, COLUMNS="30")
    assert text.splitlines()[1].split() == ["a", "…/日本-8.jpg", "bbbbbbbbbbb…"]


COMMANDS = [
    ["::error::x", "##vso[c]", "##[error]d"],
    ["e\n ::debug::\r::debug:: ", {"##teamcity[f]": ["##vso[g]"]}, 1],
]


@pytest.mark.parametrize("format", ["csv", "tsv", "text"])
@pytest.mark.parametrize("query", [None, "[::-1]"])
def test_what_a_ci_reads_along_it_does_not_obey_and_who_else_reads_gets_it_as_it_is(
    format: str, query: str | None
) -> None:
    def piped(**environ: str) -> str:
        reading, writing = os.pipe()
        with os.fdopen(reading, newline="") as read, os.fdopen(writing, "w") as out:
            renderer = open_records(
                format, out, Layout(), query=query, environ=environ, no_color=True
            )
            renderer.records(list(map(record.encode, COMMANDS)))
            renderer.finish()
            out.close()
            return read.read()

    for variable in ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"):
        assert obeyed(piped(**{variable: "true"})) == []
    assert obeyed(piped())
    assert shown(format, COMMANDS, query=query, TF_BUILD="True") == piped()


def test_a_page_of_nothing_is_passed() -> None:
    for kind in OF_RECORDS:
        for terminal in (True, False):
            text = shown(kind, [], [{"a": 1}], [], terminal=terminal)
            assert text == shown(kind, [{"a": 1}], terminal=terminal)


@pytest.mark.parametrize("format", ["csv", "tsv"])
def test_what_is_nested_in_a_cell_is_harmless_on_a_terminal_too_and_the_same_when_parsed(
    format: str,
) -> None:
    value = {"a": ["\u202e##[error]x", "\x9b2J"]}
    text = shown(format, [{"n": value}], terminal=True)
    assert text.isascii()
    assert obeyed(text) == []
    assert json.loads(rows(text, "," if format == "csv" else "\t")[0]["n"]) == value
