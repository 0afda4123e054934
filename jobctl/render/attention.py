"""What a terminal shows outside its screen: the window's title, the taskbar, a notification."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple, TextIO

from jobctl.masking.texts import masked
from jobctl.models import Job
from jobctl.render.clean import clean
from jobctl.render.listener import Listener, Verdict
from jobctl.render.streams import dumb, encodable
from jobctl.render.words import span, tally

_KEEP_TITLE, _GIVE_TITLE_BACK = "\x1b[22;2t", "\x1b[23;2t"
_BELL = "\a"


class Taskbar(IntEnum):
    """How progress looks in a taskbar."""

    GONE = 0
    NORMAL = 1
    ERROR = 2
    BUSY = 3
    WARNING = 4


class Summary(NamedTuple):
    """A title, and how much of the work is done, 0 to 1."""

    title: str
    look: Taskbar
    share: float


class Attention:
    """The window's title, and progress in the taskbar, until they are cleared."""

    def __init__(self, out: TextIO, *, environ: Mapping[str, str]) -> None:
        self._out = out
        self._taskbar = not _takes_progress_for_a_notification(environ)
        self._title: str | None = None

    def show(self, summary: Summary) -> None:
        """Set the title where it is another, and the progress.

        There are terminals that drop a progress of which they hear nothing for a while.
        """
        title = "" if self._title is not None else _KEEP_TITLE
        if summary.title != self._title:
            title += _command(self._out, "2", summary.title)
        self._title = summary.title
        self._send(title, self._progress(summary.look, summary.share))

    def clear(self) -> None:
        """Leave no trace."""
        if self._title is not None:
            self._title = None
            # The empty title is for terminals that keep none.
            self._send(
                self._progress(Taskbar.GONE, 0), _command(self._out, "2", ""), _GIVE_TITLE_BACK
            )

    def _progress(self, look: Taskbar, share: float) -> str:
        if not self._taskbar:
            return ""
        return _command(self._out, "9", "4", f"{look}", f"{share * 100:.0f}")

    def _send(self, *parts: str) -> None:
        self._out.write("".join(parts))
        self._out.flush()


class Notification(Listener):
    """Tells the desktop, by way of the terminal, how a wait ended; also over SSH."""

    def __init__(self, out: TextIO, *, environ: Mapping[str, str]) -> None:
        self._out = out
        self._environ = environ

    def finish(self, jobs: Sequence[Job], verdict: Verdict | None) -> None:
        if verdict is not None and self._out.isatty():
            self._out.write(_BELL if dumb(self._environ) else self._notice(jobs, verdict) + _BELL)
            self._out.flush()

    def _notice(self, jobs: Sequence[Job], verdict: Verdict) -> str:
        what = str(jobs[0].ref) if len(jobs) == 1 else tally(verdict.states)
        text = f"{verdict.verdict} after {span(int(verdict.elapsed_seconds))}: {what}"
        # The word in front keeps a terminal from taking the text for a command of its own.
        notice = _command(self._out, "9", f"jobctl: {text}")
        notice += _command(self._out, "777", "notify", "jobctl", text)
        if self._environ.get("TMUX"):
            return "\x1bPtmux;" + notice.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        return notice


def _command(out: TextIO, *words: str) -> str:
    """An operating system command, harmless whatever its words."""
    return "\x1b]" + encodable(clean(masked(";".join(words))), out) + "\x1b\\"


def _takes_progress_for_a_notification(environ: Mapping[str, str]) -> bool:
    # One that does not name the feature shows its numbers as text, every second.
    features = environ.get("TERM_FEATURES", "")
    return environ.get("TERM_PROGRAM") == "iTerm.app" and "P" not in features
