"""Time that tests move."""

from datetime import UTC, datetime

from jobctl.stream.clock import Answer, Clock, Inbox


class SimulatedClock(Clock):
    """Time that passes only by waiting; an answer that is under way comes first."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.hang = False

    def now(self) -> float:
        return self.time

    def wall(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def wait(self, inbox: Inbox, seconds: float, *, busy: bool) -> Answer | None:
        if busy and not self.hang:
            return inbox.get(timeout=10)
        self.time += max(seconds, 0.001)
        return None
