"""The further ways of signing in, from a command's words to what the service is shown."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from keyring_fakes import Remembering, used


class Services:
    """A service, an identity provider and an issuer of ID tokens, and what each was asked."""

    def __init__(self) -> None:
        self.asked: dict[str, list[Any]] = {"api": [], "idp": [], "issuer": []}
        self.url: dict[str, str] = {}
        self.answer_of_api: Any = None
        self.granted: Any = (200, {"access_token": "planted-access", "expires_in": 3600})

    def api(self, asked: Any) -> Any:
        if self.answer_of_api:
            return self.answer_of_api(asked)
        self.asked["api"].append(asked)
        return 200, {"jobId": 1, "status": "Completed", "createdTime": 1, "statusTime": 2}

    def idp(self, asked: Any) -> Any:
        self.asked["idp"].append(asked)
        return self.granted

    def issuer(self, asked: Any) -> Any:
        self.asked["issuer"].append(asked)
        return 200, {"value": "planted.id.token"}


@pytest.fixture
def services(served: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Services]:
    made = Services()
    with ExitStack() as stack:
        for name in made.asked:
            made.url[name] = stack.enter_context(served(getattr(made, name)))
        for name, value in {
            "JOBCTL_COGNITE_PROJECT": "my-project",
            "JOBCTL_COGNITE_BASE_URL": made.url["api"],
            "JOBCTL_CACHE_DIR": str(tmp_path / "cache"),
        }.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def job(services: Services, monkeypatch: pytest.MonkeyPatch) -> Services:
    """What a job at GitHub finds in its variables."""
    for name, value in {
        "JOBCTL_COGNITE_AUTH": "federated",
        "JOBCTL_COGNITE_IDENTITY": "other",
        "JOBCTL_COGNITE_TOKEN_URL": f"{services.url['idp']}/token",
        "JOBCTL_COGNITE_CLIENT_ID": "app",
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{services.url['issuer']}/?api-version=2",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "planted-request",
    }.items():
        monkeypatch.setenv(name, value)
    return services


def test_a_job_at_github_looks_at_jobs_without_a_secret_and_each_host_sees_its_own_alone(
    job: Services, jobctl: Any, tmp_path: Path
) -> None:
    record = tmp_path / "recorded"
    ran = jobctl("get", "cognite/1", "-vv", "--record", str(record))
    assert ran.code == 0
    assert "planted" not in ran.err + ran.out + record.read_text()
    (issuer,), (idp,), (api,) = (job.asked[name] for name in ("issuer", "idp", "api"))
    assert issuer.headers["Authorization"] == "Bearer planted-request"
    assert parse_qs(idp.body.decode())["client_assertion"] == ["planted.id.token"]
    assert "Authorization" not in idp.headers
    assert api.headers["Authorization"] == "Bearer planted-access"
    jobctl("get", "cognite/1")
    assert len(job.asked["idp"]) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_of_the_token_endpoint_takes_an_assertion_further(
    status: int, job: Services, jobctl: Any
) -> None:
    job.granted = (status, {}, {"Location": f"{job.url['api']}/token"})
    assert jobctl("get", "cognite/1").code == 6
    assert job.asked["api"] == []


def test_a_token_endpoint_that_repeats_what_it_is_sent_has_none_of_it_shown(
    job: Services, jobctl: Any
) -> None:
    told = {"error": "invalid_grant", "error_description": "of planted.id.token"}
    job.granted = (400, told)
    ran = jobctl("get", "cognite/1", "-vv", "-o", "json")
    assert ran.code == 4
    assert "planted" not in ran.err + ran.out


def test_a_command_prints_the_token_for_the_next_commands_too(
    services: Services, jobctl: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    printed = {
        "status": {"token": "planted-printed", "expirationTimestamp": "2099-01-01T00:00:00Z"}
    }
    runs = tmp_path / "runs"
    line = f"sh -c 'echo run >> {runs}; cat {tmp_path / 'printed'}'"
    (tmp_path / "printed").write_text(json.dumps(printed))
    monkeypatch.setenv("JOBCTL_COGNITE_TOKEN_COMMAND", line)
    for _ in range(2):
        ran = jobctl("get", "cognite/1", "-vv")
        assert ran.code == 0
        assert "planted" not in ran.err + ran.out
    shown = [asked.headers["Authorization"] for asked in services.asked["api"]]
    assert shown == ["Bearer planted-printed"] * 2
    assert runs.read_text() == "run\n"
    # of a command its arguments may hold a secret
    assert "token_command sh ..." in jobctl("auth", "status", "cognite").out
    assert "sh ...  " in jobctl("config", "show", "cognite").out


def test_what_a_command_of_a_setting_prints_is_had_anew_when_it_is_refused(
    services: Services, jobctl: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        f"profiles: {{default: {{cognite: {{token: 'command:cat {tmp_path / 'token'}'}}}}}}"
    )
    config.chmod(0o600)
    monkeypatch.setenv("JOBCTL_CONFIG", str(config))

    def refuse(asked: Any) -> Any:
        services.asked["api"].append(asked)
        if asked.headers["Authorization"] == "Bearer planted-old":
            (tmp_path / "token").write_text(renewed)
            return 401, {"error": {"code": 401, "message": "expired"}}
        return 200, {"jobId": 1, "status": "Completed", "createdTime": 1, "statusTime": 2}

    services.answer_of_api = refuse
    for renewed, code in (("planted-old", 4), ("planted-new", 0)):
        services.asked["api"].clear()
        (tmp_path / "token").write_text("planted-old")
        ran = jobctl("get", "cognite/1", "-vv")
        assert (ran.code, "planted" in ran.err + ran.out) == (code, False)
        shown = [asked.headers["Authorization"] for asked in services.asked["api"]]
        assert shown == [f"Bearer {one}" for one in dict.fromkeys(["planted-old", renewed])]


def test_who_has_not_signed_in_is_told_how_and_no_command_but_the_login_asks(
    services: Services, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AUTH": "device_code",
        "CLIENT_ID": "app",
        "IDENTITY": "other",
        "DISCOVERY_URL": services.url["idp"],
    }.items():
        monkeypatch.setenv(f"JOBCTL_COGNITE_{name}", value)
    with used(Remembering()):
        ran = jobctl("get", "cognite/1", "-o", "json")
    error = json.loads(ran.err)["error"]
    assert (ran.code, error["kind"]) == (4, "auth")
    assert error["hint"] == "jobctl auth login cognite"
    line = jobctl("get", "cognite/1", "--curl")
    assert line.code == 0
    assert "Bearer ${JOBCTL_COGNITE_TOKEN}" in line.out
    assert services.asked == {"api": [], "idp": [], "issuer": []}
