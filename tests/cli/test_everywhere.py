"""`list` without a provider: one table of everything that is set up."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from threads import few

from jobctl.cli.sources import use_providers
from jobctl.commands import Terminal
from jobctl.commands.everywhere import everywhere
from jobctl.commands.listing import ListRequest

Run = Callable[..., Any]
NOW = datetime(2026, 1, 31, tzinfo=UTC)
FILE = """\
title: T
settings: {base_url: BASE, token: {secret: true, optional: true}, WANTED}
auth: {bearer: token}
ids: [{name: job}]
get: {path: "/jobs/{job}"}
job: {status: s, states: {running: [r], succeeded: [d]}, created_at: at}
list: {path: /jobs, records: jobs, total: count, ids: {job: id}, order: newest}
"""


@dataclass
class Services:
    """What two services do, and the words that name their files; a third one is half set up."""

    words: list[str]
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    refuses: set[str] = field(default_factory=set)
    hangs: dict[str, threading.Event] = field(default_factory=dict)


def row(id: str, hour: int, state: str = "r") -> dict[str, Any]:
    return {"id": id, "s": state, "at": f"2026-01-31T{hour:02}:00:00Z"}


@pytest.fixture
def services(
    served: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Services]:
    made = Services([])

    def answer(name: str) -> Callable[[Any], Any]:
        def tell(_asked: Any) -> tuple[int, Any]:
            if name in made.hangs:
                made.hangs[name].wait(20)
            body = {"jobs": made.rows.get(name, []), "count": made.counts.get(name)}
            return (401, {}) if name in made.refuses else (200, body)

        return tell

    with served(answer("one")) as one, served(answer("two")) as two:
        for name, url in (("one", one), ("two", two), ("three", one)):
            path = tmp_path / f"{name}.yaml"
            wanted = "project: {help: which}" if name == "three" else ""
            path.write_text(FILE.replace("BASE", url).replace("WANTED", wanted))
            made.words += ["--provider-file", str(path)]
            monkeypatch.setenv(f"JOBCTL_{name.upper()}_TOKEN", "planted-token-1")
        yield made
        for event in made.hangs.values():
            event.set()


def test_all_that_are_set_up_stand_in_one_table_the_newest_first(
    jobctl: Run, services: Services
) -> None:
    services.rows = {"one": [row("a", 9), row("b", 7)], "two": [row("c", 8), row("d", 10)]}
    ran = jobctl("list", *services.words, "-o", "ids")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.split() == ["two/d", "one/a", "two/c", "one/b"]
    assert jobctl("list", *services.words, "-n", "1", "-o", "ids").out == "two/d\n"
    found = jobctl("list", *services.words, "--json", "--raw", "--sort", "created:asc").document
    assert [one["raw"]["id"] for one in found] == ["b", "c", "a", "d"]


def test_it_chooses_among_the_jobs_of_all(jobctl: Run, services: Services) -> None:
    services.rows = {"one": [row("a", 9, "d")], "two": [row("c", 8), row("d", 10, "d")]}
    assert jobctl("list", *services.words, "--state", "running", "-o", "ids").out == "two/c\n"
    assert jobctl("list", *services.words, "--since", "2026-01-31T10:00", "-o", "ids").out == (
        "two/d\n"
    )
    ran = jobctl("list", *services.words, "--state", "failed")
    assert (ran.code, ran.err) == (0, "note: there are no such jobs (one, two)\n")
    assert jobctl("list", *services.words, "--state", "runing").code == 2


def test_who_is_not_set_up_is_not_asked(
    jobctl: Run, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.rows = {"one": [row("a", 9)], "two": [row("c", 8)]}
    monkeypatch.setenv("GITHUB_TOKEN", "planted-token-3")  # which lists no jobs but a repository's
    monkeypatch.delenv("JOBCTL_ONE_TOKEN")  # all has a default, but nobody said that it is used
    assert jobctl("list", *services.words, "-o", "ids").out == "two/c\n"
    monkeypatch.delenv("JOBCTL_TWO_TOKEN")
    ran = jobctl("list", *services.words)
    assert (ran.code, ran.out) == (2, "")
    assert "no service that lists its jobs is set up" in ran.err


def test_what_could_not_be_asked_is_told_in_a_line_each(jobctl: Run, services: Services) -> None:
    services.rows = {"two": [row("c", 8)]}
    services.refuses = {"one"}
    ran = jobctl("list", *services.words, "-o", "ids")
    assert (ran.code, ran.out) == (0, "two/c\n")
    (line,) = ran.err.splitlines()
    assert line.startswith("warning: one: ")
    services.refuses = {"one", "two"}
    ran = jobctl("list", *services.words, "-o", "json")
    assert (ran.code, ran.out) == (4, "")
    assert (ran.error["kind"], ran.error["provider"]) == ("auth", "one")
    warning, _ = ran.err.splitlines()
    assert warning.startswith("warning: two: ")


def test_one_that_wants_to_be_told_where_is_not_what_failed(
    jobctl: Run, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (
        ("BASE_URL", "http://127.0.0.1:9"),
        ("PROJECT_ID", "p"),
        ("TOKEN", "t" * 9),
    ):
        monkeypatch.setenv(f"JOBCTL_VAS_{name}", value)
    services.refuses = {"one", "two"}
    ran = jobctl("list", *services.words, "--json")
    assert (ran.code, ran.error["provider"]) == (4, "one")
    assert "vas" not in ran.err


def test_what_a_service_leaves_to_be_wished_for_is_told_with_its_name(
    jobctl: Run, services: Services, monkeypatch: pytest.MonkeyPatch, configured: Any
) -> None:
    services.rows, services.counts = {"one": [row("a", 9)], "two": [row("c", 8)]}, {"one": 5}
    sections = "two: {token: planted-token-2}, github-actions: {token: planted-token-4}"
    config = configured(f"profiles: {{default: {{{sections}}}}}", 0o644)
    monkeypatch.delenv("JOBCTL_TWO_TOKEN")
    ran = jobctl("list", *services.words, "-o", "ids", "--state", "running")
    assert (ran.code, ran.out.split()) == (0, ["one/a", "two/c"])
    readable, short = ran.err.splitlines()
    assert "planted" not in readable
    assert readable.startswith(f"warning: {config}")
    assert short.startswith("warning: one: ")


def test_the_jobs_of_the_only_one_are_shown_though_not_all_came(
    jobctl: Run, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.rows, services.counts = {"two": [row("c", 8)]}, {"two": 5}
    monkeypatch.delenv("JOBCTL_ONE_TOKEN")
    ran = jobctl("list", *services.words, "-o", "ids")
    assert (ran.code, ran.out) == (6, "two/c\n")
    assert ran.err.startswith("error: two: ")


def test_a_slow_service_delays_nobody(jobctl: Run, services: Services) -> None:
    services.rows = {"two": [row("c", 8)]}
    services.hangs = {"one": threading.Event()}
    ran = jobctl("list", *services.words, "-o", "ids", "--timeout", "1s")
    assert (ran.code, ran.out) == (0, "two/c\n")
    assert ran.err == "warning: one: no answer within 1 s\n"


def test_a_setting_that_cannot_be_used_is_told_of_its_service(
    jobctl: Run, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.rows = {"two": [row("c", 8)]}
    monkeypatch.setenv("JOBCTL_ONE_BASE_URL", "http://example.com")
    ran = jobctl("list", *services.words, "-o", "ids")
    assert (ran.code, ran.out) == (0, "two/c\n")
    assert ran.err.startswith("warning: one: JOBCTL_ONE_BASE_URL")


def test_a_setting_of_none_of_them_is_a_wrong_argument(jobctl: Run, services: Services) -> None:
    ran = jobctl("list", *services.words, "--set", "projekt=x")
    assert (ran.code, "projekt" in ran.err) == (2, True)


def test_the_sandbox_lists_what_it_plays_and_a_recording_what_was_asked(
    jobctl: Run, tmp_path: Path
) -> None:
    tape = str(tmp_path / "tape")
    # what commands share counts before the verb, too
    words = ("-p", "sandbox", "--record", tape, "list", "-o", "ids", "-n", "500")
    ran = jobctl(*words)
    assert (ran.code, ran.err) == (0, "")
    assert {line.partition("/")[0] for line in ran.out.splitlines()} == {"modelarts", "modzy"}
    played = jobctl("--replay", tape, "-o", "ids", "list", "-n", "500")
    assert (played.code, sorted(played.out.split())) == (0, sorted(ran.out.split()))


def in_memory(out: StringIO) -> Terminal:
    return Terminal(out, StringIO(), StringIO(), os.environ)


def test_a_defect_is_none_of_the_service(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.rows = {"one": [row("a", 9)]}
    monkeypatch.delenv("JOBCTL_TWO_TOKEN")
    use_providers(services.words)
    broken: Any = "many"
    with pytest.raises(TypeError):
        everywhere(ListRequest("", limit=broken), in_memory(StringIO()), lambda: NOW, 30)


def test_without_threads_they_are_asked_one_by_one(services: Services) -> None:
    services.rows = {"one": [row("a", 9)], "two": [row("c", 8)]}
    use_providers(services.words)
    out = StringIO()
    code = everywhere(ListRequest(""), in_memory(out), lambda: NOW, 30, start=few(0))
    assert code == 0
    assert [line.split()[0] for line in out.getvalue().splitlines()[1:]] == ["one/a", "two/c"]
