"""A record with one long text takes a small multiple of its size, whatever stands in it."""

import gc
import os
import tracemalloc
from collections.abc import Callable

import pytest

from jobctl.formats import OF_RECORDS
from jobctl.masking.records import without_secrets
from jobctl.masking.secrets import hide
from jobctl.record import encode
from jobctl.render.records import open_records
from jobctl.render.records.renderer import Layout

# a letter that is none of Latin takes four bytes for each letter of its text
SIZE, MOST = 1 << 16, 40
TEXTS = {
    "letters": "a",
    "a backslash": "a" * SIZE + "\\",
    "backslashes": "\\",
    "lines": "x" * 79 + "\n",
    "quotes": '"',
    "half a surrogate pair behind lines": "x\n" * SIZE + "\ud800",
    "one letter that is none of Latin": "a" * SIZE + "\\\U0001f600",
}
MASKED = TEXTS | {
    "what is escaped in URLs": "%41",
    "URLs": "see https://h.test/?a=b&c=d\n",
    "signed URLs": "https://h.test/?Signature=abcdefghijklmnopqrst ",
    "users": "u://a@b ",
    "a secret": "a-secret-of-ours\\ ",
}


def record_of(text: str, size: int = SIZE) -> bytes:
    return encode({"id": "1", "text": (text * (size // len(text) + 1))[-size:]})


def peak(work: Callable[[list[bytes]], object], record: bytes) -> float:
    """How many times the record's size its work takes."""
    work([b'{"id": "1", "text": "x"}'])  # what it takes once does not count
    gc.collect()
    tracemalloc.start()
    work([record])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / len(record)


@pytest.mark.slow
@pytest.mark.parametrize("text", MASKED.values(), ids=MASKED)
def test_what_must_not_be_shown_is_taken_out_in_little_memory(text: str) -> None:
    hide("a-secret-of-ours")
    mask = lambda records: without_secrets(records, show_signed_urls=False)  # noqa: E731
    assert peak(mask, record_of(text)) < MOST


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("format", sorted(OF_RECORDS))
def test_every_format_shows_a_long_text_in_little_memory(format: str, text: str) -> None:
    layout = Layout(columns=["text"] if format == "table" else None)

    def show(records: list[bytes]) -> None:
        with open(os.devnull, "w", encoding="utf-8") as out:  # noqa: PTH123 - a device is no path
            renderer = open_records(format, out, layout, query=None, environ={}, no_color=True)
            renderer.records(records)
            renderer.finish()

    size = SIZE // 8 if format == "yaml" else SIZE  # its library is slow
    assert peak(show, record_of(text, size)) < MOST
