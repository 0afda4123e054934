"""What a check found."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from jobctl.errors import ExitCode, JobctlError

_MEND = "; mend it with: "
# where an error does not say it itself
_USUAL = {
    "configuration": "mend that, or let JOBCTL_CONFIG name another file",
    "credentials": "set it anew",
    "folders": "set it anew, or unset it",
    "request": "wait for the service, or look whether its status page tells of this",
    "settings": "set it anew, or take it away",
    "trust": "name another, or unset it",
}


class Status(StrEnum):
    """How bad it is, the worst first."""

    PROBLEM = "problem"
    WARNING = "warning"
    OK = "ok"


class Finding(NamedTuple):
    """One thing that was looked at: of which `check`, what it is, and what mends it.

    `provider` is there where it is about one; `code` is what another command would exit with.
    """

    check: str
    status: Status
    what: str
    mend: str | None = None
    provider: str | None = None
    code: ExitCode = ExitCode.OK

    def as_problem(self, code: ExitCode) -> Finding:
        """The same, where something else has failed for it."""
        return self._replace(status=Status.PROBLEM, code=code)


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, Status.OK, what)


def warning(check: str, what: str, mend: str | None) -> Finding:
    """It is odd, and may be the reason of something else."""
    return Finding(check, Status.WARNING, what, mend)


def of_warning(check: str, text: str) -> Finding:
    """What another command would warn about."""
    what, _, mend = text.partition(_MEND)
    return warning(check, what, mend or None)


def problem(
    check: str, what: str, mend: str | None, code: ExitCode = ExitCode.UNAVAILABLE
) -> Finding:
    """It is wrong."""
    return Finding(check, Status.PROBLEM, what, mend, code=code)


def of_error(check: str, error: JobctlError) -> Finding:
    """What an error of another command would tell."""
    first, _, _ = error.message.partition("\n")
    return problem(check, first, error.hint or _USUAL.get(check), error.exit_code)
