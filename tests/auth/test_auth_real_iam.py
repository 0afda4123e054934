"""A user's token of an IAM that we did not write: OpenStack's Keystone, whose API Huawei's is.

Keystone finds a project by its name in a domain alone, which Huawei's does in the user's: so the
project is told by its id.
"""

import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from environments import environment, run

from jobctl.auth.cache import TokenCache
from jobctl.auth.huawei.flows import Password, ReadyToken
from jobctl.clock import Clock
from jobctl.errors import AuthError

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.weekly]

SECRET = 'p4ss"\\w\u00f6rd %+/ '
SETTINGS = """
[database]
connection = sqlite:///{folder}/keystone.db
[fernet_tokens]
key_repository = {folder}/keys
[cache]
enabled = false
"""
MANAGE = "from keystone.cmd.manage import main; main()"
SERVER = """
from wsgiref.simple_server import make_server
from keystone.server.wsgi import initialize_public_application

server = make_server("127.0.0.1", 0, initialize_public_application())
print(server.server_port, flush=True)
server.serve_forever()
"""


class Iam(NamedTuple):
    """The running service, and the project of its user."""

    url: str
    project: str

    def user(
        self, *, password: str = SECRET, cache: TokenCache, clock: Clock | None = None
    ) -> Password:
        return Password(
            self.url,
            username="ada",
            password=password,
            domain="Default",
            project={"id": self.project},
            cache=cache,
            clock=clock,
        )

    def client(self, auth: httpx.Auth | None) -> httpx.Client:
        return httpx.Client(auth=auth, base_url=f"{self.url}/v3/", trust_env=False)


@pytest.fixture(scope="module")
def iam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iam]:
    python = environment("keystone==30.0.0")
    folder = tmp_path_factory.mktemp("iam")
    settings = folder / "keystone.conf"
    settings.write_text(SETTINGS.format(folder=folder))
    (folder / "keys").mkdir(mode=0o700)
    me = ("--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid()))
    user = ("--bootstrap-username", "ada", "--bootstrap-password", SECRET)
    for words in (
        ("db_sync",),
        ("fernet_setup", *me),
        ("bootstrap", *user, "--bootstrap-project-name", "cn-north-4"),
    ):
        run(python, "-c", MANAGE, "--config-file", str(settings), *words)
    with sqlite3.connect(folder / "keystone.db") as database:
        ((project,),) = database.execute("SELECT id FROM project WHERE name = 'cn-north-4'")
    errors = folder / "stderr"
    environ = os.environ | {"OS_KEYSTONE_CONFIG_DIR": str(folder)}
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [python, "-c", SERVER], env=environ, stdout=subprocess.PIPE, stderr=stderr, text=True
        ) as process,
    ):
        assert process.stdout
        port = process.stdout.readline().strip()
        try:
            assert port.isdigit(), errors.read_text()
            yield Iam(f"http://127.0.0.1:{port}", project)
        finally:
            process.kill()


def test_a_user_has_a_token_of_the_project_for_as_long_as_the_service_says(
    iam: Iam, tmp_path: Path
) -> None:
    auth = iam.user(cache=TokenCache(tmp_path))
    with iam.client(auth) as client:
        answer = client.get(f"projects/{iam.project}")
        token = auth.obtain(client)
    assert (answer.status_code, answer.json()["project"]["name"]) == (200, "cn-north-4")
    assert token.extra == {"project_id": iam.project}
    assert token.expires_at - token.obtained_at == pytest.approx(3600, abs=1)
    assert token.fresh(time.time())


def test_a_token_is_kept_for_other_processes_and_a_revoked_one_is_renewed(
    iam: Iam, tmp_path: Path
) -> None:
    tokens = []
    for _ in range(2):
        auth = iam.user(cache=TokenCache(tmp_path))
        with iam.client(auth) as client:
            assert client.get("projects").status_code == 200
            tokens.append(auth.obtain(client).value)
    assert tokens[0] == tokens[1]
    with iam.client(None) as client:
        shown = {"X-Auth-Token": tokens[0], "X-Subject-Token": tokens[0]}
        assert client.delete("auth/tokens", headers=shown).status_code == 204
    auth = iam.user(cache=TokenCache(tmp_path))
    with iam.client(auth) as client:
        assert client.get("projects").status_code == 200
        assert auth.obtain(client).value != tokens[0]


def test_a_ready_token_finds_its_project_by_name(iam: Iam, tmp_path: Path) -> None:
    auth = iam.user(cache=TokenCache(tmp_path))
    with iam.client(auth) as client:
        token = auth.obtain(client).value
    ready = ReadyToken(token, iam.url, TokenCache(tmp_path))
    with iam.client(ready) as client:
        assert ready.project("cn-north-4", client) == iam.project


def test_a_wrong_password_is_refused_and_not_repeated(iam: Iam) -> None:
    auth = iam.user(password="planted-password", cache=TokenCache())
    with iam.client(auth) as client, pytest.raises(AuthError) as refused:
        client.get("projects")
    assert refused.value.http_status == 401
    assert "planted" not in str(refused.value.document())
