"""Tokens between commands: asked for once, shown to nobody but whom they are for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from processes import run_in_a_process
from slowly import others


class Signing:
    """An identity provider, and what it and the services below it were asked."""

    def __init__(self) -> None:
        self.issued = 0
        self.token_answer: Any = None
        self.job_answer: Any = None
        self.slow = threading.Event()
        self.takes = 0.0
        self.shown: list[tuple[str, str]] = []
        self.host = ""

    def token(self, asked: Any) -> Any:
        self.issued += 1
        self.slow.wait(self.takes)
        return self.token_answer or (
            200,
            {"access_token": f"token-{self.issued}", "expires_in": 3600},
        )

    def job(self, asked: Any) -> Any:
        self.shown.append((asked.headers["Host"], asked.headers["Authorization"]))
        done = {"jobId": 1, "status": "Completed", "createdTime": 1, "statusTime": 2}
        return self.job_answer or (200, done)


@pytest.fixture
def signing(
    served: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[tuple[Signing, Callable[[], str]]]:
    """An application's sign-in in variables, and what serves the API once more."""
    made = Signing()
    with ExitStack() as stack:
        idp = stack.enter_context(served(made.token))
        for name, value in {
            "JOBCTL_COGNITE_PROJECT": "my-project",
            "JOBCTL_COGNITE_IDENTITY": "other",
            "JOBCTL_COGNITE_TOKEN_URL": f"{idp}/token",
            "JOBCTL_COGNITE_CLIENT_ID": "app",
            "JOBCTL_COGNITE_CLIENT_SECRET": "planted-secret",
            "JOBCTL_CACHE_DIR": str(tmp_path),
        }.items():
            monkeypatch.setenv(name, value)

        def serve() -> str:
            url: str = stack.enter_context(served(made.job))
            monkeypatch.setenv("JOBCTL_COGNITE_BASE_URL", url)
            return url.removeprefix("http://")

        yield made, serve


def test_a_token_is_not_shown_to_another_host_than_the_one_it_was_asked_for(
    signing: tuple[Signing, Callable[[], str]], jobctl: Any
) -> None:
    made, serve = signing
    first = serve()
    for _ in range(2):
        assert jobctl("get", "cognite/1").code == 0
    second = serve()
    assert jobctl("get", "cognite/1").code == 0
    assert made.shown == [
        (first, "Bearer token-1"),
        (first, "Bearer token-1"),
        (second, "Bearer token-2"),
    ]


@pytest.mark.parametrize("status", [307, *others(301, 302, 303, 308)])
def test_no_redirect_takes_credentials_or_a_token_to_another_host(
    status: int, signing: tuple[Signing, Callable[[], str]], served: Any, jobctl: Any
) -> None:
    made, serve = signing
    serve()
    strange: list[Any] = []

    def take(asked: Any) -> Any:
        strange.append(asked)
        return 200, {}

    with served(take) as url:
        for place in (url, url.replace("http", "https", 1), url.replace("127.0.0.1", "localhost")):
            elsewhere: Any = (status, {}, {"Location": f"{place}/token"})
            made.token_answer, made.job_answer = None, elsewhere
            for line in (("status", "cognite"), ("login", "cognite", "--no-input")):
                ran = jobctl("auth", *line, "-vv")
                assert ran.code not in (0, 1), ran.err
            assert jobctl("auth", "logout", "cognite").code == 0
            made.token_answer = elsewhere
            for verb in ("status", "token", "login"):
                ran = jobctl("auth", verb, "cognite", "-vv")
                assert ran.code not in (0, 1), ran.err
    assert strange == []


@pytest.mark.slow
def test_of_twenty_processes_one_asks_for_a_token(
    signing: tuple[Signing, Callable[[], str]],
) -> None:
    made, serve = signing
    serve()
    made.takes = 3.0  # while the others come, who would ask as well
    with ExitStack() as stack:
        runs = [stack.enter_context(run_in_a_process("get", "cognite/1")) for _ in range(20)]
        assert [run.wait(60) for run in runs] == [0] * 20
    assert made.issued <= 2
    assert len(made.shown) == 20
