"""The words that settings are told with: sections of a profile, and variables of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from jobctl.config.settings import Setting, variable
from jobctl.errors import nearest

_START = "JOBCTL_"
_ALIKE = 0.7
_OURS = ("JOBCTL_CONFIG", "JOBCTL_PROFILE", "JOBCTL_CACHE_DIR", "JOBCTL_STATE_DIR")
# what we tell commands that we run
_THEIRS = ("JOBCTL_VERDICT", "JOBCTL_EXIT_CODE", "JOBCTL_REFS")

SECTIONS = "`jobctl providers` lists the providers"


class Vocabulary(Protocol):
    """Which sections there are, and which settings each may hold."""

    def section(self, name: str, /) -> Iterable[Setting] | None:
        """The settings that a section may hold, None where there is no such section."""

    def sections(self) -> Iterable[str]:
        """The names of all sections."""


def strangers(environ: Mapping[str, str], known: Vocabulary) -> Iterator[str]:
    """What to say of variables that look like ours, and are those of no section.

    Nothing of one that is like none: who installs us may have variables, too.
    """
    for name in environ:
        if name.startswith(_START) and environ[name] and name not in (*_OURS, *_THEIRS):
            starts = ((variable(one, ""), one) for one in known.sections())
            if not any(name.startswith(start) for start, _ in starts):
                near = nearest(name, [*_OURS, *_nearest(name, known)], 0.8)
                if near is not None:
                    yield f"{name} is no variable of jobctl's: did you mean {near}?"


def _nearest(name: str, known: Vocabulary) -> Iterator[str]:
    """The variables of the section whose own begin most like this one, if they are alike."""

    from difflib import SequenceMatcher

    def likeness(section: str) -> float:
        start = variable(section, "")
        begun = name[len(_START) : len(start)]
        return SequenceMatcher(None, begun, start.removeprefix(_START)).ratio()

    section = max(known.sections(), key=likeness)
    # words such as BASE_URL are alike in all sections
    if likeness(section) > _ALIKE:
        yield from (variable(section, one.name) for one in known.section(section) or ())
