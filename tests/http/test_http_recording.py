"""Recordings: what is kept of an exchange, what never is, and that it plays as it was."""

import json
import os
import resource
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from loopback import SERVICE, FakeClock, Reply, Service, SignedIn

from jobctl.errors import (
    AuthError,
    ConfigError,
    JobctlError,
    NotFoundError,
    ThrottledError,
    UnavailableError,
    UsageError,
)
from jobctl.http import connect, replay
from jobctl.http.recording import Recorder
from jobctl.http.replay import Replay, read
from jobctl.masking.secrets import hide

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
URL = f"{SERVICE}/jobs/1"
Meet = Callable[..., httpx.Client]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "case.jsonl"


@pytest.fixture
def recording(path: Path, clock: FakeClock) -> Iterator[Meet]:
    """A client whose exchange is recorded; the service gives these answers, a second for each."""
    with ExitStack() as stack:

        def make(*answers: Reply, secrets: tuple[str, ...] = (), **more: Any) -> httpx.Client:
            recorder = stack.enter_context(Recorder(path, ["get", "x"], NOON, clock=clock))
            client = connect(
                SERVICE,
                more.pop("auth", None),
                clock=clock,
                chance=lambda _low, high: high,
                transport=Service(clock, answers, takes=1.0),
                client=recorder.client(secrets),
                log=recorder.listening(None),
                **more,
            )
            return stack.enter_context(client)

        yield make


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def answers(path: Path) -> list[Any]:
    return [line for line in lines(path) if "url" in line]


def played(path: Path, clock: FakeClock) -> httpx.Client:
    return httpx.Client(transport=Replay(read(path), clock))


def answer(body: object = None, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def test_a_recording_tells_what_was_asked_when_and_what_came(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    client = recording(answer({"status": "done"}, x_request_id="r1", server="nginx"))
    clock.time += 5
    client.get(URL)
    head, tried, got = lines(path)
    assert (head["schema"], head["words"]) == ("jobctl.recording/v1", ["get", "x"])
    assert head["began_at"] == "2026-01-01T12:00:00+00:00"
    assert tried == {"tried": f"GET {URL} 200 1.00s r1", "at": 6.0}
    assert got == {
        "at": 5.0,
        "seconds": 1.0,
        "method": "GET",
        "url": URL,
        "status": 200,
        "headers": {"content-type": "application/json", "x-request-id": "r1"},
        "body": {"status": "done"},
    }


def test_only_its_owner_can_read_a_recording(recording: Meet, path: Path) -> None:
    recording(answer())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_try_stands_in_it_and_the_answer_once(recording: Meet, path: Path) -> None:
    recording(answer(status=503), httpx.ConnectError("no"), answer({"n": 1})).get(URL)
    tried = [line["tried"] for line in lines(path) if "tried" in line]
    assert [line.split()[2] for line in tried] == ["503", "failed:", "200"]
    assert [one["body"] for one in answers(path)] == [{"n": 1}]


def test_of_signing_in_nothing_is_kept_but_that_it_happened(recording: Meet, path: Path) -> None:
    client = recording(answer({"access_token": "planted", "id": "planted-too"}))
    client.post(URL, json={"client_secret": "planted"})
    assert [line.get("tried") for line in lines(path)[1:]] == [f"POST {URL} 200 1.00s"]
    assert "planted" not in path.read_text()


def ask(client: httpx.Client, **body: Any) -> httpx.Response:
    return client.post(URL, json=body, extensions={"reads": True})


def test_a_question_that_is_a_post_is_told_from_others_by_its_body(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    client = recording(answer("one"), answer("two"), answer("three"))
    ask(client, job=1)
    ask(client, job=2)
    client.get(URL)
    assert [line.get("sent") for line in answers(path)] == ['{"job": 1}', '{"job": 2}', None]
    again = played(path, clock)
    assert [ask(again, job=number).json() for number in (2, 1)] == ["two", "one"]
    assert again.get(URL).json() == "three"
    for unasked in ({"job": 3}, {}):
        with pytest.raises(UnavailableError, match=f"no answer to POST {URL}"):
            ask(again, **unasked)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"token=planted&job=1", "token=***&job=1"),
        (b'{"password": "planted", "job": 1}', '{"password": "***", "job": 1}'),
        (b'{"password": "\\ud800", "job": "\\ud800"}', '{"password": "***", "job": "\\ud800"}'),
        (b"", ""),
    ],
)
def test_no_secret_of_a_question_is_kept(
    sent: bytes, kept: str, recording: Meet, path: Path, clock: FakeClock
) -> None:
    client = recording(answer("one"))
    client.post(URL, content=sent, extensions={"reads": True})
    assert [line["sent"] for line in answers(path)] == [kept]
    again = played(path, clock)
    assert again.post(URL, content=sent, extensions={"reads": True}).json() == "one"


def test_a_question_that_fails_plays_again_and_a_failed_sign_in_is_not_kept(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    client = recording(httpx.ReadError("reset"), httpx.ReadError("reset"), patience=0)
    with pytest.raises(UnavailableError):
        client.post(URL, json={"job": 1})
    with pytest.raises(UnavailableError):
        ask(client, job=1)
    assert len(answers(path)) == 1
    with pytest.raises(UnavailableError, match="the connection failed"):
        ask(played(path, clock), job=1)


def test_what_no_reader_takes_for_text_is_kept_as_what_it_stands_for(
    path: Path, clock: FakeClock, recording: Meet
) -> None:
    with Recorder(path, ["get", "\udcff"], NOON, clock=clock) as recorder:
        recorder.account("cognite", SERVICE, {"\ud800": "running"})
    head, account, _ = lines(path)
    assert (head["words"], account["states"]) == (["get", "?"], {"?": "running"})
    assert read(path).accounts["cognite"].states == {"?": "running"}
    path.unlink()
    odd = httpx.Response(200, json="one", headers=[(b"X-Request-Id", "ü".encode())])
    recording(odd).get(URL)
    assert played(path, clock).get(URL).headers["x-request-id"] == "?"


@pytest.mark.parametrize(
    "reply",
    [
        answer({"password": "planted", "url": "https://h.example/?X-Amz-Signature=planted"}),
        answer({"hook": {"data": "planted"}, "said": "known-secret", "known-secret": 1}),
        answer(x_request_id="known-secret", set_cookie="s=planted", x_subject_token="planted"),
        httpx.Response(200, content=b'{"ok": 1, "access_token": "planted", "password":"plan\\"ted'),
        httpx.Response(200, content=b"<a href='/?token=planted'> Authorization: Bearer planted"),
        httpx.Response(200, content=b"cookie: 'planted' known-secret"),
        httpx.Response(200, content=b'{"count": NaN, "api_key" : "planted"}'),
    ],
    ids=lambda reply: reply.content[:30],
)
def test_no_secret_of_an_answer_is_kept(reply: httpx.Response, recording: Meet, path: Path) -> None:
    hide("known-secret")
    client = recording(reply, auth=SignedIn("known-secret"), secrets=("hook.data",))
    client.get(URL, params={"sig": "planted", "q": "known-secret"})
    assert len(answers(path)) == 1
    assert "plan" not in path.read_text()
    assert "known-secret" not in path.read_text()


def test_text_that_is_no_json_is_kept_as_it_is_as_far_as_there_is_room(
    recording: Meet, path: Path
) -> None:
    page = b"<html>sign in: the error_code=5 of \xff</html>" + b"x" * 100_000
    recording(httpx.Response(200, content=page)).get(URL)
    text = answers(path)[0]["text"]
    assert text.startswith("<html>sign in: the error_code=5 of \ufffd</html>xxx")
    assert len(text) == 65536


def test_a_recording_replaces_no_file(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(UsageError, match="cannot be written: File exists"):
        Recorder(path, [], NOON)
    assert path.read_text() == "precious"
    with pytest.raises(UsageError, match="No such file or directory"):
        Recorder(path.parent / "no" / "folder", [], NOON)


@pytest.mark.parametrize("kind", ["file of others", "link", "link to nothing", "pipe"])
def test_a_recording_is_new_or_there_is_none(kind: str, path: Path) -> None:
    precious = path.parent / "precious"
    if kind == "file of others":
        path.write_text("theirs")
        path.chmod(0o644)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(precious)
        if kind == "link":
            precious.write_text("theirs")
    before = path.lstat()
    with pytest.raises(UsageError, match="cannot be written: File exists") as caught:
        Recorder(path, [], NOON)
    assert caught.value.hint == "a recording replaces no file: name another, or remove this one"
    assert path.lstat() == before
    assert precious.exists() == (kind == "link")


@pytest.fixture
def full_disk() -> Iterator[None]:
    """No file grows any more, which is the same to a program."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (250, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_ends_the_recording_and_is_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    for number, listener in enumerate((told.append, None)):
        with Recorder(tmp_path / str(number), ["word"], NOON, listener) as recorder:
            for _ in range(9):
                recorder.account("cognite", SERVICE, {})
    assert told == [f"the recording {tmp_path / '0'} is incomplete: File too large"]
    assert read(tmp_path / "0").accounts["cognite"].base_url == SERVICE


def test_who_listens_to_every_line_hears_them_while_they_are_kept(path: Path) -> None:
    heard: list[tuple[int, str]] = []
    with Recorder(path, [], NOON) as recorder:
        keep = recorder.listening(lambda level, line: heard.append((level, line)))
        keep(1, "GET")
        keep(2, "> header")
    assert heard == [(1, "GET"), (2, "> header")]
    assert [line["tried"] for line in lines(path) if "tried" in line] == ["GET"]


def test_an_answer_that_comes_after_the_end_is_not_kept(path: Path, clock: FakeClock) -> None:
    with Recorder(path, [], NOON, clock=clock) as recorder:
        keep = recorder.listening(None)
    keep(1, "late")
    assert lines(path)[-1] == {"ended": True, "at": 0.0}


@pytest.mark.parametrize(
    "content",
    [b'{"n": 1}', b"null", b"[]", b"", b"<html>", b'{"cut', b'{"n": NaN}', b'"\\ud800"', b"1e999"],
)
def test_a_replay_gives_what_was_answered(
    content: bytes, recording: Meet, path: Path, clock: FakeClock
) -> None:
    client = recording(httpx.Response(404, content=content, headers={"X-Request-Id": "r1"}))
    kept = client.get(URL)
    again = played(path, clock).get(URL)
    assert (again.status_code, again.headers["x-request-id"]) == (404, "r1")
    assert again.content == kept.content or again.json() == kept.json()


@pytest.mark.parametrize(
    "error",
    [
        ConfigError("unusable"),
        AuthError("refused", http_status=401, request_id="r1", provider="x", hint="check it"),
        NotFoundError("gone"),
        UnavailableError("down", transient=True),
        ThrottledError("slowly", transient=True, retry_after=7.5),
    ],
)
def test_a_replay_fails_as_it_failed(
    error: JobctlError, path: Path, recording: Meet, clock: FakeClock
) -> None:
    with pytest.raises(type(error)):
        recording(error).get(URL)
    with pytest.raises(JobctlError) as raised:
        played(path, clock).get(URL)
    assert type(raised.value) is type(error)
    assert vars(raised.value) == vars(error)


def test_a_pause_until_a_date_is_played_as_seconds(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    date = "Tue, 14 Nov 2023 22:31:41 GMT"
    recording(answer(status=418, retry_after=date)).get(URL)
    clock.time += 1000
    assert played(path, clock).get(URL).headers["retry-after"] == "100.000"


def test_a_replay_answers_as_it_was_at_the_time_and_takes_as_long(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    client = recording(answer("queued"), answer("running"), answer("done"))
    for _ in range(3):
        clock.time += 10
        client.get(URL)
    client = played(path, clock)
    seen = []
    for pause in (0, 14, 5, 10, 2):
        clock.slept.clear()
        clock.time += pause
        seen.append(client.get(URL).json())
        assert clock.slept == [1.0]
    assert seen == ["queued", "queued", "running", "done", "done"]


def test_after_its_end_a_replay_gives_the_last_answer_once_and_then_says_that_it_ends(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    recording(answer("running")).get(URL)
    client = played(path, clock)
    clock.time += 60
    assert client.get(URL).json() == "running"
    with pytest.raises(UnavailableError, match="the recording ends after 1 s"):
        client.get(URL)


def test_what_failed_for_good_may_be_asked_again_after_the_end(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    with pytest.raises(UnavailableError):
        recording(httpx.ConnectError("no")).get(URL)
    client = played(path, clock)
    clock.time += 60
    for _ in range(2):
        with pytest.raises(UnavailableError, match="cannot reach"):
            client.get(URL)


def test_a_question_that_was_never_asked_has_no_answer(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    recording(answer()).get(URL)
    with pytest.raises(UnavailableError, match=r"no answer to GET https://service\.example/jobs/2"):
        played(path, clock).get(f"{SERVICE}/jobs/2")


def test_a_line_that_a_crash_cut_off_is_left_out(
    recording: Meet, path: Path, clock: FakeClock
) -> None:
    recording(answer("queued"), answer("done")).get(URL)
    with path.open("a") as file:
        file.write('{"at": 2.0, "method": "GE')
    assert played(path, clock).get(URL).json() == "queued"


HEAD = json.dumps({"schema": "jobctl.recording/v1", "began_at": NOON.isoformat()}) + "\n"
GOT: dict[str, Any] = {
    "at": 0,
    "seconds": 0,
    "method": "GET",
    "url": "u",
    "status": 200,
    "headers": {},
    "body": 1,
}
FAILED: dict[str, Any] = {"hint": None, "provider": None, "http_status": None, "request_id": None}
FAILED |= {"transient": False, "retry_after": None, "kind": "auth", "message": "no"}

WRONG: list[dict[str, Any]] = [
    {"at": -1},
    {"at": "soon"},
    {"seconds": 1e999},
    {"url": []},
    {"status": "ok"},
    {"headers": {"a": 1}},
    {"error": FAILED | {"kind": "internal"}},
    {"error": FAILED | {"hint": []}},
    {"error": FAILED | {"retry_after": "long"}},
    {"error": {"kind": "auth", "message": "no"}},
    {"error": FAILED | {"message": None}},
]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 1),
        ("PK\x03\x04", 1),
        ("{}\n", 1),
        ("[]\n", 1),
        (HEAD.replace("v1", "v2"), 1),
        (HEAD.replace("+00:00", ""), 1),
        (HEAD.replace("2026-01-01", "noon"), 1),
        (HEAD.replace("2026", "9999"), 1),
        (HEAD.replace("2026", "0001"), 1),
        (HEAD + "\n", 2),
        (HEAD + "{}\n", 2),
        (HEAD + "7\n", 2),
        (HEAD + "[" * 100_000 + "\n", 2),
        (HEAD + '{"base_url": "u", "states": {}}\n', 2),
        (HEAD + '{"provider": "x", "base_url": 7, "states": {}}\n', 2),
        (HEAD + '{"provider": "x", "base_url": "u", "states": {"X": "asleep"}}\n', 2),
        *((HEAD + json.dumps(GOT) + "\n" + json.dumps(GOT | wrong) + "\n", 3) for wrong in WRONG),
        (HEAD + json.dumps({name: GOT[name] for name in GOT if name != "body"}) + "\n", 2),
    ],
)
def test_what_is_no_recording_is_refused_with_its_line(text: str, number: int, path: Path) -> None:
    path.write_text(text)
    with pytest.raises(UsageError, match=f"case.jsonl:{number}: is not what --record writes"):
        read(path)


@pytest.mark.parametrize(("head", "number"), [("", 1), (HEAD, 2)])
def test_a_file_larger_than_memory_is_refused_by_its_first_wrong_line(
    head: str, number: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "_LONGEST", 65_536)
    with path.open("wb") as file:
        file.write(head.encode())
        file.truncate(1 << 40)
    with pytest.raises(UsageError, match=rf"case.jsonl:{number}: is not what --record writes"):
        read(path)


def test_a_recording_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read(tmp_path / "nothing")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        read(tmp_path)
