"""The words of a command line: what names a job, where options may stand, what helps on."""

import io
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobctl import registry
from jobctl.commands import Shared, Terminal
from jobctl.commands.facts import provider
from jobctl.commands.listing import ListRequest, listing
from jobctl.commands.sandbox import serve

SANDBOX = ("--profile", "sandbox")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_job_that_names_its_provider_needs_no_other_word_for_it(jobctl: Any) -> None:
    named = jobctl("get", "cognite/123", *SANDBOX, "--json").document
    assert named["ref"] == "cognite/123"
    assert jobctl("get", "@1", *SANDBOX, "-q", "ref").document == "cognite/123"
    assert jobctl("results", "cognite/127", *SANDBOX, "-n", "1", "--json").code == 0


@pytest.mark.usefixtures("account")
def test_an_api_url_names_its_provider(service: Any, jobctl: Any) -> None:
    service.answers = {"1": [(200, {"status": "Completed"})]}
    url = jobctl("get", "cognite", "1", "-q", "url").document
    assert jobctl("get", url, "-q", "ref").document == "cognite/1"
    assert jobctl("get", url, "-q", "ref", "--wait", "--timeout", "5").document == "cognite/1"


def test_an_id_of_many_parts_is_no_url_however_little_a_path_says(jobctl: Any) -> None:
    operation = "projects/p/locations/l/operations/2"
    found = jobctl("get", "google-lro", operation, *SANDBOX, "-q", "ref").document
    assert found == f"google-lro/{operation}"


def test_a_url_that_any_open_path_would_take_is_no_job_where_nothing_is_there(jobctl: Any) -> None:
    ran = jobctl("get", "https://nowhere.example/x/y/z")
    assert (ran.code, "is not the API URL of a job" in ran.err) == (2, True)


def test_one_job_is_an_object_and_several_are_an_array_of_any_mix(jobctl: Any) -> None:
    mix = ("cognite/123", "vas/video-analyze/f18320e61e4c4dc685aa2dfc22a28dc5")
    found = jobctl("get", *mix, *SANDBOX, "--json").document
    assert [one["ref"] for one in found] == list(mix)
    assert isinstance(jobctl("wait", "cognite/127", *SANDBOX, "--json").document, list)


def test_jobs_from_standard_input_name_their_provider(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("cognite/123\n"))
    assert jobctl("get", "-", *SANDBOX, "-q", "[].ref").document == ["cognite/123"]


@pytest.mark.parametrize(
    ("verb", "provider", "job"),
    [("results", "cognite", "123"), ("logs", "ray", "raysubmit_2"), ("open", "ray", "raysubmit_2")],
)
def test_a_command_of_one_job_takes_it_from_standard_input_and_no_other_beside(
    verb: str, provider: str, job: str, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(text: str, *words: str) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return jobctl(verb, *words, *SANDBOX, "--curl")

    assert f"/{job}" in asked(f"# a job\n\n{provider}/{job}\n", "-").out
    assert f"/{job}" in asked(f"{job}\n", provider, "-").out
    ran = asked("ray/1\nray/2\n", "-")
    assert (ran.code, "there are 2 jobs on standard input" in ran.err) == (2, True)


@pytest.mark.parametrize("verb", ["results", "logs"])
def test_the_time_of_a_wait_counts_while_its_job_is_read(
    verb: str, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads, writes = os.pipe()
    with os.fdopen(reads) as stdin, os.fdopen(writes, "w"):
        monkeypatch.setattr("sys.stdin", stdin)
        ran = jobctl(verb, "-", *SANDBOX, "--wait", "--timeout", "0.01")
    assert (ran.code, ran.err) == (124, "error: timed out before the job was known\n")


def test_the_options_of_its_provider_go_with_a_job_that_names_it(jobctl: Any) -> None:
    words = ("get", "cognite/123", "--cdf-version", "beta", "--json")
    assert jobctl(*words, *SANDBOX).code == 0
    assert jobctl("get", "@1", "--cdf-version", "beta", *SANDBOX).code == 2
    assert "--cdf-version" in jobctl("get", "cognite/123", "--help").out


@pytest.mark.parametrize(
    "words",
    [
        ["--profile", "sandbox", "--json", "get", "cognite", "123"],
        ["-psandbox", "get", "--json", "cognite", "123"],
        ["get", "-p", "sandbox", "--json", "cognite", "123"],
        ["get", "--json", "cognite/123", "-p", "sandbox"],
        ["-p", "nothing", "get", "cognite", "123", "-p", "sandbox", "--json"],
        ["-p", "sandbox", "--", "get", "--json", "cognite", "123"],
    ],
    ids=" ".join,
)
def test_shared_options_may_stand_anywhere(words: list[str], jobctl: Any) -> None:
    assert jobctl(*words).document["ref"] == "cognite/123"


def test_options_of_a_verb_may_stand_before_the_provider(jobctl: Any) -> None:
    ran = jobctl("-p", "sandbox", "get", "--wait", "--timeout", "0", "cognite", "123", "-o", "ids")
    assert (ran.code, ran.out) == (124, "cognite/123\n")
    words = ("list", "-n", "1", "vas", "face-detect", *SANDBOX, "-o", "ids")
    assert len(jobctl(*words).out.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--json", "version"], "--json does not go with version"),
        (["-oyaml", "config", "path"], "-o does not go with config path"),
        (["--raw", "results", "cognite", "127"], "--raw does not go with results cognite"),
        (["--nothing", "get", "cognite", "1"], "No such option: --nothing"),
        (["--profile"], "Option '--profile' requires an argument"),
        (["-q", "x", "get", "cognite", "1", "-q"], "Option '-q' requires an argument"),
        (["get", "cognite", "127", "--json", "-o", "yaml"], "--json does not go with -o yaml"),
        (["get", "cognite", "127", "-o", "yaml", "--json"], "--json does not go with -o yaml"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_does_not_go_together_is_refused(words: list[str], told: str, jobctl: Any) -> None:
    ran = jobctl(*words)
    assert (ran.code, ran.out, told in ran.err) == (2, "", True)


@pytest.mark.parametrize(
    "words", ["version", "exit-codes", "help get", "completion bash", "providers", "config path"]
)
def test_what_has_no_use_for_a_profile_overlooks_it(words: str, jobctl: Any) -> None:
    plain = jobctl(*words.split())
    assert plain.code == 0
    assert jobctl("--profile", "plant-2", "--quiet", *words.split()) == plain
    assert jobctl(*words.split(), "-p", "plant-2", "--no-color") == plain


def test_list_takes_the_place_behind_its_provider_or_as_a_word(jobctl: Any) -> None:
    task = "AcYfsdfhGyrWL5TtahH"
    words = ("-o", "ids", *SANDBOX)
    lists = [
        jobctl("list", *place, *words) for place in (["modelarts", task], [f"modelarts/{task}"])
    ]
    assert lists[0] == lists[1]
    assert lists[0].out == f"modelarts/{task}/FakeVersionBad00001\n"
    assert "there is no provider 'nobody'" in jobctl("list", "nobody/x").err
    assert jobctl("list", "@1").code == jobctl("list", "https://x.example/y").code == 2


def test_a_provider_may_stand_before_its_jobs(jobctl: Any) -> None:
    ran = jobctl("wait", "cognite", "127", "128", "--timeout", "0", *SANDBOX, "-o", "ids")
    assert ran.out == "cognite/127\ncognite/128\n"
    assert "tells no page of cognite/127" in jobctl("open", "cognite", "127", *SANDBOX).err
    assert "open takes one job" in jobctl("open", "cognite", "127", "128", *SANDBOX).err
    assert "error: cognite/999: " in jobctl("open", "cognite/999", *SANDBOX).err


def test_a_choice_is_told_in_one_line(jobctl: Any) -> None:
    assert "'SHELL'. Choose from: bash, zsh, fish, powershell\n" in jobctl("completion").err


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("cognite", "jobctl get cognite ID looks at a job\n"),
        ("modzy", "jobctl get modzy ID looks at a job, jobctl list modzy lists them\n"),
        ("cognite/127", "jobctl get cognite/127 looks at a job"),
        ("@1", "jobctl get @1 looks at a job"),
        ("gett", "did you mean get?"),
        ("ls", "did you mean list?"),
        ("login", "did you mean auth login?"),
        ("cancel", "jobctl only reads"),
    ],
)
def test_who_leaves_out_the_verb_is_told_of_it(word: str, hint: str, jobctl: Any) -> None:
    ran = jobctl(word, "127")
    assert (ran.code, f"hint: {hint}" in ran.err) == (2, True)


def test_help_and_version_are_commands_too(jobctl: Any) -> None:
    assert jobctl("version").out == jobctl("--version").out
    for words in ([], ["get"], ["get", "cognite"], ["wait"], ["providers", "show"]):
        assert jobctl("help", *words).out == jobctl(*words, "--help").out
    assert jobctl("help", "nothing").code == 2


def test_no_command_that_writes_is_guessed(jobctl: Any) -> None:
    ran = jobctl("config", "get", "cognite.project")
    assert ran.code == 2
    assert ran.err.startswith("error: there is no command 'config get'\nhint: known: show, init, ")


def test_who_says_twice_to_wait_or_to_watch_is_understood(jobctl: Any) -> None:
    for words in (("wait", "--wait"), ("wait", "-w"), ("watch", "-w", "--wait")):
        assert jobctl(*words, "cognite/127", *SANDBOX, "-o", "ids").out == "cognite/127\n"
    assert "--wait" not in jobctl("wait", "--help").out.partition("Output:")[0]


def test_a_number_that_is_none_is_told_as_people_say(jobctl: Any) -> None:
    ran = jobctl("list", "modzy", "-n", "many")
    assert "'many' is not a whole number" in ran.err
    assert "--speed: 'fast' is not a speed" in jobctl("sandbox", "--speed", "fast").err


def test_the_help_of_a_verb_has_its_options_and_the_names_of_all_who_answer_it(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    text = jobctl("get", "--help").out
    assert text.startswith("Usage: jobctl get [OPTIONS] [PROVIDER] JOB...")
    assert "Example: jobctl get cognite/123" in text
    assert "--exit-status" in text.partition("When it ends:")[2].partition("\n\n")[0]
    names = text.partition("Providers:")[2].partition("\n\n")[0]
    assert names.replace(",", "").split() == registry.names()
    assert all(len(line) < 80 for line in text.splitlines())


def test_help_has_its_options_in_groups(jobctl: Any) -> None:
    for words in (["wait"], ["get", "cognite"], ["results", "cognite"], ["list", "modelarts"]):
        text = jobctl(*words, "--help").out
        titles = [line for line in text.splitlines() if line.endswith(":") and line[0] != " "]
        assert titles[-1] == "Options:"
        assert {"What:", "Output:", "Recordings:"} <= set(titles)
        alone = text.partition("\nOptions:\n")[2]
        assert alone.strip() == "-h, --help  Show this message and exit."


def test_help_speaks_as_people_do(jobctl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for words in ("get vas", "wait", "list vas", "results modelarts", "open", "sandbox", "history"):
        text = jobctl(*words.split(), "--help").out
        assert "<int" not in text
        assert "{" not in text
    text = jobctl("results", "modelarts", "--help").out
    assert text.index("--property") < text.index("--profile")
    assert "  Only samples that were kept" in text
    for verb in ("get", "list", "results", "logs"):
        assert f"Example: jobctl {verb} " in jobctl(verb, "--help").out
    assert "cognite-diagram" not in jobctl("list", "--help").out.partition("Providers:")[2]
    for group in ("auth", "config", "providers"):
        assert "..." not in jobctl(group, "--help").out.partition("Commands:")[2]


def test_a_query_means_json_where_no_format_is_told(jobctl: Any) -> None:
    assert jobctl("get", "cognite", "127", *SANDBOX, "-q", "[ref, state]").document == [
        "cognite/127",
        "succeeded",
    ]
    jobctl("get", "cognite", "127", *SANDBOX)
    assert jobctl("history", "-q", "[0].ref").document == "cognite/127"
    assert jobctl("get", "cognite", "0", *SANDBOX, "-q", "ref").error["exit_code"] == 2
    assert jobctl("get", "cognite", "0", *SANDBOX, "--query=ref").error["exit_code"] == 2
    assert jobctl("get", "cognite", "0", *SANDBOX, "-vqref").error["exit_code"] == 2
    assert "error: " in jobctl("get", "cognite", "0", *SANDBOX, "-q", "ref", "-o", "text").err


def test_text_is_what_a_query_gives_without_quotes(jobctl: Any) -> None:
    def text(query: str, verb: str = "get") -> str:
        return str(jobctl(verb, "cognite/127", *SANDBOX, "-q", query, "-o", "text").out)

    assert text("state") == "succeeded\n"
    assert text("[ended, progress.percent, name, `null`]") == "true\n100\n\n\n"
    assert text("[[ref, state], [provider]]") == "cognite/127\tsucceeded\ncognite\n"
    assert text("{a: ref}") == '{"a": "cognite/127"}\n'
    assert text("failures") == ""
    assert len(text("[].fileId", "results").splitlines()) > 1
    lines = jobctl("results", "cognite/127", *SANDBOX, "-o", "text").out.splitlines()
    assert all(json.loads(line) for line in lines)
    assert jobctl("history", "-o", "text", "-q", "[].ref").out == "cognite/127\n"


@pytest.mark.parametrize(
    ("ending", "begins"),
    [
        ("json", "[\n"),
        ("JSON", "[\n"),
        ("jsonl", '{"'),
        ("ndjson", '{"'),
        ("yaml", "- "),
        ("yml", "- "),
        ("csv", "fileId,"),
        ("tsv", "fileId\t"),
        ("txt", '{"'),
        ("data", "fileId  "),
    ],
)
def test_the_ending_of_a_file_tells_its_format(
    ending: str, begins: str, jobctl: Any, tmp_path: Path
) -> None:
    file = tmp_path / f"x.{ending}"
    words = ("results", "cognite/127", *SANDBOX, "--output-file", str(file))
    assert jobctl(*words).code == 0
    assert file.read_text().startswith(begins)
    assert jobctl(*words, "--force", "-o", "csv").code == 0
    assert file.read_text().startswith("fileId,")


def test_a_long_list_is_short_on_a_terminal_and_says_how_to_get_more(jobctl: Any) -> None:
    def shown(**more: Any) -> tuple[int, str]:
        out, err = Screen(), io.StringIO()
        request = ListRequest("modzy", shared=Shared(profile="sandbox"), **more)
        listing(request, Terminal(out, err, io.StringIO(), os.environ), lambda: NOW)
        return out.getvalue().count("modzy/"), err.getvalue()

    whole = len(jobctl("list", "modzy", *SANDBOX, "-o", "ids").out.splitlines())
    assert whole > 50
    assert shown() == (50, "note: the newest 50 are shown: -n 200 shows more, -n 0 all\n")
    assert shown(sort="name")[1].startswith("note: the first 50 are shown")
    assert shown(limit=60) == (60, "")
    assert shown(limit=0) == (whole, "")
    assert shown(limit=whole) == (whole, "")


@pytest.mark.parametrize("name", ["modelarts", "modzy", "vas", "ray"])
def test_zero_is_no_limit_of_a_list(name: str, jobctl: Any) -> None:
    about = registry.manifest(name)
    assert about.listing is not None
    example = about.example.split("/")[: about.listing.within[0]]
    words = ("list", name, *example, *SANDBOX, "-o", "ids")
    some, whole = (len(jobctl(*words, *more).out) for more in (["-n", "0"], []))
    assert some == whole


def test_references_of_the_sandbox_are_whole_on_a_terminal_of_any_width() -> None:
    screen = Screen()
    serve(Terminal(screen, io.StringIO(), io.StringIO(), os.environ), wait=lambda: None)
    told = r"^oracle-content/\S{80,}\n    pending, 25 %, completed\n"
    assert re.search(told, screen.getvalue(), re.MULTILINE)


def test_what_there_is_to_know_of_a_provider_is_wrapped_at_words_on_a_terminal(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    screen = Screen()
    provider("modelarts", Terminal(screen, io.StringIO(), io.StringIO(), os.environ), json=False)
    whole = jobctl("providers", "show", "modelarts").out
    assert (
        "\n  auth: the way of signing in; else token or aksk or\n      password"
        in screen.getvalue()
    )
    assert all(
        len(line) <= 60 or " " not in line.strip() for line in screen.getvalue().splitlines()
    )
    assert screen.getvalue().split() == whole.split()
