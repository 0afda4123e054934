"""Settings as data: read by profiles, help, docs and the sandbox alike."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from jobctl.errors import ConfigError, UsageError
from jobctl.models import duration

# $NAME, ${NAME}, %NAME%: of a shell, a container's file or Windows
_UNEXPANDED = re.compile(r"\$[A-Za-z_]\w*|\$\{\w+\}|\$\(\w+\)|\{\{.*\}\}|%[A-Za-z_]\w*%", re.ASCII)


class Kind(StrEnum):
    """What a value is.

    A `WORD` is text that a header can carry. A `LIST` is several texts, joined by commas. A
    `COMMAND` is a program with its arguments, which may hold a secret.
    """

    TEXT = "text"
    WORD = "word"
    LIST = "list"
    DURATION = "duration"
    NUMBER = "number"
    COMMAND = "command"


class Setting(NamedTuple):
    """One thing that can be set.

    `env` holds the vendor's own variables, first hit wins; the index of one is the family it
    belongs to, and an empty word keeps the place of a family that has none. `{REGION}` in a
    variable's name is filled with the setting `region`, upper case, `-` as `_`. `required` tells
    that it is needed whatever the way of signing in. `most` is the largest number, or the longest
    duration in seconds; the smallest number is 1, and no duration is 0. A vendor's variable counts
    where its value is one of the choices, or looks like the `pattern`. `tool` is where a vendor's
    tool keeps it, `TOOL.VALUE` of config/toolbox. One is `harmless` if it decides neither where
    requests go nor who signs in, nor names a file: then the file of a project may give it, too.
    `check` takes a value and the setting's name, and refuses with a ConfigError what is no such
    value to the service.
    """

    name: str
    help: str
    env: tuple[str, ...] = ()
    default: str | None = None
    secret: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    most: int = 0
    pattern: str = ""
    tool: str = ""
    harmless: bool = False
    check: Callable[[str, str], object] = lambda _text, _name: None

    def judge(self, text: str) -> None:
        """See that a text can be a value.

        Raises:
            ConfigError: it cannot; the value of a secret is never repeated.
        """
        fault = self._fault(text)
        if fault:
            raise ConfigError(fault)
        try:
            self.check(text, self.name)
        except ConfigError as error:
            doubt = self.doubt(text) if self.secret else None
            raise ConfigError(doubt or error.message, hint=error.hint) from None

    def complaint(self, text: str) -> str | None:
        """What is wrong with a value, None if nothing."""
        try:
            self.judge(text)
        except ConfigError as error:
            return error.message
        return None

    def _fault(self, text: str) -> str | None:
        fault = unfit(text, word=self.kind is Kind.WORD)
        if fault:
            return f"{self.name} {fault}"
        shown = "" if self.secret else f", not {text!r}"
        if self.choices and text not in self.choices:
            return f"{self.name} must be one of {', '.join(self.choices)}{shown}"
        if self.kind is Kind.DURATION and not self._is_duration(text):
            longest = f"{self.most / 3600:g}h"
            return f"{self.name} must be a duration such as 30s, at most {longest}{shown}"
        if self.kind is Kind.NUMBER and not self._is_number(text):
            return f"{self.name} must be a whole number from 1 to {self.most}{shown}"
        return None

    def shown(self, text: str) -> str:
        """What people may see of a value that is no secret."""
        program, *arguments = text.split(maxsplit=1)
        return f"{program} ..." if self.kind is Kind.COMMAND and arguments else text

    def doubt(self, text: str) -> str | None:
        """Why the value of a secret may not be what is meant; None where nothing tells so."""
        if _UNEXPANDED.fullmatch(text):
            return f"{self.name} looks like the name of a variable that nothing has filled in"
        if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
            return f"{self.name} begins and ends with a quote, which is taken for a part of it"
        return None

    def _is_duration(self, text: str) -> bool:
        try:
            return 0 < duration(text) <= self.most
        except UsageError:
            return False

    def _is_number(self, text: str) -> bool:
        digits = re.fullmatch(r"[1-9][0-9]{0,17}", text)
        return digits is not None and int(text) <= self.most


COMMON = (
    Setting(
        "connect_timeout",
        "how long connecting may take",
        default="10s",
        kind=Kind.DURATION,
        most=24 * 60 * 60,
        harmless=True,
    ),
    Setting(
        "read_timeout",
        "how long a whole answer may take",
        default="30s",
        kind=Kind.DURATION,
        most=24 * 60 * 60,
        harmless=True,
    ),
    Setting(
        "max_in_flight",
        "how many requests may be under way at once; else 32 in a wait, 8 for pages",
        kind=Kind.NUMBER,
        most=999,
        harmless=True,
    ),
    Setting(
        "max_pages",
        "how many pages a list or results may have, a guard against those without an end;"
        " else 2000 of a list, 100000 of results",
        kind=Kind.NUMBER,
        most=10**9,
        harmless=True,
    ),
    Setting("ca_file", "a PEM file with the authorities to trust, in place of those trusted else"),
    Setting("client_cert", "a PEM file with the certificate that shows the service who asks"),
    Setting("client_key", "a PEM file with the key of client_cert, where that does not hold it"),
    Setting(
        "allow_http",
        "whether base_url may be plain http to another machine, readable on the way",
        default="false",
        choices=("true", "false"),
    ),
)


def variable(section: str, name: str) -> str:
    """Our variable for a setting of a provider or account: `JOBCTL_ORACLE_CONTENT_BASE_URL`."""
    return f"JOBCTL_{section}_{name}".replace("-", "_").upper()


def unfit(text: str, *, word: bool = False) -> str | None:
    """Why a text can be no value of a setting or variable, or no word. It is never repeated."""
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return "is not valid UTF-8"
    if any(letter < " " or letter == "\x7f" for letter in text):
        return "holds a control character, perhaps the line end of a Windows file (not shown)"
    if word and not text.isascii():
        return "holds a character beyond ASCII (not shown)"
    if word and text != text.strip():
        return "starts or ends with a blank (not shown)"
    return None
