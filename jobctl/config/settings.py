"""Settings as data: read by profiles, help, docs and the sandbox alike."""

import re
from typing import NamedTuple

from jobctl.errors import UsageError
from jobctl.models import duration

_MANY = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_LONGEST = 24 * 60 * 60


class Setting(NamedTuple):
    """One thing that can be set.

    `env` holds the vendor's own variables, first hit wins; the index of one is the family it
    belongs to, and an empty word keeps the place of a family that has none. `{REGION}` in a
    variable's name is filled with the setting `region`, upper case, `-` as `_`. `required` tells
    that it is needed whatever the way of signing in. `many` takes a list, which becomes one text
    joined by commas.
    """

    name: str
    help: str
    env: tuple[str, ...] = ()
    default: str | None = None
    secret: bool = False
    required: bool = False
    choices: tuple[str, ...] = ()
    many: bool = False

    def complaint(self, text: str) -> str | None:
        """What is wrong with a value, None if nothing; the value of a secret is never repeated."""
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            return f"{self.name} is not valid UTF-8"
        shown = "" if self.secret else f", not {text!r}"
        if self.choices and text not in self.choices:
            return f"{self.name} must be one of {', '.join(self.choices)}{shown}"
        if self in TIMES and not _is_limit(text):
            return f"{self.name} must be a duration such as 30s, at most 24h{shown}"
        if self is IN_FLIGHT and not _MANY.fullmatch(text):
            return f"{self.name} must be a whole number from 1 to 999{shown}"
        return None


TIMES = (
    Setting("connect_timeout", "how long connecting may take", default="10s"),
    Setting("read_timeout", "how long a whole answer may take", default="30s"),
)
IN_FLIGHT = Setting(
    "max_in_flight", "how many requests of a wait may be under way at once", default="32"
)
LIMITS = (*TIMES, IN_FLIGHT)


def variable(section: str, name: str) -> str:
    """Our variable for a setting of a provider or account: `JOBCTL_ORACLE_CONTENT_BASE_URL`."""
    return f"JOBCTL_{section}_{name}".replace("-", "_").upper()


def _is_limit(text: str) -> bool:
    try:
        return 0 < duration(text) <= _LONGEST
    except UsageError:
        return False
