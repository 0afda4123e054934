"""Time, so that tests can pass another one, and recordings be played faster."""

import time


class Clock:
    """The real clock, `speed` times as fast where somebody plays a recording. Times are seconds."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed

    def now(self) -> float:
        """Seconds that only go forward, from a start that means nothing."""
        return time.monotonic() * self._speed

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds / self._speed)

    def wall(self) -> float:
        """Seconds since 1970 in UTC."""
        return time.time()
