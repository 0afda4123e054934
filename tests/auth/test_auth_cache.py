"""Tokens kept between commands."""

import json
import os
from pathlib import Path

import pytest

from jobctl.auth.cache import Token, TokenCache, cache_directory, identity
from jobctl.config.private import is_private

TOKEN = Token("planted-token", 1000.0, 4600.0, {"project_id": "p1"})


def only_file(directory: Path) -> Path:
    (found,) = (directory / "tokens").iterdir()
    return found


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def another_process(directory: Path) -> TokenCache:
    return TokenCache(directory)


@pytest.mark.parametrize(
    ("life", "fresh_until"),
    [(3600, 3540), (300, 240), (100, 80), (10, 8), (0, 0)],
)
def test_a_token_is_renewed_a_minute_or_a_fifth_of_its_life_before_its_end(
    life: float, fresh_until: float
) -> None:
    token = Token("t", 1000.0, 1000.0 + life)
    assert not token.fresh(1000.0 + fresh_until)
    assert life == 0 or token.fresh(1000.0 + fresh_until - 0.5)


def test_a_token_from_the_future_is_not_fresh() -> None:
    assert not TOKEN.fresh(999.0)


def test_a_token_never_shows_its_value() -> None:
    assert "planted" not in repr(TOKEN)


def test_a_token_is_there_for_the_next_process(tmp_path: Path) -> None:
    TokenCache(tmp_path / "cache").put("key", TOKEN)
    assert another_process(tmp_path / "cache").get("key") == TOKEN
    assert another_process(tmp_path / "cache").get("other") is None


def test_the_file_is_the_owners_alone_and_its_name_tells_nothing(tmp_path: Path) -> None:
    TokenCache(tmp_path).put("key-with-planted-words", TOKEN)
    assert mode(tmp_path / "tokens") == 0o700
    assert mode(only_file(tmp_path)) == 0o600
    assert "planted" not in only_file(tmp_path).name


def test_a_folder_that_others_may_enter_is_closed(tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir(mode=0o755)
    TokenCache(tmp_path).put("key", TOKEN)
    assert mode(tmp_path / "tokens") == 0o700


def test_without_a_folder_memory_serves() -> None:
    cache = TokenCache()
    cache.put("key", TOKEN)
    assert cache.get("key") == TOKEN
    cache.drop("key")
    cache.drop("key")
    assert cache.get("key") is None


def test_a_dropped_token_is_gone_for_all(tmp_path: Path) -> None:
    cache = TokenCache(tmp_path)
    cache.put("key", TOKEN)
    cache.drop("key")
    cache.drop("key")
    assert cache.get("key") is None
    assert another_process(tmp_path).get("key") is None


def test_the_newer_token_wins_whoever_had_it(tmp_path: Path) -> None:
    mine, theirs = TokenCache(tmp_path), another_process(tmp_path)
    newer = Token("newer", 2000.0, 5600.0)
    mine.put("key", TOKEN)
    theirs.put("key", newer)
    assert mine.get("key") == newer
    mine.put("key", Token("newest", 3000.0, 6600.0))
    theirs.put("key", newer)
    assert mine.get("key") == Token("newest", 3000.0, 6600.0)


SOUND = {"value": "t", "obtained_at": 1, "expires_at": 2, "extra": {}}
WRONG: list[dict[str, object]] = [
    {"value": 1},
    {"value": ""},
    {"value": "a\nb"},
    {"value": "a\u00a0b"},
    {"value": "a "},
    {"obtained_at": "1"},
    {"expires_at": None},
    {"expires_at": float("nan")},
    {"expires_at": float("inf")},
    {"extra": []},
    {"extra": {"project_id": 1}},
    {"more": 1},
]
GARBAGE = [
    *(b"", b"{", b"\xff\xfe", b"[" * 100_000, b"[]", b"null", b"{}"),
    *(json.dumps(SOUND | wrong).encode() for wrong in WRONG),
]


@pytest.mark.parametrize("content", GARBAGE)
def test_garbage_counts_as_absent_and_is_replaced(tmp_path: Path, content: bytes) -> None:
    TokenCache(tmp_path).put("key", TOKEN)
    only_file(tmp_path).write_bytes(content)
    cache = another_process(tmp_path)
    assert cache.get("key") is None
    cache.put("key", TOKEN)
    assert another_process(tmp_path).get("key") == TOKEN


def test_a_file_that_others_may_read_is_not_believed(tmp_path: Path) -> None:
    TokenCache(tmp_path).put("key", TOKEN)
    only_file(tmp_path).chmod(0o640)
    assert another_process(tmp_path).get("key") is None


def test_a_file_of_another_owner_is_not_believed(tmp_path: Path) -> None:
    TokenCache(tmp_path).put("key", TOKEN)
    about = list(only_file(tmp_path).stat())
    assert is_private(os.stat_result(about))
    about[4] += 1  # the owner: only root could give a real file away
    assert not is_private(os.stat_result(about))


def test_what_is_no_file_is_not_believed(tmp_path: Path) -> None:
    TokenCache(tmp_path).put("key", TOKEN)
    file = only_file(tmp_path)
    elsewhere = file.rename(tmp_path / "elsewhere")
    file.symlink_to(elsewhere)
    assert another_process(tmp_path).get("key") is None, "a link"
    file.unlink()
    os.mkfifo(file, 0o600)
    assert another_process(tmp_path).get("key") is None, "a pipe"


def test_where_no_folder_can_be_made_memory_serves(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = TokenCache(tmp_path / "file")
    assert cache.get("key") is None
    cache.put("key", TOKEN)
    assert cache.get("key") == TOKEN
    cache.drop("key")
    assert cache.get("key") is None


def test_a_write_that_fails_leaves_nothing_half_done(tmp_path: Path) -> None:
    TokenCache(tmp_path).put("key", TOKEN)
    name = only_file(tmp_path).name
    only_file(tmp_path).unlink()
    (tmp_path / "tokens" / name / "in the way").mkdir(parents=True)
    cache = TokenCache(tmp_path)
    cache.put("key", TOKEN)
    assert only_file(tmp_path).name == name
    assert cache.get("key") == TOKEN


def test_a_file_that_cannot_be_dropped_does_not_come_back(tmp_path: Path) -> None:
    TokenCache(tmp_path).put("key", TOKEN)
    name = only_file(tmp_path).name
    only_file(tmp_path).unlink()
    (tmp_path / "tokens" / name).mkdir()
    cache = TokenCache(tmp_path)
    cache.drop("key")
    assert cache.get("key") is None


def test_the_variable_moves_the_folder(tmp_path: Path) -> None:
    assert cache_directory({"JOBCTL_CACHE_DIR": str(tmp_path)}) == tmp_path
    for environ in ({"JOBCTL_CACHE_DIR": ""}, {}):
        found = cache_directory(environ)
        assert found is not None
        assert found.name == "jobctl"


def test_a_user_without_a_home_keeps_tokens_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, "/dev/null")
    assert cache_directory({}) is None
    cache = TokenCache(lambda: cache_directory({}))
    cache.put("key", TOKEN)
    assert cache.get("key") == TOKEN


def test_a_changed_secret_is_another_key_that_does_not_hold_it() -> None:
    key = identity("oauth", "https://idp.test", None, secret="planted")
    assert key != identity("oauth", "https://idp.test", None, secret="other")
    assert key != identity("oauth", "https://other.test", None, secret="planted")
    assert "planted" not in key
