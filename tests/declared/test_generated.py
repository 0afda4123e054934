"""Whatever a file holds is a provider or a list of mistakes; whatever a body holds is a job or an
error, and succeeded only where the file says so."""

import copy
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import jmespath
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobctl.declared.examples import provider_for
from jobctl.declared.load import provider_of, spec_of
from jobctl.errors import JobctlError, MistakesError
from jobctl.models import Job, JobRef, JobState, Query

FILE: dict[str, Any] = {
    "title": "T",
    "settings": {
        "base_url": "https://{region}.t.example",
        "region": {"default": "eu", "choices": ["eu", "us"]},
        "token": {"secret": True, "optional": True, "env": ["T_TOKEN"]},
        "size": {"type": "integer", "default": "2"},
    },
    "auth": [{"bearer": "token"}, {"headers": {"X-Key": "{token}"}}],
    "headers": {"X-Region": "{region}"},
    "ids": [{"name": "owner", "pattern": "[a-z]+"}, {"name": "job", "type": "integer"}],
    "pages": ["https://t.example/{owner}/{job}"],
    "get": [
        {
            "path": "/{owner}/{job}",
            "at": "data",
            "also": {"more": {"path": "/m", "with": {"x": "a"}}},
        },
        {"path": "/old/{owner}/{job}", "body": {"n": "{size}", "job": "{job}"}},
    ],
    "job": {
        "status": "[status, kind]",
        "states": {"running": ["r", "w"], "succeeded": ["s", "d"], "failed": ["f"]},
        "when": {"failed": "error", "partial": "counts.failed"},
        "name": ["name", "data.name"],
        "message": "error.message",
        "created_at": "created",
        "ended_at": {"at": "ended", "unit": "ms"},
        "progress": {"percent": {"at": "share", "of": 1}, "failed": "counts.failed"},
        "failures": {"at": "items[?bad]", "id": "id"},
        "detail": {"a": "a", "s": "split(name, '-')"},
        "warnings": [{"when": "a", "text": "a is there"}],
    },
    "list": {
        "path": "/{owner}",
        "records": "data || @",
        "ids": {"job": "id"},
        "paging": {"cursor": "after", "at": "next", "size": "size", "largest": 5},
        "filters": {"state": {"running": {"s": "r"}}, "since": {"since": "{rfc3339}"}},
    },
    "results": [
        {"path": "/{owner}/{job}/r", "records": "rows", "fields": "names", "total": "total"}
    ],
    "logs": {"path": "/{owner}/{job}/l", "text": "lines", "order": "newest", "before_end": True},
    "errors": [{"status": 409, "is": "pending"}, {"when": "broken", "is": "unavailable"}],
    "error": {"message": "why", "code": "code"},
    "pace": {"first": "2s", "longest": "60s"},
}
HOSTILE = st.sampled_from(
    ["{0.__class__}", "{{7*7}}", "{token!r}", "{token:>9999999}", "{token}", "{+owner}", "{", "}",
     "file:///etc/passwd", "http://other.example", "../{owner}", "/a/../b", "[", "a[", "@", "*",
     "[@,@][]" * 30, "items[].items[].items[]", "join('', [name, name])", "(a+)+$", "\x00", "é",
     "*x", "&x", "!!python/name:os.system", "1e400", "NO", "", " r ", "a || b", "`true`", "%s"]
)  # fmt: skip
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 600) | st.floats(allow_nan=False) | HOSTILE
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from(["path", "at", "name", "unit", "x"]), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
WORDS = st.sampled_from(["r", "s", "S ", "d", "f", "*", "w", "+", "s+r", "", "true", "x"])
BODY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**13) | st.floats(allow_nan=False,
    allow_infinity=False) | WORDS | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["status", "kind", "data", "id", "name", "error", "counts", "failed",
                         "created", "ended", "share", "items", "bad", "a", "rows", "names",
                         "lines", "next", "total", "broken", "message", "more"]),
        inner | WORDS, max_size=6),
    max_leaves=20,
)  # fmt: skip
ROW = st.fixed_dictionaries(
    {"status": WORDS, "kind": WORDS, "id": st.integers(0, 9)},
    optional=dict.fromkeys(("name", "error", "counts", "created", "a", "more"), BODY),
)
LIKELY = st.one_of(ROW, st.fixed_dictionaries({"data": ROW}), st.fixed_dictionaries(
    {"data": st.lists(ROW, max_size=2)}, optional={"next": st.none() | WORDS}))  # fmt: skip
REF = JobRef("t", ("ada", "7"))


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where everything stands in a file."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(found for key, one in inner for found in paths(one, (*path, key)))]


PATHS = paths(FILE)[1:]
CHANGE = st.tuples(st.sampled_from(PATHS), st.sampled_from(["put", "drop", "add"]), VALUE)


def changed(changes: Sequence[tuple[tuple[Any, ...], str, Any]]) -> dict[str, Any]:
    """The file, with something put, dropped or added in some places."""
    file = copy.deepcopy(FILE)
    for path, how, value in changes:
        place: Any = file
        try:
            for key in path[:-1]:
                place = place[key]
            if how == "put":
                place[path[-1]] = value
            elif how == "drop":
                del place[path[-1]]
            else:
                place[path[-1]][str(value)[:9]] = value
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took it away
    return file


def written(told: Any) -> str:
    """A file, as JSON: that is YAML, too."""
    return json.dumps(told, ensure_ascii=False)


def look_at(number: int, folder: Path) -> dict[str, int]:
    """Files and bodies are generated, looked at and counted."""
    seen = {"mistakes": 0, "jobs": 0, "errors": 0, "succeeded": 0}
    path = folder / "t.yaml"

    @settings(max_examples=number, suppress_health_check=list(HealthCheck), deadline=None)
    @given(
        st.lists(CHANGE, max_size=3).map(changed),
        st.lists(LIKELY | BODY, min_size=1, max_size=3),
        st.sampled_from([200, 200, 200, 200, 404, 409, 500]),
    )
    def check(file: dict[str, Any], bodies: list[Any], status: int) -> None:
        path.write_text(written(file), encoding="utf-8", errors="surrogatepass")
        try:
            spec = spec_of(path)
        except MistakesError as error:
            seen["mistakes"] += 1
            for line in error.message.splitlines():
                assert re.match(rf"{re.escape(str(path))}:\d+:\d+: \S", line)
            return
        left = list(bodies)

        def answer(_request: httpx.Request) -> httpx.Response:
            body = left.pop(0) if len(left) > 1 else left[0]
            return httpx.Response(status, content=json.dumps(body))

        cls = provider_of(spec)
        try:
            one = provider_for(cls, spec, {}, httpx.MockTransport(answer))
            ref = cls.check(REF)
            within = cls.placed("ada") if cls.listing and cls.listing.within[1] else ()
        except JobctlError:
            seen["errors"] += 1
            return
        asks: tuple[Callable[[], Sequence[Any]], ...] = (
            lambda: one.list(Query(within=within)).items,
            lambda: one.results(ref).items,
            lambda: one.logs(ref).items,
            lambda: [one.get(ref)],
        )
        for ask in asks:
            left[:] = bodies
            try:
                found = ask()
            except JobctlError:
                seen["errors"] += 1
                continue
            for job in (one for one in found if isinstance(one, Job)):
                seen["jobs"] += 1
                json.dumps(job.document())
                if job.state is JobState.SUCCEEDED:
                    seen["succeeded"] += 1
                    assert any(says_succeeded(file["job"], body) for body in everything(bodies))

    check()
    return seen


def everything(value: Any) -> list[Any]:
    """A value and all that it holds."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [value, *(found for one in inner for found in everything(one))]


def says_succeeded(job: Mapping[str, Any], body: Any) -> bool:
    """A second opinion: whether the words that a body has are all of success, or none is known."""
    try:
        found = jmespath.search(job["status"], body)
    except (ValueError, TypeError, AttributeError):
        return False
    parts = [one for one in found if one] if isinstance(found, list) else [found]
    texts = [
        json.dumps(one) if not isinstance(one, str) else one for one in parts if one is not None
    ]
    said = "+".join(texts)
    words = {said, *said.split("+")}
    good = job["states"].get("succeeded", [])
    good = good if isinstance(good, list) else [good]
    return bool({str(one).strip().casefold() for one in words}
                & {_text(one).strip().casefold() for one in good})  # fmt: skip


def _text(word: Any) -> str:
    return word if isinstance(word, str) else yaml.safe_dump(word).split("\n")[0]


@pytest.mark.hypothesis
def test_many_files_and_bodies_are_read_or_told(tmp_path: Path) -> None:
    seen = look_at(60, tmp_path)
    assert seen["mistakes"]
    assert seen["jobs"]


@pytest.mark.slow
def test_so_are_a_thousand(tmp_path: Path) -> None:
    seen = look_at(1_000, tmp_path)
    assert seen["succeeded"]


@pytest.mark.parametrize(
    "text",
    ["{0.__class__}", "{token!r}", "{token:>9999999}", "{token}", "{token.x}", "{}", "{job[0]}"],
)
def test_a_hostile_template_is_refused(tmp_path: Path, text: str) -> None:
    file = copy.deepcopy(FILE)
    file["get"][0]["path"] = f"/{{owner}}/{{job}}/{text}"
    path = tmp_path / "t.yaml"
    path.write_text(written(file))
    with pytest.raises(MistakesError, match=r"is no path|is a secret"):
        spec_of(path)


def test_a_template_that_others_would_run_is_a_text(tmp_path: Path) -> None:
    file = copy.deepcopy(FILE)
    file["get"] = {
        "path": "/{owner}/{job}",
        "query": {"a": "{{7*7}}", "b": "${{jndi:x}}", "c": "%s"},
    }
    path = tmp_path / "t.yaml"
    path.write_text(written(file))
    spec, seen = spec_of(path), []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(dict(request.url.params))
        return httpx.Response(200, json={"status": "r"})

    one = provider_for(provider_of(spec), spec, {}, httpx.MockTransport(answer))
    assert one.get(REF).state is JobState.RUNNING
    assert seen == [{"a": "{7*7}", "b": "${jndi:x}", "c": "%s"}]
