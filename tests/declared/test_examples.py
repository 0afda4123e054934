"""Each file of `files` is played: its examples come out as it says."""

import json
from pathlib import Path
from typing import Any

import pytest

from jobctl.declared import examples
from jobctl.declared.load import provider_of, spec_of

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_example_comes_out_as_its_file_says(path: Path) -> None:
    assert mistakes(path) == []


def mistakes(path: Path) -> list[str]:
    spec = spec_of(path)
    found = examples.outcomes(provider_of(spec), spec)
    return [text.partition(": ")[2] for one in found for text in one.mistakes]


HEAD = """\
title: T
settings: {base_url: https://t.example}
ids: [{name: job}]
get: {path: "/{job}"}
job: {status: s, states: {running: [r], failed: [f]}}
list: {path: /, records: "@", ids: {job: i}}
logs: {path: "/{job}/l", before_end: true}
examples:
"""


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ("{id: a, answers: [{body: {s: r}}], expect: {state: failed}}",
         'state is "running", and "failed" was expected'),
        ("{id: a, answers: [{body: {s: r}}], expect: {error: auth}}",
         "it is no error, and 'auth' was expected"),
        ("{id: a, answers: [{status: 401}], expect: {state: failed}}",
         "it is an error (auth): T answered 401"),
        ("{id: a, answers: [{status: 401}], expect: {error: not-found}}",
         "it is an error (auth): T answered 401"),
        ("{id: a, answers: [{file: none.json}], expect: {}}",
         "its file cannot be read: No such file or directory"),
        ("{id: a, answers: [{body: {s: r}}], expect: {progress: {percent: 1}}}",
         "progress.percent is null, and 1 was expected"),
        ('{list: "", answers: [{body: [{i: 1}]}], expect: {count: 2, first: {id: "2"}}}',
         'there are 1, and 2 were expected\nfirst.id is "1", and "2" was expected'),
        ('{list: "", answers: [{body: []}], expect: {first: {id: "2"}}}',
         'first.id is null, and "2" was expected'),
        ("{logs: a, answers: [{body: x}], expect: y}", "the text is 'x'"),
        ("{logs: a, answers: [], expect: y}",
         "it is an error (unavailable): the example has 0 answers, more are asked for"),
        ("{id: a, answers: [{body: {s: r}}], expect: {failures: [1]}}",
         "failures is [], and [1] was expected"),
    ],
)  # fmt: skip
def test_what_comes_otherwise_is_a_mistake_of_the_file(
    example: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(f"{HEAD}  - {example}\n")
    assert mistakes(path) == told.split("\n")


def test_a_body_may_lie_in_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps({"s": "r"}))
    path = tmp_path / "t.yaml"
    path.write_text(
        f"{HEAD}  - {{id: a, answers: [{{file: a.json}}], expect: {{state: running}}}}\n"
    )
    assert mistakes(path) == []


@pytest.mark.parametrize(
    ("records", "example"),
    [
        ("@", "{id: a, answers: [{headers: {Content-Encoding: gzip}, body: {s: r}}], expect: {}}"),
        ("@", '{id: a, answers: [{headers: {X: "\u00fc"}, body: {s: r}}], expect: {}}'),
        ("@", f"""{{results: a, answers: [{{body: '[{"9" * 5000}]'}}], expect: {{count: 1}}}}"""),
        (
            "[].to_number(x)",
            """{results: a, answers: [{body: '[{"x": "1e999"}]'}], expect: {count: 1}}""",
        ),
    ],
    ids=["packed", "beyond ASCII", "5000 digits", "infinite"],
)
def test_an_example_may_hold_whatever_services_say(
    records: str, example: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.yaml"
    results = f"""results: {{path: "/{{job}}/r", records: "{records}", before_end: true}}\n"""
    path.write_text(f"{results}{HEAD}  - {example}\n")
    assert mistakes(path) == []


def test_times_are_the_same_in_any_spelling_and_numbers_whatever_their_type(tmp_path: Path) -> None:
    head = HEAD.replace("states:", "updated_at: u, progress: {percent: p}, states:")
    path = tmp_path / "t.yaml"
    expect: dict[str, Any] = {
        "updated_at": "2024-05-01T12:00:00+02:00",
        "progress": {"percent": 5.0},
    }
    body = {"s": "r", "u": "2024-05-01T10:00:00Z", "p": 5}
    told = json.dumps({"id": "a", "answers": [{"body": body}], "expect": expect})
    path.write_text(f"{head}  - {told}\n")
    assert mistakes(path) == []
