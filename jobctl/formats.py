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
    IDS = "ids"
    RAW = "raw"


DOCUMENTS = (Format.JSON, Format.NDJSON, Format.YAML)
SHEETS = (Format.CSV, Format.TSV)
OF_JOBS = tuple(Format)
OF_RECORDS = (Format.TABLE, *DOCUMENTS, *SHEETS)
OF_HISTORY = (Format.TABLE, *DOCUMENTS, Format.IDS)


def check(
    format: str, *, query: str | None, columns: Sequence[str] | None = None, raw: bool = False
) -> None:
    """See that a format is one, and goes with the options that choose what is shown.

    Raises:
        UsageError: it is none, or does not.
    """
    if format not in OF_JOBS:
        raise UsageError(f"there is no format {format!r}", hint=f"one of {', '.join(OF_JOBS)}")
    if query is not None and format not in (*DOCUMENTS, *SHEETS):
        raise UsageError(f"--query does not go with -o {format}", hint="use it with -o json")
    if columns is not None and format not in (Format.TABLE, *SHEETS):
        raise UsageError(f"--columns does not go with -o {format}", hint="use it with -o csv")
    if raw and format not in DOCUMENTS:
        raise UsageError(
            f"--raw does not go with -o {format}",
            hint="use it with -o json, or -o raw for the body alone",
        )
