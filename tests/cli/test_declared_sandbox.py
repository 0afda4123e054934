"""Files with examples are played by the sandbox, like the services that come along."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from declaring import declared, provider_file

from jobctl.sandbox import Lives
from jobctl.sandbox.server import serving

FILES = Path(__file__).parent.parent / "declared" / "files"
RAY, PAGED, ASKED = (str(FILES / f"{name}.yaml") for name in ("ray", "paged", "questions"))
Run = Callable[..., Any]


def test_a_job_of_a_file_is_waited_for_beside_one_that_comes_along(jobctl: Run) -> None:
    files = ("--provider-file", RAY, "--provider-file", ASKED)
    jobs = ("ray/raysubmit_run", "questions/a", "cognite/127")
    done = jobctl(*files, "wait", *jobs, "-p", "sandbox", "--json")
    states = {job["ref"]: job["state"] for job in json.loads(done.out)}
    assert states == {
        "ray/raysubmit_run": "succeeded",
        "questions/a": "partial",
        "cognite/127": "succeeded",
    }
    assert done.code == 12


def test_its_lists_results_and_errors_are_played_too(jobctl: Run) -> None:
    done = jobctl("list", "ray", "-p", "sandbox", "-o", "ids", "--provider-file", RAY)
    assert done.out.split() == ["ray/a", "ray/02"]
    done = jobctl("results", "paged", "ada/7", "-p", "sandbox", "--json", "--provider-file", PAGED)
    assert len(json.loads(done.out)) == 15
    done = jobctl("get", "ray", "raysubmit_gone", "-p", "sandbox", "--provider-file", RAY)
    assert done.code == 5
    done = jobctl("get", "ray", "nobody", "-p", "sandbox", "--provider-file", RAY)
    assert done.code == 5


def test_a_hint_names_the_file_that_the_command_line_named(jobctl: Run, tmp_path: Path) -> None:
    file = tmp_path / "it's" / "acme.yaml"
    file.parent.mkdir()
    file.write_text("""
title: Acme
settings: {base_url: https://acme.example, key: {secret: true}}
auth: {headers: {X-Key: "{key}"}}
ids: [{name: job}]
get: {path: "/{job}"}
job: {status: state, states: {}}
""")
    ran = jobctl("get", "acme/7", "--provider-file", str(file))
    [login] = re.findall("`(jobctl auth login .*)` asks for it", ran.err)
    assert shlex.split(login)[3:] == ["acme", "--provider-file", str(file)]
    assert jobctl("providers", "show", "acme", "--provider-file", str(file)).out.startswith(
        "Acme\n"
    )


def test_a_recording_of_such_a_job_can_be_replayed(jobctl: Run, tmp_path: Path) -> None:
    file = str(tmp_path / "case.jsonl")
    words = ("get", "ray", "raysubmit_run", "--wait", "--json", "--provider-file", RAY)
    done = jobctl(*words, "-p", "sandbox", "--record", file)
    again = jobctl(*words, "--replay", file, "--speed", "100x")
    assert json.loads(again.out)["state"] == json.loads(done.out)["state"] == "succeeded"


def test_its_ids_complete(offered: Any) -> None:
    line = f"jobctl --provider-file {RAY}"
    assert list(offered(f"{line} get ray raysubmit_r").words) == ["raysubmit_run"]
    assert list(offered(f"{line} wait ray/raysubmit_r").words) == ["ray/raysubmit_run"]
    line = f"jobctl --provider-file {PAGED}"
    assert list(offered(f"{line} results paged ada/").words) == ["ada/7", "ada/10"]


def test_other_hosts_are_played_as_well() -> None:
    cls = declared("""
    get:
      path: "/{job}"
      also: {more: {base_url: "https://other.example/x", path: "/m/{job}", query: {a: "1"}}}
    job: {status: state, states: {succeeded: [s]}, message: more.text}
    results: {url: where, records: "@", follow: true}
    examples:
      - id: "7"
        answers: [{body: {state: s}}, {body: {text: hello}}]
        expect: {state: succeeded, message: hello}
      - results: "8"
        answers:
          - body: {state: s, where: "https://cdn.example/r/8?sig=1"}
          - body: {text: x}
          - {status: 302, headers: {Location: "https://third.example/z"}}
          - body: [1, 2, 3]
        expect: {count: 3}
    """)
    player = cls.player()
    shown = [(one.id, one.plays) for one in player.SCENARIOS]
    assert shown == [("7", "2 answers, at last succeeded"), ("8", "its results")]
    with serving(lives=Lives()) as (root, players), httpx.Client() as client:
        players["t"] = player
        assert client.get(f"{root}/t/x/m/7?a=1").json() == {"text": "hello"}
        assert client.get(f"{root}/z").json() == [1, 2, 3]
        assert client.get(f"{root}/t/nowhere").status_code == 404
        assert client.get(f"{root}/nowhere").status_code == 404


def test_results_on_another_host_are_had_in_the_sandbox(jobctl: Run, tmp_path: Path) -> None:
    text = """
settings: {base_url: https://t.example, key: {secret: true}}
auth: {bearer: key}
results: {url: where, records: "@"}
examples:
  - results: "8"
    answers: [{body: {state: s, where: "https://cdn.example/r/8?sig=1"}}, {body: [1, 2, 3]}]
    expect: {count: 3}
"""
    path = provider_file(tmp_path, text, "away")
    done = jobctl("results", "away", "8", "-p", "sandbox", "--json", "--provider-file", str(path))
    assert json.loads(done.out) == [1, 2, 3]
    assert done.code == 0


def test_examples_of_several_settings_are_all_played_with_those_of_the_sandbox() -> None:
    cls = declared("""
    settings: {base_url: https://t.example, version: v2}
    get:
      - {path: "/{version}/{job}"}
      - {path: "/archive/{job}"}
    job: {status: s, states: {running: [r], succeeded: [d]}}
    examples:
      - id: "7"
        answers: [{body: {s: r}}, {body: {s: d}}]
        expect: {state: succeeded}
      - id: "8"
        settings: {version: v1}
        answers: [{status: 404, body: {}}, {body: {s: d}}]
        expect: {state: succeeded}
      - id: "9"
        answers: [{status: 404, body: {}}]
        expect: {error: not-found}
    """)
    player = cls.player()
    assert player.settings("http://127.0.0.1:1")["version"] == "v1"

    def said(path: str) -> int:
        request = httpx.Request("GET", f"http://127.0.0.1{path}")
        return player.answer(request, path, Lives()).status_code

    assert [said(path) for path in ("/v1/7", "/v1/8", "/archive/8", "/v1/9", "/archive/9")] == [
        200, 404, 200, 404, 404,
    ]  # fmt: skip
    assert said("/v2/7") == 404


PLUG_IN = """\
from jobctl.provider import IdPart, Provider
from jobctl.accounts import Account
from jobctl.config import Setting

class Bare(Provider):
    title, docs, summary, example = "Bare", "", "", "1"
    account, ids, paths, states = Account("bare"), (IdPart("job", "a", "."),), ("/{job}",), {}
    settings = (Setting("base_url", "where the API lies", default="https://bare.example"),)
"""


def test_a_class_that_brings_nothing_to_play_it_is_told_of(
    jobctl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "bare-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: bare\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[jobctl.providers]\nbare = plug_bare:Bare\n")
    (tmp_path / "plug_bare.py").write_text(PLUG_IN)
    monkeypatch.syspath_prepend(str(tmp_path))
    done = jobctl("get", "bare", "1", "-p", "sandbox")
    assert done.code == 2
    assert "the sandbox does not play bare" in done.err
