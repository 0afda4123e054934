"""Text of a service, whatever it says: harmless for people, exact for programs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
import yaml

from jobctl import registry
from jobctl.clock import Clock
from jobctl.sandbox import Lives, service, services

HOSTILE = "\x1b]0;title\x07\x1b[31m[bold]x[/nope]\u202eabc\u2066\x9b2J\r\n\x00:smile:\ud800"
DANGEROUS = set("\x1b\x07\x9b\x00\r\u202e\u2066\ud800")


def hostile(value: Any, kept: set[str]) -> Any:
    """The value with another text in every string but those that are kept."""
    if isinstance(value, dict):
        return {name: hostile(inner, kept) for name, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner, kept) for inner in value]
    return HOSTILE if isinstance(value, str) and value not in kept else value


def hostile_texts(value: Any) -> Iterator[str]:
    """The texts of a document that hold a part of the hostile one."""
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from hostile_texts(inner)
    elif isinstance(value, str) and ("title" in value or "abc" in value):
        yield value


@dataclass
class Hostile:
    """A provider's service, the sandbox's, that says nothing but hostile texts.

    Only what names the job stays, and the words in `kept`.
    """

    name: str
    kept: set[str] = field(default_factory=set)
    clock: Lives = field(default_factory=lambda: Lives(Clock(1e6)))

    @property
    def jobs(self) -> list[str]:
        return [scenario.id for scenario in service(self.name).SCENARIOS]

    def answer(self, asked: Any) -> Any:
        path = asked.path.partition("?")[0].removeprefix(f"/{self.name}")
        root = f"http://{asked.headers['Host']}"
        sent = httpx.Request(
            asked.method, root + asked.path, headers=asked.headers, content=asked.body
        )
        response = service(self.name).answer(sent, path, self.clock)
        headers = {key: value for key, value in response.headers.items() if "length" not in key}
        if asked.method == "POST":
            return response.status_code, response.content, headers
        headers |= {"X-Request-Id": "\x9b2J\x1b[31m", "X-Title": "\x1b]0;title\x07"}
        if "json" not in response.headers.get("Content-Type", ""):
            return response.status_code, HOSTILE.encode("utf-8", "replace"), headers
        body = hostile(response.json(), self.kept | set(path.split("/")))
        return response.status_code, body, headers


@pytest.fixture(
    params=[
        pytest.param(name, marks=() if name == "vas" else pytest.mark.slow)
        for name in sorted(services())
    ]
)
def taken(
    request: pytest.FixtureRequest, served: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Hostile]:
    """A service that was taken over, and its account in variables."""
    made = Hostile(request.param)
    with served(made.answer) as url:
        for setting, value in service(made.name).settings(f"{url}/{made.name}").items():
            variable = f"JOBCTL_{made.name}_{setting}".upper().replace("-", "_")
            monkeypatch.setenv(variable, value)
        yield made


def test_nothing_that_people_read_obeys_a_service(taken: Hostile, jobctl: Any) -> None:
    for job in taken.jobs:
        for words in (
            ["get", taken.name, job, "-vv"],
            ["get", taken.name, job, job],
            ["wait", f"{taken.name}/{job}", "--timeout", "0", "-vv"],
        ):
            ran = jobctl(*words)
            assert "\\x1b]0;title" in ran.out + ran.err
            assert not DANGEROUS & set(ran.out + ran.err), words
    for error in service(taken.name).ERRORS[:4]:
        for kind in ("table", "json"):
            ran = jobctl("get", taken.name, error.id, "-vv", "-o", kind)
            assert 1 < ran.code < 8, error.id
            assert not DANGEROUS & set(ran.out + ran.err), error.id


# The fields in which a service's own texts are handed on.
SAID = {
    "cognite": {"status", "message", "failures"},
    "modelarts": {"name", "message", "failures", "detail"},
    "modzy": {"name", "status", "message", "failures", "detail"},
    "oracle-content": {"status", "message", "error_code", "failures", "detail"},
    "vas": {"name", "status", "detail"},
}


def test_programs_get_every_text_of_a_service_as_it_is(taken: Hostile, jobctl: Any) -> None:
    said = set()
    states = registry.find(taken.name).states
    for taken.kept in (set(), {form(one) for one in states for form in (str, str.title)}):
        for job in taken.jobs:
            jobctl("get", taken.name, job)  # its life begins, and ends before the next look
            whole = jobctl("get", taken.name, job, "--json")
            for kind in ("json", "ndjson", "yaml"):
                out = jobctl("get", taken.name, job, "-o", kind).out
                assert not DANGEROUS & set(out)
                assert (
                    yaml.safe_load(out) if kind == "yaml" else json.loads(out)
                ) == whole.document
            assert [text for text in hostile_texts(whole.document) if HOSTILE not in text] == []
            said |= {key for key, value in whole.document.items() if [*hostile_texts(value)]}
    assert said == SAID[taken.name]
