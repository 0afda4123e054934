"""Warnings, errors and hints: one line each, without secrets, harmless; one object for programs."""

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.errors import AuthError, UnavailableError, UsageError
from jobctl.masking.secrets import hide
from jobctl.render.clean import HIDDEN
from jobctl.render.messages import error_line, say

SECRET = "tr0ub4dor+/%:&3"


def test_a_message_is_one_harmless_line_without_secrets() -> None:
    hide(SECRET)
    err = io.StringIO()
    say(err, "warning", f"{SECRET} is\n\x1b[31mred")
    assert err.getvalue() == "warning: *** is\\n\\x1b[31mred\n"


def test_an_error_ends_with_what_to_do_next() -> None:
    err = io.StringIO()
    error_line(err, UsageError("no such thing", hint="try another"), "table")
    error_line(err, UsageError("no more"), "ids")
    assert err.getvalue() == "error: no such thing\nhint: try another\nerror: no more\n"


def test_an_error_of_a_service_quotes_the_id_of_its_request() -> None:
    err = io.StringIO()
    error_line(err, UnavailableError("500", request_id="abc"), "table")
    assert err.getvalue() == "error: 500 (request id abc)\n"


def test_a_warning_that_repeats_thousands_of_characters_has_their_ends() -> None:
    err = io.StringIO()
    say(err, "warning", f"a{'b' * 9000}c")
    assert len(err.getvalue()) < 1000
    assert err.getvalue().startswith("warning: abb")
    assert err.getvalue().endswith("bbc\n")


@pytest.mark.parametrize("format", ["json", "ndjson", "yaml"])
def test_for_programs_an_error_is_one_object_on_a_line(format: str) -> None:
    hide(SECRET)
    raw = io.BytesIO()
    err = io.TextIOWrapper(raw, encoding="ascii")
    error = AuthError(
        f"refused {SECRET} ü\u202e\n", hint="sign in", provider="cognite", http_status=401
    )
    error_line(err, error, format)
    text = raw.getvalue().decode()
    assert text.count("\n") == 1
    assert "\\u202e" in text
    assert json.loads(text) == {
        "schema": "jobctl.error/v1",
        "error": {
            "exit_code": 4,
            "kind": "auth",
            "message": "refused *** ü\u202e\n",
            "hint": "sign in",
            "provider": "cognite",
            "http_status": 401,
            "request_id": None,
        },
    }


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_inert(text: str) -> None:
    for output in ("table", "json"):
        err = io.StringIO()
        error_line(err, UsageError(text, hint=text), output)
        assert not HIDDEN.search(err.getvalue().replace("\n", ""))
