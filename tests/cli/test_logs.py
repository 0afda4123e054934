"""`logs`: what a job wrote, once, at its end, or as it comes."""

import itertools
import json
import os
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from declaring import provider_file

from jobctl.cli.sources import use_providers
from jobctl.commands import Terminal
from jobctl.commands.growing import Growing, Written
from jobctl.commands.logs import LogsRequest, logs

Run = Callable[..., Any]
FILE = """\
title: T
settings: {base_url: BASE, token: {secret: true, optional: true}}
auth: {bearer: token}
ids: [{name: job}]
get: {path: "/jobs/{job}"}
job: {status: s, states: {running: [r], succeeded: [d], failed: [f]}}
logs:
  - {path: "/jobs/{job}/logs", text: lines, before_end: true}
"""


@pytest.fixture
def file(tmp_path: Path, served: Callable[..., Any]) -> Iterator[Any]:
    """A provider file, its service's logs, and its job's states: in turn, the last for ever."""
    said: list[Any] = []
    states: list[str] = []

    def answer(asked: Any) -> tuple[int, Any]:
        if asked.path.endswith("/logs"):
            told = said.pop(0) if len(said) > 1 else said[0]
            return told if isinstance(told, tuple) else (200, {"lines": told})
        state = states.pop(0) if len(states) > 1 else states[0]
        return (404, {}) if state == "404" else (200, {"s": state})

    with served(answer) as url:
        path = tmp_path / "scribe.yaml"
        path.write_text(FILE.replace("BASE", url))
        yield str(path), said, states


def test_the_lines_come_as_they_are(jobctl: Run, file: Any) -> None:
    path, said, states = file
    states[:] = ["d"]
    said[:] = ["one\n\x1b[31mtwo\x1b[0m\n\n::error::three\n##vso[x]four\n"]
    done = jobctl("logs", "scribe", "7", "--provider-file", path)
    assert done.out == "one\n\x1b[31mtwo\x1b[0m\n\n\\::error::three\n#\\#vso[x]four\n"
    assert (done.code, done.err) == (0, "")
    done = jobctl("logs", "scribe/7", "--tail", "2", "--provider-file", path)
    assert done.out == "\\::error::three\n#\\#vso[x]four\n"
    said[:] = [""]
    done = jobctl("logs", "scribe/7", "--provider-file", path)
    assert (done.code, done.out, done.err) == (0, "", "note: the job has written nothing\n")


def test_no_secret_is_shown_and_no_signed_url(
    jobctl: Run, file: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, said, states = file
    states[:] = ["d"]
    monkeypatch.setenv("JOBCTL_SCRIBE_TOKEN", "planted-token-9")
    said[:] = ["the token is planted-token-9\nhttps://h.test/x?Signature=abcdefgh&Expires=1\n"]
    done = jobctl("logs", "scribe/7", "--provider-file", path)
    assert "planted" not in done.out
    assert "abcdefgh" not in done.out
    done = jobctl("logs", "scribe/7", "--provider-file", path, "--show-signed-urls")
    assert "abcdefgh" in done.out


def test_following_shows_what_is_new_until_the_job_has_ended(jobctl: Run, file: Any) -> None:
    path, said, states = file
    states[:] = ["r", "r", "r", "r", "d"]
    said[:] = ["", "1\n2\n", "1\n2\n3\n", "3\n4\n", "9\n10\n"]
    words = ("logs", "scribe/7", "--follow", "--interval", "0.01", "--provider-file", path)
    done = jobctl(*words)
    assert done.out.split() == ["1", "2", "3", "4", "9", "10"]
    assert done.code == 0
    states[:], said[:] = ["d"], ["1\n2\n3\n"]
    assert jobctl(*words, "--tail", "1").out == "3\n"


def test_a_line_that_is_still_being_written_is_shown_when_it_is_there(
    jobctl: Run, file: Any
) -> None:
    path, said, states = file
    place = Path(path)
    place.write_text(place.read_text().replace(", text: lines", ""))
    states[:] = ["r", "r", "r", "d"]
    said[:] = [(200, text) for text in (b"1", b"12\n3", b"12\n34\n5", b"12\n34\n56")]
    words = ("logs", "scribe/7", "--follow", "--interval", "0.01", "--provider-file", path)
    assert jobctl(*words).out.split() == ["12", "34", "56"]


def test_a_line_that_has_grown_is_shown_again(jobctl: Run, file: Any) -> None:
    path, said, states = file
    states[:] = ["r", "r", "r", "d"]
    said[:] = ["1\n2", "1\n23", "1\n23\n", "1\n23\n4"]
    words = ("logs", "scribe/7", "--follow", "--interval", "0.01", "--provider-file", path)
    assert jobctl(*words).out.split() == ["1", "2", "23", "4"]


def test_a_line_that_stays_as_it_is_is_shown_though_it_has_no_end(jobctl: Run, file: Any) -> None:
    path, said, states = file
    place = Path(path)
    place.write_text(place.read_text().replace(", text: lines", ""))
    words = ("logs", "scribe/7", "--follow", "--interval", "0.01", "--provider-file", path)
    states[:] = ["r", "r", "r", "r", "d"]
    said[:] = [(200, text) for text in (b"1\n2?", b"1\n2?", b"1\n2?\n3", b"1\n2?\n3", b"1\n2?\n3")]
    assert jobctl(*words).out.split() == ["1", "2?", "3"]
    states[:], said[:] = ["r"], [(200, b"1\n2?")]
    assert jobctl(*words, "--timeout", "0").out == "1\n2?\n"


@pytest.mark.parametrize(
    ("looks", "shown"),
    [
        (["a b c", "b c d", "d e"], "a b c d e"),
        (["a b -", "- c - d"], "a b - c - d"),
        (["1 . 2 .", "2 . 3 .", "3 . 4 ."], "1 . 2 . 3 . 4 ."),
        (["a b a b", "b a b b", "b b c"], "a b a b b c"),
        (["a b c", "a b", "", "a b c d"], "a b c d"),
        (["start fail", "start", "start ok"], "start fail start ok"),
        (["a a", "a a a"], "a a a"),
    ],
    ids=["cut", "a line again", "a window", "nearly", "an older copy", "anew", "alike"],
)
def test_no_line_is_lost_or_comes_twice_when_a_log_is_cut(looks: list[str], shown: str) -> None:
    log = Growing()
    assert [line for look in looks for line in log.new(Written(look.split()))] == shown.split()


def test_of_several_parts_each_is_followed(
    jobctl: Run, tmp_path: Path, served: Callable[..., Any]
) -> None:
    parts = [{"a": "1\n"}, {"a": "1\n2", "b": "x\n"}, {"a": "1\n2\n3\n", "b": "x\n"}]

    looks = itertools.count()

    def answer(asked: Any) -> tuple[int, Any]:
        if asked.path.count("/") > 2:
            return 200, {"lines": now[0][asked.path[-1]]}
        # one for the job, one for its parts
        now[:] = parts[min(next(looks) // 2, 2) :]
        return 200, {"s": "r" if now[1:] else "d", "parts": list(now[0])}

    now: list[dict[str, str]] = []
    with served(answer) as url:
        path = tmp_path / "scribe.yaml"
        text = FILE.replace("BASE", url)
        path.write_text(text.replace('logs", ', '{part}", with: {part: parts}, '))
        words = ("logs", "scribe/7", "-f", "--interval", "0.01", "--provider-file", str(path))
        done = jobctl(*words)
    assert done.out == "1\n==> a <==\n2\n==> b <==\nx\n==> a <==\n3\n", done.err


def test_following_says_that_nobody_answers(jobctl: Run, tmp_path: Path) -> None:
    path = tmp_path / "scribe.yaml"
    path.write_text(FILE.replace("BASE", "http://127.0.0.1:9"))
    done = jobctl(
        "logs", "scribe/7", "-f", "--outage", "1", "--interval", "0.5", "--provider-file", str(path)
    )
    assert done.code == 6
    assert "warning: no service has answered at 127.0.0.1:9 so far: check base_url" in done.err


@pytest.mark.parametrize(("state", "code"), [("r", 141), ("d", 0)])
def test_a_reader_of_what_is_followed_who_has_gone_is_no_end_of_the_job(
    state: str, code: int, file: Any
) -> None:
    path, said, states = file
    states[:], said[:] = [state], ["1\n"]
    use_providers(["--provider-file", path])
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "w") as out:
        terminal = Terminal(out, StringIO(), StringIO(), os.environ)
        assert logs(LogsRequest("scribe/7", None, follow=True), terminal) == code


def test_following_ends_with_its_time_or_with_what_cannot_be_asked(jobctl: Run, file: Any) -> None:
    path, said, states = file
    words = ("logs", "scribe/7", "--follow", "--provider-file", path)
    states[:], said[:] = ["r"], ["1\n"]
    done = jobctl(*words, "--timeout", "0")
    assert (done.code, done.out) == (124, "1\n")
    assert done.err.endswith("warning: timed out; not ended: scribe/7\n")
    said[:] = [(401, {})]
    assert jobctl(*words).code == 4


def test_the_end_is_waited_for_first(jobctl: Run, file: Any) -> None:
    path, said, states = file
    states[:], said[:] = ["r", "d"], ["all\n"]
    words = ("logs", "scribe/7", "--wait", "--provider-file", path)
    done = jobctl(*words, "--interval", "0.01")
    assert (done.code, done.out) == (0, "all\n")
    states[:] = ["r"]
    done = jobctl(*words, "--timeout", "0")
    assert (done.code, done.out) == (124, "")


def test_what_does_not_go_together_or_cannot_be_is_told(jobctl: Run, file: Any) -> None:
    path, said, states = file
    said[:] = ["1\n"]
    assert jobctl("logs", "scribe/7", "--timeout", "3", "--provider-file", path).code == 2
    assert jobctl("logs", "cognite/127", "-p", "sandbox").code == 2
    said[:], states[:] = [(404, {})], ["404"]
    assert jobctl("logs", "scribe/7", "--provider-file", path).code == 5


def test_a_service_that_has_no_lines_of_any_id_is_asked_for_the_job(jobctl: Run, file: Any) -> None:
    path, said, states = file
    said[:], states[:] = [""], ["404"]
    done = jobctl("logs", "scribe/7", "--provider-file", path)
    assert (done.code, done.err.startswith("error: scribe/7: ")) == (5, True)


def test_several_parts_have_headings(jobctl: Run, tmp_path: Path) -> None:
    text = """\
job: {status: s, states: {succeeded: [d], running: [r]}}
logs: {path: "/{job}/{part}", with: {part: parts}}
examples:
  - logs: "7"
    answers: [{body: {s: d, parts: [a, b]}}, {body: "1\\n2\\n"}, {body: "3\\n"}]
    expect: "1\\n2\\n3"
  - logs: "8"
    answers: [{body: {s: r, parts: [a]}}]
    expect: {error: pending}
"""
    path = provider_file(tmp_path, text, "parts")
    done = jobctl("logs", "parts/7", "-p", "sandbox", "--provider-file", str(path))
    assert done.out == "==> a <==\n1\n2\n==> b <==\n3\n"
    done = jobctl("logs", "parts/8", "-p", "sandbox", "--provider-file", str(path))
    assert (done.code, "has no logs yet" in done.err) == (8, True)
    assert "hint: jobctl logs parts/8 --wait" in done.err
    words = ("-f", "--timeout", "0", "-p", "sandbox", "--provider-file", str(path))
    done = jobctl("logs", "parts/8", *words)
    assert (done.code, done.out) == (124, "")
    told = json.loads(jobctl("providers", "check", "--json", str(path)).out)
    assert told[0]["outcome"] == "3 lines"


def test_a_part_that_is_empty_or_missing_hides_no_other(
    jobctl: Run, tmp_path: Path, served: Callable[..., Any]
) -> None:
    parts: dict[str, str | None] = {"a": "", "b": "", "c": None, "d": "x\ny\n", "e": None}
    states = ["d"]

    def answer(asked: Any) -> tuple[int, Any]:
        if asked.path.count("/") > 2:
            text = parts[asked.path[-1]]
            return (404, {"error": "no log"}) if text is None else (200, {"lines": text})
        return 200, {"s": states.pop(0) if len(states) > 1 else states[0], "parts": list(parts)}

    with served(answer) as url:
        path = tmp_path / "scribe.yaml"
        text = FILE.replace("BASE", url)
        path.write_text(text.replace('logs", ', '{part}", with: {part: parts}, '))
        words = ("logs", "scribe/7", "--provider-file", str(path))
        done = jobctl(*words)
        assert (done.code, done.out) == (5, "==> d <==\nx\ny\n")
        assert "hint: the job is there, but not this log" in done.err
        assert jobctl(*words, "--tail", "1").out == "y\n"
        follow = (*words, "-f", "--interval", "0.01")
        assert jobctl(*follow).code == 5
        # of one that is at work some may come yet, of one that has just ended all
        states[:] = ["r", "r", "d"]
        done = jobctl(*follow, "--outage", "0.03")
        assert (done.code, done.out) == (6, "==> d <==\nx\ny\n")
        assert "no longer exists" not in done.err
        states[:], parts["c"], parts["e"] = ["r", "r", "d"], "", "z\n"
        done = jobctl(*follow)
        assert (done.code, done.out) == (0, "==> d <==\nx\ny\n==> e <==\nz\n")


def test_a_part_that_is_not_there_yet_hides_no_other(
    jobctl: Run, tmp_path: Path, served: Callable[..., Any]
) -> None:
    states = ["r"]

    def answer(asked: Any) -> tuple[int, Any]:
        if asked.path.count("/") > 2:
            early = asked.path.endswith("a") and states == ["r"]
            return (400, {"message": "wait"}) if early else (200, {"lines": "x\n"})
        return 200, {"s": states.pop(0) if len(states) > 1 else states[0], "parts": ["a", "b"]}

    with served(answer) as url:
        path = tmp_path / "scribe.yaml"
        more = "with: {part: parts}, errors: [{status: 400, is: pending}], "
        path.write_text(FILE.replace("BASE", url).replace('logs", ', f'{{part}}", {more}'))
        words = ("logs", "scribe/7", "--provider-file", str(path))
        done = jobctl(*words, "--tail", "5")
        assert (done.code, done.out) == (8, "==> b <==\nx\n"), done.err
        done = jobctl(*words, "-f", "--timeout", "0")
        assert (done.code, done.out) == (124, "==> b <==\nx\n"), done.err


def test_a_part_that_comes_later_and_stands_first_takes_nothing_from_the_other(
    jobctl: Run, tmp_path: Path, served: Callable[..., Any]
) -> None:
    parts = [{"b": "go\nno\n"}, {"a": "go\n", "b": "go\nno\n"}]
    looks = itertools.count()
    now = [parts[0]]

    def answer(asked: Any) -> tuple[int, Any]:
        if asked.path.count("/") > 2:
            return 200, {"lines": now[0][asked.path[-1]]}
        # one for the job, one for its parts
        now[:] = [parts[next(looks) > 1]]
        return 200, {"s": "d" if "a" in now[0] else "r", "parts": list(now[0])}

    with served(answer) as url:
        path = tmp_path / "scribe.yaml"
        text = FILE.replace("BASE", url)
        path.write_text(text.replace('logs", ', '{part}", with: {part: parts}, '))
        words = ("logs", "scribe/7", "-f", "--interval", "0.01", "--provider-file", str(path))
        assert jobctl(*words).out == "go\nno\n==> a <==\ngo\n"


def test_help_lists_the_providers_that_give_logs(jobctl: Run) -> None:
    done = jobctl("logs", "--help")
    assert "ray" in done.out
    assert "cognite" not in done.out.replace("cognite-", "")


def test_what_is_odd_about_the_settings_is_told(jobctl: Run, file: Any, configured: Any) -> None:
    path, said, states = file
    states[:], said[:] = ["d"], ["1\n"]
    configured("profiles: {default: {scribe: {token: planted-token-8}}}\n", 0o644)
    done = jobctl("logs", "scribe/7", "--provider-file", path)
    assert done.out == "1\n"
    assert "chmod 600" in done.err


def test_what_could_not_be_found_out_is_told(jobctl: Run, tmp_path: Path) -> None:
    text = """\
job: {status: s, states: {succeeded: [d]}}
logs: {path: "/{job}/log", also: {more: {path: /more}}}
examples:
  - logs: "7"
    answers: [{body: {s: d}}, {status: 403, body: {message: not yours}}, {body: "1\\n"}]
    expect: "1"
"""
    path = provider_file(tmp_path, text, "also")
    done = jobctl("logs", "also/7", "-p", "sandbox", "--provider-file", str(path))
    assert done.out == "1\n"
    assert "warning: more could not be read" in done.err


def test_what_another_host_keeps_is_asked_there_without_what_signs_in(
    jobctl: Run, tmp_path: Path, served: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def elsewhere(one: Any) -> tuple[int, Any]:
        asked.append(one)
        return 200, {"lines": "written there"}

    monkeypatch.setenv("JOBCTL_SCRIBE_TOKEN", "planted-token-9")
    with served(lambda _: (200, {"s": "d"})) as url, served(elsewhere) as other:
        path = tmp_path / "scribe.yaml"
        text = FILE.replace("BASE", url)
        path.write_text(text.replace("{path:", f"{{base_url: {other}, path:"))
        done = jobctl("logs", "scribe/7", "--provider-file", str(path))
    assert (done.code, done.out) == (0, "written there\n"), done.err
    assert [(one.path, one.headers.get("Authorization")) for one in asked] == [
        ("/jobs/7/logs", None)
    ]
