"""`--record` and `--replay`: any command again, without the service, as it was."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from jobctl import sandbox
from jobctl.cli.showing import _without_commands
from jobctl.clock import Clock
from jobctl.config import variable
from jobctl.http.replay import read
from jobctl.sandbox.server import serving

ENDED = {"status": "Completed", "startTime": 1730204347000, "statusTime": 1730204366000}
OFTEN = ("--interval", "0.02", "--outage", "0.05")
JOBS = [(name, one.id) for name in sandbox.services() for one in sandbox.service(name).SCENARIOS]
JOBS += [("cognite", one.id) for one in sandbox.service("cognite").ERRORS]
Turns = Callable[[], None]


@pytest.fixture
def file(tmp_path: Path) -> str:
    return str(tmp_path / "case.jsonl")


@pytest.fixture
def end_of_the_services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Turns]:
    """The sandbox's services, a hundred times as fast, and what ends them with all settings."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as settings:
        root = stack.enter_context(serving(lives=sandbox.Lives(Clock(100)))).root
        for name in sandbox.services():
            for setting, value in sandbox.service(name).settings(f"{root}/{name}").items():
                settings.setenv(variable(name, setting), value)

        def end() -> None:
            settings.undo()
            stack.close()

        yield end


def errors(ran: Any) -> list[Any]:
    return [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("name", "job"),
    [
        pytest.param(
            *one, marks=pytest.mark.slow if at % 4 else (), id="-".join(one).replace("/", "-")
        )
        for at, one in enumerate(JOBS)
    ],
)
def test_a_wait_on_any_job_of_the_sandbox_plays_again_as_it_was(
    name: str, job: str, file: str, end_of_the_services: Turns, jobctl: Any
) -> None:
    words = ("get", name, job, "--wait", "--json", *OFTEN)
    ran = jobctl(*words, "--record", file)
    end_of_the_services()
    again = jobctl("--replay", file, *words)
    assert again.code == ran.code
    assert again.document == ran.document
    assert errors(again) == errors(ran)


def test_jobs_of_several_services_play_again(
    file: str, end_of_the_services: Turns, jobctl: Any
) -> None:
    jobs = [f"{name}/{sandbox.service(name).SCENARIOS[0].id}" for name in sandbox.services()]
    ran = jobctl("wait", *jobs, "--json", *OFTEN, "--record", file)
    end_of_the_services()
    again = jobctl("wait", *jobs, "--json", *OFTEN, "--replay", file)
    assert (again.code, again.document) == (ran.code, ran.document)
    assert jobctl("wait", jobs[0], "-o", "ids", "--quiet", "--replay", file).out == f"{jobs[0]}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["results", "modelarts", "kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA", "--page-size", "10"],
        ["results", "cognite", "124", "-o", "ndjson"],
        ["list", "modzy", "--since", "2h"],
        ["list", "vas", "video-analyze", "--since", "2h", "-o", "ids"],
    ],
    ids=" ".join,
)
def test_results_and_lists_play_again(
    words: list[str], file: str, end_of_the_services: Turns, jobctl: Any
) -> None:
    # what has results has ended
    jobctl("wait", "modelarts/kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA", "cognite/124", *OFTEN)
    ran = jobctl(*words, "--record", file)
    end_of_the_services()
    again = jobctl("--replay", file, *words)
    assert ran.code == 0
    assert again == ran


def test_a_replay_needs_no_profile_and_remembers_nothing(
    file: str, end_of_the_services: Turns, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobctl("get", "cognite", "125", "--record", file)
    end_of_the_services()
    monkeypatch.setenv("JOBCTL_CONFIG", "/nowhere")
    for words in (["cognite", "125"], ["cognite", "@1"], ["cognite", "125", "-p", "sandbox"]):
        assert jobctl("--replay", file, "get", *words).code == 0
    assert len(jobctl("history", "-o", "ids").out.split()) == 1


SIGN_IN = {
    "PROJECT": "p",
    "TOKEN_URL": "{url}/token",
    "IDENTITY": "other",
    "CLIENT_ID": "app",
    "CLIENT_SECRET": "planted-client-secret",
    "BASE_URL": "{url}",
}


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([(401, {"error": "invalid_client", "error_description": "planted-client-secret"})], 4),
        ([(503, {})], 6),
        ([(200, {"access_token": "planted-token", "expires_in": 3600})], 0),
    ],
)
def test_what_came_of_signing_in_plays_again_without_it(
    answers: list[Any],
    code: int,
    file: str,
    served: Any,
    jobctl: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[Any] = [(401, {})]

    def answer(asked: Any) -> Any:
        if asked.method == "POST":
            return answers[0]
        # the first token is refused, as one that was withdrawn
        return refused.pop() if refused else (200, ENDED)

    words = ("get", "cognite", "1", "--wait", "--json", *OFTEN)
    with served(answer) as url, pytest.MonkeyPatch.context() as settings:
        for name, value in SIGN_IN.items():
            settings.setenv(f"JOBCTL_COGNITE_{name}", value.replace("{url}", url))
        ran = jobctl(*words, "--record", file)
    assert ran.code == code
    assert "planted" not in Path(file).read_text()
    assert f"POST {url}/token {answers[0][0]}" in Path(file).read_text()
    again = jobctl("--replay", file, *words)
    assert (again.code, again.document) == (ran.code, ran.document)


def test_the_users_own_states_play_again(
    service: Any, account: Any, file: str, jobctl: Any, tmp_path: Path
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("profiles: {default: {cognite: {states: {PAUSED: cancelled}}}}")
    service.answers = {"1": [(200, {"status": "Paused"})]}
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("JOBCTL_CONFIG", str(config))
        assert jobctl("wait", "cognite/1", "--record", file).code == 11
    assert jobctl("wait", "cognite/1", "--replay", file).code == 11


def written(file: str, *states: tuple[float, str]) -> None:
    """A recording of a job that was in these states at these times."""
    url = "https://api.example"
    path = "/api/v1/projects/my%20project/context/vision/extract/1"
    head = [
        {"schema": "jobctl.recording/v1", "began_at": "2026-01-01T00:00:00Z"},
        {"provider": "cognite", "base_url": url, "states": {}},
    ]
    answers = [
        {"at": at, "seconds": 0.1, "method": "GET", "url": url + path, "status": 200}
        | {"headers": {}, "body": {"status": status}}
        for at, status in states
    ]
    end = [{"ended": True, "at": states[-1][0] + 60}] if states else []
    lines = [json.dumps(line) for line in (*head, *answers, *end)]
    Path(file).write_text("\n".join(lines) + "\n")


FAST = ("--speed", "50000x")


def test_three_hours_pass_as_fast_as_one_likes(file: str, jobctl: Any) -> None:
    written(file, (0, "Queued"), (3600, "Running"), (10800, "Completed"))
    # not so fast that a busy machine comes when it runs already
    ran = jobctl("--replay", file, "--speed", "20000x", "wait", "cognite/1", "-o", "ndjson")
    *changes, verdict = [json.loads(line) for line in ran.out.splitlines()]
    states = [one["state"] for one in changes if one["schema"] == "jobctl.job/v1"]
    assert (ran.code, states) == (0, ["queued", "running", "succeeded"])
    assert verdict["elapsed_seconds"] >= 10800


def test_a_timeout_is_one_of_the_time_that_was_recorded(file: str, jobctl: Any) -> None:
    written(file, (0, "Running"), (10800, "Completed"))
    ran = jobctl("wait", "cognite/1", "--timeout", "1h", "--replay", file, *FAST)
    assert ran.code == 124


def test_a_wait_for_what_was_never_recorded_ends_and_says_so(file: str, jobctl: Any) -> None:
    written(file, (0, "Running"))
    ran = jobctl("wait", "cognite/1", "--replay", file, *FAST)
    assert ran.code == 6
    assert "cognite/1: the recording ends after 60 s" in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["get", "cognite", "2"], "no answer to GET https://api.example/api/v1/projects/my%20proj"),
        (["get", "modzy", "a"], "the recording has nothing of modzy"),
    ],
)
def test_what_the_recording_lacks_is_an_error(
    words: list[str], told: str, file: str, jobctl: Any
) -> None:
    written(file, (0, "Running"))
    ran = jobctl("--replay", file, *words)
    assert ran.code == 6
    assert told in ran.err


def test_a_recording_of_a_command_that_did_not_get_to_its_question_has_no_answer(
    file: str, jobctl: Any
) -> None:
    written(file)
    ran = jobctl("--replay", file, "get", "cognite", "1")
    assert ran.code == 6
    assert "no answer to GET https://api.example/api/v1/projects/unknown/" in ran.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--speed", "2x"], "--speed goes with --replay"),
        (["--replay", "{file}", "--record", "x"], "--record does not go with --replay"),
        (["--replay", "{file}", "--speed", "fast"], "'fast' is not a speed"),
        (["--replay", "{file}", "--speed", "1e308x"], "'1e308x' is not a speed"),
        (["--replay", "{file}", "--speed", "1e-300x"], "'1e-300x' is not a speed"),
        (["--replay", "{file}", "--speed", "nanx"], "'nanx' is not a speed"),
        (["--replay", "{file}x"], "cannot be read"),
        (["--record", "{file}"], "cannot be written: File exists"),
    ],
)
def test_what_cannot_be_recorded_or_replayed_is_refused(
    words: list[str], told: str, file: str, jobctl: Any
) -> None:
    written(file, (0, "Running"))
    ran = jobctl("get", "cognite", "1", *(word.replace("{file}", file) for word in words))
    assert ran.code == 2
    assert told in ran.err


def test_verbose_lines_are_shown_while_they_are_recorded(
    service: Any, account: Any, file: str, jobctl: Any
) -> None:
    service.answers = {"1": [(200, ENDED)]}
    ran = jobctl("get", "cognite", "1", "-v", "--record", file)
    assert f"GET {service.url}" in ran.err
    assert jobctl("get", "cognite", "1", "--quiet", "--record", f"{file}2").err == ""
    assert len(read(Path(f"{file}2")).got) == 1


def test_what_is_run_at_the_end_is_not_recorded_for_it_may_hold_a_secret() -> None:
    words = ["wait", "x/1", "--on-done", "curl -u planted", "--on-done=planted", "-o=a"]
    told = ["wait", "x/1", "--on-done", "...", "--on-done=...", "-o=a"]
    assert list(_without_commands(words)) == told
