"""Huawei Video Analysis Service v2 as documented: the tasks of its services.

https://support.huaweicloud.com/api-vas/vas_03_0047.html

Besides the scenarios it plays a task whose result comes a second after its end, and lists 250 tasks
that have ended for the service `face-detect`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from jobctl.sandbox import Lives, Scenario, huawei, respond

if TYPE_CHECKING:
    import httpx

_SERVICE, _ENDED_SERVICE = "video-analyze", "face-detect"
_ABNORMAL, _RUN = "f18320e61e4c4dc685aa2dfc22a28dc5", "a2b64f00aa9f4d6fa7f17c1de9b6e1d0"
_HOSTED, _KEPT = "0000000000000000000000000000fa01", "0000000000000000000000000000fa08"

SCENARIOS = (
    Scenario(f"{_SERVICE}/{_ABNORMAL}", "the documented ABNORMAL task"),
    Scenario(f"{_SERVICE}/{_RUN}", "pending, starting, running, succeeded in about 6 s"),
    Scenario(f"{_SERVICE}/{_KEPT}", "succeeded a minute ago; the service keeps its result"),
)

_ERRORS = huawei.refusals(
    """\
401 IVA.0001 The authentication token is abnormal.
400 IVA.0002 The project id is invalid.
400 IVA.0003 Request body is not a valid json object.
400 IVA.0004 The request param is invalid.
404 IVA.0005 The requested resource is NOT found. Service face-detect not found.
400 IVA.0005 The requested resource is NOT found. Task is not found under service video-analyze.
500 IVA.0006 Internal server error.
403 IVA.0007 No permission to access service. Please subscribe first.
403 IVA.0008 The service is in open beta test. Please apply first.
403 IVA.0009 Forbidden.
503 IVA.0010 Service unavailable. Additional info: fake backend.
400 IVA.0011 The size is beyond the limit.
400 IVA.0012 The quota is used up.
400 IVA.0013 The agency is invalid.
403 IVA.0014 The account is restricted.
403 IVA.0015 The account is restricted.
403 IVA.0102 The policy does not allow it.
400 VAS.0005 The offset is below 1.
401 VAS.0013 The token is invalid.
401 APIGW.0301 Incorrect IAM authentication information: verify aksk signature fail
401 APIG.0301 Incorrect IAM authentication information: x-auth-token not found
401 APIGW.0303 Incorrect app authentication information: request time differs too much
404 APIGW.0101 The API does not exist or has not been published in the environment
404 APIG.0101 The API does not exist or has not been published in the environment
429 APIGW.0308 The throttling threshold has been reached: policy user over ratelimit,limit:10""",
    "IVA.",
)
ERRORS = tuple(
    Scenario(f"{_SERVICE}/{name}", f"{one.status}, {one.words}") for name, one in _ERRORS.items()
)

ways = huawei.ways
settings = huawei.settings

_STATES = (
    "PENDING, RECOVERING, STARTING, UPGRADING, CREATE_FAILED, START_FAILED, RUNNING, STOPPING,"
    " STOPPED, ABNORMAL, SUCCEEDED, FAILED, DELETING, FREEZING, FROZEN"
)
_QUERY = {
    "service_version": r"\d{1,3}\.\d{1,3}",
    "state": _STATES.replace(", ", "|"),
    "name_like": r"[\u4e00-\u9fffA-Za-z0-9_-]{1,100}",
    "id_like": r"[0-9a-z]{1,32}",
    "created_since": r"\d{1,18}",
    "created_until": r"\d{1,18}",
    "order": r"(name|created_at|updated_at):(ASC|DESC)",
    "offset": r"\d{1,5}|100000",
    "limit": r"[1-9]\d{0,2}|1000",
}


def _tasks(request: httpx.Request, lives: Lives, service: str, task: str | None) -> httpx.Response:
    if service not in (_SERVICE, _ENDED_SERVICE):
        words = f"The requested resource is NOT found. Service {service} not found."
        return huawei.refuse(huawei.Refusal(404, "IVA.0005", words))
    if task in _ERRORS:
        return huawei.refuse(_ERRORS[task])
    played = _PLAYED if service == _SERVICE else _ENDED
    if task is None:
        return _page(request, [play(one, lives) for one, play in played.items()])
    if task not in played:
        words = f"The requested resource is NOT found. Task {task} is not found under service"
        return huawei.refuse(huawei.Refusal(400, "IVA.0005", f"{words} {service}."))
    return respond(200, played[task](task, lives))


answer = huawei.gateway(r"/services/([^/]+)/tasks(?:/([^/]+))?", _tasks, _ERRORS["error400_0002"])


def _body(
    task: str, name: str, state: str, times: tuple[float, float], service: str = _SERVICE
) -> dict[str, Any]:
    created, updated = times
    return {
        "id": task,
        "name": name,
        "creator": "sandbox-user",
        "description": None,
        "service_name": service,
        "service_title": {"en": service.replace("-", " ").title()},
        "service_version": "1.0",
        "created_at": _time(created),
        "updated_at": _time(updated),
        "state": state,
        "input": {"type": "obs", "data": [{"bucket": "obs-iva", "path": f"input/{name}.mp4"}]},
        "output": {"obs": {"bucket": "obs-iva", "path": "output/"}},
        "service_config": {"common": {"video_sampling_interval": 1}},
    }


def _abnormal(task: str, _: Lives) -> dict[str, Any]:
    return {
        "id": task,
        "name": "task",
        "description": "sss",
        "input": {"type": "obs", "data": [{"bucket": "obs-iva", "path": "input/demo.mp4"}]},
        "output": {"obs": {"bucket": "obs-iva", "path": "output/"}},
        "service_version": "1.0",
        "state": "ABNORMAL",
        "created_at": "2018-06-12T13:00:01Z",
        "updated_at": "2018-06-13T13:00:01Z",
    }


def _life(task: str, lives: Lives) -> tuple[float, float]:
    """How old a task is and when it was made; one of them before anybody looked."""
    before = 60.0 if task == _KEPT else 0.0
    return lives.age(task) + before, lives.born(task) - before / lives.clock.speed


def _run(task: str, lives: Lives) -> dict[str, Any]:
    """Pending for 1.5 s, starting for 1.5 s, running for 2.5 s, then succeeded."""
    age, born = _life(task, lives)
    steps = ((0.0, "PENDING"), (1.5, "STARTING"), (3.0, "RUNNING"), (5.5, "SUCCEEDED"))
    since, state = max(step for step in steps if step[0] <= age)
    body = _body(task, "gate-camera", state, (born, born + since / lives.clock.speed))
    waits = {"status": "Waiting for available computing resource."}
    return body | (waits if state == "PENDING" else {})


def _hosted(task: str, lives: Lives) -> dict[str, Any]:
    """As `_run`, but the result comes a second after the end."""
    body, (age, born) = _run(task, lives), _life(task, lives)
    body |= {"name": f"hosted-{task[-1]}", "output": {"hosting": {}}}
    if age >= 6.5:
        kept = int(born) + 48 * 3600
        place = {"bucket": _SERVICE, "path": "hosting/sandbox/result.json"}
        body["output"] = {"hosting": {"obs": [place], "result_json_overdue_at": kept * 1000}}
        body["hosting_result"] = {
            "status": "AVAILABLE",
            "overdue_date": _time(kept),
            "file_size": "14 bytes",
            "data": '{"objects":[]}',
        }
    elif age >= 5.5:
        body["hosting_result"] = {"status": "NOT_GENERATED"}
    return body


def _ended(task: str, _: Lives) -> dict[str, Any]:
    number = int(task, 16)
    created = 1704067200 + 3600 * number
    state = ("SUCCEEDED", "FAILED", "STOPPED")[number % 3]
    name = f"camera-{number:03}"
    body = _body(task, name, state, (created, created + 300), _ENDED_SERVICE)
    error = {"code": "ALG.002", "message": "Input file cannot be decoded."}
    return body | ({"error": error} if state == "FAILED" else {})


_PLAYED = {_ABNORMAL: _abnormal, _RUN: _run, _HOSTED: _hosted, _KEPT: _hosted}
_ENDED = {f"{number:032x}": _ended for number in range(250)}


def _page(request: httpx.Request, bodies: list[dict[str, Any]]) -> httpx.Response:
    """A page of the list, chosen and sorted as asked; never with results."""
    query = request.url.params
    for name, pattern in _QUERY.items():
        if name in query and not re.fullmatch(pattern, query[name], re.ASCII):
            words = f"The request param is invalid. parameter [{name}] does not match ^{pattern}$."
            if name == "state":
                words = (
                    f"The request param is invalid. The param [state] should be one of [{_STATES}]"
                )
            return huawei.refuse(huawei.Refusal(400, "IVA.0004", words))
    since, until = int(query.get("created_since", 0)), int(query.get("created_until", 10**18))
    chosen = [
        {name: value for name, value in body.items() if name != "hosting_result"}
        for body in bodies
        if query.get("name_like", "") in body["name"]
        and query.get("id_like", "") in body["id"]
        and query.get("state", body["state"]) == body["state"]
        and query.get("service_version", body["service_version"]) == body["service_version"]
        and since <= datetime.fromisoformat(body["created_at"]).timestamp() * 1000 <= until
    ]
    field, _, order = query.get("order", "created_at:DESC").partition(":")
    chosen.sort(key=lambda body: str(body[field]), reverse=order == "DESC")
    offset, limit = int(query.get("offset", 0)), int(query.get("limit", 100))
    return respond(200, {"count": len(chosen), "tasks": chosen[offset : offset + limit]})


def _time(moment: float) -> str:
    return datetime.fromtimestamp(int(moment), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
