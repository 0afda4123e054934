"""Make what the documentation shows from the program itself: `python docs/make.py`.

* in every Markdown file, the blocks below `<!-- jobctl ... -->` (what the command prints) and
  between `<!-- table: ... -->` and `<!-- end -->` (tables made from the program's own data);
* `docs/tour.svg`, the picture in the README;
* `jobctl/catalogue/index.json`, what is asked of all provider files that come along.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from jobctl import registry, sandbox
from jobctl.auth.cache import TokenCache
from jobctl.cli import main
from jobctl.clock import Clock
from jobctl.commands.facts import describe
from jobctl.config import sandbox_profile
from jobctl.config.toolbox import TOOLS
from jobctl.declared.language import LANGUAGE
from jobctl.declared.schema import Schema
from jobctl.errors import EXIT_CODES
from jobctl.models import Job, JobRef
from jobctl.registry import built_in
from jobctl.render import open_renderer
from jobctl.render.live.board import Board
from jobctl.render.screen import Screen
from jobctl.stream.outcome import Outcome

BUILT_IN = tuple(one.name for one in built_in.found())
ROOT = Path(__file__).resolve().parent.parent
COLUMNS = 80

_SHOWN = re.compile(r"(<!-- (jobctl [^\n]+) -->\n```text\n).*?(^```$)", re.DOTALL | re.MULTILINE)
_TABLE = re.compile(r"(<!-- table: ([^\n]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> list[Path]:
    """The Markdown files that may hold made blocks."""
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]


def remade(page: str) -> str:
    """A page with its made blocks as the program has them now."""
    page = _SHOWN.sub(lambda found: found[1] + printed(found[2]) + found[3], page)
    return _TABLE.sub(lambda found: found[1] + table(found[2]) + found[3], page)


def printed(line: str) -> str:
    """What a command line prints on a pipe of 80 columns."""
    os.environ["COLUMNS"] = str(COLUMNS)
    os.environ.pop("FORCE_COLOR", None)
    out = io.StringIO()
    with redirect_stdout(out):
        main(shlex.split(line)[1:])
    return "".join(f"{text.rstrip()}\n" for text in out.getvalue().rstrip().splitlines())


def table(what: str) -> str:
    """One of the tables, in Markdown."""
    kind, _, name = what.partition(" ")
    return "".join(_markdown(*_TABLES[kind](name)))


Rows = tuple[Sequence[str], Iterable[Sequence[str]]]


def _markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for row in (header, ["---"] * len(header), *rows):
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n"


def _exit_codes(_: str) -> Rows:
    return ("code", "kind", "when"), [
        (str(int(one.code)), one.kind, one.when) for one in EXIT_CODES
    ]


def _providers(_: str) -> Rows:
    rows = [
        (f"[`{name}`](docs/{name}.md)", cls.title, f"`{cls.shape()}`", cls.life)
        for name, cls in ((name, registry.manifest(name)) for name in BUILT_IN)
    ]
    return ("provider", "service", "a job is", "life of the service"), rows


def _catalogue(_: str) -> Rows:
    told = registry.facts()
    header = ("provider", "service", "a job is", "the vendor's variables", "set up by", "can")
    return header, [
        (
            f"[`{name}`](#{name})",
            told[name].title,
            f"`{registry.manifest(name).shape()}`",
            " ".join(f"`{one}`" for one in told[name].env),
            " ".join(f"`{one}`" for one in _tools(name, told[name].tools)),
            " ".join(told[name].verbs),
        )
        for name in registry.names()
        if registry.origin(name) == "catalogue"
    ]


def _tools(name: str, kept: Iterable[str]) -> dict[str, None]:
    """The vendors' tools whose set-up suffices, by their libraries or by their files."""
    libraries = {"aws": "aws", "google": "gcloud", "azure": "az", "oci": "oci"}
    ways = (way.name for way in registry.manifest(name).account.ways)
    return dict.fromkeys([*(libraries[one] for one in ways if one in libraries), *kept])


def _toolbox(_: str) -> Rows:
    return ("tool", "where it keeps", "what is read"), [
        (
            f"`{name}`",
            ", else ".join(f"`{place}`" for place in tool.places),
            " ".join(f"`{name}.{key}`" for key in (*tool.values, *tool.secrets)),
        )
        for name, tool in TOOLS.items()
    ]


def _ids(name: str) -> Rows:
    parts = describe(registry.manifest(name))["id_parts"]
    return ("part", "what it is"), [
        (
            f"`{one['name'].upper()}`",
            one["help"] + (" (may be left out)" if one["optional"] else ""),
        )
        for one in parts
    ]


def _settings(name: str) -> Rows:
    return ("setting", "variables", "default", "meaning"), [
        (
            f"`{one['name']}`" + _mark(one),
            " ".join(f"`{variable}`" for variable in one["variables"]),
            f"`{one['default']}`" if one["default"] else "",
            one["help"] + (f" ({', '.join(one['choices'])})" if one["choices"] else ""),
        )
        for one in describe(registry.manifest(name))["settings"]
    ]


def _mark(setting: dict[str, Any]) -> str:
    return (" **required**" if setting["required"] else "") + (
        " (secret)" if setting["secret"] else ""
    )


def _states(name: str) -> Rows:
    states = describe(registry.manifest(name))["states"]
    return ("status", "state"), [(f"`{word}`", state) for word, state in states.items()]


def _sandbox(name: str) -> Rows:
    return ("job", "plays"), [
        (f"`{name}/{one.id}`", one.plays) for one in sandbox.service(name).SCENARIOS
    ]


def _language(path: str) -> Rows:
    """The keys below a path of the language of provider files: `job`, `list paging`."""
    schema, request = LANGUAGE, _object(LANGUAGE["properties"]["get"])["properties"]
    for name in path.split():
        schema = _object(schema["properties"][name])
    known = request if path in ("get also", "list", "results", "logs") else {}
    return ("key", "what it is"), [
        (f"`{name}`" + (" **required**" if name in schema.get("required", ()) else ""), _told(one))
        for name, one in schema["properties"].items()
        if name not in known
    ]


def _object(schema: Schema) -> Schema:
    """That form of a key which has keys of its own."""
    forms = [schema, *schema.get("anyOf", ()), schema.get("items", {})]
    forms += [schema.get("additionalProperties") or {}]
    for form in forms:
        if isinstance(form, dict) and "$ref" in form:
            return _object(LANGUAGE["$defs"][form["$ref"].rpartition("/")[2]])
    found = next((form for form in forms if isinstance(form, dict) and "properties" in form), None)
    return found or _object(next(form for form in forms[1:] if form))


def _told(schema: Schema) -> str:
    if "$ref" in schema:
        return _told(LANGUAGE["$defs"][schema["$ref"].rpartition("/")[2]])
    words = str(schema.get("description", ""))
    choices = schema.get("enum")
    return words + (f" ({', '.join(f'`{one}`' for one in choices)})" if choices else "")


_TABLES: dict[str, Callable[[str], Rows]] = {
    "language": _language,
    "exit-codes": _exit_codes,
    "providers": _providers,
    "catalogue": _catalogue,
    "tools": _toolbox,
    "ids": _ids,
    "settings": _settings,
    "states": _states,
    "sandbox": _sandbox,
}

# The picture: the sandbox's services and the real renderers, with a clock that stands still.

_WIDTH = 100
_FONT = "ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace"
_START = 1_772_445_600.0
_THEME = TerminalTheme(
    (24, 26, 31),
    (214, 218, 226),
    [(24, 26, 31), (240, 108, 117), (140, 198, 120), (229, 192, 123),
     (97, 175, 239), (198, 120, 221), (86, 182, 194), (171, 178, 191)],
    [(110, 118, 135), (240, 108, 117), (140, 198, 120), (229, 192, 123),
     (97, 175, 239), (198, 120, 221), (86, 182, 194), (255, 255, 255)],
)  # fmt: skip
_TOUR = (
    "cognite/124",
    "modzy/14856eb1-0ad8-49e7-9da3-887acb80fea5",
    "modelarts/AcYfsdfhGyrWL5TtahH",
)


class _Terminal(io.StringIO):
    """A stream that renderers take for a terminal."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class _Still(Clock):
    """Stands still until it is set."""

    time = _START

    def now(self) -> float:
        return self.time

    def wall(self) -> float:
        return self.time


class _Sandbox:
    """The sandbox's services without a server, at a time of one's choice."""

    def __init__(self) -> None:
        self.clock = _Still()
        self.lives = sandbox.Lives(self.clock)

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.time, UTC)

    def look(self, text: str, after: float) -> Job:
        """The job so many seconds after its first look."""
        self.clock.time = _START
        self._get(text)
        self.clock.time = _START + after
        return self._get(text)

    def _get(self, text: str) -> Job:
        name = text.partition("/")[0]
        cls, folder = registry.find(name), f"/{name}"
        profile = sandbox_profile(
            cls.sections(), sandbox.service(name).settings(f"http://127.0.0.1:8000{folder}")
        )

        def answer(request: httpx.Request) -> httpx.Response:
            path = request.url.path.removeprefix(folder)
            return sandbox.service(name).answer(request, path, self.lives)

        client = httpx.Client(
            transport=httpx.MockTransport(answer),
            auth=cls.auth(profile, TokenCache(None)),
            trust_env=False,
        )
        return cls(profile, client).get(JobRef.parse(text))


def picture() -> str:
    """The picture in the README, as SVG."""
    console = Console(
        record=True, file=io.StringIO(), width=_WIDTH, force_terminal=True, _environ={}
    )
    with _in_utc():
        tour = list(_tour())
    for line in tour:
        console.print(line, soft_wrap=True, highlight=False, markup=False, emoji=False)
    svg = console.export_svg(title="jobctl", theme=_THEME, unique_id="tour")
    # a font that every machine has: nothing is fetched
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", _FONT)


@contextmanager
def _in_utc() -> Iterator[None]:
    """The zone of the picture, wherever it is drawn."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "UTC"
    time.tzset()
    yield
    del os.environ["TZ"]
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


def words_of(svg: str) -> list[str]:
    """The words a picture shows."""
    return " ".join(re.findall(r"<text [^>]*>(.*?)</text>", svg)).replace("&#160;", " ").split()


def _tour() -> Iterator[Text]:
    place = _Sandbox()
    yield _prompt("jobctl get cognite 123 --wait --profile sandbox")
    yield from _result(place, [place.look("cognite/123", 3.2)], single=True)
    yield Text()
    yield _prompt(f"jobctl wait {' '.join(_TOUR[:2])} \\")
    yield Text(f"    {_TOUR[2]} --profile sandbox", "bold")
    # the live view after 2.1 s makes room for the table at the end
    yield from _live(place, [place.look(text, 2.1) for text in _TOUR], 2.1)
    yield Text()
    jobs = [place.look(text, 5.0) for text in _TOUR]
    yield from _result(place, jobs, single=False)
    yield _prompt("echo $?")
    outcome = Outcome(len(jobs))
    outcome.jobs = list(jobs)
    yield Text(str(int(outcome.exit_code(by_state=True))))


def _prompt(command: str) -> Text:
    return Text.assemble(("$ ", "bold green"), (command, "bold"))


def _environ() -> dict[str, str]:
    return {"TERM": "xterm-256color", "COLUMNS": str(_WIDTH), "LINES": "40"}


def _live(place: _Sandbox, jobs: Sequence[Job], elapsed: float) -> list[Text]:
    """A picture of the live view of a wait."""
    screen = Screen(_Terminal(), environ=_environ(), no_color=False)
    board = Board(screen, [job.ref for job in jobs], now=place.now, clock=lambda: elapsed)
    for job in jobs:
        board.put(job)
    return board.lines(int(elapsed))


def _result(place: _Sandbox, jobs: Sequence[Job], *, single: bool) -> list[Text]:
    """What a wait leaves on standard output."""
    out = _Terminal()
    renderer = open_renderer(
        "table", out, single=single, waiting=True, now=place.now, environ=_environ()
    )
    renderer.finish(jobs, None)
    return _lines(out.getvalue())


def _lines(drawn: str) -> list[Text]:
    return [Text.from_ansi(line) for line in drawn.splitlines() if line.strip()]


def index() -> str:
    """The index of the catalogue: what is asked of all its providers without reading them."""
    told = (
        f'"{name}": {json.dumps(facts._asdict(), ensure_ascii=False)}'
        for name, facts in registry.catalogue().items()
    )
    return "{\n" + ",\n".join(told) + "\n}\n"


def make() -> None:
    """Write everything anew; a picture that shows the same words stays as it is."""
    registry.INDEX.write_text(index(), encoding="utf-8")  # which the pages are made of
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(remade(text), encoding="utf-8")
    tour, drawn = ROOT / "docs" / "tour.svg", picture()
    if not tour.exists() or words_of(tour.read_text(encoding="utf-8")) != words_of(drawn):
        tour.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    make()
