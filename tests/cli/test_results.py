"""What a job produced: every record, once, whole; and a way to go on where it stopped."""

import csv
import io
import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from processes import run_in_a_process, run_on_a_terminal
from slowly import others

from jobctl.commands.output import Kind, OutputFile

SIZE = 10


class Samples:
    """A version with so many samples; `answers` may have another answer for some pages, in turn."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.answers: dict[int, list[Any]] = {}
        self.asked: list[int] = []
        self.job: tuple[int, Any] = (200, {"status": 2, "task_version_id": "V"})
        self.records = [{"sample_id": f"s{at}", "n": at + 0.5} for at in range(number)]

    def __call__(self, asked: Any) -> tuple[int, Any]:
        query = parse_qs(urlsplit(asked.path).query)
        if "offset" not in query:
            return self.job
        page, size = int(query["offset"][0]), int(query["limit"][0])
        self.asked.append(page)
        if self.answers.get(page):
            answer = self.answers[page].pop(0)
            return answer() if callable(answer) else answer  # type: ignore[no-any-return]
        return 200, self.page(self.records[page * size : (page + 1) * size])

    def page(self, records: list[Any]) -> dict[str, Any]:
        return {"count": self.number, "results": records, "has_more": True}


class Hanging:
    """An answer that comes when it is told to."""

    def __init__(self, answer: tuple[int, Any]) -> None:
        self.answer = answer
        self.asked, self.over = threading.Event(), threading.Event()

    def __call__(self) -> tuple[int, Any]:
        self.asked.set()
        self.over.wait(30)
        return self.answer


@pytest.fixture
def samples(
    served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[int], Samples]]:
    """A service with so many samples, and its account in variables."""
    made: list[Any] = []

    def make(number: int) -> Samples:
        found = Samples(number)
        serving = served(found)
        monkeypatch.setenv("JOBCTL_MODELARTS_BASE_URL", serving.__enter__())
        monkeypatch.setenv("JOBCTL_MODELARTS_PROJECT_ID", "p")
        monkeypatch.setenv("JOBCTL_MODELARTS_TOKEN", "planted-token-3")
        made.append(serving)
        return found

    yield make
    for one in made:
        one.__exit__(None, None, None)


WORDS = ("results", "modelarts", "T/V", "--page-size", str(SIZE))
SANDBOX_JOB = "kM7j9TSa611ZzBThzSr/YHFWU18zXuNbqxtzegG"


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_record_of_all_pages_comes_once_in_every_format(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    assert lines(jobctl(*WORDS, "-o", "ndjson").out) == found.records
    assert jobctl(*WORDS, "--json").document == found.records
    assert yaml.safe_load(jobctl(*WORDS, "-o", "yaml").out) == found.records
    for kind, delimiter in (("csv", ","), ("tsv", "\t")):
        text = jobctl(*WORDS, "-o", kind).out
        rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
        assert [row["sample_id"] for row in rows] == [one["sample_id"] for one in found.records]
    table = jobctl(*WORDS)
    assert (table.code, table.err) == (0, "")
    assert len(table.out.splitlines()) == 36


def test_a_limit_fetches_no_page_more_than_it_needs(samples: Any, jobctl: Any) -> None:
    found = samples(1000)
    assert len(lines(jobctl("results", "modelarts", "T/V", "-n", "10", "-o", "ndjson").out)) == 10
    assert found.asked == [0]
    found.asked.clear()
    assert len(lines(jobctl(*WORDS, "--limit", "15", "-o", "ndjson").out)) == 15
    # the first page comes again beside the second, to see what offsets count
    assert found.asked == [0, 0, 1]


def test_a_query_sees_the_records_of_all_pages(samples: Any, jobctl: Any) -> None:
    samples(35)
    assert jobctl(*WORDS, "--json", "-q", "length(@)").document == 35
    assert jobctl(*WORDS, "-o", "csv", "-c", "n", "-n", "2").out == "n\r\n0.5\r\n1.5\r\n"


def test_one_bad_answer_is_asked_again(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    found.answers = {2: [(500, {"error_code": "ModelArts.0010", "error_msg": "Internal error."})]}
    ran = jobctl(*WORDS, "-o", "ndjson")
    assert (ran.code, lines(ran.out)) == (0, found.records)


REFUSED = (400, {"error_code": "ModelArts.0104", "error_msg": "no"})


@pytest.mark.parametrize("format", ["json", "ndjson", "yaml", "csv", "table"])
def test_a_failure_keeps_what_came_and_tells_the_cursor_that_brings_exactly_the_rest(
    format: str, samples: Any, jobctl: Any
) -> None:
    found = samples(35)
    found.answers = {2: [REFUSED]}
    broken = jobctl(*WORDS, "-o", format)
    assert broken.code == 6
    said = broken.err.splitlines()[-1]
    assert "20 records written" in said
    cursor = said.partition("--cursor ")[2].split()[0]
    rest = jobctl(*WORDS, "-o", format, "--cursor", cursor)
    assert rest.code == 0
    both = [read(format, broken.out), read(format, rest.out)]
    assert both[0] + both[1] == [one["sample_id"] for one in found.records]


def read(format: str, text: str) -> list[str]:
    """The ids in an output."""
    if format in ("json", "yaml"):
        return [one["sample_id"] for one in yaml.safe_load(text)]
    if format == "ndjson":
        return [one["sample_id"] for one in lines(text)]
    return [line.replace(",", " ").split()[0] for line in text.splitlines()[1:]]


def test_fewer_records_than_announced_are_an_error(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    found.answers = {3: [(200, found.page([]))] * 9, 4: [(200, found.page([]))] * 9}
    ran = jobctl(*WORDS, "--json")
    assert len(ran.document) == 30
    assert (ran.code, ran.error["kind"]) == (6, "unavailable")
    assert "only 30 of 35 records came" in ran.error["message"]
    found.answers = {3: [(200, found.page([*found.records[29:30], *found.records[30:34]]))]}
    ran = jobctl(*WORDS, "--json")
    assert len(ran.document) == 34
    assert "only 34 of 35 records came, and 1 came twice" in ran.error["message"]
    assert jobctl(*WORDS, "-n", "5", "--json").code == 0


def test_the_same_page_for_ever_comes_to_an_end(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    same = (200, found.page(found.records[:10]))
    found.answers = {page: [same] * 9 for page in range(4)}
    ran = jobctl(*WORDS, "-o", "ndjson")
    assert (ran.code, lines(ran.out)) == (6, found.records[:10])


def test_a_file_is_there_when_it_is_whole(samples: Any, jobctl: Any, tmp_path: Path) -> None:
    found, file = samples(35), tmp_path / "samples.ndjson"
    words = (*WORDS, "-o", "ndjson", "--output-file", str(file))
    ran = jobctl(*words)
    assert (ran.code, ran.out, ran.err) == (0, "", f"{file}: 35 records\n")
    assert lines(file.read_text()) == found.records
    assert list(tmp_path.iterdir()) == [file]
    found.asked.clear()
    again = jobctl(*words)
    assert (again.code, found.asked) == (2, [])
    assert "--force" in again.err
    assert jobctl(*words, "--force", "-n", "3").code == 0
    assert len(lines(file.read_text())) == 3


def test_a_file_whose_ending_tells_no_format_is_said_to_be_a_table(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    samples(35)
    file = tmp_path / "samples.xlsx"
    assert jobctl(*WORDS, "--output-file", str(file)).err == f"{file}: 35 records as a table\n"


@pytest.mark.parametrize("format", ["json", "ndjson", "yaml", "csv", "tsv", "table"])
def test_an_interrupted_file_keeps_what_came_and_the_next_run_completes_it(
    format: str, samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, file = samples(35), tmp_path / "samples"
    part = tmp_path / "samples.part"
    words = (*WORDS, "-o", format, "--output-file", str(file))
    found.answers = {2: [REFUSED]}
    broken = jobctl(*words)
    assert broken.code == 6
    assert not file.exists()
    assert read(format, part.read_text()) == [f"s{at}" for at in range(20)]
    assert str(part) in broken.err
    cursor = broken.err.partition("--cursor ")[2].split()[0]
    assert jobctl(*words, "--cursor", cursor).code == 0
    assert not part.exists()
    assert read(format, file.read_text()) == [one["sample_id"] for one in found.records]


def broken_off(
    samples: Any, jobctl: Any, file: Path, *words: str
) -> tuple[Samples, tuple[str, ...]]:
    """A service, and the words that go on with a run of which two pages came into the file."""
    found = samples(35)
    found.answers = {2: [REFUSED]}
    run = (*WORDS, *words, "--output-file", str(file))
    cursor = jobctl(*run).err.partition("--cursor ")[2].split()[0].strip('",')
    return found, (*run, "--cursor", cursor)


@pytest.mark.parametrize("format", ["json", "ndjson", "csv"])
def test_a_run_that_fails_at_once_leaves_what_came_as_it_was(
    format: str, samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    file, whole = tmp_path / "part", tmp_path / "whole"
    found, again = broken_off(samples, jobctl, file, "-o", format)
    for _ in range(3):
        found.answers = {page: [REFUSED] for page in (1, 2)}
        ran = jobctl(*again)
        assert ran.code == 6
        assert " ".join(again[-2:]) in ran.err
    found.answers = {}
    assert jobctl(*again).code == 0
    assert jobctl(*WORDS, "-o", format, "--output-file", str(whole)).code == 0
    assert file.read_bytes() == whole.read_bytes()
    assert sorted(tmp_path.iterdir()) == [file, whole]


def test_only_what_goes_on_from_there_is_added_to_a_part(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    file, part = tmp_path / "x", tmp_path / "x.part"
    found, (*_, cursor) = broken_off(samples, jobctl, file, "-o", "ndjson")
    words = (*WORDS, "--output-file", str(file))
    came = part.read_bytes()
    found.asked.clear()
    for wrong in (
        ["-o", "ndjson"],
        ["-o", "csv", "--cursor", cursor],
        ["-o", "ndjson", "-q", "n", "--cursor", cursor],
        ["-o", "ndjson", "--cursor", "10.0.page.1.10"],
    ):
        ran = jobctl(*words, *wrong)
        assert (ran.code, found.asked, part.read_bytes()) == (2, [], came)
    assert f"--cursor {cursor} goes on with it" in jobctl(*words, "-o", "ndjson").err
    part.write_bytes(came[:-30])
    assert jobctl(*words, "-o", "ndjson", "--cursor", cursor).code == 2
    (tmp_path / "x.part.end").unlink()
    assert "--force begins anew" in jobctl(*words, "-o", "ndjson", "--cursor", cursor).err
    assert jobctl(*words, "-o", "ndjson", "--force").code == 0
    assert lines(file.read_text()) == found.records


def test_what_follows_a_cursor_alone_is_told_to_be_no_more(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, again = broken_off(samples, jobctl, tmp_path / "x", "-o", "ndjson")
    (tmp_path / "x.part").unlink()
    ran = jobctl(*again)
    assert (ran.code, "only what follows the cursor is written" in ran.err) == (0, True)
    assert lines((tmp_path / "x").read_text()) == found.records[20:]


def test_a_query_over_all_records_begins_anew(samples: Any, jobctl: Any, tmp_path: Path) -> None:
    words = (*WORDS, "-o", "json", "-q", "[].n", "--output-file", str(tmp_path / "x"))
    samples(35).answers = {2: [REFUSED]}
    assert "20 records came; a query over all of them has to begin anew" in jobctl(*words).err
    assert list(tmp_path.iterdir()) == []
    assert jobctl(*words).code == 0
    assert len(json.loads((tmp_path / "x").read_text())) == 35


@pytest.mark.parametrize("name", ["zeta", "@zeta", "\ud800"])
def test_columns_stay_where_the_header_says(
    name: str, samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, broken, whole = samples(35), tmp_path / "x", tmp_path / "y"
    for at, one in enumerate(found.records):
        one["alpha" if at >= 20 else name] = at
    found.records[34][name] = 34
    words = (*WORDS, "-o", "csv", "--output-file")
    assert jobctl(*words, str(whole)).code == 0
    found.answers = {2: [REFUSED]}
    cursor = jobctl(*words, str(broken)).err.partition("--cursor ")[2].split()[0]
    ran = jobctl(*words, str(broken), "--cursor", cursor)
    assert (ran.code, "'alpha' has no column" in ran.err) == (0, True)
    assert broken.read_bytes() == whole.read_bytes()
    rows = csv.reader(io.StringIO(whole.read_text()))
    at = next(rows).index({"@zeta": "'@zeta", "\ud800": r"\ud800"}.get(name, name))
    assert [row[at] for row in rows] == [*map(str, range(20)), *[""] * 14, "34"]


@pytest.mark.parametrize("format", ["json", "ndjson", "csv"])
def test_where_a_disk_is_full_the_file_keeps_whole_records_and_can_be_completed(
    format: str, samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, file = samples(35), tmp_path / "x"
    for one in found.records:
        one["filling"] = "x" * 1000
    words = (*WORDS, "-o", format, "--output-file", str(file))

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (25_000, 25_000))

    with run_in_a_process(*words, preexec_fn=small) as process:
        _, err = process.communicate(timeout=30)
    assert "cannot write the output: File too large" in err
    assert "20 records written" in err
    cursor = err.partition("--cursor ")[2].split()[0]
    assert jobctl(*words, "--cursor", cursor).code == 0
    assert read(format, file.read_text()) == [one["sample_id"] for one in found.records]


def test_a_refusal_is_told_also_where_there_is_no_room_for_the_end_of_a_file(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    words = (*WORDS, "--json", "--output-file", str(tmp_path / "x"))
    found = samples(35)
    found.records[0]["filling"] = "x" * 1000
    found.answers = {2: [(403, {}), (403, {})]}
    cursor = jobctl(*words).error["hint"].partition("--cursor ")[2].split()[0]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        ran = jobctl(*words, "--cursor", cursor)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (ran.code, ran.error["kind"]) == (4, "auth")


def test_a_file_that_is_none_is_not_replaced(samples: Any, jobctl: Any, tmp_path: Path) -> None:
    samples(5)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for option in ("--output-file", "--html"):
        for name in (str(pipe), "-", str(tmp_path)):
            ran = jobctl(*WORDS, option, name, "--force")
            assert (ran.code, ran.out) == (2, "")
    assert pipe.is_fifo()
    both = ("--html", str(tmp_path / "x"), "--output-file", str(tmp_path / "x"))
    assert jobctl(*WORDS, *both).code == 2


@pytest.mark.parametrize("option", ["--output-file", "--html"])
def test_a_link_stays_and_its_file_keeps_its_mode(
    option: str, samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    samples(5)
    file, link = tmp_path / "deep" / "x", tmp_path / "link"
    file.parent.mkdir()
    file.write_text("before")
    file.chmod(0o600)
    link.symlink_to(file)
    assert jobctl(*WORDS, option, str(link), "--force").code == 0
    assert link.is_symlink()
    assert "s4" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_run_that_goes_on_brings_no_record_that_an_earlier_one_brought(
    samples: Any, jobctl: Any
) -> None:
    found = samples(35)
    found.answers = {
        2: [REFUSED],
        3: [(200, found.page([*found.records[:3], *found.records[30:]]))],
    }
    first = jobctl(*WORDS, "-o", "ndjson")
    rest = jobctl(*WORDS, "-o", "ndjson", "--cursor", "20")
    assert (first.code, rest.code) == (6, 0)
    assert lines(first.out) + lines(rest.out) == found.records
    assert "note: 20 records before the cursor are read once more" in rest.err


def test_what_is_left_of_a_limit_is_told_with_the_cursor(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    found.answers = {2: [REFUSED]}
    words = (*WORDS, "-o", "ndjson", "-n")
    ran = jobctl(*words, "25")
    cursor, _, left = ran.err.partition("--cursor ")[2].split()[:3]
    assert (cursor.partition(".")[0], left) == ("20", "5")
    rest = jobctl(*words, left, "--cursor", cursor)
    assert lines(ran.out) + lines(rest.out) == found.records[:25]


def test_a_cursor_behind_other_records_brings_none_of_the_rest(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    found.answers = {1: [(200, found.page([]))]}
    words = (*WORDS, "-o", "ndjson")
    gap = jobctl(*words)
    assert (gap.code, len(lines(gap.out))) == (6, 25)
    ran = jobctl(*words, "--cursor", gap.err.partition("--cursor ")[2].split()[0])
    assert (ran.code, ran.out) == (6, "")
    assert "what lies before the cursor is not what has come" in ran.err
    assert ran.error["hint"] == "begin anew"


def test_a_part_behind_which_other_records_lie_stays(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, again = broken_off(samples, jobctl, tmp_path / "x", "--json")
    before = (tmp_path / "x.part").read_bytes()
    found.records.insert(0, {"sample_id": "new"})
    assert jobctl(*again).code == 6
    assert (tmp_path / "x.part").read_bytes() == before
    del found.records[0]
    assert jobctl(*again).code == 0


@pytest.mark.parametrize("format", ["json", "yaml", "csv", "table"])
def test_a_run_that_brought_nothing_leaves_nothing_to_go_on_with(
    format: str, samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found = samples(35)
    found.answers = {0: [(200, found.page([]))], 1: [REFUSED]}
    words = (*WORDS, "-o", format, "--output-file", str(tmp_path / "x"))
    assert "0 records written; the same command with --cursor 0 brings" in jobctl(*words).err
    assert list(tmp_path.iterdir()) == []
    assert jobctl(*words, "--cursor", "0").code == 0
    assert len(read(format, (tmp_path / "x").read_text())) == 35


@pytest.mark.measured
def test_a_signal_before_anything_is_added_to_a_part_leaves_it_as_it_was(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, again = broken_off(samples, jobctl, tmp_path / "x", "--json")
    before = (tmp_path / "x.part").read_bytes()
    hang = Hanging(REFUSED)
    found.answers = {0: [hang]}
    with run_in_a_process(*again) as process:
        assert hang.asked.wait(20)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    hang.over.set()
    assert (tmp_path / "x.part").read_bytes() == before
    assert jobctl(*again).code == 0
    assert json.loads((tmp_path / "x").read_text()) == found.records


def test_a_cursor_behind_all_there_is_is_an_error(samples: Any, jobctl: Any) -> None:
    samples(5)
    ran = jobctl(*WORDS, "-o", "ndjson", "--cursor", "9")
    assert (ran.code, ran.out) == (6, "")
    assert "there are only 5 records now, and the cursor stands behind more" in ran.err
    odd = jobctl("results", "cognite", "123", "--profile", "sandbox", "--cursor", "3.auto.0.100")
    assert (odd.code, "is not a cursor of cognite" in odd.err) == (2, True)


def test_after_the_end_a_cursor_promises_nothing(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    found.number = 40
    ran = jobctl(*WORDS, "-o", "ndjson")
    assert ran.code == 6
    assert "there are no more now; the same command with --cursor 35." in ran.err


def test_a_count_that_may_go_over_more_than_the_filter_leaves_is_no_error(
    samples: Any, jobctl: Any
) -> None:
    found = samples(35)
    for at, one in enumerate(found.records):
        one["result_property"] = at % 2
    found.page = lambda records: {"count": 35, "results": [r for r in records if r["n"] % 2 < 1]}
    ran = jobctl(*WORDS, "-o", "ndjson", "--property", "kept")
    assert (ran.code, len(lines(ran.out))) == (0, 18)
    assert "only 18 of 35 records came; the service may have counted" in ran.err


def test_a_signal_in_the_middle_of_a_page_leaves_no_half_of_it(tmp_path: Path) -> None:
    kind = Kind("json", None, None, "modelarts/T/V")
    file = OutputFile(str(tmp_path / "x"), kind, cursor=None, force=False)
    with file.opened() as out:
        out.write('[\n  {"a": 1}')
        out.flush()
        whole = file.tell()
        out.write(",\n  {")
        out.flush()
        file.cut_back(whole)
        out.write("\n]\n")
        out.flush()
        file.stopped("1.1.", None)
    assert json.loads((tmp_path / "x.part").read_text()) == [{"a": 1}]


def test_a_place_that_can_be_no_file_is_refused(samples: Any, jobctl: Any, tmp_path: Path) -> None:
    found = samples(35)
    for name in ("", str(tmp_path), "/"):
        ran = jobctl(*WORDS, "--output-file", name, "--force")
        assert (ran.code, found.asked) == (2, [])


def test_a_count_that_more_records_disprove_ends_nothing(samples: Any, jobctl: Any) -> None:
    found = samples(35)
    found.number = 15
    ran = jobctl(*WORDS, "-o", "ndjson")
    assert (ran.code, lines(ran.out)) == (0, found.records)
    assert "announces 15 records, but more came" in ran.err


def test_a_page_of_repeats_where_nobody_knows_how_many_there_are_is_an_error(
    samples: Any, jobctl: Any
) -> None:
    found = samples(35)
    found.page = lambda records: {"results": records}
    found.answers = {2: [(200, {"results": found.records[:10]})]}
    ran = jobctl(*WORDS, "-o", "ndjson")
    assert (ran.code, lines(ran.out)) == (6, found.records[:20])
    assert "nothing new, and nobody says whether there is more" in ran.err


@pytest.mark.measured
def test_an_output_that_cannot_be_written_tells_how_far_it_came(samples: Any) -> None:
    samples(35)
    full = Path("/dev/full")
    with full.open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "jobctl", *WORDS, "-o", "ndjson"],
            stdout=out, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "cannot write the output: No space left on device" in done.stderr
    assert "0 records written; the same command with --cursor 0 brings" in done.stderr


def test_that_there_are_no_records_is_told_to_people(samples: Any, jobctl: Any) -> None:
    samples(0)
    assert jobctl(*WORDS).err == "note: there are no records\n"
    assert jobctl(*WORDS, "--quiet").err == jobctl(*WORDS, "--json").err == ""


def test_what_chooses_among_records_has_whole_pages_to_choose_from(
    samples: Any, jobctl: Any
) -> None:
    found = samples(35)
    words = ("results", "modelarts", "T/V", "-n", "1", "-o", "ndjson")
    sizes: list[int] = []
    plain = found.page

    def page(records: list[Any]) -> Any:
        sizes.append(len(records))
        return plain(records)

    found.page = page
    jobctl(*words)
    jobctl(*words, "--property", "kept")
    assert sizes == [1, 35]


def test_a_file_that_was_gone_on_with_is_told_with_all_its_records(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, file = samples(35), tmp_path / "x"
    words = (*WORDS, "-o", "ndjson", "--output-file", str(file))
    found.answers = {2: [REFUSED]}
    cursor = jobctl(*words).err.partition("--cursor ")[2].split()[0]
    assert jobctl(*words, "--cursor", cursor).err.splitlines()[-1] == f"{file}: 35 records"
    assert jobctl(*words, "--force", "-n", "1").err == f"{file}: 1 record\n"


def test_a_column_that_no_record_has_is_told(samples: Any, jobctl: Any) -> None:
    samples(35)
    for format_ in ("csv", "table"):
        ran = jobctl(*WORDS, "-o", format_, "-c", "sample_id,origin_sorce")
        assert (ran.code, ran.out) == (2, "")
        assert ran.err == (
            "error: --columns: no record has the field 'origin_sorce'\n"
            "hint: did you mean origin_source?\n"
        )
        # a field that is known may be in none, and what is in a known field nobody knows
        ran = jobctl(*WORDS, "-o", format_, "-c", "sample_id,origin_source,new_source.x")
        assert ran.code == 0
        assert ran.err.splitlines()[-1] == "warning: no record has the field 'origin_source'"


def test_a_run_that_brings_nothing_leaves_no_file(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found = samples(35)
    found.answers = {0: [REFUSED]}
    assert jobctl(*WORDS, "--output-file", str(tmp_path / "x")).code == 6
    assert list(tmp_path.iterdir()) == []
    ran = jobctl(*WORDS, "--output-file", str(tmp_path / "no" / "folder"))
    assert ran.code == 2
    assert "cannot be written" in ran.err


def test_a_page_for_a_browser_takes_the_place_of_the_table(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, page = samples(35), tmp_path / "report.html"
    ran = jobctl(*WORDS, "--html", str(page))
    assert (ran.code, ran.out, ran.err) == (0, "", f"{page}: 35 records\n")
    assert all(f">{one['sample_id']}<" in page.read_text() for one in found.records)
    again = jobctl(*WORDS, "--html", str(page))
    assert (again.code, "--force" in again.err) == (2, True)
    both = jobctl(*WORDS, "--html", str(page), "--images", str(tmp_path), "--force", "-o", "ndjson")
    assert lines(both.out) == found.records
    assert jobctl(*WORDS, "--images", str(tmp_path)).code == 2
    assert jobctl(*WORDS, "--html", str(tmp_path / "no" / "x.html")).code == 2


def test_a_page_of_a_broken_run_says_that_it_is_not_whole(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, page = samples(35), tmp_path / "report.html"
    found.answers = {2: [REFUSED]}
    ran = jobctl(*WORDS, "--html", str(page))
    part = tmp_path / "report.part.html"
    assert ran.code == 6
    assert f"20 records written to {part}; " in ran.err
    assert ">s19<" in part.read_text()
    assert ">s20<" not in part.read_text()
    assert "incomplete" in part.read_text()
    cursor = ran.err.partition("--cursor ")[2].split()[0]
    assert jobctl(*WORDS, "--html", str(page), "--cursor", cursor).code == 0
    assert "Not on this page: the first 20 records." in page.read_text()


def test_a_page_without_the_job_itself_is_a_page(jobctl: Any, samples: Any, tmp_path: Path) -> None:
    found = samples(5)
    found.job = REFUSED
    ran = jobctl(*WORDS, "--html", str(tmp_path / "report.html"))
    assert ran.code == 0
    assert "warning: the job itself could not be read" in ran.err


@pytest.mark.parametrize(
    "words",
    [
        ["--cursor", "x"],
        ["-o", "ids"],
        ["-o", "raw"],
        ["-o", "table", "-q", "a"],
        ["-o", "json", "-c", "a"],
        ["--limit", "0"],
        ["--page-size", "1000"],
        ["--set", "nothing=1"],
        ["-c", "a,,b"],
        ["--images", "."],
    ],
    ids=" ".join,
)
def test_what_cannot_be_asked_is_refused_before_any_request(
    words: list[str], samples: Any, jobctl: Any
) -> None:
    found = samples(35)
    ran = jobctl("results", "modelarts", "T/V", *words)
    assert (ran.code, ran.out, found.asked) == (2, "", [])


def test_what_there_is_to_say_is_said_once_unless_quiet(
    samples: Any, jobctl: Any, configured: Any
) -> None:
    found = samples(35)
    for at, one in enumerate(found.records):
        one["result_property"] = at % 2
    configured("profiles:\n  default:\n    huawei:\n      token: planted-token-8\n", 0o644)
    words = (*WORDS, "--property", "kept", "-o", "ndjson")
    ran = jobctl(*words)
    assert lines(ran.out) == found.records[::2]
    assert ran.err.count("the service ignores the filter") == 1
    assert ran.err.count("chmod 600") == 1
    assert jobctl(*words, "--quiet").err == ""
    assert jobctl(*words, "-v", "-n", "1").err.count("GET http://127.0.0.1") == 1
    listed = jobctl("list", "vas", "face-detect", "--profile", "sandbox", "-v", "-n", "1")
    assert listed.err.count("GET http://127.0.0.1") == 1


def test_a_page_of_a_part_says_so(samples: Any, jobctl: Any, tmp_path: Path) -> None:
    samples(35)
    assert jobctl(*WORDS, "--html", str(tmp_path / "x.html"), "-n", "3").code == 0
    assert "No more than 3 records, as asked for." in (tmp_path / "x.html").read_text()


@pytest.mark.measured
def test_a_reader_that_has_enough_is_no_error(samples: Any) -> None:
    samples(100_000)
    with run_in_a_process("results", "modelarts", "T/V", "-o", "ndjson") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["sample_id"] == "s0"
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.measured
def test_a_page_is_written_to_its_end_for_whoever_reads_it_later(
    samples: Any, tmp_path: Path
) -> None:
    samples(3_000)
    page = tmp_path / "page.html"
    words = ("results", "modelarts", "T/V", "-o", "ndjson", "--html", str(page))
    with run_in_a_process(*words) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == f"{page}: 3,000 records\n"
    assert process.returncode == 0
    assert "s2999" in page.read_text()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), *others((signal.SIGTERM, 143), (signal.SIGHUP, 129))],
)
def test_a_signal_ends_it_and_what_was_written_is_whole(
    number: int, code: int, samples: Any
) -> None:
    found = samples(35)
    hang = Hanging(REFUSED)
    for page in (0, 2):
        hang.asked.clear()
        found.answers = {page: [hang]}
        with run_in_a_process(*WORDS, "--json") as process:
            assert hang.asked.wait(20)
            process.send_signal(number)
            out, err = process.communicate(timeout=20)
        assert process.returncode == code
        if not page:
            assert (out, err) == ("", "")
    hang.over.set()
    assert [one["sample_id"] for one in json.loads(out)] == [f"s{at}" for at in range(20)]
    assert "20 records written; the same command with --cursor 20." in err


def test_a_signal_leaves_a_part_that_the_next_run_completes(
    samples: Any, jobctl: Any, tmp_path: Path
) -> None:
    found, file = samples(35), tmp_path / "x"
    hang = Hanging(REFUSED)
    found.answers = {2: [hang]}
    words = (*WORDS, "--json", "--output-file", str(file))
    with run_in_a_process(*words) as process:
        assert hang.asked.wait(20)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    hang.over.set()
    assert json.loads((tmp_path / "x.part").read_text()) == found.records[:20]
    assert jobctl(*words, "--cursor", err.partition("--cursor ")[2].split()[0]).code == 0
    assert json.loads(file.read_text()) == found.records


def test_signatures_are_masked_unless_they_are_asked_for(jobctl: Any) -> None:
    words = ("results", "modelarts", SANDBOX_JOB, "--profile", "sandbox")
    for kind in ("table", "json", "ndjson", "yaml", "csv", "tsv"):
        assert "FAKE-SIGNATURE" not in jobctl(*words, "-o", kind).out
    shown = jobctl(*words, "-o", "ndjson", "--show-signed-urls")
    assert shown.out.count("FAKE-SIGNATURE") > 18
    told = "warning: the signed URLs have expired, some on 2020-11-26T08:42:34.000Z\n"
    assert shown.err == told
    assert "expired 2020-11-26T08:42:34.000Z" in jobctl(*words).out


@pytest.mark.parametrize(
    ("job", "code"),
    [
        ("cognite 124", 0),
        ("modelarts kM7j9TSa611ZzBThzSr/nothing", 5),
        ("modelarts AcYfsdfhGyrWL5TtahH", 10),
        ("oracle-content X/ZX-1", 5),
        ("cognite 403", 4),
        ("cognite 400", 6),
        ("nothing 1", 2),
    ],
)
def test_one_exit_code_for_each_outcome_whatever_the_format(
    job: str, code: int, jobctl: Any
) -> None:
    for kind in ("table", "json", "ndjson", "csv"):
        ran = jobctl("results", *job.split(), "--profile", "sandbox", "-o", kind)
        # a job of the sandbox begins its life with the first look
        assert ran.code == code or (job == "cognite 124" and ran.code == 8)


def test_results_that_are_not_ready_are_no_error_of_jobctl(jobctl: Any) -> None:
    ran = jobctl("results", "cognite", "123", "--profile", "sandbox", "--json")
    assert (ran.code, ran.error["kind"], ran.out) == (8, "pending", "")


def test_the_bar_shows_count_rate_and_time_left(samples: Any) -> None:
    found = samples(35)
    hang = Hanging((200, found.page(found.records[30:])))
    found.answers = {3: [hang]}
    words = (*WORDS, "-o", "ndjson")
    with run_on_a_terminal(*words, stdout=subprocess.DEVNULL) as (process, end):
        shown = b""
        while b"records/s" not in shown:
            shown += end.read(10_000) or b""
        assert hang.asked.wait(20)
        hang.over.set()
        process.wait(20)
    assert b" of 35" in shown
