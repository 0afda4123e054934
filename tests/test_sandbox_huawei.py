"""The sandbox's two Huawei services, by the vendor's pages: who may ask, lists, results."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer
from simulated import Hand

from jobctl.auth.huawei.signing import signature
from jobctl.sandbox import Lives, service
from jobctl.sandbox.server import serving

ROOT = "http://127.0.0.1:1"
VERSION = "/processor-tasks/kM7j9TSa611ZzBThzSr/versions/qSaudx2sbPvthHygckA"
RESULTS = "/processor-tasks/kM7j9TSa611ZzBThzSr/versions/{}/results"


def held(name: str = "modelarts") -> Mapping[str, str]:
    """What the profile `sandbox` holds."""
    return service(name).settings(f"{ROOT}/{name}")


def sent(request: httpx.Request, clock: Lives | None = None) -> httpx.Response:
    """The answer to a request as it is."""
    _, name, path = request.url.path.split("/", 2)
    return service(name).answer(request, f"/{path}", clock or Lives())


def signed(
    path: str,
    *,
    name: str = "modelarts",
    method: str = "GET",
    secret: str | None = None,
    age: timedelta = timedelta(),
    **headers: str | None,
) -> httpx.Request:
    """A request below the service's root, signed; a header given as None is left out."""
    request = httpx.Request(method, f"{ROOT}/{name}{path}")
    shown = {
        "host": request.headers["host"],
        "x-sdk-date": f"{datetime.now(UTC) - age:%Y%m%dT%H%M%SZ}",
        "x-project-id": held()["project_id"],
    } | {key.replace("_", "-"): value for key, value in headers.items()}
    given = {key: value for key, value in shown.items() if value is not None}
    request.headers.update(given)
    request.headers["authorization"] = signature(
        method, str(request.url), given, b"", held()["access_key"], secret or held()["secret_key"]
    )
    return request


def asked(
    path: str, query: str = "", *, name: str = "modelarts", clock: Lives | None = None
) -> Any:
    """The body of a proper request for something of the sandbox's project."""
    suffix = f"?{query}" if query else ""
    request = signed(f"/v2/{held()['project_id']}{path}{suffix}", name=name)
    return sent(request, clock).json()


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error_code"]


def old() -> Lives:
    """A clock by which every job has ended."""
    clock = Lives(Hand(iter(range(10**6)).__next__, 1000))
    clock.age("kM7j9TSa611ZzBThzSr")
    return clock


# Who may ask


def test_a_request_signed_by_the_vendors_own_signer_is_answered() -> None:
    path = f"/modelarts/v2/{held()['project_id']}{VERSION}"
    ask = SdkRequest(
        method="GET",
        schema="http",
        host="127.0.0.1:1",
        resource_path=path,
        query_params=[("b", "1,2"), ("a", "ä /")],
        header_params={"X-Project-Id": held()["project_id"]},
        body="",
    )
    credentials = type(
        "Credentials", (), {"ak": held()["access_key"], "sk": held()["secret_key"]}
    )()
    made = Signer(credentials).sign(ask)
    request = httpx.Request("GET", f"{ROOT}{made.uri}", headers=made.header_params)
    assert sent(request).status_code == 200


def test_a_request_over_the_wire_is_answered_with_an_id() -> None:
    with serving() as (root, _), httpx.Client() as client:
        found = client.get(f"{root}/vas/v2/x/services/face-detect/tasks")
    assert code(found) == (401, "APIG.0301")
    assert found.headers["X-Request-Id"] == found.json()["request_id"]


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"secret": "other"}, "APIGW.0301"),
        ({"age": timedelta(minutes=16)}, "APIGW.0303"),
        ({"age": -timedelta(minutes=16)}, "APIGW.0303"),
        ({"x_project_id": None}, "APIGW.0301"),
        ({"x_sdk_date": "yesterday"}, "APIGW.0301"),
        ({"x_auth_token": "made-up"}, "APIGW.0301"),
    ],
)
def test_a_request_that_does_not_prove_who_asks_is_refused(
    wrong: dict[str, Any], expected: str
) -> None:
    request = signed(f"/v2/{held()['project_id']}{VERSION}", **wrong)
    assert code(sent(request)) == (401, expected)


def test_a_signature_of_14_minutes_ago_is_taken() -> None:
    request = signed(f"/v2/{held()['project_id']}{VERSION}", age=timedelta(minutes=14))
    assert sent(request).status_code == 200


def test_a_signature_must_be_there_and_list_headers_that_are() -> None:
    for said in (
        "SDK-HMAC-SHA256 Access=A, Signature=0",
        "SDK-HMAC-SHA256 Access=A, SignedHeaders=x-sdk-date, Signature=0",
        "SDK-HMAC-SHA256 Access=A, SignedHeaders=host;x-sdk-date;x-other, Signature=0",
    ):
        request = signed(f"/v2/{held()['project_id']}{VERSION}")
        request.headers["authorization"] = said
        assert code(sent(request)) == (401, "APIGW.0301")
    del request.headers["authorization"]
    assert code(sent(request)) == (401, "APIG.0301")


def test_another_project_is_refused_in_each_services_words() -> None:
    paths = {"modelarts": VERSION, "vas": "/services/face-detect/tasks"}
    for name, expected in (("modelarts", (403, "ModelArts.0210")), ("vas", (400, "IVA.0002"))):
        assert code(sent(signed(f"/v2/other{paths[name]}", name=name))) == expected
        path = f"/v2/{held()['project_id']}{paths[name]}"
        assert code(sent(signed(path, name=name, x_project_id="other"))) == expected


def test_whatever_is_not_get_is_refused_with_405() -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        for name, path in (
            ("modelarts", VERSION),
            ("modelarts", f"{VERSION}/stop"),
            ("modelarts", "/processor-tasks"),
            ("vas", "/services/face-detect/tasks"),
        ):
            request = signed(f"/v2/{held()['project_id']}{path}", name=name, method=method)
            assert sent(request).status_code == 405


def test_a_path_that_is_no_api_is_not_published() -> None:
    project = held()["project_id"]
    for path in ("/", "/v1/x", f"/v2/{project}/jobs", f"/v2/{project}{VERSION}/logs"):
        assert code(sent(signed(path))) == (404, "APIGW.0101")
    path = f"/v2/{project}/services/face-detect"
    assert code(sent(signed(path, name="vas"))) == (404, "APIGW.0101")


# IAM


def login(**changes: Any) -> httpx.Response:
    user = {
        "name": "sandbox-user",
        "password": "sandbox-password",
        "domain": {"name": "sandbox"},
    }
    body = {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": "cn-north-4"}},
        }
        | changes
    }
    return sent(httpx.Request("POST", f"{ROOT}/modelarts/v3/auth/tokens?nocatalog=true", json=body))


@pytest.mark.parametrize("scope", [{"name": "cn-north-4"}, {"id": held()["project_id"]}])
def test_iam_gives_a_token_of_the_project_for_a_day(scope: dict[str, str]) -> None:
    found = login(scope={"project": scope})
    assert found.status_code == 201
    token = found.json()["token"]
    issued, expires = (datetime.fromisoformat(token[key]) for key in ("issued_at", "expires_at"))
    assert expires - issued == timedelta(days=1)
    assert token["project"]["id"] == held()["project_id"]
    path = f"{ROOT}/modelarts/v2/{held()['project_id']}{VERSION}"
    headers = {"X-Auth-Token": found.headers["X-Subject-Token"]}
    assert sent(httpx.Request("GET", path, headers=headers)).status_code == 200


def test_iam_refuses_a_wrong_password_and_another_project() -> None:
    wrong = {"name": "sandbox-user", "password": "guess", "domain": {"name": "sandbox"}}
    for found in (
        login(identity={"methods": ["password"], "password": {"user": wrong}}),
        login(scope={"project": {"name": "cn-north-1"}}),
    ):
        assert found.status_code == 401
        assert found.json()["error"]["code"] == 401
        assert "X-Subject-Token" not in found.headers


def test_iam_refuses_a_body_without_a_project() -> None:
    assert login(scope={"domain": {"name": "sandbox"}}).status_code == 400
    request = httpx.Request("POST", f"{ROOT}/vas/v3/auth/tokens", content=b"{")
    assert sent(request).status_code == 400


def test_iam_finds_the_project_by_its_name() -> None:
    found, none = (
        sent(signed(f"/v3/projects?name={name}", x_project_id=None)).json()["projects"]
        for name in ("cn-north-4", "eu-west-0")
    )
    assert [project["id"] for project in found] == [held()["project_id"]]
    assert none == []


# ModelArts: results


def pages(version: str, limit: int, *offsets: int) -> list[Any]:
    """Pages of the results of a version."""
    path = RESULTS.format(version)
    return [asked(path, f"limit={limit}&offset={at}", clock=old()) for at in offsets]


def ids(page: Any) -> list[str]:
    return [record["sample_id"] for record in page["results"]]


def test_the_250_results_come_in_pages_of_at_most_100() -> None:
    found = pages("qSaudx2sbPvthHygckA", 100, 0, 1, 2, 3)
    assert [len(ids(page)) for page in found] == [100, 100, 50, 0]
    assert len({one for page in found for one in ids(page)}) == 250
    assert {page["count"] for page in found} == {250}
    assert {page["has_more"] for page in found} == {True}


def test_an_offset_counts_pages_or_records_as_the_version_is_named() -> None:
    by_page = pages("samples30page", 10, 0, 1)
    by_record = pages("samples30record", 10, 0, 1)
    assert not set(ids(by_page[0])) & set(ids(by_page[1]))
    assert ids(by_record[1])[:9] == ids(by_record[0])[1:]


@pytest.mark.parametrize("total", [0, 1, 10, 11, 30])
def test_a_version_has_as_many_results_as_its_name_says(total: int) -> None:
    for kind in ("page", "record"):
        page = pages(f"samples{total}{kind}", 10, 0)[0]
        assert page["count"] == total
        assert len(ids(page)) == min(total, 10)


def test_has_more_is_true_false_or_absent_as_the_version_is_named() -> None:
    found = [
        pages(f"samples3page{says}", 10, 0)[0].get("has_more", "absent")
        for says in ("", "false", "none")
    ]
    assert found == [True, False, "absent"]


def test_results_are_10_to_a_page_unless_asked() -> None:
    assert len(ids(asked(RESULTS.format("samples30page")))) == 10


def test_results_can_be_chosen_by_what_became_of_the_sample() -> None:
    path = RESULTS.format("samples30page")
    added = asked(path, "limit=100&result_property=3")
    assert {record["result_property"] for record in added["results"]} == {3}
    assert added["count"] == len(added["results"]) == 7
    assert asked(path, "result_property=-1")["count"] == 30


def test_a_deleted_sample_has_no_new_source() -> None:
    for record in pages("samples30page", 10, 0)[0]["results"]:
        assert ("new_source" in record) == (record["result_property"] != 2)
        assert ("signed_new_source" in record) == (record["result_property"] != 2)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "offset=-1", "offset=x", "order=up", "result_property=x"],
)
def test_a_page_that_cannot_be_is_a_bad_request(query: str) -> None:
    assert asked(RESULTS.format("samples30page"), query)["error_code"] == "ModelArts.0101"


def test_there_are_no_results_before_the_end_and_after_a_failure() -> None:
    assert asked(RESULTS.format("qSaudx2sbPvthHygckA"))["error_code"] == "ModelArts.4613"
    failed = "/processor-tasks/AcYfsdfhGyrWL5TtahH/versions/FakeVersionBad00001/results"
    assert asked(failed)["error_code"] == "ModelArts.4614"


def test_the_counts_of_a_version_are_those_of_its_results() -> None:
    body = asked(VERSION, clock=old())
    kinds = [record["result_property"] for page in pages("samples250page", 100, 0, 1, 2)
             for record in page["results"]]  # fmt: skip
    assert body["add_sample_count"] == kinds.count(3)
    assert body["modified_sample_count"] == kinds.count(1)
    assert body["unmodified_sample_count"] == kinds.count(0)
    assert body["deleted_sample_count"] == kinds.count(2)


# ModelArts: lists


def test_versions_come_newest_first_and_with_their_fields() -> None:
    found = asked("/processor-tasks/kM7j9TSa611ZzBThzSr/versions")
    assert found["count"] == 2
    assert [one["task_version_id"] for one in found["versions"]] == [
        "qSaudx2sbPvthHygckA",
        "YHFWU18zXuNbqxtzegG",
    ]
    newest = "sort_by=create_time&order=desc&limit=1"
    one = asked("/processor-tasks/kM7j9TSa611ZzBThzSr/versions", newest)
    assert [version["version_name"] for version in one["versions"]] == ["V002"]
    by_name = asked(
        "/processor-tasks/kM7j9TSa611ZzBThzSr/versions", "sort_by=version_name&order=asc"
    )
    assert [version["version_name"] for version in by_name["versions"]] == ["V001", "V002"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("sort_by=name&order=asc", ["dataset-cleaning", "dataset-validation"]),
        ("sort_by=name", ["dataset-validation", "dataset-cleaning"]),
        ("status=3&return_result=false&workspace_id=0", ["dataset-cleaning"]),
        ("task_name=valid", ["dataset-validation"]),
        ("task_type=sys_data_cleaning", ["dataset-cleaning"]),
        ("task_name=none", []),
        ("workspace_id=1", []),
        ("sort_by=name&limit=1&offset=1", ["dataset-cleaning"]),
    ],
)
def test_tasks_are_chosen_and_sorted_as_asked(query: str, names: list[str]) -> None:
    assert [task["name"] for task in asked("/processor-tasks", query)["tasks"]] == names


def test_a_list_is_not_sorted_by_what_it_cannot_be() -> None:
    for path, by in (("", "version_name"), ("/kM7j9TSa611ZzBThzSr/versions", "name")):
        found = asked(f"/processor-tasks{path}", f"sort_by={by}")
        assert found["error_code"] == "ModelArts.0101"


def test_each_error_of_the_sandbox_is_answered_as_it_is_listed() -> None:
    for name, path in (("modelarts", "/processor-tasks/{}"), ("vas", "/services/{}/tasks/{}")):
        for scenario in service(name).ERRORS:
            made = path.format(*scenario.id.split("/"))
            found = sent(signed(f"/v2/{held()['project_id']}{made}", name=name))
            assert scenario.plays == f"{found.status_code}, {found.json()['error_msg']}"


# VAS: the list


def tasks(query: str = "", service_name: str = "face-detect") -> Any:
    return asked(f"/services/{service_name}/tasks", query, name="vas", clock=old())


def test_tasks_are_100_to_a_page_newest_first_and_offset_counts_records() -> None:
    first, second = tasks(), tasks("offset=99")
    assert (first["count"], len(first["tasks"])) == (250, 100)
    assert first["tasks"][0]["name"] == "camera-249"
    assert second["tasks"][0] == first["tasks"][99]
    assert len(tasks("limit=1000")["tasks"]) == 250
    assert tasks("offset=250")["tasks"] == []


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("state=FAILED", 83),
        ("name_like=camera-00", 10),
        ("id_like=f9", 1),
        ("service_version=1.0", 250),
        ("service_version=2.0", 0),
        ("created_since=1704067200000&created_until=1704070800000", 2),
    ],
)
def test_tasks_are_chosen_as_asked(query: str, count: int) -> None:
    assert tasks(query)["count"] == count


def test_tasks_are_sorted_as_asked() -> None:
    for field in ("name", "created_at", "updated_at"):
        assert tasks(f"order={field}:ASC&limit=1")["tasks"][0]["name"] == "camera-000"
        assert tasks(f"order={field}:DESC&limit=1")["tasks"][0]["name"] == "camera-249"


@pytest.mark.parametrize(
    "query",
    [
        "state=failed",
        "state=SCHEDULING",
        "name_like=a.b",
        "id_like=A",
        "service_version=1",
        "created_since=yesterday",
        "order=name",
        "offset=-1",
        "offset=100001",
        "limit=0",
        "limit=1001",
    ],
)
def test_a_query_that_cannot_be_is_a_bad_request(query: str) -> None:
    found = tasks(query)
    assert found["error_code"] == "IVA.0004"
    assert query.partition("=")[0] in found["error_msg"]


def test_a_chinese_name_may_be_asked_for() -> None:
    assert tasks("name_like=%E4%BA%BA")["count"] == 0


def test_a_row_never_holds_the_result_that_the_task_itself_shows() -> None:
    clock = Lives(Hand(iter(range(10**6)).__next__, 1000))
    hosted = "/services/video-analyze/tasks/0000000000000000000000000000fa01"
    asked(hosted, name="vas", clock=clock)
    assert asked(hosted, name="vas", clock=clock)["hosting_result"]["status"] == "AVAILABLE"
    rows = asked("/services/video-analyze/tasks", name="vas", clock=clock)["tasks"]
    assert len(rows) == 4
    assert not any("hosting_result" in row for row in rows)
