"""What a wait tells to machines besides its output: `--junit`, `--ci`, `--on-done`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from jobctl.commands import Terminal
from jobctl.render.listener import Listener
from jobctl.render.progress import Fold

_RECOGNISED = {"github": "GITHUB_ACTIONS", "gitlab": "GITLAB_CI"}


class Reporting(NamedTuple):
    """What the command line asks; without `ci` the environment tells which CI it is."""

    junit: str | None = None
    ci: str | None = None
    on_done: str | None = None

    def where(self, environ: Mapping[str, str]) -> str | None:
        """The CI that reads: `github`, `gitlab`, or one that is none of these."""
        found = (name for name, flag in _RECOGNISED.items() if environ.get(flag) == "true")
        return self.ci or next(found, None)


def open_reports(
    asked: Reporting, terminal: Terminal, now: Callable[[], datetime], *, partial_ok: bool
) -> Iterator[Listener]:
    """The reports on a wait that begins now; only their modules are imported.

    Raises:
        UsageError: the file for JUnit cannot be written.
    """
    if asked.junit is not None:
        from jobctl.render.junit import JunitReport

        yield JunitReport(Path(asked.junit), started=now(), partial_ok=partial_ok)
    if asked.where(terminal.environ) == "github":
        from jobctl.render.github import GitHubReport

        yield GitHubReport(terminal.err, environ=terminal.environ, partial_ok=partial_ok)
    if asked.on_done is not None:
        from jobctl.commands.on_done import OnDone

        # It comes last, when what it may want to send is there.
        yield OnDone(asked.on_done, terminal.err, terminal.environ)


def open_fold(
    asked: Reporting, environ: Mapping[str, str], now: Callable[[], datetime]
) -> Fold | None:
    """What folds the progress in the log of the CI that reads."""
    where = asked.where(environ)
    if where == "github":
        from jobctl.render.github import Group

        return Group()
    if where == "gitlab":
        from jobctl.render.gitlab import Section

        return Section(now)
    return None
