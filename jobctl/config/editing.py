"""Changing the configuration file as people write it: all that is not changed stays as it stands.

Values are exchanged in the text itself. A round trip through objects, as ruamel.yaml makes it,
drops the comments below a name that is removed, puts a new one below the heading of the next
section, and indents the rest as it likes. What comes out is read back before it is written.
"""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from jobctl import files
from jobctl.config.file import read_text
from jobctl.config.node import Node
from jobctl.config.private import check, locked, write_private
from jobctl.config.syntax import parse
from jobctl.errors import ConfigError

_PATIENCE = 10.0

Name = tuple[str, ...]


def change(path: Path, changes: Mapping[Name, str | None], patience: float = _PATIENCE) -> None:
    """Set values in a configuration file, or remove those that are None: all of them or none.

    A name is `("profile",)` or `("profiles", PROFILE, SECTION, SETTING)`; what it needs above it
    is made, and so is the file. It is the user's alone afterwards. A link to it stays one.
    Another command that writes is waited for, at most `patience` seconds.

    Raises:
        ConfigError: the file is no such YAML or cannot be written, and is as it was.
    """
    with _alone_with(path, patience) as target:
        check(target)
        try:
            text = read_text(target)[0]
        except FileNotFoundError:
            text = ""
        after = edited(text, path, changes)
        if after != text:
            write_private(target, _mark(target) + after)


def _mark(path: Path) -> str:
    """The mark that some editors begin a file with, where this one has it."""
    with suppress(FileNotFoundError), files.opened(path) as stream:
        if stream.read(len(BOM_UTF8)) == BOM_UTF8:
            return BOM_UTF8.decode()
    return ""


def create(path: Path, text: str) -> None:
    """Write the first configuration file, for the user alone.

    Raises:
        ConfigError: there is one meanwhile, or it cannot be written.
    """
    with _alone_with(path, _PATIENCE) as target:
        if files.exists(target):
            raise ConfigError(f"{path} is there already")
        write_private(target, text)


@contextmanager
def _alone_with(path: Path, patience: float) -> Iterator[Path]:
    """What a path stands for; no other command writes it meanwhile."""
    target = Path(os.path.realpath(path))
    try:
        with locked(target, patience):
            yield target
    except TimeoutError:
        raise ConfigError(
            f"{path}: another command has been writing it for {patience:g} s"
        ) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror or error}") from None


def edited(text: str, path: Path, changes: Mapping[Name, str | None]) -> str:
    """The text of a file with values set or removed.

    Raises:
        ConfigError: the text is no such YAML, or is written so that we cannot change it.
    """
    windows = "\r\n" in text and text.count("\r\n") == text.count("\n")
    after = text.replace("\r\n", "\n") if windows else text
    for name, value in changes.items():
        wanted = _changed(parse(after, path), name, value)
        found: Any = "nothing that can be read"
        # a tab after a colon, say, is read by one of the parsers alone; a name may have no colon
        with suppress(yaml.YAMLError, ValueError):
            after = _removed(after, name) if value is None else _set(after, name, value)
            with suppress(ConfigError):
                found = _plain(parse(after, path))
        if found != wanted:
            raise ConfigError(
                f"{path}: {'.'.join(name)} cannot be changed in this file, as it is written",
                hint="change it by hand",
            )
    return after.replace("\n", "\r\n") if windows else after


def spelled(text: str) -> str:
    """A text as YAML that every reader takes for this text.

    Raises:
        ConfigError: there is none.
    """
    escaped = "".join(_escaped(one) for one in text)
    plain = [text, "'" + text.replace("'", "''") + "'"] if text.isprintable() else []
    for one in (*plain, f'"{escaped}"'):
        with suppress(ConfigError):
            read = [_plain(parse(place % one, Path())) for place in ("{a: %s}", "a: %s")]
            if read == [{"a": (text, None)}] * 2:
                return one
    raise ConfigError("this holds a character that no setting can hold")


def _escaped(letter: str) -> str:
    return letter if letter.isprintable() and letter not in '"\\' else f"\\U{ord(letter):08X}"


def _plain(node: Node | None) -> Any:
    """What is in a file, without places; names that hold nothing hold None."""
    if node is None or not node.content:
        return None
    if isinstance(node.content, dict):
        return {name: _plain(one) for name, one in node.content.items()}
    if isinstance(node.content, list):
        return [_plain(one) for one in node.content]
    return node.content, node.taken_for


def _changed(node: Node | None, name: Name, value: str | None, what: str = "the file") -> Any:
    """What shall be in a file, as `_plain` tells it."""
    key, *rest = name
    inside = node.names(what) if node else {}
    found = {one: _plain(other) for one, other in inside.items()}
    if rest and (key in inside or value is not None):
        found[key] = _changed(inside.get(key), tuple(rest), value, key)
    elif value is not None:
        found[key] = (value, None) if value else None
    else:
        found.pop(key, None)
    return found or None


def _set(text: str, name: Name, value: str) -> str:
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    key, flow = None, False
    for depth, word in enumerate(name):
        if not isinstance(node, yaml.MappingNode):
            return _filled(text, key, node, name[depth:], value, flow)
        pair = next((one for one in node.value if one[0].value == word), None)
        if pair is None:
            return _added(text, node, name[depth:], value)
        flow = bool(node.flow_style)
        key, node = pair
    return _replaced(text, key, node, spelled(value))


def _replaced(text: str, key: Any, node: Any, new: str) -> str:
    """Another value after a name."""
    colon = text.index(":", key.end_mark.index) + 1
    gap = text[colon : node.start_mark.index]
    gap = gap if gap and "\n" not in gap else " "
    return text[:colon] + gap + new + text[_end(node, text) :]


def _added(text: str, mapping: yaml.MappingNode, names: Name, value: str) -> str:
    """A further name below the others."""
    if mapping.flow_style:
        close = mapping.end_mark.index - 1
        head = text[:close].rstrip()
        return head + ("" if head[-1] in "{," else ", ") + _in_line(names, value) + text[close:]
    column = mapping.start_mark.column
    # comments that stand deeper are about what the name above them holds
    inside = re.compile(rf"(?:(?:\n *)*\n {{{column + 1},}}#[^\n]*)*")
    found: Any = inside.match(text, _line_end(text, _end(mapping, text)))
    return _below(text, found.end(), _block(names, value, column))


def _filled(text: str, key: Any, node: Any, names: Name, value: str, flow: bool) -> str:
    """The first names below a name that holds none, or in a file that does not."""
    if key is None:
        return text.removesuffix("\n") + "\n" * bool(text) + _block(names, value, 0) + "\n"
    if flow:
        return _replaced(text, key, node, f"{{{_in_line(names, value)}}}")
    empty = text[: node.start_mark.index].rstrip(" ") + text[node.end_mark.index :]
    return _below(empty, key.end_mark.index, _block(names, value, key.start_mark.column + 2))


def _removed(text: str, name: Name) -> str:
    node: Any = yaml.compose(text, Loader=yaml.SafeLoader)
    mapping: Any = None
    key: Any = None
    for word in name:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        pair = next((one for one in pairs if one[0].value == word), None)
        if pair is None:
            return text
        mapping = node
        key, node = pair
    start, end = key.start_mark.index, _end(node, text)
    if not mapping.flow_style:
        return text[: text.rfind("\n", 0, start) + 1] + text[_line_end(text, end) + 1 :]
    comma = re.match(r"\s*,\s*", text[end:])
    if comma:
        return text[:start] + text[end + comma.end() :]
    return text[:start].rstrip().removesuffix(",") + text[end:]


def _below(text: str, index: int, rows: str) -> str:
    """Rows below the line of an index."""
    end = _line_end(text, index)
    return text[:end] + "\n" + rows + (text[end:] or "\n")


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end


def _end(node: Any, text: str) -> int:
    """Where what a node holds ends; yaml tells where the next thing begins."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    start: int = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())


def _block(names: Name, value: str, indent: int) -> str:
    rows = [f"{' ' * (indent + 2 * depth)}{spelled(one)}:" for depth, one in enumerate(names)]
    return "\n".join(rows) + f" {spelled(value)}"


def _in_line(names: Name, value: str) -> str:
    word = spelled(value)
    for name in reversed(names[1:]):
        word = f"{{{spelled(name)}: {word}}}"
    return f"{spelled(names[0])}: {word}"
