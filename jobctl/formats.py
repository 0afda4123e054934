"""The formats there are, which of them show what, and which options go with which."""

from collections.abc import Sequence
from enum import StrEnum

from jobctl.errors import UsageError


class Format(StrEnum):
    """What standard output may look like."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    YAML = "yaml"
    CSV = "csv"
    TSV = "tsv"
    TEXT = "text"
    IDS = "ids"
    RAW = "raw"


DOCUMENTS = (Format.JSON, Format.NDJSON, Format.YAML)
SHEETS = (Format.CSV, Format.TSV)
OF_JOBS = tuple(Format)
OF_RECORDS = (Format.TABLE, *DOCUMENTS, *SHEETS, Format.TEXT)
OF_HISTORY = (Format.TABLE, *DOCUMENTS, Format.TEXT, Format.IDS)
OF_ANSWERS = (Format.RAW, *DOCUMENTS, Format.TEXT)
# What a query may select from: all but what is laid out for people, or no document at all.
QUERIED = (*DOCUMENTS, *SHEETS, Format.TEXT)
_ENDINGS = {"jsonl": Format.NDJSON, "yml": Format.YAML, "txt": Format.TEXT} | {
    one.value: one for one in (*DOCUMENTS, *SHEETS)
}


def by_ending(name: str) -> Format | None:
    """The format that the ending of a file's name tells."""
    return _ENDINGS.get(name.rpartition(".")[2].lower())


def check(
    format: str, *, query: str | None, columns: Sequence[str] | None = None, raw: bool = False
) -> None:
    """See that a format is one, and goes with the options that choose what is shown.

    Raises:
        UsageError: it is none, or does not.
    """
    if format not in OF_JOBS:
        raise UsageError(f"there is no format {format!r}", hint=f"one of {', '.join(OF_JOBS)}")
    if query is not None and format not in QUERIED:
        raise UsageError(f"--query does not go with -o {format}", hint="use it with -o json")
    if columns is not None and format not in (Format.TABLE, *SHEETS):
        raise UsageError(f"--columns does not go with -o {format}", hint="use it with -o csv")
    if raw and format not in DOCUMENTS:
        raise UsageError(
            f"--raw does not go with -o {format}",
            hint="use it with -o json, or -o raw for the body alone",
        )
