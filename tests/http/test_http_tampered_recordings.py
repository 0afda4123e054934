"""Recordings are files of others: whatever one holds, it plays or is refused in words."""

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from loopback import FakeClock
from tampered import ACCOUNT, ANSWERED, BY_HAND, ENDED, HEAD, URL, tampered, text

from jobctl.errors import JobctlError, UsageError
from jobctl.http import MAX_BODY
from jobctl.http.replay import Recording, Replay, read

DAY = 86_400.0


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tampered") / "case.jsonl"


def play(recording: Recording) -> None:
    """Ask all that was asked, at the beginning and after the end, by a clock that stands still."""
    clock = FakeClock()
    client = httpx.Client(transport=Replay(recording, clock))
    for moment in (0.0, recording.end + 60):
        clock.time += moment
        for question in recording.got:
            try:
                answer = client.request(question.method, question.url, content=question.sent)
            except (JobctlError, httpx.InvalidURL, httpx.UnsupportedProtocol):
                continue
            assert len(answer.content) <= MAX_BODY
    assert max(clock.slept, default=0.0) <= DAY


def plays_or_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    try:
        recording = read(path)
    except UsageError as error:
        message = error.message
    else:
        assert 0 <= recording.end <= 367 * DAY
        play(recording)
        return
    assert message.startswith(f"{path}:")
    assert message.isprintable()


@pytest.mark.parametrize("name", BY_HAND)
def test_what_people_made_by_hand_plays_or_is_refused(name: str, path: Path) -> None:
    plays_or_is_refused(path, BY_HAND[name])


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(tampered())
def test_what_was_tampered_with_plays_or_is_refused(path: Path, content: bytes) -> None:
    plays_or_is_refused(path, content)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None, suppress_health_check=list(HealthCheck))
@given(tampered())
def test_so_does_any_of_many(path: Path, content: bytes) -> None:
    plays_or_is_refused(path, content)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "nonsense"])
def test_no_header_of_a_recording_chooses_a_decoder(encoding: str, path: Path) -> None:
    headers = {"Content-Encoding": encoding, "content-encoding": encoding, "set-cookie": "a=b"}
    path.write_bytes(text([HEAD, ACCOUNT, ANSWERED | {"headers": headers}, ENDED]))
    with httpx.Client(transport=Replay(read(path), FakeClock())) as client:
        answer = client.get(URL)
    assert answer.json() == ANSWERED["body"]
    assert set(answer.headers) == {"content-length"}


def large(body: str) -> bytes:
    whole = text([HEAD, ACCOUNT, ANSWERED | {"body": "here"}, ENDED])
    return whole.replace(b'"here"', body.encode())


@pytest.mark.parametrize(
    "body",
    [
        "[" + "[]," * 700_000 + "0]",
        "{" + '"":{},' * 300_000 + '"":0}',
        '"' + r"\u00e9" * 300_000 + '"',
    ],
    ids=["arrays", "objects", "escapes"],
)
def test_a_recording_takes_no_more_memory_than_a_few_times_its_size(body: str, path: Path) -> None:
    content = large(body)
    path.write_bytes(content)
    tracemalloc.start()
    try:
        read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(content)


def test_a_body_larger_than_an_answer_may_be_is_refused(path: Path) -> None:
    path.write_bytes(large(f'"{"x" * MAX_BODY}"'))
    with pytest.raises(UsageError, match=r"case.jsonl:3: is not what --record writes"):
        read(path)


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    yield path
    path.unlink()


def test_nobody_waits_for_a_pipe_in_the_place_of_a_recording(pipe: Path) -> None:
    for path in (pipe, Path("/dev/zero")):
        with pytest.raises(UsageError, match="cannot be read: it is no file"):
            read(path)
