"""Cognite Data Fusion as documented: Vision extract jobs, token inspection, the token endpoint.

https://docs.cognite.com/api/v1/#tag/Vision/operation/getVisionExtract
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jobctl.sandbox import Lives, Scenario, first_of, marked, respond
from jobctl.sandbox.identity import CLIENT, SECRET, Identity, by_a_command, of_a_job

if TYPE_CHECKING:
    import httpx

SCENARIOS = (
    Scenario("123", "queued, then running with items arriving, then completed, in about 3 s"),
    Scenario("124", "completes with one failed batch (partial)"),
    Scenario("125", "fails"),
    Scenario("126", "as 123, but queued without items, as the vendor's web pages know it"),
    Scenario("127", "completed a minute ago, with predictions of all nine kinds"),
)
# Job -> what it plays, which begins with the status; the error; headers.
_REFUSED: Mapping[str, tuple[str, Any, dict[str, str]]] = {
    "400": ("400, a bad request", {"message": "`null` values aren't allowed."}, {}),
    "401": ("401, credentials refused", {"message": "Could not authenticate."}, {}),
    "403": ("403, not found or insufficient rights", {"message": "Resource not found."}, {}),
    "404": ("404, no such job", {"message": "Job not found"}, {}),
    "410": ("410, retired", {"message": "Gone"}, {}),
    "422": (
        "422, a request that cannot be processed",
        {"message": "Extra inputs are not permitted: type"},
        {},
    ),
    "429": (
        "429 for ever, with Retry-After: 2",
        {"message": "Project exceeded maximum number='50' of concurrent requests."},
        {"Retry-After": "2"},
    ),
    "500": (
        "500 for ever, as a bare string marked retryable",
        "Internal error",
        {"cdf-is-auto-retryable": "true"},
    ),
    "503": (
        "503 for ever",
        {"message": "Service temporarily unavailable", "isAutoRetryable": True},
        {},
    ),
    "4001": (
        "400 that lists the id as missing",
        {"message": "Ids not found", "missing": [{"id": 4001}]},
        {},
    ),
}
ERRORS = tuple(Scenario(job, plays) for job, (plays, _, _) in _REFUSED.items())

_JOBS = frozenset(one.id for one in SCENARIOS)
_PROJECT, _TOKEN = "sandbox", "sandbox-access-token"
_IDENTITY = Identity(_TOKEN, "/oauth2/token", "/oauth2/device")


def ways(root: str) -> dict[str, dict[str, str]]:
    """See `jobctl.sandbox`; tokens are had of the sandbox, too."""
    place = {"base_url": root, "project": _PROJECT}
    client = place | {"identity": "other", "client_id": CLIENT}
    tokens = client | {"token_url": f"{root}/oauth2/token", "scopes": f"{root}/.default"}
    return {
        "client_credentials": tokens | {"client_secret": SECRET},
        "token": place | {"token": _TOKEN},
        "external": place | by_a_command(_TOKEN),
        "device_code": client | {"discovery_url": root},
        "federated": tokens | of_a_job(root),
    }


settings = first_of(ways)


def _refuse(status: int, told: Any, headers: Mapping[str, str] | None = None) -> httpx.Response:
    code = {"code": status} if isinstance(told, dict) else None
    return respond(status, {"error": told if code is None else code | told}, headers)


def _api(request: httpx.Request, path: str, lives: Lives) -> httpx.Response:
    if request.headers.get("authorization") != f"Bearer {_TOKEN}":
        return _refuse(401, {"message": "Unauthorized"})
    if path == "/api/v1/token/inspect":
        return respond(
            200,
            {
                "subject": "sandbox",
                "projects": [{"projectUrlName": _PROJECT, "groups": [1]}],
                "capabilities": [{"filesAcl": {"actions": ["READ"], "scope": {"all": {}}}}],
            },
        )
    found = re.fullmatch(r"/api/v1/projects/([^/]+)/context/vision/extract/(\d+)", path)
    if not found or found[1] != _PROJECT:
        return _refuse(404, {"message": "Not found"})
    if request.method != "GET":
        return _refuse(405, {"message": "Method not allowed"})
    job = found[2]
    refused = job if job in _REFUSED else None if job in _JOBS else "404"
    if refused:
        plays, told, headers = _REFUSED[refused]
        return _refuse(int(plays[:3]), told, headers)
    return respond(200, _body(job, lives))


answer = marked(_IDENTITY.before(_api), {"x-request-id": "00000000-0000-4000-8000-000000000123"})


def _body(job: str, lives: Lives) -> dict[str, Any]:
    """Queued for 0.6 s, then one file every 0.6 s, and the end after 3 s."""
    before = 60.0 if job == "127" else 0.0
    age, born = lives.age(job) + before, int((lives.born(job) - before / lives.clock.speed) * 1000)
    body: dict[str, Any] = {
        "status": "Queued",
        "createdTime": born,
        "startTime": None,
        "statusTime": born,
        "jobId": int(job),
        "errorMessage": None,
    }
    if age < 0.6 and job == "126":
        return body
    # Without an array here the vendor's own SDK cannot read the job.
    body["items"] = []
    if age < 0.6:
        return body | {"startTime": born}
    started = born + int(600 / lives.clock.speed)
    body |= {"status": "Running", "startTime": started, "statusTime": started}
    lost = {"errorMessage": "Image could not be read", "items": [_file(4)]}
    if job == "125":
        if age >= 2:
            body |= {
                "status": "Failed",
                "statusTime": born + int(2000 / lives.clock.speed),
                "failedItems": [lost],
            }
        return body
    files = [1, 2, 3] if job == "124" else [1, 2, 3, 4]
    body["items"] = [_result(job, number) for number in files if age >= 0.6 * number + 0.4]
    body["parameters"] = {"textDetectionParameters": {"threshold": 0.4}}
    if job == "124" and age >= 1.5:
        body["failedItems"] = [lost]
    if age >= 3:
        body |= {"status": "Completed", "statusTime": born + int(3000 / lives.clock.speed)}
    return body


def _file(number: int) -> dict[str, Any]:
    return {"fileId": 4411983027540280 + number, "fileExternalId": f"pump-{number}.jpg"}


def _result(job: str, number: int) -> dict[str, Any]:
    box = {"xMin": 0.58, "xMax": 0.66, "yMin": 0.12 * number, "yMax": 0.12 * number + 0.03}
    text = {"confidence": 0.93, "text": f"21-PT-10{number:02}", "textRegion": box}
    if job == "127":
        return _file(number) | {"predictions": _KINDS[number - 1]}
    return _file(number) | {"predictions": {"textPredictions": [text]}}


def _device(
    label: str, reading: str, attribute: dict[str, Any], **points: tuple[float, float]
) -> dict[str, Any]:
    """A gauge or a valve: a box around it, the points on it, and what it reads."""
    # The vendor's own SDK cannot read one that lacks either half.
    return {
        "objectDetection": {
            "label": label,
            "confidence": 0.9,
            "boundingBox": {"xMin": 0.1, "xMax": 0.6, "yMin": 0.1, "yMax": 0.6},
        },
        "keypointCollection": {
            "label": label,
            "confidence": 0.81,
            "keypoints": {
                name: {"point": {"x": x, "y": y}, "confidence": 0.7}
                for name, (x, y) in points.items()
            },
            "attributes": {reading: attribute},
        },
    }


def _number(value: float) -> dict[str, Any]:
    return {"type": "numerical", "value": value}


# A real job asks for at most three of these.
_KINDS: tuple[dict[str, Any], ...] = (
    {
        "textPredictions": [
            {
                "text": "21-PT-1019",
                "textRegion": {"xMin": 0.58, "xMax": 0.66, "yMin": 0.12, "yMax": 0.15},
                "confidence": 0.93,
            }
        ],
        "assetTagPredictions": [
            {
                "text": "21-PT-1019",
                "textRegion": {"xMin": 0.58, "xMax": 0.66, "yMin": 0.12, "yMax": 0.15},
                "assetRef": {"id": 7093415062148925},
                "confidence": 0.88,
            }
        ],
    },
    {
        "peoplePredictions": [
            {
                "label": "person",
                "confidence": 0.97,
                "boundingBox": {"xMin": 0.4, "xMax": 0.55, "yMin": 0.3, "yMax": 0.9},
            }
        ],
        "personalProtectiveEquipmentPredictions": [
            {
                "label": "helmet",
                "confidence": 0.79,
                "boundingBox": {"xMin": 0.44, "xMax": 0.51, "yMin": 0.28, "yMax": 0.36},
            }
        ],
        "industrialObjectPredictions": [
            {
                "label": "pipe",
                "confidence": 0.7,
                "polygon": {
                    "vertices": [{"x": 0.1, "y": 0.1}, {"x": 0.2, "y": 0.1}, {"x": 0.2, "y": 0.3}]
                },
            }
        ],
    },
    {
        "digitalGaugePredictions": [
            {
                "label": "digital_gauge",
                "confidence": 0.88,
                "boundingBox": {"xMin": 0.2, "xMax": 0.5, "yMin": 0.2, "yMax": 0.4},
                "attributes": {"digitalGaugeValue": _number(12.5)},
            }
        ],
        "dialGaugePredictions": [
            _device("dial_gauge", "dialGaugeValue", _number(3.2), needle_tip=(0.3, 0.4))
        ],
    },
    {
        "levelGaugePredictions": [
            _device(
                "level_gauge", "levelGaugeValue", _number(40), top=(0.3, 0.2), bottom=(0.3, 0.5)
            )
        ],
        "valvePredictions": [
            _device("valve", "valveState", {"type": "boolean", "value": True}, handle=(0.35, 0.2))
        ],
    },
)
