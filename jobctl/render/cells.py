"""Cells: what stands in a record at a path such as `progress.percent` or `failures.0.message`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jobctl import record
from jobctl.models import Record

VALUE = "value"
"""The column of what is no object."""


def names(records: Iterable[Record], known: Sequence[str] = ()) -> list[str]:
    """The fields that records have at their top; those that may be there come first."""
    found = dict.fromkeys(known)
    for one in records:
        found.update(dict.fromkeys(_fields(one)))
    return list(found)


def row(one: Record, paths: Sequence[str]) -> list[Record | None]:
    """What stands at each path, undecoded; None where there is nothing."""
    fields = _fields(one)
    return [fields[path] if path in fields else _at(fields, path) for path in paths]


def text(value: Record | None) -> str:
    """A string's own text, nothing for null, and JSON for all else."""
    if value is None or value == b"null":
        return ""
    return str(record.decode(value)) if value.startswith(b'"') else value.decode()


def _fields(one: Record) -> dict[str, Record]:
    if one.startswith(b"{"):
        return record.split(one)
    if one.startswith(b"["):
        return {str(index): item for index, item in enumerate(record.items(one))}
    return {VALUE: one}


def _at(fields: dict[str, Record], path: str) -> Record | None:
    # a name may hold a dot itself, so the longest one that is there counts
    name, dot, _ = path.rpartition(".")
    while dot:
        if name in fields:
            inner = fields[name]
            return (
                row(inner, [path[len(name) + 1 :]])[0] if inner.startswith((b"{", b"[")) else None
            )
        name, dot, _ = name.rpartition(".")
    return None
