"""Where the value of a setting comes from, and what is said when it comes from nowhere."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from jobctl.config import (
    COMMON,
    Configuration,
    Kind,
    Profile,
    Sections,
    Setting,
    Where,
    open_profile,
    profile_name,
    sandbox_profile,
    variable,
)
from jobctl.config.file import File
from jobctl.config.ini import Ini
from jobctl.errors import ConfigError, UsageError
from jobctl.masking.texts import masked
from jobctl.models import JobState

SETTINGS = (
    Setting("base_url", "where the API lies", ("SDK_REGION_VAS_{REGION}",), default="https://d"),
    Setting("region", "the region", ("SDK_REGION", "HW_REGION")),
    Setting("access_key", "the access key", ("SDK_AK", "HW_AK"), secret=True),
    Setting("secret_key", "the secret key", ("SDK_SK", "HW_SK"), secret=True),
    Setting("username", "the user", ("", "HW_USER")),
    Setting("project", "the project", required=True),
    Setting("auth", "the way of signing in", ("SDK_AUTH", "HW_AUTH"), choices=("token", "aksk")),
    Setting("scopes", "the scopes", kind=Kind.LIST),
)

Open = Callable[..., Profile]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


@pytest.fixture
def opened(path: Path) -> Open:
    def profile(
        text: str = "",
        environ: Mapping[str, str] | None = None,
        overrides: Mapping[str, str] | None = None,
        *,
        provider: str = "vas",
        vendor_files: Sequence[str] = (),
        name: str = "work",
    ) -> Profile:
        path.write_text(text)
        return open_profile(
            Sections(provider, "huawei", SETTINGS, vendor_files),
            Configuration.read({"JOBCTL_CONFIG": str(path)}),
            name,
            overrides=overrides or {},
            environ=environ or {},
        )

    return profile


VAS = "profiles:\n  work:\n    vas:\n"


def test_the_first_place_that_gives_a_setting_wins(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "vendor.yaml"
    file.write_text("region: vendor-file\n")
    overrides = {"region": "flag"}
    environ = {
        "JOBCTL_VAS_REGION": "our-provider",
        "JOBCTL_HUAWEI_REGION": "our-account",
        "SDK_REGION": "vendor-1",
        "HW_REGION": "vendor-2",
    }
    lines = {"vas": "    vas: {region: provider}\n", "huawei": "    huawei: {region: account}\n"}

    def now() -> tuple[str | None, str | None]:
        text = "profiles:\n  work:\n" + "".join(lines.values())
        profile = opened(text, environ, overrides, vendor_files=[str(file)])
        return profile.get("region"), profile.source("region")

    assert now() == ("flag", "--set")
    del overrides["region"]
    assert now() == ("our-provider", "JOBCTL_VAS_REGION")
    del environ["JOBCTL_VAS_REGION"]
    assert now() == ("our-account", "JOBCTL_HUAWEI_REGION")
    environ["JOBCTL_HUAWEI_REGION"] = ""
    assert now() == ("provider", "profile work")
    del lines["vas"]
    assert now() == ("account", "profile work")
    lines["huawei"] = "    huawei: {region: ''}\n"
    assert now() == ("vendor-1", "SDK_REGION")
    environ["SDK_REGION"] = ""
    assert now() == ("vendor-2", "HW_REGION")
    del environ["HW_REGION"]
    assert now() == ("vendor-file", str(file))
    file.write_text("region:\n")
    assert now() == (None, None)


def test_the_default_is_the_last_place(opened: Open) -> None:
    profile = opened()
    assert (profile.get("base_url"), profile.source("base_url")) == ("https://d", "default")
    assert profile.get("project") is None


def test_each_value_tells_exactly_where_it_is_from(
    opened: Open, path: Path, tmp_path: Path
) -> None:
    (tmp_path / "vendor.yaml").write_text("username: me\n")
    profile = opened(
        VAS + "      access_key: env:NOT_SET\n      project: p\n",
        {"JOBCTL_HUAWEI_AUTH": "aksk", "SDK_SK": "made-up"},
        {"region": "here"},
        vendor_files=[f"{tmp_path}/vendor.yaml"],
    )
    assert {one.name: profile.origin(one.name) for one in SETTINGS} == {
        "region": (Where.FLAG, "--set", None),
        "auth": (Where.VARIABLE, "JOBCTL_HUAWEI_AUTH", None),
        "access_key": (Where.PROFILE, f"{path}:4:19", "env:NOT_SET"),
        "project": (Where.PROFILE, f"{path}:5:16", None),
        "secret_key": (Where.VENDOR_VARIABLE, "SDK_SK", None),
        "username": (Where.VENDOR_FILE, f"{tmp_path}/vendor.yaml:1:11", None),
        "base_url": (Where.DEFAULT, "default", None),
        "scopes": None,
    }


def test_a_profile_is_not_bent_by_a_stray_vendor_variable(opened: Open) -> None:
    text = "profiles:\n  work:\n    huawei: {region: mine}\n"
    assert opened(text, {"SDK_REGION": "stray"}).get("region") == "mine"


def test_an_empty_override_counts_as_absent(opened: Open) -> None:
    assert opened(overrides={"region": ""}).get("region") is None


def test_our_variables_have_underscores_for_dashes() -> None:
    assert variable("oracle-content", "base_url") == "JOBCTL_ORACLE_CONTENT_BASE_URL"


def test_a_variable_of_a_provider_with_a_dash_is_read(opened: Open) -> None:
    profile = opened(environ={"JOBCTL_MY_VAS_REGION": "here"}, provider="my-vas")
    assert profile.get("region") == "here"


def test_a_vendor_variable_may_have_the_region_in_its_name(opened: Open) -> None:
    environ = {"SDK_REGION_VAS_CN_NORTH_4": "https://iva"}
    assert opened(environ=environ).get("base_url") == "https://d"
    profile = opened(environ={**environ, "HW_REGION": "cn-north-4"})
    assert profile.get("base_url") == "https://iva"
    assert profile.source("base_url") == "SDK_REGION_VAS_CN_NORTH_4"


def test_values_keep_the_text_they_have_in_the_file(opened: Open) -> None:
    text = VAS + "      project: 0042\n      region: 2024-10-29\n      username: yes\n"
    profile = opened(text)
    values = [profile.get(name) for name in ("project", "region", "username")]
    assert values == ["0042", "2024-10-29", "yes"]


def test_a_secret_in_a_block_loses_the_line_end(opened: Open) -> None:
    assert opened(VAS + "      secret_key: |\n        sk/block\n").get("secret_key") == "sk/block"


def test_nulls_and_empty_texts_are_absent(opened: Open) -> None:
    profile = opened(
        VAS + "      project: ~\n      region: null\n      username: ''\n      auth:\n"
    )
    assert [profile.get(n) for n in ("project", "region", "username", "auth")] == [None] * 4


@pytest.mark.parametrize("value", ["[a, b]", "'a,b'"])
def test_a_list_becomes_one_text(opened: Open, value: str) -> None:
    assert opened(f"{VAS}      scopes: {value}\n").get("scopes") == "a,b"


def test_an_empty_list_is_absent(opened: Open) -> None:
    assert opened(f"{VAS}      scopes: []\n").get("scopes") is None


def test_a_reference_is_resolved_only_when_the_setting_is_used(opened: Open, path: Path) -> None:
    profile = opened(VAS + "      region: mine\n      secret_key: env:SK\n")
    assert profile.get("region") == "mine"
    assert profile.source("secret_key") == "profile work"
    with pytest.raises(ConfigError) as caught:
        profile.get("secret_key")
    assert caught.value.message == f"{path}:5:19: secret_key: the variable SK is not set"


def test_a_reference_is_resolved_once(opened: Open) -> None:
    environ = {"SK": "first-secret"}
    profile = opened(VAS + "      secret_key: env:SK\n", environ)
    assert profile.get("secret_key") == "first-secret"
    environ["SK"] = "second-secret"
    assert profile.get("secret_key") == "first-secret"
    assert profile.family("access_key", "secret_key") == {"secret_key": "first-secret"}


def test_references_are_for_profiles_alone(opened: Open) -> None:
    environ = {"X": "y", "JOBCTL_VAS_PROJECT": "env:X"}
    profile = opened(environ=environ, overrides={"region": "env:X"})
    assert (profile.get("project"), profile.get("region")) == ("env:X", "env:X")


def test_a_secret_is_hidden_once_it_is_used(opened: Open) -> None:
    profile = opened(environ={"SDK_SK": "sk-of-this-test"})
    assert masked("sk-of-this-test") == "sk-of-this-test"
    profile.get("secret_key")
    assert masked("sk-of-this-test") == "***"


def test_settings_that_go_together_come_from_one_place(opened: Open) -> None:
    names = ("access_key", "secret_key", "username")
    text = "profiles:\n  work:\n    vas: {access_key: prof-ak}\n    huawei: {secret_key: prof-sk}\n"
    vendor = {"SDK_AK": "sdk-ak", "HW_AK": "hw-ak", "HW_SK": "hw-sk", "HW_USER": "hw-user"}
    ours = {"JOBCTL_VAS_ACCESS_KEY": "our-ak", "JOBCTL_HUAWEI_SECRET_KEY": "our-sk"}
    together = {"access_key": "our-ak", "secret_key": "our-sk"}
    assert opened(text, {**ours, **vendor}).family(*names) == together
    assert opened(text, {**ours, **vendor}, {"username": "me"}).family(*names) == {
        **together,
        "username": "me",
    }
    assert opened(text, vendor).family(*names) == {"access_key": "prof-ak", "secret_key": "prof-sk"}
    assert opened("", vendor).family(*names) == {"access_key": "sdk-ak"}
    del vendor["SDK_AK"]
    assert opened("", vendor).family(*names) == {
        "access_key": "hw-ak",
        "secret_key": "hw-sk",
        "username": "hw-user",
    }
    assert opened().family(*names) == {}


def test_a_default_is_no_part_of_a_family(opened: Open) -> None:
    assert opened(environ={"HW_USER": "me"}).family("base_url", "username") == {"username": "me"}


def test_a_secret_is_refused_on_the_command_line(opened: Open) -> None:
    with pytest.raises(UsageError, match="--set: secret_key is a secret") as caught:
        opened(overrides={"secret_key": "s3cr3t"})
    assert "s3cr3t" not in caught.value.message + (caught.value.hint or "")


def test_a_missing_setting_says_where_it_can_be_put(opened: Open, path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        opened().require("access_key")
    assert caught.value.message == "vas needs the setting 'access_key', and nothing gives it"
    assert caught.value.hint == (
        "`jobctl auth login vas --profile work` asks for it; or"
        " set JOBCTL_HUAWEI_ACCESS_KEY or JOBCTL_VAS_ACCESS_KEY or SDK_AK or HW_AK,"
        f" or write access_key: in {path} (profiles: work: huawei: or vas:);"
        " --profile sandbox needs none"
    )


def test_a_setting_that_is_there_is_given(opened: Open) -> None:
    assert opened(overrides={"project": "mine"}).require("project") == "mine"


def test_a_word_that_is_no_choice_is_an_error_wherever_we_are_told_it(
    opened: Open, path: Path
) -> None:
    said = "auth must be one of token, aksk, not 'magic'"
    for profile, place in (
        (opened(overrides={"auth": "magic"}), "--set"),
        (opened(environ={"JOBCTL_VAS_AUTH": "magic"}), "JOBCTL_VAS_AUTH"),
        (opened(VAS + "      auth: magic\n"), f"{path}:4:13"),
        (opened(VAS + "      auth: env:WAY\n", {"WAY": "magic"}), f"{path}:4:13"),
    ):
        with pytest.raises(ConfigError) as caught:
            profile.get("auth")
        assert caught.value.message == f"{place}: {said}"


def test_a_vendors_own_word_is_ignored_with_a_warning(opened: Open) -> None:
    profile = opened(environ={"SDK_AUTH": "interactive", "HW_AUTH": "aksk"})
    assert (profile.get("auth"), profile.source("auth")) == ("aksk", "HW_AUTH")
    assert profile.warnings == [
        "SDK_AUTH is ignored: auth must be one of token, aksk, not 'interactive'"
    ]


def test_bytes_that_are_no_utf_8_are_refused(opened: Open) -> None:
    with pytest.raises(ConfigError, match="SDK_SK: secret_key is not valid UTF-8"):
        opened(environ={"SDK_SK": "s3cr3t\udcff"}).get("secret_key")
    assert opened(environ={"SDK_SK": "schlüssel"}).get("secret_key") == "schlüssel"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\t", "\x00", "\x7f"])
def test_a_line_end_of_a_windows_file_is_refused_with_its_place(
    opened: Open, path: Path, tmp_path: Path, end: str
) -> None:
    (tmp_path / "sk").write_text(f"s3cr3t{end}{end}.", newline="")
    for profile, place in (
        (opened(environ={"HW_SK": f"s3cr3t{end}"}), "HW_SK"),
        (opened(environ={"JOBCTL_VAS_SECRET_KEY": f"s3cr3t{end}"}), "JOBCTL_VAS_SECRET_KEY"),
        (opened(VAS + "      secret_key: env:SK\n", {"SK": f"s3cr3t{end}"}), f"{path}:4:19"),
        (opened(VAS + "      secret_key: file:sk\n"), f"{path}:4:19"),
    ):
        with pytest.raises(ConfigError) as caught:
            profile.get("secret_key")
        assert caught.value.message == (
            f"{place}: secret_key holds a control character, perhaps the line end of a Windows file"
            " (not shown)"
        )
    with pytest.raises(ConfigError, match=r"^--set: region holds a control character"):
        opened(overrides={"region": f"here{end}"}).get("region")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("word", None),
        ("two words", None),
        ("wörd", "x holds a character beyond ASCII (not shown)"),
        (" word", "x starts or ends with a blank (not shown)"),
    ],
)
def test_a_word_is_what_a_header_can_carry(text: str, said: str | None) -> None:
    assert Setting("x", "a word", kind=Kind.WORD).complaint(text) == said
    assert Setting("x", "a text").complaint(text) is None


@pytest.mark.parametrize("text", ["0", "01", "+1", "1.0", "1001", "9" * 5000, "\u0661", ""])
def test_a_number_is_whole_and_has_a_bound(text: str) -> None:
    pages = Setting("pages", "pages", kind=Kind.NUMBER, most=1000)
    said = pages.complaint(text)
    assert said == f"pages must be a whole number from 1 to 1000, not {text!r}"
    assert pages.complaint("1000") is None


def test_a_value_that_its_reader_refuses_is_told_with_its_place(opened: Open, path: Path) -> None:
    def refuse(text: str) -> str:
        raise ConfigError(f"{text!r} is no place", hint="a place is elsewhere")

    for profile, name, place in (
        (opened(environ={"HW_REGION": "here"}), "region", "HW_REGION"),
        (opened(VAS + "      region: here\n"), "region", f"{path}:4:15"),
        (opened(), "base_url", "the default"),
    ):
        with pytest.raises(ConfigError, match="is no place") as caught:
            profile.use(name, refuse)
        assert caught.value.message.startswith(f"{place}: ")
        assert caught.value.hint == "a place is elsewhere"
        assert caught.value.provider == "vas"
    assert opened(environ={"HW_REGION": "here"}).use("region", str.upper) == "HERE"


def test_a_secret_with_choices_is_not_repeated_either() -> None:
    said = Setting("pin", "a pin", secret=True, choices=("a",)).complaint("s3cr3t")
    assert said == "pin must be one of a"


def test_limits_are_durations_in_seconds(opened: Open) -> None:
    profile = opened(overrides={"read_timeout": "1m30s"})
    assert profile.seconds("read_timeout") == 90
    assert profile.seconds("connect_timeout") == 10
    assert [one.default for one in COMMON][:4] == ["10s", "30s", None, None]


@pytest.mark.parametrize("text", ["0", "-1", "1000", "many", "1.5"])
def test_what_is_no_number_of_requests_is_an_error(text: str, opened: Open) -> None:
    with pytest.raises(ConfigError, match="max_in_flight must be a whole number from 1 to 999"):
        opened(overrides={"max_in_flight": text}).require("max_in_flight")


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "1" * 10])
def test_what_is_no_number_of_pages_is_an_error(text: str, opened: Open) -> None:
    with pytest.raises(ConfigError, match="max_pages must be a whole number from 1 to 1000000000"):
        opened(overrides={"max_pages": text}).get("max_pages")


def test_what_is_no_duration_is_an_error(opened: Open) -> None:
    with pytest.raises(ConfigError, match="--set: read_timeout must be a duration"):
        opened(overrides={"read_timeout": "25h"}).seconds("read_timeout")
    with pytest.raises(ConfigError, match="the setting region: 'here' is not a duration"):
        opened(overrides={"region": "here"}).seconds("region")


def test_states_are_the_providers_else_the_accounts(opened: Open) -> None:
    account = "    huawei: {states: {ABNORMAL: failed, 0: queued}}\n"
    profile = opened(f"{VAS}      states: {{ABNORMAL: running}}\n{account}")
    assert profile.states == {"ABNORMAL": JobState.RUNNING}
    profile = opened(f"{VAS}      states:\n{account}")
    assert profile.states == {"ABNORMAL": JobState.FAILED, "0": JobState.QUEUED}
    assert opened().states == {}


def test_a_provider_that_is_its_own_account_has_one_section(path: Path) -> None:
    path.write_text("profiles:\n  work:\n    acme: {region: here, states: {A: failed}}\n")
    profile = open_profile(
        Sections("acme", "acme", (Setting("region", "the region"),)),
        Configuration.read({"JOBCTL_CONFIG": str(path)}),
        "work",
        environ={},
    )
    assert (profile.get("region"), profile.states) == ("here", {"A": JobState.FAILED})


def test_the_first_vendor_file_that_exists_is_read(opened: Open, tmp_path: Path) -> None:
    templates = [f"{tmp_path}/etc/{{profile}}.yaml", f"{tmp_path}/{{profile}}.yaml"]
    (tmp_path / "work.yaml").write_text("base-url: https://v\nother: {x: y}\nproject: env:X\n")
    profile = opened(vendor_files=templates)
    assert profile.get("base_url") == "https://v"
    assert profile.source("base_url") == f"{tmp_path}/work.yaml"
    assert profile.get("project") == "env:X"
    assert profile.get("region") is None
    (tmp_path / "work.yaml").write_text("")
    assert opened(vendor_files=templates).get("project") is None


def test_a_vendor_file_may_be_ini_of_which_one_section_counts(opened: Open, tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    ini = Ini(str(file), "basic", {"ak": "access_key", "sk": "secret_key"})
    assert opened(vendor_files=[ini]).get("access_key") is None
    file.write_text("\ufeff[global]\nak = other\n")
    assert opened(vendor_files=[ini]).get("access_key") is None
    file.write_text("[basic]\nak = made%up\nsk =\nproject = env:X\n")
    file.chmod(0o644)
    profile = opened(vendor_files=[ini])
    assert (profile.get("access_key"), profile.get("project")) == ("made%up", "env:X")
    assert profile.get("secret_key") is None
    assert profile.origin("access_key") == (Where.VENDOR_FILE, str(file), None)
    assert profile.source("access_key") == str(file)
    assert profile.warnings == [File(file, None, open=True).warning()]
    assert masked("made%up") == "***"
    file.write_text("[basic]\nplanted\n")
    with pytest.raises(ConfigError, match=f"^{file} is no INI file with a section .basic.$"):
        opened(vendor_files=[ini]).get("access_key")


def test_a_vendor_file_is_read_only_when_it_is_needed(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "work.yaml").write_text("a: [b")
    profile = opened(overrides={"region": "x"}, vendor_files=[f"{tmp_path}/{{profile}}.yaml"])
    assert profile.get("region") == "x"
    with pytest.raises(ConfigError, match=r"work\.yaml:1:4: the bracket"):
        profile.get("project")


def test_a_vendor_file_with_secrets_that_is_open_to_others_is_warned_about(
    opened: Open, tmp_path: Path
) -> None:
    file = tmp_path / "work.yaml"
    file.write_text("access-key: ak-in-a-file\nregion: x\n")
    file.chmod(0o644)
    profile = opened(vendor_files=[f"{tmp_path}/{{profile}}.yaml"])
    assert (profile.get("region"), profile.warnings) == ("x", [])
    assert profile.get("access_key") == "ak-in-a-file"
    assert profile.get("access_key") == "ak-in-a-file"
    assert profile.warnings == [
        f"{file} holds secrets and others can read it; mend it with: chmod 600 {file}"
    ]


def test_the_name_of_a_profile_leads_to_no_other_folder(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "stray.yaml").write_text("project: stray\n")
    files = [f"{tmp_path}/vendor/{{profile}}.yaml"]
    assert opened(vendor_files=files, name="../stray").get("project") is None


def in_sandbox(**overrides: str) -> Profile:
    return sandbox_profile(
        Sections("vas", "huawei", SETTINGS),
        {"region": "sandbox-1", "secret_key": "sandbox-sk"},
        overrides=overrides,
    )


def test_the_sandbox_takes_its_own_values_overrides_and_defaults_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("JOBCTL_VAS_PROJECT", "stray")
    profile = in_sandbox(username="me")
    assert profile.name == "sandbox"
    names = ("region", "secret_key", "username", "base_url", "project")
    assert [profile.get(name) for name in names] == [
        "sandbox-1",
        "sandbox-sk",
        "me",
        "https://d",
        None,
    ]
    assert profile.source("region") == "profile sandbox"
    assert profile.states == {}


def test_the_sandbox_refuses_secrets_on_the_command_line_too() -> None:
    with pytest.raises(UsageError, match="is a secret"):
        in_sandbox(secret_key="x")


def test_a_setting_missing_in_the_sandbox_can_be_given_on_the_command_line() -> None:
    with pytest.raises(ConfigError, match="needs the setting 'project'") as caught:
        in_sandbox().require("project")
    assert caught.value.hint == "give it with --set project=VALUE"


def naming(path: Path, asked: str | None, environ: Mapping[str, str], text: str) -> str:
    path.write_text(text)
    return profile_name(asked, environ, lambda: Configuration.read({"JOBCTL_CONFIG": str(path)}))


THREE = "profile: a\nprofiles:\n  a:\n  b:\n  c:\n"


def test_the_profile_is_the_flags_the_variables_the_files_else_default(path: Path) -> None:
    assert naming(path, "c", {"JOBCTL_PROFILE": "b"}, THREE) == "c"
    assert naming(path, None, {"JOBCTL_PROFILE": "b"}, THREE) == "b"
    assert naming(path, None, {"JOBCTL_PROFILE": ""}, THREE) == "a"
    assert naming(path, None, {}, "profiles:\n  default:\n") == "default"
    assert naming(path, None, {}, "profile: sandbox\n") == "sandbox"


def test_a_default_profile_that_nobody_named_may_be_missing(path: Path) -> None:
    assert naming(path, None, {}, "") == "default"


@pytest.mark.parametrize(
    ("asked", "environ", "text", "where"),
    [
        ("x", {}, THREE, "--profile"),
        ("", {}, THREE, "--profile"),
        (None, {"JOBCTL_PROFILE": "x"}, THREE, "JOBCTL_PROFILE"),
        (None, {}, THREE.replace("profile: a", "profile: x"), "{path}:1:10"),
        ("default", {}, THREE, "--profile"),
    ],
)
def test_naming_a_profile_that_does_not_exist_is_an_error_with_the_list(
    path: Path, asked: str | None, environ: Mapping[str, str], text: str, where: str
) -> None:
    with pytest.raises(ConfigError, match="there is no profile") as caught:
        naming(path, asked, environ, text)
    assert caught.value.message.startswith(f"{where.format(path=path)}: ")
    assert caught.value.hint == "known: a, b, c, sandbox"


def test_the_sandbox_works_with_a_file_that_is_broken(path: Path) -> None:
    assert naming(path, "sandbox", {}, "[") == "sandbox"
    assert naming(path, None, {"JOBCTL_PROFILE": "sandbox"}, "[") == "sandbox"
