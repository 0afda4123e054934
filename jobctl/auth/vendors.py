"""Signing in as the vendors' own tools do, through the vendors' own libraries.

Each is an extra of the package, since it is large and few need it: the error that misses one names
it. They find credentials where the tools keep them: variables, files, metadata services.
"""

from __future__ import annotations

import importlib
import logging
import os
import shlex
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

from jobctl.errors import AuthError, ConfigError, JobctlError, UnavailableError
from jobctl.masking.secrets import hide

_AWS = "set them up as for the aws tool: aws configure, AWS_PROFILE or AWS_... variables"


def library(module: str, extra: str) -> Any:
    """A vendor's library.

    Raises:
        ConfigError: it is not installed.
    """
    # what fails is told once, by its error
    logging.getLogger(module.partition(".")[0]).setLevel(logging.CRITICAL)
    try:
        return importlib.import_module(module)
    except ImportError:
        raise ConfigError(
            f"signing in like that needs the library {module.partition('.')[0]}, which is not here",
            hint=f"pip install 'jobctl[{extra}]'",
        ) from None


@contextmanager
def _asked(
    lost: str,
    hint: str,
    kind: type[JobctlError] = AuthError,
    unreached: type[Exception] | None = None,
) -> Iterator[None]:
    """Whatever a vendor's library stumbles over in here is one error, told in a line.

    What the tools keep may be broken in any way, and the libraries raise what comes of it: also
    `AttributeError` for a list in the place of an object. `unreached` is raised where nobody
    answers, which may pass.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - see above
        said = str(error).strip().partition("\n")[0] or type(error).__name__
        if unreached and isinstance(error, unreached):
            raise UnavailableError(f"{lost}: {said}", transient=True) from None
        raise kind(f"{lost}: {said}", hint=hint) from None


class Signed(httpx.Auth):
    """Signs each request, body and all, with headers that `sign` makes for it.

    `curl` are the words for its command line that have it do the same, if it can.
    """

    requires_request_body = True

    def __init__(
        self, sign: Callable[[httpx.Request], Mapping[str, str]], curl: str | None = None
    ) -> None:
        self._sign = sign
        self.curl = curl
        self.by_request = curl is None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        request.headers.update(self._sign(request))
        yield request


class Shown(httpx.Auth):
    """Shows a bearer token with each request, which `fresh` gives or renews.

    `printing` is the command of the vendor's tool that prints one.
    """

    def __init__(self, fresh: Callable[[], str], printing: str) -> None:
        self._fresh = fresh
        self.curl = f'-H "Authorization: Bearer $({printing})"'

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        token = self._fresh()
        hide(token)
        request.headers["Authorization"] = f"Bearer {token}"
        yield request


def aws_region() -> str | None:
    """The region that the aws tool would use; None where nothing tells one.

    Raises:
        ConfigError: botocore is not installed, or what the tool keeps cannot be used.
    """
    session = library("botocore.session", "aws").get_session()
    with _asked("the region of the aws tool cannot be read", _AWS, ConfigError):
        region = session.get_config_variable("region")
    return region if isinstance(region, str) else None


def aws(service: str, region: str | None) -> httpx.Auth:
    """Signature Version 4, with the credentials that the aws tool would use.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html

    Raises:
        ConfigError: botocore is not installed, or nothing tells credentials or a region.
    """
    session = library("botocore.session", "aws").get_session()
    auth, request_of = library("botocore.auth", "aws"), library("botocore.awsrequest", "aws")
    unreached = library("botocore.exceptions", "aws").HTTPClientError
    with _asked("the credentials of the aws tool cannot be used", _AWS, ConfigError, unreached):
        credentials = session.get_credentials()
    region = region or aws_region()
    if credentials is None or not region:
        lost = "a region" if credentials else "credentials"
        raise ConfigError(
            f"there are no {lost} for AWS" if lost == "credentials" else "there is no AWS region",
            hint=_AWS,
        )

    def sign(request: httpx.Request) -> Mapping[str, str]:
        with _asked("the aws tool's credentials do not sign", _AWS, unreached=unreached):
            now = credentials.get_frozen_credentials()
            for secret in (now.secret_key, now.token):
                if secret:
                    hide(secret)
            plain = request_of.AWSRequest(
                request.method,
                str(request.url),
                headers={
                    name: request.headers[name]
                    for name in ("Content-Type", "X-Amz-Target")
                    if name in request.headers
                },
                data=request.content,
            )
            auth.SigV4Auth(now, service, region).add_auth(plain)
            return httpx.Headers(list(plain.headers.items()))

    return Signed(
        sign,
        f"--aws-sigv4 {shlex.quote(f'aws:amz:{region}:{service}')}"
        ' -u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
        ' ${AWS_SESSION_TOKEN:+-H "X-Amz-Security-Token: $AWS_SESSION_TOKEN"}',
    )


def google(scopes: tuple[str, ...]) -> httpx.Auth:
    """Application default credentials, as gcloud keeps them.

    https://cloud.google.com/docs/authentication/application-default-credentials

    Raises:
        ConfigError: google-auth is not installed, or there are no such credentials.
    """
    library("google.auth", "google")
    transport = library("google.auth.transport.requests", "google")
    unreached = library("google.auth.exceptions", "google").TransportError
    hint = "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS"
    with _asked("Google's credentials cannot be had", hint, ConfigError, unreached):
        credentials, _ = library("google.auth", "google").default(list(scopes) or [_GOOGLE])

    def fresh() -> str:
        with _asked("Google gives no token", hint, unreached=unreached):
            if not credentials.valid:
                credentials.refresh(transport.Request())
        return str(credentials.token)

    return Shown(fresh, "gcloud auth application-default print-access-token")


_GOOGLE = "https://www.googleapis.com/auth/cloud-platform"


def azure(scope: str) -> httpx.Auth:
    """The default credential of Azure: variables, workload and managed identity, az.

    https://learn.microsoft.com/python/api/azure-identity/azure.identity.defaultazurecredential

    Raises:
        ConfigError: azure-identity is not installed, or a variable means nothing to it.
    """
    identity = library("azure.identity", "azure")
    hint = "sign in with `az login`, or see to the AZURE_... variables"
    with _asked("Azure's credentials cannot be had", hint, ConfigError):
        credential = identity.DefaultAzureCredential()

    def fresh() -> str:
        with _asked("Azure gives no token", hint):
            return str(credential.get_token(scope).token)

    return Shown(
        fresh,
        f"az account get-access-token --scope {shlex.quote(scope)} --query accessToken -o tsv",
    )


def oci() -> httpx.Auth:
    """The signature of Oracle Cloud, with the key of `~/.oci/config`.

    https://docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm

    Raises:
        ConfigError: oci is not installed, or its configuration cannot be used.
    """
    library("oci.signer", "oci")
    configuration, signer = library("oci.config", "oci"), library("oci.signer", "oci")
    lost, hint = "the configuration of oci cannot be used", "oci setup config"
    with _asked(lost, hint, ConfigError):
        found = configuration.from_file(
            os.environ.get("OCI_CLI_CONFIG_FILE") or configuration.DEFAULT_LOCATION,
            os.environ.get("OCI_CLI_PROFILE") or configuration.DEFAULT_PROFILE,
        )
        made = signer.Signer.from_config(found)

    def sign(request: httpx.Request) -> Mapping[str, str]:
        requests = library("requests", "oci")
        plain = requests.Request(request.method, str(request.url), data=request.content or None)
        with _asked(lost, hint):
            prepared = made(plain.prepare())
        return {
            name: text
            for name, text in prepared.headers.items()
            if name.lower() in ("authorization", "date", "x-content-sha256", "content-type")
        }

    return Signed(sign)
