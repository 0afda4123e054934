"""GitLab CI: a section around the progress.

https://docs.gitlab.com/ci/jobs/job_logs/
"""

from collections.abc import Callable
from datetime import datetime

from jobctl.render.progress import Fold


class Section(Fold):
    """A section that opens on a click; its name has its time, for names must differ in a log."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._name = f"jobctl_{self._time()}"

    def begin(self, title: str) -> str:
        return f"\x1b[0Ksection_start:{self._time()}:{self._name}[collapsed=true]\r\x1b[0K{title}"

    def end(self) -> str:
        return f"\x1b[0Ksection_end:{self._time()}:{self._name}\r\x1b[0K"

    def _time(self) -> int:
        return int(self._now().timestamp())
