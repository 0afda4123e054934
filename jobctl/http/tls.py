"""TLS: whom we trust, and what to do where that fails; the same on every Python."""

import os
import threading
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, VERIFY_X509_PARTIAL_CHAIN, SSLContext, SSLError

import certifi

from jobctl.errors import ConfigError

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
# codes of X509_verify_cert, see openssl-verification-options(1)
_NOT_YET_VALID, _EXPIRED, _HOSTNAME_MISMATCH, _IP_MISMATCH = 9, 10, 62, 64

_contexts: dict[tuple[str, ...], SSLContext] = {}
_lock = threading.Lock()


def tls_context(trust_env: bool) -> SSLContext:
    """The settings of TLS, one for all threads: SSL_CERT_FILE and SSL_CERT_DIR, else certifi's.

    SSLKEYLOGFILE has the keys of connections written down, as in other programs.

    Raises:
        ConfigError: a variable names something unusable.
    """
    told = tuple(os.environ.get(name, "") if trust_env else "" for name in _VARIABLES)
    with _lock:
        if told not in _contexts:
            # building one costs more than a whole request over http
            _contexts[told] = _context(*told)
        return _contexts[told]


def _context(file: str, folders: str, keys: str) -> SSLContext:
    # not the library's default, which is another one from Python 3.13 on: what company
    # authorities of old have signed is strict X.509 to few of them
    context = SSLContext(PROTOCOL_TLS_CLIENT)
    context.verify_flags |= VERIFY_X509_PARTIAL_CHAIN
    if file or not folders:
        _trust_file(context, file or certifi.where())
    if folders:
        _trust_folders(context, folders)
    if keys:
        try:
            context.keylog_filename = keys
        except OSError as error:
            raise ConfigError(
                f"SSLKEYLOGFILE names {keys}, which cannot be written: {error.strerror}",
                hint="name another file, or unset it",
            ) from error
    return context


def _trust_file(context: SSLContext, file: str) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except SSLError as error:
        raise ConfigError(
            f"SSL_CERT_FILE names {file}, in which there are no certificates",
            hint="it must be a file in PEM format",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"SSL_CERT_FILE names {file}, which cannot be read: {error.strerror}"
        ) from error


def _trust_folders(context: SSLContext, folders: str) -> None:
    there = [folder for folder in folders.split(os.pathsep) if Path(folder).is_dir()]
    if not there:
        raise ConfigError(f"SSL_CERT_DIR names {folders}, which is no folder")
    for folder in there:
        context.load_verify_locations(capath=folder)


def advice(code: int) -> str | None:
    """What mends a refused certificate, by OpenSSL's code; None where the address is wrong."""
    if code in (_HOSTNAME_MISMATCH, _IP_MISMATCH):
        return None
    if code in (_NOT_YET_VALID, _EXPIRED):
        return "check the clock of this machine; else who runs the service must renew it"
    file, folders, _ = (os.environ.get(name) for name in _VARIABLES)
    signer = "the certificate of whoever signed it"
    if file:
        return f"SSL_CERT_FILE names {file}: it must hold {signer}"
    if folders:
        return f"SSL_CERT_DIR names {folders}: {signer} must lie there, under its hash"
    return f"name a file with {signer} in SSL_CERT_FILE"
