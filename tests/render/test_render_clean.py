"""Text from a service is untrusted: nothing of it acts on a terminal."""

import io
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.render.clean import HIDDEN, clean, clean_lines
from jobctl.render.streams import dumb, encodable, for_people, write, write_line

ANYTHING = st.text(st.characters(exclude_categories=()))


def dangerous(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(char)
        in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
        or char in "\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
    )


@given(ANYTHING)
def test_no_dangerous_character_is_left(text: str) -> None:
    assert not any(map(dangerous, clean(text)))


@given(ANYTHING)
def test_a_character_is_either_kept_or_shown_as_its_escape(text: str) -> None:
    assert all(clean(char) in (char, char.encode("unicode_escape").decode()) for char in text)


def test_no_hidden_character_is_printable_to_python() -> None:
    assert not any(char.isprintable() for char in map(chr, range(0x110000)) if HIDDEN.match(char))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\u202eevil", r"\u202eevil"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\ud800", r"\ud800"),
        ("\x9b2J", r"\x9b2J"),
        ("\U000e0041", r"\U000e0041"),
        ("日本語 \xa0ü", "日本語 \xa0ü"),
        ("[bold]x[/nope] :smile:", "[bold]x[/nope] :smile:"),
        (" ::error::x ::y", r" \::error::x ::y"),
        ("1 ##[error]x ###[y]", r"1 #\#[error]x ##\#[y]"),
        ("##vso[a] ##teamcity[b] ## c[d]", r"#\#vso[a] #\#teamcity[b] ## c[d]"),
    ],
)
def test_hidden_characters_become_visible_and_the_others_stay(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_text_of_several_lines_is_cleaned_line_by_line() -> None:
    assert clean_lines("one\r\ntwo\x07\n\nthree\n") == ["one", r"two\x07", "", "three"]


def test_what_is_for_programs_is_utf8_whatever_the_stream_says() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    out.write("first ")
    write(out, "ü\n")
    assert raw.getvalue() == "first ü\n".encode()


def test_what_is_for_people_fits_the_encoding_of_the_stream() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="latin-1", newline="")
    write_line(out, "ü …")
    assert raw.getvalue() == b"\xfc \\u2026\n"


def test_a_stream_without_an_encoding_takes_everything() -> None:
    assert encodable("ü…", io.StringIO()) == "ü…"


def test_a_person_looks_at_terminals_and_where_force_color_says_so() -> None:
    pipe = io.StringIO()
    assert not for_people(pipe, {})
    assert not for_people(pipe, {"FORCE_COLOR": ""})
    assert for_people(pipe, {"FORCE_COLOR": "1"})


def test_a_dumb_terminal_is_known_by_its_name() -> None:
    assert dumb({"TERM": "dumb"})
    assert not dumb({"TERM": "xterm"})
    assert not dumb({})
