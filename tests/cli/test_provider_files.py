"""`providers check` and `providers schema`: for those who write provider files."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

FILES = Path(__file__).parent.parent / "declared" / "files"
Run = Callable[..., Any]
GOOD = """\
title: T
settings: {base_url: https://t.example}
ids: [{name: job}]
get: {path: "/{job}"}
job: {status: s, states: {running: [r], failed: [f], succeeded: [d]}, message: why}
"""


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD)
    return path


def test_the_examples_of_files_are_shown_with_what_becomes_of_them(jobctl: Run) -> None:
    done = jobctl("providers", "check", str(FILES / "paged.yaml"), str(FILES / "logged.yaml"))
    rows = [line.split() for line in done.out.splitlines()]
    assert rows[0] == ["PROVIDER", "EXAMPLE", "OF", "OUTCOME", "OK"]
    assert ["paged", "list", "ada", "3", "of", "them", "yes"] in rows
    assert ["paged", "results", "ada/8", "error:", "pending", "yes"] in rows
    assert ["logged", "logs", "one", "11", "lines", "yes"] in rows
    assert done.code == 0
    done = jobctl("providers", "check", "--json", str(FILES / "logged.yaml"))
    assert json.loads(done.out)[-1] == {
        "provider": "logged",
        "example": "id",
        "of": "four",
        "outcome": "error: unavailable",
        "ok": True,
    }


def test_a_file_without_examples_is_said_to_be_fine(jobctl: Run, good: Path) -> None:
    done = jobctl("providers", "check", str(good))
    assert (done.code, done.out) == (0, "ok, no examples\n")


def test_every_mistake_of_all_files_is_told_a_line_each(
    jobctl: Run, good: Path, tmp_path: Path
) -> None:
    bad, other = tmp_path / "bad.yaml", tmp_path / "other.yaml"
    bad.write_text(GOOD.replace("title", "titel").replace("why", "'['"))
    other.write_text(
        GOOD
        + "examples:\n"
        + "  - {id: a, answers: [{body: {s: f}}], expect: {state: running}}\n"
        + "  - {id: b, answers: [{file: none.json}]}\n"
    )
    done = jobctl("providers", "check", str(bad), str(good), str(other))
    told = done.err.splitlines()
    assert done.code == 2
    assert told[0].startswith(f"error: {bad}:1:1: ")
    assert any(line.startswith(f"{bad}:5:") for line in told)
    assert f'{other}:7:6: state is "failed", and "running" was expected' in told
    assert f"{other}:8:6: its file cannot be read: No such file or directory" in told
    assert "error: no file" in done.out
    assert jobctl("providers", "check", str(bad)).out == ""


@pytest.mark.parametrize(
    ("states", "code", "said"),
    [
        ("{}", 2, ["error: {path}: no word says that a job has ended: no wait for one would end"]),
        ("{running: [r]}", 2, ["error: {path}: no word says that a job has ended: no"]),
        ("{succeeded: [d]}", 0, ["warning: {path}: no word says that a job has failed"]),
        ("{cancelled: [c], failed: [f]}", 0, ["warning: {path}: no word says that a job has succ"]),
        ("{partial: [p], failed: [f]}", 0, []),
        ("{succeeded: [d]}, when: {failed: e}", 0, []),
        ("{queued: [q]}, when: {failed: e}", 2, ["error: {path}: no word says that a job has"]),
    ],
)  # fmt: skip
def test_whether_a_job_can_end_and_how_is_looked_at(
    states: str, code: int, said: list[str], jobctl: Run, good: Path
) -> None:
    good.write_text(re.sub("states: {[^}]*}", f"states: {states}", GOOD))
    done = jobctl("providers", "check", str(good))
    lines = done.err.splitlines()
    assert (done.code, len(lines)) == (code, len(said))
    for line, begin in zip(lines, said, strict=True):
        assert line.startswith(begin.replace("{path}", str(good)))


def test_the_name_of_a_provider_stands_for_its_file(
    jobctl: Run, good: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = jobctl("providers", "check", "ray")
    assert (done.code, done.out.splitlines()[-1].split()[0]) == (0, "ray")
    files = ("--provider-file", str(good), "providers", "check")
    assert jobctl(*files, "good").out == "ok, no examples\n"
    body = tmp_path / "body.json"
    body.write_text('{"s": "d"}')
    shown = jobctl(*files, "good", "--body", str(body), "--json").out
    assert json.loads(shown)["url"] == "https://t.example/1"
    good.write_text(GOOD.replace("settings: {base_url: https://t.example}", ""))
    assert json.loads(jobctl(*files, "good", "--body", str(body), "--json").out)["url"] is None
    for name, said in (
        ("modzy", "no file declares modzy: it is built-in\nhint: `jobctl providers show modzy`"),
        ("rey", "no such file, and no provider of that name\nhint: did you mean ray?"),
        ("zzzzzz", "hint: write a file's path such as acme.yaml, or a provider's name"),
        ("rey.yaml", "error: rey.yaml: there is no such file"),
    ):
        done = jobctl("providers", "check", name)
        assert (done.code, said in done.err) == (2, True)


def test_the_job_that_a_body_makes_is_shown(jobctl: Run, good: Path, tmp_path: Path) -> None:
    body = tmp_path / "body.json"
    body.write_text('{"s": "f", "why": "it broke"}')
    done = jobctl("providers", "check", str(good), "--body", str(body), "--json")
    assert json.loads(done.out)["message"] == "it broke"
    done = jobctl("providers", "check", str(good), "--body", str(body))
    assert "it broke" in done.out
    done = jobctl("providers", "check", str(good), "--body", str(body), "--status", "404")
    assert done.code == 5
    done = jobctl("providers", "check", str(good), "--body", str(tmp_path / "none.json"))
    assert done.code == 2
    done = jobctl("providers", "check", str(good), str(good), "--body", str(body))
    assert done.code == 2


def test_the_schema_is_one_and_fits_the_files(jobctl: Run) -> None:
    schema = json.loads(jobctl("providers", "schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for path in FILES.glob("*.yaml"):
        assert list(validator.iter_errors(yaml.safe_load(path.read_text()))) == []
    wrong = yaml.safe_load(GOOD.replace("title", "titel").replace("path:", "paht:"))
    assert len(list(validator.iter_errors(wrong))) >= 2
    assert "x-" not in json.dumps(list(schema["properties"]["job"]["properties"].values()))


def test_providers_are_listed_with_what_they_can_do_and_where_they_are_from(
    jobctl: Run, good: Path, tmp_path: Path
) -> None:
    bad, same = tmp_path / "bad.yaml", tmp_path / "other" / "good.yaml"
    bad.write_text(GOOD.replace("title", "titel").replace("why", "'['"))
    same.parent.mkdir()
    same.write_text(GOOD)
    files = [word for path in (good, bad, same) for word in ("--provider-file", str(path))]
    done = jobctl(*files, "providers", "--json")
    rows = {row["provider"]: row for row in json.loads(done.out)}
    assert rows["good"] == {
        "provider": "good", "can": ["get"], "origin": str(good), "service": "T",
    }  # fmt: skip
    assert rows["modzy"]["can"] == ["get", "list", "results"]
    assert rows["modzy"]["origin"] == "built-in"
    assert rows["ray"]["origin"] == "catalogue"
    assert rows["ray"]["can"] == ["get", "list", "logs"]
    warnings = done.err.splitlines()
    assert warnings[0].startswith(f"warning: bad cannot be used: {bad}:1:1: ")
    assert warnings[0].endswith("(and 2 more; see `jobctl providers check`)")
    assert warnings[1] == f"warning: good of {same} does not count: {good} does"
    assert "get list results" in jobctl(*files, "providers").out
    page = jobctl(*files, "providers", "show", "good").out
    assert f"From: {good}" in page
    assert "Answers: get" in page
    assert "Service life" not in page
