"""Words beyond all bounds: exit 2 in words that fit a screen, never a defect."""

from pathlib import Path
from typing import Any

import pytest

BIG, HUGE = str(2**64), "9" * 5000
LONG = "1" * 70_000
MODEL_ARTS = ["results", "modelarts", "kM7j9TSa611ZzBThzSr/YHFWU18zXuNbqxtzegG"]
LISTED = ["list", "modelarts", "kM7j9TSa611ZzBThzSr"]


@pytest.mark.parametrize(
    "words",
    [
        ["get", "cognite", "123", "--json", "-q", "[" * 20_000],
        ["get", "cognite", "123", "--json", "-q", "ceil(`1e999`)"],
        ["get", "cognite", "123", "--json", "-q", f"failures[{HUGE}]"],
        ["get", "cognite", LONG],
        ["get", "modelarts", LONG],
        ["get", "modelarts", f"{LONG}/1"],
        ["list", "modelarts", LONG],
        ["wait", f"modelarts/{LONG}"],
        ["wait", f"https://example.com/v1/x/{LONG}"],
        [LONG],
        ["history", "-n", BIG],
        ["logs", "ray", "job", "--tail", BIG],
        ["history", "-n", HUGE],
        [*LISTED, "-n", BIG],
        [*LISTED, "--sort", ""],
        [*LISTED, "--sort", LONG],
        [*LISTED, "--state", LONG],
        [*LISTED, "--since", "999999999h"],
        [*MODEL_ARTS, "-n", BIG],
        [*MODEL_ARTS, "--outage", "0x10"],
        ["logs", "ray", "job", "--allow-missing", "9999999h"],
        ["providers", "new", "acme", "--body", ""],
        [*MODEL_ARTS, "--cursor", LONG],
        [*MODEL_ARTS, "--page-size", BIG],
        [*MODEL_ARTS, "--output-file", LONG],
        [*MODEL_ARTS, "--html", LONG],
        ["wait", "cognite/123", "--exit-map", ""],
        ["wait", "cognite/123", "--exit-map", f"timeout={BIG}"],
        ["wait", "cognite/123", "--exit-map", "timeout=0,timeout=1"],
        ["wait", "cognite/123", "--replay", ""],
        ["wait", "cognite/123", "--replay", LONG],
        ["wait", "cognite/123", "--record", LONG],
        ["wait", "cognite/123", "--junit", LONG],
        ["wait", "cognite/123", "--speed", ""],
    ],
    ids=lambda words: " ".join(words)[:60],
)
def test_what_is_beyond_all_bounds_is_a_wrong_argument(words: list[str], jobctl: Any) -> None:
    profile = () if words[0] in ("history", "providers") else ("--profile", "sandbox")
    ran = jobctl(*words, *profile)
    assert (ran.code, ran.out) == (2, "")
    assert "defect" not in ran.err
    assert len(ran.err) < 3000


@pytest.mark.usefixtures("account")
def test_a_setting_too_long_for_any_address_is_unusable(
    jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_COGNITE_PROJECT", LONG)
    ran = jobctl("get", "cognite", "1")
    assert (ran.code, ran.out) == (2, "")
    assert "nobody can be asked at such an address" in ran.err


def test_a_place_beyond_a_list_is_empty(jobctl: Any) -> None:
    for place in (BIG, HUGE):
        ran = jobctl("get", "cognite", "123", "--profile", "sandbox", "-c", f"failures.{place}")
        assert (ran.code, ran.out.splitlines()[1:]) == (0, ["-"])


def test_a_long_word_is_told_by_its_ends_in_every_format(jobctl: Any) -> None:
    word = "a" * 40_000 + "z" * 40_000
    assert "aaa...zzz" in jobctl("wait", word).err
    assert "aaa...zzz" in jobctl("wait", word, "--json").error["message"]


@pytest.mark.parametrize("long", ["x" * 300, "x/" * 2100], ids=["name", "path"])
@pytest.mark.parametrize("words", [("history",), ("doctor",), ("get", "cognite/123")])
def test_a_folder_with_a_name_too_long_is_no_defect(
    words: tuple[str, ...], long: str, jobctl: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("JOBCTL_STATE_DIR", "JOBCTL_CACHE_DIR"):
        monkeypatch.setenv(name, str(tmp_path / long))
    monkeypatch.setenv("JOBCTL_PROFILE", "sandbox")
    assert jobctl(*words).code in (0, 2)
