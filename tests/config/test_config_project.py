"""The file of a project: what a cloned repository may say, and what is the user's alone."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobctl import registry
from jobctl.config import COMMON, Configuration, Where, open_profile, profile_name
from jobctl.config.project import NAME, find, is_foreign
from jobctl.errors import ConfigError

CONFIG = """\
profile: work
profiles:
  work:
    cognite: {project: mine, cluster: az-eastus-1}
  plant: {}
"""
Write = Callable[..., Path]


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("HOME", str(tmp_path))
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG)
    return {"JOBCTL_CONFIG": str(config)}


@pytest.fixture
def cloned(tmp_path: Path) -> Write:
    """A repository with such a file, and a folder in it."""

    def write(text: str) -> Path:
        folder = tmp_path / "src" / "repository" / "deep"
        folder.mkdir(parents=True, exist_ok=True)
        (folder.parent / NAME).write_text(text)
        return folder

    return write


def read(environ: dict[str, str], folder: Path) -> Configuration:
    configuration = Configuration.read(environ, folder=folder)
    configuration.check(registry)
    return configuration


def profile(
    configuration: Configuration, environ: dict[str, str], provider: str = "cognite"
) -> Any:
    about = registry.manifest(provider)
    return open_profile(
        about.sections(),
        configuration,
        profile_name(None, environ, lambda: configuration),
        environ=environ,
    )


def test_a_project_chooses_the_profile_and_gives_settings(
    environ: dict[str, str], cloned: Write
) -> None:
    folder = cloned("profile: work\ncognite:\n  project: theirs\nhuawei: {project_id: p1}\n")
    configuration = read(environ, folder)
    opened = profile(configuration, environ)
    place = f"{folder.parent / NAME}:3:12"
    assert (opened.get("project"), opened.origin("project")) == (
        "theirs",
        (Where.PROJECT, place, None),
    )
    assert opened.source("project") == str(folder.parent / NAME)
    assert opened.get("cluster") == "az-eastus-1"
    assert profile(configuration, environ, "vas").get("project_id") == "p1"


def test_variables_go_before_a_project_and_a_profile_behind_it(
    environ: dict[str, str], cloned: Write
) -> None:
    configuration = read(environ, cloned("profile: plant\ncognite: {project: theirs}\n"))
    assert profile(configuration, environ).name == "plant"
    environ |= {"JOBCTL_COGNITE_PROJECT": "variable", "JOBCTL_PROFILE": "work"}
    opened = profile(configuration, environ)
    assert (opened.name, opened.get("project")) == ("work", "variable")


def test_an_empty_value_says_nothing(environ: dict[str, str], cloned: Write) -> None:
    configuration = read(environ, cloned("profile:\ncognite: {project: }\n"))
    opened = profile(configuration, environ)
    assert (opened.name, opened.get("project")) == ("work", "mine")
    assert profile(read(environ, cloned("")), environ).get("project") == "mine"


def test_the_name_that_may_be_meant_is_told(environ: dict[str, str], cloned: Write) -> None:
    for text, meant in (("profle: work", "profile"), ("cognit: {project: p}", "cognite")):
        with pytest.raises(ConfigError) as caught:
            read(environ, cloned(text))
        assert caught.value.hint == f"did you mean {meant}?"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cognite: {token: planted}", "1:11: cognite.token is not for a project's file to say"),
        ("cognite: {base_url: https://evil.example}", "1:11: cognite.base_url is not"),
        ("cognite: {cluster: evil}", "1:11: cognite.cluster is not"),
        ("cognite: {token_url: https://evil.example}", "1:11: cognite.token_url is not"),
        ("cognite: {tenant_id: evil}", "1:11: cognite.tenant_id is not"),
        ("cognite: {allow_http: true}", "1:11: cognite.allow_http is not"),
        ("cognite: {ca_file: evil.pem}", "1:11: cognite.ca_file is not"),
        ("cognite: {client_cert: me.pem}", "1:11: cognite.client_cert is not"),
        ("cognite: {auth: token}", "1:11: cognite.auth is not"),
        ("cognite: {token_command: evil}", "1:11: cognite.token_command is not"),
        ("huawei: {region: evil}", "1:10: huawei.region is not"),
        ("huawei: {credentials_file: evil}", "1:10: huawei.credentials_file is not"),
        ("cognite: {project: 'env:HOME'}", "1:20: a project's file holds no references (env:)"),
        ("cognite: {project: 'file:/etc/passwd'}", "1:20: a project's file holds no references"),
        ("cognite: {project: 'command:touch evil'}", "1:20: a project's file holds no references"),
        ("cognite: {project: 'keyring:a/b'}", "1:20: a project's file holds no references"),
        ("cognite: {states: {Failed: succeeded}}", "1:11: cognite.states is not"),
        ("cognite: {projct: x}", "1:11: cognite has no setting 'projct'"),
        ("cognite: {read_timeout: never}", "1:25: read_timeout must be a duration"),
        ("cognite: x", "1:10: cognite must hold names and values"),
        ("profiles: {work: {}}", "1:1: there is no provider or account 'profiles'"),
        ("providers: [evil.yaml]", "1:12: providers must hold names and values"),
        ("profile: [work]", "1:10: profile must be a single value"),
        ("profile: nobody", "1:10: there is no profile 'nobody'"),
        ("- x", "1:1: the file must hold names and values"),
        ("a: &x [*x]", "1:4: anchors are not allowed"),
    ],
)  # fmt: skip
def test_what_is_the_users_to_say_is_refused_with_its_place(
    text: str, said: str, environ: dict[str, str], cloned: Write
) -> None:
    folder = cloned(text)
    with pytest.raises(ConfigError) as caught:
        profile(read(environ, folder), environ)
    assert caught.value.message.startswith(f"{folder.parent / NAME}:{said}")
    assert "planted" not in caught.value.message


def test_what_was_not_checked_counts_for_nothing(environ: dict[str, str], cloned: Write) -> None:
    text = "cognite: {base_url: https://evil.example, project: 'command:touch evil'}"
    opened = profile(Configuration.read(environ, folder=cloned(text)), environ)
    assert (opened.get("base_url"), opened.get("project")) == (None, "mine")


def test_nothing_that_decides_where_requests_go_or_who_signs_in_is_harmless() -> None:
    known = {one.name for one in COMMON if one.harmless}
    assert known == {"connect_timeout", "read_timeout", "max_in_flight", "max_pages"}
    for name in registry.names():
        about = registry.manifest(name)
        signing = {
            one
            for way in about.account.ways
            for need in (*way.needs, *way.marks)
            for one in ((need,) if isinstance(need, str) else need)
        } - {"project_id"}  # of a token, whose host it does not decide
        for one in about.all_settings():
            if one.harmless:
                assert not one.secret, (name, one.name)
                assert one.name not in signing, (name, one.name)
                assert not any(word in one.name for word in ("url", "host", "file", "endpoint"))


def test_a_declared_setting_is_harmless_that_only_paths_and_parameters_have() -> None:
    found = {one.name: one.harmless for one in registry.manifest("vertex-ai-job").all_settings()}
    assert found["project"]
    assert found["read_timeout"]
    for name in ("base_url", "location", "ca_file", "allow_http"):
        assert not found[name], name


def test_looking_ends_at_home_and_where_another_file_system_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    folder = home / "repository"
    folder.mkdir(parents=True)
    (tmp_path / NAME).touch()
    monkeypatch.setenv("HOME", str(home))
    assert find(folder) is None
    assert find(tmp_path) == tmp_path / NAME
    (home / NAME).touch()
    assert find(folder) == home / NAME
    assert find(Path("/proc/self")) is None
    monkeypatch.chdir(tmp_path)
    assert find(Path("no", "such", "folder")) == Path(NAME)
    (tmp_path / NAME).unlink()
    assert find(Path("no", "such", "folder")) is None
    monkeypatch.setenv("HOME", "/nowhere")
    assert find(Path("/")) is None


def test_a_folder_that_is_gone_is_in_no_project(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert Configuration.read(environ).project is None


def test_a_file_of_another_user_is_ignored_with_a_word(
    environ: dict[str, str], cloned: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = cloned("profile: plant\n")
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)
    configuration = read(environ, folder)
    assert configuration.project is None
    said = f"{folder.parent / NAME} is ignored: it is no file of this user"
    assert configuration.warnings == [said]


def test_what_is_no_file_is_not_opened(environ: dict[str, str], cloned: Write) -> None:
    folder = cloned("")
    path = folder.parent / NAME
    path.unlink()
    os.mkfifo(path)
    assert read(environ, folder).warnings
    path.unlink()
    path.symlink_to("nowhere")
    assert read(environ, folder).project is None
    assert read(environ, folder).warnings == [f"{path} is ignored: it is a link to nothing"]
    (folder.parent / "there").write_text("profile: plant\n")
    path.unlink()
    path.symlink_to("there")
    assert not is_foreign(path)
    assert profile(read(environ, folder), environ).name == "plant"
