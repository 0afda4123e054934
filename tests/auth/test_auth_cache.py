"""Tokens kept between commands."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest
from filelock import FileLock, Timeout
from loopback import FakeClock
from threads import in_threads

from jobctl.auth.cache import Token, TokenCache, cache_directory, identity
from jobctl.auth.oauth import ClientCredentials
from jobctl.config.private import is_private

TOKEN = Token("planted-token", 1000.0, 4600.0, {"project_id": "p1"})


def only_file(directory: Path) -> Path:
    (found,) = (directory / "tokens").iterdir()
    return found


def lock_file(directory: Path) -> Path:
    (found,) = (directory / "tokens").glob("*.lock")
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
    {"expires_at": 10**400},
    {"obtained_at": -(10**400)},
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


def test_what_is_kept_for_one_origin_is_not_seen_by_another(tmp_path: Path) -> None:
    cache = TokenCache(tmp_path)
    mine = cache.of("default", "modzy", origin="https://a.example")
    mine.put("key", TOKEN)
    assert mine.get("key") == TOKEN
    assert cache.of("default", "modzy", origin="https://b.example").get("key") is None
    assert cache.of("default", "modzy", origin="https://a.example:444").get("key") is None
    assert cache.of("other", "modzy", origin="https://a.example").get("key") is None


def test_clearing_forgets_all_of_an_owner_and_nothing_else(tmp_path: Path) -> None:
    cache = TokenCache(tmp_path)
    others = cache.of("default", "cognite")
    others.put("key", TOKEN)
    for origin in ("https://a.example", "https://b.example"):
        cache.of("default", "modzy", origin=origin).put("key", TOKEN)
    owner = cache.of("default", "modzy")
    assert (owner.clear(), owner.clear()) == (2, 0)
    assert cache.of("default", "modzy", origin="https://a.example").get("key") is None
    assert others.get("key") == TOKEN
    assert TokenCache().clear() == 0


def test_one_holds_the_claim_and_others_go_on_without_it_when_they_have_waited(
    tmp_path: Path,
) -> None:
    cache = TokenCache(tmp_path, patience=0.0)
    with cache.claim("key"):
        with TokenCache(tmp_path, patience=0.0).claim("key"):
            pass  # it did not hang, and is in here nevertheless
        with pytest.raises(Timeout), FileLock(lock_file(tmp_path), 0.0):
            """Somebody holds it."""
    with FileLock(lock_file(tmp_path), 0.0):
        """Nobody does."""
    assert mode(lock_file(tmp_path)) == 0o600


def test_where_there_can_be_no_lock_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for cache in (TokenCache(tmp_path / "file"), TokenCache()):
        with cache.claim("key"):
            """It is done without."""
    cache = TokenCache(tmp_path)
    with cache.claim("key"):
        """Now there is a file."""
    path = lock_file(tmp_path)
    path.unlink()
    path.mkdir()
    with cache.claim("key"):
        """A folder is in its place."""


def test_of_many_one_asks_for_a_token(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []
    another = threading.Event()
    clock = FakeClock()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == "idp.test":
            asked.append(request)
            if len(asked) > 1:
                another.set()
            another.wait(0.2)  # while the others come, who would ask as well
            return httpx.Response(200, json={"access_token": "t", "expires_in": 60})
        return httpx.Response(200)

    def look() -> None:
        # as in a process of its own: it shares the folder alone
        cache = TokenCache(tmp_path)
        auth = ClientCredentials("https://idp.test/token", "app", "x", cache=cache, clock=clock)
        with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
            client.get("https://api.test")

    in_threads(8, look)
    assert len(asked) == 1


@pytest.mark.slow
def test_a_process_that_was_killed_holds_no_claim(tmp_path: Path) -> None:
    script = """
import os, sys
from pathlib import Path
from jobctl.auth.cache import TokenCache
with TokenCache(Path(sys.argv[1])).claim("key"):
    os.kill(os.getpid(), 9)
"""
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", script, tmp_path], check=False)
        assert done.returncode == -9
        with FileLock(lock_file(tmp_path), 0.0):
            """Nobody holds it."""


@pytest.mark.slow
def test_of_three_hundred_writes_that_were_killed_each_left_a_whole_token(tmp_path: Path) -> None:
    script = """
import os, random, signal, sys, time
from pathlib import Path
from jobctl.auth.cache import Token, TokenCache
os.umask(0)
tokens = [Token(letter * 9000, 1000.0, 4600.0) for letter in "ab"]
cache = TokenCache(Path(sys.argv[1]))
cache.put("key", tokens[0])
for _ in range(300):
    child = os.fork()
    if not child:
        while True:
            for token in tokens:
                cache.put("key", token)
    time.sleep(random.uniform(0.0005, 0.01))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert TokenCache(Path(sys.argv[1])).get("key") in tokens
"""
    subprocess.run([sys.executable, "-c", script, tmp_path], check=True)
    (kept,) = (tmp_path / "tokens").glob("*.json")
    assert mode(kept) == 0o600
    assert mode(kept.parent) == 0o700
