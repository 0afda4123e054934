"""Warnings, errors and hints on standard error: one line each, without secrets, harmless."""

from typing import Any, TextIO

from jobctl.errors import JobctlError, MistakesError
from jobctl.formats import DOCUMENTS
from jobctl.masking.texts import masked
from jobctl.render.clean import clean
from jobctl.render.json import encode
from jobctl.render.streams import write, write_line

# Of words of thousands of characters that are repeated, the beginning and the end tell enough.
_LONGEST, _HEAD, _TAIL = 2000, 500, 200


def note(err: TextIO, text: str) -> None:
    """Write a line."""
    write_line(err, clean(_presentable(text)))


def say(err: TextIO, kind: str, text: str) -> None:
    """Write `KIND: TEXT`, such as `warning: ...`."""
    note(err, f"{kind}: {text}")


def error_line(err: TextIO, error: JobctlError, format: str) -> None:
    """Write what went wrong and what to do next, as suits the output's format.

    For json, ndjson and yaml that is the `jobctl.error/v1` object on a line.
    """
    if format in DOCUMENTS:
        document: dict[str, Any] = error.document()
        told = {
            key: _presentable(value) if isinstance(value, str) else value
            for key, value in document["error"].items()
        }
        write(err, encode({**document, "error": told}) + "\n")
        return
    quoted = f" (request id {error.request_id})" if error.request_id else ""
    is_list = isinstance(error, MistakesError)
    first, *others = error.message.split("\n") if is_list else [error.message]
    say(err, "error", f"{first}{quoted}")
    for line in others:
        note(err, line)
    if error.hint is not None:
        say(err, "hint", error.hint)


def _presentable(text: str) -> str:
    text = masked(text)
    return text if len(text) <= _LONGEST else f"{text[:_HEAD]}...{text[-_TAIL:]}"
