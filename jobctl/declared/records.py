"""The records of a page, undecoded where the file says plainly where they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Hashable, Iterable, Sequence
from typing import Any, NamedTuple

from jobctl import payload, record
from jobctl.declared import values
from jobctl.declared.mapping import find
from jobctl.declared.spec import Source
from jobctl.errors import UnavailableError
from jobctl.expression import Expression
from jobctl.models import Record


class Found(NamedTuple):
    """The records of a page, what makes each the same one, and the page without them.

    `rest` is what the other expressions of the file are asked of.
    """

    records: Sequence[Record]
    keys: Sequence[Hashable] | None
    rest: Any


def undecoded(raw: bytes, path: Sequence[str]) -> tuple[Sequence[Record], Any] | None:
    """The records of an array at a path, and the rest of the body decoded; None if it is none."""
    try:
        if not path:
            return record.items(raw), None
        fields = record.split(raw)
        inner = fields.pop(path[0], b"null")
        below = undecoded(inner, path[1:])
        if below is None:
            return None
        rest = {name: record.decode(value) for name, value in fields.items()}
        return below[0], {**rest, path[0]: below[1]}
    except (ValueError, RecursionError):
        return None


def keys_of(records: Sequence[Record], key: Expression | None) -> Sequence[Hashable] | None:
    """What makes each record the same one if it comes again; None where the file does not say."""
    if key is None:
        return None
    if key.name is not None:
        told = list(map(payload.text, record.fields(records, key.name)))
    else:
        told = [payload.text(find(key, payload.json_or_none(one))) for one in records]
    if None not in told:
        return told
    return [one if text is None else text for one, text in zip(records, told, strict=True)]


def lines_of(raw: bytes, kind: str) -> Sequence[Record]:
    """The records of a body of lines: ndjson, csv or tsv.

    Raises:
        UnavailableError: it is none.
    """
    try:
        if kind == "ndjson":
            lines = [line for line in payload.utf8(raw).split(b"\n") if line.strip()]
            some = record.items(b"[%b]" % b",".join(lines))
            if len(some) != len(lines):
                raise ValueError(kind)
            return some
        # a field may be as long as the body
        csv.field_size_limit(max(csv.field_size_limit(), len(raw)))
        rows = csv.DictReader(
            io.StringIO(payload.unicode(raw), newline=""),
            delimiter="\t" if kind == "tsv" else ",",
        )
        rows.fieldnames = distinct(rows.fieldnames or ())
        return [record.encode({str(name): value for name, value in row.items()}) for row in rows]
    except (ValueError, csv.Error, RecursionError) as error:
        raise UnavailableError(f"the answer is no {kind}", transient=True) from error


def decoded(document: Any, source: Source, fields: Sequence[str] | None) -> list[Record]:
    """The records of a body that is looked at whole; `fields` are the names of rows' columns."""
    value = document if source.value is None else find(source.value, document)
    found = [value] if source.one and value is not None else values.members(value)
    if fields:
        names = distinct(fields)
        found = [
            dict(zip(names, row, strict=False)) if isinstance(row, list) else row for row in found
        ]
    return [record.encode(one) for one in found]


def distinct(names: Iterable[str]) -> list[str]:
    """Names of columns, each there once: of those that are called alike the second is `name_2`."""
    found: dict[str, None] = {}
    for name in names:
        number, one = 1, name
        while one in found:
            number += 1
            one = f"{name}_{number}"
        found[one] = None
    return list(found)


def written_in(source: Source, document: Any, raw: bytes) -> tuple[list[str], bool]:
    """The lines of a log in an answer, the oldest first, and whether the last one may go on.

    What one entry says keeps its order. A body that is the log itself may be cut anywhere.
    """
    body = raw.decode("utf-8", "replace")
    goes_on = False
    if source.format is not None:
        texts = [_line(source, line) for line in _rows(body) if line.strip()]
    else:
        told = body if source.value is None else find(source.value, document)
        if isinstance(told, list):
            texts = [payload.text(one) for one in told]
        else:
            texts = list(_rows(payload.text(told) or ""))
            goes_on = told == body and not body.endswith(("\n", "\r")) and not source.newest_first
    if source.newest_first:
        texts.reverse()
    lines = [line for text in texts if text is not None for line in (_rows(text) or [""])]
    return lines, goes_on


def _rows(text: str) -> list[str]:
    """The lines of a text; what else may separate some is a part of them."""
    *lines, last = re.split(r"\r\n?|\n", text)
    return [*lines, last] if last else lines


def _line(source: Source, line: str) -> str | None:
    """What one line, or the data of one event, says."""
    if source.format == "events":
        name, _, line = line.partition(":")
        if name != "data":
            return None
    document = payload.json_or_none(line.encode())
    if source.value is None or document is None:
        return line.removeprefix(" ")
    return payload.text(find(source.value, document))
