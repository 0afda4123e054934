"""Huawei ModelArts as documented: data-processing tasks, their versions, the results of these.

https://github.com/opentelekomcloud-docs/modelarts

The vendor's page leaves open whether `offset` counts pages or records; here it counts pages. The
version `samplesNpage` or `samplesNrecord` of any task has N results and counts one or the other;
with `false` or `none` at its end, `has_more` is always false, or absent, instead of always true.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from jobctl.sandbox import Lives, Scenario, huawei, respond

if TYPE_CHECKING:
    import httpx

_TASK, _VERSION, _FAILED = "kM7j9TSa611ZzBThzSr", "qSaudx2sbPvthHygckA", "AcYfsdfhGyrWL5TtahH"
_OLDER, _BAD = "YHFWU18zXuNbqxtzegG", "FakeVersionBad00001"

SCENARIOS = (
    Scenario(
        f"{_TASK}/{_VERSION}", "initialized, running, completed in about 4 s; 250 results in pages"
    ),
    Scenario(f"{_TASK}/{_OLDER}", "the version before, completed; 250 results in pages"),
    Scenario(_FAILED, "a task that failed"),
)

_ERRORS = huawei.refusals(
    """\
400 ModelArts.4700 Task does not exist
400 ModelArts.4612 Task not found
400 ModelArts.4851 Task version not found
400 ModelArts.4338 Resource not found
400 ModelArts.4352 Dataset not found
400 ModelArts.4353 Dataset version not found
404 ModelArts.4700 Task does not exist
404 APIGW.0101 The API does not exist or has not been published in the environment
404 APIG.0103 The backend does not exist
400 ModelArts.0101 Invalid parameter
400 ModelArts.0104 Invalid parameter
400 ModelArts.4396 Invalid parameter
400 ModelArts.0204 The token holds no project
400 ModelArts.0210 The project id is invalid
400 ModelArts.4205 A subdirectory is required
401 ModelArts.0201 Token missing
401 ModelArts.0202 Invalid token header because the token has expired.
401 ModelArts.0203 Invalid token
401 ModelArts.0204 The token holds no project
401 ModelArts.0207 Invalid token
401 ModelArts.0212 Invalid token
401 ModelArts.0205 Header missing
401 ModelArts.0206 Header malformed
401 ModelArts.0208 Header malformed
401 ModelArts.0209 Header malformed
401 ModelArts.0210 Header malformed
401 APIGW.0301 Incorrect IAM authentication information: verify aksk signature fail
401 APIG.0301 Incorrect IAM authentication information: x-auth-token not found
401 APIGW.0303 Incorrect app authentication information: request time differs too much
403 ModelArts.0203 Invalid token
403 ModelArts.0206 Invalid AK/SK
403 ModelArts.0210 The project id in the request URL does not match the token.
403 ModelArts.0108 Not authorised
403 ModelArts.4310 The OBS action is forbidden
403 ModelArts.4613 Task not finish
403 ModelArts.4850 Process task is initializing
408 ModelArts.4205 Request timed out
408 ModelArts.6100 Request timed out
429 ModelArts.2799 Too many requests
429 ModelArts.4206 Too many requests
429 ModelArts.4395 Too many requests
429 ModelArts.6101 The system is busy now. Please try again later.
429 APIGW.0308 The throttling threshold has been reached: policy user over ratelimit,limit:10
500 ModelArts.0010 Internal error.
500 ModelArts.4302 Internal error.
500 ModelArts.4503 Gateway error.
500 ModelArts.4614 Task failed
503 ModelArts.4302 Unavailable backend.
503 ModelArts.4700 Unavailable gateway.
504 ModelArts.4503 The backend timed out.""",
    "ModelArts.",
)
ERRORS = tuple(
    Scenario(name, f"{one.status}, {one.words}")
    for name, one in _ERRORS.items()
    if name != "error500_4614"  # it tells the end of a job, and so is no error
)

ways = huawei.ways
settings = huawei.settings


class _Version(NamedTuple):
    """A version as it is now: its body, and how its results are told."""

    body: dict[str, Any]
    results: int = 0
    by_record: bool = False
    has_more: bool | None = True


def _tasks(request: httpx.Request, lives: Lives, *parts: str | None) -> httpx.Response:
    task, versions, version, results = parts
    if task is None:
        return _page(request, "tasks", [_task(one, lives) for one in (_TASK, _FAILED)])
    if task in _ERRORS:
        return huawei.refuse(_ERRORS[task])
    if task not in (_TASK, _FAILED):
        return huawei.refuse(_ERRORS["error400_4700"])
    if versions is None:
        return respond(200, _task(task, lives))
    if version is None:
        names = (_VERSION, _OLDER) if task == _TASK else (_BAD,)
        bodies = [one.body for name in names if (one := _version(task, name, lives))]
        return _page(request, "versions", bodies)
    one = _version(task, version, lives)
    if one is None:
        return huawei.refuse(_ERRORS["error400_4851"])
    return _results(request, one) if results else respond(200, one.body)


answer = huawei.gateway(
    r"/processor-tasks(?:/([^/]+)(/versions(?:/([^/]+)(/results)?)?)?)?",
    _tasks,
    _ERRORS["error403_0210"],
)


def _status(task: str, lives: Lives) -> int:
    """Initialized for a second, running for three, then completed; the other task has failed."""
    age = lives.age(task)
    return 3 if task == _FAILED else sum(age >= start for start in (1, 4))


def _seconds(task: str, lives: Lives) -> int:
    return 5 if task == _FAILED else int(min(lives.age(task), 4))


def _template(task: str) -> dict[str, str]:
    kind = "sys_data_validation" if task == _TASK else "sys_data_cleaning"
    return {"id": kind, "name": "name to translate"}


def _task(task: str, lives: Lives) -> dict[str, Any]:
    status = _status(task, lives)
    source = {"type": "DATASET", "source": "PYc9H2HGv5BJNwBGXyK"}
    return {
        "task_id": task,
        "name": "dataset-validation" if task == _TASK else "dataset-cleaning",
        "description": "",
        "data_source": source,
        "inputs": [source],
        "template": _template(task),
        "status": status,
        "duration_seconds": _seconds(task, lives),
        "create_time": int(lives.born(task) * 1000),
        "version_id": "Osc8SZ7TZStiRV4vYkZ",
        "version_name": "V0010",
        "is_current": True,
        "workspace_id": "0",
    } | ({"error_msg": "The dataset version is empty."} if status == 3 else {})


def _version(task: str, version: str, lives: Lives) -> _Version | None:
    made = re.fullmatch(r"samples(\d{1,4})(page|record)(false|none)?", version)
    number, status, born = "V002", 2, int(lives.born(task) * 1000)
    if (task, version) == (_TASK, _VERSION):
        status, results = _status(task, lives), 250
    elif (task, version) == (_TASK, _OLDER):
        number, results, born = "V001", 250, born - 2470000
    elif (task, version) == (_FAILED, _BAD):
        number, status, results = "V001", 3, 0
    elif made:
        results = int(made[1])
    else:
        return None
    body = {
        "task_version_id": version,
        "task_id": task,
        "version_name": number,
        "description": "",
        "status": status,
        "create_time": born,
        "duration_seconds": _seconds(task, lives),
        "inputs": [
            {
                "type": "DATASET",
                "source": "PYc9H2HGv5BJNwBGXyK",
                "version_id": "Osc8SZ7TZStiRV4vYkZ",
                "name": "dataset-test",
                "version_name": "V0010",
            }
        ],
        "work_path": {
            "type": "DATASET",
            "path": "PYc9H2HGv5BJNwBGXyK",
            "name": "dataset-test",
            "output_path": f"/test-obs/classify/output/{version}/",
        },
        "template": _template(task),
    }
    if status == 2:
        deleted, modified, added = (len(range(at, results, 4)) for at in (2, 1, 3))
        body |= {
            "origin_sample_count": results - added,
            "add_sample_count": added,
            "modified_sample_count": modified,
            "unmodified_sample_count": results - added - modified - deleted,
            "deleted_sample_count": deleted,
        }
    if not made:
        return _Version(body, results)
    says = {"false": False, "none": None}.get(made[3], True)
    return _Version(body, results, made[2] == "record", says)


def _results(request: httpx.Request, version: _Version) -> httpx.Response:
    if version.body["status"] == 3:
        return huawei.refuse(_ERRORS["error500_4614"])
    if version.body["status"] != 2:
        return huawei.refuse(_ERRORS["error403_4613"])
    name = version.body["task_version_id"]
    samples = [_sample(name, at) for at in range(version.results)]
    more = {} if version.has_more is None else {"has_more": version.has_more}
    return _page(request, "results", samples, by_record=version.by_record, **more)


def _sample(version: str, at: int) -> dict[str, Any]:
    """A record: by turns kept, modified, deleted and added."""
    kind = at % 4
    there, here = f"classify/data/{at}.jpg", f"classify/output/{version}/Data/{at}.jpg"
    signed = (
        "https://test-obs.obs.example:443/{}?AccessKeyId=FAKEKEYID&Expires=1606380154"
        "&x-obs-security-token=FAKE-TOKEN&Signature=FAKE-SIGNATURE%3D"
    )
    record = {
        "sample_id": hashlib.sha256(f"{version}/{at}".encode()).hexdigest()[:32],
        "version_id": version,
        "origin_source": f"s3://test-obs/{there}",
        "signed_origin_source": signed.format(there),
        "result_property": kind,
        "result_description": [["use AddNoise augmentation"], ["result_description to translate"]],
    }
    if kind != 2:
        record |= {"new_source": f"obs://test-obs/{here}", "signed_new_source": signed.format(here)}
    return record


# The default of `limit`, what a list may be sorted by, and its filters: parameter -> test.
_LISTS: Mapping[str, tuple[int, tuple[str, ...], Mapping[str, Callable[[Any, str], bool]]]] = {
    "tasks": (
        10,
        ("create_time", "name", "duration_seconds"),
        {
            "status": lambda body, asked: body["status"] == int(asked),
            "task_name": lambda body, asked: asked in body["name"],
            "task_type": lambda body, asked: body["template"]["id"] == asked,
            "workspace_id": lambda body, asked: body["workspace_id"] == asked,
        },
    ),
    "versions": (100, ("create_time", "version_name"), {}),
    "results": (
        10,
        (),
        {"result_property": lambda body, asked: int(asked) in (-1, body["result_property"])},
    ),
}


def _page(
    request: httpx.Request,
    name: str,
    bodies: list[dict[str, Any]],
    *,
    by_record: bool = False,
    **more: bool,
) -> httpx.Response:
    """A page of a list, chosen and sorted as asked."""
    query, (usual, sortable, filters) = request.url.params, _LISTS[name]
    try:
        limit, offset = int(query.get("limit", usual)), int(query.get("offset", 0))
        chosen = [
            body
            for body in bodies
            if all(fits(body, query[one]) for one, fits in filters.items() if one in query)
        ]
    except ValueError:
        return huawei.refuse(_ERRORS["error400_0101"])
    by, order = query.get("sort_by", "create_time"), query.get("order", "desc")
    known = order in ("asc", "desc") and (by in sortable or not sortable)
    if not 1 <= limit <= 100 or offset < 0 or not known:
        return huawei.refuse(_ERRORS["error400_0101"])
    if sortable:
        chosen.sort(key=lambda body: body[by], reverse=order == "desc")
    start = offset if by_record else offset * limit
    return respond(200, {"count": len(chosen), name: chosen[start : start + limit]} | more)
