"""Secrets that were used are shown in no form."""

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl.masking.secrets import hide
from jobctl.masking.texts import masked

SECRET = 's3cr3t+/%: "é'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        quote_plus(SECRET).lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
    ],
)
def test_a_secret_is_masked_in_every_form(form: str) -> None:
    hide(SECRET)
    assert masked(f"before {form} after") == "before *** after"


@pytest.mark.parametrize("before", ["", "a", "me:", "my-app:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_masked_inside_of_base64(before: str, encode: object) -> None:
    assert callable(encode)
    hide("p??>>s-in-base64")
    text = encode(f"{before}p??>>s-in-base64".encode()).decode()
    assert "***" in masked(text)
    assert text[len(before) * 2 + 3 : -4] not in masked(text)


def test_a_longer_secret_is_masked_before_a_shorter_one_in_it() -> None:
    hide("sesame-open")
    hide("sesame-open-wide")
    assert masked("sesame-open-wide sesame-open") == "*** ***"


def test_texts_of_less_than_four_characters_are_no_secrets() -> None:
    hide("is")
    hide("")
    assert masked("this is it") == "this is it"


def test_half_a_surrogate_pair_in_a_secret_does_no_harm() -> None:
    hide("tok\ud800en")
    assert masked("x tok\ud800en") == "x ***"


# a prefix of its own, as what is hidden stays hidden from the tests that follow
@given(st.text().map("zq9-{}-9qz".format))
def test_no_secret_survives(secret: str) -> None:
    hide(secret)
    assert secret not in masked(f"<{secret}>")
