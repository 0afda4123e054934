"""A clock that stands still."""

from dataclasses import dataclass

import pytest


@dataclass
class FakeClock:
    """A clock that moves when told."""

    time: float = 1_700_000_000.0

    def wall(self) -> float:
        return self.time


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
