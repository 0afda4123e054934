"""From the body of a job's results to records: one for each input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobctl.models import Record
from jobctl.record import split, with_field

_SHOWN = 5  # inputs that are named one by one


def by_input(body: bytes, inputs: Sequence[Any]) -> dict[str, list[Record]]:
    """The entries of each input, successful or failed, as records; the job's own inputs first."""
    top = split(body)
    found: dict[str, list[Record]] = {key: [] for key in inputs if isinstance(key, str)}
    for section in ("results", "failures"):
        value = top.get(section, b"null")
        for key, entry in ({} if value == b"null" else split(value)).items():
            record = with_field(_unnested(key, entry), "inputKey", key)
            found.setdefault(key, []).append(record)
    return found


def _unnested(key: str, entry: Record) -> Record:
    """Older servers put an entry into an object of its key."""
    told = split(entry) if entry.startswith(b"{") else {}
    return told[key] if "status" not in told and told.get(key, b"").startswith(b"{") else entry


def without_result(found: Mapping[str, Sequence[Record]], total: int | None) -> Iterator[str]:
    """The inputs that have no result, by name as far as the job names them; of many the first."""
    missing = [key for key, entries in found.items() if not entries]
    number = max(len(missing), (total or 0) - len(found) + len(missing))
    names = ", ".join(missing[:_SHOWN]) + (", ..." if len(missing) > _SHOWN else "")
    if number:
        yield f"no result for {number} of its inputs" + (f": {names}" if missing else "")
