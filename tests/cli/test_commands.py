"""The commands besides get and wait, and what a long wait says."""

import errno
import io
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pyte
import pytest
from processes import run_on_a_terminal, shown_on
from simulated import SimulatedClock
from slowly import others

from jobctl import registry
from jobctl.commands import Shared, Terminal
from jobctl.commands.look import look
from jobctl.commands.look.request import LookRequest
from jobctl.commands.sandbox import serve
from jobctl.errors import ExitCode, Interrupted
from jobctl.render.streams import OutputError
from jobctl.stream.watch import Limits

pytestmark = pytest.mark.measured

DONE = {"status": "Completed"}
RUNNING = {"status": "Running"}


@pytest.mark.parametrize("name", ["cognite", "modelarts", "modzy", "oracle-content", "vas", "ray"])
def test_all_about_a_provider_is_shown_for_people_and_programs(name: str, jobctl: Any) -> None:
    facts = jobctl("providers", "show", name, "--json").document
    page = jobctl("providers", "show", name).out
    assert [way["name"] for way in facts["ways"]] == [
        way.name for way in registry.manifest(name).account.ways
    ]
    assert "\nWays to sign in\n  " in page
    for way in facts["ways"]:
        told = f" ({', '.join(way['settings'])})" if way["settings"] else ""
        assert f"\n  {way['name']}: {way['help']}{told}\n" in page
    assert facts["example"] in page
    for setting in facts["settings"]:
        assert f"  {setting['name']}" in page
        for variable in setting["variables"]:
            assert f"      {variable}\n" in page
    for option in facts["options"]:
        for verb in option["verbs"]:
            listed = page.partition(f"\nOptions of {verb}\n")[2].partition("\n\n")[0]
            assert re.search(rf"^  {option['name']}\b", listed, re.MULTILINE)
            assert option["name"] in jobctl(verb, name, "--help").out
    for status, state in facts["states"].items():
        assert re.search(rf"^  {re.escape(status)} +{state}$", page, re.MULTILINE)


def named(ran: Any) -> list[str]:
    header, *rows = ran.out.splitlines()
    assert header.split() == ["PROVIDER", "CAN", "ORIGIN", "SERVICE"]
    return [row.split()[0] for row in rows]


def test_those_providers_are_listed_first_that_are_set_up_and_the_catalogue_is_counted(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [row["provider"] for row in jobctl("providers", "--json").document] == registry.names()
    built_in = ["cognite", "modelarts", "modzy", "oracle-content", "vas"]
    assert named(jobctl("providers")) == built_in
    monkeypatch.setenv("GITHUB_TOKEN", "planted-token-1")
    monkeypatch.setenv("JOBCTL_MODZY_BASE_URL", "https://modzy.example")
    monkeypatch.setenv("JOBCTL_MODZY_API_KEY", "PREFIX.planted-key-2")
    ran = jobctl("providers")
    first = ["github-actions", "modzy", "cognite", "modelarts", "oracle-content", "vas"]
    assert named(ran) == first
    left = len(registry.names()) - len(first)
    assert ran.err == f"note: {left} more are in the catalogue: --all shows them\n"
    whole = named(jobctl("providers", "--all"))
    assert whole[: len(first)] == first
    assert sorted(whole) == registry.names()
    assert jobctl("providers", "show", "cognit").code == 2


def test_the_providers_are_listed_whatever_the_configuration(
    jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text("profiles: [")
    monkeypatch.setenv("JOBCTL_CONFIG", str(tmp_path / "config.yaml"))
    assert named(jobctl("providers"))[0] == "cognite"


@pytest.mark.parametrize("verb", ["get", "results", "logs"])
def test_a_verb_without_a_provider_is_no_success(verb: str, jobctl: Any) -> None:
    ran = jobctl(verb)
    assert (ran.code, ran.out) == (2, "")
    assert "wants a provider" in ran.err


@pytest.mark.parametrize("words", [[], ["config"]])
def test_a_group_of_commands_by_itself_shows_its_help(words: list[str], jobctl: Any) -> None:
    ran = jobctl(*words)
    assert (ran.code, ran.err) == (0, "")
    assert "Commands:" in ran.out


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), *others((signal.SIGINT, 130))])
def test_the_sandbox_is_served_to_other_programs_until_stopped(
    number: int, code: int, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "jobctl", "sandbox", "--speed", "1000x"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                monkeypatch.setenv(name, value.strip("'"))
            if line.startswith("jobctl auth login "):
                ran = jobctl(*shlex.split(line)[1:], "--no-input")  # secrets are in variables
                assert (ran.code, "signed in to" in ran.err) == (0, True)
            if line.startswith("jobctl auth login vas"):
                break
        jobs = ["cognite/123", "modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5"]
        ran = jobctl(
            "wait",
            *jobs,
            "vas/video-analyze/a2b64f00aa9f4d6fa7f17c1de9b6e1d0",
            "--json",
            "--interval",
            "0.1",
        )
        assert [job["state"] for job in ran.document] == ["succeeded"] * 3
        root = os.environ["JOBCTL_COGNITE_BASE_URL"].rpartition("/")[0]
        assert httpx.get(f"{root}/nothing", trust_env=False).status_code == 404
        process.send_signal(number)
    assert process.returncode == code


def test_a_port_that_is_taken_is_refused(service: Any, jobctl: Any) -> None:
    port = service.url.rpartition(":")[2]
    ran = jobctl("sandbox", "--port", port)
    assert ran.code == 2
    assert f"port {port} of 127.0.0.1 cannot be used" in ran.err


def test_the_jobs_that_answer_an_error_and_the_ways_of_signing_in_are_listed_on_request() -> None:
    told = []
    for wanted in ("errors", "ways"):
        terminal = Terminal(io.StringIO(), io.StringIO(), io.StringIO(), os.environ)
        serve(terminal, **{wanted: True}, wait=lambda: None)
        told.append(terminal.out.getvalue())  # type: ignore[attr-defined]
    errors, ways = told
    assert re.search(r"^JOB +PLAYS *\ncognite/400 ", errors, re.MULTILINE)
    assert re.search(
        r"^jobctl auth login modzy --auth team --set base_url=http://127\.0\.0\.1:\d+/modzy/api"
        r" --set team_id=sandbox-team\n  team_token: sandbox\.team\.token\n\n",
        ways,
        re.MULTILINE,
    )


@pytest.mark.usefixtures("account")
def test_a_long_wait_gives_signs_of_life_to_people_and_programs(service: Any) -> None:
    service.answers = {"1": [*[(200, RUNNING)] * 3, (200, DONE)]}
    out, err = io.StringIO(), io.StringIO()
    request = LookRequest(
        jobs=["cognite/1"], shared=Shared(format="ndjson"), wait=True, limits=Limits(interval=95.0)
    )
    code = look(request, Terminal(out, err, io.StringIO(), os.environ), SimulatedClock())
    assert code == ExitCode.OK
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["schema"] for line in lines] == [
        "jobctl.job/v1",
        *["jobctl.heartbeat/v1"] * 4,
        "jobctl.job/v1",
        "jobctl.verdict/v1",
    ]
    beat = lines[1]
    assert list(beat) == ["schema", "jobs", "states", "elapsed_seconds"]
    assert (beat["jobs"], beat["states"]) == (1, {"running": 1})
    assert err.getvalue().count("still waiting: 1 running") == 4


@pytest.mark.usefixtures("account")
def test_a_terminal_that_goes_away_ends_a_wait_like_any_hangup(service: Any) -> None:
    service.answers = {"1": [(200, RUNNING)]}
    with run_on_a_terminal("wait", "cognite/1", "--interval", "0.02") as (process, end):
        while len(service.requests) < 3:
            assert process.poll() is None
        end.close()
        process.send_signal(signal.SIGHUP)
    assert process.returncode == 129


@pytest.mark.usefixtures("account")
def test_what_a_terminal_that_went_away_does_not_take_is_no_error(service: Any) -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise OutputError(errno.EIO, "Input/output error")

    class HungUp(SimulatedClock):
        def wait(self, inbox: Queue[Any], seconds: float, *, busy: int) -> Any:
            if busy:
                return super().wait(inbox, seconds, busy=busy)
            raise Interrupted(ExitCode.SIGHUP)

    service.answers = {"1": [(200, RUNNING)]}
    terminal = Terminal(Gone(), io.StringIO(), io.StringIO(), os.environ)
    code = look(
        LookRequest(jobs=["cognite/1"], shared=Shared(format="json"), wait=True), terminal, HungUp()
    )
    assert code is ExitCode.SIGHUP


@pytest.mark.usefixtures("account")
def test_ctrl_c_on_a_terminal_leaves_it_as_it_was_with_the_document_on_it(service: Any) -> None:
    service.answers = {"1": [(200, RUNNING)]}
    sent = b""
    words = ("get", "cognite", "1", "--wait", "--interval", "0.02")
    with run_on_a_terminal(*words) as (process, end):
        while len(service.requests) < 3 or b"\x1b[?25l" not in sent:
            sent += end.read(65536) or b""
        process.send_signal(signal.SIGINT)
        sent += b"".join(shown_on(end))
    assert process.returncode == 130
    assert re.findall(rb"\x1b\[\?25[hl]", sent)[-1] == b"\x1b[?25h"
    assert b"\x1b[2J" not in sent
    screen = pyte.Screen(80, 24)
    pyte.ByteStream(screen).feed(sent)
    shown = "\n".join(screen.display)
    assert re.search(r"^State +\S+ running *$", shown, re.MULTILINE)
    assert re.search(r"^Ref +cognite/1 *$", shown, re.MULTILINE)
    assert not screen.cursor.hidden


@pytest.mark.usefixtures("account")
def test_a_wait_outlives_a_token_that_is_refused_once(
    served: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens: list[str] = []
    looks: list[str] = []

    def answer(asked: Any) -> Any:
        if asked.method == "POST":
            tokens.append(f"made-up-token-{len(tokens)}")
            return 200, {"access_token": tokens[-1], "expires_in": 3600}
        looks.append(asked.headers["Authorization"].partition(" ")[2])
        if len(looks) > 2 and looks[-1] == "made-up-token-0":
            return 401, {"error": {"code": 401, "message": "expired"}}
        return 200, DONE if len(looks) > 5 else RUNNING

    with served(answer) as url:
        monkeypatch.delenv("JOBCTL_COGNITE_TOKEN")
        for name, value in {
            "BASE_URL": url,
            "TOKEN_URL": f"{url}/token",
            "IDENTITY": "other",
            "CLIENT_ID": "app",
            "CLIENT_SECRET": "made-up-secret",
        }.items():
            monkeypatch.setenv(f"JOBCTL_COGNITE_{name}", value)
        ran = jobctl("get", "cognite", "1", "--wait", "--interval", "0.02", "--json")
    assert (ran.code, ran.document["state"]) == (0, "succeeded")
    assert looks == [*["made-up-token-0"] * 3, *["made-up-token-1"] * 3]
    assert len(tokens) == 2
    assert ran.err.count("127.0.0.1 refused the token; trying a fresh one") == 1


@pytest.mark.usefixtures("account")
def test_settings_of_a_call_go_to_the_providers_that_have_them(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, DONE)]}
    ran = jobctl("get", "cognite", "1", "--set", "project=other", "-o", "ids")
    assert ran.code == 0
    assert service.requests[-1][1] == "/api/v1/projects/other/context/vision/extract/1"
    jobs = ("cognite/123", "modzy/2700725a-9c84-40ae-bbeb-4fce0d35424e", "--timeout", "0")
    for setting in ("client_name=ci", "read_timeout=5s"):
        assert jobctl("wait", *jobs, "-p", "sandbox", "--set", setting).code == 124
    ran = jobctl("wait", *jobs, "-p", "sandbox", "--set", "client_nam=ci")
    assert (ran.code, "did you mean client_name?" in ran.err) == (2, True)
