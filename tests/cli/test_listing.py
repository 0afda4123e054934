"""The jobs of a service: what its list cannot do is done here."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from contract import FIELDS

from jobctl.commands.listing import moment
from jobctl.errors import UsageError

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
VAS = ("list", "vas", "face-detect", "--profile", "sandbox")


@pytest.fixture
def tasks(
    served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[dict[str, Any]]]:
    """A service of data-processing tasks, which filters and sorts nothing; and its account.

    It refuses to give a page with a task of None.
    """
    found: list[Any] = []

    def answer(asked: Any) -> tuple[int, Any]:
        query = parse_qs(urlsplit(asked.path).query)
        start, size = int(query["offset"][0]), int(query["limit"][0])
        page = found[start * size : (start + 1) * size]
        return (400, {}) if None in page else (200, {"count": len(found), "tasks": page})

    with served(answer) as url:
        monkeypatch.setenv("JOBCTL_MODELARTS_BASE_URL", url)
        monkeypatch.setenv("JOBCTL_MODELARTS_PROJECT_ID", "p")
        monkeypatch.setenv("JOBCTL_MODELARTS_TOKEN", "planted-token-4")
        yield found


def refs(ran: Any, code: int = 0) -> list[str]:
    assert ran.code == code, ran.err
    return [line.rpartition("/")[2] for line in ran.out.splitlines()]


def test_rows_are_jobs_with_every_field(jobctl: Any) -> None:
    found = jobctl(*VAS, "--json", "-n", "3").document
    assert [list(one) for one in found] == [FIELDS] * 3
    assert jobctl(*VAS, "-n", "1", "--json").document[0]["ref"] == found[0]["ref"]
    assert jobctl(*VAS, "-n", "2", "-o", "ids").out == "".join(
        f"{one['ref']}\n" for one in found[:2]
    )
    lines = jobctl(*VAS, "-n", "3", "-o", "ndjson").out.splitlines()
    assert [json.loads(line)["ref"] for line in lines] == [one["ref"] for one in found]
    raw = jobctl(*VAS, "--json", "-n", "1", "--raw").document[0]["raw"]
    assert raw["service_name"] == "face-detect"
    assert jobctl(*VAS, "-n", "3", "-c", "name,state").out.splitlines()[0].split() == [
        "name",
        "state",
    ]


def test_all_pages_are_listed_the_newest_job_first(jobctl: Any) -> None:
    found = jobctl(*VAS, "--json").document
    assert len(found) == 250
    times = [one["created_at"] for one in found]
    assert times == sorted(times, reverse=True)


def test_states_and_times_choose(jobctl: Any) -> None:
    for words, states in (
        (["--state", "failed"], {"failed"}),
        (["--state", "failed,cancelled"], {"failed", "cancelled"}),
        (["--state", "succeeded", "--state", "failed"], {"succeeded", "failed"}),
    ):
        found = jobctl(*VAS, *words, "--json").document
        assert {one["state"] for one in found} == states
        assert len(found) in (83, 84, 166, 167)
    some = jobctl(*VAS, "--since", "2024-01-11T00:00:00Z", "--json").document
    assert len(some) == 10
    assert jobctl(*VAS, "--since", "1h", "--json").document == []


def test_since_goes_by_another_time_where_the_creation_is_not_told(
    tasks: list[dict[str, Any]], jobctl: Any
) -> None:
    tasks += [{"task_id": f"t{at}", "status": 1} for at in range(2)]
    tasks[0]["create_time"] = 1606375407276
    done = jobctl("list", "modelarts", "-o", "ids", "--since", "2020-11-26")
    assert refs(done) == ["t0"]
    assert "modelarts: a job tells no time at all" in done.err
    tasks.append(tasks[1] | {"task_id": "t2"})
    done = jobctl("list", "modelarts", "--since", "1h")
    assert "modelarts: 2 jobs tell no time at all, and --since leaves" in done.err


def test_what_the_service_leaves_unsorted_and_unchosen_is_sorted_and_chosen_here(
    tasks: list[dict[str, Any]], jobctl: Any
) -> None:
    tasks += [
        {"task_id": f"t{at}", "status": at % 4, "create_time": 1606375407276 - at * 1000}
        | ({"duration_seconds": at % 7} if at % 5 else {})
        for at in range(250)
    ]
    words = ("list", "modelarts", "-o", "ids")
    assert refs(jobctl(*words)) == [f"t{at}" for at in range(250)]
    assert refs(jobctl(*words, "--state", "failed", "-n", "2")) == ["t3", "t7"]
    assert refs(jobctl(*words, "--since", "2020-11-26T07:23:26Z")) == ["t0", "t1"]
    states = jobctl("list", "modelarts", "--sort", "state", "--json").document
    assert [one["state"] for one in states] == sorted(one["state"] for one in states)
    lasted = jobctl("list", "modelarts", "--sort", "ended:desc", "-n", "1", "--json").document
    assert len(lasted) == 1


def test_a_page_too_old_ends_the_list(tasks: list[dict[str, Any]], jobctl: Any) -> None:
    tasks += [
        {"task_id": f"t{at}", "status": 2, "create_time": 1606375407276 - at * 1000}
        for at in range(250)
    ]
    ran = jobctl("list", "modelarts", "-o", "ids", "--since", "2020-11-26T07:23:26Z", "-v")
    assert refs(ran) == ["t0", "t1"]
    assert ran.err.count("GET ") == 1


def test_a_service_that_does_not_sort_loses_no_jobs(
    tasks: list[dict[str, Any]], jobctl: Any
) -> None:
    tasks += [
        {"task_id": f"t{at}", "status": 2, "create_time": 1606375407276 - (at * 37 % 250) * 1000}
        for at in range(250)
    ]
    found = refs(jobctl("list", "modelarts", "-o", "ids", "--since", "2020-11-26T07:22:27Z"))
    assert len(found) == 61


def test_no_jobs_are_told_to_be_none(tasks: list[Any], jobctl: Any) -> None:
    ran = jobctl("list", "modelarts")
    assert (ran.code, ran.err) == (0, "note: there are no such jobs\n")
    since = ("--since", "2h")
    assert jobctl("list", "modelarts", *since).err == "note: there are no such jobs\n"
    assert tasks == []
    assert jobctl("list", "modelarts", "--quiet").err == ""
    assert jobctl("list", "modelarts", "--json").err == ""


def test_fewer_jobs_than_announced_are_shown_and_an_error(jobctl: Any, tasks: list[Any]) -> None:
    tasks += [{"task_id": "t1", "status": 2}] * 3
    for quiet in ([], ["--quiet"]):
        ran = jobctl("list", "modelarts", "-o", "ids", *quiet)
        assert refs(ran, 6) == ["t1"]
        assert ran.err == "error: only 1 of 3 jobs came, and 2 came twice\n"


def test_what_a_filter_leaves_out_may_be_counted_and_is_no_error(
    jobctl: Any, tasks: list[Any]
) -> None:
    tasks += [{"task_id": "t1", "status": 2}] * 3
    ran = jobctl("list", "modelarts", "-o", "ids", "--name", "t")
    assert refs(ran) == ["t1"]
    assert "warning: only 1 of 3 jobs came" in ran.err


def test_a_service_that_gives_its_only_page_for_ever_is_warned_about(
    jobctl: Any, served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [{"jobIdentifier": f"j{at}", "status": "IN_PROGRESS"} for at in range(3)]
    with served(lambda _: (200, jobs)) as url:
        monkeypatch.setenv("JOBCTL_MODZY_BASE_URL", url)
        monkeypatch.setenv("JOBCTL_MODZY_API_KEY", "planted.key-1")
        ran = jobctl("list", "modzy", "-o", "ids")
    assert refs(ran) == ["j0", "j1", "j2"]
    assert "nobody says whether there is more" in ran.err


def test_a_page_that_fails_does_not_hide_those_before_it(jobctl: Any, tasks: list[Any]) -> None:
    tasks += [*({"task_id": f"t{at}", "status": 2} for at in range(150)), None]
    ran = jobctl("list", "modelarts", "-o", "ids")
    assert refs(ran, 6) == [f"t{at}" for at in range(100)]
    assert "error: " in ran.err


def test_what_there_is_to_say_is_said_once(jobctl: Any, tasks: list[Any], configured: Any) -> None:
    tasks += [{"task_id": f"t{at}" if at % 100 else None, "status": 2} for at in range(250)]
    configured("profiles:\n  default:\n    huawei:\n      token: planted-token-8\n", 0o644)
    ran = jobctl("list", "modelarts", "-o", "ids")
    assert len(refs(ran, 6)) == 247
    assert ran.err.count("chmod 600") == 1
    assert ran.err.count("without a proper id") == 1


@pytest.mark.parametrize("provider", ["cognite", "oracle-content"])
def test_a_service_without_a_list_says_so_without_a_request(provider: str, jobctl: Any) -> None:
    for choosing in ([], ["--state", "failed", "--since", "2h", "--sort", "name", "-n", "2"]):
        ran = jobctl("list", provider, "--json", *choosing)
        assert (ran.code, ran.out, ran.error["kind"]) == (2, "", "usage")
        assert "cannot list jobs" in ran.error["message"]
        assert ran.error["provider"] == provider
        assert ran.error["hint"]
    assert "--state" not in jobctl("list", provider, "--help").out


def test_the_body_is_shown_of_one_job_alone(jobctl: Any) -> None:
    assert jobctl(*VAS, "-o", "raw", "-n", "1").code == 0
    ran = jobctl(*VAS, "-o", "raw", "-n", "2")
    assert (ran.code, ran.out) == (2, "")


def test_the_help_says_who_chooses_how_far_back_and_where(jobctl: Any) -> None:
    def told(provider: str) -> str:
        return " ".join(jobctl("list", provider, "--help").out.split())

    assert "Without it: the last 30 days." in told("modzy")
    assert "jobctl list vas video-analyze --since 2h" in told("vas")
    assert "The task of which the versions are listed" in told("modelarts")
    assert "created in the last 2h, 30m... or since a date: done by the service" in told("vas")
    assert "or since a date: done by jobctl" in told("modelarts")


@pytest.mark.parametrize(
    "words",
    [
        ["vas", "face-detect", "--state", "done"],
        ["vas", "face-detect", "--since", "yesterday"],
        ["vas", "face-detect", "--since", "2026-99-99"],
        ["vas", "face-detect", "--since", "999999999h"],
        ["vas", "face-detect", "--sort", "size"],
        ["vas", "face-detect", "--sort", "name:up"],
        ["vas", "face-detect", "--set", "nothing=1"],
        ["vas", "Face_Detect"],
        ["vas", "a/b"],
        ["vas"],
        ["modzy", "x"],
        ["modelarts", "a/b"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_listed_is_refused(words: list[str], jobctl: Any) -> None:
    ran = jobctl("list", *words, "--profile", "sandbox")
    assert (ran.code, ran.out) == (2, "")


@pytest.mark.parametrize("words", ["get cognite 123 -c ref,", "list modzy -n 2 -c detail.model,"])
def test_a_column_of_detail_that_no_job_has_is_told_at_the_end(words: str, jobctl: Any) -> None:
    ran = jobctl(*f"{words}detail.parametrs".split(), "--profile", "sandbox", "-o", "csv")
    assert (ran.code, ran.err) == (0, "warning: no job has the field 'detail.parametrs'\n")
    assert ran.out.partition("\r\n")[0].endswith(",detail.parametrs")


def test_help_says_what_the_service_does_and_what_jobctl_does(jobctl: Any) -> None:
    text = " ".join(jobctl("list", "vas", "--help").out.split())
    assert "done by the service for created, updated, name; by jobctl for the rest" in text
    assert "cannot list jobs" in jobctl("list", "cognite", "--help").out


def test_since_is_a_duration_or_a_date() -> None:
    assert moment("2h", NOW) == datetime(2026, 1, 31, 10, tzinfo=UTC)
    assert moment("2026-01-30", NOW) == datetime(2026, 1, 30, tzinfo=UTC)
    assert moment("2026-01-30T12:00:00+02:00", NOW) == datetime(2026, 1, 30, 10, tzinfo=UTC)
    for text in ("2026-13-01", "soon", ""):
        with pytest.raises(UsageError):
            moment(text, NOW)


def test_a_file_that_lists_the_newest_first_is_sorted_here_for_the_oldest(jobctl: Any) -> None:
    file = Path(__file__).parent.parent / "declared" / "files" / "studio.yaml"
    words = ("--provider-file", str(file), "list", "studio", "main", "-p", "sandbox", "-o", "ids")
    newest = jobctl(*words).out.split()
    assert newest[0] == "studio/main/j-0"
    assert jobctl(*words, "--sort", "created:asc").out.split() == newest[::-1]
    assert jobctl(*words, "--sort", "created:asc", "-n", "1").out.split() == newest[-1:]
