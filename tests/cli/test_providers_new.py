"""`providers new`: from a sample to a provider file that works."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobctl.commands import Terminal, drafting

Run = Callable[..., Any]
BODY = {"id": "a-7", "status": "running", "created": "2024-05-01T10:00:00Z"}


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text("\ufeff" + json.dumps(BODY))
    return path


@pytest.fixture
def new(jobctl: Run, body: Path, tmp_path: Path) -> Run:
    """`providers new` with everything told, but for what is told otherwise; "" is not told."""

    def run(*words: str, **told: str) -> Any:
        usual = {
            "body": str(body),
            "id": "a-7",
            "base-url": "https://t.example",
            "path": "/v1/jobs/a-7",
            "to": str(tmp_path / "acme.yaml"),
        }
        named = {key.replace("_", "-"): value for key, value in told.items()}
        options = [word for key, value in (usual | named).items() if value
                   for word in (f"--{key}", value)]  # fmt: skip
        return jobctl("providers", "new", "--no-input", *options, *words)

    return run


def test_a_file_is_written_and_shown_with_the_job_that_the_sample_makes(
    new: Run, jobctl: Run, tmp_path: Path
) -> None:
    done = new(words="running, completed failed", auth="bearer")
    path = tmp_path / "acme.yaml"
    assert done.code == 0
    assert done.err == f"note: {path} was written\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert "acme/a-7" in done.out
    assert "https://t.example/v1/jobs/a-7" in done.out
    assert "completed" in path.read_text()
    files = ("--provider-file", str(path))
    assert jobctl("providers", "check", str(path)).code == 0
    got = jobctl(*files, "get", "acme", "a-7", "--profile", "sandbox", "-o", "json")
    assert got.document["state"] == "running"


def test_a_url_is_asked_once_and_tells_where_the_service_is(
    new: Run, served: Any, tmp_path: Path
) -> None:
    asked = []

    def answer(request: Any) -> Any:
        asked.append(request)
        page = {"Link": '</v1/jobs?page=2>; rel="next"'}
        return (200, [BODY], page) if request.path == "/v1/jobs" else (200, BODY)

    with served(answer) as url:
        told = {"base_url": "", "path": "", "list": f"{url}/v1/jobs"}
        done = new(body=f"{url}/v1/jobs/a-7?api_key=hunter2hunter2", **told)
    text = (tmp_path / "acme.yaml").read_text()
    assert done.code == 0
    assert [one.path for one in asked] == ["/v1/jobs/a-7?api_key=hunter2hunter2", "/v1/jobs"]
    assert not any("authorization" in map(str.lower, one.headers) for one in asked)
    assert f'base_url: "{url}"' in text
    assert 'get: {path: "/v1/jobs/{job}"}' in text
    assert "paging: {link: next}" in text
    assert "hunter2" not in text + done.err
    assert "the parameter api_key may let somebody in: it was left out" in done.err


def test_a_base_url_with_a_path_takes_its_part_of_the_address(
    new: Run, served: Any, tmp_path: Path
) -> None:
    with served(lambda _: (200, BODY)) as url:
        new(body=f"{url}/v1/jobs/a-7", base_url=f"{url}/v1/", path="")
    assert 'get: {path: "/jobs/{job}"}' in (tmp_path / "acme.yaml").read_text()


def test_a_url_that_gives_no_sample_is_told(new: Run, served: Any) -> None:
    with served(lambda _: (401, {})) as url:
        done = new(body=f"{url}/v1/jobs/a-7")
    assert done.code == 2
    assert "answers 401: this is no sample" in done.err
    with served(lambda _: (200, b"<html>")) as url:
        assert new(body=url).code == 6
    assert new(body="http://t.example/v1").code == 2
    assert new(body="https://[t/v1").code == 2


def test_what_is_lacking_is_named_where_nothing_is_asked(new: Run) -> None:
    for option in ("body", "id", "base-url", "path"):
        done = new(**{option.replace("-", "_"): ""})
        assert done.code == 2
        assert f"--{option} is lacking" in done.err
    done = new(to="", base_url="https://127.0.0.1")
    assert done.code == 2
    assert "NAME is lacking" in done.err


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"body": "/nowhere.json"}, "cannot be read"),
        ({"body": __file__}, "holds no JSON"),
        ({"to": "Acme!.yaml"}, "cannot be the name of a provider"),
        ({"to": "acme.yml"}, "the file is called acme.yaml"),
        ({"to": "cognite.yaml"}, "is built in and cannot be replaced"),
        ({"auth": "magic"}, "is no way to sign in"),
        ({"auth": "bearer:x"}, "is no way to sign in"),
        ({"words": " , "}, "--words holds no word"),
        ({"base_url": "nowhere"}, "--base-url is not a URL"),
        ({"to": "/dev/null/acme.yaml"}, "cannot be written"),
        ({"path": "/v1/../a-7"}, "is no path"),
    ],
)
def test_what_cannot_be_is_told_in_words(new: Run, told: dict[str, str], why: str) -> None:
    done = new(**told)
    assert done.code == 2
    assert why in done.err
    assert "Traceback" not in done.err


def test_a_file_that_is_there_is_overwritten_only_where_somebody_says_so(
    new: Run, tmp_path: Path
) -> None:
    path = tmp_path / "acme.yaml"
    path.write_text("mine")
    done = new()
    assert (done.code, path.read_text()) == (2, "mine")
    assert f"{path} is there already" in done.err
    assert f"{path} was overwritten" in new("--overwrite").err
    assert path.read_text() != "mine"


def test_what_no_word_says_is_told(new: Run, tmp_path: Path) -> None:
    assert new().err.splitlines()[1:] == [
        "warning: no word says that a job has succeeded: --words tells words, or write it in the"
        " file",
        "warning: no word says that a job has failed: --words tells words, or write it in the file",
    ]


def test_a_person_is_asked_again_for_what_cannot_be(body: Path, tmp_path: Path) -> None:
    class Typed(io.StringIO):
        def isatty(self) -> bool:
            return True

    answers = [
        "/nowhere.json", str(body), "a-7", "nowhere", "https://api.acme.example", "/v1/jobs",
        "/v1/jobs/a-7", "Acme!", "acme", "running,done,failed", "magic", "bearer", "/nowhere.json",
        "",
    ]  # fmt: skip
    environ = {"JOBCTL_CONFIG": str(tmp_path / "config.yaml")}
    terminal = Terminal(io.StringIO(), io.StringIO(), Typed("\n".join(answers) + "\n"), environ)
    drafting.new(drafting.Told(), terminal)
    assert (tmp_path / "providers" / "acme.yaml").exists()
    assert isinstance(terminal.err, io.StringIO)
    assert terminal.err.getvalue().count("cannot be read") == 2


def test_what_no_option_tells_is_asked_for(
    jobctl: Run, body: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_CONFIG", str(tmp_path / "config.yaml"))
    page = tmp_path / "page.json"
    page.write_text(json.dumps({"jobs": [BODY]}))
    answers = [
        str(body), "a-7", "https://api.acme.example", "/v1/jobs/a-7", "", "running, done", "bearer",
        str(page), "",
    ]  # fmt: skip
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(answers) + "\n"))
    done = jobctl("providers", "new")
    path = tmp_path / "providers" / "acme.yaml"
    assert done.code == 0
    assert "The provider's name [acme]: " in done.err
    assert "The path of the list [/v1/jobs]: " in done.err
    assert "records: jobs" in path.read_text()
    assert jobctl("providers", "show", "acme").code == 0
    for word, code, text in (("n", 2, "is there already"), ("yes", 0, "was overwritten")):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join([*answers, word]) + "\n"))
        done = jobctl("providers", "new")
        assert done.code == code
        assert text in done.err
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    done = jobctl("providers", "new")
    assert done.code == 2
    assert "--body is lacking" in done.err


def test_the_path_of_a_list_may_name_parts_of_the_id(new: Run, body: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.json"
    page.write_text(json.dumps([BODY]))
    told = {"id": "ada/a-7", "path": "/v1/{owner}/jobs/{job}", "list": str(page)}
    done = new(list_path="/v1/{owner}/jobs", **told)
    assert done.code == 0
    assert '  path: "/v1/{owner}/jobs"\n' in (tmp_path / "acme.yaml").read_text()
    done = new("--overwrite", path="/v1/{owner}/{job}/status", id="ada/a-7", list=str(page))
    assert done.code == 2
    assert "--list-path is lacking" in done.err
