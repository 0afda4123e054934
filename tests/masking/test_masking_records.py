"""Records pass as they came: nothing of them changes but what must not be shown."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl import record
from jobctl.masking import records as masking
from jobctl.masking.secrets import hide
from jobctl.masking.texts import masked

SIGNED = "https://h.example:443/a/1.jpg?AccessKeyId=KEY&Expires=1606380154&Signature=abc%3D"
MASKED = "https://h.example:443/a/1.jpg?AccessKeyId=***&Expires=1606380154&Signature=***"


def shown(*records: bytes, show: bool = False) -> list[bytes]:
    return list(masking.without_secrets(records, show_signed_urls=show))


def test_a_record_stands_on_one_line() -> None:
    assert shown(b'{"a":\n\t[1.50,\r\n"x"]}') == [b'{"a": [1.50, "x"]}']
    assert shown(b'{"a":1.50}', b"2") == [b'{"a":1.50}', b"2"]


def test_signatures_are_masked_and_all_else_stays_to_the_byte() -> None:
    before = f'{{"n": 1.50,  "u": "{SIGNED}", "s": "d\\u00e9j\\u00e0"}}'
    after = before.replace(SIGNED, MASKED)
    assert shown(before.encode()) == [after.encode()]
    plain = before.replace('"s": "d\\u00e9j\\u00e0"', '"s": "deja"')
    assert shown(plain.encode()) == [plain.replace(SIGNED, MASKED).encode()]
    assert shown(before.encode(), plain.encode(), show=True) == [before.encode(), plain.encode()]


def test_users_in_urls_are_masked_even_where_signed_urls_are_shown() -> None:
    one = b'{"u": "rtsp://user:pass@h/live", "mail": "a@b.example"}'
    masked = b'{"u": "rtsp://***@h/live", "mail": "a@b.example"}'
    assert shown(one) == shown(one, show=True) == [masked]


def test_a_secret_of_ours_is_masked_wherever_a_service_repeats_it() -> None:
    hide("planted-secret-1")
    assert shown(b'{"a": "x planted-secret-1 y"}', b'{"a": "b"}') == [
        b'{"a": "x *** y"}',
        b'{"a": "b"}',
    ]


def test_a_secret_of_ours_is_masked_however_it_is_escaped() -> None:
    hide("planted/secret+2=")
    for spelled in (r"planted\/secret+2=", r"planted\u002fsecret\u002b2\u003d"):
        assert shown(f'{{"a": "{spelled}"}}'.encode()) == [b'{"a": "***"}']


@pytest.mark.parametrize(
    "text",
    [
        '{"url": "https://b/a.png?x=1\\u0026Signature=SIG"}',
        "https://b/a.png?Signature\\u003dSIG",
        "https://b/a.png?name=a b.png&Signature=SIG",
        'https://b/a.png?name="a b.png"&Signature=SIG',
        "https://b/a?x=<b>&X-Amz-Signature=SIG",
        "https://p/https%3A%2F%2Fb%2Fa%3FSignature%3DSIG",
        "https://p/?u=https%253A%252F%252Fb%252Fa%253FSignature%253DSIG",
        "https://b/a.png;Signature=SIG",
        "AccessKeyId=KEY&Signature=SIG",
        "https://b/a.png?x=1&Signature= SIG",
        "X-AMZ-CREDENTIAL=SIG",
        "x-obs-security-token%3DSIG",
    ],
)
def test_a_signature_is_masked_wherever_it_stands(text: str) -> None:
    (line,) = shown(record.encode({"u": text}))
    assert b"SIG" not in line
    assert shown(record.encode({"u": text}), show=True) == [record.encode({"u": text})]
    beside = record.encode({"u": text, "v": SIGNED})
    (line,) = shown(beside)
    assert b"SIG" not in line
    assert json.loads(line)["v"] == MASKED


def test_escapes_hide_no_signature() -> None:
    escaped = SIGNED.replace("/", "\\/").replace("&", "\\u0026").replace("?", "\\u003f")
    (masked,) = shown(f'{{"u": "{escaped}"}}'.encode())
    assert json.loads(masked) == {"u": MASKED}


def test_a_signed_url_is_found_among_others() -> None:
    plain = b'{"u": "https://h/x?page=1"}'
    assert masking.signed_url([plain]) is None
    assert masking.signed_url([plain, f'{{"u": "{SIGNED}"}}'.encode()]) == SIGNED


def test_no_records_are_no_records() -> None:
    assert shown() == []


OURS = "planted+/hidden: word"
parts = st.sampled_from(
    [SIGNED, MASKED, "https://h/p", "http://h:8080/", "https://h:99999/", "https://[::1", "?", "&",
     ";", "#", "=", "sig=abc", "Expires=1", "token", " ", "token=", "verify=1484063787-9JQB8v",
     "Signature=", "AccessKeyId%3D", "signature", "<", "user@", "ä", "\\", "\\u0026", "\\u003d",
     "x=https%3A%2F%2Fh%2F%3Fsig%3D1", '"', "/", "x", "1", "q?a=b", "%", "+", "://", "@", "%40",
     "%3F", "%26", "%253D", "%3d", "&amp;", "&#61;", "&#x3f;", "/p/T", "/n/n/b/b/o/o", "~",
     "hmac=a",
     "eyJhbGciOiJI.eyJzdWIiOiIx.sig", ".dropboxusercontent.com/cd/0/get/", "policy=", "key=true",
     OURS, quote(OURS), quote_plus(OURS).lower(), b64encode(OURS.encode()).decode(), ",", ")", "."]
)  # fmt: skip
texts = st.lists(parts, max_size=8).map("".join)
values = st.recursive(
    texts | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=5,
)


@given(
    st.lists(st.dictionaries(texts, values, max_size=3), max_size=3), st.booleans(), st.booleans()
)
def test_the_quick_way_masks_what_the_thorough_one_masks(
    found: list[dict[str, Any]], ascii: bool, slashes: bool
) -> None:
    hide(OURS)
    lines = [json.dumps(one, ensure_ascii=ascii).encode() for one in found]
    if slashes:
        lines = [line.replace(b"/", b"\\/") for line in lines]
    assert shown(*lines) == [masking._by_strings(line, False) for line in lines]
    assert shown(*lines, show=True) == [masking._by_strings(line, True) for line in lines]
    for one, line in zip(found, lines, strict=True):
        assert json.loads(shown(line)[0]) == strings_redacted(one)


def strings_redacted(value: Any) -> Any:
    """Every string by itself, names of fields as well."""
    if isinstance(value, dict):
        return {strings_redacted(key): strings_redacted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [strings_redacted(inner) for inner in value]
    return masked(value) if isinstance(value, str) else value
