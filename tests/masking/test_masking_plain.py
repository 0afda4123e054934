"""One quick look tells that nothing in a page has to be looked at twice."""

import runpy
import sys
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.masking import plain
from jobctl.masking.records import without_secrets

PROBES = (b"our-secret", b"b3VyLXNlY3JldA")
HARMLESS = b'{"url": "https://h/a%20b%2Fc?sig=a%3D", "text": "d\\u00e9j\\u00e0 \\"vu\\"\\n"}'
FAR = HARMLESS * 500  # so long that vectors of every width are filled

IsPlain = Callable[[bytes, tuple[bytes, ...]], bool]


@pytest.fixture(params=["by stringzilla", "by Python alone"])
def is_plain(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> IsPlain:
    if request.param == "by Python alone":
        monkeypatch.setitem(sys.modules, "stringzilla", None)
    found: IsPlain = runpy.run_path(plain.__file__, run_name=plain.__name__)["is_plain"]
    return found


@pytest.mark.parametrize(
    "odd",
    [
        "our-secret",
        "b3VyLXNlY3JldA",
        *("%6fur", "our%2dsecret", "%25", "%u006f", "&#111;ur", "o\0u\0r\0"),
        *("\\u006fur", "\\x6f", "\\u{6f}", "\\U0000006f", "\\157", "\\/", "&hyphen;"),
        *("o\\u0000u\\u0000r", "o%00u%00r", "%26%23111;ur", r"our\\-secret", r"a\\.b"),
        *("%40", "user@host", "x#y"),
        "https://objectstorage.example/p/T/n/n/b/b/o/o",
        "https://h/eyJhbGciOiJI.eyJzdWIiOiIx.sig",
        "https://uc0.dl.dropboxusercontent.com/cd/0/get/x",
        "https://content.dropboxapi.com/apitl/1/x",
        "https://dl.boxcloud.com/d/1/x/download",
    ],
)
def test_what_may_hide_something_is_not_plain_wherever_it_stands(
    odd: str, is_plain: IsPlain
) -> None:
    assert is_plain(HARMLESS, PROBES)
    assert is_plain(FAR + HARMLESS, PROBES)
    assert not is_plain(HARMLESS + odd.encode(), PROBES)
    assert not is_plain(FAR + odd.encode(), PROBES)


def test_nothing_is_plain_where_a_secret_has_no_letter(is_plain: IsPlain) -> None:
    assert not is_plain(HARMLESS, (b"",))


def test_hundreds_of_secrets_are_looked_for(is_plain: IsPlain) -> None:
    many = tuple(b"secret-%d-of-many" % number for number in range(200))
    assert is_plain(HARMLESS, many)
    assert not is_plain(HARMLESS + b"secret-199-of-many", many)


@given(st.binary(max_size=300), st.lists(st.binary(min_size=1, max_size=70), max_size=3))
def test_parts_are_found_where_python_finds_them(text: bytes, parts: list[bytes]) -> None:
    for one in (text, *(text + part for part in parts), *(part + text for part in parts)):
        assert plain.holds(one, parts) is any(part in one for part in parts)


def test_what_signs_is_masked_and_all_else_stays() -> None:
    token = quote("eyJhbGciOiJI.eyJzdWIiOiIx.sig")
    lines = [HARMLESS, b'{"url": "https://h/%s"}' % token.encode()]
    assert without_secrets(lines[:1], show_signed_urls=True) == lines[:1]
    assert without_secrets(lines, show_signed_urls=False) == [
        HARMLESS.replace(b"=a%3D", b"=***"),
        b'{"url": "https://h/***"}',
    ]
