"""Accounts as data: which way of signing in is taken, and what is told of what is missing."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from jobctl.accounts import Account, Need, Way, bearer, choice
from jobctl.auth.cache import TokenCache
from jobctl.config import Configuration, Profile, Sections, Setting, open_profile, sandbox_profile
from jobctl.errors import ConfigError


def no_flow(profile: Profile, cache: TokenCache, clock: object) -> httpx.Auth:
    raise AssertionError("a flow is made only when it is asked for")


WAYS = (
    Way("token", "a ready token", ("token",), bearer("token")),
    Way("pair", "a pair from one place", ("left", "right"), no_flow, together=True),
    Way(
        "application",
        "an application",
        ("id", "secret", ("tenant", "url")),
        no_flow,
        further=lambda profile: ("scope",) if profile.get("tenant") == "strict" else (),
        begun_by=("secret",),
    ),
    Way("hidden", "only when asked for", ("user",), no_flow, asked=True),
)
NAMES = ("token", "left", "right", "id", "secret", "tenant", "url", "scope", "user", "project")
SETTINGS = (
    choice(WAYS),
    *(Setting(name, f"the {name}", (f"V_{name}".upper(), f"W_{name}".upper())) for name in NAMES),
)
ACCOUNT = Account("acme", SETTINGS, WAYS)

Open = Callable[..., Profile]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Open a profile with this section `acme`, written as in YAML, and these variables."""
    path = tmp_path / "config.yaml"

    def opened(section: str = "", **environ: str) -> Profile:
        path.write_text(f"profiles: {{default: {{acme: {{{section}}}}}}}")
        return open_profile(
            Sections("acme", "acme", SETTINGS),
            Configuration.read({"JOBCTL_CONFIG": str(path)}),
            "default",
            environ=environ,
        )

    return opened


def taken(profile: Profile) -> str | None:
    way = ACCOUNT.way(profile)
    return way and way.name


def refused(profile: Profile, *needs: Need) -> str:
    """The message about what is missing; each setting in it is told with a variable."""
    with pytest.raises(ConfigError) as caught:
        ACCOUNT.check(profile, needs)
    assert caught.value.provider == "acme"
    return caught.value.message


def test_the_setting_auth_decides(opened: Open) -> None:
    section = "token: t, id: i, secret: s, tenant: n"
    for way in ("token", "pair", "application", "hidden"):
        assert taken(opened(f"{section}, auth: {way}")) == way


def test_of_the_ways_that_a_place_has_begun_the_first_that_is_complete_is_taken(
    opened: Open,
) -> None:
    assert taken(opened("token: t, id: i, secret: s, tenant: n")) == "token"
    assert taken(opened("id: i, secret: s, tenant: n")) == "application"
    assert taken(opened("id: i, secret: s")) == "application"


def test_the_nearest_place_that_has_begun_a_way_decides(opened: Open) -> None:
    whole = {"JOBCTL_ACME_SECRET": "s", "JOBCTL_ACME_ID": "i", "JOBCTL_ACME_URL": "u"}
    assert taken(opened("token: t", **whole)) == "application"
    assert taken(opened("secret: s", V_TOKEN="stray")) == "application"
    assert taken(opened("", V_SECRET="s", W_TOKEN="t")) == "token"


def test_half_of_what_goes_together_is_no_reason_to_take_another_way(opened: Open) -> None:
    assert taken(opened("left: l, id: i, secret: s, tenant: n")) == "pair"


def test_what_only_goes_along_begins_a_way_where_nothing_else_does(opened: Open) -> None:
    assert taken(opened("id: i", V_TOKEN="t")) == "token"
    assert taken(opened("id: i")) == "application"
    assert taken(opened("tenant: n")) is None
    assert taken(opened("user: u")) is None


def test_an_account_with_one_way_takes_it_and_one_with_none_signs_nothing(opened: Open) -> None:
    assert Account("acme", ways=WAYS[:1]).way(opened()) == WAYS[0]
    assert Account("acme").sign_in(opened(), TokenCache()) is None


def test_where_a_way_needs_nothing_and_nothing_is_given_requests_go_unsigned(opened: Open) -> None:
    optional = Way("key", "a key, where the server wants one", (), no_flow, begun_by=("token",))
    for ways in ((optional,), (optional, WAYS[2])):
        account = Account("acme", ways=ways)
        assert account.sign_in(opened(), TokenCache()) is None
        assert account.way(opened("token: t")) is optional
    assert Account("acme", ways=(optional, WAYS[2])).way(opened("secret: s")) is WAYS[2]


def test_a_way_to_which_defaults_give_all_is_taken_where_none_is_begun(tmp_path: Path) -> None:
    settings = (Setting("token", "the token", default="public"), Setting("id", "the id"))
    profile = sandbox_profile(Sections("acme", "acme", settings), {})
    ways = (Way("id", "an id", ("id",), no_flow), WAYS[0])
    assert Account("acme", ways=ways).way(profile) is WAYS[0]
    constant = Way("constant", "what everybody sends", (), no_flow)
    assert Account("acme", ways=(ways[0], constant)).way(profile) is constant


def test_the_flow_is_that_of_the_way(opened: Open) -> None:
    flow = ACCOUNT.sign_in(opened("token: planted"), TokenCache())
    assert flow is not None
    request = next(flow.auth_flow(httpx.Request("GET", "https://acme.example")))
    assert request.headers["Authorization"] == "Bearer planted"


def test_all_that_the_way_begun_lacks_is_told_at_once_with_what_is_needed_besides(
    opened: Open,
) -> None:
    profile = opened("secret: s")
    with pytest.raises(ConfigError) as caught:
        ACCOUNT.check(profile, ["project", ("left", "right")])
    assert caught.value.message == (
        "acme needs the settings 'project', 'left' (or 'right'), 'id' and 'tenant' (or 'url'),"
        " and nothing gives them"
    )
    hint = caught.value.hint or ""
    for name in ("PROJECT", "LEFT", "ID", "TENANT"):
        assert f"JOBCTL_ACME_{name} or V_{name} or W_{name}" in hint
    assert "or write them in " in hint
    assert hint.endswith("config.yaml (profiles: default: acme:); --profile sandbox needs none")


def test_what_a_way_needs_may_hang_on_other_settings(opened: Open) -> None:
    assert "'scope'" in refused(opened("id: i, secret: s, tenant: strict"))
    assert ACCOUNT.check(opened("id: i, secret: s, tenant: other")) is WAYS[2]


def test_where_no_way_is_begun_all_are_told(opened: Open) -> None:
    ways = (
        "a way to sign in"
        " ('token'; or 'left' and 'right'; or 'id', 'secret' and 'tenant' (or 'url'))"
    )
    assert refused(opened()) == f"acme needs {ways}, and nothing gives it"
    assert refused(opened(), "project") == (
        f"acme needs the setting 'project', and {ways}, and nothing gives them"
    )
    assert "'id' and 'secret')" in refused(opened(), ("tenant", "url")), "told already"


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ((), ""),
        (("project",), "acme needs the setting 'project', and nothing gives it; "),
    ],
)
def test_the_place_that_lacks_a_half_is_told(
    opened: Open, needs: tuple[Need, ...], said: str
) -> None:
    profile = opened("right: r", V_LEFT="stray")
    place = "left is missing in the place of the other (profile default)"
    assert refused(profile, *needs) == said + place


def test_the_setting_auth_names_the_ways() -> None:
    setting = choice(WAYS, "VENDOR_AUTH")
    assert setting.choices == ("token", "pair", "application", "hidden")
    assert setting.env == ("VENDOR_AUTH",)
    assert setting.help == (
        "the way of signing in; else token or pair or application, the first that is begun"
    )


def test_accounts_are_known_without_loading_what_signs_in() -> None:
    script = (
        "import sys, jobctl.accounts.huawei;"
        "print([name for name in sys.modules if name.startswith(('httpx', 'jobctl.prov'))])"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stderr


def test_halves_of_two_of_the_vendors_families_do_not_make_a_whole(opened: Open) -> None:
    said = refused(opened(W_RIGHT="r", V_LEFT="l"))
    assert said == "right is missing in the place of the other (V_LEFT)"


@pytest.mark.parametrize(
    ("library", "here"),
    [("", True), ("json", True), ("json.nothing", False), ("nothing_of_that_name.at_all", False)],
)
def test_a_way_may_want_a_library(library: str, here: bool) -> None:
    assert Way("aws", "as aws", (), no_flow, library=library).installed == here
