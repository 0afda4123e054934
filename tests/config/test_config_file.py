"""The configuration file: where it is, what it may hold, what is said of anything else."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobctl import registry
from jobctl.config import Configuration, Kind, Setting, profile_names_quickly
from jobctl.config.syntax import parse
from jobctl.errors import ConfigError, ExitCode

SETTINGS = (
    Setting("project", "the project"),
    Setting("auth", "the way of signing in", choices=("token", "basic")),
    Setting("token", "a token", secret=True),
    Setting("scopes", "scopes", kind=Kind.LIST),
)


class Acme:
    """The words of one account."""

    def section(self, name: str) -> Sequence[Setting] | None:
        return SETTINGS if name == "acme" else None

    def sections(self) -> Sequence[str]:
        return ["acme"]


known = Acme()


def reading(path: Path, text: str | bytes) -> Configuration:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    path.chmod(0o600)
    return Configuration.read({"JOBCTL_CONFIG": str(path)})


def complaint(path: Path, text: str | bytes) -> str:
    """What is said about a file, without the file's name."""
    with pytest.raises(ConfigError) as caught:
        reading(path, text).check(known)
    assert caught.value.exit_code == ExitCode.USAGE
    assert caught.value.message.startswith(f"{path}:")
    return caught.value.message.removeprefix(f"{path}:")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


def test_the_file_is_in_the_platforms_configuration_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert Configuration.find({"JOBCTL_CONFIG": ""}) == tmp_path / "jobctl" / "config.yaml"


def test_no_file_in_the_default_place_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    configuration = Configuration.read({})
    assert configuration.profiles == ()
    assert configuration.profile is None
    assert configuration.path == tmp_path / "jobctl" / "config.yaml"
    assert configuration.warnings == []
    configuration.path.parent.mkdir()
    configuration.path.symlink_to("nowhere")
    said = f"{configuration.path} is ignored: it is a link to nothing"
    assert Configuration.read({}).warnings == [said]


def test_a_file_where_the_default_folder_should_be_is_no_error_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "jobctl").write_text("")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert Configuration.read({}).profiles == ()


def test_jobctl_config_naming_a_file_that_is_not_there_is_a_configuration_error(path: Path) -> None:
    with pytest.raises(ConfigError, match="JOBCTL_CONFIG names a file that is not there") as caught:
        Configuration.read({"JOBCTL_CONFIG": str(path)})
    assert str(path) in caught.value.message


def test_a_folder_in_place_of_the_file_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        Configuration.read({"JOBCTL_CONFIG": str(tmp_path)})


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "profiles:\n", "profile: ''\n"])
def test_an_empty_file_has_no_profiles(path: Path, text: str) -> None:
    configuration = reading(path, text)
    configuration.check(known)
    assert (configuration.profile, configuration.profiles) == (None, ())


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_a_file_may_be_in_every_encoding_of_unicode(path: Path, encoding: str) -> None:
    text = "profile: größe\nprofiles:\n  größe:\n"
    assert reading(path, text.encode(encoding)).profile == "größe"
    assert profile_names_quickly({"JOBCTL_CONFIG": str(path)}) == ["größe"]


def test_a_good_file_passes_the_check(path: Path) -> None:
    configuration = reading(
        path,
        "\ufeffprofile: work\n"
        "profiles:\n"
        "  work:\n"
        "    acme:\n"
        "      project: my-project\n"
        "      auth: env:WAY\n"
        "      token: env:TOKEN\n"
        "      scopes: [a, b, null]\n"
        "      connect_timeout: 5s\n"
        "      states: {ABNORMAL: running}\n"
        "  empty:\n",
    )
    configuration.check(known)
    assert (configuration.profile, configuration.profiles) == ("work", ("work", "empty"))
    assert configuration.warnings == []


ACME = "profiles:\n  work:\n    acme:\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("profil: work\n", "1:1: there is no setting 'profil'"),
        ("profile: [work]\n", "1:10: profile must be a single value"),
        ("profiles: work\n", "1:11: profiles must hold names and values"),
        ("- profiles\n", "1:1: the file must hold names and values"),
        ("profiles:\n  work: acme\n", "2:9: the profile 'work' must hold names and values"),
        ("profiles:\n  sandbox:\n", "2:3: the profile 'sandbox' is built in"),
        ("profiles:\n  work:\n    acme: x\n", "3:11: acme must hold names and values"),
        ("profiles:\n  work:\n    amce:\n", "3:5: there is no provider or account 'amce'"),
        (ACME + "      projct: x\n", "4:7: acme has no setting 'projct'"),
        (ACME + "      project: [x]\n", "4:16: project must be a single value"),
        (ACME + "      project: {x: y}\n", "4:16: project must be a single value"),
        (ACME + "      scopes: [a, [b]]\n", "4:19: an item of scopes must be a single value"),
        (ACME + "      auth: kerberos\n", "4:13: auth must be one of token, basic, not 'kerberos'"),
        (
            ACME + "      read_timeout: soon\n",
            "4:21: read_timeout must be a duration such as 30s, at most 24h, not 'soon'",
        ),
        (
            ACME + "      read_timeout: 0\n",
            "4:21: read_timeout must be a duration such as 30s, at most 24h, not '0'",
        ),
        (ACME + "      states: running\n", "4:15: states must hold names and values"),
        (ACME + "      states: {ABNORMAL: busy}\n", "4:26: 'busy' is no state"),
        (ACME + "      states: {ABNORMAL: }\n", "4:25: '' is no state"),
        (ACME + "      states: {OK: [a]}\n", "4:20: the state of OK must be a single value"),
    ],
)  # fmt: skip
def test_an_unknown_name_or_a_wrong_type_is_told_with_line_and_column(
    path: Path, text: str, said: str
) -> None:
    assert complaint(path, text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b: c\n", "1:5: this ':' is not expected here"),
        ("profiles:\n\twork:\n", "2:1: a tab; YAML wants spaces"),
        ("a:\n    b: c\n   d: e\n", "3:4: this does not fit the lines above"),
        ("a: 'b\nc: d\n", "1:4: the quote that opens here is not closed"),
        ("a: {b: c\n", "1:4: the bracket that opens here is not closed properly"),
        ("a:\n  b\n  c\nd\n", "4:1: no ': ' follows this name"),
        ('a: "C:\\jobs"\n', "1:8: this escape does not exist"),
        ("a: b\n---\nc: d\n", "2:1: a second document begins here"),
        ("%YAML 3.0\n---\n", "1:1: this is not valid YAML"),
        ("a: *b\n", "1:4: aliases are not allowed"),
        ("a: &b c\n", "1:4: anchors are not allowed"),
        ("a: !!str c\n", "1:4: tags are not allowed"),
        ("a: !b!c d\n", "1:4: tags are not allowed"),
        ("a: b\nc: d\na: e\n", "3:1: 'a' is there twice"),
        ("? [a]\n: b\n", "1:3: a name must be a single word"),
        ("[" * 10_000, "1:17: this is nested too deeply"),
        ('a: "\\UFFFFFFFF"\n', "1:7: there is no such character or number"),
        ('a: "\\uD800"\n', "1:4: this holds a character that no setting can hold"),
        ('a: "\\0"\n', "1:4: this holds a character that no setting can hold"),
        ("a:\n  b: \x07\n", "2:6: a control character is not allowed here"),
        (b"a: b\n\xc3\xa9: \xff\n", "2:4: is not valid UTF-8"),
        (b"\xff\xfea\x00\n\x00b", "2:1: is not valid UTF-16-LE"),
        ("#" * (1 << 20) + "\n", " is larger than 1 MiB"),
    ],
)
def test_what_is_not_the_yaml_it_should_be_is_told_with_line_and_column(
    path: Path, text: str | bytes, said: str
) -> None:
    assert complaint(path, text) == said


@given(st.text(st.sampled_from("ab:-?[]{},'\"#&*!|>%@`\\ \n\r\t\x85\u2028\ufeff0.~<=U")))
def test_no_text_makes_reading_fail_in_another_way(text: str) -> None:
    with suppress(ConfigError):
        parse(text, Path("config.yaml"))


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (ACME + "      projct: x\n", "did you mean project?"),
        (
            ACME + "      zzz: x\n",
            "known: connect_timeout, read_timeout, max_in_flight, max_pages, ca_file, client_cert",
        ),
        (ACME + "      {token:s3cr3t}\n", "a colon needs a blank after it"),
        (ACME + "      token: env: NAME\n", "write env:NAME without a blank"),
        (ACME + "      token:\n        env: NAME\n", "no blank after its colon: env:NAME"),
        (ACME + "      token: 12345\n", "quote it: token: '...'"),
    ],
)
def test_what_mends_a_mistake_is_told(path: Path, text: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        reading(path, text).check(known)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("0123456789", "a number"),
        ("12345", "a number"),
        ("12e45", "a number"),
        ("1.5", "a number"),
        ("0x1F", "a number"),
        ("2024-10-29", "a date"),
        ("yes", "true or false"),
        ("=", "something else"),
    ],
)
def test_a_secret_that_yaml_would_turn_into_something_else_must_be_quoted(
    path: Path, value: str, kind: str
) -> None:
    said = complaint(path, f"{ACME}      token: {value}\n")
    assert said == f"4:14: YAML takes the value of token for {kind}"
    reading(path, f"{ACME}      token: '{value}'\n").check(known)


@pytest.mark.parametrize(
    "text",
    [
        "      token: [s3cr3t-s3cr3t]\n",
        "      token: {s3cr3t-s3cr3t: x}\n",
        "      token: !s3cr3t-s3cr3t!x y\n",
        "      token: *s3cr3t-s3cr3t\n",
        "      token: &s3cr3t-s3cr3t x\n",
        "      token: 's3cr3t-s3cr3t\n",
        "      token: s3cr3t-s3cr3t: x\n",
        "      {token:s3cr3t-s3cr3t}\n",
        "      {token:s3cr3t-s3cr3t, token:s3cr3t-s3cr3t}\n",
        "  {token:s3cr3t-s3cr3t}\n",
        "      token:s3cr3t-s3cr3t\n",
    ],
)
def test_no_message_about_a_file_repeats_a_secret(path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        reading(path, ACME + text).check(known)
    assert "s3cr3t-s3cr3t" not in caught.value.message + (caught.value.hint or "")


def test_no_message_about_a_section_repeats_a_secret(path: Path) -> None:
    said = complaint(path, "profiles:\n  work:\n    {token:s3cr3t-s3cr3t}\n")
    assert said == "3:6: there is no provider or account 'token'"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o602])
def test_a_file_that_holds_a_secret_and_is_open_to_others_is_used_with_a_warning(
    path: Path, mode: int
) -> None:
    path.write_text(f"{ACME}      token: s3cr3t\n  more:\n    acme: {{token: s3cr3t}}\n")
    path.chmod(mode)
    configuration = Configuration.read({"JOBCTL_CONFIG": str(path)})
    configuration.check(known)
    assert configuration.warnings == [
        f"{path} holds secrets and others can read it; mend it with: chmod 600 {path}"
    ]


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("token: s3cr3t", 0o600),
        ("token: env:TOKEN", 0o644),
        ("token: command:op read x", 0o644),
        ("token: ''", 0o644),
        ("project: open", 0o644),
    ],
)
def test_a_file_that_is_private_or_holds_no_secret_is_no_reason_to_warn(
    path: Path, text: str, mode: int
) -> None:
    path.write_text(f"{ACME}      {text}\n")
    path.chmod(mode)
    configuration = Configuration.read({"JOBCTL_CONFIG": str(path)})
    configuration.check(known)
    assert configuration.warnings == []


def test_an_empty_file_that_is_open_to_others_can_be_named(path: Path) -> None:
    assert Configuration.read({"JOBCTL_CONFIG": os.devnull}).profiles == ()


QUICK = """\
# profiles:
profile: home
other:
  nothing:
profiles :   # mine
  # a comment
  home:
    acme:
      project: x
  'at work':  {acme: {}}

  "third":
  no-colon-blank:x
  fourth : {}
more:
  nothing:
"""


def test_completion_finds_the_profiles_without_reading_yaml(path: Path) -> None:
    path.write_text(QUICK)
    names = profile_names_quickly({"JOBCTL_CONFIG": str(path)})
    assert names == ["home", "at work", "third", "fourth"]


def test_completion_and_reading_agree_on_the_profiles(path: Path) -> None:
    configuration = reading(path, "profiles:\n    b:\n        acme:\n    a: {}\nprofile: a\n")
    assert profile_names_quickly({"JOBCTL_CONFIG": str(path)}) == list(configuration.profiles)


def test_completion_offers_no_profiles_on_any_trouble(path: Path, tmp_path: Path) -> None:
    assert profile_names_quickly({"JOBCTL_CONFIG": str(path)}) == []
    assert profile_names_quickly({"JOBCTL_CONFIG": str(tmp_path)}) == []
    path.write_bytes(b"profiles:\n  \xff:\n")
    assert profile_names_quickly({"JOBCTL_CONFIG": str(path)}) == []


def test_completion_imports_nothing_heavy(path: Path) -> None:
    path.write_text(QUICK)
    program = (
        "import os, sys, jobctl.config as config\n"
        "print(len(config.profile_names_quickly(os.environ)), sorted(sys.modules.keys() & set("
        "'yaml platformdirs subprocess shlex tempfile ssl asyncio httpx rich'.split())))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "JOBCTL_CONFIG": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "4 []"


SOME = """\
a: 'quoted'
"b": [1, two, "", {c: d}]
e: |
  lines

  more
f: >-
  folded
  text
g: é ü 𝄞
h: {i: 0x1F, j: 1e3, k: yes, l: 2024-01-01, m: ~, n: null}
"""


@pytest.mark.parametrize(
    "text",
    [SOME, "a:", "a: \n  - x\n  -\n", "- a\n- b: c\n", "word", "", "# nothing", "a: {b: }"]
    + [path.read_text() for path in sorted(registry.CATALOGUE.glob("*.yaml"))[::8]],
    ids=lambda text: text[:12],
)
def test_a_file_is_the_same_without_libyaml(
    path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = parse(text, path, 64)
    monkeypatch.setitem(sys.modules, "yaml.cyaml", None)
    assert parse(text, path, 64) == quick
