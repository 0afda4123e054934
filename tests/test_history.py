"""The history: what is kept of the jobs seen, and what becomes of it in bad company."""

import os
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobctl.errors import ConfigError
from jobctl.history import MOST, Entry, History, history, kind_of
from jobctl.masking.secrets import hide
from jobctl.models import Job, JobRef, JobState

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
Remember = Callable[..., None]


@pytest.fixture
def kept(tmp_path: Path) -> History:
    return History(tmp_path / "state" / "history.db")


def job(id: str, state: JobState = JobState.SUCCEEDED, **more: Any) -> Job:
    return Job(ref=JobRef.parse(id), state=state, status=state.upper(), **more)


def refs(kept: History) -> list[str]:
    return [one.ref for one in kept.newest()]


def test_the_jobs_seen_last_come_first_and_each_of_them_once(kept: History) -> None:
    kept.remember("default", [job("cognite/1"), job("cognite/2")], NOON)
    kept.remember("default", [job("modzy/a"), job("cognite/1", JobState.FAILED)], NOON)
    assert refs(kept) == ["modzy/a", "cognite/1", "cognite/2"]
    assert kept.newest(2)[1].state == "failed"


def test_the_same_job_of_another_profile_is_another_job(kept: History) -> None:
    kept.remember("default", [job("cognite/1")], NOON)
    kept.remember("sandbox", [job("cognite/1")], NOON)
    assert [one.profile for one in kept.newest()] == ["sandbox", "default"]


def test_what_was_last_known_is_a_document_with_every_field(kept: History) -> None:
    started, ended = datetime(2026, 1, 1, 10, tzinfo=UTC), datetime(2026, 1, 1, 11, tzinfo=UTC)
    seen = job("vas/video-analyze/t1", name="film", started_at=started, ended_at=ended)
    kept.remember("default", [seen], NOON)
    assert kept.newest()[0].document(1) == {
        "schema": "jobctl.history/v1",
        "number": "@1",
        "ref": "vas/video-analyze/t1",
        "provider": "vas",
        "id": "video-analyze/t1",
        "profile": "default",
        "name": "film",
        "state": "succeeded",
        "status": "SUCCEEDED",
        "created_at": None,
        "started_at": "2026-01-01T10:00:00.000Z",
        "ended_at": "2026-01-01T11:00:00.000Z",
        "duration_seconds": 3600.0,
        "seen_at": "2026-01-01T12:00:00.000Z",
    }


def test_only_the_newest_are_kept(kept: History) -> None:
    kept.remember("default", [job(f"cognite/{n}") for n in range(1, MOST + 3)], NOON)
    kept.remember("default", [job("cognite/2")], NOON)
    assert len(refs(kept)) == MOST
    assert refs(kept)[:2] == ["cognite/2", "cognite/1"]


def test_a_job_that_is_looked_at_often_pushes_no_other_out(kept: History) -> None:
    kept.remember("default", [job("cognite/1")], NOON)
    kept.remember("default", [job("cognite/2")] * (MOST + 1), NOON)
    assert refs(kept) == ["cognite/2", "cognite/1"]


def test_no_secret_and_no_signed_url_is_kept_and_no_text_without_end(kept: History) -> None:
    hide("planted-secret")
    name = "planted-secret https://host.example/?X-Amz-Signature=planted " + "x" * 1000
    detail = {"model": "model planted-secret"}
    kept.remember("default", [job("cognite/1", name=name, detail=detail, url="https://u")], NOON)
    assert b"planted" not in kept.path.read_bytes()
    assert b"https://u" not in kept.path.read_bytes()
    assert len(kept.newest()[0].name or "") == 200


def test_text_that_is_no_unicode_is_kept_as_its_escape(kept: History) -> None:
    kept.remember("default", [job("cognite/1", name="half \ud83d")], NOON)
    assert kept.newest()[0].name == "half \\ud83d"


def test_the_file_is_for_its_owner_alone(kept: History) -> None:
    kept.remember("default", [job("cognite/1")], NOON)
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


def test_a_look_at_a_history_that_is_not_there_makes_none(kept: History) -> None:
    assert kept.newest() == []
    assert kept.usual("default")(job("cognite/1")) is None
    assert not kept.path.parent.exists()


def test_commands_that_write_at_once_lose_nothing(kept: History) -> None:
    def write(number: int) -> None:
        kept.remember("default", [job(f"cognite/{number}")], NOON)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(refs(kept)) == sorted(f"cognite/{number}" for number in range(1, 21))


@pytest.mark.parametrize(
    ("name", "seconds"),
    [("nightly", 20.0), ("once", 35.0), ("never seen before", 35.0), (None, 35.0)],
)
def test_the_usual_run_time_is_the_median_of_the_same_name_or_else_of_the_kind(
    name: str | None, seconds: float, kept: History
) -> None:
    kind = {"model": "ocr"}
    ran = {"nightly": (10.0, 20.0, 90.0), "once": (1000.0,), "other": (30.0, 40.0)}
    jobs = [
        job(f"modzy/{name}-{index}", name=name, duration_seconds=found, detail=kind)
        for name, times in ran.items()
        for index, found in enumerate(times)
    ]
    kept.remember("default", jobs, NOON)
    assert kept.usual("default")(job("modzy/next", name=name, detail=kind)) == seconds


def test_nothing_is_usual_after_one_job_or_jobs_that_were_cut_short_or_of_others(
    kept: History,
) -> None:
    failed = [job(f"modzy/f{n}", JobState.FAILED, duration_seconds=1.0) for n in range(5)]
    running = [job("modzy/r", JobState.RUNNING, duration_seconds=1.0)]
    kept.remember("default", [*failed, *running, job("modzy/1", duration_seconds=9.0)], NOON)
    kept.remember("sandbox", [job("modzy/2", duration_seconds=9.0)], NOON)
    kept.remember("default", [job("vas/s/3", duration_seconds=9.0), job("modzy/4")], NOON)
    assert kept.usual("default")(job("modzy/next")) is None
    kept.remember("default", [job("modzy/5", duration_seconds=9.0)], NOON)
    assert kept.usual("default")(job("modzy/next")) == 9.0


def test_only_the_latest_of_many_run_times_tell_what_is_usual(kept: History) -> None:
    slow = [job(f"modzy/slow{n}", duration_seconds=900) for n in range(30)]
    fast = [job(f"modzy/fast{n}", duration_seconds=9) for n in range(11)]
    kept.remember("default", slow, NOON)
    kept.remember("default", fast, NOON)
    assert kept.usual("default")(job("modzy/next")) == 9.0


def test_a_run_time_beyond_all_reason_is_kept_as_it_can_be(kept: History) -> None:
    kept.remember("default", [job("modzy/1", duration_seconds=2**63)], NOON)
    assert kept.newest()[0].run_seconds == 2.0**63


def test_where_the_service_tells_no_run_time_its_times_do(kept: History) -> None:
    began, ended = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 0, 1, tzinfo=UTC)
    jobs = [job(f"vas/s/{n}", created_at=began, ended_at=ended) for n in range(2)]
    kept.remember("default", jobs, NOON)
    assert kept.usual("default")(job("vas/s/next")) == 60.0


@pytest.mark.parametrize(
    ("detail", "kind"),
    [({"model": "ocr", "type": "batch"}, "ocr"), ({"type": "batch"}, "batch"), ({}, None)],
)
def test_the_kind_of_a_job_is_its_model_or_else_its_type(
    detail: dict[str, Any], kind: str | None
) -> None:
    assert kind_of(job("modzy/1", detail=detail)) == kind


def test_a_broken_file_is_put_aside_and_told_once(kept: History) -> None:
    content = b"no database" * 100
    kept.path.parent.mkdir()
    kept.path.write_bytes(content)
    with pytest.raises(ConfigError, match="was broken"):
        kept.remember("default", [job("cognite/1")], NOON)
    assert kept.path.with_suffix(".broken").read_bytes() == content
    kept.remember("default", [job("cognite/2")], NOON)
    assert refs(kept) == ["cognite/2"]


@pytest.mark.parametrize("folder", ["/proc/nowhere", "/dev/null/nowhere"])
def test_a_folder_that_cannot_be_written_is_an_error_that_names_the_variable(folder: str) -> None:
    with pytest.raises(ConfigError, match="cannot be used") as told:
        History(Path(folder) / "history.db").remember("default", [job("cognite/1")], NOON)
    assert "JOBCTL_STATE_DIR" in str(told.value.hint)


def test_a_file_that_another_command_holds_for_long_is_an_error(kept: History) -> None:
    kept.patience = 0.01
    kept.remember("default", [job("cognite/1")], NOON)
    holder = sqlite3.connect(kept.path)
    holder.execute("begin exclusive")
    with pytest.raises(ConfigError, match="locked"):
        kept.remember("default", [job("cognite/2")], NOON)
    holder.close()


@pytest.mark.parametrize(("timeout", "patience"), [(None, 2), (60.0, 2), (1.0, 0.25), (0.0, 0.1)])
def test_a_wait_is_made_longer_by_a_quarter_at_most(
    timeout: float | None, patience: float, tmp_path: Path
) -> None:
    assert history({"JOBCTL_STATE_DIR": str(tmp_path)}, timeout).patience == patience


def test_a_file_that_somebody_else_has_made_is_not_read_for_ever(kept: History) -> None:
    kept.path.parent.mkdir()
    with closing(sqlite3.connect(kept.path)) as file, file:
        names = ", ".join(f"n as {name}" for name in ("number", *Entry._fields))
        numbers = "with recursive c(n) as (select 1 union all select n + 1 from c)"
        file.execute(f"create view jobs as {numbers} select {names} from c where n < 0")
    assert kept.glance() == []
    with pytest.raises(ConfigError, match="interrupted"):
        kept.newest()


def test_a_file_whose_names_are_no_text_is_broken(kept: History) -> None:
    kept.remember("default", [job("cognite/1")], NOON)
    kept.path.write_bytes(kept.path.read_bytes().replace(b"state text", b"), \xffte t"))
    assert kept.glance() == []
    with pytest.raises(ConfigError, match="was broken"):
        kept.newest()


def test_a_python_without_sqlite_is_an_error(
    kept: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with pytest.raises(ConfigError, match="without SQLite"):
        kept.remember("default", [job("cognite/1")], NOON)


def test_the_history_lies_where_the_variable_says_or_the_platform(tmp_path: Path) -> None:
    assert history({"JOBCTL_STATE_DIR": str(tmp_path)}).path == tmp_path / "history.db"
    assert history({}).path.parent.name == "jobctl"


def test_a_user_without_a_home_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, "/dev/null")
    kept = history({})
    kept.remember("default", [job("cognite/1")], NOON)
    assert kept.newest() == []
    assert kept.usual("default")(job("cognite/1")) is None


@pytest.mark.parametrize("name", ["history.db", "history.db-journal"])
def test_what_others_put_in_the_place_of_a_file_is_refused(kept: History, name: str) -> None:
    kept.path.parent.mkdir()
    os.mkfifo(kept.path.with_name(name))
    with pytest.raises(ConfigError, match=f"{name} is no file of this user"):
        kept.remember("default", [job("cognite/1")], NOON)


def test_a_history_that_others_could_read_is_closed_to_them(kept: History) -> None:
    kept.remember("default", [job("cognite/1")], NOON)
    kept.path.chmod(0o644)
    assert refs(kept) == ["cognite/1"]
    assert kept.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "change",
    ["profile = null", "provider = x'00ff'", "state = 'done'", "state = null",
     "name = x'ff'", "state = cast(x'ff' as text)", "run_seconds = 'long'",
     "run_seconds = -1", "run_seconds = 9e999",
     "seen_at = 'yesterday'", "seen_at = null"],
)  # fmt: skip
def test_a_row_that_somebody_else_must_have_written_is_left_out(kept: History, change: str) -> None:
    kept.remember("default", [job("cognite/1")], NOON)
    with closing(sqlite3.connect(kept.path)) as file, file:
        file.execute(f"update jobs set {change}")
    kept.remember("default", [job("cognite/2")], NOON)
    for entries in (kept.newest(), kept.glance()):
        assert [one.ref for one in entries] == ["cognite/2"]
