"""A file held against the language: what it says, and every mistake of its form with its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from jobctl.config.node import Node
from jobctl.declared.language import LANGUAGE
from jobctl.declared.schema import Schema
from jobctl.declared.template import Template
from jobctl.errors import UsageError, did_you_mean
from jobctl.expression import Expression
from jobctl.masking.lines import printable

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?", re.ASCII)
_LONGEST = 300  # digits; a number of more is beyond a float
_KINDS: dict[type, tuple[str, ...]] = {
    str: ("string", "number", "boolean", "integer"),
    list: ("array",),
    dict: ("object",),
}
_COMMA = "a comma in a text begins a new name for YAML: quote it"


class Text(str):
    """A text of a file, with its place, `FILE:LINE:COLUMN`."""

    __slots__ = ("place",)

    place: str

    @classmethod
    def at(cls, place: str, text: str) -> Text:
        """The text as it stands at a place."""
        found = cls(text)
        found.place = place
        return found


class Mistakes:
    """What is wrong with a file, in the order of its lines, each told once.

    `lost` tells that something could not be read: what is said of the rest might mislead.
    """

    def __init__(self) -> None:
        self.lost = False
        self._told: dict[tuple[int, ...], dict[str, None]] = {}

    def say(self, place: str, what: str) -> None:
        """Tell a mistake in one line; `place` is `FILE:LINE:COLUMN`."""
        line, column = place.rsplit(":", 2)[1:]
        told = f"{place}: {printable(what)}"
        self._told.setdefault((int(line), int(column)), {})[told] = None

    def __iter__(self) -> Any:
        return (text for _, texts in sorted(self._told.items()) for text in texts)

    def __bool__(self) -> bool:
        return bool(self._told)


class _Reading(NamedTuple):
    """A way to read a text, and what one that cannot be read so is called."""

    read: Callable[[str], object]
    what: str


def _path(text: str) -> None:
    pieces = Template.parse(text).pieces
    first = pieces[0] if pieces else ""
    if not isinstance(first, str) or not first.startswith("/"):
        raise ValueError("it begins with no slash")
    if "?" in text or "#" in text:
        raise ValueError("what follows '?' stands under `query`")
    read = unquote(text)
    if any(part in (".", "..") for part in re.split(r"[/\\]", read)):
        raise ValueError("'.' and '..' are no part of one")
    if any(sign < " " or sign == "\x7f" for sign in read):
        raise ValueError("it holds a control character")


_READINGS = {
    "expression": _Reading(lambda text: Expression(text, "JMESPath"), "is no JMESPath"),
    "template": _Reading(Template.parse, "is no template"),
    "path": _Reading(_path, "is no path"),
    "pattern": _Reading(re.compile, "is no regular expression"),
}


def judge(node: Node, mistakes: Mistakes) -> dict[str, Any]:
    """What a file says: objects as dicts, words as `Text`, numbers and booleans where they belong.

    What is wrong is told, and left out.
    """
    found = _Judge(mistakes).value(node, LANGUAGE, "the file")
    return found if isinstance(found, dict) else {}


class _Judge:
    def __init__(self, mistakes: Mistakes) -> None:
        self.mistakes = mistakes

    def value(self, node: Node, schema: Schema, what: str) -> Any:
        """The value of a node, None if it is wrong."""
        if node.lost:
            self.mistakes.lost = True
            return None
        schema = _resolved(schema)
        content = node.content
        if content is None and not schema.get("x-json") and "null" not in schema.get("type", ()):
            self.mistakes.say(node.key, f"{what} has no value")
            return None
        options = schema.get("anyOf", [schema])
        fitting = [one for one in map(_resolved, options) if _fits(content, one)]
        if not fitting:
            self.mistakes.say(node.place, f"{what} must be {_kinds(options)}")
            return None
        if len(fitting) == 1 and fitting[0] is not schema:
            return self.value(node, fitting[0], what)
        return self._read(node, fitting[0], what)

    def _read(self, node: Node, schema: Schema, what: str) -> Any:
        if schema.get("x-json"):
            return self._json(node, schema.get("x-reads"), what)
        content = node.content
        if isinstance(content, dict):
            return self._object(node, content, schema, what)
        if isinstance(content, list):
            return self._array(node, content, schema, what)
        return None if content is None else self._scalar(node, content, schema, what)

    def _object(self, node: Node, content: Mapping[str, Node], schema: Schema, what: str) -> Any:
        known = schema.get("properties", {})
        others = schema.get("additionalProperties", False)
        pattern = schema.get("propertyNames", {}).get("pattern", "")
        found = {}
        for name, inner in content.items():
            if name in known:
                value = self.value(inner, known[name], name)
            elif others is False:
                hint = did_you_mean(name, known)
                hint = _COMMA if inner.content is None and not hint.startswith("did") else hint
                self.mistakes.say(inner.key, f"{what} has no key {name!r}; {hint}")
                continue
            elif not re.fullmatch(pattern or ".*", name, re.DOTALL):
                self.mistakes.say(inner.key, f"{name!r} cannot be a name here")
                continue
            else:
                shown = name if name.strip() and name.isprintable() else repr(name)
                value = self.value(inner, others, shown)
            if value is not None:
                found[Text.at(inner.key, name)] = value
        for name in schema.get("required", ()):
            if name not in content:
                self.mistakes.say(node.place, f"{what} lacks {name!r}")
        if len(content) < schema.get("minProperties", 0):
            self.mistakes.say(node.place, f"{what} is empty")
        if len(content) > schema.get("maxProperties", len(content)):
            self.mistakes.say(node.place, f"{what} must be one of {', '.join(known)}")
        return found

    def _array(self, node: Node, content: list[Node], schema: Schema, what: str) -> Any:
        if len(content) < schema.get("minItems", 0):
            self.mistakes.say(node.place, f"{what} is empty")
        values = [self.value(one, schema["items"], what) for one in content]
        return [one for one in values if one is not None]

    def _scalar(self, node: Node, text: str, schema: Schema, what: str) -> Any:
        kinds = schema["type"]
        if kinds == "boolean":
            if node.taken_for is None or text not in ("true", "false"):
                self.mistakes.say(node.place, f"{what} must be true or false")
                return None
            return text == "true"
        if kinds in ("integer", "number"):
            return self._number(node, text, schema, what)
        if schema.get("minLength") and not text:
            self.mistakes.say(node.key, f"{what} has no value")
            return None
        if text not in schema.get("enum", (text,)):
            hint = did_you_mean(text, schema["enum"])
            self.mistakes.say(node.place, f"{what} cannot be {text!r}; {hint}")
            return None
        if not re.search(schema.get("pattern", ""), text):
            self.mistakes.say(node.place, f"{what} cannot be {text!r}")
            return None
        self._reads(node, text, schema.get("x-reads"), what)
        return Text.at(node.place, text)

    def _number(self, node: Node, text: str, schema: Schema, what: str) -> Any:
        number = _typed(text) if node.taken_for is not None else text
        whole = isinstance(number, int) and not isinstance(number, bool)
        if not whole and (schema["type"] == "integer" or not isinstance(number, float)):
            kind = "a whole number" if schema["type"] == "integer" else "a number"
            self.mistakes.say(node.place, f"{what} must be {kind}")
            return None
        least, above = schema.get("minimum"), schema.get("exclusiveMinimum")
        if (least is not None and number < least) or (above is not None and number <= above):
            self.mistakes.say(node.place, f"{what} is too small")
            return None
        return number

    def _reads(self, node: Node, text: str, reads: str | None, what: str) -> None:
        """See that a text can be read as what it is for."""
        if reads is None:
            return
        reading = _READINGS[reads]
        try:
            reading.read(text)
        except UsageError as error:
            self.mistakes.say(node.place, f"{what}: {error.message}")
        except (ValueError, re.error, RecursionError, OverflowError) as error:
            self.mistakes.say(node.place, f"{what} {reading.what}: {error}")

    def _json(self, node: Node, reads: str | None, what: str) -> Any:
        content = node.content
        if isinstance(content, dict):
            return {key: self._json(inner, reads, what) for key, inner in content.items()}
        if isinstance(content, list):
            return [self._json(one, reads, what) for one in content]
        if content is None or node.taken_for is not None:
            return None if content is None else _typed(content)
        self._reads(node, content, reads, what)
        return content


def _resolved(schema: Schema) -> Schema:
    """The schema itself, for one that only refers to it."""
    if "$ref" in schema:
        found: Schema = LANGUAGE["$defs"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _fits(content: object, schema: Schema) -> bool:
    """Whether a value of this kind may stand where the schema is."""
    if schema.get("x-json") and "type" not in schema:
        return True
    kinds = schema["type"]
    kinds = [kinds] if isinstance(kinds, str) else kinds
    return content is None or any(kind in _KINDS[type(content)] for kind in kinds)


def _kinds(options: list[Schema]) -> str:
    names = {"object": "names and values", "array": "a list"}
    kinds = [one.get("type", "string") for one in options]
    words = (names.get(kind, "a text") if isinstance(kind, str) else "a text" for kind in kinds)
    return " or ".join(dict.fromkeys(words))


def _typed(text: str) -> Any:
    """An unquoted word as JSON reads it; one that is no JSON stays a text."""
    if text in ("true", "false") or (len(text) < _LONGEST and _NUMBER.fullmatch(text)):
        return json.loads(text)
    return text
