"""Time, so that tests can pass another one."""

import time


class Clock:
    """The real clock. All times are seconds."""

    def now(self) -> float:
        """Seconds that only go forward, from a start that means nothing."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def wall(self) -> float:
        """Seconds since 1970 in UTC."""
        return time.time()
