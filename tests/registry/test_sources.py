"""Providers come from files, folders, plug-ins and what comes along; the first of a name counts."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobctl import registry
from jobctl.cli.sources import use_providers
from jobctl.errors import ConfigError, MistakesError, UsageError
from jobctl.registry import Places, files
from jobctl.registry.index import Index

TEXT = """\
title: {title}
account: {account}
settings: {{base_url: https://t.example, own: x}}
ids: [{{name: job}}]
get: {{path: "/{{job}}"}}
job: {{status: s, states: {{running: [r]}}}}
logs: {{path: "/{{job}}/logs"}}
"""


@pytest.fixture(autouse=True)
def _own_places() -> Iterator[None]:
    yield
    registry.use(Places)


def written(folder: Path, name: str, title: str = "T", account: str = "shared") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.yaml"
    path.write_text(TEXT.format(title=title, account=account))
    return path


def test_a_file_of_the_command_line_goes_before_one_beside_the_configuration(
    tmp_path: Path,
) -> None:
    first = written(tmp_path, "acme", "first")
    folder = tmp_path / "providers"
    second = written(folder, "acme", "second")
    written(folder, "other", "other")
    (folder / "notes.txt").write_text("no provider")
    registry.use(lambda: Places((first,), folder))
    assert {"acme", "other", "cognite"} <= set(registry.names())
    assert "notes" not in registry.names()
    assert registry.title("acme") == "first"
    assert registry.origin("acme") == str(first)
    assert registry.origin("cognite") == "built-in"
    assert [one.path for one in registry.shadowed()] == [second]
    assert registry.find("acme").title == "first"
    assert registry.manifest("acme").name == "acme"


def test_the_providers_of_python_cannot_be_replaced_by_a_file(tmp_path: Path) -> None:
    path = written(tmp_path, "cognite")
    registry.use(lambda: Places((path,)))
    with pytest.raises(ConfigError, match="is built in and cannot be replaced"):
        registry.names()


def test_a_file_that_is_wrong_hides_no_other_provider(tmp_path: Path) -> None:
    good, bad = written(tmp_path, "good"), tmp_path / "bad.yaml"
    bad.write_text("titel: T\n")
    registry.use(lambda: Places((bad, good)))
    facts = registry.facts()
    assert facts["good"].verbs == ("get", "logs")
    assert facts["good"].broken is None
    assert "titel" in str(facts["bad"].broken)
    assert registry.title("bad") == "bad"
    with pytest.raises(MistakesError):
        registry.find("bad")


def test_files_that_share_an_account_share_its_section(tmp_path: Path) -> None:
    one, two = written(tmp_path, "one"), written(tmp_path, "two")
    registry.use(lambda: Places((one, two)))
    names = {setting.name for setting in registry.section("shared") or ()}
    assert {"own", "base_url"} <= names
    assert registry.section("one") is not None
    assert registry.section("nobody") is None


def test_a_section_called_after_a_provider_holds_what_others_of_its_account_need(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "one", account="cognite")
    registry.use(lambda: Places((path,)))
    names = [setting.name for setting in registry.section("cognite") or ()]
    assert {"identity", "own"} <= set(names)
    assert names.index("identity") < names.index("own")


def test_what_files_are_called_is_kept_until_they_change(tmp_path: Path) -> None:
    path, cache = written(tmp_path, "acme", "first"), tmp_path / "cache"
    registry.use(lambda: Places((path,), cache=cache))
    assert registry.title("acme") == "first"
    kept = cache / "providers.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.write_text(kept.read_text().replace("first", "kept!"))
    registry.use(lambda: Places((path,), cache=cache))
    assert registry.title("acme") == "kept!"
    written(tmp_path, "acme", "changed")
    registry.use(lambda: Places((path,), cache=cache))
    assert registry.title("acme") == "changed"


@pytest.mark.parametrize(
    "kept",
    [
        "",
        "[]",
        "{",
        "[" * 5000,
        '{"PATH": 1}',
        '{"PATH": {"stamp": STAMP}}',
        '{"PATH": {"stamp": STAMP, "title": 1, "account": "a", "verbs": [], "broken": null}}',
        '{"PATH": {"stamp": STAMP, "title": "x", "account": "a", "verbs": 7, "broken": null}}',
    ],
)
def test_an_index_that_holds_anything_else_is_made_anew(tmp_path: Path, kept: str) -> None:
    path, cache = written(tmp_path, "acme", "true"), tmp_path / "cache"
    cache.mkdir()
    about = path.stat()
    text = kept.replace("PATH", str(path)).replace(
        "STAMP", f"[{about.st_mtime_ns}, {about.st_size}]"
    )
    (cache / "providers.json").write_text(text)
    registry.use(lambda: Places((path,), cache=cache))
    assert registry.title("acme") == "true"


def test_where_nothing_can_be_kept_it_is_read_each_time(tmp_path: Path) -> None:
    path, cache = written(tmp_path, "acme", "true"), tmp_path / "file"
    cache.write_text("")
    registry.use(lambda: Places((path,), cache=cache))
    assert registry.title("acme") == "true"
    assert registry.facts()["acme"].title == "true"
    gone = tmp_path / "gone.yaml"
    registry.use(lambda: Places((gone,), cache=cache))
    assert "there is no such file" in str(registry.facts()["gone"].broken)


def plug_in(folder: Path, name: str, value: str, **modules: str) -> None:
    """An installed package, as pip leaves it."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[jobctl.providers]\n{name} = {value}\n")
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text)


CLASS = """\
from jobctl.declared.load import provider_of, spec_of
from pathlib import Path
Fine = provider_of(spec_of(Path({path!r})))
"""


def test_plug_ins_bring_classes_and_files_and_what_they_break_stays_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    file = written(tmp_path, "fine", "fine")
    plug_in(site, "fine", "plug_fine:Fine", plug_fine=CLASS.format(path=str(file)))
    plug_in(site, "raises", "plug_raises:X", plug_raises="1 / 0")
    plug_in(site, "prints", "plug_prints:X", plug_prints="print('boo'); X = int")
    bare = "from jobctl.provider import Provider\nclass X(Provider): title = docs = summary = 'X'"
    plug_in(site, "lacks", "plug_lacks:X", plug_lacks=bare)
    plug_in(site, "leaves", "plug_leaves:X", plug_leaves="raise SystemExit(0)")
    plug_in(site, "cognite", "plug_fine:Fine")
    plug_in(site, "lacking", "no_such_module_at_all")
    plug_in(site, "lost", "no_such_package.module")
    plug_in(site, "paged", "plug_files")
    (site / "plug_files").mkdir()
    (site / "plug_files" / "__init__.py").write_text("1 / 0")
    written(site / "plug_files", "from-files", "from files")
    monkeypatch.syspath_prepend(str(site))
    registry.use(lambda: Places(plug_ins=True))
    assert registry.origin("fine") == "plug-in fine 1.0"
    assert registry.origin("from-files") == "plug-in paged 1.0"
    assert registry.origin("cognite") == "built-in"
    assert registry.find("fine").name == "fine"
    assert registry.title("from-files") == "from files"
    told = registry.facts()
    assert "ZeroDivisionError" in str(told["raises"].broken)
    assert "is no provider class" in str(told["prints"].broken)
    assert "SystemExit" in str(told["leaves"].broken)
    lost = "plug_lacks:X lacks account, ids, example, paths, settings, states"
    assert str(told["lacks"].broken).endswith(lost)
    assert capfd.readouterr() == ("", "")
    for module in [name for name in sys.modules if name.startswith("plug_")]:
        del sys.modules[module]


def test_the_option_may_stand_anywhere_and_often(tmp_path: Path) -> None:
    one, two = written(tmp_path, "one"), written(tmp_path, "two")
    environ = {"JOBCTL_CONFIG": str(tmp_path / "config.yaml"), "JOBCTL_CACHE_DIR": str(tmp_path)}
    words = [
        "--provider-file",
        str(one),
        "get",
        "two",
        f"--provider-file={two}",
        "--",
        "--provider-file",
    ]
    assert use_providers(words, environ) == ["get", "two", "--", "--provider-file"]
    assert {"one", "two"} <= set(registry.names())
    with pytest.raises(UsageError, match="wants a file"):
        use_providers(["get", "--provider-file"], environ)


def test_without_a_home_providers_come_from_all_other_places(tmp_path: Path) -> None:
    use_providers(
        ["get"], {"JOBCTL_CONFIG": "~nobody-here/x", "JOBCTL_CACHE_DIR": "~nobody-here/y"}
    )
    assert "cognite" in registry.names()


def test_files_that_come_along_are_told_of_by_the_index_beside_them(tmp_path: Path) -> None:
    written(tmp_path, "acme", "true")
    beside = tmp_path / "index.json"
    kept = {
        "title": "kept",
        "account": "acme",
        "verbs": ["get"],
        "paths": ["/{id}"],
        "env": [],
        "tools": [],
        "pages": [],
    }
    for text, title in (
        (None, "true"),
        ("{}", "true"),
        (json.dumps({"acme": kept}), "true"),
        (json.dumps({"acme": kept | {"broken": None}}), "kept"),
    ):
        if text is not None:
            beside.write_text(text)
        facts = Index(None, beside).facts(files.found(files.below(tmp_path)))
        assert facts["acme"].title == title


def test_a_url_is_claimed_by_the_paths_alone_and_a_broken_file_claims_nothing(
    tmp_path: Path,
) -> None:
    fine, broken = written(tmp_path, "acme"), written(tmp_path, "broken")
    broken.write_text("title: 7: 8")
    registry.use(lambda: Places((fine, broken)))
    path = registry.find("acme").paths[0].replace("{", "").replace("}", "")
    claims = registry.claiming(f"https://acme.example{path}")
    assert "acme" in claims
    assert "broken" not in claims


def test_whose_paths_say_most_claims_a_url_first() -> None:
    claims = registry.claiming("https://api.example/v1/predictions/7")
    assert next(iter(claims)) == "replicate"
    assert claims["google-lro"] == 0
