"""Everything that can go wrong, and the one table of exit codes.

* JobctlError
  * UsageError        2   wrong arguments
    * ConfigError     2   unusable configuration
      * LackingError  2   settings that nothing gives
      * MistakesError 2   a file that is wrong, each mistake a line
    * Unsupported     2   the service has no such thing
  * AuthError         4   credentials refused, expired, or not to be had
  * NotFoundError     5   no such job, or not visible to these credentials
  * UnavailableError  6   no proper answer from the service
  * ThrottledError    7   rate-limited
  * NotReadyError     8   the job has no results yet
  * JobFailedError   10   the job failed, so there are none
  * StalledError     13   a job in which nothing changes any more
  * TimedOutError   124   the time was over before the job was known
  * Interrupted           Ctrl-C (130), SIGTERM (143), SIGHUP (129)
    * ReaderGone    141   nobody reads what is written
"""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import ClassVar, NamedTuple, TypeVar


class ExitCode(IntEnum):
    """The exit codes scripts are written against; 1 to 7 speak of jobctl, 8 to 13 of the job."""

    OK = 0
    INTERNAL = 1
    USAGE = 2
    AUTH = 4
    NOT_FOUND = 5
    UNAVAILABLE = 6
    THROTTLED = 7
    PENDING = 8
    FAILED = 10
    CANCELLED = 11
    PARTIAL = 12
    UNKNOWN = 13
    TIMEOUT = 124
    SIGHUP = 129
    SIGINT = 130
    SIGPIPE = 141
    SIGTERM = 143


class ExitRow(NamedTuple):
    """One line of the table that `jobctl exit-codes` prints and the docs repeat."""

    code: ExitCode
    kind: str
    when: str


EXIT_CODES = (
    ExitRow(ExitCode.OK, "ok", "shown; or the wait ended as wished"),
    ExitRow(ExitCode.INTERNAL, "internal", "a defect of jobctl: please report"),
    ExitRow(ExitCode.USAGE, "usage", "wrong arguments, unusable configuration"),
    ExitRow(
        ExitCode.AUTH,
        "auth",
        "credentials refused or expired (401, 403), or a keyring that cannot give them",
    ),
    ExitRow(ExitCode.NOT_FOUND, "not-found", "no such job, or not visible to these credentials"),
    ExitRow(
        ExitCode.UNAVAILABLE,
        "unavailable",
        "no proper answer for too long, or the request is refused",
    ),
    ExitRow(ExitCode.THROTTLED, "throttled", "rate-limited for too long"),
    ExitRow(ExitCode.PENDING, "pending", "not ended: --exit-status, or results that are not ready"),
    ExitRow(ExitCode.FAILED, "failed", "the job failed"),
    ExitRow(ExitCode.CANCELLED, "cancelled", "the job was cancelled"),
    ExitRow(ExitCode.PARTIAL, "partial", "the job ended with failures among its items"),
    ExitRow(
        ExitCode.UNKNOWN,
        "unknown",
        "--exit-status on a state nobody knows; --stall-after ran out",
    ),
    ExitRow(ExitCode.TIMEOUT, "timeout", "--timeout ran out"),
    ExitRow(ExitCode.SIGHUP, "interrupted", "the terminal went away (SIGHUP)"),
    ExitRow(ExitCode.SIGINT, "interrupted", "Ctrl-C"),
    ExitRow(ExitCode.SIGPIPE, "interrupted", "the reader of a wait has gone"),
    ExitRow(ExitCode.SIGTERM, "interrupted", "asked to stop (SIGTERM)"),
)

_PRECEDENCE = (130, 143, 129, 141, 1, 2, 4, 5, 6, 7, 10, 11, 12, 124, 13, 8, 0)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """The code that speaks for several: the first in order of precedence; 0 for none."""
    return min(codes, key=_PRECEDENCE.index, default=ExitCode.OK)


def kind_of(code: ExitCode) -> str:
    """The word for an exit code, as in `EXIT_CODES`."""
    return next(row.kind for row in EXIT_CODES if row.code == code)


_E = TypeVar("_E", bound="JobctlError")

STRANGER = "check base_url: who answers there may not be the service"
"""The hint for an answer such as the service never gives."""


class JobctlError(Exception):
    """What a user is told: what happened, what to do next, and the facts a bug report needs.

    `transient` errors may pass by themselves: a wait survives them. `retry_after` is the pause in
    seconds the service asked for. `unreached` tells that nobody was there to see the request, or
    somebody else: where the service has never answered, its address is more likely wrong than it is
    down, and the hint says what to check.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        provider: str | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
        transient: bool = False,
        retry_after: float | None = None,
        unreached: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.provider = provider
        self.http_status = http_status
        self.request_id = request_id
        self.transient = transient
        self.retry_after = retry_after
        self.unreached = unreached

    def instead(
        self,
        kind: type[_E],
        message: str,
        *,
        hint: str | None = None,
        transient: bool = False,
        retry_after: float | None = None,
    ) -> _E:
        """Another error, which means the same answer of the same service."""
        return kind(
            message,
            hint=hint,
            provider=self.provider,
            http_status=self.http_status,
            request_id=self.request_id,
            transient=transient,
            retry_after=retry_after,
        )

    def document(self) -> dict[str, object]:
        """The `jobctl.error/v1` document."""
        return {
            "schema": "jobctl.error/v1",
            "error": {
                "exit_code": int(self.exit_code),
                "kind": kind_of(self.exit_code),
                "message": self.message,
                "hint": self.hint,
                "provider": self.provider,
                "http_status": self.http_status,
                "request_id": self.request_id,
            },
        }


class UsageError(JobctlError):
    """The command line asks for something that cannot be."""

    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """The configuration cannot be used as it stands."""


class LackingError(ConfigError):
    """Nothing gives what is needed; what is there may be right."""


class MistakesError(ConfigError):
    """A file is wrong, perhaps in several places: its message has a line for each of them."""


class Unsupported(UsageError):  # noqa: N818 - what it says of the service is no error of it
    """The service cannot do what the command line asks for."""


class AuthError(JobctlError):
    """The credentials were refused, have expired, or could not be had."""

    exit_code = ExitCode.AUTH


class NotFoundError(JobctlError):
    """There is no such job, or these credentials may not see it."""

    exit_code = ExitCode.NOT_FOUND


class UnavailableError(JobctlError):
    """The service gave no proper answer, or refused the request."""

    exit_code = ExitCode.UNAVAILABLE


def asks_for(pause: float) -> str:
    """What an error says besides, where the service wants so many seconds without a request."""
    return f"; the service asks for a pause of {pause:.0f} s"


class ThrottledError(JobctlError):
    """The service wants fewer requests."""

    exit_code = ExitCode.THROTTLED


class NotReadyError(JobctlError):
    """The job has not ended, and the service gives its results only then."""

    exit_code = ExitCode.PENDING


class JobFailedError(JobctlError):
    """The job failed, and so there is nothing of what was asked for."""

    exit_code = ExitCode.FAILED


class StalledError(JobctlError):
    """Nothing has changed in a job for as long as was allowed."""

    exit_code = ExitCode.UNKNOWN


class TimedOutError(JobctlError):
    """The time of a wait was over before it was known which job is waited for."""

    exit_code = ExitCode.TIMEOUT


def together(mistakes: Sequence[JobctlError]) -> JobctlError:
    """One error of several: each a line, in the order of the file, with what mends it."""
    mistakes = list({one.message: one for one in mistakes}.values())
    if len(mistakes) == 1:
        return mistakes[0]
    lines = "\n".join(
        f"{one.message} ({one.hint})" if one.hint else one.message
        for one in sorted(mistakes, key=_in_the_file)
    )
    only_keyrings = all(isinstance(one, AuthError) for one in mistakes)
    return AuthError(lines.replace("\n", "; ")) if only_keyrings else MistakesError(lines)


def _in_the_file(mistake: JobctlError) -> tuple[int, int]:
    found = re.search(r":(\d+):(\d+): ", mistake.message)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def exit_map(text: str) -> dict[str, int]:
    """Other exit codes for kinds, written `timeout=0,partial=0`.

    Raises:
        UsageError: a kind is not in the table, twice, or a code is not one that a process can have.
    """
    kinds = dict.fromkeys(row.kind for row in EXIT_CODES)
    chosen: dict[str, int] = {}
    for pair in text.split(","):
        kind, _, code = pair.partition("=")
        if kind not in kinds:
            raise UsageError(
                f"--exit-map: there is no kind {kind!r}", hint=did_you_mean(kind, kinds)
            )
        if not re.fullmatch(r"\d{1,3}", code, re.ASCII) or int(code) > 255:
            raise UsageError(
                f"--exit-map: {pair!r} is not KIND=N with N from 0 to 255",
                hint="write it like timeout=0,partial=0",
            )
        if kind in chosen:
            raise UsageError(f"--exit-map: {kind} has two codes")
        chosen[kind] = int(code)
    return chosen


def did_you_mean(name: str, known: Iterable[str], others: str | None = None) -> str:
    """The hint for a name that means nothing: the nearest one that does, else all of them.

    `others` tells where they stand, if they are too many for a line.
    """
    names = list(known)
    near = nearest(name, names)
    if near is not None:
        return f"did you mean {near}?"
    return others or f"known: {', '.join(names)}"


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The name that is most like one that means nothing; None where none is so much like it.

    Capitals count as small letters.
    """
    import difflib

    told = {one.lower(): one for one in known}
    found = difflib.get_close_matches(name.lower(), list(told), 1, likeness)
    return told[found[0]] if found else None


class Interrupted(BaseException):
    """A signal asked the program to end; like `KeyboardInterrupt` for all of them."""

    def __init__(self, exit_code: ExitCode) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class ReaderGone(Interrupted):
    """Nobody reads standard output any more: for a wait that has not ended it is as a signal."""

    def __init__(self) -> None:
        super().__init__(ExitCode.SIGPIPE)
