"""Whom we trust, by which variable, and what is said where that fails."""

import os
import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from loopback import SERVICE, Connection, Serve, SignedIn

from jobctl.errors import ConfigError, UnavailableError
from jobctl.http import connect
from jobctl.http.tls import USUAL, Trust, tls_context

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
PEM = serialization.Encoding.PEM


class Company:
    """An authority as companies have them for decades: its certificates say little of themselves.

    `path` is the file of its certificate.
    """

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "an old company")])

    def __init__(self, folder: Path, *, may_sign: bool = True) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.path = folder / "company.pem"
        itself = self._named(self.name, self._key.public_key(), NOW + DAY)
        ca = x509.BasicConstraints(ca=may_sign, path_length=None)
        self.path.write_bytes(self._signed(itself.add_extension(ca, critical=False)))

    @property
    def hashed(self) -> str:
        """The name of its file in a folder of certificates; see openssl-rehash(1)."""
        digest = sha1(self.name.public_bytes()[2:]).digest()
        return f"{int.from_bytes(digest[:4], 'little'):08x}.0"

    def vouched(self, host: str = "localhost", ends: datetime = NOW + DAY) -> ssl.SSLContext:
        """The settings of a server that it vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        hosts = x509.SubjectAlternativeName([x509.DNSName(host)])
        certificate = self._named(name, key.public_key(), ends).add_extension(hosts, critical=False)
        plain = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
        both = key.private_bytes(PEM, plain[1], plain[0]) + self._signed(certificate)
        (self._folder / "server.pem").write_bytes(both)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._folder / "server.pem")
        return context

    def _named(
        self, name: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime
    ) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(self.name, name, key, x509.random_serial_number())
        return builder.not_valid_before(NOW - 9 * DAY).not_valid_after(ends)

    def _signed(self, certificate: x509.CertificateBuilder) -> bytes:
        return certificate.sign(self._key, hashes.SHA256()).public_bytes(PEM)


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    others = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE", *others):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def polite(_head: list[str], connection: Connection) -> None:
    connection.answer(b'{"id": 1}')


def asked(serve: Serve, tls: ssl.SSLContext, trust: Trust = USUAL) -> object:
    url = f"https://localhost:{serve(polite, tls).port}"
    with connect(url, None, patience=0, trust=trust) as client:
        return client.get(url).json()


def refused(serve: Serve, tls: ssl.SSLContext) -> UnavailableError:
    with pytest.raises(UnavailableError) as caught:
        asked(serve, tls)
    return caught.value


def test_an_authority_that_says_little_of_itself_is_trusted_on_every_python(
    serve: Serve, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.path))
    assert asked(serve, company.vouched()) == {"id": 1}
    context = tls_context(trust_env=True)
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert context.verify_flags & ssl.VERIFY_X509_PARTIAL_CHAIN
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version == ssl.TLSVersion.TLSv1_2


def test_several_folders_of_certificates_may_be_named(
    serve: Serve, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("empty", "full"):
        (tmp_path / name).mkdir()
    company.path.rename(tmp_path / "full" / company.hashed)
    folders = [str(tmp_path / name) for name in ("empty", "missing", "full")]
    monkeypatch.setenv("SSL_CERT_DIR", os.pathsep.join(["", *folders, ""]))
    assert asked(serve, company.vouched()) == {"id": 1}


def test_folders_none_of_which_is_there_are_named_with_their_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = os.pathsep.join([f"{tmp_path}/a", f"{tmp_path}/b", "c" * 300])
    monkeypatch.setenv("SSL_CERT_DIR", folders)
    with pytest.raises(ConfigError, match=f"SSL_CERT_DIR names {folders}, which is no folder"):
        tls_context(trust_env=True)


def test_the_keys_of_connections_are_written_where_one_likes(
    serve: Serve, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert asked(serve, company.vouched()) == {"id": 1}
    assert "CLIENT_HANDSHAKE_TRAFFIC_SECRET" in (tmp_path / "keys").read_text()
    assert not tls_context(trust_env=False).keylog_filename


def test_a_file_of_keys_that_cannot_be_written_is_blamed_on_its_own_variable(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.path))
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "no" / "keys"))
    with pytest.raises(ConfigError, match=f"SSLKEYLOGFILE names {tmp_path}/no/keys") as caught:
        tls_context(trust_env=True)
    assert "SSL_CERT" not in f"{caught.value.message} {caught.value.hint}"


def test_who_trusts_somebody_else_is_told_by_whom_it_was_signed(
    serve: Serve, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = company.vouched()
    (tmp_path / "other").mkdir()
    assert str(refused(serve, tls).hint).endswith("in the setting ca_file, or in SSL_CERT_FILE")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/x")
    assert str(refused(serve, tls).hint).endswith(", as CURL_CA_BUNDLE does for other programs")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "other"))
    assert str(refused(serve, tls).hint).startswith(f"SSL_CERT_DIR names {tmp_path}/other: ")
    other = Company(tmp_path / "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.path))
    assert str(refused(serve, tls).hint).startswith(f"SSL_CERT_FILE names {other.path}: ")


def test_a_certificate_of_another_host_is_no_matter_of_trust(
    serve: Serve, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.path))
    error = refused(serve, company.vouched(host="other.example"))
    assert "not valid for 'localhost'" in error.message
    assert str(error.hint).startswith("check base_url")
    assert not error.transient


def test_a_certificate_that_has_expired_is_no_matter_of_trust_either(
    serve: Serve, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.path))
    error = refused(serve, company.vouched(ends=NOW - DAY))
    assert "expired" in error.message
    assert str(error.hint).startswith("check the clock of this machine")


def test_an_authority_that_is_none_is_not_mended_by_naming_it_again(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = Company(tmp_path, may_sign=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(nobody.path))
    error = refused(serve, nobody.vouched())
    assert "invalid CA certificate" in error.message
    assert str(error.hint).endswith("must be made anew: who runs the service can")


def locked(folder: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    path = folder / "locked.pem"
    form = serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(PEM, form, serialization.BestAvailableEncryption(b"p")))
    return path


def test_a_service_may_have_authorities_of_its_own(
    serve: Serve, company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(Company(tmp_path / "other").path))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    trust = Trust(ca_file=str(company.path))
    assert asked(serve, company.vouched(), trust) == {"id": 1}


def test_a_certificate_shows_the_service_who_asks_and_nobody_else(
    serve: Serve, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(company.path))
    tls = company.vouched()
    tls.load_verify_locations(company.path)
    tls.verify_mode = ssl.CERT_REQUIRED
    trust = Trust(client_cert=str(company.path.with_name("server.pem")))
    assert asked(serve, tls, trust) == {"id": 1}
    elsewhere = f"https://localhost:{serve(polite, tls).port}"
    with (
        connect(SERVICE, SignedIn(origins=(elsewhere,)), patience=0, trust=trust) as client,
        pytest.raises(UnavailableError),
    ):
        client.get(elsewhere)


def test_files_that_cannot_be_used_are_told_with_their_setting(
    company: Company, tmp_path: Path
) -> None:
    company.vouched()
    whole, missing = str(tmp_path / "server.pem"), str(tmp_path / "missing.pem")
    key = locked(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    for trust, told in (
        (Trust(ca_file=missing), f"ca_file names {missing}, which cannot be read"),
        (Trust(ca_file=str(key)), f"ca_file names {key}, in which there are no certificates"),
        (Trust(client_cert=missing), f"client_cert names {missing}, which cannot be read"),
        (Trust(client_cert=str(company.path)), "in which there is no certificate with its key"),
        (Trust(client_cert=whole, client_key=str(key)), "is locked with a password"),
    ):
        with pytest.raises(ConfigError, match=told):
            tls_context(trust_env=False, trust=trust)
