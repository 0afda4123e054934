"""A secret is known by what a reader could read back, however it is spelled."""

import base64
import binascii
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.masking.readings import readings
from jobctl.masking.secrets import hide
from jobctl.masking.texts import beginning, masked, masked_bytes


def each(form: str) -> Callable[[str], str]:
    """Every UTF-16 unit, or every byte, of a text in that form."""

    def spell(text: str) -> str:
        if "4" not in form:
            return "".join(form.format(byte) for byte in text.encode())
        units = text.encode("utf-16-be")
        return "".join(
            form.format(units[at] * 256 + units[at + 1]) for at in range(0, len(units), 2)
        )

    return spell


def points(form: str) -> Callable[[str], str]:
    """Every character that is no letter in that form."""
    return lambda text: "".join(
        char if char.isascii() and char.isalnum() else form.format(ord(char)) for char in text
    )


def escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def nested(spell: Callable[[str], str], text: str) -> str:
    for _ in range(4):
        text = spell(text)
    return text


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": escaped,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON of PHP": lambda text: escaped(text).replace("/", r"\/"),
    "JSON of Java and Go": lambda text: (
        escaped(text).replace("=", r"\u003d").replace("&", r"\u0026").replace("<", r"\u003C")
    ),
    "JSON, all escaped": each("\\u{:04x}"),
    "JSON in JSON": lambda text: escaped(escaped(text)),
    "URL": quote,
    "URL, all that is reserved": lambda text: quote(text, safe=""),
    "URL in small letters": lambda text: re.sub(
        "%..", lambda found: found[0].lower(), quote(text, safe="")
    ),
    "encodeURIComponent": lambda text: quote(text, safe="-_.!~*'()"),
    "form": quote_plus,
    "URL, all escaped": each("%{:02X}"),
    "URL in a URL": lambda text: quote(quote(text, safe=""), safe=""),
    "URL in a URL, four deep": lambda text: nested(lambda url: quote(url, safe=""), text),
    "JSON in JSON, four deep": lambda text: nested(escaped, text),
    "URL in JSON": lambda text: escaped(quote(text)),
    "escape() of JavaScript": points("%u{:04x}"),
    "HTML": html.escape,
    "HTML, decimal": points("&#{};"),
    "HTML, hexadecimal": points("&#x{:x};"),
    "HTML, all escaped": lambda text: "".join(f"&#{ord(char):04};" for char in text),
    "HTML by name": lambda text: (
        text.replace("&", "&amp;")
        .replace("+", "&plus;")
        .replace("/", "&sol;")
        .replace("=", "&equals;")
    ),
    "C": each("\\x{:02x}"),
    "C, octal": each("\\{:03o}"),
    "Rust": points("\\u{{{:x}}}"),
    "Python": points("\\U{:08x}"),
    "SQL": lambda text: text.replace("'", "''"),
    "CSV": lambda text: text.replace('"', '""'),
    "shell": lambda text: text.replace("'", "'\\''"),
    "shell of Python": lambda text: text.replace("'", "'\"'\"'"),
    "regular expression": re.escape,
    "bytes of Python": lambda text: repr(text.encode())[2:-1],
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64, for URLs": lambda text: base64.urlsafe_b64encode(b"user:" + text.encode()).decode(),
    "hexadecimal": lambda text: text.encode().hex(),
    "hexadecimal capitals": lambda text: text.encode().hex().upper(),
    "quoted-printable": lambda text: binascii.b2a_qp(text.encode()).decode(),
    "UTF-16 in JSON": lambda text: escaped(text.encode("utf-16-le").decode("latin-1")),
    "UTF-16 taken for UTF-8": lambda text: text.encode("utf-16-le").decode("utf-8", "replace"),
    "UTF-32 taken for UTF-8": lambda text: text.encode("utf-32-be").decode("utf-8", "replace"),
}
SECRETS = [
    "Tok+en/of=40 signs",
    "p\"a\\s<s>&w;o%r'#d",
    "schl\u00fcssel.\u00e9-42",
    "plain-Secret_0815",
    "abc%2Fdef%3D12",
    "--..~~__",
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_masked_in_every_spelling(spelling: str, secret: str) -> None:
    hide(secret)
    told = SPELLINGS[spelling](secret)
    shown = masked(f"before {told} after")
    assert shown.startswith("before ")
    assert shown.endswith(" after")
    assert told[len(told) // 3 : -len(told) // 3] not in shown
    assert secret not in "".join(reading.text.decode() for reading in readings(shown.encode()))
    if spelling.startswith(("JSON", "URL", "HTML", "as")):
        assert shown == "before *** after"


@given(st.text(st.characters(codec="utf-8"), min_size=4), st.sampled_from(sorted(SPELLINGS)))
def test_no_secret_survives_in_any_spelling_of_its_letters(secret: str, spelling: str) -> None:
    # a beginning and an end of its own, for what is hidden stays hidden from those that follow
    told = f"Zq9-{secret}-9qZ"
    if spelling.startswith("UTF") and not told.isascii():
        return
    hide(told)
    shown = masked(f"<{SPELLINGS[spelling](told)}>").encode()
    assert not any(told.encode() in reading.text for reading in readings(shown))


def test_a_letter_of_two_units_is_read_from_both() -> None:
    hide("planted\U0001f422secret")
    assert masked(r"planted\ud83d\udc22secret \ud83d\udc22") == r"*** \ud83d\udc22"


def test_what_is_no_escape_stays() -> None:
    hide("planted-secret")
    text = (
        r"100%-planted &nosuch; &#1114112; &#x110000; %zz \q \uD8 C:\new\table '' \. &amp; \ud800"
    )
    assert masked(text) == text


def test_what_stands_beside_a_secret_keeps_its_spelling() -> None:
    hide("planted=secret")
    assert (
        masked(r"d\u00e9j\u00e0 planted\u003dsecret \/ %41&amp;")
        == r"d\u00e9j\u00e0 *** \/ %41&amp;"
    )


def test_in_a_string_of_json_nothing_is_cut_in_the_midst_of_an_escape() -> None:
    hide("name-of-it")
    assert masked_bytes(rb"\name-of-it \\name-of-it", json=True) == rb"\name-of-it \\***"


def test_of_a_long_text_no_half_of_a_secret_is_left_at_the_end() -> None:
    hide("planted-secret")
    for length in range(25, 60):
        text = "." * 30 + "planted-secret" + "." * 40_000
        assert "planted" not in beginning(text, length)
    assert beginning("short", 30) == "short"
    assert beginning("x" * 50_000, 30) == "x" * 30
