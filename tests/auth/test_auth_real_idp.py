"""Applications and people at an identity provider that we did not write: oidc-provider."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from loopback import FakeClock
from npm import installed, node
from processes import run_in_a_process
from threads import in_threads

from jobctl.auth.cache import TokenCache
from jobctl.auth.device import DeviceCode, Endpoints
from jobctl.auth.oauth import Application, ClientCredentials
from jobctl.clock import Clock
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

    def person(self, folder: Path, clock: Clock, vault: "Vault") -> DeviceCode:
        """As a process has it."""
        return DeviceCode(
            Endpoints(issuer=self.url),
            Application("people"),
            "jobctl auth login acme",
            scope="openid offline_access",
            cache=TokenCache(folder),
            clock=clock,
            vault=vault,
        )

    def client(self, auth: httpx.Auth) -> httpx.Client:
        return httpx.Client(auth=auth, base_url=self.url, trust_env=False)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    clients: list[dict[str, str]] = [
        {"id": f"{way} {name}", "secret": secret, "way": way}
        for way in (HEADER, FORM)
        for name, secret in CLIENTS
    ]
    clients.append({"id": "people", "way": "none"})
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


# People


class Browser:
    """A person's browser, in which they go where they are told to; with `deny` they cancel."""

    def __init__(self, *, deny: bool = False) -> None:
        self.deny = deny
        self.told: list[str] = []

    def go(self) -> None:
        words = self.told[0].split()
        place, code = words[words.index("open") + 1], words[words.index("code") + 1]
        with httpx.Client(follow_redirects=True, trust_env=False) as pages:
            page = self._sent(pages, pages.get(place), user_code=code)
            page = self._sent(pages, page)
            if self.deny:
                pages.get(f"{page.url}/abort")
                return
            page = self._sent(pages, page, login="ada", password="any")
            assert "Sign-in Success" in self._sent(pages, page).text

    def _sent(self, pages: httpx.Client, page: httpx.Response, **fields: str) -> httpx.Response:
        """The page that comes when the form of a page is sent."""
        form = re.search(r"<form.*?</form>", page.text, re.DOTALL)
        assert form, page.text
        action = re.search(r'action="([^"]*)"', form[0])
        assert action
        hidden = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form[0]))
        return pages.post(action[1], data={**hidden, **fields})


class Time(FakeClock):
    """While the program waits a second time, the person is at the browser."""

    def __init__(self, browser: Browser) -> None:
        super().__init__()
        self.browser = browser

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if len(self.slept) == 2:
            self.browser.go()


@dataclass
class Vault:
    """Keeps secrets in memory."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    had: list[str] = field(default_factory=list)

    def get(self, service: str, user: str) -> str | None:
        return self.kept.get((service, user))

    def put(self, service: str, user: str, secret: str) -> None:
        self.kept[service, user] = secret
        self.had.append(secret)

    def delete(self, service: str, user: str) -> bool:
        return self.kept.pop((service, user), None) is not None


def signed_in(server: Server, folder: Path) -> tuple[Time, Vault]:
    """A person's clock and vault once the person has signed in."""
    browser, vault = Browser(), Vault()
    clock = Time(browser)
    auth = server.person(folder, clock, vault)
    with server.client(auth) as client:
        auth.sign_in(client, browser.told.append)
    return clock, vault


def test_a_person_signs_in_and_stays_signed_in_with_tokens_of_two_seconds(
    server: Server, tmp_path: Path
) -> None:
    clock, vault = signed_in(server, tmp_path)
    assert clock.slept == [5, 5]  # the service says nothing of an interval
    shown = set()
    for _ in range(4):
        later = server.person(tmp_path, clock, vault)
        with server.client(later) as client:
            assert client.get("/api").json()["who"] == "ada"
            shown.add(later.obtain(client).value)
        clock.time += 1.7
    # each refresh token was good for one use: the service would have ended all of them
    assert (len(shown), len(set(vault.had)), len(vault.kept)) == (4, 4, 1)


def test_of_many_that_find_the_token_over_one_uses_the_refresh_token(
    server: Server, tmp_path: Path
) -> None:
    clock, vault = signed_in(server, tmp_path)
    clock.time += 2
    answers: list[int] = []

    def ask() -> None:
        with server.client(server.person(tmp_path, clock, vault)) as client:
            answers.append(client.get("/api").status_code)

    in_threads(8, ask)
    assert answers == [200] * 8
    assert len(vault.had) == 2


def test_a_sign_in_that_was_revoked_is_over_and_what_was_kept_is_dropped(
    server: Server, tmp_path: Path
) -> None:
    clock, vault = signed_in(server, tmp_path)
    auth = server.person(tmp_path, clock, vault)
    with server.client(auth) as client:
        form = {"token": auth.obtain(client).value, "client_id": "people"}
        httpx.post(f"{server.url}/token/revocation", data=form, trust_env=False).raise_for_status()
        with pytest.raises(AuthError, match="invalid_grant") as refused:
            client.get("/api")
    assert refused.value.hint == "jobctl auth login acme"
    assert vault.kept == {}


def test_a_person_may_say_no(server: Server, tmp_path: Path) -> None:
    browser, vault = Browser(deny=True), Vault()
    auth = server.person(tmp_path, Time(browser), vault)
    with server.client(auth) as client, pytest.raises(AuthError, match="denied"):
        auth.sign_in(client, browser.told.append)
    assert vault.had == []


# The command line


@pytest.fixture
def environ(server: Server, tmp_path: Path) -> dict[str, str]:
    """The variables of a person at a machine without a keyring."""
    settings = {
        "AUTH": "device_code",
        "BASE_URL": server.url,
        "CLIENT_ID": "people",
        "DISCOVERY_URL": server.url,
        "IDENTITY": "other",
        "PROJECT": "p",
        "SCOPES": "openid offline_access",
    }
    return {
        **os.environ,
        **{f"JOBCTL_COGNITE_{name}": value for name, value in settings.items()},
        "JOBCTL_CONFIG": str(tmp_path / "config.yaml"),
        "JOBCTL_CACHE_DIR": str(tmp_path / "cache"),
        "JOBCTL_STATE_DIR": str(tmp_path / "state"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }


def test_a_person_signs_in_by_the_command_and_a_wait_outlasts_many_tokens(
    server: Server, environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "config.yaml").write_text("")
    login = ("auth", "login", "cognite", "--insecure-storage", "--no-input")
    browser = Browser()
    with run_in_a_process(*login, env=environ) as process:
        assert process.stderr
        browser.told.append(process.stderr.readline())
        browser.go()
        assert process.wait(60) == 0, process.stderr.read()
    with run_in_a_process("wait", "cognite/1", "-vv", "-o", "json", env=environ) as process:
        out, err = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)[0]["state"]) == (0, "succeeded"), err
    renewals = [line for line in err.splitlines() if line.startswith("POST") and "/token" in line]
    assert len(renewals) >= 2
    assert all(" 200 " in line for line in renewals)


def test_ctrl_c_ends_a_sign_in_at_once(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("")
    with run_in_a_process("auth", "login", "cognite", "--no-input", "-v", env=environ) as process:
        assert process.stderr
        while "enter the code" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "POST" not in err  # it has not waited until it would have asked again
