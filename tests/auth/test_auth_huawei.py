"""The account huawei: which credentials, from where, and what they do to requests."""

import json
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from threads import in_threads

from jobctl.accounts.huawei import ACCOUNT, endpoint, project_id
from jobctl.auth import bearer
from jobctl.auth.cache import TokenCache
from jobctl.auth.huawei.flows import AkSk, Password, ReadyToken
from jobctl.auth.huawei.signing import signature
from jobctl.config import Configuration, Profile, Sections, Setting, open_profile
from jobctl.errors import AuthError, ConfigError, JobctlError, ThrottledError, UnavailableError
from jobctl.masking.texts import masked

sign_in = ACCOUNT.sign_in
IAM = "https://iam.cn-north-4.myhuaweicloud.com"
API = "https://iva.cn-north-4.myhuaweicloud.com/v2/p1/services/s/tasks/t"
REGION = {"JOBCTL_HUAWEI_REGION": "cn-north-4"}
OWN = {"JOBCTL_VAS_BASE_URL": "https://vas.test"}
KEYS = {"JOBCTL_HUAWEI_ACCESS_KEY": "AKPLANTED", "JOBCTL_HUAWEI_SECRET_KEY": "SKPLANTED"}
USER = {
    "JOBCTL_HUAWEI_USERNAME": "user",
    "JOBCTL_HUAWEI_PASSWORD": 'pass"wörd',
    "JOBCTL_HUAWEI_DOMAIN": "domain",
}

Open = Callable[..., Profile]


@pytest.fixture
def profile(tmp_path: Path) -> Open:
    """Open the profile of `vas` with these variables and this section `huawei`."""

    def opened(environ: Mapping[str, str], section: Mapping[str, str] | None = None) -> Profile:
        file = tmp_path / "config.yaml"
        # JSON is YAML
        file.write_text(json.dumps({"profiles": {"default": {"huawei": section or {}}}}))
        return open_profile(
            Sections(
                "vas",
                "huawei",
                (
                    *ACCOUNT.settings,
                    Setting("base_url", "where it lies", ("REGION_VAS_{REGION}",)),
                ),
            ),
            Configuration.read({"JOBCTL_CONFIG": str(file)}),
            "default",
            environ=environ,
        )

    return opened


class Cloud:
    """IAM and a service; remembers the headers of each request to either."""

    def __init__(self) -> None:
        self.asked: list[tuple[httpx.Request, dict[str, str]]] = []
        self.called: list[dict[str, str]] = []
        self.iam: Callable[[httpx.Request], httpx.Response] = self.issue
        self.valid: set[str] | None = None
        self.refusal: dict[str, str] | None = None
        self.issued = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        headers = dict(request.headers)
        if request.url.host.startswith("iam."):
            self.asked.append((request, headers))
            return self.iam(request)
        self.called.append(headers)
        if self.refusal:
            return httpx.Response(401, json=self.refusal)
        token = headers.get("x-auth-token")
        return httpx.Response(200 if self.valid is None or token in self.valid else 401)

    def issue(self, request: httpx.Request) -> httpx.Response:
        self.issued += 1
        token = {
            "issued_at": "2020-01-03T09:05:22.701000Z",
            "expires_at": "2020-01-04T09:05:22.701000Z",
            "project": {"id": "p-of-token", "name": "cn-north-4"},
        }
        headers = {"X-Subject-Token": f"iam-token-{self.issued}"}
        return httpx.Response(201, json={"token": token}, headers=headers)

    def client(self, auth: httpx.Auth | None = None) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self), auth=auth)


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


# where things lie


def test_the_endpoint_is_made_of_prefix_and_region(profile: Open) -> None:
    assert endpoint(profile(REGION), "iva") == "https://iva.cn-north-4.myhuaweicloud.com"


def test_base_url_goes_before_the_region(profile: Open) -> None:
    given = {**REGION, "JOBCTL_VAS_BASE_URL": "https://iva.test"}
    assert endpoint(profile(given), "iva") == "https://iva.test"


def test_of_several_endpoints_in_the_vendors_variable_the_first_counts(profile: Open) -> None:
    given = {**REGION, "REGION_VAS_CN_NORTH_4": "https://one.test, https://two.test"}
    assert endpoint(profile(given), "iva") == "https://one.test"


def test_without_base_url_and_region_there_is_no_endpoint(profile: Open) -> None:
    with pytest.raises(ConfigError, match="region"):
        endpoint(profile({}), "iva")


@pytest.mark.parametrize(
    "region", ["evil.test/", "x@evil.test", "a.b", "-", "cn north", "é", "x\n"]
)
def test_a_region_cannot_change_the_host(profile: Open, region: str) -> None:
    with pytest.raises(ConfigError, match=r"is no region|control character"):
        endpoint(profile({"JOBCTL_HUAWEI_REGION": region}), "iva")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        (None, IAM),
        ("https://iam.test", "https://iam.test"),
        ("https://iam.test/v3", "https://iam.test"),
        ("https://iam.test:8443/v3/", "https://iam.test:8443"),
        ("http://127.0.0.1:8080/v3", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_the_iam_endpoint_is_told_or_made_of_the_region(
    profile: Open, given: str | None, origin: str
) -> None:
    environ = {**REGION, **KEYS, **OWN, **({"OS_AUTH_URL": given} if given else {})}
    auth = sign_in(profile(environ), TokenCache())
    assert isinstance(auth, AkSk)
    assert auth.origins == (origin,)


@pytest.mark.parametrize(
    "given",
    [
        "http://iam.test",
        "iam.test",
        "ftp://iam.test",
        "https://",
        "https://a:b@iam.test",
        "https://iam.test/v3?x=1",
        "https://iam.test/#x",
        "https://iam.test:port",
        "https://[::1",
        "https://iam test",
        "https://iam.test/\x07",
    ],
)
def test_passwords_go_to_no_iam_endpoint_but_over_https(profile: Open, given: str) -> None:
    environ = {**REGION, **USER, **OWN, "JOBCTL_HUAWEI_IAM_ENDPOINT": given}
    with pytest.raises(ConfigError, match="iam_endpoint"):
        sign_in(profile(environ), TokenCache())


@pytest.mark.parametrize("way", ["token", "keys", "user", "file"])
def test_credentials_of_another_clouds_iam_go_to_no_host_that_is_made_of_the_region(
    way: str, profile: Open, tmp_path: Path
) -> None:
    (tmp_path / "credentials").write_text("[basic]\nak=AKFILE\nsk=SKFILE\n")
    environ = {
        "token": {"JOBCTL_HUAWEI_TOKEN": "planted"},
        "keys": KEYS,
        "user": USER,
        "file": {
            "JOBCTL_HUAWEI_AUTH": "file",
            "JOBCTL_HUAWEI_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        },
    }[way] | REGION
    for iam in ("https://iam.cn-north-4.myhuaweicloud.com/v3", "https://iam.myhuaweicloud.com"):
        assert sign_in(profile({**environ, "OS_AUTH_URL": iam}), TokenCache())
    for iam in ("https://iam.myhuaweicloud.com.test", "http://127.0.0.1:1", "https://iam.test"):
        elsewhere = {**environ, "OS_AUTH_URL": iam}
        with pytest.raises(ConfigError, match="vas needs the setting 'base_url'"):
            sign_in(profile(elsewhere), TokenCache())
        assert sign_in(profile({**elsewhere, **OWN}), TokenCache())


# which credentials


def test_a_token_goes_before_keys_and_keys_before_a_password(profile: Open) -> None:
    environ = {**REGION, **KEYS, **USER}
    assert isinstance(sign_in(profile({**REGION, **USER}), TokenCache()), Password)
    assert isinstance(sign_in(profile(environ), TokenCache()), AkSk)
    token = {**environ, "JOBCTL_HUAWEI_TOKEN": "planted"}
    assert isinstance(sign_in(profile(token), TokenCache()), ReadyToken)


def test_vendor_variables_alone_are_enough_in_the_same_order(profile: Open) -> None:
    environ = {"OS_REGION_NAME": "cn-north-4"}
    environ |= {"OS_USERNAME": "user", "OS_PASSWORD": "planted", "OS_USER_DOMAIN_NAME": "domain"}
    assert isinstance(sign_in(profile(environ), TokenCache()), Password)
    environ |= {"HW_ACCESS_KEY": "AKPLANTED", "HW_SECRET_KEY": "SKPLANTED"}
    assert isinstance(sign_in(profile(environ), TokenCache()), AkSk)
    environ |= {"OS_TOKEN": "planted"}
    assert isinstance(sign_in(profile(environ), TokenCache()), ReadyToken)


def test_the_setting_auth_decides(profile: Open) -> None:
    environ = {**REGION, **KEYS, **USER, "JOBCTL_HUAWEI_TOKEN": "planted"}
    for way, kind in {"token": ReadyToken, "aksk": AkSk, "password": Password}.items():
        auth = sign_in(profile({**environ, "JOBCTL_HUAWEI_AUTH": way}), TokenCache())
        assert isinstance(auth, kind)


@pytest.mark.parametrize(
    ("way", "missing"), [("token", "token"), ("aksk", "access_key"), ("password", "username")]
)
def test_what_the_chosen_way_needs_must_be_there(profile: Open, way: str, missing: str) -> None:
    with pytest.raises(ConfigError, match=f"'{missing}'"):
        sign_in(profile({**REGION, "JOBCTL_HUAWEI_AUTH": way}), TokenCache())


def test_a_stray_variable_of_the_vendor_does_not_bend_a_profile(
    profile: Open, cloud: Cloud
) -> None:
    section = {"region": "cn-north-4", "access_key": "AKPLANTED", "secret_key": "SKPLANTED"}
    stray = {
        "OS_TOKEN": "stray",
        "HW_SECRET_KEY": "stray",
        "HUAWEICLOUD_SDK_SECURITY_TOKEN": "stray",
    }
    auth = sign_in(profile(stray, section), TokenCache())
    cloud.client(auth).get(API)
    assert "Access=AKPLANTED" in cloud.called[0]["authorization"]
    assert "stray" not in str(cloud.called)


def test_a_password_may_come_from_another_place_than_the_user(profile: Open) -> None:
    section = {"region": "cn-north-4", "username": "user", "domain": "domain"}
    auth = sign_in(profile({"OS_PASSWORD": "planted", "OS_TOKEN": "stray"}, section), TokenCache())
    assert isinstance(auth, Password)


def test_without_credentials_the_error_tells_where_to_put_them(profile: Open) -> None:
    with pytest.raises(ConfigError, match="'access_key'") as caught:
        sign_in(profile(REGION), TokenCache())
    assert "JOBCTL_HUAWEI_ACCESS_KEY" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"JOBCTL_HUAWEI_ACCESS_KEY": "AKPLANTED"}, "secret_key is missing"),
        ({"JOBCTL_HUAWEI_SECRET_KEY": "SKPLANTED"}, "access_key is missing"),
        ({"JOBCTL_HUAWEI_SECURITY_TOKEN": "STPLANTED"}, "access_key is missing"),
        ({"HUAWEICLOUD_SDK_AK": "AKPLANTED", "HW_SECRET_KEY": "SKPLANTED"}, "HUAWEICLOUD_SDK_AK"),
        ({"JOBCTL_HUAWEI_USERNAME": "user"}, "'password'"),
        ({"JOBCTL_HUAWEI_USERNAME": "user", "JOBCTL_HUAWEI_PASSWORD": "PLANTED"}, "'domain'"),
        ({"OS_PASSWORD": "PLANTED"}, "'username'"),
        ({"OS_USER_DOMAIN_NAME": "domain"}, "'username'"),
    ],
)
def test_half_a_family_is_an_error_and_not_passed_over(
    profile: Open, environ: dict[str, str], words: str
) -> None:
    keys = any("KEY" in name or "SECURITY" in name for name in environ)
    complete = USER if keys and all(name.startswith("JOBCTL") for name in environ) else {}
    with pytest.raises(ConfigError, match=words) as caught:
        sign_in(profile({**REGION, **complete, **environ}), TokenCache())
    assert "PLANTED" not in f"{caught.value.message}{caught.value.hint}"


def test_keys_never_come_from_two_places(profile: Open) -> None:
    environ = {"HUAWEICLOUD_SDK_AK": "AKPLANTED", "HUAWEICLOUD_SDK_SECURITY_TOKEN": "STPLANTED"}
    with pytest.raises(ConfigError, match="access_key is missing in the place of the other"):
        sign_in(profile({**REGION, **environ}, {"secret_key": "SKPLANTED"}), TokenCache())


# the vendor's file of credentials


def test_the_vendors_file_is_read_only_when_asked_for(
    profile: Open, tmp_path: Path, cloud: Cloud
) -> None:
    file = tmp_path / "credentials"
    file.write_text(
        "\ufeff[basic]\nak = AKFILE%1\nsk = SKFILE%2\nsecurity_token = STFILE%3\n"
        "project_id = p-file\niam_endpoint = https://iam.file.test/v3\n",
        encoding="utf-8",
    )
    environ = {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(file)}
    with pytest.raises(ConfigError, match="access_key"):
        sign_in(profile({**REGION, **environ}), TokenCache())
    opened = profile({**environ, "JOBCTL_HUAWEI_AUTH": "file"})
    with pytest.raises(ConfigError, match="needs the setting 'base_url'"):
        sign_in(opened, TokenCache())
    environ |= OWN
    opened = profile({**environ, "JOBCTL_HUAWEI_AUTH": "file"})
    auth = sign_in(opened, TokenCache())
    assert isinstance(auth, AkSk)
    assert auth.origins == ("https://iam.file.test",)
    client = cloud.client(auth)
    opened = profile({**environ, **REGION, "JOBCTL_HUAWEI_AUTH": "file"})
    assert project_id(opened, auth, client) == "p-file"
    client.get(API)
    assert cloud.called[0]["x-security-token"] == "STFILE%3"
    assert cloud.called[0]["x-project-id"] == "p-file"
    assert cloud.asked == []
    assert masked("AKFILE%1 SKFILE%2 STFILE%3") == "*** *** ***"


def test_settings_go_before_the_vendors_file(profile: Open, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    file.write_text("[basic]\nak=AKFILE\nsk=SKFILE\niam_endpoint=https://iam.file.test\n")
    section = {"auth": "file", "credentials_file": str(file), "iam_endpoint": "https://iam.test"}
    auth = sign_in(profile(OWN, section), TokenCache())
    assert isinstance(auth, AkSk)
    assert auth.origins == ("https://iam.test",)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot read"),
        (b"[basic]\nak=PLANTED\n", "secret_key is missing"),
        (b"[basic]\nsk=PLANTED\nak=\n", "access_key is missing"),
        (b"[global]\ndomain_id=x\n", "no INI file"),
        (b"ak=PLANTED\n", "no INI file"),
        (b"[basic]\nPLANTED\n", "no INI file"),
        (b"[basic]\nak=PLANTED\nak=PLANTED\n", "no INI file"),
        (b"[basic]\nak=\xff\n", "no INI file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_not_quoted(
    profile: Open, tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "credentials"
    if content is not None:
        file.write_bytes(content)
    environ = {"JOBCTL_HUAWEI_AUTH": "file", "JOBCTL_HUAWEI_CREDENTIALS_FILE": str(file)}
    with pytest.raises(ConfigError, match=words) as caught:
        sign_in(profile({**REGION, **environ}), TokenCache())
    assert str(file) in caught.value.message
    assert "PLANTED" not in f"{caught.value.message}{caught.value.hint}{caught.value.__cause__}"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ak=PLANTED\u00e9", "access_key holds a character beyond ASCII"),
        ("security_token=PLANTED\n more", "security_token holds a control character"),
        ("iam_endpoint=http://iam.test", "iam_endpoint must begin with https://"),
    ],
)
def test_a_value_of_the_file_that_cannot_be_used_is_told_with_the_file(
    profile: Open, tmp_path: Path, line: str, words: str
) -> None:
    file = tmp_path / "credentials"
    name = line.partition("=")[0]
    rest = [one for one in ("ak=AKFILE", "sk=SKFILE") if not one.startswith(f"{name}=")]
    file.write_text("\n".join(["[basic]", line, *rest]), encoding="utf-8")
    environ = {"JOBCTL_HUAWEI_AUTH": "file", "JOBCTL_HUAWEI_CREDENTIALS_FILE": str(file)}
    with pytest.raises(ConfigError, match=words) as caught:
        sign_in(profile({**REGION, **environ}), TokenCache())
    assert caught.value.message.startswith(f"{file}: ")
    assert "PLANTED" not in caught.value.message


# a ready token


def test_a_ready_token_rides_in_its_header_and_a_401_is_final(profile: Open, cloud: Cloud) -> None:
    auth = sign_in(profile({**REGION, "OS_TOKEN": "T" * 32768}), TokenCache())
    cloud.valid = set()
    assert cloud.client(auth).get(API).status_code == 401
    assert [headers["x-auth-token"] for headers in cloud.called] == ["T" * 32768]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JOBCTL_HUAWEI_TOKEN", "PLANTED\n"),
        ("JOBCTL_HUAWEI_ACCESS_KEY", "PLANTED\u00a0"),
        ("JOBCTL_HUAWEI_SECRET_KEY", "PLANTED\n"),
        ("JOBCTL_HUAWEI_SECURITY_TOKEN", "PLANTED "),
        ("JOBCTL_HUAWEI_PROJECT_ID", "p\n"),
    ],
)
def test_credentials_no_header_can_carry_are_refused_by_name(
    profile: Open, name: str, value: str
) -> None:
    with pytest.raises(ConfigError, match=f"^{name}: ") as caught:
        sign_in(profile({**REGION, **KEYS, name: value}), TokenCache())
    assert "PLANTED" not in f"{caught.value.message}{caught.value.hint}"


# access key and secret key


def check(headers: Mapping[str, str], method: str, url: str, body: bytes = b"") -> list[str]:
    """Verify a request as the gateway does; the headers that were signed."""
    found = re.search(r"SignedHeaders=([^,]*), ", headers["authorization"])
    assert found
    names = found[1].split(";")
    signed = {name: headers[name] for name in names}
    expected = signature(method, url, signed, body, "AKPLANTED", "SKPLANTED")
    assert headers["authorization"] == expected
    return names


def test_a_signed_request_is_sent_as_it_was_signed(profile: Open, cloud: Cloud, clock: Any) -> None:
    environ = {**REGION, **KEYS, "HW_PROJECT_ID": "p1", "JOBCTL_HUAWEI_SECURITY_TOKEN": "STPLANTED"}
    auth = sign_in(profile(environ), TokenCache(), clock)
    urls: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        urls.append(str(request.url))
        return cloud(request)

    with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
        client.get(f"{API}?b=2&a=x%20y&a=&c", headers={"X-Request": "1"})
        client.get(f"{API}?")
    assert urls == [f"{API}?a=&a=x%20y&b=2&c=", API]
    first, second = cloud.called
    assert check(first, "GET", urls[0]) == [
        "host",
        "x-project-id",
        "x-sdk-date",
        "x-security-token",
    ]
    check(second, "GET", urls[1])
    assert first["x-sdk-date"] == "20231114T221320Z"
    assert (first["x-project-id"], first["x-security-token"]) == ("p1", "STPLANTED")
    assert "content-type" not in first


def test_a_body_and_its_type_are_signed(profile: Open, cloud: Cloud) -> None:
    auth = sign_in(profile({**REGION, **KEYS}), TokenCache())
    body = b'{"limit":1}'
    cloud.client(auth).post(API, content=body, headers={"Content-Type": "application/json"})
    assert "content-type" in check(cloud.called[0], "POST", API, body)


def test_each_attempt_is_signed_anew(cloud: Cloud, clock: Any) -> None:
    auth = AkSk("AKPLANTED", "SKPLANTED", iam=IAM, clock=clock)
    request = httpx.Request("GET", f"{API}?b=1&a=2")
    for _ in range(2):
        auth.sign(request)
        check(request.headers, "GET", f"{API}?a=2&b=1")
        clock.time += 60
    assert request.headers.get_list("X-Sdk-Date") == ["20231114T221420Z"]


def ready(kind: str, clock: Any) -> AkSk | ReadyToken:
    if kind == "token":
        return ReadyToken("planted", IAM, clock=clock)
    return AkSk("AKPLANTED", "SKPLANTED", iam=IAM, clock=clock)


@pytest.mark.parametrize("kind", ["keys", "token"])
def test_after_a_401_nothing_more_is_asked_with_the_same_credentials(
    cloud: Cloud, clock: Any, kind: str
) -> None:
    auth = ready(kind, clock)
    client = cloud.client(auth)
    assert client.get(API).status_code == 200
    cloud.refusal = {"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication"}
    assert client.get(API).status_code == 401
    failures = []
    for ask in (lambda: client.get(API), lambda: auth.project("cn-north-4", client)):
        with pytest.raises(AuthError) as caught:
            ask()
        failures.append((caught.value.message, caught.value.http_status))
        caught.value.message = "made the error of one job"
    assert failures[0] == failures[1]
    assert failures[0][0] == (
        "the service at iva.cn-north-4.myhuaweicloud.com answered 401:"
        " APIGW.0301: Incorrect IAM authentication"
    )
    assert "clock" in str(caught.value.hint)
    assert not caught.value.transient
    assert (len(cloud.called), cloud.asked) == (2, [])


def test_after_a_401_of_iam_the_service_is_not_asked(cloud: Cloud, clock: Any) -> None:
    cloud.iam = lambda _: httpx.Response(401, json={"error": {"message": "no"}})
    auth = ready("keys", clock)
    client = cloud.client(auth)
    for ask in (lambda: auth.project("cn-north-4", client), lambda: client.get(API)):
        with pytest.raises(AuthError, match="answered 401: no"):
            ask()
    assert (len(cloud.called), len(cloud.asked)) == (0, 1)


@pytest.mark.parametrize("kind", ["keys", "token"])
def test_many_threads_with_refused_credentials_ask_once(
    cloud: Cloud, clock: Any, kind: str
) -> None:
    cloud.valid = set()
    auth = ready(kind, clock)
    together = threading.Barrier(8)
    outcomes: list[object] = []

    def get() -> None:
        with cloud.client(auth) as client:
            together.wait(10)
            try:
                outcomes.append(client.get(API).status_code)
            except AuthError as error:
                outcomes.append(type(error))

    in_threads(8, get)
    assert len(cloud.called) == 1
    assert sorted(map(str, outcomes)) == sorted(map(str, [401, *[AuthError] * 7]))


def test_only_the_first_request_with_ready_credentials_goes_alone(cloud: Cloud, clock: Any) -> None:
    auth = ready("keys", clock)
    together = threading.Barrier(3)
    line: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        line.append("asked")
        if len(line) == 1:
            raise httpx.ConnectError("an outage")
        # those after the first are under way together
        together.wait(10)
        return httpx.Response(200)

    def get() -> None:
        with httpx.Client(transport=httpx.MockTransport(answer), auth=auth) as client:
            try:
                client.get(API)
            except httpx.ConnectError:
                line.append("outage")

    in_threads(4, get)
    assert line.count("asked") == 4
    assert not together.broken


def test_threads_that_waited_for_the_project_share_the_failure_to_find_it(
    cloud: Cloud, clock: Any, held: Any
) -> None:
    auth = ready("keys", clock)
    failures: list[JobctlError] = []

    def outage(request: httpx.Request) -> httpx.Response:
        held.wait()
        return httpx.Response(503)

    def find() -> None:
        with cloud.client(auth) as client, pytest.raises(UnavailableError) as caught:
            auth.project("cn-north-4", client)
        failures.append(caught.value)

    cloud.iam = outage
    held.shared(find)
    assert len(cloud.asked) == 1
    assert len(set(map(id, failures))) == 4, "each may say more in its own"
    assert len({one.message for one in failures}) == 1


# a user's password


def test_a_password_gets_a_token_of_the_project(profile: Open, cloud: Cloud) -> None:
    auth = sign_in(profile({**REGION, **USER}), TokenCache())
    client = cloud.client(auth)
    client.get(API)
    client.get(API)
    ((asked, headers),) = cloud.asked
    assert (asked.method, str(asked.url)) == ("POST", f"{IAM}/v3/auth/tokens?nocatalog=true")
    assert headers["content-type"] == "application/json"
    assert "x-auth-token" not in headers
    assert json.loads(asked.content) == {
        "auth": {
            "identity": {
                "methods": ["password"],
                "password": {
                    "user": {"name": "user", "password": 'pass"wörd', "domain": {"name": "domain"}}
                },
            },
            "scope": {"project": {"name": "cn-north-4"}},
        }
    }
    assert [called["x-auth-token"] for called in cloud.called] == ["iam-token-1"] * 2
    assert masked('iam-token-1 pass"wörd') == "*** ***"


@pytest.mark.parametrize(
    ("more", "scope"),
    [
        ({"OS_PROJECT_NAME": "cn-north-4_team"}, {"name": "cn-north-4_team"}),
        ({"OS_PROJECT_NAME": "cn-north-4_team", "OS_PROJECT_ID": "p1"}, {"id": "p1"}),
    ],
)
def test_the_scope_is_the_projects_id_or_name(
    profile: Open, cloud: Cloud, more: dict[str, str], scope: dict[str, str]
) -> None:
    cloud.client(sign_in(profile({**REGION, **USER, **more}), TokenCache())).get(API)
    assert json.loads(cloud.asked[0][0].content)["auth"]["scope"] == {"project": scope}


def test_the_token_is_kept_for_its_life_also_for_the_next_command(
    profile: Open, cloud: Cloud, clock: Any, tmp_path: Path
) -> None:
    for seconds in (0, 86_339, 2):
        clock.time += seconds
        auth = sign_in(profile({**REGION, **USER}), TokenCache(tmp_path / "cache"), clock)
        cloud.client(auth).get(API)
    tokens = [called["x-auth-token"] for called in cloud.called]
    assert tokens == ["iam-token-1", "iam-token-1", "iam-token-2"]


def test_a_services_401_gets_one_fresh_token(profile: Open, cloud: Cloud) -> None:
    client = cloud.client(sign_in(profile({**REGION, **USER}), TokenCache()))
    client.get(API)
    cloud.valid = {"iam-token-2"}
    assert client.get(API).status_code == 200
    cloud.valid = set()
    assert client.get(API).status_code == 401
    assert cloud.issued == 3


def test_a_wrong_password_is_tried_once_whatever_comes(profile: Open, cloud: Cloud) -> None:
    error = {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}
    cloud.iam = lambda _: httpx.Response(
        401, json={"error": error}, headers={"X-IAM-Trace-Id": "t"}
    )
    opened = profile({**REGION, **USER})
    auth = sign_in(opened, TokenCache())
    client = cloud.client(auth)
    caught: list[AuthError] = []

    def get() -> None:
        try:
            client.get(API)
        except AuthError as error:
            caught.append(error)

    in_threads(8, get)
    with pytest.raises(AuthError):
        project_id(opened, auth, client)
    assert (len(cloud.asked), len(caught), len(cloud.called)) == (1, 8, 0)
    assert caught[0].message == (
        "IAM at iam.cn-north-4.myhuaweicloud.com answered 401: The username or password is wrong."
    )
    assert "IAM user" in str(caught[0].hint)
    assert caught[0].request_id == "t"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (httpx.Response(400, json={"error": {"message": "bad body"}}), AuthError, "400: bad body"),
        (
            httpx.Response(403, json={"error_code": "IAM.0002", "error_msg": "no"}),
            AuthError,
            "IAM.0002: no",
        ),
        (
            httpx.Response(403, json={"error_code": 403, "error_msg": {"no": ["text"]}}),
            AuthError,
            "answered 403: 403$",
        ),
        (httpx.Response(404), UnavailableError, "404"),
        (httpx.Response(429), ThrottledError, "429"),
        (httpx.Response(503, text="<html>"), UnavailableError, "503"),
        (
            httpx.Response(201, json={"token": {"project": {"id": "p"}}}),
            UnavailableError,
            "without a token",
        ),
        (
            httpx.Response(201, json={"token": {}}, headers={"X-Subject-Token": "t"}),
            UnavailableError,
            "without",
        ),
        (
            httpx.Response(201, json=[], headers={"X-Subject-Token": "t"}),
            UnavailableError,
            "without",
        ),
        (httpx.Response(201, content=b"[" * 100_000), UnavailableError, "without"),
    ],
)
def test_an_answer_of_iam_without_a_token_is_an_error_that_says_so(
    profile: Open, cloud: Cloud, answer: httpx.Response, error: type[JobctlError], words: str
) -> None:
    cloud.iam = lambda _: answer
    client = cloud.client(sign_in(profile({**REGION, **USER}), TokenCache()))
    with pytest.raises(JobctlError, match=words) as caught:
        client.get(API)
    assert type(caught.value) is error
    assert cloud.called == []


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"issued_at": "2020-01-03T09:05:22Z", "expires_at": "soon"},
        {"issued_at": "2020-01-03T09:05:22Z", "expires_at": "2020-01-02T09:05:22Z"},
    ],
)
def test_a_token_whose_end_is_not_told_counts_for_an_hour(
    profile: Open, cloud: Cloud, clock: Any, times: dict[str, str]
) -> None:
    body = {"token": {"project": {"id": "p"}, **times}}
    cloud.iam = lambda _: httpx.Response(201, json=body, headers={"X-Subject-Token": "t"})
    client = cloud.client(sign_in(profile({**REGION, **USER}), TokenCache(), clock))
    for seconds in (0, 3539, 2):
        clock.time += seconds
        client.get(API)
    assert len(cloud.asked) == 2


# the project


def projects(*ids: str) -> Callable[[httpx.Request], httpx.Response]:
    listed = [{"id": one, "name": "cn-north-4"} for one in ids]
    return lambda _: httpx.Response(200, json={"projects": listed})


def test_the_projects_id_is_the_setting(profile: Open, cloud: Cloud) -> None:
    opened = profile({**REGION, **KEYS, "HUAWEICLOUD_SDK_PROJECT_ID": "p1"})
    auth = sign_in(opened, TokenCache())
    assert project_id(opened, auth, cloud.client(auth)) == "p1"
    assert cloud.asked == []


def test_the_projects_id_comes_with_the_token(profile: Open, cloud: Cloud) -> None:
    opened = profile({**REGION, **USER})
    auth = sign_in(opened, TokenCache())
    client = cloud.client(auth)
    assert [project_id(opened, auth, client) for _ in range(2)] == ["p-of-token"] * 2
    client.get(API)
    assert len(cloud.asked) == 1


def test_iam_is_asked_for_the_project_once_with_the_keys(
    profile: Open, cloud: Cloud, clock: Any, tmp_path: Path
) -> None:
    cloud.iam = projects("p7")
    for _ in range(2):
        opened = profile({**REGION, **KEYS})
        auth = sign_in(opened, TokenCache(tmp_path / "cache"), clock)
        client = cloud.client(auth)
        assert [project_id(opened, auth, client) for _ in range(2)] == ["p7"] * 2
        client.get(API)
    ((asked, headers),) = cloud.asked
    assert str(asked.url) == f"{IAM}/v3/projects?name=cn-north-4"
    assert check(headers, "GET", str(asked.url)) == ["host", "x-sdk-date"]
    assert [called["x-project-id"] for called in cloud.called] == ["p7", "p7"]


def test_iam_is_asked_for_the_project_with_a_ready_token(profile: Open, cloud: Cloud) -> None:
    cloud.iam = projects("p7")
    opened = profile({**REGION, "OS_TOKEN": "planted", "OS_PROJECT_NAME": "team/ä b"})
    auth = sign_in(opened, TokenCache())
    client = cloud.client(auth)
    assert [project_id(opened, auth, client) for _ in range(2)] == ["p7"] * 2
    ((asked, headers),) = cloud.asked
    assert str(asked.url) == f"{IAM}/v3/projects?name=team%2F%C3%A4%20b"
    assert headers["x-auth-token"] == "planted"


@pytest.mark.parametrize("more", [{}, {"OS_PROJECT_NAME": "team"}])
def test_keys_need_a_region_only_to_ask_for_the_project(
    profile: Open, cloud: Cloud, more: dict[str, str]
) -> None:
    for credentials in (KEYS, {"OS_TOKEN": "planted"}):
        told = profile({**credentials, "HW_PROJECT_ID": "p1"})
        auth = sign_in(told, TokenCache())
        assert project_id(told, auth, cloud.client(auth)) == "p1"
        untold = profile({**credentials, **more})
        with pytest.raises(ConfigError, match="'region'"):
            project_id(untold, auth := sign_in(untold, TokenCache()), cloud.client(auth))


def test_a_password_needs_to_know_where_iam_lies(profile: Open) -> None:
    with pytest.raises(ConfigError, match="'region'"):
        sign_in(profile(USER), TokenCache())


def test_a_project_found_is_asked_for_again_after_a_day(
    profile: Open, cloud: Cloud, clock: Any
) -> None:
    cloud.iam = projects("p7")
    opened = profile({**REGION, "OS_TOKEN": "planted"})
    auth = sign_in(opened, TokenCache(), clock)
    for seconds in (0, 86_339, 2):
        clock.time += seconds
        project_id(opened, auth, cloud.client(auth))
    assert len(cloud.asked) == 2


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        ((), "0 projects named 'cn-north-4'"),
        (("p1", "p2"), "2 projects named 'cn-north-4': p1, p2"),
    ],
)
def test_no_project_or_several_must_be_settled_by_the_user(
    profile: Open, cloud: Cloud, ids: tuple[str, ...], words: str
) -> None:
    cloud.iam = projects(*ids)
    opened = profile({**REGION, **KEYS})
    auth = sign_in(opened, TokenCache())
    with pytest.raises(ConfigError, match=words) as caught:
        project_id(opened, auth, cloud.client(auth))
    assert "project_id" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx.Response(401, json={"error": {"message": "no"}}), AuthError),
        (httpx.Response(429), ThrottledError),
        (httpx.Response(503), UnavailableError),
        (httpx.Response(200, text="<html>"), UnavailableError),
        (httpx.Response(200, json={"projects": {}}), UnavailableError),
    ],
)
def test_an_answer_of_iam_without_projects_is_an_error(
    profile: Open, cloud: Cloud, answer: httpx.Response, error: type[JobctlError]
) -> None:
    cloud.iam = lambda _: answer
    opened = profile({**REGION, **KEYS})
    auth = sign_in(opened, TokenCache())
    with pytest.raises(error):
        project_id(opened, auth, cloud.client(auth))


def test_another_accounts_sign_in_is_a_mistake_in_the_program(profile: Open, cloud: Cloud) -> None:
    with pytest.raises(TypeError, match="Header"):
        project_id(profile(REGION), bearer("t"), cloud.client())


def test_secret_settings_are_marked_so() -> None:
    assert {one.name for one in ACCOUNT.settings if one.secret} == {
        "token",
        "access_key",
        "secret_key",
        "security_token",
        "password",
    }
