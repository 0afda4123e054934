"""The sandbox's identity provider refuses, with the words of its standards, what is not proven."""

import httpx
import pytest

from jobctl.sandbox import Lives, service

ROOT = "http://127.0.0.1:1/oracle-content"
SCOPE = service("oracle-content").settings(ROOT)["scope"]
APPLICATION = {"client_id": "sandbox", "client_secret": "sandbox-secret"}
PERSON = {"client_id": "sandbox"}
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def asked(path: str, form: dict[str, str] | None = None, **headers: str) -> httpx.Response:
    method = "GET" if form is None else "POST"
    request = httpx.Request(method, f"{ROOT}{path}", data=form, headers=headers)
    return service("oracle-content").answer(request, path, Lives())


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": SCOPE}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", **PERSON}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", **APPLICATION}, 400, "invalid_scope"),
        ({"grant_type": JWT, "assertion": "sandbox-id-token", **PERSON}, 401, "invalid_client"),
        ({"grant_type": JWT, "assertion": "other", **APPLICATION}, 400, "invalid_grant"),
        ({"grant_type": DEVICE, "device_code": "sandbox-device-1"}, 401, "invalid_client"),
        ({"grant_type": DEVICE, "device_code": "other", **PERSON}, 400, "invalid_grant"),
        (
            {"grant_type": DEVICE, "device_code": "sandbox-device-1", **PERSON},
            400,
            "authorization_pending",
        ),
        (
            {"grant_type": "refresh_token", "refresh_token": "other", **PERSON},
            400,
            "invalid_grant",
        ),
    ],
)
def test_a_token_is_given_to_nobody_else(form: dict[str, str], status: int, error: str) -> None:
    answer = asked("/oauth2/v1/token", form)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_a_code_is_given_to_the_application_alone_with_a_page_where_it_is_entered() -> None:
    assert asked("/oauth2/v1/device", {"client_id": "other"}).json() == {"error": "invalid_client"}
    told = asked("/oauth2/v1/device", PERSON).json()
    assert told["verification_uri"] == f"{ROOT}/activate"
    assert "Nothing need be entered" in asked("/activate").text


def test_an_id_token_is_given_to_the_job_alone() -> None:
    assert asked("/id-token").status_code == 401
    answer = asked("/id-token", Authorization="Bearer sandbox-job-token")
    assert answer.json() == {"value": "sandbox-id-token"}
