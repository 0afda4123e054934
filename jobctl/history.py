"""Jobs seen lately: what was last known of each, kept for people and for the next wait.

SQLite, because several commands may write at once, each the whole of what it knows or nothing.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl import files, payload
from jobctl.config.folders import folder, named
from jobctl.config.private import check, claim, is_ours, make_folder
from jobctl.errors import ConfigError
from jobctl.masking.texts import masked
from jobctl.models import Job, JobState, rfc3339

if TYPE_CHECKING:
    import sqlite3

SCHEMA = "jobctl.history/v1"
MOST = 1000
_MOVE = "JOBCTL_STATE_DIR names another folder for it"
_FEWEST, _SAMPLES = 2, 20
_PATIENCE, _GLANCE = 2.0, 0.1
_STEPS = 1_000_000  # of SQLite: what is called `jobs` may be a view that somebody else has made
_LONGEST = 200
# A job that was cut short tells nothing about the next one.
_WENT_THROUGH = (JobState.SUCCEEDED, JobState.PARTIAL)
# The row that was written last has the highest number; one written again gets a new one.
_TABLE = """
create table if not exists jobs (
    number integer primary key,
    profile text, provider text, id text, kind text, name text, state text, status text,
    created_at text, started_at text, ended_at text, run_seconds real, seen_at text,
    unique (profile, provider, id) on conflict replace
)
"""
_COLUMNS = (
    "profile, provider, id, kind, name, state, status,"
    " created_at, started_at, ended_at, run_seconds, seen_at"
)
_NEWEST = f"select {_COLUMNS} from jobs order by number desc limit ?"  # noqa: S608 - no values


class Entry(NamedTuple):
    """What was last known of a job. `kind` is its model or type, times are RFC 3339."""

    profile: str
    provider: str
    id: str
    kind: str | None
    name: str | None
    state: str
    status: str | None
    created_at: str | None
    started_at: str | None
    ended_at: str | None
    run_seconds: float | None
    seen_at: str

    @property
    def ref(self) -> str:
        """The full reference."""
        return f"{self.provider}/{self.id}"

    def document(self, number: int) -> dict[str, Any]:
        """The `jobctl.history/v1` document, every field there."""
        return {
            "schema": SCHEMA,
            "number": f"@{number}",
            "ref": self.ref,
            "provider": self.provider,
            "id": self.id,
            "profile": self.profile,
            "name": self.name,
            "state": self.state,
            "status": self.status,
            "created_at": self.created_at,
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "duration_seconds": self.run_seconds,
            "seen_at": self.seen_at,
        }


class History:
    """The jobs that any command has seen, the newest `MOST` of them.

    Each method opens the file anew, so that threads may share an instance, waits `patience` seconds
    for another command that writes, and raises a `ConfigError` if the file cannot be used. A broken
    one is put aside.
    """

    def __init__(self, path: Path, patience: float = _PATIENCE) -> None:
        self.path = path
        self.patience = patience

    def remember(self, profile: str, jobs: Sequence[Job], seen: datetime) -> None:
        """Keep what is known of the jobs now; the first of them will be the newest."""
        entries = [_entry(profile, job, seen) for job in reversed(jobs)]
        with self._opened() as file:
            values = ", ".join("?" * len(Entry._fields))
            file.executemany(f"insert into jobs ({_COLUMNS}) values ({values})", entries)  # noqa: S608 - no values
            file.execute(
                "delete from jobs where number <="
                " (select number from jobs order by number desc limit 1 offset ?)",
                [MOST],
            )

    def newest(self, limit: int = MOST) -> list[Entry]:
        """The jobs seen last, newest first."""
        if not files.exists(self.path):
            return []
        with self._opened() as file:
            return _entries(file.execute(_NEWEST, [limit]))

    def glance(self) -> list[Entry]:
        """The same, but nothing is written or complained of, and who writes is not waited for."""
        try:
            import sqlite3
        except ImportError:
            return []
        files = (self.path, self.path.with_name(f"{self.path.name}-journal"))
        try:
            if not all(is_ours(one.lstat()) for one in files if one is self.path or one.exists()):
                return []
            address = f"{self.path.absolute().as_uri()}?mode=ro"
            with closing(sqlite3.connect(address, uri=True, timeout=_GLANCE)) as file:
                _guard(file)
                return _entries(file.execute(_NEWEST, [MOST]))
        except (OSError, sqlite3.Error, UnicodeDecodeError):
            return []

    def usual(self, profile: str) -> Callable[[Job], float | None]:
        """What gives the usual run time of jobs like another, in seconds, where it is known.

        It is the median of those of its kind that bear its name, else of all of its kind.
        """
        from statistics import median

        runs: dict[tuple[str | None, ...], list[float]] = defaultdict(list)
        for one in self.newest():
            if one.profile == profile and one.state in _WENT_THROUGH and one.run_seconds:
                runs[one.provider, one.kind, one.name].append(one.run_seconds)
                runs[one.provider, one.kind].append(one.run_seconds)

        def seconds(job: Job) -> float | None:
            kind = (job.ref.provider, kind_of(job))
            for alike in ((*kind, _kept(job.name)), kind):
                found = runs.get(alike, ())
                if len(found) >= _FEWEST:
                    return median(found[:_SAMPLES])
            return None

        return seconds

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            import sqlite3
        except ImportError:
            raise ConfigError("no history is kept: this Python was built without SQLite") from None
        try:
            make_folder(self.path.parent)
            claim(self.path)
            check(self.path.with_name(f"{self.path.name}-journal"))
            with closing(sqlite3.connect(self.path, timeout=self.patience)) as file, file:
                _guard(file)
                # a command that dies leaves the file whole; a machine that does, perhaps not
                file.execute("pragma synchronous = off")
                file.execute(_TABLE)
                yield file
        except (OSError, sqlite3.OperationalError) as error:
            raise ConfigError(
                f"the history {self.path} cannot be used: {error}", hint=_MOVE
            ) from None
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            aside = self.path.with_suffix(".broken")
            with suppress(OSError):
                self.path.replace(aside)
            raise ConfigError(
                f"the history {self.path} was broken ({error}) and begins anew",
                hint=f"what was in it is in {aside}",
            ) from None


class NoHistory(History):
    """Keeps nothing: for a user who has no folder for it."""

    def __init__(self) -> None:
        super().__init__(Path())

    def remember(self, profile: str, jobs: Sequence[Job], seen: datetime) -> None:
        """Forget the jobs."""

    def newest(self, limit: int = MOST) -> list[Entry]:  # noqa: ARG002
        """None."""
        return []

    def glance(self) -> list[Entry]:
        """None."""
        return []


def history(environ: Mapping[str, str], timeout: float | None = None) -> History:
    """The user's history, in `JOBCTL_STATE_DIR`, else in the platform's folder.

    What has a `timeout`, in seconds, is not made much longer by another command that writes.

    Raises:
        ConfigError: JOBCTL_STATE_DIR holds no path.
    """
    found = named(environ, "JOBCTL_STATE_DIR") or folder("state")
    if found is None:
        return NoHistory()
    patience = _PATIENCE if timeout is None else min(_PATIENCE, max(_GLANCE, timeout / 4))
    return History(found / "history.db", patience)


def kind_of(job: Job) -> str | None:
    """What the service calls this kind of job: its model, else its type."""
    return _kept(payload.text(job.detail.get("model")) or payload.text(job.detail.get("type")))


def _guard(file: sqlite3.Connection) -> None:
    """Read whatever stands in a file, and not for ever."""
    file.text_factory = lambda text: text.decode(errors="replace")
    file.set_progress_handler(lambda: True, _STEPS)


def _entries(rows: Iterable[Sequence[Any]]) -> list[Entry]:
    """The rows as entries, without those that somebody else must have written."""
    return [one for one in (Entry(*row) for row in rows) if _fits(one)]


def _fits(one: Entry) -> bool:
    *texts, run, seen = one
    run = 0.0 if run is None else run
    return (
        all(isinstance(text, str) for text in (one.profile, one.provider, one.id, seen))
        and all(text is None or isinstance(text, str) for text in texts)
        and one.state in list(JobState)
        and isinstance(run, int | float)
        and 0 <= run < math.inf
        and seen == rfc3339(payload.iso_time(seen))
    )


def _entry(profile: str, job: Job, seen: datetime) -> Entry:
    ended = job.ended_at if job.state.ended else None
    run: float | None = job.duration_seconds
    if run is None:
        run = payload.seconds_between(job.started_at or job.created_at, ended)
    return Entry(
        profile,
        job.ref.provider,
        job.ref.id,
        kind_of(job),
        _kept(job.name),
        job.state.value,
        _kept(job.status),
        rfc3339(job.created_at),
        rfc3339(job.started_at),
        rfc3339(ended),
        None if run is None else float(run),
        str(rfc3339(seen)),
    )


def _kept(text: str | None) -> str | None:
    """A service's text without secrets, of a length that a list has room for."""
    if text is None:
        return None
    # half a surrogate pair, which services may send, is no text to SQLite
    return masked(text).encode("utf-8", "backslashreplace").decode()[:_LONGEST]
