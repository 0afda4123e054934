"""`--replay` of a file that somebody else made: it plays, or is refused in words."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from tampered import BY_HAND, GOOD, ODD, PLACES, tampered, with_odd

FAST = ("--speed", "1000000x")
CODES = {0, 2, 4, 5, 6, 7, 8, 10, 11, 12, 13, 124}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tampered") / "case.jsonl"


def plays_or_is_refused(path: Path, content: bytes, jobctl: Any) -> None:
    path.write_bytes(content)
    for more in ((), ("--wait", "--timeout", "1h")):
        ran = jobctl("--replay", str(path), *FAST, "get", "cognite", "1", *more)
        assert ran.code in CODES
        assert (ran.out + ran.err).replace("\n", "").isprintable()
        # an hour is 4 ms here: it may be over before the job was looked at
        assert ran.out or ran.err.count("error: ") == 1 or ran.code == 124


@pytest.mark.parametrize("name", BY_HAND)
def test_what_people_made_by_hand_plays_or_is_refused(name: str, path: Path, jobctl: Any) -> None:
    plays_or_is_refused(path, BY_HAND[name], jobctl)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=tampered())
def test_what_was_tampered_with_plays_or_is_refused(
    path: Path, jobctl: Any, content: bytes
) -> None:
    plays_or_is_refused(path, content, jobctl)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES, ids=str)
def test_any_value_may_be_odd(place: tuple[Any, ...], path: Path, jobctl: Any) -> None:
    for odd in ODD:
        plays_or_is_refused(path, with_odd(GOOD, place, odd), jobctl)
