"""No text that others wrote keeps jobctl busy: twice as much of it costs twice as much, not more.

A pattern that looks back once for each letter needs hours for what the others do in a second: each
run here has some thousand times the processor time it needs.
"""

import ast
import importlib
import re
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple, NoReturn

import pytest

import jobctl
from jobctl import payload, record
from jobctl.masking.bodies import redact
from jobctl.masking.lines import masked_line, presentable, without_named
from jobctl.masking.records import signed_url, without_secrets
from jobctl.masking.secrets import hide
from jobctl.masking.signatures import signed_until
from jobctl.masking.texts import beginning, masked
from jobctl.render.clean import clean, clean_lines
from jobctl.render.json import encode

pytestmark = pytest.mark.no_cover  # nothing is measured beside the time

FRAGMENTS = [
    *"a0 .=:/%\\\"'&?#;@-_<[{(~+,\n\0\u202e",
    "a=", "a.", "0.", "1e", "%41", "%25", "://", "://a:b/", "?a=", "&a=b", ";a=b", "?token=", "/a=",
    "signature=", "?verify=", "?sig=a&", "https://a@", "https://a/p/a/n/a", "eyJaaaaaaaa.", "\r\n",
    "\\\\", '\\"', "a: ", '"a":', "password=", "Bearer ", "&#65;", "&amp;", "##[", "::", "##vso[",
    "plant", "user@", "x-amz-signature=", "a/", "{a}", "[a](", "<a>", "é", "1h", "-1", "A",
    "\\u0041",
]  # fmt: skip


@contextmanager
def bounded(seconds: float, what: object) -> Iterator[None]:
    """A limit on processor time, so that a busy machine changes nothing."""

    def tell(_number: int, _frame: FrameType | None) -> NoReturn:
        pytest.fail(f"takes more than linear time: {what!r}")

    before = signal.signal(signal.SIGVTALRM, tell)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


METHODS = frozenset({"match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"})


class Pattern(NamedTuple):
    """A pattern of the program, and whether it is looked for, or a whole text compared with it."""

    place: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]


def patterns() -> Iterator[Pattern]:
    """Those that stand where they are used, and those that a module keeps under a name."""
    root = Path(jobctl.__file__).parent
    for file in sorted(root.rglob("*.py")):
        place = file.relative_to(root.parent)
        used = defaultdict[str, set[str]](set)
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            method, of = node.func.attr, node.func.value
            if method in METHODS and isinstance(of, ast.Name) and of.id != "re":
                used[of.id].add(method)
            elif method in METHODS and isinstance(of, ast.Name):
                told = node.args[0]
                if isinstance(told, ast.Constant):
                    flags = sum(int(re.RegexFlag[name]) for name in named_flags(node))
                    text: Any = told.value
                    place_of_it = f"{place}:{node.lineno}"
                    yield Pattern(place_of_it, re.compile(text, flags), frozenset({method}))
        if place.name != "__main__.py":
            name = ".".join(place.with_suffix("").parts).removesuffix(".__init__")
            for kept, value in vars(importlib.import_module(name)).items():
                if isinstance(value, re.Pattern):
                    yield Pattern(f"{name}.{kept}", value, frozenset(used[kept] or METHODS))


def named_flags(call: ast.Call) -> set[str]:
    """`DOTALL` in `re.search(..., flags=re.DOTALL)`, wherever it stands."""
    found = {one.attr for one in ast.walk(call) if isinstance(one, ast.Attribute)}
    return {name for name in found if name in re.RegexFlag.__members__}


PATTERNS = sorted(patterns(), key=lambda one: one.place)


def test_the_patterns_of_the_program_are_found() -> None:
    found = {one.place: one for one in PATTERNS}
    assert len(found) > 80
    assert found["jobctl.payload._NUMBER"].methods == {"fullmatch"}
    assert found["jobctl.masking.signatures._USER"].methods == {"finditer"}


@pytest.mark.parametrize("one", PATTERNS, ids=[one.place for one in PATTERNS])
def test_no_pattern_looks_back_for_each_letter(one: Pattern) -> None:
    looks = one.methods - {"match", "fullmatch"}
    for fragment in FRAGMENTS:
        text: Any = fragment * (16_384 // len(fragment)) + "\x01"
        if isinstance(one.pattern.pattern, bytes):
            text = text.encode()
        with bounded(0.5, (one.place, fragment)):
            for _ in one.pattern.finditer(text) if looks else ():
                pass
            if not looks:
                one.pattern.fullmatch(text)
                one.pattern.match(text)


def unpacked(text: str) -> None:
    body = record.encode({"count": 1, "results": [{"id": text}]})
    record.unpack(body, "results", "id")
    records = [record.encode({"id": text})]
    without_secrets(records, show_signed_urls=False)
    signed_url(records)


def picked(text: str) -> None:
    for pick in (payload.number, payload.integer, payload.text, payload.boolean, payload.iso_time):
        pick(text)


MEET_FOREIGN_TEXT: list[Callable[[str], object]] = [
    masked,
    lambda text: masked(text, show_signed_urls=True),
    lambda text: redact({text: [text], "password": text}, secrets=["password"]),
    masked_line,
    presentable,
    without_named,
    lambda text: beginning(text, 1000),
    signed_until,
    unpacked,
    picked,
    clean,
    clean_lines,
    encode,
]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_long_text_keeps_jobctl_busy(fragment: str) -> None:
    hide("planted-secret")
    text = fragment * (10_000 // len(fragment)) + "\x01"
    for number, do in enumerate(MEET_FOREIGN_TEXT):
        with bounded(10, (number, fragment)):
            do(text)


def test_thousands_of_names_may_become_one() -> None:
    with bounded(2, "names"):
        assert len(redact({f"https://x/?sig={number}": number for number in range(4000)})) == 4000


def steps(do: Callable[[str], object], text: str) -> int:
    """How many functions are called meanwhile: the same each time."""
    count = 0

    def tick(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(tick)
    try:
        do(text)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_twice_the_text_takes_twice_the_steps_at_most(fragment: str) -> None:
    hide("planted-secret")
    for number, do in enumerate(MEET_FOREIGN_TEXT):
        do(fragment * 3)  # what is remembered from now on is not counted
        few, many = (steps(do, fragment * times) for times in (500, 1000))
        assert many <= 2 * few + 50, (number, fragment)
