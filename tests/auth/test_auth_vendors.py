"""Signing in by the vendors' own libraries, as their tools keep credentials."""

import json
from collections.abc import Callable
from pathlib import Path

import botocore.auth
import httpx
import oci
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_httpserver import HTTPServer

from jobctl.auth import vendors
from jobctl.errors import AuthError, ConfigError, UnavailableError

Home = Callable[..., None]


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user with nothing set up."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    return tmp_path


def sent(auth: httpx.Auth, request: httpx.Request) -> httpx.Request:
    """The request as it goes out."""
    return next(auth.sync_auth_flow(request))


def key() -> str:
    """A private key, as PEM."""
    return (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        .decode()
    )


def test_a_library_that_is_missing_is_named_with_what_installs_it() -> None:
    with pytest.raises(ConfigError) as caught:
        vendors.library("no_such_library.part", "aws")
    assert "no_such_library" in caught.value.message
    assert caught.value.hint == "pip install 'jobctl[aws]'"


def test_aws_signs_with_the_credentials_and_the_region_of_its_tool(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text("[default]\nregion = eu-west-3\n")
    (home / ".aws" / "credentials").write_text(
        "[default]\naws_access_key_id = AKPLANTED\naws_secret_access_key = planted-secret\n"
        "aws_session_token = planted-session\n"
    )
    assert vendors.aws_region() == "eu-west-3"
    request = sent(
        vendors.aws("batch", None),
        httpx.Request("POST", "https://batch.eu-west-3.amazonaws.com/v1/x?a=b", json={"jobs": []}),
    )
    said = request.headers["authorization"]
    assert said.startswith("AWS4-HMAC-SHA256 Credential=AKPLANTED/")
    assert "/eu-west-3/batch/aws4_request" in said
    assert request.headers["x-amz-security-token"] == "planted-session"
    again = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials("AKPLANTED", "planted-secret", "planted-session"),
        "batch",
        "eu-west-3",
    )
    plain = botocore.awsrequest.AWSRequest(
        "POST",
        str(request.url),
        headers={"Content-Type": "application/json", "X-Amz-Security-Token": "planted-session",
                 "X-Amz-Date": request.headers["x-amz-date"]},
        data=request.content,
    )  # fmt: skip
    plain.context["timestamp"] = request.headers["x-amz-date"]
    signature = again.signature(again.string_to_sign(plain, again.canonical_request(plain)), plain)
    assert said.endswith(f"Signature={signature}")


def test_aws_without_credentials_or_a_region_says_what_is_missing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="no credentials for AWS"):
        vendors.aws("batch", "eu")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKPLANTED")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")
    assert vendors.aws_region() is None
    with pytest.raises(ConfigError, match="no AWS region"):
        vendors.aws("batch", None)
    request = sent(vendors.aws("batch", "eu"), httpx.Request("GET", "https://h.test/"))
    assert "x-amz-security-token" not in request.headers


@pytest.mark.parametrize(
    ("variables", "kept", "said"),
    [
        ({"AWS_PROFILE": "nope"}, "", "profile (nope) could not be found"),
        ({}, "garbage", "Unable to parse config file"),
        ({"AWS_ACCESS_KEY_ID": "AKPLANTED"}, "", "Partial credentials"),
        ({}, "[default]\ncredential_process = 'x\n", "No closing quotation"),
        ({}, "[default]\nrole_arn = x\nsource_profile = none\n", "does not exist"),
    ],
)
def test_whatever_is_wrong_with_what_the_aws_tool_keeps_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kept: str, said: str
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)
    (home / ".aws").mkdir()
    (home / ".aws" / "config").write_text(kept)
    with pytest.raises(ConfigError, match="of the aws tool cannot be used: ") as caught:
        vendors.aws("batch", "eu")
    assert said in caught.value.message
    assert "AWS_PROFILE" in str(caught.value.hint)


def test_a_set_up_of_aws_that_cannot_be_read_is_told_where_its_region_is_wanted(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nope")
    with pytest.raises(ConfigError, match=r"region of the aws tool cannot be read: .*nope"):
        vendors.aws_region()


def test_keys_of_aws_that_no_header_carries_are_no_credentials(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k\u00e9y")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")
    with pytest.raises(AuthError, match="do not sign: 'ascii' codec"):
        sent(vendors.aws("batch", "eu"), httpx.Request("GET", "https://h.test/"))


@pytest.mark.parametrize("kept", ["[]", "{", '{"type": "impersonated_service_account"}'])
def test_a_file_that_is_none_of_googles_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    (home / "key.json").write_text(kept)
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(home / "key.json"))
    with pytest.raises(ConfigError, match="Google's credentials cannot be had: "):
        vendors.google(())


def test_google_that_nobody_answers_for_may_answer_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {
        "type": "service_account",
        "client_email": "me@example.test",
        "private_key": key(),
        "token_uri": "http://127.0.0.1:9/token",
    }
    (home / "key.json").write_text(json.dumps(told))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(home / "key.json"))
    with pytest.raises(UnavailableError, match="Google gives no token") as caught:
        sent(vendors.google(()), httpx.Request("GET", "https://h.test/"))
    assert caught.value.transient


def test_a_variable_that_means_nothing_to_azure_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "bogus")
    with pytest.raises(ConfigError, match=r"Azure's credentials cannot be had: .*bogus"):
        vendors.azure("https://m.test/.default")


def test_google_shows_a_token_of_the_application_default_credentials(
    home: Path, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer
) -> None:
    with pytest.raises(ConfigError, match="Google's credentials"):
        vendors.google(())
    told = {
        "type": "service_account",
        "client_email": "me@example.test",
        "private_key": key(),
        "token_uri": httpserver.url_for("/token"),
    }
    file = home / "key.json"
    file.write_text(json.dumps(told))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    httpserver.expect_ordered_request("/token").respond_with_json(
        {"access_token": "google-token-1", "expires_in": 3600, "token_type": "Bearer"}
    )
    auth = vendors.google(("https://www.googleapis.com/auth/cloud-platform",))
    for _ in range(2):
        request = sent(auth, httpx.Request("GET", "https://h.test/"))
        assert request.headers["authorization"] == "Bearer google-token-1"
    assert len(httpserver.log) == 1
    httpserver.clear()
    httpserver.expect_request("/token").respond_with_json({"error": "invalid_grant"}, 400)
    with pytest.raises(AuthError, match="Google gives no token"):
        sent(vendors.google(()), httpx.Request("GET", "https://h.test/"))


def test_azure_shows_a_token_of_the_default_credential(
    home: Path, monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", httpserver.url_for("/msi"))
    monkeypatch.setenv("IDENTITY_HEADER", "planted")
    httpserver.expect_request("/msi").respond_with_json(
        {"access_token": "azure-token-1", "expires_on": "4102444800", "token_type": "Bearer"}
    )
    auth = vendors.azure("https://management.azure.com/.default")
    request = sent(auth, httpx.Request("GET", "https://h.test/"))
    assert request.headers["authorization"] == "Bearer azure-token-1"


def test_azure_without_any_credential_says_so_once(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    httpserver: HTTPServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", httpserver.url_for("/msi"))
    monkeypatch.setenv("IDENTITY_HEADER", "planted")
    monkeypatch.setenv("PATH", str(home))
    httpserver.expect_request("/msi").respond_with_json({"error": "no"}, 400)
    with pytest.raises(AuthError, match="Azure gives no token"):
        sent(vendors.azure("https://m.test/.default"), httpx.Request("GET", "https://h.test/"))
    assert [one.name for one in caplog.records if one.name.startswith("azure")] == []


def test_oci_signs_with_the_key_of_its_configuration(home: Path) -> None:
    with pytest.raises(ConfigError, match="the configuration of oci"):
        vendors.oci()
    (home / ".oci").mkdir()
    (home / ".oci" / "key.pem").write_text(key())
    (home / ".oci" / "config").write_text(
        "[DEFAULT]\nuser=ocid1.user.oc1..aaaa\nfingerprint=" + ":".join(["20"] * 16) + "\n"
        "tenancy=ocid1.tenancy.oc1..aaaa\nregion=eu-frankfurt-1\nkey_file=~/.oci/key.pem\n"
    )
    request = sent(
        vendors.oci(), httpx.Request("GET", "https://iaas.eu-frankfurt-1.oraclecloud.com/x?a=b")
    )
    said = request.headers["authorization"]
    assert said.startswith("Signature algorithm")
    assert "(request-target)" in said
    assert oci.config.from_file()["region"] == "eu-frankfurt-1"
