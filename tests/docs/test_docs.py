"""What the documentation shows is what the program does."""

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from jobctl import registry
from jobctl.cli import main
from jobctl.config import Configuration
from jobctl.declared import examples
from jobctl.declared.load import provider_of, spec_of

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("benchmarks/*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "config.example.yaml"


def load(path: Path) -> ModuleType:
    """A script as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = load(ROOT / "docs" / "make.py")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)


def command_lines() -> Iterator[tuple[str, str]]:
    """Each command line of jobctl in the documentation, and what it says."""
    for page in PAGES:
        for block in blocks(page.read_text(encoding="utf-8"), "bash"):
            for line in block.replace("\\\n", " ").splitlines():
                found = re.match(r"(?:.* && \S*/)?(jobctl .*)", line)
                if found and "acme" not in found[1]:
                    yield page.name, re.split(r" (?:>|\||#|&&) ?", found[1])[0]


COMMAND_LINES = list(command_lines())
ON_THE_SANDBOX = dict.fromkeys(line for _, line in COMMAND_LINES if line.endswith(" sandbox"))


@pytest.fixture(autouse=True)
def eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize("page", make.pages(), ids=lambda page: page.name)
def test_help_and_tables_on_the_pages_are_the_programs_own(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == make.remade(text), "run: python docs/make.py"


def test_the_index_of_the_catalogue_tells_what_its_files_say() -> None:
    assert registry.INDEX.read_text(encoding="utf-8") == make.index(), "run: python docs/make.py"


@pytest.mark.parametrize("name", make.BUILT_IN)
def test_each_provider_has_a_page_with_its_help_its_tables_and_its_service_life(name: str) -> None:
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    for kind in ("ids", "settings", "states", "sandbox"):
        assert f"<!-- table: {kind} {name} -->" in page
    assert f"<!-- jobctl get {name} --help -->" in page
    cls = registry.manifest(name)
    assert cls.docs in page
    for date in re.findall(r"\d{4}-\d{2}-\d{2}", cls.life):
        assert f"**{date}**" in page


@pytest.mark.parametrize("name", make.BUILT_IN)
def test_the_settings_on_a_page_are_those_that_the_program_shows(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["providers", "show", name, "--json"])
    shown = json.loads(capsys.readouterr().out)
    page = (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8")
    table = page.partition(f"<!-- table: settings {name} -->")[2].partition("<!-- end -->")[0]
    rows = [line.split("|")[1:3] for line in table.strip().splitlines()[2:]]
    assert [
        (names.split("`")[1], re.findall(r"`([^`]+)`", variables)) for names, variables in rows
    ] == [(one["name"], one["variables"]) for one in shown["settings"]]


def test_the_exit_codes_in_the_readme_are_those_that_the_program_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["exit-codes", "--json"])
    shown = json.loads(capsys.readouterr().out)
    table = README.partition("<!-- table: exit-codes -->\n")[2].partition("<!-- end -->")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in table.splitlines()[2:]]
    assert rows == [[str(one["code"]), one["kind"], one["when"]] for one in shown]


def test_the_picture_shows_what_the_program_draws() -> None:
    svg = (ROOT / "docs" / "tour.svg").read_text(encoding="utf-8")
    assert make.words_of(svg) == make.words_of(make.picture()), "run: python docs/make.py"


@pytest.mark.parametrize(("page", "line"), COMMAND_LINES)
def test_every_command_line_in_the_documentation_is_one(
    page: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [word for word in shlex.split(line)[1:] if word != "&"]
    assert main([*words, "--help"]) == 0, page
    assert capsys.readouterr().err == ""


@pytest.mark.slow  # jobs of the sandbox take their seconds
@pytest.mark.parametrize("line", ON_THE_SANDBOX)
def test_every_command_line_for_the_sandbox_ends_as_the_page_says(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = re.search(rf"exit code is (\d+)\n{re.escape(line)}\n", README)
    code = main(shlex.split(line)[1:])
    assert code == int(said[1]) if said else code in (0, 10, 12)
    assert "error" not in capsys.readouterr().err


def test_links_between_the_pages_lead_somewhere() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
            assert "://" in target or (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize(
    ("name", "words"),
    [("main", "jobctl get cognite 123 --wait"), ("test", "-m pytest -n auto --cov")],
)
def test_the_commands_to_begin_with_stand_where_the_ci_script_reads_them(
    name: str, words: str
) -> None:
    between = README.partition(f"<!-- {name} command -->")[2].partition("<!-- end -->")[0]
    assert len(blocks(between.lstrip("\n"), "bash")) == 1
    assert words in between


def accounts() -> dict[str, list[str]]:
    """Each account of the built-in providers with the settings its section may hold."""
    found: dict[str, list[str]] = {}
    for about in map(registry.manifest, make.BUILT_IN):
        found.setdefault(about.account.name, []).extend(one.name for one in about.all_settings())
    return found


def test_the_example_configuration_passes_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOBCTL_CONFIG", str(EXAMPLE))
    assert main(["config", "check"]) == 0
    shown = capsys.readouterr()
    assert "profiles: default, plant-2" in shown.out
    assert shown.err == ""


@pytest.mark.parametrize("strip", [r"", r"# (?=\w+:)"], ids=["as it is", "with every setting"])
def test_the_example_configuration_shows_every_account(strip: str, tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    path = tmp_path / "config.yaml"
    head, mark, rest = text.partition("profiles:\n")
    path.write_text(head + mark + (re.sub(strip, "", rest) if strip else rest), encoding="utf-8")
    configuration = Configuration.read({"JOBCTL_CONFIG": str(path)})
    configuration.check(registry)
    assert configuration.warnings == []
    for account, settings in accounts().items():
        section = configuration.section("default", account)
        assert section, account
        if strip:
            assert [name for name in settings if name not in section] == [], account


def of_contributing() -> dict[str, str]:
    """The files of the made-up provider."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = re.findall(
        r"<!-- file: (\S+) -->\n```python\n(.*?)^```$", page, re.DOTALL | re.MULTILINE
    )
    return dict(found)


@pytest.fixture
def beside(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a module with the made-up provider beside the real ones."""
    for name, text in of_contributing().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    script = (
        "import runpy, sys, jobctl.providers, jobctl.sandbox\n"
        f"jobctl.providers.__path__.append({str(tmp_path / 'jobctl/providers')!r})\n"
        f"jobctl.sandbox.__path__.append({str(tmp_path / 'jobctl/sandbox')!r})\n"
        "runpy.run_module(sys.argv.pop(1), run_name='__main__', alter_sys=True)\n"
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script, *words],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


Beside = Callable[..., subprocess.CompletedProcess[str]]


def test_the_provider_in_contributing_works_with_nothing_but_its_own_files(
    beside: Beside,
) -> None:
    assert "ACME_API_KEY" in beside("jobctl", "providers", "show", "acme").stdout
    assert "r- and a number" in beside("jobctl", "get", "acme", "x").stderr
    done = beside("jobctl", "get", "acme", "r-2", "--wait", "--profile", "sandbox")
    assert done.returncode == 12, done.stderr
    assert "Metropolis" in done.stdout
    for verb, words in (("list", "cannot list jobs"), ("results", "gives no results")):
        job = ["r-1"] if verb == "results" else []
        done = beside("jobctl", verb, "acme", *job, "--profile", "sandbox")
        assert (done.returncode, words in done.stderr) == (2, True)


@pytest.mark.slow  # pytest in a process of its own
def test_the_tests_in_contributing_pass(beside: Beside, tmp_path: Path) -> None:
    shutil.copy(ROOT / "tests/conftest.py", tmp_path / "tests")
    words = (
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ROOT),
        "-c",
        str(ROOT / "pyproject.toml"),
    )
    done = beside("pytest", *words, str(tmp_path / "tests"))
    assert done.returncode == 0, done.stdout


def test_the_documentation_speaks_of_jobctl_alone() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8").lower()
        assert not re.search(r"pypi|todo|not yet|coming soon|\bissue #?\d", text), page.name


def test_the_provider_file_of_the_guide_comes_out_as_it_says(tmp_path: Path) -> None:
    page = (make.ROOT / "docs" / "declared-providers.md").read_text(encoding="utf-8")
    found = re.findall(r"<!-- file: (\S+) -->\n```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert found
    for name, text in found:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        spec = spec_of(path)
        told = examples.outcomes(provider_of(spec), spec)
        assert [mistake for one in told for mistake in one.mistakes] == []
