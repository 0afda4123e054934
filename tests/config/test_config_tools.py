"""What the vendors' own tools keep in files is used, for the address that they keep it for."""

import base64
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from keyring_fakes import Remembering, used

from jobctl.config import Configuration, Profile, Sections, Setting, Where, open_profile
from jobctl.config.toolbox import TOOLS, VALUES
from jobctl.config.tools import exists, origin
from jobctl.errors import ConfigError

Open = Callable[..., Profile]


class Kept(NamedTuple):
    """A file as a tool writes it, what it gives, and where its secrets may go."""

    path: str
    text: str
    server: str
    gives: Mapping[str, str]


GH = """\
github.com:
    user: octocat
    oauth_token: gho_1
    git_protocol: https
git.example:
    oauth_token: gho_2
"""
KEPT = {
    "apify": Kept(
        ".apify/auth.json",
        '{"token": "apify_1", "username": "ann"}',
        "https://api.apify.com",
        {"token": "apify_1"},
    ),
    "az": Kept(
        ".azure/azureProfile.json",
        '\ufeff{"subscriptions": [{"id": "0", "isDefault": false}, '
        '{"id": "1", "isDefault": true}]}',
        "https://management.azure.com",
        {"subscription": "1", "group": "ml", "workspace": "lab"},
    ),
    "bk": Kept(
        ".config/bk.yaml",
        "selected_org: a\norganizations: {a: {api_token: bkua_1}, b: {api_token: bkua_2}}\n",
        "https://api.buildkite.com",
        {"token": "bkua_1"},
    ),
    "circleci": Kept(
        ".circleci/cli.yml",
        "host: https://circleci.example\nendpoint: graphql-unstable\ntoken: cci_1\n",
        "https://circleci.example",
        {"host": "https://circleci.example", "token": "cci_1"},
    ),
    "databricks": Kept(
        ".databrickscfg",
        "[DEFAULT]\nhost = https://dbc-1.cloud.databricks.com/\ntoken = dapi1\n"
        "client_id = app\nclient_secret = shh\n[other]\nhost = https://other.example\n",
        "https://dbc-1.cloud.databricks.com",
        {
            "host": "https://dbc-1.cloud.databricks.com/",
            "token": "dapi1",
            "client_id": "app",
            "client_secret": "shh",
        },
    ),
    "dbt": Kept(
        ".dbt/dbt_cloud.yml",
        'version: "1"\ncontext: {active-project: "2", active-host: x1.us1.dbt.com}\nprojects:\n'
        '  - {project-id: "1", account-host: cloud.getdbt.com, token-value: dbtu_1}\n'
        '  - {project-id: "2", account-host: x1.us1.dbt.com, token-value: dbtu_2}\n',
        "https://x1.us1.dbt.com",
        {"host": "x1.us1.dbt.com", "token": "dbtu_2"},
    ),
    "gcloud": Kept(
        ".config/gcloud/configurations/config_work",
        "[core]\naccount = ann@example.com\nproject = my-project\n",
        "https://speech.googleapis.com",
        {"project": "my-project"},
    ),
    "gh": Kept(".config/gh/hosts.yml", GH, "https://api.github.com", {"token": "gho_1"}),
    "glab": Kept(
        ".config/glab-cli/config.yml",
        # the tag is a habit of the tool
        "host: gitlab.example\nhosts:\n  gitlab.com: {token: glpat-0}\n"
        "  gitlab.example: {token: !!null glpat-1, api_host: gitlab.example}\n",
        "https://gitlab.example/api/v4",
        {"host": "gitlab.example", "token": "glpat-1"},
    ),
    "huggingface": Kept(
        ".cache/huggingface/token", "hf_1\n", "https://huggingface.co", {"token": "hf_1"}
    ),
    "oci": Kept(
        ".oci/config",
        "[DEFAULT]\nuser=ocid1\nregion=eu-frankfurt-1\n[other]\nuser=ocid2\n",
        "https://iaas.eu-frankfurt-1.oraclecloud.com",
        {"region": "eu-frankfurt-1"},
    ),
    "prefect": Kept(
        ".prefect/profiles.toml",
        'active = "cloud"\n[profiles.local]\n[profiles.cloud]\nPREFECT_API_KEY = "pnu_1"\n'
        'PREFECT_API_URL = "http://127.0.0.1:4200/api"\nPREFECT_API_AUTH_STRING = "a:b"\n',
        "http://127.0.0.1:4200/api",
        {"url": "http://127.0.0.1:4200/api", "api_key": "pnu_1", "auth_string": "a:b"},
    ),
    "runpod": Kept(
        ".runpod/config.toml",
        '[default]\napi_key = "rpa_1"\n',
        "https://api.runpod.ai",
        {"api_key": "rpa_1"},
    ),
    "snowflake": Kept(
        ".snowflake/connections.toml",
        '[default]\naccount = "my_org-acct"\nuser = "ann"\ntoken = "pat"\n'
        'authenticator = "programmatic_access_token"\n',
        "https://my-org-acct.snowflakecomputing.com",
        {"account": "my-org-acct", "token": "pat", "token_type": "PROGRAMMATIC_ACCESS_TOKEN"},
    ),
    "tea": Kept(
        ".config/tea/config.yml",
        "logins:\n  - {name: a, url: https://a.example, token: t1, default: false}\n"
        "  - {name: b, url: https://b.example, token: t2, default: true}\n",
        "https://b.example",
        {"url": "https://b.example", "token": "t2"},
    ),
    "terraform": Kept(
        ".terraform.d/credentials.tfrc.json",
        '{"credentials": {"app.terraform.io": {"token": "tf1"}, "tfe.example": {"token": "tf2"}}}',
        "https://tfe.example",
        {"token": "tf2"},
    ),
    "vercel": Kept(
        ".local/share/com.vercel.cli/auth.json",
        '{"token": "vcp_1"}',
        "https://api.vercel.com",
        {"token": "vcp_1"},
    ),
    "wandb": Kept(
        ".netrc",
        "machine git.example login ann password no\n"
        "machine api.wandb.ai\n  login user\n  password wb1\n",
        "https://api.wandb.ai",
        {"api_key": "wb1"},
    ),
}


def write(path: str, text: str) -> Path:
    file = Path.home() / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(0o600)
    return file


def opened(value: str, server: str = "", environ: Mapping[str, str] | None = None) -> Profile:
    """A profile with one setting that a tool may give, of a provider that asks this server."""
    return open_profile(
        Sections(
            "p",
            "p",
            (
                Setting("base_url", "where", default=server or None),
                Setting("it", "a value", ("VENDOR_IT",), secret=VALUES[value], tool=value),
            ),
        ),
        Configuration(None),
        "default",
        environ=environ or {},
    )


@pytest.fixture
def azure_defaults() -> None:
    write(".azure/config", "[defaults]\ngroup = ml\nworkspace = lab\n")
    write(".config/gcloud/active_config", "work")


@pytest.mark.usefixtures("azure_defaults")
@pytest.mark.parametrize("name", TOOLS)
def test_what_a_tool_keeps_goes_to_its_own_address(name: str) -> None:
    kept = KEPT[name]
    file = write(kept.path, kept.text)
    assert kept.gives.keys() == {*TOOLS[name].secrets, *TOOLS[name].values}
    for key, text in kept.gives.items():
        profile = opened(f"{name}.{key}", kept.server)
        assert profile.get("it") == text
        told = profile.origin("it")
        assert told is not None
        assert (told.where, profile.warnings) == (Where.VENDOR_FILE, [])
        assert str(file).startswith(told.place)
        assert profile.source("it") == told.place
    scheme, _, host, *_ = kept.server.split("/")
    root = f"{scheme}//{host}"
    for key in TOOLS[name].secrets:
        for evil in (
            "https://evil.example",
            f"{root}.evil.example",
            f"ftp://{host}",
            f"https://{host}@evil.example",
            "",
        ):
            assert opened(f"{name}.{key}", evil).get("it") is None
    assert exists([name], {})


@pytest.mark.parametrize("key", ["https://dbc-1.example", "DEFAULT"])
def test_databricks_keeps_the_token_of_a_login_beside_its_profiles(key: str) -> None:
    write(
        ".databrickscfg", "[DEFAULT]\nhost = https://dbc-1.example/\nauth_type = databricks-cli\n"
    )
    assert opened("databricks.token", "https://dbc-1.example").get("it") is None
    login = {"version": 1, "tokens": {key: {"access_token": "eyJ", "refresh_token": "no"}}}
    write(".databricks/token-cache.json", json.dumps(login))
    assert opened("databricks.token", "https://dbc-1.example").get("it") == "eyJ"
    assert opened("databricks.token", "https://evil.example").get("it") is None


def test_of_az_either_file_may_lack() -> None:
    write(".azure/config", "[defaults]\ngroup = ml\n")
    assert opened("az.group").get("it") == "ml"
    assert opened("az.subscription").get("it") is None


def test_a_tools_file_is_the_last_place_before_the_default() -> None:
    write(".cache/huggingface/token", "hf_1")
    environ = {"VENDOR_IT": "hf_2"}
    assert opened("huggingface.token", "https://huggingface.co", environ).get("it") == "hf_2"


@pytest.mark.parametrize(
    ("value", "environ", "text"),
    [
        ("databricks.host", {"DATABRICKS_CONFIG_PROFILE": "other"}, "https://other.example"),
        ("bk.token", {"BUILDKITE_ORGANIZATION_SLUG": "b"}, "bkua_2"),
        ("oci.region", {"OCI_CLI_PROFILE": "other"}, "eu-frankfurt-1"),
        ("oci.region", {"OCI_CLI_PROFILE": "none"}, "eu-frankfurt-1"),
        ("prefect.url", {"PREFECT_PROFILE": "local"}, None),
        ("snowflake.account", {"SNOWFLAKE_DEFAULT_CONNECTION_NAME": "none"}, None),
        ("gcloud.project", {"CLOUDSDK_ACTIVE_CONFIG_NAME": "work"}, "my-project"),
        ("gcloud.project", {"CLOUDSDK_ACTIVE_CONFIG_NAME": "../../work"}, None),
        ("gcloud.project", {}, None),
    ],
)
def test_a_variable_of_the_tool_names_its_profile(
    value: str, environ: Mapping[str, str], text: str | None
) -> None:
    kept = KEPT[value.partition(".")[0]]
    write(kept.path, kept.text)
    assert opened(value, kept.server, environ).get("it") == text


def test_a_variable_of_the_tool_names_its_folder_and_never_the_current_one(tmp_path: Path) -> None:
    write(".config/gh/hosts.yml", GH)
    (tmp_path / "hosts.yml").write_text("github.com: {oauth_token: elsewhere}\n")
    os.chdir(tmp_path)

    def token(place: str) -> str | None:
        return opened("gh.token", "https://api.github.com", {"GH_CONFIG_DIR": place}).get("it")

    assert token(str(tmp_path)) == "elsewhere"
    assert token(".") is None
    assert token(f"{tmp_path}/none") is None
    assert token("") == "gho_1"


@pytest.mark.parametrize(
    ("host", "server"),
    [
        ("github.com", "https://api.github.com"),
        ("acme.ghe.com", "https://api.acme.ghe.com"),
        ("git.example", "https://git.example/api/v3"),
    ],
)
def test_gh_has_a_token_for_each_of_its_hosts(host: str, server: str) -> None:
    write(".config/gh/hosts.yml", f"{host}: {{oauth_token: t}}\nother.example: {{}}\nodd: 1\n")
    assert opened("gh.token", server).get("it") == "t"
    assert opened("gh.token", "https://other.example").get("it") is None


@pytest.mark.parametrize("wrapped", [False, True])
def test_gh_keeps_a_token_in_the_keyring(wrapped: bool) -> None:
    file = write(".config/gh/hosts.yml", "github.com: {user: octocat}\n")
    secret = "go-keyring-base64:" + base64.b64encode(b"gho_1").decode() if wrapped else "gho_1"
    ring = Remembering()
    ring.set_password("gh:github.com", "octocat", secret)
    with used(ring):
        profile = opened("gh.token", "https://api.github.com")
        assert profile.get("it") == "gho_1"
        told = profile.origin("it")
        assert told is not None
        assert told.place == str(file)
        assert told.reference == "keyring:gh:github.com/octocat"
    ring.set_password("gh:github.com", "octocat", "go-keyring-base64:%")
    with used(ring), pytest.raises(ConfigError, match="not as the tool puts it"):
        opened("gh.token", "https://api.github.com").get("it")


def test_a_token_in_the_keyring_is_passed_over_without_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(".config/gh/hosts.yml", "github.com: {user: octocat}\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    profile = opened("gh.token", "https://api.github.com")
    assert profile.get("it") is None
    assert "pip install 'jobctl[keyring]'" in profile.warnings[0]


BROKEN = {
    "apify": ["{", "[1]", "[" * 100_000],
    "az": ["{", '{"subscriptions": 1}'],
    "databricks": ["host = x", "[DEFAULT"],
    "dbt": ["a: [", "projects: 1", "projects: [1]"],
    "gh": ["a: [", "[1]", 'a: "\\UFFFFFFFF"', "\udcff", "github.com: {oauth_token: [1]}"],
    "glab": ["hosts: 1", "hosts: {gitlab.example: 1}"],
    "prefect": ["active = ", 'active = "x"\nprofiles = 1\n'],
    "tea": ["logins: 1", "logins: [{token: t}]"],
    "wandb": ["machine"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in BROKEN.items() for text in texts]
)
def test_a_file_that_is_not_as_the_tool_writes_it_gives_nothing(name: str, text: str) -> None:
    kept = KEPT[name]
    write(kept.path, "").write_bytes(text.encode(errors="surrogateescape"))
    for key in TOOLS[name].secrets or TOOLS[name].values:
        profile = opened(f"{name}.{key}", kept.server)
        assert profile.get("it") is None
        assert [one for one in profile.warnings if kept.path.split("/")[0] not in one] == []


def test_a_file_that_cannot_be_read_is_told_and_others_reading_it_too() -> None:
    (Path.home() / ".netrc").mkdir()
    profile = opened("wandb.api_key", "https://api.wandb.ai")
    assert profile.get("it") is None
    assert profile.warnings == [f"{Path.home()}/.netrc is not read: cannot be read: Is a directory"]
    file = write(".apify/auth.json", json.dumps({"token": "t"}))
    file.chmod(0o644)
    profile = opened("apify.token", "https://api.apify.com")
    assert profile.get("it") == "t"
    assert "chmod 600" in profile.warnings[0]


def test_who_has_no_home_has_no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.expanduser", lambda text: text)
    assert not exists(TOOLS, {})


def test_addresses_are_the_same_by_scheme_host_and_port() -> None:
    assert origin("API.GitHub.com/x") == origin("https://api.github.com:443") is not None
    assert origin("http://h") == ("http", "h", 80)
    assert origin("https://h:x") is None
    assert origin("ftp://h") is None
    assert origin("") is None


@pytest.mark.parametrize(
    ("text", "got"), [("ray://h:1", None), ("auto", None), ("http://h", "http://h")]
)
def test_a_vendors_variable_counts_where_it_looks_like_the_pattern(
    text: str, got: str | None
) -> None:
    profile = open_profile(
        Sections(
            "p", "p", (Setting("base_url", "where", ("RAY_ADDRESS",), pattern="https?://.+"),)
        ),
        Configuration(None),
        "default",
        environ={"RAY_ADDRESS": text},
    )
    assert profile.get("base_url") == got
    assert bool(profile.warnings) == (got is None)
