"""How CI reads what a step prints: which lines are commands to GitHub's runner, by its source.

Azure's agent takes `##vso[`, TeamCity `##teamcity[` for one, wherever it stands and whatever the
case of its letters.
https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands
https://www.jetbrains.com/help/teamcity/service-messages.html
"""

import re
from typing import NamedTuple

NAMES = {
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group", "notice",
    "remove-matcher", "save-state", "set-env", "set-output", "stop-commands", "warning",
}  # fmt: skip


class Command(NamedTuple):
    """What the runner was told."""

    name: str
    properties: dict[str, str]
    message: str


def obeyed(printed: str) -> list[Command]:
    """The commands among the lines that were printed."""
    lines = re.split(r"\r\n|\r|\n", printed)
    return [
        found
        for line in lines
        if (found := _new(line) or _old(line) or _of_others(line)) is not None
    ]


def _new(line: str) -> Command | None:
    found = re.match(r"\s*::(.*?)::(.*)", line)
    return _command(found[1], found[2], ",", ":,") if found else None


def _old(line: str) -> Command | None:
    found = re.search(r"##\[([^\]]*)\](.*)", line)
    return _command(found[1], found[2], ";", ";]") if found else None


def _of_others(line: str) -> Command | None:
    found = re.search(r"##(vso|teamcity)\[(.*)", line, re.IGNORECASE)
    return Command(found[1], {}, found[2]) if found else None


def _command(head: str, message: str, separator: str, signs: str) -> Command | None:
    name, _, rest = head.partition(" ")
    if name.lower() not in NAMES:
        return None
    pairs = (one.partition("=") for one in rest.strip().split(separator) if one)
    properties = {key: _unescaped(value, signs) for key, _, value in pairs}
    return Command(name, properties, _unescaped(message, "" if separator == "," else signs))


def _unescaped(text: str, signs: str) -> str:
    for sign in f"\r\n{signs}%":
        text = text.replace(f"%{ord(sign):02X}", sign)
    return text
