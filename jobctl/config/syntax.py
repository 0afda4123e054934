"""From the text of a YAML file to nodes. It imports yaml: import it only to read a file.

Only what a settings file needs is let through: no aliases, anchors or tags, no name twice, one
document. Values keep the text they have in the file, whatever YAML would make of them. What is not
let through is told and passed over, so that all of it can be told at once.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml.composer import Composer
from yaml.parser import Parser
from yaml.reader import Reader, ReaderError
from yaml.resolver import Resolver
from yaml.scanner import Scanner

from jobctl.config.node import Node
from jobctl.errors import ConfigError

DEEPEST = 16
_TOO_DEEP = "this is nested too deeply"
_ABYSS = 100  # to pass over more takes a time that grows with the square of the depth
_TEXT = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_LOST = "lost"
_TAKEN_FOR = {
    "tag:yaml.org,2002:int": "a number",
    "tag:yaml.org,2002:float": "a number",
    "tag:yaml.org,2002:bool": "true or false",
    "tag:yaml.org,2002:timestamp": "a date",
}
# what YAML 1.2 takes for a number and 1.1 does not; the file may meet programs of either
_NUMBER = re.compile(r"[-+]?(0o[0-7]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)", re.ASCII)
_INDENT = "names of one level stand exactly below one another; indent with blanks, never tabs"
_COLON = "a name ends with ': '; quote a value that holds ': '; write env:NAME without a blank"
_QUOTE = "quote values that hold punctuation"

# What yaml says -> what it means, what mends it, whether it means the start of the construct.
# Its own words are never passed on: some quote the file, and so perhaps a secret.
_PROBLEMS = (
    ("mapping values are not allowed", "this ':' is not expected here", _COLON, False),
    ("could not find expected ':'", "no ': ' follows this name", _COLON, True),
    ("found character '\\t'", "a tab; YAML wants spaces", _INDENT, False),
    (
        "cannot start any token",
        "nothing can begin with this character",
        f"{_QUOTE}; {_INDENT}",
        False,
    ),
    ("expected <block end>", "this does not fit the lines above", _INDENT, False),
    ("unexpected end of stream", "the quote that opens here is not closed", _QUOTE, True),
    ("while parsing a flow", "the bracket that opens here is not closed properly", _QUOTE, True),
    (
        "unknown escape character",
        "this escape does not exist",
        "in double quotes a backslash is written twice; single quotes take it as it is",
        False,
    ),
    ("single document", "a second document begins here", "drop what follows, or the '---'", False),
    ("tag", "tags are not allowed", "quote a value that begins with '!'", False),
)


Tell = Callable[[str, str, str | None], None]
"""Takes what is wrong: `FILE:LINE:COLUMN`, what it is, and what mends it."""


def refuse(place: str, what: str, hint: str | None = None) -> NoReturn:
    """Let the first that is wrong be the end.

    Raises:
        ConfigError: always.
    """
    raise ConfigError(f"{place}: {what}", hint=hint)


class _Parser(Reader, Scanner, Parser):
    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)


class _Composer(Composer, Resolver):
    """Makes nodes of the events that a parser tells."""

    def __init__(self, parser: Any, path: Path, deepest: int, tell: Tell = refuse) -> None:
        Composer.__init__(self)
        Resolver.__init__(self)
        self.check_event = parser.check_event
        self.get_event = parser.get_event
        self.peek_event = parser.peek_event
        self.path = path
        self.depth = 0
        self.deepest = deepest
        self.tell = tell

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()
        place = _place(self.path, event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            mend = "write the value again; quote a value that begins with '*'"
            self.tell(place, "aliases are not allowed", mend)
            return self._lost()
        if event.anchor is not None:
            self.tell(place, "anchors are not allowed", "quote a value that begins with '&'")
            event.anchor = None
        if event.tag is not None:
            self.tell(place, "tags are not allowed", "quote a value that begins with '!'")
            event.tag, event.implicit = None, (True, True)
        if self.depth == self.deepest:
            self.tell(place, _TOO_DEEP, None)
            return self._lost()
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def _lost(self) -> yaml.Node:
        """What stands in the place of a node that is passed over."""
        first = event = self.get_event()
        depth = int(isinstance(event, yaml.CollectionStartEvent))
        while depth:
            event = self.get_event()
            depth += isinstance(event, yaml.CollectionStartEvent)
            if depth > _ABYSS:
                refuse(_place(self.path, first.start_mark), _TOO_DEEP)
            depth -= isinstance(event, yaml.CollectionEndEvent)
        return yaml.ScalarNode(_LOST, "", first.start_mark, event.end_mark)


class _Quick(_Composer):
    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        node: yaml.ScalarNode = super().compose_scalar_node(anchor)
        if not node.value and not node.style:
            raise ValueError("the parsers disagree on where nothing stands")
        return node


def _quickly(text: str, path: Path, deepest: int) -> yaml.Node | None:
    """What libyaml makes of a text, in a fourth of the time; None where it is not there or refuses.

    Why it refuses is told by the parser that is there everywhere.
    """
    with suppress(ImportError, yaml.YAMLError, ConfigError, ValueError):
        parser: Any = import_module("yaml.cyaml").CParser(text)
        return _Quick(parser, path, deepest).get_single_node()
    return None


def parse(text: str, path: Path, deepest: int = DEEPEST, tell: Tell = refuse) -> Node | None:
    """The root of a file, None for one that holds nothing.

    What it holds and settings need not is told, all of it, if `tell` does not end it.

    Raises:
        ConfigError: it is not YAML, or `tell` refuses it; with file, line and column.
    """
    quick = _quickly(text, path, deepest)
    if quick is not None:
        return _Nodes(path, tell).node(quick, _place(path, quick.start_mark))
    try:
        parser = _Parser(text)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise ConfigError(
            f"{path}:{line}:{column}: a control character is not allowed here"
        ) from None
    try:
        root = _Composer(parser, path, deepest, tell).get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _explained(error, path) from None
    except (ValueError, OverflowError):
        # yaml lets escapes such as "\UFFFFFFFF" fail in Python's own way
        raise ConfigError(
            f"{path}:{parser.line + 1}:{parser.column + 1}: there is no such character or number"
        ) from None
    return None if root is None else _Nodes(path, tell).node(root, _place(path, root.start_mark))


def _place(path: Path, mark: yaml.Mark) -> str:
    return f"{path}:{mark.line + 1}:{mark.column + 1}"


def _explained(error: yaml.MarkedYAMLError, path: Path) -> ConfigError:
    said = f"{error.context} {error.problem}"
    what, hint, at_start = next(
        (
            (meaning, mend, at_start)
            for words, meaning, mend, at_start in _PROBLEMS
            if words in said
        ),
        ("this is not valid YAML", _QUOTE, False),
    )
    marks = (error.context_mark, error.problem_mark)
    mark = next(mark for mark in (marks if at_start else reversed(marks)) if mark)
    return ConfigError(f"{_place(path, mark)}: {what}", hint=hint)


class _Nodes:
    """Makes our nodes of yaml's."""

    def __init__(self, path: Path, tell: Tell) -> None:
        self._path = path
        self._tell = tell

    def node(self, node: yaml.Node, key: str) -> Node:
        place = _place(self._path, node.start_mark)
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place, key)
        if isinstance(node, yaml.SequenceNode):
            return Node([self.node(one, place) for one in node.value], place, key)
        found: dict[str, Node] = {}
        for name, value in node.value:
            where = _place(self._path, name.start_mark)
            word = self._text(name, where) if isinstance(name, yaml.ScalarNode) else None
            inner = self.node(value, where)
            if not isinstance(name, yaml.ScalarNode):
                self._tell(where, "a name must be a single word", None)
            elif word in found:
                # what stands before the first colon only: see `unknown`
                self._tell(where, f"{word.partition(':')[0]!r} is there twice", None)
            elif word is not None:
                found[word] = inner
        return Node(found, place, key)

    def _scalar(self, node: yaml.ScalarNode, place: str, key: str) -> Node:
        text = self._text(node, place)
        if text is None:
            return Node(None, place, key, lost=True)
        if node.tag == _NULL:
            return Node(None, place, key)
        if node.tag != _TEXT:
            return Node(text, place, key, _TAKEN_FOR.get(node.tag, "something else"))
        number = not node.style and _NUMBER.fullmatch(text)
        return Node(text, place, key, "a number" if number else None)

    def _text(self, node: yaml.ScalarNode, place: str) -> str | None:
        """The text of a word; None for what has no text, which has been told."""
        text: str = node.value
        if node.tag == _LOST:
            return None
        if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
            self._tell(place, "this holds a character that no setting can hold", None)
            return None
        return text.rstrip("\n") if node.style in ("|", ">") else text
