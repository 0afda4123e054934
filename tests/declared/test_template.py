"""Templates fill in names, and do nothing else."""

from typing import Any

import pytest

from jobctl.declared.template import Hole, Template
from jobctl.errors import ConfigError


def filled(text: str, **values: object) -> str | None:
    return Template.parse(text).text(values)


def test_names_are_filled_in_and_doubled_braces_are_braces() -> None:
    assert filled("a{b}c{{{d}}}", b="1", d=2) == "a1c{2}"
    assert Template.parse("x{{y}}").pieces == ("x{y}",)
    assert Template.parse("{a}/{+b}").pieces == (Hole("a"), "/", Hole("b", slashes=True))
    assert Template.parse("").text({}) == ""


@pytest.mark.parametrize(
    "text",
    [
        "{0.__class__}", "{token!r}", "{token:>9999999}", "{a.b}", "{a[0]}", "{", "}", "{}", "{a",
        "a}", "{{{", "{ a }", "{-a}", "{++a}", "{a}}", "{" + "a" * 65 + "}",
    ],
)  # fmt: skip
def test_nothing_else_stands_in_braces(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        Template.parse(text)


def test_what_looks_like_another_language_stays_as_it_is() -> None:
    text = "{{7*7}} %s $(id) `id` {{ a }} %(a)s ${{a}}"
    assert filled(text, a="secret") == "{7*7} %s $(id) `id` { a } %(a)s ${a}"


def test_a_value_is_never_read_as_a_template() -> None:
    assert filled("{a}", a="{b}", b="secret") == "{b}"


def test_a_name_without_a_value_leaves_all_of_it_out() -> None:
    nothing: Any
    for nothing in (None, "", [], {}):
        assert filled("a{b}", b=nothing) is None
    assert filled("{b}", b=False) == "false"
    assert filled("{b}", b=0) == "0"


def test_a_name_alone_keeps_the_type_of_its_value() -> None:
    assert Template.parse("{n}").value({"n": 7}) == 7
    assert Template.parse("no {n}").value({"n": 7}) == "no 7"
    assert Template.parse("{n}").value({}) is None


def test_in_a_path_a_value_is_one_segment() -> None:
    path = Template.parse("/jobs/{id}:look")
    assert path.path({"id": "a:b+c/d e%"}) == "/jobs/a%3Ab%2Bc%2Fd%20e%25:look"
    assert path.path({}) is None


def test_in_a_path_a_value_with_a_plus_keeps_its_slashes() -> None:
    assert Template.parse("/v1/{+name}").path({"name": "a/b c/d"}) == "/v1/a/b%20c/d"


@pytest.mark.parametrize("value", [".", "..", "a/../b", "a//b", "/a", "a/", "./a"])
def test_no_value_walks_about_in_a_path(value: str) -> None:
    with pytest.raises(ConfigError, match="stands in a path"):
        Template.parse("/v1/{+name}").path({"name": value})


def test_in_the_name_of_a_host_a_value_holds_nothing_that_ends_it() -> None:
    host = Template.parse("https://{region}.example.com")
    assert host.address({"region": "eu-1"}) == "https://eu-1.example.com"
    for bad in ("evil.com/", "evil.com#", "a@b", "a:1", "a?b", "a b", "a\n"):
        with pytest.raises(ConfigError, match="name of a host"):
            host.address({"region": bad})
    assert host.address({}) is None
    assert Template.parse("{base_url}").address({"base_url": "https://h:1"}) == "https://h:1"


def test_a_value_that_a_host_begins_and_ends_with_is_an_address_itself() -> None:
    api = Template.parse("{server}/api/v{version}")
    told = {"server": "https://h:1", "version": "4"}
    assert api.address(told) == "https://h:1/api/v4"
    with pytest.raises(ConfigError, match="version cannot be"):
        api.address({**told, "version": "4/../5"})
    with pytest.raises(ConfigError, match="server cannot be"):
        Template.parse("{server}.example.com").address(told)
