"""A signed URL and every secret, planted in all that a service says, come out nowhere.

The sandbox's bodies are the ground: in each of them every text, every name of a field and every id
that nobody asked for bears what must not be shown.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from contract import ROOT, make, sandbox

from jobctl import payload, registry
from jobctl.clock import Clock
from jobctl.config import variable
from jobctl.models import JobRef
from jobctl.sandbox import Lives, service

URL = (
    "https://planted01user:planted02pass@x.example/p/planted03/n/n/b/b/o/o?page=2"
    "&X-Amz-Signature=planted04&sig=planted05#access_token=planted06"
)
TOKEN = "planted07Obtained"


class Account(NamedTuple):
    """A way of signing in: its provider, and the secrets that it takes, all of them planted."""

    provider: str
    secrets: Mapping[str, str]
    settings: Mapping[str, str | None] = MappingProxyType({})
    obtains: bool = False


_NO_KEYS = {"access_key": None, "secret_key": None}
_NO_CLIENT = {"client_id": None, "client_secret": None, "identity_url": None, "scope": None}
ACCOUNTS = {
    "cognite token": Account(
        "cognite", {"token": "planted11-Token.x"}, {"identity": None, "client_secret": None}
    ),
    "cognite client": Account("cognite", {"client_secret": "planted12+/%:s3cr3t"}, obtains=True),
    "modzy key": Account("modzy", {"api_key": "PREFIX123.planted13Body"}),
    "modzy team": Account(
        "modzy", {"team_token": "planted14.team.token"}, {"api_key": None, "team_id": "team"}
    ),
    "vas keys": Account(
        "vas",
        {
            "access_key": "planted15AccessKey",
            "secret_key": "planted16SecretKey",
            "security_token": "planted17SecurityToken",
        },
    ),
    "modelarts token": Account("modelarts", {"token": "planted18IamToken"}, _NO_KEYS),
    "modelarts password": Account(
        "modelarts",
        {"password": 'planted19"\\Pass'},
        _NO_KEYS | {"username": "user", "domain": "domain"},
        obtains=True,
    ),
    "oracle token": Account("oracle-content", {"token": "planted20Token"}, _NO_CLIENT),
    "oracle client": Account(
        "oracle-content", {"client_secret": "planted21+/%:Secret"}, obtains=True
    ),
    "oracle basic": Account(
        "oracle-content",
        {"password": "planted22Password"},
        _NO_CLIENT | {"auth": "basic", "username": "user"},
    ),
}
JOBS = {
    "cognite": ("124", "127"),
    "modzy": ("2700725a-9c84-40ae-bbeb-4fce0d35424e", "job-allfailed-1"),
    "vas": (
        "video-analyze/f18320e61e4c4dc685aa2dfc22a28dc5",
        "video-analyze/0000000000000000000000000000fa08",
    ),
    "modelarts": ("kM7j9TSa611ZzBThzSr/qSaudx2sbPvthHygckA", "AcYfsdfhGyrWL5TtahH"),
    "oracle-content": (
        "DC765D5CD846E67B395AE676435D1DBF0C5B3FCDE317"
        "/ZX-E83150A29A911D33321FE8A9A6C5814F1643066913096",
    )
    * 2,
}
WITHIN = {"modelarts": "kM7j9TSa611ZzBThzSr", "vas": "video-analyze"}
IDS = ("id", "jobIdentifier", "task_id", "task_version_id")
FORMATS = [
    ("-o", "table"), ("-o", "json"), ("-o", "ndjson"), ("-o", "yaml"), ("-o", "csv"), ("-o", "tsv"),
    ("-o", "text", "-q", "@"), ("-o", "json", "-q", "@"), ("-vv",),
]  # fmt: skip
RAW = [("-o", "json", "--raw"), ("-o", "ndjson", "--raw"), ("-o", "yaml", "--raw")]


# all of them together take minutes; one shows that whoever masks is asked
every_account = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == "vas keys" else pytest.mark.slow) for name in ACCOUNTS],
)

Plant = Callable[[str], str]


def planted(value: Any, plant: Plant, kept: frozenset[str], name: str = "") -> Any:
    """The value, in all of its texts and names what is planted; ids of rows stay ids."""
    if isinstance(value, str):
        return value if value in kept or name in IDS else plant(value)
    if isinstance(value, list):
        return [planted(one, plant, kept) for one in value]
    if isinstance(value, dict):
        inside = {key: planted(one, plant, kept, key) for key, one in value.items()}
        alike = next((one for one in inside.values() if isinstance(one, dict)), None)
        # where names are the service's own there is one more like those
        return inside | {plant("name"): plant("text") if alike is None else alike}
    return value


@dataclass
class Planted:
    """The sandbox's service of an account, behind a server that plants in all it says."""

    account: Account
    plant: Plant
    status: int = 200
    body: Any = None
    url: str = ""
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        name = self.account.provider
        self.behind = make(name, sandbox(name, Lives(Clock(speed=100_000))))
        for job in JOBS[name]:  # all of them have ended when they are looked at
            self.behind.get(JobRef.parse(job, name))

    def answer(self, asked: Any) -> Any:
        if asked.method == "POST":
            answer = {"access_token": TOKEN, "expires_in": 3600}
            token = {"expires_at": "2099-01-01T00:00:00Z", "project": {"id": "0" * 32}}
            return 201, answer | {"token": token}, {"X-Subject-Token": TOKEN}
        self.asked.append(asked.path)
        found = self.behind.client.get(ROOT + asked.path)
        body = self.body or payload.json_or_none(found.content)
        kept = frozenset(asked.path.partition("?")[0].split("/"))
        headers = {"X-Request-Id": self.plant("id")} if self.plant("").isascii() else {}
        return self.status, planted(body, self.plant, kept), headers


def secrets_of(account: Account) -> str:
    """What must not be shown, in a few of its spellings."""
    told = " ".join([*account.secrets.values(), *([TOKEN] if account.obtains else [])])
    return f"{told} {quote(told)} {URL} {quote(URL, safe='')}"


@pytest.fixture
def serving(served: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Planted], None]]:
    """Serve the answers, and set the variables of the account for them."""
    with ExitStack() as stack:

        def serve(made: Planted) -> None:
            name, account = made.account.provider, made.account
            made.url = stack.enter_context(served(made.answer))
            values: dict[str, str | None] = dict(service(name).settings(f"{made.url}/{name}"))
            for setting, value in (values | dict(account.settings) | dict(account.secrets)).items():
                if value is None:
                    monkeypatch.delenv(variable(name, setting), raising=False)
                else:
                    monkeypatch.setenv(variable(name, setting), value)

        yield serve


def commands(provider: str) -> Iterator[tuple[str, ...]]:
    """Every verb and every format that the provider has an answer for."""
    cls = registry.find(provider)
    for form in (*FORMATS, *RAW):
        yield "get", provider, JOBS[provider][0], *form
    yield "get", *(f"{provider}/{job}" for job in JOBS[provider]), "-o", "json"
    yield "api", provider, "nothing", "-o", "json"
    for form in FORMATS:
        yield "wait", *(f"{provider}/{job}" for job in JOBS[provider]), *form
        yield "results", provider, JOBS[provider][provider != "modelarts"], "-n", "9", *form
    if cls.listing is not None:
        within = (WITHIN[provider],) if provider in WITHIN else ()
        for form in (("-o", "table"), ("-o", "csv"), ("-o", "ids"), ("-vv",), *RAW):
            yield "list", provider, *within, "-n", "9", *form


def beside(account: Account, text: str) -> Plant:
    """What plants a text behind others; the service's words for how a job is doing stay words."""
    words = frozenset(registry.find(account.provider).states)
    return lambda said: said if said.upper() in words else f"{said} {text}"


@every_account
def test_nothing_planted_beside_what_a_service_says_is_shown(
    name: str, serving: Callable[[Planted], None], jobctl: Any
) -> None:
    account = ACCOUNTS[name]
    serving(Planted(account, beside(account, secrets_of(account))))
    shown = 0
    for line in commands(account.provider):
        ran = jobctl(*line)
        # what Oracle says to a path of nothing is an error, whatever its status
        assert ran.code in (0, 10, 11, 12) or (line[0], ran.code) == ("api", 6), (line, ran.err)
        assert "planted" not in ran.out + ran.err, line
        shown += "***" in ran.out
    assert shown > 10


@pytest.mark.slow
@pytest.mark.parametrize("name", ACCOUNTS)
def test_nothing_planted_in_place_of_all_that_a_service_says_is_shown(
    name: str, serving: Callable[[Planted], None], jobctl: Any
) -> None:
    account = ACCOUNTS[name]
    secret = next(iter(account.secrets.values()))
    for text in (secrets_of(account), secret):
        serving(Planted(account, lambda _, text=text: text))  # type: ignore[misc]
        for line in commands(account.provider):
            limits = ("--timeout", "0") if line[0] == "wait" else ()
            ran = jobctl(*line, *limits)
            assert ran.code != 1, (line, ran.err)
            assert "planted" not in ran.out + ran.err, line


@every_account
def test_no_error_shows_what_is_planted(
    name: str, serving: Callable[[Planted], None], jobctl: Any
) -> None:
    account = ACCOUNTS[name]
    text = secrets_of(account)
    told = {"code": text, "message": text, "error": {"code": text, "message": text}}
    ref = f"{account.provider}/{JOBS[account.provider][0]}"
    limits = ("--timeout", "0.1", "--outage", "0.1", "--interval", "0.1")
    asked = (("get", ref), ("results", ref), ("wait", ref, *limits))
    for status in (200, 400, 401, 403, 404, 429, 500):
        serving(Planted(account, beside(account, text), status, told))
        for line in asked if status < 429 else asked[2:]:
            for form in (("-o", "json"), ("-vv",)):
                ran = jobctl(*line, *form)
                assert ran.code != 1, (line, ran.err)
                assert "planted" not in ran.out + ran.err, (line, form)


def spelled(account: Account) -> str:
    """The secrets alone, as a service may spell what it repeats."""
    told = " ".join([*account.secrets.values(), *([TOKEN] if account.obtains else [])])
    encoded = b64encode(told.encode()).decode()
    return " ".join(
        [told, quote(told), encoded, json.dumps(told), escape(told), told.encode().hex()]
    )


@every_account
def test_no_body_no_line_for_curl_no_finding_and_no_sign_in_shows_what_is_planted(
    name: str, serving: Callable[[Planted], None], jobctl: Any, tmp_path: Path
) -> None:
    account = ACCOUNTS[name]
    text = spelled(account)
    told = {"code": text, "message": text, "error": {"code": text, "message": text}}
    provider, job = account.provider, JOBS[account.provider][0]
    some = (200,) if name == "vas keys" else (200, 400, 403, 404)
    for status in some:
        serving(Planted(account, beside(account, text), status, told))
        for line in (
            ("api", provider, "nothing", "-i", "-vv", "--paginate"),
            ("api", provider, "nothing", "-q", "@", "--record", str(tmp_path / f"{status}")),
            ("get", provider, job, "--curl", "-vv"),
            ("doctor", provider, "-vv"),
            ("doctor", provider, "-o", "json"),
            ("auth", "status", provider, "-vv"),
            ("auth", "status", provider, "-o", "json"),
            ("auth", "login", provider, "--no-input", "-vv"),
        ):
            ran = jobctl(*line)
            assert ran.code != 1, (line, ran.err)
            assert "planted" not in ran.out + ran.err, (line, status)
            for secret in (*account.secrets.values(), TOKEN):
                assert b64encode(secret.encode())[1:-4].decode() not in ran.out + ran.err
                assert secret.encode().hex() not in ran.out + ran.err
        assert b"planted" not in (tmp_path / f"{status}").read_bytes()


@every_account
def test_no_report_and_no_file_holds_what_is_planted(
    name: str,
    serving: Callable[[Planted], None],
    jobctl: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account = ACCOUNTS[name]
    serving(Planted(account, beside(account, secrets_of(account))))
    monkeypatch.setenv("JOBCTL_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    (tmp_path / "summary").touch()
    (tmp_path / "output").touch()
    jobs = [f"{account.provider}/{job}" for job in sorted(set(JOBS[account.provider]))]
    on_done = f"cat > {tmp_path / 'done'}; echo $JOBCTL_VERDICT $JOBCTL_REFS > {tmp_path / 'refs'}"
    written: list[str] = []
    for format_ in ("table", "ndjson"):
        reports = {"--junit": "junit.xml", "--record": "recorded"}
        files = [word for option, at in reports.items() for word in (option, tmp_path / at)]
        ran = jobctl(
            "wait", *jobs, "-o", format_, *map(str, files), "--on-done", on_done, "--ci", "github"
        )
        assert ran.code in (0, 10, 11, 12), ran.err
        results = f"{account.provider}/{JOBS[account.provider][account.provider != 'modelarts']}"
        page = tmp_path / "page.html"
        assert jobctl("results", results, "-n", "9", "--html", str(page)).code != 1
        played = jobctl("wait", *jobs, "-o", "json", "--replay", str(tmp_path / "recorded"))
        assert played.code == ran.code, played.err
        history = jobctl("history", "-o", "json")
        written += (*ran[1:], *played[1:], history.out)
        for file in filter(Path.is_file, tmp_path.rglob("*")):
            assert b"planted" not in file.read_bytes().replace(b"\0", b""), file
            if file.name in ("done", "recorded"):
                assert b"***" in file.read_bytes(), file
            file.unlink()
        (tmp_path / "summary").touch()
        (tmp_path / "output").touch()
    assert "planted" not in "".join(written)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cognite token", "modzy key", "vas keys", "modelarts token"])
def test_half_a_surrogate_pair_in_any_text_is_written_in_every_format(
    name: str, serving: Callable[[Planted], None], jobctl: Any
) -> None:
    account = ACCOUNTS[name]
    serving(Planted(account, beside(account, "\ud83d")))
    for line in commands(account.provider):
        ran = jobctl(*line)
        assert ran.code in (0, 10, 11, 12), (line, ran.err)
        assert "ud83d" in ran.out.lower() or "-o ids" in " ".join(line), line
