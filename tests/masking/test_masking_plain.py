"""One quick look tells that nothing in a page has to be looked at twice."""

import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from jobctl.masking import plain
from jobctl.masking.records import without_secrets

PROBES = (b"our-secret", b"b3VyLXNlY3JldA")
HARMLESS = b'{"url": "https://h/a%20b%2Fc?sig=a%3D", "text": "d\\u00e9j\\u00e0 \\"vu\\"\\n"}'
# behind so much of harmless text that they stand on the border of two blocks
FAR = HARMLESS * (plain._BLOCK // len(HARMLESS)) + b"x" * (plain._BLOCK % len(HARMLESS) - 3)


@pytest.fixture(params=["with", "without"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "without":
        monkeypatch.setitem(sys.modules, "ahocorasick_rs", None)
    plain._finders.cache_clear()
    yield request.param
    plain._finders.cache_clear()


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
def test_what_may_hide_something_is_not_plain_wherever_it_stands(odd: str) -> None:
    assert plain.is_plain(HARMLESS, PROBES)
    assert plain.is_plain(FAR + HARMLESS, PROBES)
    assert not plain.is_plain(HARMLESS + odd.encode(), PROBES)
    assert not plain.is_plain(FAR + odd.encode(), PROBES)


def test_nothing_is_plain_where_a_secret_has_no_letter() -> None:
    assert not plain.is_plain(HARMLESS, (b"",))


def test_hundreds_of_secrets_are_looked_for() -> None:
    many = tuple(b"secret-%d-of-many" % number for number in range(200))
    assert plain.is_plain(HARMLESS, many)
    assert not plain.is_plain(HARMLESS + b"secret-199-of-many", many)


def test_the_same_is_masked_without_the_library(library: str) -> None:
    assert plain.is_plain(HARMLESS, ()) is (library == "with")
    token = quote("eyJhbGciOiJI.eyJzdWIiOiIx.sig")
    lines = [HARMLESS, b'{"url": "https://h/%s"}' % token.encode()]
    assert without_secrets(lines[:1], show_signed_urls=True) == lines[:1]
    assert without_secrets(lines, show_signed_urls=False) == [
        HARMLESS.replace(b"=a%3D", b"=***"),
        b'{"url": "https://h/***"}',
    ]
