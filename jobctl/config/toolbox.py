"""The vendors' own tools: where each keeps what, and for which address."""

from __future__ import annotations

import os.path
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jobctl import files
from jobctl.config.file import read_text
from jobctl.config.folders import expanded
from jobctl.errors import ConfigError

Environ = Mapping[str, str]


class Ring(NamedTuple):
    """A secret in the keyring of the system."""

    service: str
    user: str


class Entry(NamedTuple):
    """Values that a tool keeps together, and the address that its secrets are for."""

    values: Mapping[str, str | Ring]
    address: str = ""


class Tool(NamedTuple):
    """What may be had of a vendor's tool, and where it lies.

    Of `places` the first counts whose variable is set, else the first that exists. `secrets` go to
    the address of their entry alone.

    `read` raises ConfigError, ValueError or FileNotFoundError for what cannot be read.
    """

    places: tuple[str, ...]
    read: Callable[[Path, Environ], Iterator[Entry]]
    secrets: tuple[str, ...] = ()
    values: tuple[str, ...] = ()

    def place(self, environ: Environ) -> Path | None:
        """Where it keeps what it keeps; None where nothing is there."""
        for text in self.places:
            variable, slash, rest = text.removeprefix("$").partition("/")
            named = text.startswith("$")
            told = environ.get(variable, "") + slash + rest if named else text
            if named and not environ.get(variable):
                continue
            try:
                path = expanded(told)
            except ConfigError:
                continue  # who has no home has nothing there
            # what a name of the current folder stands for may be anybody's
            if path.is_absolute() and os.path.exists(path):  # noqa: PTH110 - what cannot be seen is not there
                return path
            if named:
                return None
        return None


def _config(name: str, *, mac: bool = False) -> tuple[str, ...]:
    """Where a tool lies that keeps to the folder for configuration."""
    library = (f"~/Library/Application Support/{name}",) if mac else ()
    return (f"$XDG_CONFIG_HOME/{name}", *library, f"~/.config/{name}")


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _entry(address: str, **values: Any) -> Entry:
    """An entry of those of the values that are there."""
    told = {key: value for key, value in values.items() if value}
    return Entry(
        {key: value for key, value in told.items() if isinstance(value, str | Ring)}, address
    )


def _yaml(path: Path) -> Mapping[str, Any]:
    import yaml

    try:
        # every word as it is written, whatever a tool says of its kind
        return _map(yaml.load(read_text(path)[0], yaml.BaseLoader))  # noqa: S506
    except (yaml.YAMLError, OverflowError):  # the latter for "\UFFFFFFFF"
        raise ValueError from None


def _json(path: Path) -> Mapping[str, Any]:
    import json

    return _map(json.loads(read_text(path)[0]))


def _toml(path: Path) -> Mapping[str, Any]:
    import tomllib

    return tomllib.loads(read_text(path)[0])


def _ini(path: Path, section: str, *, inherited: bool = False) -> Mapping[str, str]:
    """A section of an INI file; with what stands under DEFAULT, where it is `inherited`."""
    import configparser

    file = configparser.ConfigParser(
        interpolation=None, default_section="DEFAULT" if inherited else "\0", strict=False
    )
    try:
        file.read_string(read_text(path)[0])
    except configparser.Error:
        raise ValueError from None
    if not file.has_section(section):
        return dict(file.defaults())
    return dict(file[section])


def _gh(path: Path, _: Environ) -> Iterator[Entry]:
    for host, told in _yaml(path).items():
        api = f"api.{host}" if host == "github.com" or host.endswith(".ghe.com") else host
        user = _map(told).get("user")
        # since 2.24 in the keyring, where there is one
        ring = Ring(f"gh:{host}", user) if isinstance(user, str) and user else None
        yield _entry(api, token=_map(told).get("oauth_token") or ring)


def _glab(path: Path, _: Environ) -> Iterator[Entry]:
    told = _yaml(path)
    yield _entry("", host=told.get("host"))
    for host, one in _map(told.get("hosts")).items():
        kept = _map(one)
        yield _entry(
            f"{kept.get('api_protocol') or 'https'}://{kept.get('api_host') or host}",
            token=kept.get("token"),
        )


def _databricks(path: Path, environ: Environ) -> Iterator[Entry]:
    profile = environ.get("DATABRICKS_CONFIG_PROFILE") or "DEFAULT"
    told: dict[str, Any] = dict(_ini(path, profile))
    host = str(told.get("host") or "")
    login = expanded("~/.databricks/token-cache.json")
    if not {"token", "client_secret"} & told.keys() and files.exists(login):
        # the token of a person, under the host or the name of the profile
        tokens = _map(_json(login).get("tokens"))
        told["token"] = _map(tokens.get(host.rstrip("/")) or tokens.get(profile)).get(
            "access_token"
        )
    names = ("host", "token", "client_id", "client_secret")
    yield _entry(host, **{name: told.get(name) for name in names})


def _huggingface(path: Path, _: Environ) -> Iterator[Entry]:
    yield _entry("huggingface.co", token=read_text(path)[0].strip())


def _terraform(path: Path, _: Environ) -> Iterator[Entry]:
    for host, told in _map(_json(path).get("credentials")).items():
        yield _entry(host, token=_map(told).get("token"))


def _prefect(path: Path, environ: Environ) -> Iterator[Entry]:
    file = _toml(path)
    name = environ.get("PREFECT_PROFILE") or str(file.get("active"))
    told = _map(_map(file.get("profiles")).get(name))
    url = str(told.get("PREFECT_API_URL") or "")
    yield _entry(
        url or "api.prefect.cloud",
        url=url,
        api_key=told.get("PREFECT_API_KEY"),
        auth_string=told.get("PREFECT_API_AUTH_STRING"),
    )


def _wandb(path: Path, _: Environ) -> Iterator[Entry]:
    import netrc

    read_text(path)  # too large, no text, or not to be read
    try:
        hosts = netrc.netrc(str(path)).hosts
    except netrc.NetrcParseError:
        raise ValueError from None
    for host, (user, _account, password) in hosts.items():
        if user == "user":  # the word that it writes in the place of a name
            yield _entry(host, api_key=password)


def _circleci(path: Path, _: Environ) -> Iterator[Entry]:
    told = _yaml(path)
    host = str(told.get("host") or "https://circleci.com")
    yield _entry(host, host=host, token=told.get("token"))


def _bk(path: Path, environ: Environ) -> Iterator[Entry]:
    told = _yaml(path)
    name = environ.get("BUILDKITE_ORGANIZATION_SLUG") or str(told.get("selected_org"))
    chosen = _map(told.get("organizations")).get(name)
    yield _entry("api.buildkite.com", token=_map(chosen).get("api_token"))


def _snowflake(path: Path, environ: Environ) -> Iterator[Entry]:
    told = _map(_toml(path).get(environ.get("SNOWFLAKE_DEFAULT_CONNECTION_NAME") or "default"))
    # an underscore may stand in a name, and in no host
    account = str(told.get("account") or "").replace("_", "-")
    kind = str(told.get("authenticator")).upper()
    is_token = account and kind in ("OAUTH", "PROGRAMMATIC_ACCESS_TOKEN")
    yield _entry(
        f"{account}.snowflakecomputing.com",
        account=account,
        token=is_token and told.get("token"),
        token_type=is_token and kind,
    )


def _dbt(path: Path, _: Environ) -> Iterator[Entry]:
    file = _yaml(path)
    projects = file.get("projects")
    told = [_map(one) for one in projects] if isinstance(projects, list) else []
    active = _map(file.get("context")).get("active-project")
    for one in sorted(told, key=lambda one: one.get("project-id") != active):
        host = str(one.get("account-host") or "cloud.getdbt.com")
        yield _entry(host, host=host, token=one.get("token-value"))


def _apify(path: Path, _: Environ) -> Iterator[Entry]:
    yield _entry("api.apify.com", token=_json(path).get("token"))


def _vercel(path: Path, _: Environ) -> Iterator[Entry]:
    yield _entry("api.vercel.com", token=_json(path).get("token"))


def _runpod(path: Path, _: Environ) -> Iterator[Entry]:
    told = _toml(path)
    key = _map(told.get("default")).get("api_key") or told.get("apikey") or told.get("apiKey")
    yield _entry("api.runpod.ai", api_key=key)


def _tea(path: Path, _: Environ) -> Iterator[Entry]:
    logins = _yaml(path).get("logins")
    told = [_map(one) for one in logins] if isinstance(logins, list) else []
    for one in sorted(told, key=lambda one: one.get("default") != "true"):
        yield _entry(str(one.get("url") or ""), url=one.get("url"), token=one.get("token"))


def _az(folder: Path, _: Environ) -> Iterator[Entry]:
    found: dict[str, Any] = {}
    known = folder / "azureProfile.json"
    if files.exists(known):
        all_of_them = _json(known).get("subscriptions")
        told = [_map(one) for one in all_of_them] if isinstance(all_of_them, list) else []
        found["subscription"] = next((one.get("id") for one in told if one.get("isDefault")), None)
    if files.exists(folder / "config"):
        usual = _ini(folder / "config", "defaults")
        found |= {name: usual.get(name) for name in ("group", "workspace")}
    yield _entry("", **found)


def _gcloud(folder: Path, environ: Environ) -> Iterator[Entry]:
    chosen = environ.get("CLOUDSDK_ACTIVE_CONFIG_NAME")
    marked = folder / "active_config"
    if not chosen and files.exists(marked):
        chosen = read_text(marked)[0].strip()
    name = chosen or "default"
    if re.fullmatch(r"[a-z][-a-z0-9]*", name):
        file = folder / "configurations" / f"config_{name}"
        yield _entry("", project=_ini(file, "core").get("project"))


def _oci(path: Path, environ: Environ) -> Iterator[Entry]:
    name = environ.get("OCI_CLI_PROFILE") or "DEFAULT"
    yield _entry("", region=_ini(path, name, inherited=True).get("region"))


TOOLS: Mapping[str, Tool] = {
    "apify": Tool(("~/.apify/auth.json",), _apify, ("token",)),
    "az": Tool(("$AZURE_CONFIG_DIR", "~/.azure"), _az, (), ("subscription", "group", "workspace")),
    "bk": Tool(
        ("$XDG_CONFIG_HOME/bk.yaml", "$APPDATA/Buildkite CLI/bk.yaml", "~/.config/bk.yaml"),
        _bk,
        ("token",),
    ),
    "circleci": Tool(
        ("~/.circleci/cli.yml", *_config("circleci/config.yml")), _circleci, ("token",), ("host",)
    ),
    "databricks": Tool(
        ("$DATABRICKS_CONFIG_FILE", "~/.databrickscfg"),
        _databricks,
        ("token", "client_secret"),
        ("host", "client_id"),
    ),
    "dbt": Tool(("~/.dbt/dbt_cloud.yml",), _dbt, ("token",), ("host",)),
    "gcloud": Tool(
        ("$CLOUDSDK_CONFIG", "$APPDATA/gcloud", "~/.config/gcloud"), _gcloud, (), ("project",)
    ),
    "gh": Tool(
        (
            "$GH_CONFIG_DIR/hosts.yml",
            "$XDG_CONFIG_HOME/gh/hosts.yml",
            "$APPDATA/GitHub CLI/hosts.yml",
            "~/.config/gh/hosts.yml",
        ),
        _gh,
        ("token",),
    ),
    "glab": Tool(
        ("$GLAB_CONFIG_DIR/config.yml", *_config("glab-cli/config.yml", mac=True)),
        _glab,
        ("token",),
        ("host",),
    ),
    "huggingface": Tool(
        (
            "$HF_TOKEN_PATH",
            "$HF_HOME/token",
            "$XDG_CACHE_HOME/huggingface/token",
            "~/.cache/huggingface/token",
        ),
        _huggingface,
        ("token",),
    ),
    "oci": Tool(
        ("$OCI_CLI_CONFIG_FILE", "$OCI_CONFIG_FILE", "~/.oci/config"), _oci, (), ("region",)
    ),
    "prefect": Tool(
        ("$PREFECT_PROFILES_PATH", "$PREFECT_HOME/profiles.toml", "~/.prefect/profiles.toml"),
        _prefect,
        ("api_key", "auth_string"),
        ("url",),
    ),
    "runpod": Tool(("~/.runpod/config.toml",), _runpod, ("api_key",)),
    "snowflake": Tool(
        (
            "$SNOWFLAKE_HOME/connections.toml",
            "~/.snowflake/connections.toml",
            *_config("snowflake/connections.toml", mac=True),
        ),
        _snowflake,
        ("token",),
        ("account", "token_type"),
    ),
    "tea": Tool(_config("tea/config.yml", mac=True), _tea, ("token",), ("url",)),
    "terraform": Tool(
        ("$APPDATA/terraform.d/credentials.tfrc.json", "~/.terraform.d/credentials.tfrc.json"),
        _terraform,
        ("token",),
    ),
    "vercel": Tool(
        (
            "$XDG_DATA_HOME/com.vercel.cli/auth.json",
            "$APPDATA/xdg.data/com.vercel.cli/auth.json",
            "~/Library/Application Support/com.vercel.cli/auth.json",
            "~/.local/share/com.vercel.cli/auth.json",
        ),
        _vercel,
        ("token",),
    ),
    "wandb": Tool(("$NETRC", "~/.netrc"), _wandb, ("api_key",)),
}
VALUES = {
    f"{name}.{key}": key in tool.secrets
    for name, tool in TOOLS.items()
    for key in (*tool.values, *tool.secrets)
}
"""What a setting may name, and whether it is secret."""
