"""The pages of Modzy's history of jobs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from jobctl import payload
from jobctl.errors import UsageError
from jobctl.models import rfc3339


class Place(NamedTuple):
    """A page of the history; size and start stay, for pages are counted by them."""

    page: int
    size: int
    start: datetime

    @classmethod
    def parse(cls, cursor: str) -> Place:
        """The page that a cursor names.

        Raises:
            UsageError: it is no such cursor.
        """
        found = re.fullmatch(r"([1-9]\d{0,8})/([1-9]\d{0,8})/(\S+)", cursor, re.ASCII)
        start = payload.iso_time(found[3]) if found else None
        if not found or not start:
            raise UsageError(f"{cursor!r} is no cursor of a list of modzy")
        return cls(int(found[1]), int(found[2]), start)

    def __str__(self) -> str:
        return f"{self.page}/{self.size}/{rfc3339(self.start)}"
