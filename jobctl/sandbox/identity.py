"""An identity provider as its standards say: applications, people with a browser, jobs of a CI.

https://www.rfc-editor.org/rfc/rfc6749
https://www.rfc-editor.org/rfc/rfc7523
https://www.rfc-editor.org/rfc/rfc8628
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qs
from uuid import uuid4

from jobctl.sandbox import Answering, Lives, respond

if TYPE_CHECKING:
    import httpx

CLIENT, SECRET = "sandbox", "sandbox-secret"
_PAIR = b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_CODE, _REFRESH, _ID_TOKEN = "sandbox-device-", "sandbox-refresh-token", "sandbox-id-token"
_JOB = "sandbox-job-token"
_PERSON = 2.0  # seconds that somebody with a browser takes
_PAGE = (
    "<!DOCTYPE html><html><title>Sandbox</title><body>Nothing need be entered: somebody else does"
    " that here, within two seconds.</body></html>"
)


class Identity(NamedTuple):
    """Who gives a `token` for a service: at which paths, and for which scope, if it must be one."""

    token: str
    at: str
    codes_at: str
    scope: str | None = None

    def before(self, service: Answering) -> Answering:
        """A service that gives its tokens itself."""

        def answer(request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
            return self._answer(request, path, lives) or service(request, path, lives)

        return answer

    def _answer(self, request: httpx.Request, path: str, lives: Lives) -> httpx.Response | None:
        """The answer to a request; None for what others are asked for."""
        root = str(request.url.copy_with(query=None)).removesuffix(path)
        if path == "/.well-known/openid-configuration":
            codes, tokens = f"{root}{self.codes_at}", f"{root}{self.at}"
            places = {"device_authorization_endpoint": codes, "token_endpoint": tokens}
            return respond(200, {"issuer": root, **places})
        if path == "/activate":
            return respond(200, _PAGE)
        if path == "/id-token":
            is_job = request.headers.get("authorization") == f"Bearer {_JOB}"
            return respond(200, {"value": _ID_TOKEN}) if is_job else respond(401)
        told = {name: some[0] for name, some in parse_qs(request.content.decode("latin-1")).items()}
        if path == self.codes_at:
            return self._code(told, root)
        return self._granted(request, told, lives) if path == self.at else None

    def _code(self, told: Mapping[str, str], root: str) -> httpx.Response:
        if told.get("client_id") != CLIENT:
            return respond(401, {"error": "invalid_client"})
        told_people = {"user_code": "SAND-BOX", "verification_uri": f"{root}/activate"}
        times = {"expires_in": 300, "interval": 1}
        return respond(200, {"device_code": f"{_CODE}{uuid4().hex}", **told_people, **times})

    def _granted(
        self, request: httpx.Request, told: Mapping[str, str], lives: Lives
    ) -> httpx.Response:
        kind, code = told.get("grant_type", ""), told.get("device_code", "")
        in_form = (told.get("client_id"), told.get("client_secret")) == (CLIENT, SECRET)
        is_application = in_form or request.headers.get("authorization") == f"Basic {_PAIR}"
        is_client = is_application or told.get("client_id") == CLIENT
        # by the kind of the question: whether who asks is known, and what is shown is right
        known = {
            "client_credentials": (
                is_application or told.get("client_assertion") == _ID_TOKEN,
                self.scope in (None, *told.get("scope", "").split()),
            ),
            _JWT: (is_application, told.get("assertion") == _ID_TOKEN),
            _DEVICE: (is_client, code.startswith(_CODE)),
            "refresh_token": (is_client, told.get("refresh_token") == _REFRESH),
        }
        if kind not in known:
            return respond(400, {"error": "unsupported_grant_type"})
        is_known, is_right = known[kind]
        if not is_known:
            words = "Invalid client secret provided.\r\nTrace ID: 0"
            return respond(401, {"error": "invalid_client", "error_description": words})
        if not is_right:
            wrong = "invalid_scope" if kind == "client_credentials" else "invalid_grant"
            return respond(400, {"error": wrong})
        if kind == _DEVICE and lives.age(code) < _PERSON:
            return respond(400, {"error": "authorization_pending"})
        of_a_person = {"refresh_token": _REFRESH} if kind in (_DEVICE, "refresh_token") else {}
        granted = {"access_token": self.token, "token_type": "Bearer", "expires_in": 3600}
        return respond(200, granted | of_a_person)


def of_a_job(root: str) -> dict[str, str]:
    """The settings of a job that asks for its ID token."""
    return {"id_token_request_url": f"{root}/id-token", "id_token_request_token": _JOB}


def by_a_command(token: str) -> dict[str, str]:
    """The settings where a command prints the token."""
    return {"token_command": f"""echo '{{"token": "{token}"}}'"""}
