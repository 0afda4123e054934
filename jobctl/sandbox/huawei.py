"""What Huawei Cloud's services have in common: IAM, the gateway that checks who asks, its errors.

https://support.huaweicloud.com/intl/en-us/api-iam/iam_30_0001.html
https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-errorcode.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from jobctl.auth.huawei.signing import signature
from jobctl.sandbox import Answering, Lives, first_of, marked, respond

if TYPE_CHECKING:
    import httpx

_REGION, _PROJECT = "cn-north-4", "5a6d62d2f0a84a3f9c0d1b7e8f4c2a10"
_ACCESS_KEY, _SECRET_KEY = "SANDBOXACCESSKEY", "sandbox-secret-key"
_NAME, _PASSWORD, _DOMAIN = "sandbox-user", "sandbox-password", "sandbox"
_USER = {"name": _NAME, "password": _PASSWORD, "domain": {"name": _DOMAIN}}
_TOKEN = "sandbox-iam-token"
_SKEW = timedelta(minutes=15)


class Refusal(NamedTuple):
    """An error answer of the gateway or of a service: HTTP status, code and text."""

    status: int
    code: str
    words: str


_NO_SUCH_API = Refusal(
    404, "APIGW.0101", "The API does not exist or has not been published in the environment"
)
_UNPROVEN = "Incorrect IAM authentication information: "
_NO_TOKEN = Refusal(401, "APIG.0301", _UNPROVEN + "x-auth-token not found")
_BAD_TOKEN = Refusal(401, "APIGW.0301", _UNPROVEN + "decrypt token fail")
_BAD_SIGNATURE = Refusal(401, "APIGW.0301", _UNPROVEN + "verify aksk signature fail")
_NO_PROJECT = Refusal(401, "APIGW.0301", _UNPROVEN + "x-project-id not found")
_CLOCK = Refusal(
    401,
    "APIGW.0303",
    "Incorrect app authentication information: request time differs too much",
)


def ways(root: str) -> dict[str, dict[str, str]]:
    """See `jobctl.sandbox`."""
    place = {"base_url": root, "iam_endpoint": root, "region": _REGION, "project_id": _PROJECT}
    return {
        "aksk": place | {"access_key": _ACCESS_KEY, "secret_key": _SECRET_KEY},
        "token": place | {"token": _TOKEN},
        "password": place | {"username": _NAME, "password": _PASSWORD, "domain": _DOMAIN},
    }


settings = first_of(ways)


def refusals(table: str, prefix: str) -> dict[str, Refusal]:
    """A line `STATUS CODE TEXT` for each error -> the errors by the task that answers with them.

    The service's own prefix is left out of the name: `error400_4700`, `error404_APIGW_0101`.
    """
    rows = (line.split(" ", 2) for line in table.splitlines())
    return {
        f"error{status}_{code.removeprefix(prefix).replace('.', '_')}": Refusal(
            int(status), code, words
        )
        for status, code, words in rows
    }


def refuse(refusal: Refusal) -> httpx.Response:
    """The answer for an error; the gateway's own name the request."""
    body = {"error_code": refusal.code, "error_msg": refusal.words}
    if refusal.code.startswith("APIG"):
        body["request_id"] = "00000000-fake-0000-0000-000000000001"
    return respond(refusal.status, body)


def gateway(
    pattern: str, tasks: Callable[..., httpx.Response], other_project: Refusal
) -> Answering:
    """A service, with IAM and the gateway before it; `other_project` is its error for those.

    Below `/v2/PROJECT` its paths look like `pattern`: `tasks` is given the request, the lives and
    what stands in the groups of that.
    """

    def answer(request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
        if (request.method, path) == ("POST", "/v3/auth/tokens"):
            return _token(request)
        refusal = _unproven(request)
        if refusal:
            return refuse(refusal)
        if (request.method, path) == ("GET", "/v3/projects"):
            return _projects(request)
        found = re.fullmatch(r"/v2/([^/]+)(/.+)", path)
        if not found:
            return refuse(_NO_SUCH_API)
        if "x-auth-token" not in request.headers and "x-project-id" not in request.headers:
            return refuse(_NO_PROJECT)
        if found[1] != _PROJECT or request.headers.get("x-project-id", _PROJECT) != _PROJECT:
            return refuse(other_project)
        if request.method != "GET":
            return respond(405, {"error_msg": "Method not allowed: jobctl only reads"})
        parts = re.fullmatch(pattern, found[2])
        return tasks(request, lives, *parts.groups()) if parts else refuse(_NO_SUCH_API)

    return marked(answer, {"X-Request-Id": "00000000-fake-0000-0000-000000000001"})


def _token(request: httpx.Request) -> httpx.Response:
    try:
        asked = json.loads(request.content)["auth"]
        user, project = asked["identity"]["password"]["user"], asked["scope"]["project"]
    except (ValueError, KeyError, TypeError):
        return _iam_error(400, "The request body is invalid", "Bad Request")
    if user != _USER or project not in ({"name": _REGION}, {"id": _PROJECT}):
        return _iam_error(401, "The username or password is wrong.", "Unauthorized")
    now = datetime.now(UTC)
    issued, expires = (
        moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for moment in (now, now + timedelta(days=1))
    )
    domain = {"id": "d78cbac186b744899480f25bd022f468", "name": "sandbox"}
    token = {
        "methods": ["password"],
        "issued_at": issued,
        "expires_at": expires,
        "project": {"id": _PROJECT, "name": _REGION, "domain": domain},
        "user": {"id": "7116d09f88fa41908676fdd4b039e95b", "name": _USER["name"], "domain": domain},
    }
    return respond(201, {"token": token}, {"X-Subject-Token": _TOKEN})


def _projects(request: httpx.Request) -> httpx.Response:
    known = [{"id": _PROJECT, "name": _REGION, "enabled": True, "is_domain": False}]
    name = request.url.params.get("name", _REGION)
    found = [project for project in known if project["name"] == name]
    links = {"next": None, "previous": None, "self": str(request.url).partition("?")[0]}
    return respond(200, {"links": links, "projects": found})


def _iam_error(code: int, message: str, title: str) -> httpx.Response:
    return respond(code, {"error": {"code": code, "message": message, "title": title}})


def _unproven(request: httpx.Request) -> Refusal | None:
    """Why a request does not prove who sent it; none if it does."""
    token = request.headers.get("x-auth-token")
    if token is not None:
        return None if token == _TOKEN else _BAD_TOKEN
    if "authorization" not in request.headers:
        return _NO_TOKEN
    said = request.headers["authorization"]
    listed = re.search(r"SignedHeaders=([^,]+)", said)
    names = listed[1].split(";") if listed else []
    if not {"host", "x-sdk-date"} <= set(names) or not set(names) <= request.headers.keys():
        return _BAD_SIGNATURE
    try:
        made = datetime.strptime(request.headers["x-sdk-date"], "%Y%m%dT%H%M%SZ").replace(
            tzinfo=UTC
        )
    except ValueError:
        return _BAD_SIGNATURE
    if abs(datetime.now(UTC) - made) > _SKEW:
        return _CLOCK
    right = signature(
        request.method,
        request.url.raw_path.decode("ascii"),
        {name: request.headers[name] for name in names},
        request.content,
        _ACCESS_KEY,
        _SECRET_KEY,
    )
    return None if said == right else _BAD_SIGNATURE
