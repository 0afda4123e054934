"""Requests go out as the file says, and credentials nowhere but to their own host."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from declaring import Handler, asked, declared, ref
from loopback import SERVICE, FakeClock, Service

from jobctl.declared.errors import bare
from jobctl.declared.setting import lacking
from jobctl.errors import (
    AuthError,
    ConfigError,
    JobctlError,
    NotFoundError,
    NotReadyError,
    ThrottledError,
    UnavailableError,
    Unsupported,
    UsageError,
)
from jobctl.http import connect
from jobctl.masking.secrets import hide
from jobctl.models import JobRef, JobState, Page, Query
from jobctl.provider import Paging
from jobctl.stream.pages import Walk

JOB = """
"""


def recording(*answers: Any) -> tuple[Handler, list[httpx.Request]]:
    """A service that gives one answer after another, the last for ever, and what it was asked."""
    seen: list[httpx.Request] = []
    left = list(answers)

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(
            httpx.Request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content,
                extensions=request.extensions,
            )
        )
        one = left.pop(0) if len(left) > 1 else left[0]
        return one if isinstance(one, httpx.Response) else httpx.Response(200, json=one)

    return handle, seen


def whole(fetch: Callable[[str | None], Page[Any]]) -> list[Any]:
    """What comes on one page after another, to the last."""
    page = fetch(None)
    found = [*page.items]
    while page.next:
        page = fetch(next(iter(page.next)))
        found += page.items
    return found


def test_an_id_part_that_is_the_rest_keeps_its_slashes_and_its_query() -> None:
    cls = declared("""
    settings: {base_url: https://t.example/base/}
    ids: [{name: kind}, {name: name, rest: true}]
    get: {path: "/v1/{kind}/{+name}"}
    """)
    handle, seen = recording({"state": "r"})
    one = asked(cls, handle)
    job = one.get(ref(cls, "op/projects/a%20b/1"))
    assert job.ref.id == "op/projects/a%20b/1"
    one.get(ref(cls, "op/projects/x%3Fapi-version=1&b=%2525%25%20"))
    assert [str(request.url) for request in seen] == [
        "https://t.example/base/v1/op/projects/a%20b/1",
        "https://t.example/base/v1/op/projects/x?api-version=1&b=%25%25%20",
    ]
    for bad in ("op", "op/../x", "op/a//b", "op/."):
        with pytest.raises(JobctlError) as caught:
            one.get(ref(cls, bad))
        assert caught.value.exit_code == 2


def test_an_answer_that_tells_another_id_than_the_one_asked_for_is_none() -> None:
    cls = declared("""
    ids: [{name: kind}, {name: job, at: about.id}, {name: try, at: n, optional: true}]
    get: [{path: "/{kind}/{job}/{try}"}, {path: "/{kind}/{job}"}]
    """)
    told: Iterator[dict[str, Any]] = iter(
        [
            {"about": {"id": 7}, "n": 9},
            {"n": "2"},
            {"about": {"id": "a"}},
            {"about": {"id": 8}},
            {"n": 3},
        ]
    )
    one = asked(cls, lambda _: httpx.Response(200, json={"state": "s", **next(told)}))
    for job in ("x/7", "x/7/2", "x/a"):
        assert one.get(ref(cls, job)).state is JobState.SUCCEEDED
    for job, what in (("x/7", "job 8 when asked for 7"), ("x/7/2", "try 3 when asked for 2")):
        with pytest.raises(UnavailableError, match=f"answered for {what}") as caught:
            one.get(ref(cls, job))
        assert caught.value.transient


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(a+?)*?b",
        "(a|a)*b",
        "(a*)*[)*]",
        r"(a?){60}a{60}\)+",
        r"([a-z]+[\])+]?)+",
        "(a+){9,}",
    ],
)
def test_a_pattern_keeps_nobody_waiting_however_it_repeats(pattern: str) -> None:
    cls = declared(f"ids: [{{name: job, pattern: '{pattern}'}}]")
    with pytest.raises(UsageError, match="is not a job of t"):
        cls.check(JobRef("t", ("a" * 1999 + "!",)))


@pytest.mark.parametrize(
    ("pattern", "id"),
    [
        ("[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*", "a-b.c-d.e1"),
        ("([a-z]+-)+?[0-9]{2}", "etl-eu-42"),
        (r"(\)+a){2}", "))a)a"),
    ],
)
def test_what_a_pattern_repeats_is_an_id_as_before(pattern: str, id: str) -> None:
    cls = declared(f"ids: [{{name: job, pattern: '{pattern}'}}]")
    assert cls.check(JobRef("t", (id,))).parts == (id,)


def test_an_optional_id_part_passes_over_the_requests_that_need_it() -> None:
    cls = declared("""
    ids: [{name: a}, {name: b, optional: true}]
    get: [{path: "/{a}/{b}"}, {path: "/{a}", query: {b: "{b}"}}]
    """)
    handle, seen = recording({"state": "r"})
    one = asked(cls, handle)
    one.get(ref(cls, "x/y"))
    one.get(ref(cls, "x"))
    assert [request.url.path for request in seen] == ["/x/y", "/x"]


def test_a_body_is_of_the_type_that_the_request_tells_else_json() -> None:
    for told, sent in (
        ("", "application/json"),
        ("headers: {content-type: application/x-amz-json-1.1},", "application/x-amz-json-1.1"),
    ):
        cls = declared(f"""
        get: {{path: /, {told} body: {{Id: "{{job}}"}}}}
        """)
        handle, seen = recording({"state": "r"})
        asked(cls, handle).get(ref(cls, "7"))
        assert seen[0].headers.get_list("content-type") == [sent]
        assert json.loads(seen[0].content) == {"Id": "7"}


def test_graphql_is_a_post_of_its_text_and_variables() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, n: {default: 3, type: integer}, left: {optional: true}}
    get:
      path: /graphql
      graphql: "query { job(id: $id) { {{state}} } }"
      variables: {id: "{job}", n: "{n}", left: "{left}", list: [1, "{left}"]}
      at: data.job
    errors: [{when: errors, is: unavailable}]
    error: {message: "errors[0].message"}
    """)
    handle, seen = recording({"data": {"job": {"state": "r"}}}, {"errors": [{"message": "boom"}]})
    one = asked(cls, handle)
    assert one.get(ref(cls, "7")).state is JobState.RUNNING
    assert seen[0].method == "POST"
    assert seen[0].extensions["reads"] is True
    assert json.loads(seen[0].content) == {
        "query": "query { job(id: $id) { {{state}} } }",
        "variables": {"id": "7", "n": 3, "list": [1]},
    }
    with pytest.raises(UnavailableError, match="boom"):
        one.get(ref(cls, "7"))


def test_a_form_is_sent_as_one() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, left: {optional: true}}
    get: {path: /, form: {id: "{job}", left: "{left}", word: NO}}
    """)
    handle, seen = recording({"state": "r"})
    asked(cls, handle).get(ref(cls, "a&b"))
    assert seen[0].content == b"id=a%26b&word=NO"
    assert seen[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_setting_that_a_path_names_must_be_there() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, team: {optional: true}}
    get: {path: "/{team}/{job}"}
    """)
    handle, seen = recording({})
    with pytest.raises(ConfigError, match="'team'"):
        asked(cls, handle).get(ref(cls, "7"))
    assert seen == []


RESULTS = """
    settings: {base_url: https://t.example, token: {secret: true, optional: true}}
    auth: {bearer: token}
    headers: {X-Own: own}
    results: {url: where, records: "@", follow: true}
"""


def test_another_origin_gets_neither_credentials_nor_headers_and_only_by_https() -> None:
    cls = declared(RESULTS)
    away, seen = recording([1, 2])
    for where in ("https://other.example/x?y=1", "//other.example/x"):
        handle, own = recording({"state": "s", "where": where})
        one = asked(cls, handle, away, token="secret-token")
        assert one.results(ref(cls, "7")).items == [b"1", b"2"]
        assert "authorization" in own[0].headers
        assert not {"authorization", "x-own"} & set(seen[-1].headers)
    for where in (
        "http://other.example/",
        "file:///etc/passwd",
        "ftp://t.example/",
        "https://t.example:x/",
    ):
        handle, _ = recording({"state": "s", "where": where})
        with pytest.raises(UnavailableError, match="not https"):
            asked(cls, handle, away, token="secret-token").results(ref(cls, "7"))
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("results: {url: x, records: rows}", "http://["),
        ("results: {url: x, records: rows}", "/\ud800"),
        ("results: {url: x, records: rows}", "/" + "x" * 70_000),
        ("results: {path: /r, records: rows, paging: {url: x}}", "http://["),
        ("results: {path: /r, records: rows, paging: {url: x}}", "/\ud800"),
        ("results: {path: /r, records: rows, paging: {cursor: c, at: x}}", "\ud800"),
        ("results: {path: /r, records: rows, paging: {cursor: c, at: x}}", "x" * 70_000),
        ('results: {path: "/{x}/r", with: {x: x}, records: rows}', "\ud800"),
        ('results: {path: /r, with: {x: x}, query: {x: "{x}"}, records: rows}', "\ud800"),
        ('results: {path: /r, with: {x: x}, body: {x: "{x}"}, records: rows}', "\ud800"),
        ('results: {path: /r, with: {x: x}, form: {x: "{x}"}, records: rows}', "\ud800"),
    ],
)
def test_an_answer_that_names_what_nobody_can_ask_for_is_none(text: str, named: str) -> None:
    cls = declared(text)
    body = json.dumps({"state": "s", "x": named, "rows": [1]})
    handle, _ = recording(httpx.Response(200, text=body))
    one = asked(cls, handle)
    with pytest.raises(UnavailableError, match="names") as caught:
        whole(lambda cursor: one.results(ref(cls, "7"), cursor))
    assert caught.value.transient


def test_what_is_gone_from_another_host_is_not_there_in_whatever_words() -> None:
    cls = declared(RESULTS)
    gone = httpx.Response(404, text="<Error><Code>BlobNotFound</Code></Error>")
    handle, _ = recording({"state": "s", "where": "https://blob.example/x"})
    with pytest.raises(NotFoundError, match="BlobNotFound") as caught:
        asked(cls, handle, lambda _: gone).results(ref(cls, "7"))
    assert "the job is there" in str(caught.value.hint)
    handle, _ = recording({"state": "s", "where": "/r"}, gone)
    with pytest.raises(UnavailableError):
        asked(cls, handle).results(ref(cls, "7"))


def test_the_same_origin_is_asked_with_credentials() -> None:
    cls = declared(RESULTS)
    # the last of them as services call themselves behind what ends their TLS
    for where in ("https://t.example/r", "/r", "https://t.example:443/r", "http://t.example/r"):
        handle, seen = recording({"state": "s", "where": where}, [1])
        assert asked(cls, handle, token="secret-token").results(ref(cls, "7")).items == [b"1"]
        assert seen[1].headers["authorization"] == "Bearer secret-token"
        assert seen[1].url == "https://t.example/r"


def test_a_redirect_is_followed_where_the_file_says_so_without_credentials() -> None:
    cls = declared(RESULTS)
    away, seen = recording(httpx.Response(302, headers={"Location": "https://third.example/"}), [1])
    handle, own = recording(
        {"state": "s", "where": "/r"},
        httpx.Response(307, headers={"Location": "https://other.example/r"}),
    )
    assert asked(cls, handle, away, token="secret-token").results(ref(cls, "7")).items == [b"1"]
    assert [str(request.url.host) for request in seen] == ["other.example", "third.example"]
    assert all("authorization" not in request.headers for request in seen)
    assert len(own) == 2


def test_redirects_without_an_end_are_an_error_and_elsewhere_any_is() -> None:
    cls = declared(RESULTS)
    loop = httpx.Response(302, headers={"Location": "/again"})
    handle, seen = recording({"state": "s", "where": "/r"}, loop)
    with pytest.raises(UnavailableError):
        asked(cls, handle, token="t0ken").results(ref(cls, "7"))
    assert len(seen) == 7
    handle, _ = recording(loop)
    with pytest.raises(UnavailableError):
        asked(cls, handle, token="t0ken").get(ref(cls, "7"))


def test_a_body_without_the_url_is_no_answer_and_a_host_that_cannot_be_asked_is_told() -> None:
    cls = declared(RESULTS)
    nothing: list[Any] = [None, "", 7, []]
    for where in nothing:
        handle, _ = recording({"state": "s", "where": where})
        with pytest.raises(UnavailableError, match="does not say where it is"):
            asked(cls, handle).results(ref(cls, "7"))
    handle, _ = recording({"state": "s", "where": "https://other.example/"})
    with pytest.raises(UnavailableError, match="another host"):
        asked(cls, handle).results(ref(cls, "7"))


def test_a_request_may_go_to_another_host_of_the_vendor_with_a_sign_in_of_its_own() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, region: eu, key: {secret: true}}
    get:
      path: "/{job}"
      also:
        more: {base_url: "logs.{region}.example", path: "/{job}", auth: {headers: {X-Key: "{key}"}}}
        plain: {base_url: "https://logs.{region}.example", path: "/{job}"}
    job: {status: state, states: {running: [r]}, detail: {more: more, plain: plain}}
    """)
    away, seen = recording({"a": 1})
    handle, _ = recording({"state": "r"})
    one = asked(cls, handle, away, key="secret-key")
    assert one.get(ref(cls, "7")).detail == {"more": {"a": 1}, "plain": {"a": 1}}
    one.get(ref(cls, "7"))
    assert str(seen[0].url) == "https://logs.eu.example/7"
    assert [request.headers.get("x-key") for request in seen] == ["secret-key", None] * 2


def test_a_question_stands_for_as_many_requests_as_the_job_names_but_not_for_too_many() -> None:
    cls = declared("""
    results: {path: "/{a}/{b}", with: {a: a, b: b}, records: "@"}
    """)
    handle, seen = recording({"state": "s", "a": ["x", None, "y"], "b": [1, 2]}, [0])
    one = asked(cls, handle)
    assert whole(lambda cursor: one.results(ref(cls, "7"), cursor)) == [b"0"] * 4
    assert [request.url.path for request in seen[1:]] == ["/x/1", "/x/2", "/y/1", "/y/2"]
    handle, _ = recording({"state": "s", "a": [1] * 40, "b": [2] * 40})
    with pytest.raises(UsageError, match="1600 requests"):
        asked(cls, handle).results(ref(cls, "7"))
    handle, _ = recording({"state": "s", "b": 1})
    assert asked(cls, handle).results(ref(cls, "7")).items == []


@pytest.mark.parametrize("text", ["", "text: body,"])
def test_a_body_that_is_a_piece_of_a_log_may_be_cut_within_a_line(text: str) -> None:
    cls = declared(f"""
    title: T
    settings: {{base_url: https://t.example}}
    ids: [{{name: job}}]
    get: {{path: "/{{job}}"}}
    {JOB}
    logs: {{path: "/log", answer: whole, {text} before_end: true, paging:
      {{cursor: start, at: headers.size, more: "headers.more == 'true'"}}}}
    """)
    handle, seen = recording(
        httpx.Response(200, headers={"Size": "8", "More": "true"}, text="alpha\nbe"),
        httpx.Response(200, headers={"Size": "11", "More": "false"}, text="ta\n"),
    )
    one = asked(cls, handle)
    first = one.logs(ref(cls, "7"))
    rest = one.logs(ref(cls, "7"), next(iter(first.next)))
    assert [part.text for part in (*first.items, *rest.items)] == ["alpha\nbe", "ta\n"]
    assert [one.url.query for one in seen] == [b"", b"start=8"]


def test_logs_come_with_a_heading_before_each_of_several_parts() -> None:
    cls = declared("""
    logs:
      - {path: "/{job}/{part}", with: {part: parts}, also: {parts: {path: /parts, at: names}}}
      - {path: /early, before_end: true}
    """)
    text = httpx.Response(200, text="one\ntwo")
    handle, seen = recording({"state": "s"}, {"names": ["p", "q"]}, text)
    one = asked(cls, handle)
    assert [part[:2] for part in whole(lambda cursor: one.logs(ref(cls, "7"), cursor))] == [
        ("one\ntwo\n", "p"), ("one\ntwo\n", "q"), ("one\ntwo", "3"),
    ]  # fmt: skip
    # what is needed for all parts is asked once
    assert [request.url.path for request in seen] == ["/7", "/parts", "/7/p", "/7/q", "/early"]
    handle, _ = recording({"state": "s"}, {"names": ["p", "q"]}, text)
    cursor = next(iter(asked(cls, handle).logs(ref(cls, "7")).next))
    handle, _ = recording({"state": "s"}, {"names": []})
    assert list(asked(cls, handle).logs(ref(cls, "7"), cursor).items) == []
    handle, seen = recording({"state": "r"}, text)
    assert asked(cls, handle).logs(ref(cls, "7")).items[0].text == "one\ntwo"
    assert [request.url.path for request in seen] == ["/7", "/early"]


@pytest.mark.parametrize("verb", ["results", "logs"])
def test_what_could_not_be_found_out_for_results_and_logs_is_told(verb: str) -> None:
    parts = '{path: "/{part}", with: {part: parts}, also: {parts: {path: /parts}}}'
    cls = declared(f"""
    {verb}: [{parts}, {{path: /whole}}]
    """)
    refusal, passing = (httpx.Response(code, json={"message": "not now"}) for code in (403, 503))
    handle, _ = recording({"state": "s"}, refusal, [{}])
    page = getattr(asked(cls, handle), verb)(ref(cls, "7"))
    assert len(page.items) == 1
    assert "parts could not be read" in page.notes[0]
    handle, _ = recording({"state": "s"}, passing)
    with pytest.raises(UnavailableError, match="not now"):
        getattr(asked(cls, handle), verb)(ref(cls, "7"))
    # where nothing is left to ask for, it is no empty answer
    cls = declared(f"{verb}: {parts}")
    handle, _ = recording({"state": "s"}, refusal)
    with pytest.raises(AuthError, match="not now"):
        getattr(asked(cls, handle), verb)(ref(cls, "7"))


def test_a_wait_takes_nothing_for_a_success_that_a_further_question_may_disprove() -> None:
    cls = declared("""
    get: {path: "/{job}", also: {parts: {path: /parts}}}
    job: {status: state, states: {running: [r], succeeded: [s], failed: [f]}}
    """)
    passing = httpx.Response(429, json={"message": "not now"})
    for state, waiting, told in (
        ("s", False, "succeeded"),
        ("r", True, "running"),
        ("f", True, "failed"),
    ):
        handle, _ = recording({"state": state}, passing)
        one = asked(cls, handle)
        one.waiting = waiting
        job = one.get(ref(cls, "7"))
        assert (job.state, "parts could not be read" in job.warnings[0]) == (told, True)
    handle, _ = recording({"state": "s"}, passing)
    one = asked(cls, handle)
    one.waiting = True
    with pytest.raises(ThrottledError, match="not now"):
        one.get(ref(cls, "7"))
    for unknown in (httpx.Response(403), httpx.Response(404, text="<html>"), httpx.Response(501)):
        one = asked(cls, recording({"state": "s"}, unknown)[0])
        one.waiting = True
        assert one.get(ref(cls, "7")).state == "succeeded"


def test_what_one_request_has_none_of_hides_nothing_of_another() -> None:
    cls = declared("""
    results: {path: "/{job}/{part}", with: {part: parts}, records: rows, key: id}
    """)
    none: dict[str, Any] = {"rows": []}
    some, lost = {"rows": [dict[str, Any]()]}, httpx.Response(404, json={"message": "gone"})
    handle, _ = recording({"state": "s", "parts": ["a", "b", "c", "d"]}, none, none, {"rows": [{}]})
    one = asked(cls, handle)
    assert len(whole(lambda cursor: one.results(ref(cls, "7"), cursor))) == 2
    handle, _ = recording({"state": "s", "parts": ["a", "b", "c"]}, some, lost, some)
    one = asked(cls, handle)
    first = one.results(ref(cls, "7"))
    last = one.results(ref(cls, "7"), next(iter(first.next)))
    assert [len(first.items), len(last.items)] == [1, 1]
    with pytest.raises(NotFoundError, match="gone"):
        one.results(ref(cls, "7"), next(iter(last.next)))
    for second in (lost, none):
        handle, _ = recording({"state": "s", "parts": ["a", "b"]}, lost, second)
        with pytest.raises(NotFoundError, match="gone") as caught:
            asked(cls, handle).results(ref(cls, "7"))
        assert "the job is there" in str(caught.value.hint)
    cls = declared('results: {path: "/{job}/rows", before_end: true}')
    with pytest.raises(NotFoundError, match="gone") as caught:
        asked(cls, recording(lost)[0]).results(ref(cls, "7"))
    assert "the job is there" not in str(caught.value.hint)


@pytest.mark.parametrize("more", ["", ", with: {part: parts}"])
def test_results_that_are_not_found_before_the_end_are_not_ready(more: str) -> None:
    cls = declared(f"results: {{path: '/{{job}}/rows', before_end: true{more}}}")

    def handle(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/rows"):
            return httpx.Response(404, json={"message": "none"})
        return httpx.Response(200, json={"state": "r", "parts": ["a"]})

    with pytest.raises(NotReadyError, match="is running and has no results yet"):
        asked(cls, handle).results(ref(cls, "7"))


@pytest.mark.parametrize("body", ["null", "{}", "7", '""'])
def test_an_answer_without_anything_does_not_say_that_a_job_is_not_there(body: str) -> None:
    cls = declared('get: {path: "/{job}", at: "jobs[0]"}')
    with pytest.raises(UnavailableError, match="answered with nothing") as caught:
        asked(cls, recording(httpx.Response(200, text=body))[0]).get(ref(cls, "7"))
    assert caught.value.transient
    with pytest.raises(NotFoundError):
        asked(cls, recording({"jobs": []})[0]).get(ref(cls, "7"))


def test_the_ids_of_a_list_stand_where_a_job_has_them_if_the_file_does_not_say_more() -> None:
    ids = """ids: [{name: queue, at: of.queue}, {name: job, at: jobId}, {name: try}]
get: {path: "/{queue}/{job}/{try}"}
"""
    rows = {"rows": [{"of": {"queue": "q"}, "jobId": 7, "try": 1, "n": 2}]}
    for more, told in (("", "q/7/1"), (", ids: {try: n}", "q/7/2")):
        cls = declared(f'{ids}list: {{path: "/", records: rows{more}}}')
        page = asked(cls, recording(rows)[0]).list(Query())
        assert [job.ref.id for job in page.items] == [told]


def test_a_list_that_grows_at_its_front_meanwhile_is_read_to_its_end() -> None:
    cls = declared("""
    list: {path: /jobs, records: rows, ids: {job: id}, total: n, paging: {page: page, size: size}}
    """)
    pages = [
        {"rows": [{"id": number} for number in numbers], "n": total}
        for numbers, total in (((4, 3), 4), ((3, 2), 5), ((1,), 5))
    ]
    one = asked(cls, recording(*pages)[0])
    walk = Walk(lambda cursor: one.list(Query(size=2), cursor))
    assert [job.ref.id for page in walk for job in page.items] == ["4", "3", "2", "1"]
    assert walk.lack("jobs") is None


def test_an_empty_page_of_those_that_are_counted_is_the_end_whatever_is_announced() -> None:
    cls = declared("""
    logs: {path: "/{job}/log", text: rows, total: n, paging: {offset: at}, before_end: true}
    results: {path: "/{job}", records: rows, total: n, paging: {offset: at}, before_end: true}
    """)
    for verb in ("logs", "results"):
        handle, seen = recording({"rows": ["a"], "n": 9}, {"rows": [], "n": 9})
        one = asked(cls, handle)
        walk = Walk[Any](partial(getattr(one, verb), ref(cls, "7")))
        assert [len(page.items) for page in walk][:2] == [1, 0]
        assert len(seen) <= 4


def test_what_a_job_has_only_at_its_end_is_not_ready_before() -> None:
    cls = declared(RESULTS)
    handle, _ = recording({"state": "r"})
    with pytest.raises(NotReadyError):
        asked(cls, handle).results(ref(cls, "7"))


def test_a_service_without_a_list_results_or_logs_says_so() -> None:
    cls = declared("")
    one = asked(cls, recording({})[0])
    for ask in (
        lambda: one.list(Query()),
        lambda: one.results(ref(cls, "7")),
        lambda: one.logs(ref(cls, "7")),
    ):
        with pytest.raises(Unsupported):
            ask()


def test_a_list_is_of_what_its_places_say_be_they_settings_or_the_rest_of_an_id() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, queue: {optional: true, help: a queue}}
    ids: [{name: path, rest: true}, {name: job, pattern: "[0-9]+"}]
    get: {path: "/{+path}/{job}"}
    list: {path: "/{+path}/of/{queue}", within: [path, queue], records: "@", ids: {job: id}}
    """)
    assert cls.placed("a/b/c/high") == ("a/b/c", "high")
    assert cls.placed("a") == ("a",)
    handle, seen = recording([{"id": 7, "state": "r"}])
    page = asked(cls, handle).list(Query(within=cls.placed("a/b/c/high")))
    assert seen[0].url.path == "/a/b/c/of/high"
    assert [job.ref.id for job in page.items] == ["a/b/c/7"]
    for bad in (None, "..", "a//b/high"):
        with pytest.raises(UsageError):
            cls.placed(bad)


def test_a_list_is_filtered_by_the_service_as_far_as_it_can() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, team: {optional: true}}
    ids: [{name: team}, {name: job}]
    get: {path: "/{team}/{job}"}
    list:
      path: "/{team}"
      records: "@"
      paging: {page: p, first: 0, size: n, largest: 50}
      filters: {state: {running: {state: r}}, since: {a: "{rfc3339}", b: "{s}", c: "{ms}"}}
    """)
    handle, seen = recording([{"job": "1", "state": "r"}])
    one = asked(cls, handle, team="ada")
    since = datetime(2024, 5, 1, 10, tzinfo=UTC)
    running, both = frozenset({JobState.RUNNING}), frozenset({JobState.RUNNING, JobState.FAILED})
    page = one.list(Query(states=running, since=since, size=10))
    assert [str(job.ref) for job in page.items] == ["t/ada/1"]
    assert dict(seen[0].url.params) == {
        "n": "10", "p": "0", "state": "r",
        "a": "2024-05-01T10:00:00.000Z", "b": "1714557600", "c": "1714557600000",
    }  # fmt: skip
    one.list(Query(("bob",), states=both))
    assert seen[1].url.path == "/bob"
    assert dict(seen[1].url.params) == {"n": "50", "p": "0"}
    with pytest.raises(UsageError):
        one.list(Query(), "no cursor")


def test_a_list_of_ids_alone_looks_at_each_job_and_pages_by_post_have_it_in_the_body() -> None:
    cls = declared("""
    get: {path: "/jobs/{job}"}
    list:
      path: /search
      body: {filter: {a: 1}}
      records: ids
      ids: {job: value || @}
      look: true
      paging: {cursor: page.after, at: next, size: page.size, largest: 2, in: body}
    """)
    handle, seen = recording(
        {"ids": ["1"], "next": "abc"}, {"state": "r"}, {"ids": [], "next": "abc"}
    )
    one = asked(cls, handle)
    page = one.list(Query())
    assert [job.state for job in page.items] == [JobState.RUNNING]
    with pytest.raises(UnavailableError, match="same page"):
        one.list(Query(), next(iter(page.next)))
    assert json.loads(seen[0].content) == {"filter": {"a": 1}, "page": {"size": 2}}
    assert json.loads(seen[2].content) == {"filter": {"a": 1}, "page": {"size": 2, "after": "abc"}}


@pytest.mark.parametrize("cursor", ["42", 42, "a b", ["x", 7], {"id": {"S": "7"}}])
def test_a_cursor_goes_back_in_a_body_as_the_service_gave_it(cursor: Any) -> None:
    cls = declared("""
    list:
      path: /search
      method: POST
      records: jobs
      ids: {job: id}
      paging: {cursor: after, at: next, size: n, in: body}
      filters: {since: {since: "{s}", from: "{rfc3339}"}}
    """)
    handle, seen = recording({"jobs": [], "next": cursor}, {"jobs": []})
    one, query = asked(cls, handle), Query(size=50, since=datetime(2024, 5, 1, tzinfo=UTC))
    one.list(query)
    first = {"n": 50, "since": 1714521600, "from": "2024-05-01T00:00:00.000Z"}
    assert [json.loads(one.content) for one in seen] == [first, first | {"after": cursor}]


def test_in_a_form_a_cursor_is_text() -> None:
    cls = declared("""
    list:
      path: /search
      form: {all: "true"}
      records: jobs
      ids: {job: id}
      paging: {cursor: after, at: next, in: body}
    """)
    handle, seen = recording({"jobs": [], "next": "7"}, {"jobs": [], "next": [1]}, {"jobs": []})
    one = asked(cls, handle)
    one.list(Query())
    assert [one.content for one in seen[1:]] == [b"all=true&after=7", b"all=true&after=%5B1%5D"]


def test_a_body_of_lines_may_have_its_next_page_named_by_a_header() -> None:
    cls = declared("""
    get: {path: "/jobs/{job}"}
    results:
      path: "/jobs/{job}/rows"
      answer: whole
      format: csv
      paging: {cursor: locator, at: "headers.locator != 'null' && headers.locator"}
      before_end: true
    """)
    handle, seen = recording(
        httpx.Response(200, headers={"Locator": "MTAw"}, text="a,b\n1,2\n"),
        httpx.Response(200, headers={"Locator": "null"}, text="a,b\n3,4\n"),
    )
    one = asked(cls, handle)
    page = one.results(ref(cls, "7"))
    assert [json.loads(record) for record in page.items] == [{"a": "1", "b": "2"}]
    page = one.results(ref(cls, "7"), next(iter(page.next)))
    assert [json.loads(record) for record in page.items] == [{"a": "3", "b": "4"}]
    assert list(page.next) == []
    assert [request.url.query for request in seen] == [b"", b"locator=MTAw"]


def test_lines_are_records_as_the_service_wrote_them() -> None:
    cls = declared("""
    results:
      - {path: /n, format: ndjson, before_end: true}
      - {path: /c, format: csv, before_end: true}
    """)
    line, long = '{"a":1.50,"b":"x\u2028y\u0085z"}', "y" * 200_000
    for body, records in ((f"\ufeff{line}\r\n\n[2]\n", [line, "[2]"]), ("", [])):
        handle, _ = recording(httpx.Response(200, text=body), httpx.Response(200, text=""), {})
        page = asked(cls, handle).results(ref(cls, "7"))
        assert [record.decode().strip() for record in page.items] == records
    for body in ('{"a":', "1,2", "NaN", "{}\n}"):
        with pytest.raises(UnavailableError, match="the answer is no ndjson"):
            asked(cls, recording(httpx.Response(200, text=body))[0]).results(ref(cls, "7"))
    handle, _ = recording(httpx.Response(200, text=""), httpx.Response(200, text=f"a\n{long}\n"))
    page = asked(cls, handle).results(ref(cls, "7"))
    assert [json.loads(record) for record in page.items] == [{"a": long}]


def test_lines_of_a_log_are_apart_where_their_ends_are() -> None:
    cls = declared("""
    logs:
      - {path: /n, format: ndjson, text: m, before_end: true}
      - {path: /t, before_end: true}
    """)
    handle, _ = recording(
        httpx.Response(200, text='{"m": "a\u2028b"}\r\n'),
        httpx.Response(200, text="1%\r2%\r\n\x853"),
    )
    texts = whole(lambda cursor: asked(cls, handle).logs(ref(cls, "7"), cursor))
    assert [part[:2] for part in texts] == [("a\u2028b\n", "1"), ("1%\n2%\n\x853", "2")]


@pytest.mark.parametrize(
    ("auth", "settings", "header"),
    [
        ("{bearer: key}", {"key": "abc.d"}, "Bearer abc.d"),
        ("{bearer: key}", {"key": "Bearer abc.d"}, "Bearer abc.d"),
        ("{headers: {Authorization: 'Key {key}'}}", {"key": "abcd"}, "Key abcd"),
        ("{basic: key}", {"key": "ada:s3cret"}, "Basic YWRhOnMzY3JldA=="),
        ("{basic: {user: '{user}', password: '{key}'}}", {"key": "s3cret"}, "Basic YWRhOnMzY3JldA=="),  # noqa: E501
        ("[{bearer: other}, {bearer: key}]", {"key": "abcd"}, "Bearer abcd"),
        ("[{bearer: other}, {bearer: key}]", {"key": "abcd", "other": "efgh"}, "Bearer efgh"),
        ("[{bearer: other}, {headers: {}}]", {}, None),
        ("{bearer: other}", {}, None),
    ],
)  # fmt: skip
def test_requests_are_signed_by_the_first_way_whose_settings_are_there(
    auth: str, settings: dict[str, str], header: str | None
) -> None:
    cls = declared(f"""
    settings:
      base_url: https://t.example
      user: ada
      key: {{secret: true, optional: true}}
      other: {{secret: true, optional: true}}
    auth: {auth}
    """)
    handle, seen = recording({"state": "r"})
    asked(cls, handle, None, **settings).get(ref(cls, "7"))
    assert seen[0].headers.get("authorization") == header


OAUTH = """{oauth2: {token_url: "{token_url}", client_id: "{user}", client_secret: "{key}"}}"""
PAIR = """{basic: {user: "{user}", password: "{key}"}}"""
SIGNING_IN = """\
    settings:
      base_url: {{default: "https://{{region}}.t.example"}}
      region: {{default: eu}}
      user: {{optional: true}}
      key: {{secret: true, optional: true}}
      tenant: {{optional: true}}
      token_url: {{default: "https://id.example/{{tenant}}"}}
    auth: {auth}
    """


@pytest.mark.parametrize(
    ("auth", "settings", "lost"),
    [
        (OAUTH, {"user": "u"}, ["'tenant' (or 'token_url')", "'key'"]),
        (OAUTH, {"user": "u", "key": "k", "token_url": "https://id.example"}, []),
        (OAUTH, {"user": "u", "key": "k", "tenant": "t"}, []),
        (OAUTH, {}, []),
        (PAIR, {"key": "k"}, ["'user'"]),
        (PAIR, {"user": "u"}, []),
        ("""{basic: {user: u, password: "{key}"}}""", {}, []),
        ("""{login: {path: "/{tenant}", basic: key, token: t}}""", {"key": "k"}, ["'tenant'"]),
        ("""{login: {url: "https://{tenant}/", body: {p: "{key}"}, token: t}}""", {}, []),
        ("""{headers: {K: "{user} {key}"}}""", {"key": "k"}, ["'user'"]),
        ("""{headers: {K: "{key}", U: "{user}"}}""", {"key": "k"}, []),
        (f"[{{bearer: key}}, {OAUTH}]", {"key": "k"}, []),
    ],
)
def test_of_a_way_that_somebody_has_begun_all_that_lacks_is_told(
    auth: str, settings: dict[str, str], lost: list[str]
) -> None:
    cls = declared(SIGNING_IN.format(auth=auth))
    handle, seen = recording({"t": "abc", "access_token": "abc"}, {"state": "r"})
    if not lost:
        assert asked(cls, handle, None, **settings) is not None
        return
    with pytest.raises(ConfigError) as caught:
        asked(cls, handle, None, **settings)
    assert all(one in caught.value.message for one in lost)
    assert seen == []


def test_an_optional_password_may_be_empty() -> None:
    for auth, settings in ((PAIR, {"user": "ada"}), ("{basic: key}", {"key": "ada"})):
        cls = declared(SIGNING_IN.format(auth=auth))
        handle, seen = recording({"state": "r"})
        asked(cls, handle, None, **settings).get(ref(cls, "7"))
        assert seen[0].headers["authorization"] == "Basic YWRhOg=="


def test_what_an_address_is_made_of_is_told_where_it_lacks() -> None:
    text = SIGNING_IN.format(auth="{bearer: key}")
    for region, lost in (("{optional: true}", ("region", "base_url")), ("{}", None), ("eu", None)):
        cls = declared(text.replace("region: {default: eu}", f"region: {region}"))
        needs = cls.needed(asked(cls, recording()[0]).profile)
        assert needs == ((lost,) if lost else ("region",) if region == "{}" else ())


def test_a_key_may_ride_in_the_query_and_never_in_an_error() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, key: {secret: true}}
    auth: {query: {api_key: "{key}"}}
    get: {path: "/{job}", query: {a: "1"}}
    """)
    handle, seen = recording(httpx.Response(401, text="no key s3cret-key-1 here"))
    with pytest.raises(AuthError) as caught:
        asked(cls, handle, key="s3cret-key-1").get(ref(cls, "7"))
    assert dict(seen[0].url.params) == {"a": "1", "api_key": "s3cret-key-1"}
    assert "s3cret" not in str(caught.value.document())


def test_a_client_credentials_token_is_asked_for_and_sent() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, id: me, key: {secret: true}}
    auth:
      oauth2:
        {token_url: "https://t.example/t", client_id: i, client_secret: "{key}", scope: s}
    """)
    handle, seen = recording({"access_token": "tok-1", "expires_in": 60}, {"state": "r"})
    asked(cls, handle, key="s3cret-key-2").get(ref(cls, "7"))
    assert b"scope=s" in seen[0].content
    assert seen[1].headers["authorization"] == "Bearer tok-1"


def test_settings_that_are_numbers_or_booleans_are_so_in_a_body() -> None:
    cls = declared("""
    settings:
      n: {type: number, default: "1.5"}
      b: {type: boolean, default: "true"}
      i: {type: integer, default: x}
      word: "{b}-{i}"
      lost: {optional: true}
      half: {default: "{lost}!", optional: true}
    headers: {X-Half: "{half}", X-Word: "{word}"}
    ids: [{name: job, type: integer}]
    get: {path: /, body: {n: "{n}", b: "{b}", i: "{i}", job: "{job}", word: "{word}"}}
    """)
    handle, seen = recording({"state": "r"})
    asked(cls, handle, base_url="t.example/").get(ref(cls, "7"))
    assert str(seen[0].url) == "https://t.example/"
    assert json.loads(seen[0].content) == {
        "n": 1.5,
        "b": True,
        "i": "x",
        "job": 7,
        "word": "true-x",
    }
    assert seen[0].headers["x-word"] == "true-x"
    assert "x-half" not in seen[0].headers
    with pytest.raises(ConfigError, match="base_url"):
        asked(cls, handle).get(ref(cls, "7"))


def test_the_ways_of_other_vendors_are_read() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, region: eu, user: ada, key: {secret: true}}
    auth:
      - login:
          {path: /l, body: {u: "{user}"}, basic: key, token: t, send: {X-T: "{token}"}}
      - login: {url: "https://t.example/login", token: token}
      - aws: {service: batch}
      - google: {scopes: [a, b]}
      - azure: {scope: "{region}"}
    """)
    kinds = ["login", "login", "aws", "google", "azure"]
    assert [way.kind for way in cls.spec.ways] == kinds
    assert [way.name for way in cls.account.ways] == kinds


def test_an_expression_that_does_not_fit_gives_nothing() -> None:
    cls = declared("""
    job: {status: sort(state), states: {running: [r]}, message: "starts_with(a, b)", web: page}
    list: {path: /, records: "@", within: [job]}
    results: {path: /r, records: a.b, before_end: true}
    """)
    handle, _ = recording({"state": "r", "page": "https://[::1", "a": 1})
    one = asked(cls, handle)
    job = one.get(ref(cls, "7"))
    assert (job.status, job.message, job.web_url) == (None, None, None)
    for body in ({"a": 1}, {"a": {"b": None}}, {}):
        assert asked(cls, recording(body)[0]).results(ref(cls, "7")).items == []
    broken = httpx.Response(200, text='{"a": {"b": [1]}, "c": NaN}')
    with pytest.raises(UnavailableError):
        asked(cls, recording(broken)[0]).results(ref(cls, "7"))


LOGIN = """
    settings: {base_url: "https://t.example/api", user: ada, key: {secret: true}}
    auth:
      login: SIGN
"""


@pytest.mark.parametrize(
    ("sign", "asked_for"),
    [
        ('{path: /in, body: {u: "{user}", p: ["{key}"]}, token: data.t, expires_in: s}',
         ("POST", "https://t.example/api/in", b'{"u": "ada", "p": ["s3cret-key"]}')),
        ('{path: /in, form: {u: "{user}"}, basic: {user: u, password: "{key}"}, token: data.t}',
         ("POST", "https://t.example/api/in", b"u=ada")),
        ('{url: "t.example/in", query: {u: "{user}"}, method: GET, token: data.t}',
         ("GET", "https://t.example/in?u=ada", b"")),
    ],
)  # fmt: skip
def test_a_token_is_asked_for_with_a_name_and_a_password_and_sent(
    sign: str, asked_for: tuple[str, str, bytes]
) -> None:
    handle, seen = recording({"data": {"t": "tok-1"}, "s": 60}, {"state": "r"})
    one = asked(declared(LOGIN.replace("SIGN", sign)), handle, key="s3cret-key")
    one.get(ref(type(one), "7"))
    assert (seen[0].method, str(seen[0].url), seen[0].content) == asked_for
    assert seen[1].headers["authorization"] == "Bearer tok-1"
    if "basic" in sign:
        assert seen[0].headers["authorization"].startswith("Basic ")
    one.get(ref(type(one), "7"))
    assert len(seen) == 3


def test_a_token_is_shown_as_the_file_says_and_renewed_after_a_401() -> None:
    sign = '{path: /in, token: t, send: {X-Session: "s={token}", X-User: "{user}"}}'
    handle, seen = recording({"t": "tok-1"}, httpx.Response(401), {"t": "tok-2"}, {"state": "r"})
    one = asked(declared(LOGIN.replace("SIGN", sign)), handle, key="s3cret-key")
    one.get(ref(type(one), "7"))
    assert [request.headers.get("x-session") for request in seen] == [
        None, "s=tok-1", None, "s=tok-2",
    ]  # fmt: skip
    assert seen[3].headers["x-user"] == "ada"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401, json={"message": "wrong"}), AuthError),
        (httpx.Response(200, json={"t": None}), AuthError),
        (httpx.Response(200, text="<html>"), UnavailableError),
        (httpx.Response(503), UnavailableError),
    ],
)
def test_a_refusal_or_an_answer_without_a_token_is_told(
    answer: httpx.Response, error: type[JobctlError]
) -> None:
    handle, seen = recording(answer)
    one = asked(declared(LOGIN.replace("SIGN", "{path: /in, token: t}")), handle, key="s3cret-key")
    with pytest.raises(error):
        one.get(ref(type(one), "7"))
    assert len(seen) == 1


def test_the_region_of_aws_comes_from_its_tool_and_its_errors_are_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cls = declared("""
    settings: {base_url: "https://batch.{region}.amazonaws.com", region: {optional: true}}
    auth: {aws: {service: batch}}
    """)
    for name, value in (
        ("AWS_DEFAULT_REGION", "eu-west-3"),
        ("AWS_ACCESS_KEY_ID", "AKPLANTED"),
        ("AWS_SECRET_ACCESS_KEY", "planted-secret"),
    ):
        monkeypatch.setenv(name, value)
    codes = ["ThrottlingException", "ExpiredTokenException", "ResourceNotFoundException"]
    codes += ["InvalidSignatureException"]
    answers = [
        httpx.Response(400, headers={"x-amzn-ErrorType": f"{code}:http://x"}, json={"message": "m"})
        for code in codes
    ]
    handle, seen = recording({"state": "r"}, *answers)
    one = asked(cls, handle)
    assert one.get(ref(cls, "7")).state is JobState.RUNNING
    assert seen[0].url.host == "batch.eu-west-3.amazonaws.com"
    assert "/eu-west-3/batch/aws4_request" in seen[0].headers["authorization"]
    told = []
    for code in codes:
        with pytest.raises(JobctlError, match=code) as caught:
            one.get(ref(cls, "7"))
        told.append((int(caught.value.exit_code), caught.value.hint or ""))
    assert [exit_code for exit_code, _ in told] == [7, 4, 5, 4]
    assert ("sso login" in told[1][1], "clock" in told[3][1]) == (True, True)


def test_a_service_of_huawei_is_asked_as_the_two_that_come_along() -> None:
    cls = declared("""
    account: huawei
    settings: {base_url: "https://mpc.{region}.myhuaweicloud.com"}
    auth: {huawei: {service: mpc}}
    get: {path: "/v1/{project_id}/jobs/{job}"}
    """)
    assert {"region", "project_id", "access_key"} <= {one.name for one in cls.all_settings()}
    assert cls.account.name == "huawei"
    handle, seen = recording({"state": "r"})
    keys = {"access_key": "AK", "secret_key": "planted-secret", "region": "cn-north-4"}
    asked(cls, handle, None, project_id="p1", **keys).get(ref(cls, "7"))
    assert seen[0].url.path == "/v1/p1/jobs/7"
    assert seen[0].headers["authorization"].startswith("SDK-HMAC-SHA256")
    projects = {"projects": [{"id": "p2", "name": "cn-north-4"}]}
    handle, seen = recording(projects, {"state": "r"})
    asked(cls, handle, None, **keys).get(ref(cls, "7"))
    assert seen[1].url.path == "/v1/p2/jobs/7"


def test_the_other_vendors_sign_in_by_their_libraries(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("HOME", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    for auth in ("google: {scopes: a}", "oci: {}"):
        cls = declared(LOGIN.replace("login: SIGN", auth))
        with pytest.raises(ConfigError):
            asked(cls, recording({})[0], key="s3cret-key")
    cls = declared(LOGIN.replace("login: SIGN", 'azure: {scope: "https://m.test/.default"}'))
    assert asked(cls, recording({})[0], key="s3cret-key").client.auth is not None


def test_a_cursor_of_other_pages_is_refused() -> None:
    cls = declared(RESULTS)
    other = str(Paging("page", "p").start(5))
    with pytest.raises(UsageError, match="is not a cursor of these pages"):
        asked(cls, recording({})[0]).results(ref(cls, "7"), other)


@pytest.mark.parametrize(
    ("rule", "answer", "tries"),
    [
        ("{status: 500, when: gone, is: not-found}", (500, {"gone": True}), 1),
        ("{status: 500, when: gone, is: not-found}", (500, {"other": True}), 2),
        ("{status: 400, code: Slow, is: throttled}", (400, {"code": "Slow", "message": "m"}), 2),
        ("{status: 400, code: Slow, is: throttled}", (400, {"code": "Bad", "message": "m"}), 1),
    ],
)
def test_what_is_tried_again_is_what_the_file_calls_passing(
    rule: str, answer: tuple[int, Any], tries: int
) -> None:
    cls = declared(f"""
    settings: {{base_url: {SERVICE}}}
    get: {{path: "/jobs/{{job}}", errors: [{rule}]}}
    """)
    status, body = answer
    clock = FakeClock()
    answers = [httpx.Response(status, json=body), httpx.Response(200, json={"state": "r"})]
    service = Service(clock, answers)
    with connect(SERVICE, None, clock=clock, transport=service) as client:
        one = cls(asked(cls, recording({})[0]).profile, client)
        if tries > 1:
            assert one.get(ref(cls, "7")).state is JobState.RUNNING
        else:
            with pytest.raises(JobctlError) as caught:
                one.get(ref(cls, "7"))
            assert not caught.value.transient
    assert len(service.requests) == tries


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Job 7 does not exist", 5),
        ("<html><h1>404 : Not Found</h1></html>", 5),
        ("<html><h1>404 Not Found</h1><hr><center>nginx</center></html>", 6),
        ("default backend - 404", 6),
        ("404 page not found\n", 6),
    ],
)
def test_the_words_of_a_gateway_are_none_that_the_rules_of_a_file_are_about(
    words: str, code: int
) -> None:
    cls = declared("""
    get: {path: "/jobs/{job}", errors: [{status: 404, is: not-found}]}
    """)
    with pytest.raises(JobctlError) as caught:
        asked(cls, recording(httpx.Response(404, text=words))[0]).get(ref(cls, "7"))
    assert (caught.value.exit_code, caught.value.transient) == (code, code == 6)


@pytest.mark.parametrize("kind", ["throttled", "unavailable"])
def test_a_wait_survives_what_the_file_calls_passing(kind: str) -> None:
    cls = declared(f"""
    get: {{path: "/jobs/{{job}}"}}
    errors: [{{when: error, is: {kind}}}]
    """)
    with pytest.raises(JobctlError) as caught:
        asked(cls, recording({"error": "later"})[0]).get(ref(cls, "7"))
    assert caught.value.transient


def test_a_service_that_has_no_records_of_any_id_is_asked_for_the_job() -> None:
    cls = declared("""
    get: {path: "/jobs/{job}"}
    results: {path: "/results/{job}", records: "@", before_end: true}
    """)
    handle, seen = recording([], httpx.Response(404, json={"Message": "no such job"}))
    with pytest.raises(NotFoundError, match="no such job"):
        asked(cls, handle).results(ref(cls, "7"))
    assert [one.url.path for one in seen] == ["/results/7", "/jobs/7"]
    handle, seen = recording([], {"state": "s"})
    assert not asked(cls, handle).results(ref(cls, "7")).items
    handle, seen = recording(["one"])
    assert asked(cls, handle).results(ref(cls, "7")).items
    assert len(seen) == 1


def test_a_gateway_that_speaks_xml_is_heard() -> None:
    cls = declared(RESULTS)
    xml = "<?xml version='1.0'?><Error><Code>Old</Code><Message>sign in anew</Message></Error>"
    for text, words in ((xml, "Old sign in anew"), ("<html><p>x</html>", "an HTML page")):
        handle, _ = recording(httpx.Response(403, text=text))
        with pytest.raises(AuthError, match=f"403: {words}"):
            asked(cls, handle).get(ref(cls, "7"))


def test_what_a_list_is_of_may_have_slashes_and_has_all_that_is_left_over_then() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, group: {optional: true}, stage: {optional: true}}
    list: {path: "/{+group}/{stage}", within: [group, stage], records: "@", ids: {job: id}}
    """)
    handle, seen = recording([{"id": 7, "state": "r"}])
    page = asked(cls, handle).list(Query(within=cls.placed("a/b%20c/d/e/prod")), None)
    assert [job.ref.id for job in page.items] == ["7"]
    assert seen[0].url.raw_path == b"/a/b%20c/d/e/prod"


def test_columns_that_are_called_alike_stay_apart() -> None:
    cls = declared("""
    results:
      - {path: /r, records: rows, fields: names, before_end: true}
      - {path: /c, format: csv, before_end: true}
    """)
    rows = {"names": ["a", "a", "a_2", "a"], "rows": [[1, 2, 3, 4]]}
    one = asked(cls, recording(rows, httpx.Response(200, text="x,x\n1,2\n"))[0])
    page = one.results(ref(cls, "7"))
    assert [json.loads(record) for record in page.items] == [
        {"a": 1, "a_2": 2, "a_2_2": 3, "a_3": 4}
    ]
    page = one.results(ref(cls, "7"), next(iter(page.next)))
    assert [json.loads(record) for record in page.items] == [{"x": "1", "x_2": "2"}]


@pytest.mark.parametrize(("known", "needs"), [("", [("region", "base_url")]), ("eu-west-3", [])])
def test_the_region_may_be_the_one_of_the_aws_tool(
    monkeypatch: pytest.MonkeyPatch, known: str, needs: list[tuple[str, ...]]
) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_DEFAULT_REGION", known)
    text = SIGNING_IN.format(auth="{aws: {service: batch}}")
    cls = declared(text.replace("region: {default: eu}", "region: {optional: true}"))
    assert lacking(cls.spec, lambda _: None, "base_url") == needs
    assert lacking(cls.spec, {"region": "JOBCTL_T_REGION"}.get, "base_url") == []


COUNTED = """
job: {status: s, states: {running: [r]}}
results:
  path: /r
  records: rows
  key: id
  total: count
  paging: {offset: from, size: n, largest: 2}
  before_end: true
"""


def test_of_a_million_pages_that_are_announced_none_is_named_before_it_is_needed() -> None:
    handle, seen = recording({"count": 10**15, "rows": [{"id": 1}, {"id": "b"}]})
    cls = declared(COUNTED)
    page = asked(cls, handle).results(ref(cls, "7"), size=2)
    assert page.keys == ["1", "b"]
    assert "2" in next(iter(page.next))
    assert len(seen) == 1


def test_records_that_are_taken_out_undecoded_are_looked_at_where_they_are_none() -> None:
    cls = declared(COUNTED)
    one = asked(cls, recording({"rows": {"a": {"id": 1}}})[0])
    page = one.results(ref(cls, "7"))
    assert [json.loads(record) for record in page.items] == [{"_key": "a", "id": 1}]
    one = asked(cls, recording(httpx.Response(200, text="<p>no</p>"))[0])
    with pytest.raises(UnavailableError, match="HTML"):
        one.results(ref(cls, "7"))


@pytest.mark.parametrize(
    "code",
    ["planted#of:ours", "https://x/planted#of:ours", "planted&#35;of:ours", "planted%23of%3Aours"],
)
def test_a_part_of_a_code_is_taken_when_its_secrets_are_masked(code: str) -> None:
    assert bare("com.example#Denied:http://example") == "Denied"
    hide("planted#of:ours")
    assert not re.search("planted|of|ours", bare(code))
