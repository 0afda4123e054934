"""TLS: whom we trust, and what to do where that fails; the same on every Python."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, VERIFY_X509_PARTIAL_CHAIN, SSLContext, SSLError, TLSVersion
from typing import NamedTuple, NoReturn

import certifi

from jobctl.errors import ConfigError
from jobctl.files import exists

_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_OF_OTHERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
# codes of X509_verify_cert, see openssl-verification-options(1)
_NOT_YET_VALID, _EXPIRED, _HOSTNAME_MISMATCH, _IP_MISMATCH = 9, 10, 62, 64
_SIGNER_UNKNOWN = frozenset({2, 7, 18, 19, 20, 21})


class Trust(NamedTuple):
    """What a service's settings say of TLS: PEM files, "" where they say nothing.

    `ca_file` are the authorities to trust, `client_cert` shows who asks, `client_key` is its key
    where it does not hold that itself.
    """

    ca_file: str = ""
    client_cert: str = ""
    client_key: str = ""


USUAL = Trust()
_contexts: dict[tuple[str, ...], SSLContext] = {}
_lock = threading.Lock()


def tls_context(trust_env: bool, trust: Trust = USUAL) -> SSLContext:
    """The settings of TLS, one for all threads: SSL_CERT_FILE and SSL_CERT_DIR, else certifi's.

    SSLKEYLOGFILE has the keys of connections written down, as in other programs.

    Raises:
        ConfigError: a variable or a setting names something unusable.
    """
    told = tuple(os.environ.get(name, "") if trust_env else "" for name in _VARIABLES)
    with _lock:
        if (*told, *trust) not in _contexts:
            # building one costs more than a whole request over http
            _contexts[*told, *trust] = _context(told, trust)
        return _contexts[*told, *trust]


def faults() -> list[ConfigError]:
    """What is wrong with each of the variables, by itself."""
    found = []
    for name in filter(os.environ.get, _VARIABLES):
        alone = [os.environ[name] if one == name else "" for one in _VARIABLES]
        try:
            _context(alone, USUAL)
        except ConfigError as error:
            found.append(error)
    return found


def _context(told: Sequence[str], trust: Trust) -> SSLContext:
    file, folders, keys = told
    # not the library's default, which is another one from Python 3.13 on: what company
    # authorities of old have signed is strict X.509 to few of them
    context = SSLContext(PROTOCOL_TLS_CLIENT)
    context.verify_flags |= VERIFY_X509_PARTIAL_CHAIN
    # some systems build Python without this limit
    context.minimum_version = max(context.minimum_version, TLSVersion.TLSv1_2)
    if trust.ca_file:
        _trust_file(context, trust.ca_file, "ca_file")
    elif file or not folders:
        _trust_file(context, file or certifi.where(), "SSL_CERT_FILE")
    if folders and not trust.ca_file:
        _trust_folders(context, folders)
    if trust.client_cert:
        _show(context, trust)
    if keys:
        try:
            context.keylog_filename = keys
        except OSError as error:
            raise ConfigError(
                f"SSLKEYLOGFILE names {keys}, which cannot be written: {error.strerror}",
                hint="name another file, or unset it",
            ) from error
    return context


def _trust_file(context: SSLContext, file: str, name: str) -> None:
    try:
        context.load_verify_locations(cafile=file)
    except SSLError as error:
        raise ConfigError(
            f"{name} names {file}, in which there are no certificates",
            hint="it must be a file in PEM format",
        ) from error
    except OSError as error:
        raise ConfigError(f"{name} names {file}, which cannot be read: {error.strerror}") from error


def _show(context: SSLContext, trust: Trust) -> None:
    def locked() -> NoReturn:  # the library would ask for the password on the terminal
        raise ConfigError(
            "the key of client_cert is locked with a password",
            hint="give one without, which only you can read",
        )

    files = " and ".join(filter(None, trust[1:]))
    try:
        context.load_cert_chain(trust.client_cert, trust.client_key or None, locked)
    except SSLError as error:
        raise ConfigError(
            f"client_cert names {files}, in which there is no certificate with its key",
            hint="PEM format; a key of its own is named by client_key",
        ) from error
    except OSError as error:
        raise ConfigError(
            f"client_cert names {files}, which cannot be read: {error.strerror}"
        ) from error


def _trust_folders(context: SSLContext, folders: str) -> None:
    named = filter(None, folders.split(os.pathsep))
    there = [folder for folder in named if exists(Path(folder)) and Path(folder).is_dir()]
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
    if code not in _SIGNER_UNKNOWN:
        return "it, or that of whoever signed it, must be made anew: who runs the service can"
    file, folders, _ = (os.environ.get(name) for name in _VARIABLES)
    signer = "the certificate of whoever signed it"
    if file:
        return f"SSL_CERT_FILE names {file}: it must hold {signer}"
    if folders:
        return f"SSL_CERT_DIR names {folders}: {signer} must lie there, under its hash"
    others = [one for one in _OF_OTHERS if os.environ.get(one)]
    known = f", as {others[0]} does for other programs" if others else ""
    return f"name a file with {signer} in the setting ca_file, or in SSL_CERT_FILE{known}"
