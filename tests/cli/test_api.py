"""`jobctl api`: one GET, signed in, whose body comes out as it came."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from declaring import asked, declared

from jobctl.cli import main

Run = Callable[..., Any]
TOKEN = "PREFIX123.planted-1"
BODY = b'{ "a":1.0,\t"text": "caf\\u00e9 \xc3\xa9",\n"url":"https://h.test/x?Signature=abc123" }\n'
BASE = "https://t.example"
PAGED = """\
title: T
settings: {base_url: "https://t.example", token: {secret: true, optional: true}}
auth: {bearer: token}
ids: [{name: job}]
get: {path: "/jobs/{job}"}
job: {status: s, states: {succeeded: [d]}}
"""


@pytest.fixture
def stranger(served: Callable[..., Any]) -> Iterator[str]:
    """A URL on another host, which nobody may ask for."""
    asked: list[Any] = []

    def answer(request: Any) -> Any:
        asked.append(request)
        return 200, {}

    with served(answer) as url:
        yield f"{url}/x"
    assert asked == []


@pytest.fixture
def say(
    served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., list[Any]]]:
    """Have the service of Modzy answer so, in turn, the last for ever; what it was asked."""
    with ExitStack() as stack:

        def serve(*answers: Any) -> list[Any]:
            got: list[Any] = []

            def answer(request: Any) -> Any:
                got.append(request)
                return answers[min(len(got), len(answers)) - 1]

            monkeypatch.setenv("JOBCTL_MODZY_BASE_URL", stack.enter_context(served(answer)))
            monkeypatch.setenv("JOBCTL_MODZY_API_KEY", TOKEN)
            return got

        yield serve


def test_the_body_comes_as_it_came_signed_urls_and_all(jobctl: Run, say: Any) -> None:
    got = say((200, BODY))
    ran = jobctl("api", "modzy", "/api/models?x=%2F", "-f", "q=a b&c", "-f", "empty=")
    assert (ran.code, ran.out.encode(), ran.err) == (0, BODY, "")
    assert got[0].path == "/api/models?x=%2F&q=a%20b%26c&empty="
    assert got[0].headers["Authorization"] == f"ApiKey {TOKEN}"
    assert got[0].headers["Accept"] == "application/json, */*;q=0.8"


def test_bytes_that_are_no_text_come_as_they_came(
    capfdbinary: pytest.CaptureFixture[bytes], say: Any
) -> None:
    say((200, bytes(range(256))))
    assert main(["api", "modzy", "picture"]) == 0
    assert capfdbinary.readouterr().out == bytes(range(256))


def test_a_secret_that_the_service_repeats_is_masked_and_nothing_else(
    jobctl: Run, say: Any
) -> None:
    answer = {"you": f"sent {TOKEN}", "url": "https://u@h.test/?sig=1234567"}
    for status in (200, 400):
        say((status, answer, {"X-Echo": TOKEN, "Set-Cookie": "session=planted"}))
        for form in ((), ("-i",), ("-o", "json"), ("-vv",)):
            ran = jobctl("api", "modzy", "x", *form)
            assert "planted" not in ran.out + ran.err, form
            if form != ("-o", "json"):
                assert json.dumps(answer).replace(TOKEN, "***") in ran.out


def test_status_and_headers_are_shown_where_they_are_wanted(jobctl: Run, say: Any) -> None:
    say((200, {"a": 1}, {"X-Request-Id": "7", "Location": "https://h.test/?sig=1234567890"}))
    first, *others = jobctl("api", "modzy", "x", "-i").out.split("\n")
    assert first == "HTTP/1.1 200 OK"
    assert {"x-request-id: 7", "location: https://h.test/?sig=***"} < set(others)
    assert others[-2:] == ["", '{"a": 1}']


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        (["-q", "a[0].b"], "1\n"),
        (["-o", "json"], '{\n  "a": [\n    {\n      "b": 1\n    }\n  ]\n}\n'),
        (["-o", "ndjson"], '{"a": [{"b": 1}]}\n'),
        (["-o", "yaml"], "a:\n- b: 1\n"),
        (["-o", "text", "-q", "a[].b"], "1\n"),
    ],
)
def test_a_document_is_shown_as_other_documents_are(
    form: list[str], shown: str, jobctl: Run, say: Any
) -> None:
    say((200, {"a": [{"b": 1}]}))
    assert jobctl("api", "modzy", "x", *form).out == shown


def test_of_no_content_nothing_is_shown(jobctl: Run, say: Any) -> None:
    say((202, b""))
    assert jobctl("api", "modzy", "x", "-o", "json") == (0, "", "")


def test_what_is_no_json_cannot_be_selected_from(jobctl: Run, say: Any) -> None:
    say((200, b"<p>"))
    ran = jobctl("api", "modzy", "x", "-q", "a")
    assert (ran.code, ran.out) == (6, "")


@pytest.mark.parametrize(
    ("status", "code"),
    [(301, 6), (302, 6), (303, 6), (307, 6), (308, 6), (400, 6), (401, 4), (403, 4), (404, 5)],
)
def test_an_error_is_shown_as_it_came_and_tells_itself_by_the_exit_code(
    status: int, code: int, jobctl: Run, say: Any, stranger: str
) -> None:
    say((status, {"message": "so it is"}, {"Location": stranger}))
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out) == (code, '{"message": "so it is"}\n')
    assert f"answered {status}" in ran.err
    assert "so it is" in ran.err
    assert jobctl("api", "modzy", "x", "-o", "json").out == ""


def test_an_error_with_the_status_200_is_one(
    jobctl: Run, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"errorCode": "401", "errorMessage": "no"}
    with served(lambda _: (200, told)) as url:
        monkeypatch.setenv("JOBCTL_ORACLE_CONTENT_BASE_URL", url)
        monkeypatch.setenv("JOBCTL_ORACLE_CONTENT_TOKEN", TOKEN)
        ran = jobctl("api", "oracle-content", "x")
    assert (ran.code, ran.document) == (6, told)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("https://else.example/x", "not of http://127.0.0.1"),
        ("http://user@127.0.0.1:1/x", "not of http://127.0.0.1"),
        ("http://localhost/x", "not of http://127.0.0.1"),
        ("http://\x00/x", "no path and no URL"),
        ("x\n", "no path and no URL"),
        ("/a/../b", "may lead anywhere"),
        ("/a/%2e%2E/b", "may lead anywhere"),
        ("a/.%2F", "may lead anywhere"),
        ("/a/..\\b", "may lead anywhere"),
        ("/a#b", "what follows a #"),
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str, why: str, jobctl: Run, say: Any) -> None:
    got = say((200, {}))
    ran = jobctl("api", "modzy", path)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
    assert got == []


def test_the_whole_url_will_do_if_it_is_of_the_service(
    jobctl: Run, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = say((200, {}))
    base = os.environ["JOBCTL_MODZY_BASE_URL"]
    assert jobctl("api", "modzy", f"{base}/a?b=https://c.example/../d", "-f", "e=f").code == 0
    ran = jobctl("api", "modzy", base.replace("//", "//user@") + "/x")
    assert ran.code == 2
    assert "a URL with a user name" in ran.err
    # what looks like another host is a path, for the service's own address stands before it
    assert jobctl("api", "modzy", "//else.example/x").code == 0
    assert [one.path for one in got] == [
        "/a?b=https://c.example/../d&e=f",
        "/else.example/x",
    ]


def test_settings_stand_in_the_path_for_their_names_but_for_secret_ones(
    jobctl: Run, say: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    got = say((200, {}))
    monkeypatch.setenv("JOBCTL_MODZY_TEAM_ID", "a/b")
    assert jobctl("api", "modzy", "/{team_id}/{api_key}/{else}?x={team_id}").code == 0
    assert got[0].path == "/a%2Fb/%7Bapi_key%7D/%7Belse%7D?x={team_id}"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["-f", "a"], "-f 'a' is not NAME=VALUE"),
        (["-f", "=a"], "-f '=a' is not NAME=VALUE"),
        (["--query", "limit=1"], "-f NAME=VALUE"),
        (["-q", "a", "-o", "raw"], "--query does not go with -o raw"),
        (["-i", "-o", "yaml"], "--include does not go with -o yaml"),
        (["--set", "nothing=1"], "there is no setting 'nothing'"),
    ],
)
def test_words_that_cannot_be_meant_are_refused(
    words: list[str], why: str, jobctl: Run, say: Any
) -> None:
    got = say((200, {}))
    ran = jobctl("api", "modzy", "x", *words)
    assert ran.code == 2
    assert why in ran.err
    assert got == []


def test_warnings_about_settings_are_told(jobctl: Run, say: Any, configured: Any) -> None:
    file = configured(f"profiles: {{default: {{modzy: {{api_key: {TOKEN}}}}}}}", 0o644)
    say((200, {}))
    ran = jobctl("api", "modzy", "x")
    assert ran.code == 0
    assert ran.err.startswith(f"warning: {file} holds secrets and others can read it")


def link(path: str) -> dict[str, str]:
    return {"Link": f'<{path}>; rel="next"'}


def test_pages_follow_the_link_and_their_arrays_become_one(jobctl: Run, say: Any) -> None:
    got = say(
        (200, b"[ 1, 2.0 ]\n", link("/x?page=2")),
        (200, b"[]", link("?page=3")),
        (200, b'["last"]'),
    )
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out) == (0, '[1, 2.0,"last"]\n')
    assert [one.path for one in got] == ["/x", "/x?page=2", "/x?page=3"]
    assert all(one.headers["Authorization"] == f"ApiKey {TOKEN}" for one in got)


def test_pages_without_elements_are_an_empty_array(jobctl: Run, say: Any) -> None:
    say((200, b"[]", link("/x?page=2")), (200, b"[]"))
    assert jobctl("api", "modzy", "x", "--paginate").out == "[]\n"


def test_pages_that_are_no_arrays_and_those_with_headers_follow_one_another(
    jobctl: Run, say: Any
) -> None:
    pages = (200, {"a": 1}, link("/2")), (200, b'{"a": 2}\n', link("/3")), (200, [3])
    say(*pages)
    assert jobctl("api", "modzy", "x", "--paginate").out == '{"a": 1}\n{"a": 2}\n[3]\n'
    say(*pages)
    assert jobctl("api", "modzy", "x", "--paginate", "-q", "a").out == "1\n2\nnull\n"
    say(*pages)
    assert jobctl("api", "modzy", "x", "--paginate", "-i").out.count("HTTP/1.1 200 OK") == 3


def test_an_array_ends_with_the_pages_whatever_ends_them(jobctl: Run, say: Any) -> None:
    say((200, [1], link("/2")), (404, {"message": "gone"}))
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out) == (5, "[1]\n")


def test_no_page_is_asked_for_on_another_host_nor_twice(
    jobctl: Run, say: Any, stranger: str
) -> None:
    say((200, [1], link(stranger)))
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out) == (6, "[1]\n")
    assert "on another host" in ran.err
    got = say((200, [1], link("/x")))
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out, len(got)) == (6, "[1]\n", 1)
    assert "for ever" in ran.err


@pytest.mark.parametrize("place", ["http://[", "https://xn--a/"])
def test_a_next_page_that_is_nowhere_is_not_asked_for(jobctl: Run, say: Any, place: str) -> None:
    say((200, [1], link(place)))
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out) == (6, "[1]\n")


def test_pages_have_a_limit(jobctl: Run, say: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOBCTL_MODZY_MAX_PAGES", "2")
    say((200, [1], link("/2")), (200, [2], link("/3")))
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out) == (6, "[1,2]\n")
    assert "more than 2 pages" in ran.err


def test_a_recording_plays_the_answer_again(jobctl: Run, say: Any, tmp_path: Path) -> None:
    say((200, {"a": 1}))
    file = str(tmp_path / "recorded")
    assert jobctl("api", "modzy", "x", "--record", file).document == {"a": 1}
    assert TOKEN not in Path(file).read_text()
    assert jobctl("api", "modzy", "x", "--replay", file).document == {"a": 1}


@pytest.mark.parametrize(
    ("told", "asked_for", "body", "following"),
    [
        ("list: {path: /jobs, records: jobs, paging: {cursor: after, at: next}}",
         "/jobs?a=b&c=", {"jobs": [{}], "next": "c d"}, "/jobs?a=b&c=&after=c+d"),
        ("list: {path: /jobs, records: jobs, paging: {cursor: after, at: next}}",
         "/jobs?after=c", {"jobs": [{}]}, None),
        ("list: {path: /jobs, records: jobs, paging: {cursor: after, at: next}}",
         "/else", {"jobs": [{}], "next": "c"}, None),
        ("list: {path: /jobs, records: jobs, paging: {url: next}}",
         "/jobs", {"jobs": [{}], "next": "/jobs?page=9"}, "/jobs?page=9"),
        ("list: {path: /jobs, records: jobs, paging: {page: page, size: n}}",
         "/jobs?page=2&n=1", {"jobs": [{}]}, "/jobs?n=1&page=3"),
        ("list: {path: /jobs, records: jobs, paging: {page: page, size: n}}",
         "/jobs?page=two", {"jobs": [{}]}, None),
        ("list: {path: /jobs, records: jobs, paging: {page: page, size: n}}",
         f"/jobs?page={'9' * 5000}", {"jobs": [{}]}, None),
        ("list: {path: /jobs, records: jobs, paging: {page: page, size: n}}",
         f"/jobs?n={'9' * 5000}", {"jobs": [{}]}, f"/jobs?n={'9' * 5000}&page=2"),
        ("list: {path: /jobs, records: jobs, total: all, paging: {offset: skip, size: n}}",
         "/jobs?skip=2&n=2", {"jobs": [{}, {}], "all": 4}, None),
        ("list: {path: /jobs, records: jobs, total: all, paging: {offset: skip, size: n}}",
         "/jobs?skip=2&n=2", {"jobs": [{}, {}], "all": 5}, "/jobs?n=2&skip=4"),
        ("results: {path: '/jobs/{job}/rows', records: '@', paging: {offset: skip, size: n}}",
         "/jobs/7/rows", [1, 2], "/jobs/7/rows?skip=2"),
        ("logs: {path: '/jobs/{job}/log', paging: {page: p}}",
         "/jobs/7/log", [1], "/jobs/7/log?p=2"),
        ("list: {path: /jobs, body: {}, records: jobs, paging: {cursor: c, at: next, in: body}}",
         "/jobs", {"jobs": [{}], "next": "c"}, None),
    ],
)  # fmt: skip
def test_the_next_page_is_the_one_that_a_file_tells_of(
    told: str, asked_for: str, body: Any, following: str | None
) -> None:
    made = asked(declared(PAGED + told), lambda _: httpx.Response(200, json=body), base_url=BASE)
    known, found = made.next_page(made.client.get(BASE + asked_for))
    assert found == (following and BASE + following)
    assert known is (asked_for != "/else" and "in: body" not in told)


def test_where_nothing_tells_of_pages_that_is_said(jobctl: Run, say: Any) -> None:
    say((200, [1]))
    ran = jobctl("api", "modzy", "x", "--paginate")
    assert (ran.code, ran.out) == (0, "[1]\n")
    assert ran.err == "note: nothing tells whether Modzy has more pages of that\n"
    assert jobctl("api", "modzy", "x").err == ""


def test_the_tasks_of_vas_come_page_by_page(
    jobctl: Run, served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for: list[str] = []

    def answer(request: Any) -> Any:
        asked_for.append(request.path.partition("?")[2])
        return 200, {"count": 3, "tasks": [{"id": str(len(asked_for))}]}

    with served(answer) as url:
        monkeypatch.setenv("JOBCTL_VAS_BASE_URL", url)
        monkeypatch.setenv("JOBCTL_HUAWEI_TOKEN", TOKEN)
        monkeypatch.setenv("JOBCTL_HUAWEI_PROJECT_ID", "0" * 32)
        words = ("/v2/{project_id}/services/video-analyze/tasks", "-f", "limit=1", "--paginate")
        ran = jobctl("api", "vas", *words, "-o", "text", "-q", "tasks[].id")
        other = jobctl("api", "vas", "/v2/x", "--paginate")
    assert (ran.code, ran.out.split(), ran.err) == (0, ["1", "2", "3"], "")
    assert asked_for == ["limit=1", "limit=1&offset=1", "limit=1&offset=2", ""]
    assert other.err.startswith("note: nothing tells whether")
