"""Results from servers that others wrote: every record once, whatever becomes of the pages."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from serving import nginx
from werkzeug import Request, Response

pytestmark = pytest.mark.slow

PATH = "/v2/p/processor-tasks/T/versions/V/results"
SIZE = 100
PAGES = 20


def results(*words: str, check: int | None = 0) -> "subprocess.CompletedProcess[bytes]":
    """Run jobctl in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "jobctl", "results", "modelarts", "T/V", "-o", "ndjson", *words],
        capture_output=True,
        check=False,
    )
    assert check is None or done.returncode == check, done.stderr
    return done


def ids(output: bytes) -> list[str]:
    return [json.loads(line)["sample_id"] for line in output.splitlines()]


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """An account of the service at a URL, in variables."""

    def use(url: str, **more: str) -> None:
        values = {"base_url": url, "project_id": "p", "token": "planted-token-5"} | more
        for name, value in values.items():
            monkeypatch.setenv(f"JOBCTL_MODELARTS_{name}".upper(), value)

    return use


def write_pages(folder: Path, pages: Sequence[Sequence[str]], total: int) -> None:
    for number, found in enumerate(pages):
        records = ",".join(f'{{"sample_id":"{one}"}}' for one in found)
        body = f'{{"count":{total},"results":[{records}],"has_more":true}}'
        (folder / f"{number}.json").write_text(body)


def paged(number: int) -> list[list[str]]:
    found = [f"{at:x}" for at in range(number)]
    return [found[at : at + SIZE] for at in range(0, number, SIZE)]


def test_a_million_and_three_records_come_once_each_in_order(tmp_path: Path, account: Any) -> None:
    number = 1_000_003
    write_pages(tmp_path, paged(number), number)
    with nginx(tmp_path) as url:
        account(url)
        came = results().stdout
        assert came == b"".join(b'{"sample_id":"%x"}\n' % at for at in range(number))
        account(f"{url}/same")
        same = results(check=6)
    assert ids(same.stdout) == paged(SIZE)[0]
    assert b"only 100 of 1000003 records came" in same.stderr
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize(
    ("change", "code", "missing"),
    [
        (lambda pages: pages.insert(7, []), 0, 0),
        (lambda pages: pages[7].__setitem__(0, pages[6][-1]), 6, 1),
        (lambda pages: pages[7].insert(0, pages[6][-1]), 0, 0),
        (lambda pages: pages[7].clear(), 6, 100),
    ],
    ids=["an empty page", "one instead of another", "one more", "a page lost"],
)
def test_no_record_comes_twice_and_none_is_missing_without_a_word(
    change: Any, code: int, missing: int, tmp_path: Path, account: Any
) -> None:
    pages = paged(PAGES * SIZE - 37)
    whole = [one for page in pages for one in page]
    change(pages)
    write_pages(tmp_path, [*pages, [], [], []], len(whole))
    with nginx(tmp_path) as url:
        account(url)
        done = results(check=code)
    came = ids(done.stdout)
    assert len(came) == len(set(came)) == len(whole) - missing
    assert came == [one for one in whole if one in set(came)]
    assert (b"only %d of %d records came" % (len(came), len(whole)) in done.stderr) is bool(missing)


# Werkzeug's server, behind pytest-httpserver


class Pages:
    """Pages of results; one of them meets with an accident, once or for ever."""

    def __init__(self, accident: Callable[[], Response | None]) -> None:
        self.accident = accident
        self.asked: list[int] = []

    def __call__(self, request: Request) -> Response:
        page = int(request.args["offset"])
        self.asked.append(page)
        if page == 7 and (answer := self.accident()) is not None:
            return answer
        found = (paged(PAGES * SIZE) + [[]] * 3)[page]
        records = [{"sample_id": one} for one in found]
        body = json.dumps({"count": PAGES * SIZE, "results": records, "has_more": True})
        return Response(body, content_type="application/json")


WHOLE = [one for page in paged(PAGES * SIZE) for one in page]


def broken() -> Response:
    body = '{"error_code": "ModelArts.0010", "error_msg": "Internal error."}'
    return Response(body, 500, content_type="application/json")


def test_a_500_that_passes_is_nothing_to_speak_of(httpserver: HTTPServer, account: Any) -> None:
    accidents = iter([broken()])
    httpserver.expect_request(PATH).respond_with_handler(Pages(lambda: next(accidents, None)))
    account(httpserver.url_for("/"))
    assert ids(results().stdout) == WHOLE


def test_after_a_500_for_ever_what_came_is_whole_and_the_cursor_brings_exactly_the_rest(
    httpserver: HTTPServer, account: Any
) -> None:
    mended: list[bool] = []
    pages = Pages(lambda: None if mended else broken())
    httpserver.expect_request(PATH).respond_with_handler(pages)
    account(httpserver.url_for("/"))
    done = results("--set", "read_timeout=5s", check=6)
    begun = ids(done.stdout)
    assert begun == WHOLE[: 7 * SIZE]
    assert b"700 records written" in done.stderr
    cursor = done.stderr.decode().partition("--cursor ")[2].split()[0]
    mended.append(True)
    assert begun + ids(results("--cursor", cursor).stdout) == WHOLE


def test_a_token_that_ends_on_page_7_is_renewed(httpserver: HTTPServer, account: Any) -> None:
    tokens: list[str] = []

    def sign_in(request: Request) -> Response:
        assert request.get_json()["auth"]["identity"]["password"]["user"]["password"] == "secret-5"
        tokens.append(f"token-{len(tokens)}")
        body = {"token": {"expires_at": "2099-01-01T00:00:00.000000Z", "project": {"id": "p"}}}
        answer = Response(json.dumps(body), 201, content_type="application/json")
        answer.headers["X-Subject-Token"] = tokens[-1]
        return answer

    pages = Pages(lambda: None)

    def answer(request: Request) -> Response:
        late = int(request.args["offset"]) >= 7
        if request.headers["X-Auth-Token"] != ("token-1" if late else "token-0") and (
            late or len(tokens) == 1
        ):
            body = '{"error_code": "ModelArts.0202", "error_msg": "the token has expired."}'
            return Response(body, 401, content_type="application/json")
        return pages(request)

    httpserver.expect_request("/v3/auth/tokens").respond_with_handler(sign_in)
    httpserver.expect_request(PATH).respond_with_handler(answer)
    url = httpserver.url_for("/")
    account(url, auth="password", username="u", password="secret-5", domain="d", iam_endpoint=url)
    assert ids(results().stdout) == WHOLE
    assert tokens == ["token-0", "token-1"]
