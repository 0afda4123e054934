"""OAuth 2 client credentials against an identity provider that we did not write: oidc-provider."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from npm import installed, node

from jobctl.auth.oauth import ClientCredentials
from jobctl.errors import AuthError

pytestmark = pytest.mark.slow

IDP = Path(__file__).parent / "idp"

HEADER, FORM = "client_secret_basic", "client_secret_post"
# the letters that form-encoding, base64 and the colon of Basic trip over
CLIENTS = [
    ("plain", "plain-secret"),
    ("secret-of-signs", "s3cr3t+/%:"),
    ("secret-of-escapes", "%2B%20+%%&=;?#"),
    ("secret with blanks", " a b ~*'\"\\"),
    ("id:of+signs/%41", ":s3cr3t:"),
]


class Server(NamedTuple):
    """The running provider and its API."""

    url: str

    def auth(self, name: str, secret: str, way: str, scope: str | None = None) -> ClientCredentials:
        return ClientCredentials(
            f"{self.url}/token", f"{way} {name}", secret, scope=scope, in_header=way == HEADER
        )

    def client(self, auth: httpx.Auth) -> httpx.Client:
        return httpx.Client(auth=auth, base_url=self.url, trust_env=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    clients = [
        {"id": f"{way} {name}", "secret": secret, "way": way}
        for way in (HEADER, FORM)
        for name, secret in CLIENTS
    ]
    errors = tmp_path_factory.mktemp("idp") / "stderr"
    command = [node(), str(IDP / "server.mjs"), json.dumps(clients)]
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            command, cwd=installed(IDP), stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        assert process.stdout
        port = process.stdout.readline().strip()
        try:
            assert port.isdigit(), errors.read_text()
            yield Server(f"http://127.0.0.1:{port}")
        finally:
            process.kill()


ways = pytest.mark.parametrize("way", [HEADER, FORM])


@ways
@pytest.mark.parametrize(("name", "secret"), CLIENTS)
def test_every_secret_reaches_the_provider_as_it_is(
    server: Server, way: str, name: str, secret: str
) -> None:
    with server.client(server.auth(name, secret, way)) as client:
        answer = client.get("/api")
    assert (answer.status_code, answer.json()["client"]) == (200, f"{way} {name}")


@ways
def test_the_scope_is_granted_and_the_life_is_the_providers(server: Server, way: str) -> None:
    auth = server.auth(*CLIENTS[1], way, scope="jobs:read jobs:write")
    with server.client(auth) as client:
        assert client.get("/api").json()["scope"] == "jobs:read jobs:write"
        token = auth.obtain(client)
    assert token.expires_at - token.obtained_at == 600


@ways
def test_a_revoked_token_is_renewed(server: Server, way: str) -> None:
    auth = server.auth("plain", "plain-secret", way)
    with server.client(auth) as client:
        assert client.get("/api").status_code == 200
        first = auth.obtain(client).value
        form = {"token": first, "client_id": f"{way} plain", "client_secret": "plain-secret"}
        pair = (form["client_id"].replace(" ", "+"), form["client_secret"])
        revoked = httpx.post(
            f"{server.url}/token/revocation",
            data=form if way == FORM else {"token": first},
            auth=pair if way == HEADER else None,
            trust_env=False,
        )
        assert revoked.status_code == 200
        assert client.get("/api").status_code == 200
        assert auth.obtain(client).value != first


@ways
@pytest.mark.parametrize(
    ("name", "secret", "scope", "error"),
    [
        ("secret-of-signs", "s3cr3t /%:", None, "invalid_client"),
        ("nobody", "s3cr3t+/%:", None, "invalid_client"),
        ("plain", "plain-secret", "jobs:delete", "invalid_scope"),
    ],
)
def test_a_refusal_is_an_auth_error_in_the_providers_words(
    *, server: Server, way: str, name: str, secret: str, scope: str | None, error: str
) -> None:
    auth = server.auth(name, secret, way, scope)
    with server.client(auth) as client, pytest.raises(AuthError, match=error) as refused:
        client.get("/api")
    assert refused.value.http_status in (400, 401)
    assert secret not in refused.value.message
