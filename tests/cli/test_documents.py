"""What goes to standard output, and what to standard error."""

import io
import json
import signal
import sys
from itertools import cycle
from typing import Any

import pytest
import yaml
from contract import FIELDS
from processes import run_in_a_process
from slowly import others

ERROR_FIELDS = ["exit_code", "kind", "message", "hint", "provider", "http_status", "request_id"]
VERDICT_FIELDS = ["schema", "verdict", "exit_code", "jobs", "states", "elapsed_seconds"]

DONE = {
    "status": "Completed",
    "createdTime": 1730204346000,
    "startTime": 1730204347000,
    "statusTime": 1730204366000,
    "items": [{"fileId": 1}],
}
RUNNING = DONE | {"status": "Running"}
NONE = (404, {"error": {"message": "none"}})


@pytest.mark.usefixtures("account")
def test_one_job_is_an_object_and_several_are_an_array_in_the_order_asked(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [(200, DONE)], "2": [(200, RUNNING)]}
    assert list(jobctl("get", "cognite", "1", "--json").document) == FIELDS
    several = jobctl("get", "cognite", "2", "1", "-o", "json").document
    assert [job["ref"] for job in several] == ["cognite/2", "cognite/1"]
    assert isinstance(jobctl("wait", "cognite/1", "--json").document, list)
    assert yaml.safe_load(jobctl("get", "cognite", "1", "-o", "yaml").out)["state"] == "succeeded"
    assert jobctl("get", "cognite", "1", "2", "-o", "ids").out == "cognite/1\ncognite/2\n"


@pytest.mark.usefixtures("account")
def test_a_dash_reads_jobs_from_standard_input_without_blank_lines_and_comments(
    service: Any, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.answers = {"1": [(200, DONE)], "2": [(200, DONE)]}
    monkeypatch.setattr(sys, "stdin", io.StringIO("# jobs\n\n 1 \ncognite/2\n"))
    assert jobctl("get", "cognite", "-", "-o", "ids").out == "cognite/1\ncognite/2\n"
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    assert isinstance(jobctl("get", "cognite", "-", "--json").document, list)
    monkeypatch.setattr(sys, "stdin", io.StringIO("# nothing\n"))
    ran = jobctl("get", "cognite", "-", "--json")
    assert (ran.code, ran.out) == (2, "")
    monkeypatch.setattr(sys, "stdin", None)
    assert jobctl("wait", "-").code == 2


@pytest.mark.usefixtures("account")
def test_a_job_is_named_by_its_id_its_reference_or_its_api_url(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, DONE)]}
    url = f"{service.url}/api/v1/projects/my-project/context/vision/extract/1"
    for words in (
        ["get", "cognite", "1"],
        ["get", "cognite", "cognite/1"],
        ["get", "cognite", url],
    ):
        assert jobctl(*words, "-o", "ids").out == "cognite/1\n"
    for word in ("cognite/1", url):
        assert jobctl("wait", word, "-o", "ids").out == "cognite/1\n"


REFUSED = [
    ["wait", "https://example.com/api/v1/projects/p/context/vision/extract/1"],
    ["wait", "https://example.com/nothing"],
    ["get", "cognite", "https://example.com/nothing"],
    ["get", "cognite", "0"],
    ["get", "cognite", "../1"],
    ["get", "cognite", "1/2"],
    ["get", "cognit/1"],
    ["get", "nothing", "1"],
    ["wait", "1"],
    ["wait", "nothing/1"],
    ["wait", "cogniet/1"],
    ["get", "cognite", "1", "-o", "html"],
    ["get", "cognite", "1", "--wait", "--timeout", "soon"],
    ["get", "cognite", "1", "--wait", "--interval", "0"],
    ["get", "cognite", "1", "--timeout", "5s"],
    ["get", "cognite", "1", "--set", "project"],
    ["get", "cognite", "1", "--set", "nothing=1"],
    ["wait", "cognite/1", "--set", "nothing=1"],
    ["get", "cognite", "1", "--set", "token=secret-1"],
    ["get", "cognite", "1", "2", "-o", "raw"],
    ["get", "cognite", "1", "--json", "-q", "[?"],
    ["get", "cognite", "1", "-c", "nothing"],
    ["get", "cognite"],
    ["get", "cognite", "1", "--profile", "nothing"],
    ["sandbox", "--speed", "fast"],
    ["sandbox", "--speed", "0x"],
    ["nothing"],
    ["--nothing"],
    ["get", "cognite", "1", "--any"],
    ["get", "cognite", "1", "--fail-fast"],
    ["get", "cognite", "1", "--for", "ended"],
    ["get", "cognite", "1", "--stall-after", "5m"],
    ["get", "cognite", "1", "--notify"],
    ["wait", "cognite/1", "--for", "[?"],
    ["wait", "cognite/1", "--stall-after", "0"],
    ["wait", "cognite/1", "--stall-after", "soon"],
    ["wait", "cognite/1", "--exit-map", "late=0"],
    ["watch", "1"],
    ["watch", "cognite/1", "cognite/2", "-o", "raw"],
]
FORMS = cycle([["--json"], ["-o", "yaml"], ["--output=ndjson"], ["-ojson"]])


@pytest.mark.parametrize(
    ("words", "form"),
    [pytest.param(one, next(FORMS), id=" ".join(one)) for one in REFUSED],
)
@pytest.mark.usefixtures("account")
def test_what_cannot_be_asked_or_makes_no_sense_is_refused_before_any_request(
    words: list[str], form: list[str], service: Any, jobctl: Any
) -> None:
    ran = jobctl(*words)
    assert (ran.code, ran.out, service.requests) == (2, "", [])
    if "--json" not in words:
        assert ran.err.splitlines()[-2 if "\nhint: " in ran.err else -1].startswith("error: ")
    told = jobctl(*words[:1], *form, *words[1:]) if len(words) > 1 else jobctl(*words, *form)
    assert list(told.error) == ERROR_FIELDS
    assert told.error["exit_code"] == 2


@pytest.mark.usefixtures("account")
def test_a_job_that_cannot_be_read_does_not_hide_the_others(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, DONE)], "2": [NONE], "3": [(200, RUNNING)]}
    ran = jobctl("get", "cognite", "1", "2", "3", "--json")
    assert [job["id"] for job in ran.document] == ["1", "3"]
    assert (ran.code, ran.error["kind"], ran.error["http_status"]) == (5, "not-found", 404)
    table = jobctl("get", "cognite", "1", "2", "3")
    assert table.out.count("cognite/") == 2
    assert table.err.splitlines()[-2].startswith("error: cognite/2: Cognite Vision answered 404")


@pytest.mark.usefixtures("account")
def test_each_error_has_its_hint_in_a_document_and_people_read_one_once(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [NONE], "2": [NONE]}
    errors = [
        json.loads(line)
        for line in jobctl("wait", "cognite/1", "cognite/2", "--json", "--quiet").err.splitlines()
    ]
    first, second = (one["error"]["hint"] for one in errors)
    assert first == second
    assert jobctl("wait", "cognite/1", "cognite/2").err.count(f"hint: {first}") == 1


@pytest.mark.usefixtures("account")
def test_a_wait_prints_every_job_on_every_way_out_seen_or_not(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, RUNNING)], "2": [NONE], "3": [(200, RUNNING), NONE]}
    once = ("--timeout", "0", "--json")
    assert jobctl("get", "cognite", "1", "--wait", *once).document["state"] == "running"
    missing = jobctl("get", "cognite", "2", "--wait", "--json")
    assert (missing.document["state"], missing.document["ref"]) == ("unknown", "cognite/2")
    gone = jobctl("get", "cognite", "3", "--wait", "--interval", "0.02", "--json")
    assert (gone.code, gone.document["state"]) == (5, "running")
    several = jobctl("wait", "cognite/2", "cognite/1", *once)
    assert [(job["ref"], job["state"]) for job in several.document] == [
        ("cognite/2", "unknown"),
        ("cognite/1", "running"),
    ]
    assert several.error["kind"] == "not-found"


@pytest.mark.usefixtures("account")
def test_ndjson_gives_a_line_for_each_change_and_the_verdict_last(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [(200, RUNNING), (200, RUNNING), (200, DONE)]}
    ran = jobctl("wait", "cognite/1", "-o", "ndjson", "--interval", "0.01")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert [line.get("state") for line in lines[:-1]] == ["running", "succeeded"]
    assert list(lines[-1]) == VERDICT_FIELDS
    assert lines[-1]["verdict"] == "succeeded"
    once = jobctl("get", "cognite", "1", "-o", "ndjson").out.splitlines()
    assert len(once) == 1


@pytest.mark.usefixtures("account")
def test_progress_goes_to_standard_error_in_plain_lines_unless_quiet(
    service: Any, jobctl: Any
) -> None:
    service.answers = {"1": [(200, RUNNING), (503, b""), (200, DONE)]}
    words = ("wait", "cognite/1", "--interval", "0.01", "-o", "ids")
    ran = jobctl(*words)
    assert ran.out == "cognite/1\n"
    assert "cognite/1 running" in ran.err
    assert "cognite/1 succeeded" in ran.err
    assert jobctl(*words, "--quiet").err == ""


@pytest.mark.usefixtures("account")
def test_verbose_shows_requests_and_very_verbose_their_headers(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, DONE)]}
    once, twice = (jobctl("get", "cognite", "1", flag, "-o", "ids").err for flag in ("-v", "-vv"))
    assert once.startswith(f"GET {service.url}/api/v1/projects/my-project/context/vision/")
    assert len(once.splitlines()) == 1
    assert "authorization: ***" in twice


@pytest.mark.usefixtures("account")
def test_a_query_goes_over_the_whole_document(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, DONE)], "2": [(200, DONE)]}
    assert jobctl("get", "cognite", "1", "2", "--json", "-q", "[].id").document == ["1", "2"]
    table = jobctl("get", "cognite", "1", "2", "-c", "id,progress.succeeded").out
    assert table.splitlines()[1].split() == ["1", "1"]


@pytest.mark.usefixtures("account")
def test_raw_is_the_body_byte_for_byte_and_redacted_inside_a_document(
    service: Any, jobctl: Any
) -> None:
    odd = json.dumps(DONE | {"link": "https://h/x?Signature=abc", "password": "p"}, indent=3)
    service.answers = {"1": [(200, odd.encode())]}
    assert jobctl("get", "cognite", "1", "-o", "raw").out == odd
    raw = jobctl("get", "cognite", "1", "--json", "--raw").document["raw"]
    assert (raw["link"], raw["password"]) == ("https://h/x?Signature=***", "***")
    shown = jobctl("get", "cognite", "1", "--json", "--raw", "--show-signed-urls").document["raw"]
    assert shown["link"].endswith("=abc")


@pytest.mark.usefixtures("account")
def test_an_unknown_status_is_warned_about_and_a_profile_may_give_it_a_state(
    service: Any, jobctl: Any, configured: Any
) -> None:
    service.answers = {"1": [(200, DONE | {"status": "Rebalancing"})]}
    ran = jobctl("get", "cognite", "1", "--json")
    assert (ran.document["state"], ran.document["ended"]) == ("unknown", False)
    assert "warning: cognite/1 has the status 'Rebalancing'" in ran.err
    configured("profiles:\n  default:\n    cognite:\n      states: {rebalancing: failed}\n")
    assert jobctl("get", "cognite", "1", "--wait", "--json").code == 10


def test_a_broken_configuration_stops_what_needs_it_and_nothing_else(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch, configured: Any
) -> None:
    file = configured("profiles:\n  default:\n    cognite:\n      projct: x\n")
    for words in (["get", "cognite", "1"], ["config", "check"]):
        ran = jobctl(*words)
        assert ran.code == 2
        assert f"{file}:4:7" in ran.err
    assert jobctl("config", "path").out == f"{file}\n"
    for words in (
        ["--help"],
        ["--version"],
        ["get", "vas", "--help"],
        ["get", "cognite", "123", "--profile", "sandbox"],
        ["providers"],
    ):
        assert jobctl(*words).code == 0
    file.write_text("profiles:\n  work:\n    cognite:\n      project: x\n      token: abcd\n")
    file.chmod(0o644)
    ran = jobctl("config", "check")
    assert (ran.code, ran.out) == (0, f"{file}: ok, profiles: work\n")
    assert "chmod 600" in ran.err
    file.write_text("")
    assert "no profiles" in jobctl("config", "check").out
    monkeypatch.delenv("JOBCTL_CONFIG")
    assert "there is no such file" in jobctl("config", "check").out


@pytest.mark.usefixtures("account")
def test_a_file_of_secrets_open_to_others_is_used_with_a_warning(
    service: Any, jobctl: Any, configured: Any
) -> None:
    service.answers = {"1": [(200, DONE)]}
    configured("profiles:\n  default:\n    cognite:\n      token: planted-token-9\n", 0o644)
    ran = jobctl("get", "cognite", "1", "1", "-o", "ids")
    assert ran.code == 0
    assert ran.err.count("chmod 600") == 1


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), *others((signal.SIGINT, 130), (signal.SIGHUP, 129))],
)
@pytest.mark.parametrize("format", ["json", "ndjson"])
@pytest.mark.usefixtures("account")
def test_a_signal_ends_a_wait_even_on_a_server_that_hangs_and_the_document_is_printed(
    number: int, code: int, format: str, service: Any
) -> None:
    service.answers = {"1": [(200, RUNNING)], "2": [(200, "hang")]}
    with run_in_a_process(
        "get", "cognite", "1", "2", "--wait", "-o", format, "--quiet", "--interval", "0.02"
    ) as process:
        while len([path for _, path, _ in service.requests if path.endswith("/1")]) < 2:
            assert process.poll() is None
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, "")
    if format == "json":
        assert [job["state"] for job in json.loads(out)] == ["running", "unknown"]
    else:
        last = json.loads(out.splitlines()[-1])
        assert (last["verdict"], last["exit_code"]) == ("interrupted", code)


@pytest.mark.usefixtures("account")
def test_a_signal_that_the_caller_ignores_stays_ignored(service: Any) -> None:
    service.answers = {"1": [*[(200, RUNNING)] * 50, (200, DONE)]}
    with run_in_a_process(
        "wait", "cognite/1", "--interval", "0.01", "--quiet",
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    ) as process:  # fmt: skip
        while not service.requests:
            assert process.poll() is None
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.measured
@pytest.mark.usefixtures("account")
def test_a_reader_that_goes_away_is_no_error(service: Any) -> None:
    service.answers = {"1": [(200, DONE | {"errorMessage": "x" * 200_000})]}
    with run_in_a_process("get", "cognite", *["1"] * 20, "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0
    with run_in_a_process("--help") as process:
        assert process.stdout is not None
        process.stdout.close()
    assert process.returncode == 0
