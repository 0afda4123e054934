"""A signed URL shows where it leads and until when, and nothing that lets somebody in."""

import pytest

from jobctl.masking.signatures import MASK, is_masked, signed_until
from jobctl.masking.texts import masked


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        pytest.param(
            "https://b.obs.example:443/a/8.jpg?AccessKeyId=AK&Expires=1606380154"
            "&x-obs-security-token=TOKEN&Signature=SIG%3D",
            "https://b.obs.example:443/a/8.jpg?AccessKeyId=***&Expires=1606380154"
            "&x-obs-security-token=***&Signature=***",
            id="OBS V2",
        ),
        pytest.param(
            "https://b.obs.example/8.jpg?X-Obs-Algorithm=A&X-Obs-Credential=AK%2Fcn"
            "&X-Obs-Date=20200101T000000Z&X-Obs-Expires=60&X-Obs-SignedHeaders=host"
            "&X-Obs-Signature=SIG",
            "https://b.obs.example/8.jpg?X-Obs-Algorithm=A&X-Obs-Credential=***"
            "&X-Obs-Date=20200101T000000Z&X-Obs-Expires=60&X-Obs-SignedHeaders=host"
            "&X-Obs-Signature=***",
            id="OBS V4",
        ),
        pytest.param(
            "https://b.s3.example/k?X-Amz-Algorithm=A&X-Amz-Credential=AK&X-Amz-Date=D"
            "&X-Amz-Expires=60&X-Amz-Security-Token=TOKEN&x-amz-signature=SIG&versionId=7",
            "https://b.s3.example/k?X-Amz-Algorithm=A&X-Amz-Credential=***&X-Amz-Date=D"
            "&X-Amz-Expires=60&X-Amz-Security-Token=***&x-amz-signature=***&versionId=7",
            id="AWS V4",
        ),
        pytest.param(
            "https://b.s3.example/k?AWSAccessKeyId=AK&Signature=SIG&Expires=9",
            "https://b.s3.example/k?AWSAccessKeyId=***&Signature=***&Expires=9",
            id="AWS V2",
        ),
        pytest.param(
            "https://storage.example/k?GoogleAccessId=me&Expires=9&Signature=SIG",
            "https://storage.example/k?GoogleAccessId=***&Expires=9&Signature=***",
            id="Google V2",
        ),
        pytest.param(
            "https://a.blob.example/k?sv=2020&se=2030-01-01T00%3A00%3A00Z&sp=r&sig=SIG%2B",
            "https://a.blob.example/k?sv=2020&se=2030-01-01T00%3A00%3A00Z&sp=r&sig=***",
            id="Azure",
        ),
        pytest.param(
            "https://cdn.example/k?Policy=P&Signature=S&Key-Pair-Id=K",
            "https://cdn.example/k?Policy=***&Signature=***&Key-Pair-Id=***",
            id="CloudFront",
        ),
        pytest.param(
            "https://x.example/?api_key=K&apikey=K&key=K&auth=A&client_secret=S&pwd=P",
            "https://x.example/?api_key=***&apikey=***&key=***&auth=***&client_secret=***&pwd=***",
            id="plain keys",
        ),
    ],
)
def test_the_parameters_that_sign_are_masked_and_the_expiry_stays(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/a%20b/c?page=2&q=%C3%A9+e&empty=&flag#part",
        "https://x.example/a@b/c@d",
        "https://x.example?mail=a@b",
        "https://[::1]:8080/a?b=c",
        "/only/a/path?a=b&c=d",
        "",
    ],
)
def test_a_url_without_secrets_stays_as_it_came(url: str) -> None:
    assert masked(url) == url


def test_what_stands_beside_a_masked_parameter_stays_as_it_came() -> None:
    url = "https://x.example/a%2Fb?q=%c3%a9+e&sig=SECRET&empty=&flag&n=a:b,c#part"
    assert masked(url) == url.replace("SECRET", MASK)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:pa%40ss@x.example/a", "https://***@x.example/a"),
        ("https://user:pa@ss@x.example/a", "https://***@x.example/a"),
        ("rtsp://admin@cam.example:554/live", "rtsp://***@cam.example:554/live"),
        ("https://user:pw@x.example?a=b", "https://***@x.example?a=b"),
        # what is no proper URL
        ("https://[::1/a?sig=SECRET", "https://[::1/a?sig=***"),
        ("https://x.example:port/a?sig=SECRET", "https://x.example:port/a?sig=***"),
        ("https://x.example:0/a?sig=SECRET", "https://x.example:0/a?sig=***"),
        ("https://x.example:99999/a?sig=SECRET", "https://x.example:99999/a?sig=***"),
        ("https://user:SEC/RET@x.example/a", "https://***@x.example/a"),
        ("https://user:SEC?RET@x.example/a", "https://***@x.example/a"),
        ("https://user:SEC#RET@x.example/a", "https://***@x.example/a"),
    ],
)
def test_the_user_part_or_the_secret_is_masked_and_no_more(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/?%73ig=SECRET",
        "https://x.example/?code=SECRET",
        "https://x.example/?jwt=SECRET",
        "https://x.example/?pass=SECRET",
        "https://x.example/?subscription-key=SECRET",
        "https://x.example/?x-cos-security-token=SECRET",
        "https://x.example/?oauth_verifier=SECRET",
        "https://x.example/?a=1;sig=SECRET",
        "https://x.example/?sig=one?SECRET",
        "https://x.example/#access_token=SECRET",
        "https://x.example/#/view?token=SECRET&page=2",
        "https://x.example/?next=https://y.example/?sig=SECRET",
        "https://x.example/?next=https%3A%2F%2Fy.example%2F%3Fa%3D1%26sig%3DSECRET",
        "https://x.example/?next=https%3A%2F%2Fuser%3ASECRET%40y.example",
    ],
)
def test_a_signature_is_masked_wherever_it_hides(url: str) -> None:
    shown = masked(url)
    assert "SECRET" not in shown
    assert shown.startswith("https://x.example/")


def test_masking_twice_changes_nothing_more() -> None:
    once = masked("https://u:p@x.example/?sig=S&a=b#token=T")
    assert masked(once) == once


@pytest.mark.parametrize(
    ("query", "until"),
    [
        ("X-Amz-Date=20261126T000000Z&X-Amz-Expires=3600", "2026-11-26T01:00:00+00:00"),
        ("x-goog-date=20261126T000000Z&x-goog-expires=60#a", "2026-11-26T00:01:00+00:00"),
        ("X-Obs-Expires=60", "None"),
        ("X-Obs-Date=20261126T000000Z&X-Obs-Expires=soon", "None"),
        ("AccessKeyId=***&Expires=1606380154&Signature=***", "2020-11-26T08:42:34+00:00"),
        ("se=2030-01-01T00%3A00%3A00Z&sig=***", "2030-01-01T00:00:00+00:00"),
        ("page=2", "None"),
    ],
)
def test_a_url_tells_until_when_its_signature_is_valid(query: str, until: str) -> None:
    assert str(signed_until(f"https://x.example/a?{query}")) == until.replace("T", " ")


def test_a_url_is_known_to_have_been_masked() -> None:
    assert is_masked(masked("https://x.example/a?sig=SECRET"))
    assert is_masked(masked("https://x.example/p/SECRET/n/n/b/b/o/o"))
    assert not is_masked("https://x.example/a?page=2")


def test_a_name_that_signs_masks_nothing_where_no_value_follows() -> None:
    text = "x-amz-signature=&x-amz-signature= <a> x-amz-signature="
    assert masked(text) == text
