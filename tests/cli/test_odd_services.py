"""Services with odd habits, each said in a file of less than thirty lines."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

Run = Callable[..., Any]
Provide = Callable[[str, str, Callable[[Any], Any]], None]
ODD = ("a:b+c/d", "x y%2F?z#q", "ü&=;", "100%", "..:x", "@1", "-flag", "a\\b")


@pytest.fixture
def provide(
    tmp_path: Path, served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Provide]:
    """Declare a provider by a file's text, and play its service until the test ends."""
    folder = tmp_path / "providers"
    folder.mkdir()
    config = tmp_path / "config.yaml"
    config.write_text("{}\n")
    config.chmod(0o600)
    monkeypatch.setenv("JOBCTL_CONFIG", str(config))
    with ExitStack() as stack:

        def make(name: str, text: str, answer: Callable[[Any], Any]) -> None:
            url = stack.enter_context(served(answer))
            head = f"title: T\nsettings: {{base_url: {url}}}\n"
            assert len((head + text).splitlines()) <= 30
            (folder / f"{name}.yaml").write_text(head + text)

        yield make


def states(jobctl: Run, *words: str) -> dict[str, str]:
    return {one["id"]: one["state"] for one in map(json.loads, jobctl(*words).out.splitlines())}


@pytest.mark.parametrize("rest", [False, True])
def test_ids_may_hold_whatever_a_url_cannot(jobctl: Run, provide: Provide, rest: bool) -> None:
    def answer(asked: Any) -> tuple[int, Any]:
        _, what, *more = asked.path.split("/")
        if not more:
            return 200, {"items": [{"key": one, "s": "done"} for one in ODD]}
        key = unquote(more[0])
        if key not in ODD or len(more) > 2:
            return 404, {}
        page = f"https://t.example/ui/{more[0]}"
        return 200, f"by {key}".encode() if what == "log" else {"s": "done", "page": page}

    text = """\
ids: [{name: key, rest: REST}]
get: {path: "/jobs/{key}"}
job: {status: s, states: {running: [go], succeeded: [done]}, web: page}
list: {path: /jobs, records: items}
logs: {path: "/log/{key}", before_end: true}
"""
    provide("odd", text.replace("REST", str(rest).lower()), answer)
    slash = "/" if rest else "%2F"
    refs = jobctl("list", "odd", "-o", "ids").out.split()
    assert refs[:2] == [f"odd/a:b+c{slash}d", "odd/x%20y%252F%3Fz%23q"]
    assert jobctl("wait", *refs, "-o", "ids").out.split() == refs
    for ref, key in zip(refs, ODD, strict=True):
        assert jobctl("logs", ref).out == f"by {key}\n"
    first = refs[0]
    assert jobctl("open", first).out == "https://t.example/ui/a%3Ab%2Bc%2Fd\n"
    asked = jobctl("get", "odd", first.partition("/")[2], "--json").document
    assert (asked["ref"], asked["state"]) == (first, "succeeded")
    assert jobctl("get", "@1", "-o", "ids").out == f"{first}\n"
    assert jobctl("get", asked["url"], "-o", "ids").out == f"{first}\n"
    if not rest:
        done = jobctl("get", "odd", "a:b+c/d")
        assert done.code == 2
        assert "a slash within a part is written %2F: odd/a:b+c%2Fd" in done.err


def test_errors_of_graphql_come_in_a_200(jobctl: Run, provide: Provide) -> None:
    def error(words: str, code: str) -> dict[str, Any]:
        return {"errors": [{"message": words, "extensions": {"code": code}}]}

    said = {
        "none": {"data": {"job": None}},
        "boom": {"data": None} | error("the belt tore", "INTERNAL"),
        "gone": {"data": {"job": None}} | error("no such job", "NOT_FOUND"),
        "mine": error("who are you?", "UNAUTHENTICATED"),
        "part": {"data": {"job": {"state": 2, "name": None}}} | error("no name", "FORBIDDEN"),
    }

    def answer(asked: Any) -> tuple[int, Any]:
        variables = json.loads(asked.body)["variables"]
        if "id" in variables:
            return 200, said.get(variables["id"], {"data": {"job": {"state": 1}}})
        after = variables.get("after", "0")
        assert isinstance(after, str)
        start = int(after)
        edges = [{"node": {"id": n, "state": n % 2 + 1}} for n in range(start, min(start + 2, 5))]
        page = {"hasNextPage": start + 2 < 5, "endCursor": str(start + 2)}
        return 200, {"data": {"jobs": {"edges": edges, "pageInfo": page}}}

    text = """\
ids: [{name: id}]
get:
  path: /graphql
  graphql: "query ($id: ID!) { job(id: $id) { state name } }"
  variables: {id: "{id}"}
  at: data.job
job: {status: state, states: {queued: [0], running: [1], succeeded: [2]}, name: name}
list:
  path: /graphql
  graphql: "query ($after: String) { jobs(after: $after) { edges { node { id state } } } }"
  records: data.jobs.edges[].node
  paging: {cursor: variables.after, at: data.jobs.pageInfo.endCursor,
           more: data.jobs.pageInfo.hasNextPage, in: body}
errors:
  - {when: "!data.job && errors[0].extensions.code == 'NOT_FOUND'", is: not-found}
  - {when: "errors[0].extensions.code == 'UNAUTHENTICATED'", is: auth}
  - {when: "errors && !data", is: unavailable}
"""
    provide("graph", text, answer)
    assert jobctl("get", "graph", "7", "--json").document["state"] == "running"
    assert jobctl("get", "graph", "part", "--json").document["state"] == "succeeded"
    codes = {one: jobctl("get", "graph", one).code for one in ("none", "boom", "gone", "mine")}
    assert codes == {"none": 5, "boom": 6, "gone": 5, "mine": 4}
    assert "the belt tore" in jobctl("get", "graph", "boom").err
    listed = states(jobctl, "list", "graph", "-o", "ndjson")
    assert listed == {str(n): "succeeded" if n % 2 else "running" for n in range(5)}


def test_not_found_may_be_a_200_and_a_job_an_array_a_number_or_a_word(
    jobctl: Run, provide: Provide
) -> None:
    said: dict[str, Any] = {
        "a": {"code": 404}, "b": {"ok": False, "error": "no such job"}, "c": {}, "d": [],
        "e": None, "f": False, "g": b"Not Found", "h": b"",
        "0": {"state": 0}, "1": [{"state": True}], "2": 2, "3": True, "4": "done", "5": 3,
    }  # fmt: skip
    text = """\
ids: [{name: n}]
get: {path: "/{n}", at: "[0] || @"}
job: {status: "state || @", states: {running: [false, 0], succeeded: [true, done], failed: [2]}}
errors:
  - {when: "@ == 'Not Found' || !@ || code == `404` || ok == `false`", is: not-found}
"""
    provide("plain", text, lambda asked: (200, said[asked.path[1:]]))
    assert {jobctl("get", "plain", one).code for one in "abcdefgh"} == {5}
    found = [jobctl("get", "plain", one, "--json").document["state"] for one in "012345"]
    assert found == ["running", "succeeded", "failed", "succeeded", "succeeded", "unknown"]


def test_results_may_be_numbers_and_pages_be_asked_for_by_post(
    jobctl: Run, provide: Provide
) -> None:
    def answer(asked: Any) -> tuple[int, Any]:
        told = json.loads(asked.body or b"null")
        if asked.path == "/rows":
            start, number = told["skip"], told["take"]
            return 200, [one * 10 for one in range(start, min(start + number, 7))]
        if asked.path == "/pages":
            page = told["page"]["number"]
            return 200, {"r": [page / 2], "last": page == 3}
        return 200, 42 if asked.path == "/one" else [1, [2]]

    text = """\
ids: [{name: n}]
get: {path: "/{n}"}
job: {status: done, states: {running: [false], succeeded: [true]}}
results:
  - {path: /rows, method: POST, records: "@", before_end: true,
     paging: {offset: skip, size: take, largest: 3, in: body}}
  - {path: /pages, method: POST, records: r, before_end: true,
     paging: {page: page.number, in: body, more: "!last"}}
  - {path: /one, records: "@", before_end: true}
  - {path: /whole, records: "@", one: true, before_end: true}
"""
    provide("numbers", text, answer)
    told = jobctl("results", "numbers", "7", "-o", "ndjson").out.split("\n")
    wanted = [0, 10, 20, 30, 40, 50, 60, 0.5, 1, 1.5, 42, [1, [2]]]
    assert [json.loads(line) for line in told if line] == wanted


def test_a_status_may_be_in_a_header_in_xml_or_be_that_of_the_answer(
    jobctl: Run, provide: Provide
) -> None:
    xml = b"<job><state>Finished</state></job>"
    text = """\
ids: [{name: n}]
get: {path: "/{n}", answer: whole, accept: [200, 202, 204, 500]}
job: {status: STATUS, states: {running: [202, moving], succeeded: [200, finished], failed: [500]}}
"""
    said: dict[str, tuple[Any, ...]] = {
        "running": (202, b""),
        "succeeded": (200, {"x": 1}),
        "failed": (500, {"why": "it tore"}),
        "unknown": (204, b""),
    }
    provide("status", text.replace("STATUS", "status"), lambda asked: said[asked.path[1:]])
    for state in said:
        assert jobctl("get", "status", state, "--json").document["state"] == state
    header = (200, b"null", {"X-State": "Moving"})
    provide("header", text.replace("STATUS", "'headers.\"x-state\"'"), lambda _: header)
    assert jobctl("get", "header", "7", "--json").document["state"] == "running"
    between = "\"split(body, '<state>')[1] | split(@, '</state>')[0]\""
    provide("xml", text.replace("STATUS", between), lambda _: (200, xml))
    assert jobctl("get", "xml", "7", "--json").document["state"] == "succeeded"


def test_logs_by_offset_count_lines(jobctl: Run, provide: Provide) -> None:
    def answer(asked: Any) -> tuple[int, Any]:
        start = int(parse_qs(urlsplit(asked.path).query)["from"][0])
        return 200, {"lines": [f"line {n}" for n in range(start, min(start + 2, 5))]}

    text = """\
ids: [{name: n}]
get: {path: "/{n}"}
job: {status: done, states: {running: [false], succeeded: [true]}}
logs: {path: /log, text: lines, before_end: true,
       paging: {offset: from, more: "length(lines) == `2`"}}
"""
    provide("lines", text, answer)
    assert jobctl("logs", "lines", "7").out.split("\n")[:5] == [f"line {n}" for n in range(5)]


@pytest.mark.parametrize("error", [{"title": "it tore"}, "it tore"])
def test_errors_in_an_array_have_their_words(jobctl: Run, provide: Provide, error: Any) -> None:
    text = 'ids: [{name: n}]\nget: {path: "/{n}"}\njob: {status: s, states: {running: [r]}}\n'
    provide("words", text, lambda _: (409, {"errors": [error]}))
    assert "answered 409: it tore" in jobctl("get", "words", "7").err


@pytest.mark.parametrize("place", ["https://a.example:99999/", "https://me:word@a.example/"])
def test_an_address_that_a_service_sends_on_to_is_no_setting_of_the_users(
    jobctl: Run, provide: Provide, place: str
) -> None:
    text = """\
ids: [{name: job}]
get: {path: "/{job}"}
job: {status: s, states: {running: [go], succeeded: [done]}}
results: {url: at, records: "@"}
"""
    provide("away", text, lambda _: (200, {"s": "done", "at": place}))
    done = jobctl("results", "away/7")
    assert (done.code, done.out) == (6, "")
    assert "sends on to an address that nobody can ask" in done.err
