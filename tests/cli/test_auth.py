"""`jobctl auth`: signing in, seeing who is signed in, tokens for other tools, signing out."""

import html
import io
import json
import os
import pty
import re
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from keyring_fakes import Failing, Remembering, used
from simulated import FastClock

from jobctl import registry, sandbox
from jobctl.auth.cache import TokenCache
from jobctl.clock import Clock
from jobctl.commands import Shared, Terminal
from jobctl.commands.auth.asking import Person
from jobctl.commands.auth.login import LoginRequest, login
from jobctl.commands.auth.status import status
from jobctl.config import Setting
from jobctl.errors import AuthError, ConfigError, UnavailableError, UsageError
from jobctl.sandbox import Lives
from jobctl.sandbox.server import serving

FIELDS = [
    "schema", "profile", "account", "provider", "service", "serves", "way", "whose", "settings",
    "token_expires_at", "accepted", "caller", "message", "hint",
]  # fmt: skip
SETTING = ["name", "secret", "where", "place", "reference"]
KEY = "SANDBOX1.sandbox-key-body"
WAYS = [
    (name, way)
    for name in sandbox.services()
    for way in sandbox.service(name).ways("http://127.0.0.1:1")
]


class Sat(io.StringIO):
    """A stream with somebody before it."""

    def isatty(self) -> bool:
        return True


class Place:
    """A sandbox that is served on loopback, and somebody's files and keyring."""

    def __init__(self, root: str, folder: Path, keyring: Remembering) -> None:
        self.root = root
        self.file = folder / "config.yaml"
        self.cache = folder / "cache"
        self.keyring = keyring
        self.environ = {"JOBCTL_CONFIG": str(self.file), "JOBCTL_CACHE_DIR": str(self.cache)}

    def url(self, name: str) -> str:
        return sandbox.service(name).settings(f"{self.root}/{name}")["base_url"]

    def login(self, name: str | None, answers: str = "", *secrets: str, **more: Any) -> str:
        """Sign in; answers are lines of the terminal, secrets what is typed unseen."""
        registry.use(registry.Places)  # whatever a command line before has told
        typed = iter(secrets)
        shared = Shared(profile=more.pop("profile", None), overrides=more.pop("set", {}))
        terminal = Terminal(io.StringIO(), Sat(), Sat(answers), self.environ)
        request = LoginRequest(name, shared, **more)

        def unseen(question: str, err: Any) -> str:
            err.write(f"{question}\n")
            try:
                return next(typed)
            except StopIteration:
                raise EOFError from None

        login(request, terminal, Person(terminal, unseen), FastClock())
        assert list(typed) == []
        assert terminal.stdin.read() == ""
        return terminal.err.getvalue()  # type: ignore[attr-defined, no-any-return]

    def modzy(self, **more: Any) -> str:
        """Sign in to Modzy with an API key."""
        return self.login("modzy", "key\n", KEY, set={"base_url": self.url("modzy")}, **more)


@pytest.fixture(scope="session")
def served_sandbox() -> Iterator[str]:
    # whoever enters a code there is as fast as nobody waits for them
    with serving(lives=Lives(Clock(1000.0))) as served:
        yield served.root


@pytest.fixture
def place(served_sandbox: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    keyring = Remembering()
    with used(keyring):
        made = Place(served_sandbox, tmp_path, keyring)
        for name, value in made.environ.items():
            monkeypatch.setenv(name, value)
        # there is no file yet, which is no mistake of who signs in
        yield made


@pytest.mark.parametrize(("name", "way"), WAYS)
def test_a_newcomer_signs_in_to_each_service_by_each_of_its_ways_and_asks_it_from_then_on(
    name: str, way: str, place: Place, jobctl: Any
) -> None:
    values = sandbox.service(name).ways(f"{place.root}/{name}")[way]
    provider = registry.manifest(name)
    secret = {one.name for one in provider.all_settings() if one.secret}
    secrets = {one: values[one] for one in values if one in secret}
    plain = {one: values[one] for one in values if one not in secret}
    said = place.login(name, "", *secrets.values(), way=way, set=plain)
    assert said.splitlines()[-1].startswith(f"signed in to {provider.title}")
    assert "(profile default, " in said
    assert place.file.stat().st_mode & 0o777 == 0o600
    kept = place.file.read_text()
    for one, value in secrets.items():
        user = f"default-{name}-{one}"
        assert f"{one}: keyring:jobctl/{user}\n" in kept
        assert place.keyring.kept["jobctl", user] == value
        assert value not in kept + said
    job = f"{name}/{sandbox.service(name).SCENARIOS[0].id}"
    assert jobctl("get", job).code == 0
    told = jobctl("auth", "status", name, "-o", "json")
    (document,) = told.document
    assert told.code == 0
    assert list(document) == FIELDS
    assert document["schema"] == "jobctl.auth/v1"
    assert (document["way"], document["accepted"]) == (way, True)
    assert not [value for value in secrets.values() if value in told.out]


def test_credentials_for_an_address_of_its_own_are_no_other_providers_of_the_account(
    place: Place, jobctl: Any
) -> None:
    for name in ("vas", "modelarts"):
        values = dict(sandbox.service(name).settings(f"{place.root}/{name}"))
        keys = [values.pop("access_key"), values.pop("secret_key")]
        place.login(name, "", *keys, way="aksk", set=values)
        assert "huawei:" not in place.file.read_text()
        assert f"secret_key: keyring:jobctl/default-{name}-secret_key" in place.file.read_text()
        expected = ["vas"] if name == "vas" else ["modelarts", "vas"]
        told = jobctl("auth", "status", "-o", "json").document
        assert [(one["provider"], one["serves"]) for one in told] == [(n, [n]) for n in expected]
        findings = jobctl("doctor", "-o", "json").document["findings"]
        assert {one["provider"] for one in findings} - {None} == {*expected}
        ran = jobctl("list", "-o", "ids")
        asked = {line.partition("/")[0] for line in ran.out.splitlines()}
        assert asked == {*expected} - {"vas"}  # which lists within a service
        assert "myhuaweicloud" not in ran.err


def test_an_account_tells_all_that_it_serves_and_each_address_is_tried(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JOBCTL_CONFIG")
    values = sandbox.service("vas").settings(f"{place.root}/vas")
    keys = {f"JOBCTL_HUAWEI_{name.upper()}": values[name] for name in values if name != "base_url"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    for name in ("VAS", "MODELARTS"):
        monkeypatch.setenv(f"JOBCTL_{name}_BASE_URL", f"{place.root}/{name.lower()}")
    monkeypatch.setenv("JOBCTL_HUAWEI_TRANSCODING_BASE_URL", f"{place.root}/modelarts")
    told = jobctl("auth", "status", "-o", "json").document
    assert [(one["provider"], one["serves"]) for one in told] == [
        (name, [name]) for name in ("huawei-transcoding", "modelarts", "vas")
    ]
    for name in ("JOBCTL_VAS_BASE_URL", "JOBCTL_MODELARTS_BASE_URL"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("JOBCTL_HUAWEI_BASE_URL", f"{place.root}/vas")
    monkeypatch.delenv("JOBCTL_HUAWEI_TRANSCODING_BASE_URL")
    serves = ["huawei-transcoding", "modelarts", "modelarts-training", "vas"]
    told = jobctl("auth", "status", "-o", "json").document
    assert [(one["provider"], one["serves"]) for one in told] == [("modelarts", serves)]
    page = jobctl("auth", "status", "vas").out
    assert "  serves, too: huawei-transcoding, modelarts, modelarts-training\n" in page


def test_what_is_missing_is_asked_for_in_one_go_with_what_it_is(place: Place) -> None:
    root = place.url("cognite")
    answers = ["2", "sandbox", "", root, "sandbox", "", f"{root}/oauth2/token"]
    said = place.login("cognite", "\n".join(answers) + "\n", "", "sandbox-secret")
    assert said.splitlines()[:2] == [
        "1) token: a ready access token",
        "2) client_credentials: an application, to which the identity provider gives tokens",
    ]
    assert "cluster (the cluster, such as westeurope-1; or nothing, to give base_url): " in said
    assert said.count("client_secret (the application's secret): \n") == 2
    assert "client_secret is needed\n" in said
    assert said.endswith(
        f"signed in to Cognite Vision as sandbox (profile default, {place.file})\n"
    )


def test_who_does_not_say_where_is_told_where_one_can_sign_in(place: Place, jobctl: Any) -> None:
    root = place.url("modzy")
    said = place.login(None, "mozdy\n?\n3\nkey\n", KEY, set={"base_url": root}).splitlines()
    assert said[:6] == [
        "1) cognite: Cognite Vision",
        "2) modelarts: Huawei ModelArts",
        "3) modzy: Modzy",
        "4) oracle-content: Oracle Content Management",
        "5) vas: Huawei VAS",
        f"or one of {len(registry.names()) - 5} more, by name: `jobctl providers --all` shows them",
    ]
    assert said[6].endswith("did you mean modzy?")
    assert said[7].endswith("enter a number or a name")
    ran = jobctl("auth", "login")
    assert ran == (
        2,
        "",
        "error: nobody says where to sign in, and nobody can be asked: jobctl auth login PROVIDER\n"
        "hint: PROVIDER is cognite, modelarts, modzy, oracle-content, vas, or what else"
        " `jobctl providers --all` shows\n",
    )


def test_a_value_that_cannot_be_one_is_asked_for_again(place: Place) -> None:
    url = place.url("cognite")
    with pytest.raises(AuthError):
        place.login(
            "cognite", "x\ntoken\nmy\x07name\nmy-name\n", "b ad", "bad", set={"base_url": url}
        )


def test_who_leaves_the_questions_has_stored_nothing(place: Place) -> None:
    for answers, secrets in (("", ()), ("key\n", ())):
        with pytest.raises(UsageError, match="nobody answers any more: nothing was stored"):
            place.login("modzy", answers, *secrets)

    def interrupted(question: str, err: Any) -> str:
        raise KeyboardInterrupt

    err = Sat()
    person = Person(Terminal(io.StringIO(), err, Sat(), {}), interrupted)
    with pytest.raises(KeyboardInterrupt):
        person.value(Setting("key", "the key", secret=True))
    assert err.getvalue() == "\n"
    assert not place.file.exists()


def test_what_the_service_refuses_is_not_stored(place: Place) -> None:
    with pytest.raises(AuthError) as caught:
        place.login("modzy", "key\n", "SANDBOX1.wrong", set={"base_url": place.url("modzy")})
    assert str(caught.value.hint).endswith("; nothing was stored")
    with pytest.raises(UnavailableError):
        place.login("modzy", "key\n", KEY, set={"base_url": f"{place.root}/nobody/api"})
    assert not place.file.exists()
    assert not place.keyring.kept


@pytest.mark.parametrize(
    "spell",
    [str, quote, lambda text: b64encode(text.encode()).decode(), json.dumps, html.escape],
)
def test_what_was_typed_is_not_shown_however_the_service_repeats_it(
    spell: Callable[[str], str], place: Place, served: Any
) -> None:
    secret = 'planted.+/%"&<>key'

    def answer(asked: Any) -> Any:
        return 401, {"message": f"no {spell(secret)} {spell(secret)}"}

    with served(answer) as url, pytest.raises(AuthError) as caught:
        place.login("modzy", "key\n", secret, set={"base_url": url})
    told = caught.value.message + str(caught.value.hint)
    assert "Modzy answered 401" in told
    assert "planted" not in told
    assert spell(secret) not in told
    assert not place.keyring.kept


def test_comments_and_order_of_the_file_stay(place: Place) -> None:
    place.file.write_text("# mine\nprofiles:\n  other:   # theirs\n    modzy: {api_key: env:A}\n")
    place.file.chmod(0o600)
    place.modzy(profile="new")
    assert place.file.read_text() == (
        "# mine\nprofiles:\n  other:   # theirs\n    modzy: {api_key: env:A}\n"
        f"  new:\n    modzy:\n      base_url: {place.url('modzy')}\n"
        "      api_key: keyring:jobctl/new-modzy-api_key\n"
    )


def test_without_a_keyring_the_choices_are_told_before_a_secret_is_tried(place: Place) -> None:
    with used(Failing(RuntimeError("no bus"))):
        with pytest.raises(AuthError, match="the keyring cannot be used: no bus") as caught:
            place.modzy()
        assert str(caught.value.hint).startswith("unlock or install a keyring")
        assert "env:NAME" in str(caught.value.hint)
        assert "--insecure-storage" in str(caught.value.hint)
        assert not place.file.exists()
        place.modzy(insecure=True)
    assert f"api_key: {KEY}\n" in place.file.read_text()
    assert place.file.stat().st_mode & 0o777 == 0o600


def test_where_the_file_cannot_be_written_nothing_is_left_in_the_keyring(place: Place) -> None:
    # one that no program of ours can change
    place.file.write_text("profiles:\n  default: &a\n    modzy: {}\n")
    with pytest.raises(ConfigError):
        place.modzy()
    place.file.write_text("profiles:\n  default:\n    modzy: {}\n")
    place.file.parent.joinpath(".config.yaml.lock").mkdir()
    with pytest.raises(ConfigError, match="cannot be written"):
        place.modzy()
    assert not place.keyring.kept


def test_a_reference_may_be_entered_in_the_place_of_a_secret(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(place.environ, "MY_KEY", KEY)
    place.login("modzy", "key\n", "env:MY_KEY", set={"base_url": place.url("modzy")})
    assert "api_key: env:MY_KEY\n" in place.file.read_text()
    assert not place.keyring.kept


def test_who_signs_in_again_may_give_another_secret_or_leave_it(place: Place) -> None:
    place.modzy()
    assert "api_key (the API key, PREFIX.BODY; or nothing, to leave it): " in place.login(
        "modzy", "", ""
    )
    with pytest.raises(AuthError):
        place.login("modzy", "", "SANDBOX1.wrong")
    assert place.keyring.kept["jobctl", "default-modzy-api_key"] == KEY
    place.login("modzy", "", KEY)


def test_another_way_is_chosen_by_the_setting_auth(place: Place) -> None:
    place.modzy()
    with pytest.raises(AuthError):
        place.login("modzy", "my-team\n", "a.b", way="team")
    assert "auth" not in place.file.read_text()
    place.file.write_text("profiles: {default: {vas: {auth: password}}}")
    settings = sandbox.service("vas").settings(f"{place.root}/vas")
    plain = {name: settings[name] for name in ("base_url", "iam_endpoint", "region")}
    keys = [settings[name] for name in ("access_key", "secret_key")]
    place.login("vas", "", *keys, way="aksk", set=plain)
    assert "auth: aksk" in place.file.read_text()
    assert "password" not in place.file.read_text()


def test_half_of_what_goes_together_is_asked_for_as_a_whole(place: Place) -> None:
    place.file.write_text("profiles: {default: {vas: {access_key: OLD}}}")
    settings = sandbox.service("vas").settings(f"{place.root}/vas")
    plain = {name: settings[name] for name in ("base_url", "iam_endpoint", "region")}
    place.login("vas", "", *(settings[name] for name in ("access_key", "secret_key")), set=plain)
    assert "OLD" not in place.file.read_text()


def test_a_setting_that_stands_for_several_is_asked_for_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dict(sandbox.service("vas").settings(f"{place.root}/vas"))
    keys = [settings[name] for name in ("access_key", "secret_key")]
    monkeypatch.setenv("HTTPS_PROXY", "ftp://nobody.example")
    with pytest.raises(ConfigError, match="HTTPS_PROXY"):
        place.login("vas", "no where\ncn-north-4\n", *keys, way="aksk")


def test_a_section_of_the_providers_own_keeps_what_it_holds(place: Place) -> None:
    settings = sandbox.service("vas").settings(f"{place.root}/vas")
    place.file.write_text("profiles: {default: {vas: {region: cn-east-3}}}")
    place.file.chmod(0o600)
    keys = [settings[name] for name in ("access_key", "secret_key")]
    plain = {name: settings[name] for name in ("base_url", "iam_endpoint", "region")}
    place.login("vas", "aksk\n", *keys, set=plain)
    assert "vas: {region: cn-north-4, base_url:" in place.file.read_text()


def test_who_asks_nobody_to_sign_in_is_set_up_all_the_same(
    place: Place, served: Any, jobctl: Any
) -> None:
    with served(lambda asked: (200, {"jobs": []})) as url:
        assert "signed in to Apache Flink job" in place.login("flink", "", set={"base_url": url})
        page = jobctl("auth", "status", "flink").out
    assert page == (
        "flink (profile default): accepted\n  asked: flink, Apache Flink job\n"
        f"  base_url  {place.file}:4:17\n"
    )


def test_a_file_of_a_provider_is_asked_what_its_ways_name(place: Place, served: Any) -> None:
    asked = []

    def answer(request: Any) -> Any:
        asked.append(request.headers.get("Authorization"))
        return 200, {"dag_runs": [], "total_entries": 0}

    with served(answer) as url:
        said = place.login("airflow", "basic\n", "me:planted", set={"base_url": url})
    assert asked == ["Basic bWU6cGxhbnRlZA=="]
    assert "planted" not in said
    assert place.keyring.kept == {("jobctl", "default-airflow-basic_auth"): "me:planted"}
    # which of two ways is meant, nothing of it can say
    place.file.write_text("profiles: {default: {airflow: {token: a, basic_auth: b}}}")
    place.file.chmod(0o600)
    with pytest.raises(UsageError, match="what is set begins another way than basic: bearer"):
        place.login("airflow", "", "", way="basic")


def test_a_person_signs_in_with_a_browser_and_out_again(
    place: Place, served: Any, jobctl: Any
) -> None:
    asked = []

    def idp(request: Any) -> Any:
        asked.append(request.path)
        if request.path.endswith("/devicecode"):
            url = "https://idp.test/activate"
            told = {"device_code": "planted-d", "user_code": "AB-CD", "verification_uri": url}
            return 200, told | {"expires_in": 60, "interval": 1}
        token = "sandbox-access-token"
        return 200, {"access_token": token, "refresh_token": "planted-r", "expires_in": 3600}

    place.environ["PROVIDER"] = "odd"
    settings = {"project": "sandbox", "base_url": place.url("cognite"), "client_id": "app"}
    settings["scopes"] = "some offline_access"
    with served(idp) as url:
        more = {"way": "device_code", "set": settings | {"authority_url": url}}
        said = place.login("cognite", "", **more)
        assert "open https://idp.test/activate and enter the code AB-CD" in said
        assert "warning: PROVIDER is ignored" in said
        assert [one.rpartition("/")[2] for one in asked] == ["devicecode", "token"]
        assert "auth: device_code\n" in place.file.read_text()
        assert list(place.keyring.kept.values()) == ["planted-r"]
        assert jobctl("get", "cognite/127").code == 0
        assert jobctl("auth", "token", "cognite").out == "sandbox-access-token\n"
        assert jobctl("auth", "logout", "cognite").code == 0
        assert not place.keyring.kept
        assert jobctl("get", "cognite/127").code == 4


def test_a_variable_that_goes_before_what_is_stored_is_told(place: Place) -> None:
    place.environ["JOBCTL_MODZY_BASE_URL"] = "http://127.0.0.1:1/api"
    said = place.modzy()
    assert "warning: JOBCTL_MODZY_BASE_URL goes before what is stored now\n" in said


def test_where_nobody_can_be_asked_the_error_names_all_that_would_be(
    place: Place, jobctl: Any
) -> None:
    ran = jobctl("auth", "login", "cognite", "--no-input")
    assert ran.code == 2
    assert ran.err.startswith(
        "error: cognite needs project, cluster or base_url, and one of several ways of signing in,"
        " and nobody can be asked for them: token (token); client_credentials (client_id,"
    )
    assert ran.err.endswith("hint: choose with --auth\n")
    ran = jobctl("--profile", "new", "auth", "login", "cognite", "--auth", "client_credentials")
    assert ran.code == 2
    assert (
        "error: cognite needs project, cluster or base_url, client_id, client_secret,"
        " tenant_id or token_url, and nobody can be asked for it\n"
    ) in ran.err
    assert "(--with-token reads one from standard input)" in ran.err
    terminal = Terminal(io.StringIO(), Sat(), Sat(), place.environ)
    with pytest.raises(UsageError, match="nobody can be asked"):
        login(LoginRequest("modzy", way="key", no_input=True), terminal)
    assert terminal.err.getvalue() == ""  # type: ignore[attr-defined]


def test_what_nobody_need_be_asked_for_is_tried_without_asking(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_MODZY_API_KEY", KEY)
    ran = jobctl("auth", "login", "modzy", "--set", f"base_url={place.url('modzy')}")
    assert ran.code == 0, ran.err
    assert place.file.read_text() == (
        f"profiles:\n  default:\n    modzy:\n      base_url: {place.url('modzy')}\n"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("modzy", "--auth", "keys"), "modzy has no way of signing in called 'keys'"),
        (("modzy", "--set", "api_key=a.b"), "--set: api_key is a secret, and secrets never stand"),
        (("modzy", "--set", "nothing=1"), "--set: there is no setting 'nothing'"),
        (("modzy", "--set", "read_timeout=x"), "--set: read_timeout must be a duration"),
        (("modzy", "--auth", "team", "--with-token"), "--with-token does not go with this way"),
        (("nobody",), "there is no provider 'nobody'"),
    ],
)
def test_a_command_line_that_cannot_be_is_refused(
    words: tuple[str, ...], message: str, place: Place, jobctl: Any
) -> None:
    ran = jobctl("auth", "login", *words)
    assert ran.code == 2
    assert message in ran.err
    assert not place.file.exists()


def test_a_token_is_read_from_standard_input(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("auth", "login", "modzy", "--with-token", "--set", f"base_url={place.url('modzy')}")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\nmore\n"))
    assert jobctl(*words).code == 0
    assert place.keyring.kept == {("jobctl", "default-modzy-api_key"): KEY}
    for text, said in (("", "standard input has no token"), ("b\tad\n", "control character")):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        ran = jobctl(*words)
        assert (ran.code, said in ran.err) == (2, True)
    place.login("modzy", "", KEY, with_token=True)


def test_a_service_without_a_token_alone_takes_none(place: Place, jobctl: Any) -> None:
    ran = jobctl("auth", "login", "jenkins", "--with-token")
    assert (ran.code, "has no way of signing in by a token alone" in ran.err) == (2, True)


def test_the_ways_of_a_provider_are_offered(offered: Any) -> None:
    words = offered("jobctl auth login modzy --auth ").words
    assert words == {"key": "an API key", "team": "a team and its token"}


def test_the_sandbox_needs_no_signing_in(jobctl: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = jobctl("auth", "login", "cognite", "-p", "sandbox")
    assert ran == (0, "", "the profile sandbox signs in by itself: nothing is asked\n")
    assert jobctl("auth", "logout", "-p", "sandbox").code == 2
    monkeypatch.setenv("JOBCTL_PROFILE", "sandbox")
    assert "\nhint: name another one with --profile\n" in jobctl("auth", "login", "cognite").err


def test_status_tells_each_account_and_where_its_settings_are_from(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.modzy()
    monkeypatch.setenv("HW_REGION_NAME", "of-other-programs")
    place.file.write_text(
        place.file.read_text() + "    cognite:\n      client_secret: command:echo planted\n"
        "  more:\n    oracle-content: {base_url: http://127.0.0.1:1, token: env:NOT_THERE}\n"
    )
    ran = jobctl("auth", "status", "--json")
    assert ran.code == 2  # the worst: something lacks
    assert [one["account"] for one in ran.document] == ["cognite", "modzy", "oracle-content"]
    cognite, modzy, oracle = ran.document
    assert all(list(one) == FIELDS for one in ran.document)
    assert all(list(two) == SETTING for one in ran.document for two in one["settings"])
    assert (modzy["profile"], modzy["way"], modzy["accepted"]) == ("default", "key", True)
    assert modzy["settings"][1] == {
        "name": "api_key",
        "secret": True,
        "where": "profile",
        "place": f"{place.file}:5:16",
        "reference": "keyring:jobctl/default-modzy-api_key",
    }
    assert (cognite["accepted"], cognite["token_expires_at"]) == (None, None)
    assert "cognite needs the settings 'project'" in cognite["message"]
    assert [one["reference"] for one in cognite["settings"]] == ["command:echo ..."]
    assert [one["where"] for one in cognite["settings"]] == ["profile"]
    assert (oracle["profile"], oracle["accepted"]) == ("more", None)
    assert "planted" not in ran.out + ran.err
    page = jobctl("auth", "status", "modzy", "-p", "default")
    assert (page.code, page.err) == (0, "")
    assert page.out == (
        "modzy (profile default): accepted\n"
        "  asked: modzy, Modzy\n"
        "  signs in by: key\n"
        f"  base_url  {place.file}:4:17\n"
        f"  api_key   keyring:jobctl/default-modzy-api_key, ...:5:16\n"
    )


def test_status_tells_what_the_service_refuses(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_MODZY_API_KEY", "SANDBOX1.planted")
    monkeypatch.setenv("JOBCTL_MODZY_BASE_URL", place.url("modzy"))
    place.file.write_text("")
    for name in ("JOBCTL_PROFILE", "_"):
        ran = jobctl("auth", "status", "-o", "json", "-q", "[].accepted")
        assert (ran.code, ran.document) == (4, [False])
        monkeypatch.setenv(name, "")
    page = jobctl("auth", "status", "modzy").out
    assert page.startswith("modzy (profile default): refused\n  Modzy answered 401")
    assert "\n  hint: " in page
    assert "planted" not in page


def test_status_tells_whose_an_account_is_without_telling_a_secret(jobctl: Any) -> None:
    ran = jobctl("auth", "status", "-p", "sandbox")
    assert ran.code == 0
    assert "\n  signs in by: client_credentials (client_id sandbox)\n" in ran.out
    assert "\n  signs in by: aksk (access_key SAND...)\n" in ran.out
    assert ran.out.count("signs in by: client_credentials (client_id sandbox)\n") == 2
    assert ran.out.startswith("cognite (profile sandbox): accepted as sandbox\n")
    assert re.search(r"\n  token until: 20\d\d-\d\d-\d\dT", ran.out)
    assert ran.out.count(" (profile sandbox): accepted") == 4
    assert jobctl("auth", "status", "vas", "-p", "sandbox", "-o", "yaml").code == 0


def test_whose_an_account_is_may_be_a_mystery(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JOBCTL_HUAWEI_REGION", "cn-north-4")
    place.file.write_text(
        "profiles: {default: {huawei: {access_key: SHORT, secret_key: planted}},"
        " broken: {huawei: {access_key: 'env:NOT_THERE', secret_key: planted}}}"
    )
    place.file.chmod(0o600)
    monkeypatch.setenv("JOBCTL_VAS_BASE_URL", place.url("vas"))
    monkeypatch.setenv("JOBCTL_VAS_PROJECT_ID", "p")
    one, other = jobctl("auth", "status", "vas", "-o", "json").document
    assert (one["whose"], one["accepted"]) == ({"access_key": "..."}, False)
    assert (other["whose"], other["accepted"]) == ({}, None)


def test_where_nothing_is_set_up_status_says_what_would(place: Place, jobctl: Any) -> None:
    place.file.write_text("")
    ran = jobctl("auth", "status")
    assert ran.code == 2
    assert ran.err.endswith("hint: jobctl auth login PROVIDER sets one up\n")
    ran = jobctl("auth", "logout")
    assert (ran.code, ran.err) == (0, "note: no account is set up\n")


def test_a_token_is_shown_for_other_tools(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert jobctl("auth", "token", "cognite", "-p", "sandbox") == (0, "sandbox-access-token\n", "")
    place.file.write_text(
        "profiles:\n  default:\n    modzy: {team_token: t.e.a.m, team_id: t}\n"
        "    huawei: {token: iam-token, region: cn-north-4}\n"
    )
    place.file.chmod(0o600)
    assert jobctl("auth", "token", "modzy").out == "t.e.a.m\n"
    assert jobctl("auth", "token", "vas").out == "iam-token\n"


def test_a_way_of_signing_in_that_has_no_token_is_told_in_words(place: Place, jobctl: Any) -> None:
    ran = jobctl("auth", "token", "vas", "-p", "sandbox")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(
        "error: vas signs in by aksk: an access key, which signs every request, so there is no"
    )
    assert "hint: jobctl api vas PATH --profile sandbox asks" in ran.err
    place.file.write_text("profiles: {default: {ray: {base_url: http://127.0.0.1:1}}}")
    ran = jobctl("auth", "token", "ray")
    assert (ran.code, "so there is no token" in ran.err) == (2, True)


def test_signing_out_leaves_no_token_and_no_secret_of_ours(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.modzy()
    values = dict(sandbox.service("cognite").settings(f"{place.root}/cognite"))
    secret = values.pop("client_secret")
    place.login("cognite", "", secret, way="client_credentials", set=values)
    assert list(place.cache.rglob("*.json"))
    place.keyring.kept["other", "user"] = "theirs"
    monkeypatch.setenv("CDF_TOKEN", "theirs")
    ran = jobctl("auth", "logout")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "cognite (profile default): gone are its tokens, client_secret in the keyring\n"
        "what stays, for others put it there: token (CDF_TOKEN)\n"
        "modzy (profile default): gone are its tokens, api_key in the keyring\n"
    )
    assert place.keyring.kept == {("other", "user"): "theirs"}
    assert not list(place.cache.rglob("*.json"))
    assert "keyring:" not in place.file.read_text()
    assert "client_id: sandbox" in place.file.read_text()
    ran = jobctl("auth", "logout", "cognite")
    assert ran.err.startswith("cognite (profile default): gone are its tokens\n")


def test_where_a_way_is_all_that_is_missing_the_error_names_the_ways(jobctl: Any) -> None:
    ran = jobctl("auth", "login", "modzy", "--no-input")
    assert ran.code == 2
    assert ran.err.startswith("error: modzy needs one of several ways of signing in, and nobody")


def test_people_read_in_their_own_zone_until_when_a_token_is_valid() -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal(Screen(), io.StringIO(), io.StringIO(), os.environ)
    status("cognite", Shared(profile="sandbox"), terminal)
    told = re.search(r"token until: (.*)", terminal.out.getvalue())  # type: ignore[attr-defined]
    assert told is not None
    assert re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:?\d\d", told[1])


def test_signing_out_leaves_no_secret_in_plain_text_in_the_profile(
    place: Place, jobctl: Any
) -> None:
    place.modzy(insecure=True)
    ran = jobctl("auth", "logout", "modzy")
    assert ran.err == (f"modzy (profile default): gone are its tokens, api_key in {place.file}\n")
    assert KEY not in place.file.read_text()
    assert "base_url: " in place.file.read_text()


def test_without_a_keyring_a_reference_is_kept_as_it_is_entered(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(place.environ, "MY_KEY", KEY)
    with used(Failing(RuntimeError("no bus"))):
        said = place.login("modzy", "key\n", "env:MY_KEY", set={"base_url": place.url("modzy")})
    warned, mend, asked, *_ = said.splitlines()[2:]
    assert warned.endswith("warning: the keyring cannot be used: no bus")
    assert mend.startswith("hint: unlock or install a keyring")
    assert asked.startswith("api_key (")
    assert "api_key: env:MY_KEY\n" in place.file.read_text()


def test_signing_out_ends_what_a_way_of_signing_in_keeps_itself(
    place: Place, jobctl: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.modzy()
    with used(Failing(RuntimeError("locked"))):
        ran = jobctl("auth", "logout", "modzy")
    assert ran.code == 4
    assert "remove the references from the file by hand" in ran.err
    cache = TokenCache(place.cache).of("default", "modzy")
    folder = cache._folder
    assert folder is not None
    (folder / "x.json").mkdir(parents=True)
    ran = jobctl("auth", "logout", "modzy")
    assert (ran.code, "a token of modzy cannot be removed" in ran.err) == (2, True)


@pytest.mark.slow
def test_on_a_real_terminal_secrets_are_not_echoed(place: Place) -> None:
    words = ["auth", "login", "modzy", "--auth", "key", "--insecure-storage"]
    words += ["--set", f"base_url={place.url('modzy')}"]
    number, theirs = pty.fork()
    if not number:
        os.execvpe(
            sys.executable, [sys.executable, "-m", "jobctl", *words], os.environ | place.environ
        )
    seen = b""
    while b"api_key" not in seen:
        seen += os.read(theirs, 1000)
    os.write(theirs, f"{KEY}\n".encode())
    try:
        while True:
            seen += os.read(theirs, 1000)
    except OSError:  # the terminal is closed
        pass
    _, ended = os.waitpid(number, 0)
    assert os.waitstatus_to_exitcode(ended) == 0, seen
    assert b"signed in to Modzy" in seen
    assert KEY.encode() not in seen
    assert f"api_key: {KEY}\n" in place.file.read_text()
