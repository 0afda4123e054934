"""Jobs to show, and streams to show them on."""

import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobctl.models import Job, JobRef, JobState

NOW = datetime(2024, 10, 29, 14, 0, tzinfo=UTC)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def __init__(self, encoding: str = "utf-8") -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        text.encode(self._encoding)
        return super().write(text)


@pytest.fixture
def job() -> Callable[..., Job]:
    """A job from its reference, its state and whatever else matters."""

    def make(ref: str, state: str = "running", **fields: Any) -> Job:
        return Job(
            ref=JobRef.parse(ref), state=JobState(state), **{"status": state.title(), **fields}
        )

    return make


@pytest.fixture
def ago() -> Callable[..., datetime]:
    """A time before the tests' now."""
    return lambda **span: NOW - timedelta(**span)


@pytest.fixture
def now() -> Callable[[], datetime]:
    return lambda: NOW


@pytest.fixture
def terminal() -> Callable[..., Terminal]:
    return Terminal


@pytest.fixture
def kathmandu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Readers in a zone of 5 hours and 45 minutes east."""
    monkeypatch.setenv("TZ", "NPT-5:45")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
